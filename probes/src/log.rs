//! Where a survey writes down what it saw, and how a watcher follows it live.

use std::cell::RefCell;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::credential::Credential;
use crate::observation::{Fact, Observation, Role};
use crate::scrub::Scrub;

/// Follows a survey while it runs.
pub trait Watch {
    /// A step starts.
    fn looking(&mut self, step: &'static str, host: &str);

    /// Something was seen: it stands in its lane, after what was seen there before.
    fn saw(&mut self, _lane: Lane, _seen: &Observation) {}
}

/// The parts of a survey that are walked beside one another; a survey has them one after the other, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Lane {
    /// The way to the registry and through it.
    Way,
    /// The mirrors.
    Mirrors,
    /// The identity's token.
    Beside,
    /// What is known when all have ended.
    End,
}

/// Watches nothing.
pub struct Unwatched;

impl Watch for Unwatched {
    fn looking(&mut self, _step: &'static str, _host: &str) {}
}

/// A watcher that several logs share.
pub(crate) trait Shared {
    fn looking(&self, step: &'static str, host: &str);
    fn saw(&self, lane: Lane, seen: &Observation);
}

impl Shared for RefCell<&mut dyn Watch> {
    fn looking(&self, step: &'static str, host: &str) {
        // A watcher that looks back here while it is told is not told again.
        if let Ok(mut watch) = self.try_borrow_mut() {
            watch.looking(step, host);
        }
    }

    fn saw(&self, lane: Lane, seen: &Observation) {
        if let Ok(mut watch) = self.try_borrow_mut() {
            watch.saw(lane, seen);
        }
    }
}

/// The observations so far.
pub(crate) struct Log<'a> {
    pub(crate) observations: Vec<Observation>,
    /// What must not be written down.
    pub(crate) scrub: Scrub,
    clock: fn() -> Timestamp,
    watch: &'a dyn Shared,
    /// The step under way, for the case that time runs out.
    pub(crate) during: &'static str,
    /// Where the watcher is told of what was seen; `None` where it becomes part of another observation.
    pub(crate) lane: Option<Lane>,
}

/// A look that has begun.
pub(crate) struct Begun {
    at: Timestamp,
    since: Instant,
}

impl<'a> Log<'a> {
    pub(crate) fn new(clock: fn() -> Timestamp, watch: &'a dyn Shared) -> Self {
        Self { observations: Vec::new(), scrub: Scrub::default(), clock, watch, during: "dns", lane: None }
    }

    pub(crate) fn on(lane: Lane, clock: fn() -> Timestamp, watch: &'a dyn Shared) -> Self {
        Self { lane: Some(lane), ..Self::new(clock, watch) }
    }

    pub(crate) fn begin(&mut self, step: &'static str, host: &str) -> Begun {
        self.during = step;
        self.watch.looking(step, host);
        Begun { at: (self.clock)(), since: Instant::now() }
    }

    pub(crate) fn end(&mut self, begun: Begun, role: Role, credential: Option<&Credential>, fact: Fact) {
        let seen = Observation {
            role,
            credential: credential.cloned(),
            started_at: begun.at,
            elapsed_ms: millis(begun.since.elapsed()),
            fact: self.scrubbed(fact),
        };
        if let Some(lane) = self.lane {
            self.watch.saw(lane, &seen);
        }
        self.observations.push(seen);
    }

    /// The fact without our secrets, wherever a stranger has put them.
    fn scrubbed(&self, fact: Fact) -> Fact {
        if self.scrub.is_empty() {
            return fact;
        }
        let Ok(mut value) = serde_json::to_value(&fact) else { return Fact::Unknown };
        self.scrub.clean_value(&mut value);
        serde_json::from_value(value).unwrap_or(Fact::Unknown)
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
