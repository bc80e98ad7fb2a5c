//! A message as it was said, where what is read is a copy of it within quotes: of a log, or of JSON.

use std::borrow::Cow;

use super::bounded;

/// What stands before a message in a line of a log (klog, logrus).
const FIELDS: [&str; 3] = ["err=\"", "error=\"", "msg=\""];

/// The message without the quotes of a log or of JSON around it. Quotes within a message are its own where others stand
/// bare.
pub(super) fn plain(message: &str) -> Cow<'_, str> {
    let message = bounded(message);
    if !message.contains("\\\"") {
        return Cow::Borrowed(message);
    }
    let inside = if is_logs(message) { field(message) } else { is_bare(message).then_some(message) };
    inside.map_or(Cow::Borrowed(message), |inside| Cow::Owned(unescaped(inside)))
}

/// What a line of a log has of the message.
fn field(line: &str) -> Option<&str> {
    FIELDS.iter().find_map(|field| {
        let (_, rest) = line.split_once(field)?;
        Some(&rest[..quoted(rest)]).filter(|inside| inside.contains("\\\""))
    })
}

/// Whether a line is one of a log: what a registry says within a message may look like a field of one.
fn is_logs(line: &str) -> bool {
    let klog = line.strip_prefix(['I', 'W', 'E', 'F']).and_then(|rest| rest.get(..4));
    klog.is_some_and(|day| day.bytes().all(|b| b.is_ascii_digit()))
        || ["time=", "level="].iter().any(|field| line.starts_with(field))
}

/// Where the quote ends that a text is within.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => return at,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// Whether each of a text's quotes is escaped.
fn is_bare(text: &str) -> bool {
    quoted(text) == text.len()
}

fn unescaped(text: &str) -> String {
    let json = serde_json::from_str(&format!("\"{text}\""));
    json.unwrap_or_else(|_| text.replace("\\\"", "\"").replace("\\n", "\n"))
}
