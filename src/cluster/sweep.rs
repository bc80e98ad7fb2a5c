//! Removes what earlier runs left: those of which the lifetime is over, by the API server's own clock.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::api::{Answer, Api, escaped};
use super::connect::Connected;
use super::in_order;
use super::ledger::{collection, remove, resource};
use super::mirror::{List, Object};
use super::objects::{LIFETIME, SELECTOR};
use super::trouble::Fault;
use crate::case::cluster::{Created, Trouble};

/// How much longer than its lifetime an object is left alone: the cluster removes it itself.
const GRACE: i64 = 60;

/// How many objects are listed at a time.
const PAGE: usize = 200;

/// How many are removed at once.
const AT_ONCE: usize = 20;

/// The longest that the sweep before a run may take.
pub(super) const SWEEP: Duration = Duration::from_secs(3);

/// Where to clean up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In one namespace.
    Namespace(String),
    /// In every namespace.
    All,
}

/// Removes everything that this program created, of whatever run and age: the verb `cleanup`.
pub async fn cleanup(connected: &Connected, scope: &Scope, within: Duration) -> (Vec<Created>, Vec<Trouble>) {
    let end = Instant::now() + within;
    let api = connected.api.until(end);
    let (mut objects, mut troubles) = (Vec::new(), Vec::<Trouble>::new());
    // All are listed before the first goes, since what a Job owns goes with it.
    for kind in ["Job", "Pod"] {
        let mut next = None;
        loop {
            match list(&api, kind, scope, next.as_deref()).await {
                Ok(page) => {
                    objects.extend(page.found.into_iter().map(|found| found.object));
                    next = page.next;
                }
                Err(fault) => {
                    let trouble = fault.during(format!("list {}", resource(kind)));
                    // What keeps the first from being listed may keep the second.
                    if !troubles.iter().any(|known| known.to_string() == trouble.to_string()) {
                        troubles.push(trouble);
                    }
                    next = None;
                }
            }
            if next.is_none() || Instant::now() >= end {
                break;
            }
        }
    }
    for many in objects.chunks_mut(AT_ONCE) {
        let mut removals = JoinSet::new();
        for (index, object) in many.iter().enumerate() {
            let (api, object) = (api.clone(), object.clone());
            removals.spawn(async move { (index, remove(&api, &object, end).await) });
        }
        for (object, left) in many.iter_mut().zip(in_order(removals).await) {
            left.note(object);
        }
    }
    (objects, troubles)
}

/// Removes what is left of runs that ended long ago. What cannot be listed or removed is no trouble of this run.
pub(super) async fn sweep(api: &Api, namespace: &str) {
    let end = Instant::now() + SWEEP;
    let scope = Scope::Namespace(namespace.to_owned());
    for kind in ["Job", "Pod"] {
        let Ok(Page { found, now: Some(now), .. }) = list(api, kind, &scope, None).await else { continue };
        for found in found.iter().filter(|found| found.is_over(now)) {
            remove(api, &found.object, end).await;
        }
    }
}

/// Something that was created earlier.
struct Found {
    object: Created,
    /// When its lifetime ends, in seconds since 1970; `None` where it does not say.
    over_at: Option<i64>,
}

impl Found {
    fn is_over(&self, now: i64) -> bool {
        self.over_at.is_some_and(|at| at + GRACE < now)
    }
}

/// Where what runs have left is, among all objects of a kind.
pub(super) fn left_path(base: &str) -> String {
    format!("{base}?limit={PAGE}&labelSelector={}", escaped(SELECTOR))
}

/// A page of a list.
struct Page {
    found: Vec<Found>,
    /// What the next page is asked for by.
    next: Option<String>,
    /// The API server's clock.
    now: Option<i64>,
}

async fn list(api: &Api, kind: &str, scope: &Scope, next: Option<&str>) -> Result<Page, Fault> {
    let base = match scope {
        Scope::Namespace(namespace) => collection(kind, namespace),
        Scope::All if kind == "Job" => "/apis/batch/v1/jobs".to_owned(),
        Scope::All => "/api/v1/pods".to_owned(),
    };
    let next = next.map(|token| format!("&continue={}", escaped(token))).unwrap_or_default();
    let path = format!("{}{next}", left_path(&base));
    let answer: Answer = api.ask(http::Method::GET, &path, None).await?;
    let list: List<Object> = answer.json()?;
    let found = list.items.into_iter().map(|item| {
        let meta = item.metadata;
        let lifetime = meta.annotations.get(LIFETIME).and_then(|seconds| seconds.parse::<i64>().ok());
        let born = meta.creation_timestamp.map(|at| at.as_second());
        Found {
            object: Created {
                kind: kind.to_owned(),
                namespace: meta.namespace,
                name: meta.name,
                ..Created::default()
            },
            over_at: born.zip(lifetime).and_then(|(born, lifetime)| born.checked_add(lifetime)),
        }
    });
    Ok(Page {
        found: found.collect(),
        next: Some(list.metadata.next).filter(|next| !next.is_empty()),
        now: answer.date.map(|date| date.as_second()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_outlived_itself_is_swept() {
        let found = |over_at| Found {
            object: Created {
                kind: "Pod".into(),
                namespace: "n".into(),
                name: "p".into(),
                ..Created::default()
            },
            over_at,
        };
        assert!(found(Some(100)).is_over(161));
        assert!(!found(Some(100)).is_over(160));
        // One that does not say is another program's, or a person's: the verb cleanup takes it.
        assert!(!found(None).is_over(i64::MAX));
    }
}
