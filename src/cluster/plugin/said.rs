//! What a credential plugin says on its standard error, as much of it as may be shown.
//!
//! It is meant for a person, and it is written by a program that has just held the operator's secrets: one line is kept, without
//! what it was given in its variables, without what stands behind the name of a secret, and without whatever is too random to
//! be a word.

/// What stands where a secret stood.
const GONE: &str = "***";

/// Parts of names that secrets have.
const NAMES: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "key",
    "credential",
    "authorization",
    "assertion",
    "signature",
    "bearer",
    "basic",
    "cookie",
];

/// Words that name a secret by themselves: it is the next word.
const SCHEMES: [&str; 2] = ["bearer", "basic"];

/// Words between a name and its secret.
const LINKS: [&str; 2] = ["is", "was"];

/// As long as a word of a language hardly is.
const LONG: usize = 20;

/// Values that are too short to be taken out wherever they stand.
const SHORT: usize = 4;

/// The first line that is not empty. `given` are values that the plugin was given.
pub(crate) fn first_line(said: &str, given: &[&str]) -> String {
    let line = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let mut line = line.to_owned();
    for value in given.iter().filter(|value| value.len() >= SHORT) {
        line = line.replace(value, GONE);
    }
    let (mut words, mut next) = (Vec::new(), Next::Word);
    for word in line.split_whitespace() {
        let bare = bare(word);
        let links = bare.is_empty() || LINKS.contains(&bare.as_str());
        let (kept, after) = match next {
            Next::Secret if links || SCHEMES.contains(&bare.as_str()) => (word.to_owned(), Next::Secret),
            Next::Secret => (GONE.to_owned(), Next::Word),
            Next::Link if links => (word.to_owned(), Next::Secret),
            Next::Link | Next::Word => without_secret(word, &bare),
        };
        words.push(kept);
        next = after;
    }
    words.join(" ")
}

/// What a word leads to.
#[derive(Clone, Copy)]
enum Next {
    /// A word like any other.
    Word,
    /// A secret, if a link stands between.
    Link,
    /// A secret.
    Secret,
}

/// A word without the signs around it, in small letters.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase()
}

/// A word as it may be shown, and what it leads to.
fn without_secret(word: &str, bare: &str) -> (String, Next) {
    if SCHEMES.contains(&bare) {
        return (word.to_owned(), Next::Secret);
    }
    let lower = word.to_ascii_lowercase();
    let Some(end) = NAMES.iter().filter_map(|name| Some(lower.find(name)? + name.len())).min() else {
        return (without_random(word), Next::Word);
    };
    // Both have the same length: only letters of ASCII differ.
    if let Some(at) = word.get(end..).and_then(|rest| rest.find(['=', ':'])).map(|at| end + at + 1) {
        let (name, value) = word.split_at(at);
        return match value.chars().any(char::is_alphanumeric) {
            true => (format!("{name}{GONE}"), Next::Word),
            false => (word.to_owned(), Next::Secret),
        };
    }
    // A flag of a command line has its value behind it.
    let is_flag = word.trim_start_matches(['\'', '"', '[', '(']).starts_with('-');
    (without_random(word), if is_flag { Next::Secret } else { Next::Link })
}

/// A word without its parts that look drawn by lot: long, and of letters and digits. Numbers of cases and of directories, which
/// have the form of a UUID, say nothing secret, and addresses lose what is secret in them elsewhere.
fn without_random(word: &str) -> String {
    if word.contains("://") {
        return word.to_owned();
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '/' | '=');
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let from = rest.find(is_part).unwrap_or(rest.len());
        out.push_str(&rest[..from]);
        let end = rest[from..].find(|c| !is_part(c)).map_or(rest.len(), |end| from + end);
        let part = &rest[from..end];
        out.push_str(if is_random(part) { GONE } else { part });
        rest = &rest[end..];
    }
    out
}

fn is_random(part: &str) -> bool {
    let has = |of: fn(&char) -> bool| part.chars().any(|c| of(&c));
    part.len() >= LONG && has(char::is_ascii_digit) && has(char::is_ascii_alphabetic) && !is_uuid(part)
}

fn is_uuid(part: &str) -> bool {
    let part = part.trim_end_matches('.');
    let groups: Vec<&str> = part.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.chars().all(|c| c.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_kept_without_its_secrets() {
        for (said, kept) in [
            ("\n  please sign in  \nhunter2\n", "please sign in"),
            ("", ""),
            (
                "AADSTS700016: no such application in 8f14e45f-ceea-467f-ab14-34fa8ed7a1f0.",
                "AADSTS700016: no such application in 8f14e45f-ceea-467f-ab14-34fa8ed7a1f0.",
            ),
            ("login failed: password=hunter2 user=alice", "login failed: password=*** user=alice"),
            ("client_secret: hunter2!", "client_secret: ***"),
            ("client_secret : hunter2!", "client_secret : ***"),
            ("the password is hunter2!", "the password is ***"),
            ("{\"user\":\"a\",\"refresh_token\":\"s.3cret\"}", "{\"user\":\"a\",\"refresh_token\":***"),
            ("ran: login --client-secret hunter2 --tenant t", "ran: login --client-secret *** --tenant t"),
            ("Authorization: Bearer abc refused", "Authorization: Bearer *** refused"),
            ("with bearer abc refused", "with bearer *** refused"),
            ("refused 'kZ8Q~Qx7pLr2mN4vB6tY8uI0oP.aSdF'", "refused '***'"),
            ("the token has expired", "the token has expired"),
            (
                "dial login.microsoftonline.com:443: no such host",
                "dial login.microsoftonline.com:443: no such host",
            ),
        ] {
            assert_eq!(first_line(said, &[]), kept, "{said}");
        }
        assert_eq!(first_line("wrong: S3cret, eu", &["S3cret", "eu"]), "wrong: ***, eu");
    }
}
