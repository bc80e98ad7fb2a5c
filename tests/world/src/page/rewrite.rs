//! The page again, with what a run showed.

use super::blocks::{blocks, command_lines};
use super::{Page, Verdict};

impl Page {
    /// The page's text with this output and verdict in place of its own. A page without a verdict block gets one.
    pub fn rewrite(&self, stdout: &str, verdict: &Verdict) -> String {
        let text = &self.text;
        let Ok(blocks) = blocks(text) else { return text.clone() };
        let mut out = String::with_capacity(text.len() + stdout.len());
        let mut at = 0;
        let mut told = false;
        for block in &blocks {
            let body = &text[block.body.clone()];
            let new = match block.words()[..] {
                ["console"] => {
                    let mut new = body[..command_lines(body)].to_owned();
                    new.push_str(stdout);
                    if !new.ends_with('\n') {
                        new.push('\n');
                    }
                    new
                }
                ["toml", "verdict"] => {
                    told = true;
                    toml_of(verdict)
                }
                _ => continue,
            };
            out.push_str(&text[at..block.body.start]);
            out.push_str(&new);
            at = block.body.end;
        }
        out.push_str(&text[at..]);
        if !told {
            out = format!("{}\n\n```toml verdict\n{}```\n", out.trim_end(), toml_of(verdict));
        }
        out
    }
}

fn toml_of(verdict: &Verdict) -> String {
    // Four plain fields always have a TOML form.
    toml::to_string(verdict).unwrap_or_default()
}
