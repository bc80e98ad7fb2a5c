//! Requests that are made in an operator's name, and not in a pull's: to the resource manager, the sign-in, the directory.
//!
//! The way there is that of every other host: the same names, routes, authorities, proxies and patience. Connections are kept
//! and used again, and several requests may be under way at once.
//!
//! *Invariant:* no redirect is followed, and what came with it is the caller's to refuse.

use std::cell::RefCell;

use bytes::Bytes;
use tokio::sync::Semaphore;
use url::Url;

use crate::foreign::Foreign;
use crate::hosts::Hosts;
use crate::http::{Ask, Wanted, single};
use crate::log::{Log, Unwatched, Watch};
use crate::net::Net;
use crate::observation::{HttpOutcome, Observation, Role};
use crate::scrub::Scrub;
use crate::secret::Secret;

/// The most requests that are under way at once.
const AT_ONCE: usize = 8;
/// The most connections' hosts that are kept.
const KEPT: usize = AT_ONCE;
/// The largest answer that is read, in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Makes requests.
pub struct Service<'n> {
    net: &'n Net,
    idle: RefCell<Vec<Hosts<'n>>>,
    slots: Semaphore,
    scrub: RefCell<Scrub>,
}

/// A request.
pub struct Request {
    /// The address.
    pub url: Url,
    /// The token of `Authorization: Bearer`.
    pub bearer: Option<Secret<String>>,
    /// Further headers, by lower-case name.
    pub headers: Vec<(&'static str, String)>,
    /// The form of a `POST`; without one it is a `GET`.
    pub form: Option<Secret<String>>,
}

/// What came of a request.
pub struct Answer {
    /// The answer, or why there is none.
    pub outcome: HttpOutcome,
    /// What was seen on the way to the host, where it was gone anew.
    pub way: Vec<Observation>,
    /// The body.
    pub body: Bytes,
}

impl<'n> Service<'n> {
    /// Makes requests in a network.
    pub fn new(net: &'n Net) -> Self {
        let mut scrub = Scrub::default();
        scrub.learn_proxies(net);
        let idle = RefCell::new(Vec::new());
        Self { net, idle, slots: Semaphore::new(AT_ONCE), scrub: RefCell::new(scrub) }
    }

    /// The network.
    pub fn net(&self) -> &'n Net {
        self.net
    }

    /// Learns a secret, so that nothing that comes back shows it.
    pub fn learn(&self, secret: &Secret<String>) {
        self.scrub.borrow_mut().learn_text(secret.expose());
    }

    /// What somebody said, without our secrets and harmless.
    pub fn told(&self, text: &str) -> Foreign {
        Foreign::new(&self.scrub.borrow().clean(text))
    }

    /// Makes a request.
    pub async fn ask(&self, request: &Request) -> Answer {
        // It is never closed.
        let _slot = self.slots.acquire().await.ok();
        let mut hosts = self.idle.borrow_mut().pop().unwrap_or_else(|| Hosts::new(self.net));
        let mut nobody = Unwatched;
        let watch: RefCell<&mut dyn Watch> = RefCell::new(&mut nobody);
        let mut log = Log::new(self.net.clock, &watch);
        if let Some(token) = &request.bearer {
            self.learn(token);
        }
        log.scrub = self.scrub.borrow().clone();
        let bearer = request.bearer.as_ref();
        let ask = Ask {
            method: if request.form.is_some() { "POST" } else { "GET" },
            authorization: bearer.map(|token| Secret::new(format!("Bearer {}", token.expose()))),
            headers: request.headers.clone(),
            form: request.form.clone(),
            ..Ask::get(Role::SignIn, request.url.clone(), Wanted::All(LIMIT))
        };
        let answered = single(&mut hosts, &mut log, &ask).await;
        let outcome = answered.exchange.outcome;
        // What was not reached is looked for anew by whoever asks again.
        if matches!(outcome, HttpOutcome::Reply(_)) && self.idle.borrow().len() < KEPT {
            self.idle.borrow_mut().push(hosts);
        }
        Answer { outcome, way: log.observations, body: answered.body }
    }
}
