//! Text that strangers wrote: error messages, header values, certificate names.
//!
//! It enters an observation only through [`Foreign::new`], which makes it harmless for terminals, CI logs and
//! mail: control and bidirectional characters go, workflow commands become inert, addresses lose user and query,
//! and the length is bounded.
//!
//! *Invariant:* strangers' text never decides a cause by itself; it is shown as evidence.

use std::borrow::Cow;
use std::fmt;
use std::net::Ipv6Addr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::scrub::Scrub;

/// The longest piece of foreign text that is kept, in characters; of a longer one the beginning and the end are.
pub const FOREIGN_LIMIT: usize = 400;

/// The longest that is kept of a text whose end tells what matters, in characters: a kubelet's message names the image several
/// times before it comes to the error.
pub const FOREIGN_LONG_LIMIT: usize = 2_000;

/// More cleanings than any text needs.
const MOST_CLEANINGS: usize = 8;

/// The most addresses within one another that are kept.
const MOST_NESTED: u32 = 8;

/// The longest word that is left out whole where it would be cut, in bytes.
const WORD: usize = 40;
/// What stands where something was cut off.
const CUT: &str = "…";
/// What stands between characters that would be a command together.
const GAP: char = '\u{a0}';

/// Cleaned text of a stranger.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(from = "String")]
pub struct Foreign(String);

impl Foreign {
    /// Cleans a stranger's text. What is left once looks to every reader as it would after another cleaning: a gap or a cut
    /// may have laid bare what the first passed over.
    pub fn new(text: &str) -> Self {
        Self::cleaned(text, FOREIGN_LIMIT)
    }

    /// The same of a text that is to be read to its end, and keeps more of it.
    pub fn long(text: &str) -> Self {
        Self::cleaned(text, FOREIGN_LONG_LIMIT)
    }

    fn cleaned(text: &str, limit: usize) -> Self {
        let mut clean = Self::once(text, limit);
        for _ in 0..MOST_CLEANINGS {
            let again = Self::once(&clean.0, limit);
            if again == clean {
                break;
            }
            clean = again;
        }
        clean
    }

    fn once(text: &str, limit: usize) -> Self {
        let mut clean = String::with_capacity(text.len().min(limit));
        let mut space = false;
        let bare = without_secrets_in_urls(text);
        let bare = without_tokens(&bare);
        // More than is kept, so that a text of megabytes costs little and the cut is where it is on a second cleaning.
        let most = 4 * limit;
        let last = match bare.len() > most {
            true => {
                let from = most.max(bare.chars().count().saturating_sub(most));
                bare.char_indices().nth(from).map_or("", |(at, _)| &bare[at..])
            }
            false => "",
        };
        for character in bare.chars().take(most).chain(last.chars()) {
            match character {
                c if (c.is_whitespace() && c != GAP) || c.is_control() => space = !clean.is_empty(),
                c if is_invisible(c) => {}
                c => {
                    if space {
                        clean.push(' ');
                        space = false;
                    }
                    clean.push(c);
                }
            }
        }
        Self(cut(defused(&clean, GAP), limit))
    }

    /// The cleaned text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Foreign {
    /// Of a saved text, which was cut when it was written.
    fn from(text: String) -> Self {
        Self::long(&text)
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text with what is too much left out of its middle, between words where there are some: it begins with what it is about,
/// and ends with what is decisive.
fn cut(text: String, limit: usize) -> String {
    if text.len() <= limit {
        return text;
    }
    let count = text.chars().count();
    // Older versions left out the end, and put their sign one beyond the limit.
    if count <= limit || count == limit + 1 && text.ends_with(CUT) {
        return text;
    }
    let at = |index: usize| text.char_indices().nth(index).map_or(text.len(), |(at, _)| at);
    // Room for the sign and a blank on both sides of it.
    let kept = limit / 5 * 3;
    let (begins, ends) = (&text[..at(kept)], &text[at(count - (limit - kept - 3))..]);
    let begins = match begins.rfind(' ') {
        Some(blank) if begins.len() - blank <= WORD => &begins[..blank],
        _ => begins,
    };
    let ends = match ends.find(' ') {
        Some(blank) if blank <= WORD => &ends[blank + 1..],
        _ => ends,
    };
    format!("{begins} {CUT} {ends}")
}

/// Characters that change how a line is shown without being seen (bidirectional controls, zero widths, tags), and what
/// no XML may hold.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// The same text with a gap wherever a CI server would read a command: GitHub's `::name::` at a word's start, Azure
/// Pipelines' `##vso[` and `##[`, TeamCity's `##teamcity[`. A report may put foreign text where a line starts. IPv6
/// addresses keep their colons.
pub fn defused(text: &str, gap: char) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        let colons = word.starts_with("::") && !is_address(word);
        let mut last = None;
        for c in word.chars() {
            if last == Some(c) && (c == '#' || (colons && c == ':')) {
                out.push(gap);
            }
            last = Some(c);
            out.push(c);
        }
    }
    out
}

fn is_address(word: &str) -> bool {
    word.trim_end_matches([',', '.', ';', ':', ')']).parse::<Ipv6Addr>().is_ok()
}

