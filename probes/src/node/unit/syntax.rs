//! The syntax of systemd's files (systemd.syntax(7)) and of files of variables (systemd.exec(5), `EnvironmentFile=`),
//! which is another one.

use std::iter::Peekable;
use std::str::Chars;

/// The assignments of a unit: section, key, value, in their order; what is no assignment is passed over, as by systemd.
pub(super) fn assignments(text: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut section = String::new();
    for line in logical_lines(text) {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.to_owned();
        } else if let Some((key, value)) = line.split_once('=') {
            found.push((section.clone(), key.trim_end().to_owned(), value.trim_start().to_owned()));
        }
    }
    found
}

/// Lines with those that follow a backslash, the backslash a blank; comments do not end them.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        let mut whole = open.take().unwrap_or_default();
        // Two backslashes are one that goes on no further.
        let backslashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
        match line.strip_suffix('\\').filter(|_| backslashes % 2 == 1) {
            Some(line) => {
                whole.push_str(line);
                whole.push(' ');
                open = Some(whole);
            }
            None => {
                whole.push_str(line);
                lines.push(whole);
            }
        }
    }
    lines.extend(open);
    lines
}

/// The words of a value without their quotes and escapes. At what cannot be read systemd gives up, and keeps what came
/// before.
pub(in crate::node) fn words(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = value.trim_start();
    while !rest.is_empty() {
        let Some((word, after)) = word(rest) else { break };
        words.push(word);
        rest = after.trim_start();
    }
    words
}

/// One word, and what follows it.
fn word(text: &str) -> Option<(String, &str)> {
    let mut word = String::new();
    let mut quote = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => quote = Some(c),
            ('\\', _) => word.push(escaped(&mut rest)?),
            (c, None) if c.is_ascii_whitespace() => return Some((word, rest.as_str())),
            (c, _) => word.push(c),
        }
    }
    quote.is_none().then_some((word, ""))
}

/// The character of an escape as C has it, and `\s` for a blank.
fn escaped(rest: &mut Chars<'_>) -> Option<char> {
    if let Some(c) = coded(rest, 8, 3) {
        return Some(c);
    }
    match rest.next()? {
        'a' => Some('\u{7}'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\u{b}'),
        's' => Some(' '),
        'x' => coded(rest, 16, 2),
        'u' => coded(rest, 16, 4),
        'U' => coded(rest, 16, 8),
        c @ ('\\' | '"' | '\'') => Some(c),
        _ => None,
    }
}

/// The character of a code with so many digits; nothing is taken where it is none.
fn coded(rest: &mut Chars<'_>, radix: u32, digits: usize) -> Option<char> {
    let text = rest.as_str().get(..digits).filter(|text| text.chars().all(|c| c.is_digit(radix)))?;
    let code = u32::from_str_radix(text, radix).ok().filter(|code| *code != 0)?;
    *rest = rest.as_str()[digits..].chars();
    char::from_u32(code)
}

/// Whether it can be the name of a variable.
pub(super) fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(is_part) && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// The variables of a file of variables, in their order.
pub(in crate::node) fn variables(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.chars().peekable();
    loop {
        while rest.next_if(|c| c.is_ascii_whitespace()).is_some() {}
        match rest.peek() {
            None => return found,
            // Since systemd 254 a backslash at its end does not make the next line a comment too.
            Some('#' | ';') => drop(rest.by_ref().find(|c| matches!(c, '\n' | '\r'))),
            Some(_) => {
                let mut name = String::new();
                while let Some(c) = rest.next_if(|c| !matches!(c, '=' | '\n' | '\r')) {
                    name.push(c);
                }
                if rest.next_if_eq(&'=').is_some() {
                    found.push((name.trim_end().to_owned(), value(&mut rest)));
                }
            }
        }
    }
}

type Characters<'a> = Peekable<Chars<'a>>;

/// A value after its `=`: pieces in quotes and one without, which goes to the end of the line.
fn value(rest: &mut Characters<'_>) -> String {
    let mut value = String::new();
    loop {
        while rest.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
        match rest.next() {
            None | Some('\n' | '\r') => return value,
            Some('\'') => value.extend(rest.by_ref().take_while(|c| *c != '\'')),
            Some('"') => quoted(rest, &mut value),
            Some(first) => {
                plain(rest, first, &mut value);
                return value;
            }
        }
    }
}

/// In double quotes a backslash is one, unless something stands after it that a shell would need it for.
fn quoted(rest: &mut Characters<'_>, value: &mut String) {
    while let Some(c) = rest.next() {
        match c {
            '"' => return,
            '\\' => match rest.next() {
                Some('\n') | None => {}
                Some(c @ ('"' | '\\' | '`' | '$')) => value.push(c),
                Some(c) => value.extend(['\\', c]),
            },
            c => value.push(c),
        }
    }
}

fn plain(rest: &mut Characters<'_>, first: char, value: &mut String) {
    let mut next = Some(first);
    // Blanks at the end do not count, but for those after a backslash.
    let mut kept = value.len();
    while let Some(c) = next {
        match c {
            '\n' | '\r' => break,
            '\\' => {
                match rest.next() {
                    None | Some('\n') => {}
                    Some(c) => value.push(c),
                }
                kept = value.len();
            }
            c => {
                value.push(c);
                if !c.is_ascii_whitespace() {
                    kept = value.len();
                }
            }
        }
        next = rest.next();
    }
    value.truncate(kept);
}
