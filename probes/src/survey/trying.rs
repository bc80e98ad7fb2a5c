//! One credential after the other, in the order in which they are tried, until one has everything.

use super::way::Asks;
use crate::attempt::{Attempt, Wish};
use crate::credential::{Login, Proof};
use crate::hosts::{Hosts, Origin};
use crate::identity;
use crate::log::Log;
use crate::observation::{Exchange, Fact, HttpFailure, HttpOutcome, NotTried, Observation, Role};

/// What every attempt is after, and over which connections.
pub(super) struct Trying<'n, 'a> {
    pub(super) hosts: Hosts<'n>,
    pub(super) origin: Origin,
    /// The path before the repository, where it is another than the usual one.
    pub(super) path: Option<&'a str>,
    pub(super) repository: &'a str,
    pub(super) asks: &'a Asks,
    pub(super) wish: Wish<'a>,
}

impl Trying<'_, '_> {
    /// Tries all; `exchanged` is the one whose token of Microsoft Entra was exchanged, with what it was exchanged for.
    pub(super) async fn all(
        &mut self,
        log: &mut Log<'_>,
        (logins, compare): (&[&Login], bool),
        exchanged: Option<Login>,
    ) {
        let mut ended: Option<NotTried> = None;
        for &login in logins {
            let login = match (&login.proof, &exchanged) {
                (Some(Proof::Managed(_) | Proof::Entra(_)), Some(exchanged)) => exchanged,
                (Some(Proof::Managed(_) | Proof::Entra(_)), None) => continue,
                _ if login.flaw.is_some() => continue,
                _ => login,
            };
            if let Some(why) = &ended {
                let begun = log.begin("token", "");
                log.end(begun, Role::Registry, Some(&login.credential), Fact::NotTried(why.clone()));
                continue;
            }
            let credential = login.credential.clone();
            let before = log.observations.len();
            let had = self.one(log, login).await;
            let seen = log.observations.get(before..).unwrap_or_default();
            if had {
                ended = Some(NotTried::EarlierPulls { credential });
            } else if self.hosts.net.patience.is_over() || met_silence(seen) {
                ended = Some(NotTried::EarlierUnanswered { credential });
            } else if let Some(sign_in) = login.sign_in.as_ref().filter(|_| was_refused(seen)) {
                Box::pin(identity::entra(&mut self.hosts, log, login, sign_in)).await;
            }
        }
        let done = logins.iter().any(|login| login.credential.is_anonymous());
        let compare = compare && !done && was_refused(&log.observations);
        if compare && !self.hosts.net.patience.is_over() {
            self.one(log, &Login::anonymous()).await;
        }
    }

    async fn one(&mut self, log: &mut Log<'_>, login: &Login) -> bool {
        let mut attempt = Attempt::new(&mut self.hosts, self.origin.clone(), login, self.repository);
        if let Some(path) = self.path {
            attempt.asks_in(path);
        }
        Box::pin(attempt.walk(log, self.asks.asked.as_ref(), &self.wish)).await
    }
}

/// Whether a credential met a refusal: then the same way without one tells whether it was needed at all.
fn was_refused(seen: &[Observation]) -> bool {
    exchanges(seen).any(|exchange| matches!(exchange.status(), Some(401 | 403)))
        || seen.iter().any(|o| match &o.fact {
            Fact::Token(token) => token.granted.as_ref().and_then(|granted| granted.pull()) == Some(false),
            _ => false,
        })
}

/// Whether something was waited for in vain: no other credential would change that.
fn met_silence(seen: &[Observation]) -> bool {
    exchanges(seen).any(|exchange| match &exchange.outcome {
        HttpOutcome::Failed { failure } => {
            matches!(failure, HttpFailure::HeadTimedOut { .. } | HttpFailure::BodyTimedOut { .. })
        }
        outcome => *outcome == HttpOutcome::OutOfTime,
    })
}

fn exchanges(seen: &[Observation]) -> impl Iterator<Item = &Exchange> {
    seen.iter()
        .flat_map(|o| match &o.fact {
            Fact::Token(token) => [Some(&token.exchange), None],
            Fact::Manifest(manifest) => [manifest.head.as_ref(), manifest.get.as_ref()],
            Fact::Blob(blob) => [Some(&blob.exchange), None],
            _ => [None, None],
        })
        .flatten()
}
