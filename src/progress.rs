//! What is being looked at just now: one line on a terminal's standard error, redrawn in place and gone at the end.
//!
//! *Invariant:* no step is written where no terminal is, and none stays on the screen.

use std::io::Write;

use probes::foreign::Foreign;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::render::USUAL_WIDTH;

/// Back to the line's start, and the line erased.
const ERASE: &str = "\r\u{1b}[2K";
/// What shows that it goes on, or that more was there than there is room for.
const MORE: &str = "...";

/// The line.
pub struct Progress<W: Write> {
    out: W,
    terminal: bool,
    width: usize,
    drawn: bool,
}

impl<W: Write> Progress<W> {
    /// A line that is drawn only on a terminal that can erase.
    pub fn new(out: W, terminal: bool) -> Self {
        Self { out, terminal, width: USUAL_WIDTH, drawn: false }
    }

    /// The same for a terminal of so many columns.
    pub fn within(mut self, width: usize) -> Self {
        self.width = width;
        self
    }

    /// Says which step goes on at which host.
    pub fn step(&mut self, name: &str, host: &str) {
        if !self.terminal {
            return;
        }
        let line = fitting(Foreign::new(&format!("{name} {host}")).as_str(), self.width);
        self.write(&format!("{ERASE}{line}"));
        self.drawn = true;
    }

    /// Writes a line that stays.
    pub fn note(&mut self, text: &str) {
        self.clear();
        self.write(&format!("note: {text}\n"));
    }

    /// Takes the line away, as before anything else is written to the terminal.
    pub fn clear(&mut self) {
        if self.drawn {
            self.write(ERASE);
            self.drawn = false;
        }
    }

    /// A terminal that has gone is no reason to stop looking.
    fn write(&mut self, text: &str) {
        if self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()).is_err() {
            self.terminal = false;
        }
    }
}

impl<W: Write> Drop for Progress<W> {
    fn drop(&mut self) {
        self.clear();
    }
}

/// As much as there is room for; the last column stays free, since writing there wraps on some terminals.
fn fitting(text: &str, width: usize) -> String {
    let with_more = format!("{text} {MORE}");
    let room = width.saturating_sub(1);
    if with_more.width() <= room {
        return with_more;
    }
    let mut line = String::new();
    let mut used = MORE.len();
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        line.push(c);
    }
    if room >= MORE.len() {
        line.push_str(MORE);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(terminal: bool, width: usize, steps: &[(&str, &str)]) -> String {
        let mut out = Vec::new();
        let mut progress = Progress::new(&mut out, terminal).within(width);
        for (name, host) in steps {
            progress.step(name, host);
        }
        drop(progress);
        String::from_utf8(out).expect("it is text")
    }

    #[test]
    fn one_line_is_redrawn_and_taken_away() {
        assert_eq!(
            drawn(true, 80, &[("dns", "contosoacr.azurecr.io"), ("tls", "contosoacr.azurecr.io")]),
            "\r\u{1b}[2Kdns contosoacr.azurecr.io ...\r\u{1b}[2Ktls contosoacr.azurecr.io ...\r\u{1b}[2K"
        );
    }

    #[test]
    fn nothing_is_written_without_a_terminal_or_a_step() {
        assert_eq!(drawn(false, 80, &[("dns", "h")]), "");
        assert_eq!(drawn(true, 80, &[]), "");
    }

    #[test]
    fn a_line_stays_within_the_width_and_cannot_act() {
        for width in 0..40 {
            let all =
                drawn(true, width, &[("tls", "a-very-long-host.example\u{1b}[31m.\r\n漢字漢字漢字漢字")]);
            let line = all.trim_start_matches(ERASE).trim_end_matches(ERASE);
            assert!(line.width() < width.max(1), "{width}: {line:?}");
            assert!(!line.contains(['\u{1b}', '\r', '\n']));
        }
    }

    #[test]
    fn a_terminal_that_has_gone_is_let_be() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let mut progress = Progress::new(Gone, true);
        progress.step("dns", "h");
        assert!(!progress.terminal);
    }
}
