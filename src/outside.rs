//! What the program is given by the system it runs on, read once by `main` and handed down.
//!
//! *Invariant:* nothing else in `src/` asks the system for arguments, variables, streams or the time.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;

use jiff::Timestamp;

use crate::cli::{LookArgs, Usage};
use crate::remedies::quote::Shell;
use crate::render::{Style, USUAL_WIDTH};

/// The values of `--color` and `PULLCHECK_COLOR`.
const COLORS: [&str; 3] = ["auto", "always", "never"];

/// Everything the process is started with.
pub struct Outside {
    /// The arguments, the program's own name first.
    pub args: Vec<OsString>,
    /// The environment variables whose names and values are valid UTF-8.
    pub env: BTreeMap<String, String>,
    /// Standard input; read only where a flag asks for it.
    pub stdin: Box<dyn Read + Send>,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// The terminal's width in columns, where it is known.
    pub columns: Option<usize>,
    /// The present time.
    pub clock: fn() -> Timestamp,
}

impl Outside {
    /// Refuses variables of pullcheck's own that make no sense.
    pub(crate) fn checked(&self) -> Result<(), Usage> {
        match self.env.get("PULLCHECK_COLOR") {
            Some(other) if !COLORS.contains(&other.as_str()) => {
                let other = probes::foreign::Foreign::new(other);
                Err(Usage(format!(
                    "PULLCHECK_COLOR '{other}' is none of {}; correct or unset it",
                    COLORS.join(", ")
                )))
            }
            _ => Ok(()),
        }
    }

    /// How the reader's screen wants a report, with the variables that had a say (`NO_COLOR`, see no-color.org;
    /// `CLICOLOR_FORCE`; `TERM=dumb`).
    pub(crate) fn style(&self, look: &LookArgs) -> (Style, Vec<String>) {
        let set = |name: &str| self.env.get(name).is_some_and(|v| !v.is_empty());
        let mut variables = Vec::new();
        let mut because = |name: &str, color: bool| {
            variables.push(name.to_owned());
            color
        };
        let asked = look.color.as_deref().or_else(|| {
            let asked = self.env.get("PULLCHECK_COLOR").map(String::as_str);
            asked.inspect(|_| {
                because("PULLCHECK_COLOR", true);
            })
        });
        let color = match asked {
            Some("always") => true,
            Some("never") => false,
            _ if set("NO_COLOR") => because("NO_COLOR", false),
            _ if set("CLICOLOR_FORCE") && self.env.get("CLICOLOR_FORCE").is_some_and(|v| v != "0") => {
                because("CLICOLOR_FORCE", true)
            }
            _ if self.env.get("TERM").is_some_and(|t| t == "dumb") => false,
            _ => self.stdout_is_terminal,
        };
        let style = Style {
            color,
            ascii: look.ascii,
            width: self.columns.unwrap_or(USUAL_WIDTH),
            shell: if look.shell == "pwsh" { Shell::Pwsh } else { Shell::Posix },
            ..Style::default()
        };
        (style, variables)
    }
}
