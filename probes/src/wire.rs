//! How a survey comes home from a pod: a JSON object a line (hello, each observation, done), and the same once more within
//! the few bytes of a termination message, for when the log cannot be had.
//!
//! Each line is complete in itself, so that any of them may be lost. What was not heard was not seen: nothing is made up
//! for it.

use serde::{Deserialize, Serialize};

use crate::credential::Credential;
use crate::foreign::Foreign;
use crate::log::Lane;
use crate::observation::Observation;
use crate::vantage::Vantage;

mod receive;
mod tell;
mod termination;
#[cfg(test)]
mod tests;

pub use receive::{Received, WireError, read_lines, read_termination};
pub use tell::Teller;
pub use termination::{LIMIT, termination};

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Line {
    /// The first.
    Hello(Hello),
    /// One for each observation, when it is there.
    Observation(Box<Seen>),
    /// The last.
    Done(Done),
    /// The last, where the probe came to an end of its own making.
    Failed(Failed),
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// The version of the lines ([`crate::assignment::PROTOCOL`]).
    pub protocol: u32,
    /// The program's version.
    #[serde(default)]
    pub version: Foreign,
    /// The place that was looked from.
    pub vantage: Vantage,
    /// The credentials that count there, in the order in which they are tried.
    #[serde(default)]
    pub credentials: Vec<Credential>,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// Its number, in the order of being seen, from 0 on.
    pub n: usize,
    /// Its part of the survey.
    pub lane: Lane,
    /// It.
    pub saw: Observation,
}

/// How the survey ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Done {
    /// How many observations there were.
    pub observations: usize,
    /// Whether fewer stand before this line, because there was no room for all.
    pub truncated: bool,
    /// Whether it was ended from outside before its time.
    pub interrupted: bool,
}

/// Why there is no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Failed {
    /// What happened.
    pub error: Foreign,
}

impl Line {
    /// The line, without its end.
    pub fn write(&self) -> String {
        // A tree of maps with string keys always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}
