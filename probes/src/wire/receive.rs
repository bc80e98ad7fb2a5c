//! The runner's side: whatever was heard of a probe becomes what it saw. Nothing that stands in a log is an error here but
//! a probe that speaks of something else: what cannot be read was not heard.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::termination::{self, Message};
use super::{Done, Hello, Line, Seen};
use crate::assignment::PROTOCOL;
use crate::foreign::Foreign;
use crate::survey::Survey;
use crate::vantage::Vantage;

/// The most observations that are kept; no survey has a tenth of them.
const MOST: usize = 10_000;
/// How the lines of a probe begin.
const KINDS: [&str; 4] = ["{\"hello\":", "{\"observation\":", "{\"done\":", "{\"failed\":"];

/// What was heard of a probe.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    /// Who spoke.
    pub hello: Option<Hello>,
    /// What it saw, by its numbers.
    pub seen: BTreeMap<usize, Seen>,
    /// How it ended.
    pub done: Option<Done>,
    /// Why it came to an end of its own making.
    pub failed: Option<Foreign>,
    /// Lines that begin as a probe's and are none.
    pub broken: usize,
    /// The version that a probe of another version names.
    pub other_protocol: Option<u32>,
}

/// Why there is no survey in what was heard.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WireError {
    /// The probe is of another version.
    #[error(
        "the probe speaks protocol {protocol} and this pullcheck {PROTOCOL}: use a probe of the same version"
    )]
    OtherProtocol {
        /// Its version.
        protocol: u32,
    },
    /// It looked from another place than it was sent to.
    #[error("the probe looked from {is} and not from {wanted}")]
    OtherPlace {
        /// Where it says it is.
        is: Foreign,
        /// Where it was sent.
        wanted: Vantage,
    },
    /// It ended before it had seen anything.
    #[error("the probe failed: {0}")]
    Failed(Foreign),
    /// Nothing was heard of it.
    #[error("nothing was heard of the probe")]
    Nothing,
}

/// Reads a log, or a part of one; other programs' lines among the probe's are passed over.
pub fn read_lines(text: &str) -> Received {
    let mut received = Received::default();
    for line in text.lines() {
        received.line(line);
    }
    received
}

/// Reads a termination message; where the kubelet put the end of the log in its place, that.
pub fn read_termination(text: &str) -> Received {
    match termination::read(text) {
        Message::None => read_lines(text),
        Message::Lines(lines) => read_lines(&lines),
        Message::Broken => Received { broken: 1, ..Received::default() },
        Message::OtherVersion => Received {
            failed: Some(Foreign::new("it is of another version than this pullcheck")),
            ..Received::default()
        },
    }
}

impl Received {
    /// Takes one more line, as the log brings it.
    pub fn line(&mut self, line: &str) {
        // What another program wrote without a line's end stands before it.
        let Some(at) = KINDS.iter().filter_map(|kind| line.find(kind)).min() else { return };
        let text = line.get(at..).unwrap_or_default().trim_end();
        match serde_json::from_str(text) {
            Ok(line) => self.take(line),
            Err(_) => match serde_json::from_str(text) {
                // A hello of another version may have other fields.
                Ok(OfAnyVersion { hello: Version { protocol } }) if protocol != PROTOCOL => {
                    self.other_protocol = Some(protocol);
                }
                _ => self.broken += 1,
            },
        }
    }

    /// Takes what was heard by another way: each observation counts once.
    pub fn join(&mut self, other: Self) {
        self.hello = self.hello.take().or(other.hello);
        for (n, seen) in other.seen {
            self.seen.entry(n).or_insert(seen);
        }
        self.done = self.done.or(other.done);
        self.failed = self.failed.take().or(other.failed);
        self.broken += other.broken;
        self.other_protocol = self.other_protocol.or(other.other_protocol);
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Hello(hello) if hello.protocol != PROTOCOL => self.other_protocol = Some(hello.protocol),
            Line::Hello(hello) => self.hello = self.hello.take().or(Some(hello)),
            // A log that is followed again begins anew.
            Line::Observation(seen) if self.seen.len() < MOST => {
                self.seen.entry(seen.n).or_insert(*seen);
            }
            Line::Observation(_) => self.broken += 1,
            Line::Done(done) => self.done = Some(done),
            Line::Failed(failed) => self.failed = Some(failed.error),
        }
    }

    /// Whether all that the probe saw was heard, and the survey went to its end.
    pub fn is_whole(&self) -> bool {
        self.done.is_some_and(|done| !done.interrupted) && self.missing() == Some(0) && self.failed.is_none()
    }

    /// How many of the observations were not heard; `None` where it is not known how many there were.
    pub fn missing(&self) -> Option<usize> {
        let count = self.done?.observations;
        Some(count - self.seen.range(..count).count())
    }

    /// The survey: what was heard of it, in a survey's order.
    ///
    /// # Errors
    ///
    /// [`WireError`] where the probe is of another version or place, or nothing was heard of it at all.
    pub fn survey(self, wanted: &Vantage) -> Result<Survey, WireError> {
        if let Some(protocol) = self.other_protocol {
            return Err(WireError::OtherProtocol { protocol });
        }
        if let Some(hello) = self.hello.as_ref().filter(|hello| hello.vantage != *wanted) {
            let is = Foreign::new(&hello.vantage.to_string());
            return Err(WireError::OtherPlace { is, wanted: wanted.clone() });
        }
        match self.failed {
            Some(error) if self.seen.is_empty() => return Err(WireError::Failed(error)),
            _ if self.hello.is_none() && self.seen.is_empty() => return Err(WireError::Nothing),
            _ => {}
        }
        let mut seen: Vec<Seen> = self.seen.into_values().collect();
        seen.sort_by_key(|seen| (seen.lane, seen.n));
        Ok(Survey { vantage: wanted.clone(), observations: seen.into_iter().map(|seen| seen.saw).collect() })
    }
}

#[derive(Deserialize)]
struct OfAnyVersion {
    hello: Version,
}

#[derive(Deserialize)]
struct Version {
    protocol: u32,
}
