//! The command of a unit with its variables put in (systemd.service(5), "Command lines").

use super::syntax;

/// The most arguments of one command.
const MAX_ARGUMENTS: usize = 4096;

/// The words of a command. `$NAME` as a word of its own becomes the words of its value; `${NAME}` anywhere becomes the
/// value as it is; `$$` is a dollar sign. A variable that is not set is empty.
pub(super) fn arguments(command: &str, variable: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let command = command.trim_start_matches(['@', '-', ':', '+', '!', '|']);
    let mut arguments = Vec::new();
    for word in syntax::words(&lenient(command)) {
        match word.strip_prefix('$').filter(|name| syntax::is_name(name)) {
            Some(name) => arguments.extend(syntax::words(&lenient(&variable(name).unwrap_or_default()))),
            None => arguments.push(filled(&word, variable)),
        }
        arguments.truncate(MAX_ARGUMENTS);
    }
    arguments
}

/// Escapes that are none stay as they are in commands, where patterns of shells have them.
fn lenient(command: &str) -> String {
    let mut kept = String::with_capacity(command.len());
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        kept.push(c);
        if c == '\\' {
            match rest.next() {
                Some(
                    c @ ('a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | 's' | 'x' | 'u' | 'U' | '\\' | '"' | '\''),
                ) => {
                    kept.push(c);
                }
                Some(c) => kept.extend(['\\', c]),
                None => kept.push('\\'),
            }
        }
    }
    kept
}

/// A word with every `${NAME}` replaced.
fn filled(word: &str, variable: &dyn Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        filled.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let braced = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        match braced.filter(|(name, _)| syntax::is_name(name)) {
            Some((name, after)) => {
                filled.push_str(&variable(name).unwrap_or_default());
                rest = after;
            }
            None => {
                filled.push('$');
                rest = rest.strip_prefix('$').unwrap_or(rest);
            }
        }
    }
    filled.push_str(rest);
    filled
}
