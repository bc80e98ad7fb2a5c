//! What is wrong with a service of Azure's, and how often it was wrong already.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::glob;
use crate::portal::html;
use crate::registry::Ask;
use crate::reply::{Ending, Reply};
use crate::schema::{BrokenBody, Fault, PathFault, TokenAnswer};

/// A service's fault, counted.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    fault: Option<Fault>,
    seen: AtomicU64,
}

impl Trouble {
    /// A service with this fault.
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self { fault, seen: AtomicU64::new(0) }
    }

    /// Counts from the start again.
    pub(crate) fn rewind(&self) {
        self.seen.store(0, Ordering::Relaxed);
    }

    /// The answer of the broken service to this request, where it is broken; `json` gives the service's own body.
    pub(crate) fn answer(&self, json: impl FnOnce(u16) -> Reply) -> Option<Reply> {
        let fault = self.fault.as_ref()?;
        let number = self.seen.fetch_add(1, Ordering::Relaxed);
        if fault.times.is_some_and(|times| number >= times) {
            return None;
        }
        if fault.stall {
            return Some(Reply::without(Ending::Never));
        }
        let reply = match fault.body {
            BrokenBody::Json => json(fault.status),
            BrokenBody::Html => Reply::status(fault.status)
                .body("text/html", html("The service is unavailable", "Please try again later.")),
            BrokenBody::Empty => Reply::status(fault.status),
        };
        Some(match fault.retry_after {
            Some(seconds) => reply.header("retry-after", seconds.to_string()),
            None => reply,
        })
    }
}

/// The faults of some of a service's paths, counted each by itself.
#[derive(Debug, Default)]
pub(crate) struct PathTroubles(Vec<(PathFault, Trouble)>);

impl PathTroubles {
    /// A service with these faults.
    pub(crate) fn new(faults: &[PathFault]) -> Self {
        Self(faults.iter().map(|one| (one.clone(), Trouble::new(Some(one.fault())))).collect())
    }

    /// Counts from the start again.
    pub(crate) fn rewind(&self) {
        self.0.iter().for_each(|(_, trouble)| trouble.rewind());
    }

    /// The answer to a request that one of them meets.
    pub(crate) fn answer(&self, ask: &Ask, json: impl Fn(u16) -> Reply) -> Option<Reply> {
        let mut met = self.0.iter().filter(|(fault, _)| {
            let method = fault.method.as_deref().unwrap_or(&ask.method);
            glob::matches(&fault.path, &ask.path) && method.eq_ignore_ascii_case(&ask.method)
        });
        met.find_map(|(_, trouble)| trouble.answer(&json))
    }
}

/// What stands in the place of a token; `without` is the body without one, `empty` that with an empty one.
pub(crate) fn instead(answer: TokenAnswer, without: &str, empty: &str) -> Option<Reply> {
    let json = |body: &str| Reply::status(200).body("application/json; charset=utf-8", body.to_owned());
    match answer {
        TokenAnswer::Token => None,
        TokenAnswer::Html => Some(
            Reply::status(200).body("text/html; charset=utf-8", html("Sign in", "Contoso Single Sign-On")),
        ),
        TokenAnswer::NoToken => Some(json(without)),
        TokenAnswer::EmptyToken => Some(json(empty)),
        TokenAnswer::Empty => Some(Reply::status(200)),
    }
}
