//! The outside as one value: which nameservers are asked, what is dialled instead of what, whom we trust, how long
//! we wait, and what time it is.
//!
//! *Invariant:* no probe reads a file, a variable or the clock by itself.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::proxy::Proxies;
pub use crate::roots::{Roots, RootsSource};
pub use crate::routes::{Route, Routes};

/// Everything a survey needs from the outside.
#[derive(Clone)]
pub struct Net {
    /// The resolver's settings.
    pub resolver: Resolver,
    /// What is dialled instead of what (`--connect-to`).
    pub routes: Routes,
    /// The certificate authorities that are trusted.
    pub roots: Roots,
    /// How long a step and the whole survey may take.
    pub patience: Patience,
    /// The proxies of the container runtime, or of whoever pulls here.
    pub proxies: Proxies,
    /// The proxies of the kubelet's credential provider, which has the kubelet's variables; elsewhere the same.
    pub plugin_proxies: Proxies,
    /// Speak plain http to the registry (`--plain-http`).
    pub plain_http: bool,
    /// The present time; a value, so that tests and replays can set it.
    pub clock: fn() -> Timestamp,
}

/// Name resolution as the Go resolver reads it from `/etc/resolv.conf` and `/etc/hosts`.
#[derive(Clone, Debug, Default)]
pub struct Resolver {
    /// The nameservers, in order; each is asked by itself.
    pub nameservers: Vec<SocketAddr>,
    /// Domains that are appended to short names.
    pub search: Vec<String>,
    /// Names with fewer dots than this are tried with the search list first.
    pub ndots: usize,
    /// The hosts file: lower-case name to addresses.
    pub hosts: BTreeMap<String, Vec<IpAddr>>,
    /// Where the settings come from, for reports: `--resolver` or a file's name.
    pub source: String,
    /// Whom the nameserver asks in its turn, where it is a cache on the machine itself and its settings say so.
    pub upstream: Option<Upstream>,
}

/// The nameservers behind a cache on the machine itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upstream {
    /// The file that names them.
    pub source: String,
    /// They.
    pub nameservers: Vec<SocketAddr>,
}

/// The time that may be spent.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// When the survey must have ended.
    pub deadline: Instant,
    /// The longest that one step may take.
    pub step: Duration,
}

impl Patience {
    /// The longest that a step starting now may take.
    pub fn for_step(&self) -> Duration {
        self.step.min(self.deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether as much time is left at a moment as a few steps take, so that waiting for it hides nothing else.
    pub(crate) fn half_is_left(&self, at: Instant) -> bool {
        at + self.step * 2 <= self.deadline
    }

    /// Whether there is not enough time left for a step to have its whole share: what is cut short by our own clock would
    /// look like somebody else's silence.
    pub fn is_over(&self) -> bool {
        Instant::now() + self.step > self.deadline
    }
}
