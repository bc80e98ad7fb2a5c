//! The fenced blocks of a page.

use std::ops::Range;

use super::PageError;

/// A fenced block.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The words after the opening fence.
    pub(super) info: String,
    /// The line of the opening fence, from 1.
    pub(super) line: usize,
    /// The block with its fences.
    pub(super) outer: Range<usize>,
    /// What stands between the fences.
    pub(super) body: Range<usize>,
}

impl Block {
    /// The words after the opening fence.
    pub(super) fn words(&self) -> Vec<&str> {
        self.info.split_whitespace().collect()
    }

    /// Whether a page has it only once.
    pub(super) fn is_part(&self) -> bool {
        matches!(self.words()[..], ["toml", _] | ["console"])
    }
}

/// All fenced blocks, in order.
pub(super) fn blocks(text: &str) -> Result<Vec<Block>, PageError> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, usize, usize, usize)> = None;
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let (start, end) = (at, at + line.len());
        at = end;
        let Some(info) = line.strip_prefix("```") else { continue };
        open = match open.take() {
            None => Some((info.trim().to_owned(), number + 1, start, end)),
            Some((info, line, outer, body)) => {
                blocks.push(Block { info, line, outer: outer..end, body: body..start });
                None
            }
        };
    }
    match open {
        Some((_, line, ..)) => Err(PageError::Form { line, what: "the block is not closed".to_owned() }),
        None => Ok(blocks),
    }
}

/// Command and output of a console block; a command may go on after a backslash.
pub(super) fn console(body: &str) -> Option<(String, String)> {
    let mut command = String::new();
    let mut rest = body.strip_prefix("$ ")?;
    loop {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        match line.strip_suffix('\\') {
            Some(part) => {
                command.push_str(part.trim());
                command.push(' ');
                rest = rest.trim_start_matches(' ');
            }
            None => {
                command.push_str(line.trim());
                return Some((command, rest.to_owned()));
            }
        }
    }
}

/// The lines of a console block that hold the command.
pub(super) fn command_lines(body: &str) -> usize {
    let mut end = 0;
    for line in body.split_inclusive('\n') {
        end += line.len();
        if !line.trim_end_matches('\n').ends_with('\\') {
            break;
        }
    }
    end
}
