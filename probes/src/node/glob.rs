//! Wildcards as Go's `path/filepath` reads them: `*`, `?`, `[a-z]`, `[^a-z]` and a backslash before any of these; neither
//! of the first two stands for a slash.

use super::root::HostRoot;

/// The most paths that a pattern may lead to.
const MAX_PATHS: usize = 64;

/// One part of a pattern.
enum Part {
    /// Any characters, perhaps none.
    Star,
    /// One character.
    One,
    /// This character.
    Is(char),
    /// One character of these ranges, or of none of them.
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Part {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Star | Self::One => c != '/',
            Self::Is(wanted) => *wanted == c,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        }
    }
}

/// Whether a pattern matches a whole name; never when the pattern is malformed.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    parse(pattern).is_some_and(|parts| matches_parts(&parts, name))
}

/// Each star first stands for nothing; when what follows it does not match, the last one takes one character more.
fn matches_parts(parts: &[Part], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut part, mut at) = (0, 0);
    let mut star = None;
    loop {
        match (parts.get(part), name.get(at)) {
            (None, None) => return true,
            (Some(Part::Star), _) => {
                star = Some((part, at));
                part += 1;
            }
            (Some(wanted), Some(c)) if wanted.takes(*c) => (part, at) = (part + 1, at + 1),
            _ => match star {
                Some((behind, taken)) if name.get(taken).is_some_and(|c| Part::Star.takes(*c)) => {
                    star = Some((behind, taken + 1));
                    (part, at) = (behind + 1, taken + 1);
                }
                _ => return false,
            },
        }
    }
}

fn parse(pattern: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        parts.push(match c {
            '*' => Part::Star,
            '?' => Part::One,
            '[' => class(&mut rest)?,
            '\\' => Part::Is(rest.next()?),
            c => Part::Is(c),
        });
    }
    Some(parts)
}

/// A class after its bracket; it has at least one range.
fn class(rest: &mut std::str::Chars<'_>) -> Option<Part> {
    let negated = rest.as_str().starts_with('^');
    if negated {
        rest.next();
    }
    let mut ranges = Vec::new();
    while ranges.is_empty() || !rest.as_str().starts_with(']') {
        let low = bound(rest)?;
        let high = match rest.as_str().strip_prefix('-') {
            Some(after) => {
                *rest = after.chars();
                bound(rest)?
            }
            None => low,
        };
        ranges.push((low, high));
    }
    rest.next();
    Some(Part::Class { negated, ranges })
}

/// One end of a range. A class must be closed, so that something follows.
fn bound(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let c = match rest.next()? {
        '-' | ']' => return None,
        '\\' => rest.next()?,
        c => c,
    };
    (!rest.as_str().is_empty()).then_some(c)
}

/// The paths of a node that a pattern stands for, sorted; without a wildcard the path itself.
///
/// Hidden names are no exception, as they are none for Go.
pub(super) fn paths(root: &HostRoot, pattern: &str) -> Vec<String> {
    let is_wild = |part: &str| part.contains(['*', '?', '[', '\\']);
    if !is_wild(pattern) {
        return vec![pattern.to_owned()];
    }
    let mut found = vec![String::new()];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let mut longer = Vec::new();
        for path in found {
            if is_wild(part) {
                let directory = if path.is_empty() { "/" } else { path.as_str() };
                let names = root.names(directory).unwrap_or_default();
                longer.extend(
                    names.iter().filter(|name| matches(part, name)).map(|name| format!("{path}/{name}")),
                );
            } else {
                longer.push(format!("{path}/{part}"));
            }
            longer.truncate(MAX_PATHS);
        }
        found = longer;
    }
    found.retain(|path| root.kind(path).is_ok());
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::tree::Tree;

    #[test]
    fn wildcards_match_as_in_go() {
        // Seen with filepath.Match of Go 1.26.
        for (pattern, name, expected) in [
            ("abc", "abc", true),
            ("*", "", true),
            ("*c", "abc", true),
            ("a*", "a", true),
            ("a*/b", "a/c/b", false),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[c]", "abc", true),
            ("ab[b-d]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^e-g]", "abc", true),
            ("ab[^b-d]", "abc", false),
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            ("a?b", "a☺b", true),
            ("a[^a]b", "a☺b", true),
            ("a???b", "a☺b", false),
            ("[a-ζ]*", "α", true),
            ("*[a-ζ]", "A", false),
            ("a?b", "a/b", false),
            ("a*b", "a/b", false),
            ("[\\]a]", "]", true),
            ("[\\-]", "-", true),
            ("[x\\-]", "z", false),
            ("[]a]", "]", false),
            ("[-]", "-", false),
            ("[x-]", "x", false),
            ("[-x]", "x", false),
            ("[a-b-c]", "a", false),
            ("[", "a", false),
            ("[^", "a", false),
            ("[^bc", "a", false),
            ("a[", "ab", false),
            ("a\\", "a", false),
            ("*x", "xxx", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
        assert!(!matches(&"*a".repeat(900), &"a".repeat(800)), "and it ends soon");
    }

    #[test]
    fn paths_are_found_below_the_root() {
        let tree = Tree::of(&[
            ("/etc/b/2.toml", ""),
            ("/etc/b/1.toml", ""),
            ("/etc/b/x.conf", ""),
            ("/etc/c/1.toml", ""),
        ]);
        let root = tree.root();
        for (pattern, expected) in [
            ("/etc/b/*.toml", "/etc/b/1.toml /etc/b/2.toml"),
            ("/etc/*/1.toml", "/etc/b/1.toml /etc/c/1.toml"),
            ("/*/b/x.*", "/etc/b/x.conf"),
            ("/etc/../etc/b/[2-9]*", "/etc/../etc/b/2.toml"),
            ("/etc/none/*", ""),
            ("/etc/plain", "/etc/plain"),
        ] {
            assert_eq!(paths(&root, pattern).join(" "), expected, "{pattern}");
        }
    }
}
