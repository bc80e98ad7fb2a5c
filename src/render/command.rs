//! A command over several lines, so that copying the lines into the shell runs it.

use super::Style;
use super::page::width;
use super::text::inert;
use crate::remedies::{Shell, quote};

/// How far the second line and those below it are indented.
const INDENT: usize = 4;

/// The command's lines, each within `room` columns where its arguments allow that.
pub(crate) fn lines(argv: &[String], room: usize, style: &Style) -> Vec<String> {
    let whole = inert(&quote(argv, style.shell), style.ascii);
    if width(&whole) <= room {
        return vec![whole];
    }
    broken(units(argv, style), room, style)
}

/// A command that is already text for a shell, broken in the same way.
pub(crate) fn sample(text: &str, room: usize, style: &Style) -> Vec<String> {
    if width(text) <= room {
        return vec![text.to_owned()];
    }
    let mut words: Vec<String> = Vec::new();
    let mut quote = None;
    for word in text.split(' ') {
        match words.last_mut() {
            Some(last) if quote.is_some() => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
        for c in word.chars().filter(|c| matches!(c, '\'' | '"')) {
            quote = match quote {
                None => Some(c),
                Some(open) if open == c => None,
                open => open,
            };
        }
    }
    broken(words, room, &Style { shell: Shell::Posix, ..style.clone() })
}

/// As many units a line as there is room for, and the shell's sign that the command goes on.
fn broken(units: Vec<String>, room: usize, style: &Style) -> Vec<String> {
    let more = match style.shell {
        Shell::Posix => " \\",
        Shell::Pwsh => " `",
    };
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for unit in units {
        if line.trim().is_empty() {
            line.push_str(&unit);
        } else if width(&line) + 1 + width(&unit) + more.len() <= room {
            line.push(' ');
            line.push_str(&unit);
        } else {
            lines.push(format!("{line}{more}"));
            line = format!("{}{unit}", " ".repeat(INDENT));
        }
    }
    lines.push(line);
    lines
}

/// The quoted arguments; an option stays with its value.
fn units(argv: &[String], style: &Style) -> Vec<String> {
    let mut units: Vec<String> = Vec::new();
    let mut open = false;
    for (index, word) in argv.iter().enumerate() {
        let quoted = inert(&quoted(argv, index, style.shell), style.ascii);
        let option = index > 0 && word.starts_with('-');
        match units.last_mut() {
            Some(last) if open && !option => {
                last.push(' ');
                last.push_str(&quoted);
            }
            _ => units.push(quoted),
        }
        open = option && !word.contains('=');
    }
    units
}

/// One argument as it stands in the whole: a shell may quote the first word otherwise than the rest.
fn quoted(argv: &[String], index: usize, shell: Shell) -> String {
    let program = quote(&argv[..1], shell);
    if index == 0 {
        return program;
    }
    let both = quote(&[argv[0].clone(), argv[index].clone()], shell);
    both[program.len()..].trim_start_matches(' ').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn role() -> Vec<String> {
        argv(&[
            "az",
            "role",
            "assignment",
            "create",
            "--assignee-object-id",
            "7f3c2f10-0000-4000-8000-8f14e45f0000",
            "--assignee-principal-type",
            "ServicePrincipal",
            "--role",
            "Container Registry Repository Reader",
            "--scope",
            "/subscriptions/0/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/contosoacr",
        ])
    }

    #[test]
    fn a_short_one_is_one_line() {
        assert_eq!(lines(&argv(&["pullcheck", "check", "a b"]), 73, &Style::default()).len(), 1);
    }

    #[test]
    fn the_lines_together_are_the_command() {
        for (shell, more) in [(Shell::Posix, " \\"), (Shell::Pwsh, " `")] {
            let style = Style { shell, ..Style::default() };
            let lines = lines(&role(), 73, &style);
            let (last, others) = lines.split_last().expect("there is a line");
            assert!(others.len() > 1 && others.iter().all(|line| line.ends_with(more) && width(line) <= 73));
            let mut joined = String::new();
            for line in others {
                joined.push_str(line.trim_start().trim_end_matches(['\\', '`']));
            }
            joined.push_str(last.trim_start());
            assert_eq!(joined, quote(&role(), shell));
        }
    }
}
