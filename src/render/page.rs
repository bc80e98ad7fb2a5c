//! A page of labelled, wrapped lines: the hand that all formats for people are written in.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, wrap};

use super::Style;
use super::command;
use super::text::{Tone, inert, paint, shown};

/// The columns that a label takes, with the space behind it.
const LABEL: usize = 7;

/// A page that is being written.
pub(crate) struct Page<'a> {
    style: &'a Style,
    out: String,
}

impl<'a> Page<'a> {
    pub(crate) fn new(style: &'a Style) -> Self {
        Self { style, out: String::new() }
    }

    /// An empty line, but never two of them and none at the top.
    pub(crate) fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A line from the left edge, wrapped.
    pub(crate) fn line(&mut self, text: &str, tone: Tone) {
        for line in self.wrapped(text, "", "") {
            self.push(&paint(&line, tone, self.style));
        }
    }

    /// Parts in a row, a dot between them; a part that does not fit starts a line of its own.
    pub(crate) fn parts(&mut self, parts: &[String]) {
        let mut row = String::new();
        for part in parts {
            let longer = if row.is_empty() { part.clone() } else { format!("{row} · {part}") };
            if !row.is_empty() && width(&shown(&longer, self.style.ascii)) > self.style.columns() {
                self.line(&row, Tone::Plain);
                row.clone_from(part);
            } else {
                row = longer;
            }
        }
        self.line(&row, Tone::Plain);
    }

    /// A label and its text, wrapped below the text's start. An empty label goes on with the one above.
    pub(crate) fn item(&mut self, label: &str, text: &str) {
        self.hung(label, text, 0, Tone::Plain);
    }

    /// The same in a tone.
    pub(crate) fn toned(&mut self, label: &str, text: &str, tone: Tone) {
        self.hung(label, text, 0, tone);
    }

    /// One of a list's entries, wrapped below the label's text and two columns further in.
    pub(crate) fn entry(&mut self, label: &str, text: &str) {
        self.hung(label, text, 2, Tone::Plain);
    }

    /// A text that must stay in one piece, as an address, on a line of its own.
    pub(crate) fn token(&mut self, label: &str, text: &str) {
        let label = paint(&format!("{label:<LABEL$}"), Tone::Strong, self.style);
        self.push(&format!("{label}{}", inert(text, self.style.ascii)));
    }

    /// A command that can be copied from the screen, broken between its arguments alone.
    pub(crate) fn command(&mut self, label: &str, argv: &[String]) {
        let room = self.style.columns() - LABEL;
        for (index, line) in command::lines(argv, room, self.style).iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = paint(&format!("{label:<LABEL$}"), Tone::Strong, self.style);
            self.push(&format!("{label}{line}"));
        }
    }

    /// A paragraph below an indent.
    pub(crate) fn indented(&mut self, first: &str, rest: &str, text: &str) {
        for line in self.wrapped(text, first, rest) {
            self.push(&line);
        }
    }

    /// A command with names to fill in, as it is; where it does not fit, broken between words outside of quotes.
    pub(crate) fn sample(&mut self, indent: &str, text: &str) {
        let room = self.style.columns().saturating_sub(width(indent));
        for line in command::sample(&inert(text, self.style.ascii), room, self.style) {
            self.push(&format!("{indent}{line}"));
        }
    }

    /// A line as it is: laid out by the caller, or a sample whose breaks matter.
    pub(crate) fn push(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// The page, ending in one newline.
    pub(crate) fn finish(self) -> String {
        format!("{}\n", self.out.trim_end_matches('\n'))
    }

    fn hung(&mut self, label: &str, text: &str, further: usize, tone: Tone) {
        let (first, rest) = (" ".repeat(LABEL), " ".repeat(LABEL + further));
        for (index, line) in self.wrapped(text, &first, &rest).iter().enumerate() {
            let (indent, words) = line.split_at(if index == 0 { LABEL } else { rest.len() }.min(line.len()));
            let words = paint(words, tone, self.style);
            if index == 0 {
                let label = paint(&format!("{label:<LABEL$}"), Tone::Strong, self.style);
                self.push(&format!("{label}{words}"));
            } else {
                self.push(&format!("{indent}{words}"));
            }
        }
    }

    fn wrapped(&self, text: &str, first: &str, rest: &str) -> Vec<String> {
        let options = Options::new(self.style.columns())
            .initial_indent(first)
            .subsequent_indent(rest)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        wrap(&shown(text, self.style.ascii), options).into_iter().map(|line| line.into_owned()).collect()
    }
}

/// The columns that a text takes on the screen.
pub(crate) fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}
