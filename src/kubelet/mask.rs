//! A text without what somebody chose: addresses and names hold any word, and none of them tells what failed.

/// What looks like a name and is a part of a runtime's sentence.
const NO_NAMES: [&str; 12] = [
    "/",
    "application/",
    "text/",
    "net/http",
    "archive/tar",
    "linux/",
    "windows/",
    "username/password",
    "and/or",
    "i/o",
    "input/output",
    "uids/gids",
];

/// A text in lower case, without addresses and without names of images: a path is somebody's choice, and tells nothing.
pub(super) fn masked(text: &str, name: Option<&str>) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        // Markup is no name, and the word that it follows none either.
        let word = match word.find("</") {
            Some(at) if at > 0 => &word[..at],
            _ => word,
        };
        let bare = word.trim_start_matches(['"', '\'', '(', '[', '<', '=', '{', '\\']);
        let is_name = bare.contains('/') && !NO_NAMES.iter().any(|no| bare.starts_with(no));
        if is_name || name.is_some_and(|name| bare.starts_with(name)) {
            // What separates it from the next word stays, as it tells where a sentence ends.
            let end = word.trim_end().ends_with(':');
            out.push_str(if end { ": " } else { " " });
        } else {
            out.push_str(word);
        }
    }
    out.make_ascii_lowercase();
    out
}