/// Removes `user:password@` and everything from `?` or `#` on in whatever looks like an address. An address ends only at a
/// blank or a double quote: everything else may stand in a user, a password or a signature.
fn without_secrets_in_urls(text: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    let mut nested = 0;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        out.push_str(head);
        let end = tail.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(tail.len());
        let (address, after) = tail.split_at(end);
        // A password may hold what would end a host, so the last sign that ends a user counts, wherever it is.
        let host_end = address.find(['/', '?', '#']).unwrap_or(address.len());
        let user_end = address
            .rfind('@')
            .filter(|at| *at < host_end || is_user(&address[..*at]))
            .or_else(|| address[..host_end].rfind('@'));
        let address = user_end.map_or(address, |at| &address[at + 1..]);
        let end = address.find(['?', '#']).unwrap_or(address.len());
        // An address in another one's path is one too.
        if let Some(inner) = address[..end].find("://") {
            out.push_str(&address[..inner]);
            nested += 1;
            if nested > MOST_NESTED {
                // Every one more would be read to the end once more.
                out.push_str(CUT);
                (rest, nested) = (after, 0);
                continue;
            }
            rest = &rest[rest.len() - after.len() - (address.len() - inner)..];
            continue;
        }
        out.push_str(&address[..end]);
        if end < address.len() {
            out.push_str("?…");
        }
        (rest, nested) = (after, 0);
    }
    out.push_str(rest);
    out
}

/// Whether what stands before an `@` can be a user and a password rather than a host and a path.
fn is_user(before: &str) -> bool {
    let host_end = before.find(['/', '?', '#']).unwrap_or(before.len());
    before[..host_end].contains(':')
        && before[..host_end].rsplit(':').next().is_some_and(|p| p.parse::<u16>().is_err())
}

/// The text without whatever has the form of a JSON web token (RFC 7519): the base64 of `{"`, a dot, and more. Nobody needs
/// one in a report, whosever it is.
fn without_tokens(text: &str) -> Cow<'_, str> {
    const START: &str = "eyJ";
    if !text.contains(START) {
        return Cow::Borrowed(text);
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | '+' | '/');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(START) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(before);
        // The beginning alone is a word like any other.
        out.push_str(if word.len() >= 12 { "***" } else { word });
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// An address as it may be shown: without user, password, query and fragment, and without our secrets.
pub(crate) fn shown_url(url: &Url, scrub: &Scrub) -> Foreign {
    let mut bare = url.clone();
    // Neither can fail for an address with a host.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare.set_query(None);
    bare.set_fragment(None);
    let more = if url.query().is_some() || url.fragment().is_some() { "?…" } else { "" };
    Foreign::new(&scrub.clean(&format!("{bare}{more}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_what_could_act() {
        for (given, kept) in [
            ("plain", "plain"),
            ("a\u{1b}[31mred\r\nb", "a [31mred b"),
            ("::error::x", ":\u{a0}:error:\u{a0}:x"),
            (":::error::x", ":\u{a0}:\u{a0}:error:\u{a0}:x"),
            ("###vso[a]", "#\u{a0}#\u{a0}#vso[a]"),
            ("fd00::1 and ::1", "fd00::1 and ::1"),
            ("##vso[task.complete]", "#\u{a0}#vso[task.complete]"),
            ("\u{202e}evil", "evil"),
            ("Get \"https://u:p@h/x?sig=SECRET&a=b\": no", "Get \"https://h/x?…\": no"),
            ("https://h:8443/v2/", "https://h:8443/v2/"),
            ("https://user@h/a?x=b@c", "https://h/a?…"),
            ("https://user@#a@b", "https://?…"),
            ("://a/::://user@h", "://a/::://h"),
            ("at https://h/a#frag end", "at https://h/a?… end"),
            ("failed for eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl: no", "failed for ***: no"),
            ("'eyJhbGciOiJSUzI1NiJ9' eyJ heyJude", "'***' eyJ heyJude"),
            ("https://s3/b?X-Amz-SignedHeaders=host;range&X-Amz-Signature=S,E'C`R", "https://s3/b?…"),
            ("'https://bob:hunt,er2@reg/x' is wrong", "'https://reg/x' is wrong"),
            ("https://bob:p/w?d#@reg/x", "https://reg/x"),
            ("https://reg:5000/a@sha256:0", "https://reg:5000/a@sha256:0"),
        ] {
            assert_eq!(Foreign::new(given).as_str(), kept);
        }
    }

    #[test]
    fn cleaning_again_changes_nothing() {
        for text in
            ["a://b", "a://b/c://d e", "::error::x", "###vso[a]", "https://u:p@h/x?sig=1", "a  b\u{1b}c", "…"]
        {
            let once = Foreign::new(&text.repeat(90));
            assert_eq!(Foreign::new(once.as_str()), once);
        }
    }

    #[test]
    fn bounds_the_length() {
        assert_eq!(Foreign::new(&"x".repeat(10_000)).as_str().chars().count(), FOREIGN_LIMIT);
        let long = Foreign::long(&"x".repeat(10_000));
        assert_eq!(long.as_str().chars().count(), FOREIGN_LONG_LIMIT);
        let nested = "://".repeat(100_000);
        assert!(Foreign::new(&nested).as_str().len() < 40);
        let told = format!("it is about {} and this decides", "a thing ".repeat(1_000));
        let kept = Foreign::new(&told);
        assert!(
            kept.as_str().starts_with("it is about a thing") && kept.as_str().ends_with("and this decides")
        );
        assert_eq!(Foreign::new(kept.as_str()), kept);
        // As it was cut by older versions.
        let old = format!("{}{CUT}", "x".repeat(FOREIGN_LIMIT));
        assert_eq!(Foreign::new(&old).as_str(), old);
        // What was saved is read as it was.
        assert_eq!(Foreign::from(long.to_string()), long);
    }
}
