//! The last door before a terminal or a log: what goes through here cannot act there.
//!
//! Strangers' text was cleaned when it was seen; it is cleaned again, as a case may come from another hand. GitHub
//! acts on `::command::` at a line's start and on `##[` anywhere, Azure Pipelines on `##vso[` anywhere, TeamCity on
//! `##teamcity[`.
//!
//! *Invariant:* no text reaches a format for people except through [`shown`] or [`inert`].

use std::fmt::Write;

use probes::foreign::{defused, is_invisible};

use super::Style;

/// One line of running text: runs of spaces and control characters become one space.
pub(crate) fn shown(text: &str, ascii: bool) -> String {
    let text: String = text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect();
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    inert(&words.join(" "), ascii)
}

/// The same text with its spaces kept, as in a quoted argument.
pub(crate) fn inert(text: &str, ascii: bool) -> String {
    let text = defused(&visible(text), if ascii { ' ' } else { '\u{a0}' });
    if !ascii {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| in_ascii(c, &mut out));
    out
}

fn visible(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).map(|c| if breaks(c) { ' ' } else { c }).collect()
}

fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn in_ascii(c: char, out: &mut String) {
    match c {
        c if c.is_ascii() => out.push(c),
        '\u{a0}' => out.push(' '),
        '·' | '–' | '—' | '•' => out.push('-'),
        '…' => out.push_str("..."),
        '→' => out.push_str("->"),
        '×' => out.push('x'),
        '‘' | '’' => out.push('\''),
        '“' | '”' => out.push('"'),
        c => {
            let _ = write!(out, "{}", c.escape_unicode());
        }
    }
}

/// What a piece of text is, for those who see colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Strong,
    Good,
    Odd,
    Bad,
    Faint,
}

/// The text in its tone's colour, where the reader wants colours.
pub(crate) fn paint(text: &str, tone: Tone, style: &Style) -> String {
    let code = match tone {
        Tone::Plain => return text.to_owned(),
        _ if !style.color || text.is_empty() => return text.to_owned(),
        Tone::Strong => "1",
        Tone::Good => "32",
        Tone::Odd => "33",
        Tone::Bad => "31",
        Tone::Faint => "90",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shown_can_act() {
        for (given, kept) in [
            ("plain  text\n", "plain text"),
            ("a\u{1b}[31mred\r\nb", "a [31mred b"),
            ("x ::error::y", "x :\u{a0}:error:\u{a0}:y"),
            (":::error::y", ":\u{a0}:\u{a0}:error:\u{a0}:y"),
            ("##vso[task.complete]", "#\u{a0}#vso[task.complete]"),
            ("###vso[a]", "#\u{a0}#\u{a0}#vso[a]"),
            ("#\u{200b}#vso[a]", "#\u{a0}#vso[a]"),
            ("x \u{200b}::error::", "x :\u{a0}:error:\u{a0}:"),
            ("\u{202e}evil", "evil"),
            ("[fd00::1]:443 and ::1, ::ffff:10.0.0.1.", "[fd00::1]:443 and ::1, ::ffff:10.0.0.1."),
        ] {
            assert_eq!(shown(given, false), kept);
        }
    }

    #[test]
    fn ascii_is_ascii() {
        assert_eq!(shown("a · b … 8f14… é → ☃ ##[x]", true), "a - b ... 8f14... \\u{e9} -> \\u{2603} # #[x]");
    }

    #[test]
    fn a_quoted_argument_keeps_its_spaces() {
        assert_eq!(inert("'a  b\u{7}'", false), "'a  b '");
    }
}
