//! How a report is told: one file a format, each a pure function that ends in exactly one newline.
//!
//! People read `table`, `wide` and `short`; programs read `json`, `yaml` and `junit`. What strangers wrote is made harmless
//! on the way out, whatever happened to it on the way in: nothing here acts on a terminal or on a CI's log.
//!
//! *Invariant:* every renderer is a function of the report and the style alone; no format judges anew.

use std::fmt;
use std::str::FromStr;

use crate::remedies::Shell;
use crate::report::Report;

mod answer;
mod command;
mod grid;
mod json;
mod junit;
pub(crate) mod page;
mod short;
mod table;
pub(crate) mod text;
mod wide;
mod yaml;

#[cfg(test)]
mod example;
#[cfg(test)]
mod tests;

/// The width that is assumed where no terminal says otherwise.
pub const USUAL_WIDTH: usize = 80;
/// The least width that is laid out for.
pub const LEAST_WIDTH: usize = 40;

/// How a report can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The answer, and a grid of the checks.
    #[default]
    Table,
    /// The same, and every finding with its evidence and times.
    Wide,
    /// The answer alone.
    Short,
    /// The report as it is.
    Json,
    /// The same as YAML.
    Yaml,
    /// Test results, for the CI servers that read them.
    Junit,
}

impl Format {
    /// All of them, in the order that they are listed in.
    pub const ALL: [Self; 6] = [Self::Table, Self::Wide, Self::Short, Self::Json, Self::Yaml, Self::Junit];

    /// The name it is chosen by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Wide => "wide",
            Self::Short => "short",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Junit => "junit",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no format has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no format is called '{0}'; there are {list}", list = Format::ALL.map(Format::name).join(", "))]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// How the reader's screen wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour; nothing is said by colour alone.
    pub color: bool,
    /// Whether to write ASCII only; what strangers wrote outside of it is escaped then.
    pub ascii: bool,
    /// The columns there are; fewer than [`LEAST_WIDTH`] are not laid out for.
    pub width: usize,
    /// The shell that commands are quoted for.
    pub shell: Shell,
    /// Whether to tell people the answer and the cause's name alone.
    pub quiet: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, ascii: false, width: USUAL_WIDTH, shell: Shell::Posix, quiet: false }
    }
}

impl Style {
    /// The columns to lay out for.
    pub(crate) fn columns(&self) -> usize {
        self.width.max(LEAST_WIDTH)
    }
}

/// Writes a report in a format.
pub fn render(report: &Report, format: Format, style: &Style) -> String {
    match format {
        Format::Table => table::render(report, style),
        Format::Wide => wide::render(report, style),
        Format::Short => short::render(report, style),
        Format::Json => json::render(report, style),
        Format::Yaml => yaml::render(report, style),
        Format::Junit => junit::render(report, style),
    }
}
