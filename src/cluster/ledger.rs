//! What a run has created, and its removal on every way out.
//!
//! *Invariant:* a name is written down before the object is asked for, so that whoever stops the run in the middle of a request
//! removes it too. Nothing here depends on `Drop` or on unwinding.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use probes::foreign::Foreign;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::api::{Api, escaped};
use super::mirror::Object;
use crate::case::cluster::Created;

/// How long after a deletion it is looked whether the object is gone.
const LOOK: Duration = Duration::from_millis(150);

/// How long an object is waited for that a finalizer holds.
const HELD: Duration = Duration::from_secs(5);

/// How long an object may come into being after nobody waits for it any more: its request may be under way still.
const LATE: Duration = Duration::from_secs(2);

/// Everything that a run has created. Clones speak of the same run: the caller keeps one, and removes with it what there is
/// when the run is interrupted.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    api: Option<Api>,
    entries: Vec<Created>,
    /// Those of which it is not known whether they were made.
    open: Vec<Created>,
}

impl Ledger {
    /// What was created so far, and whether it is gone again.
    pub fn created(&self) -> Vec<Created> {
        self.book().entries.clone()
    }

    /// Whether something may be left.
    pub fn is_clean(&self) -> bool {
        self.book().entries.iter().all(|entry| entry.removed)
    }

    /// Removes all that is left, and says what became of everything. It ends within the time, whatever the cluster does;
    /// what is left then is removed by the cluster itself when its lifetime ends.
    pub async fn remove(&self, within: Duration) -> Vec<Created> {
        let left: Vec<Created> = self.book().entries.iter().filter(|entry| !entry.removed).cloned().collect();
        self.remove_these(left, within, true).await;
        self.created()
    }

    /// Removes one object.
    pub(super) async fn remove_one(&self, name: &str, within: Duration) {
        let these = self.book().entries.iter().filter(|e| e.name == name && !e.removed).cloned().collect();
        self.remove_these(these, within, false).await;
    }

    /// `owner_too` is whether their owner is among them: what may not be deleted goes with it.
    async fn remove_these(&self, these: Vec<Created>, within: Duration, owner_too: bool) {
        let Some(api) = self.book().api.clone() else { return };
        let end = Instant::now() + within;
        let api = api.until(end);
        let mut removals = JoinSet::new();
        for object in these {
            let (api, ledger) = (api.clone(), self.clone());
            let is_open = self.book().open.iter().any(|o| o.kind == object.kind && o.name == object.name);
            let late = if is_open { LATE } else { Duration::ZERO };
            removals.spawn(async move {
                let with_owner = owner_too && object.kind == "Pod";
                let left = remove_when_there(&api, &object, end, Instant::now() + late, with_owner).await;
                ledger.note(&object, left);
            });
        }
        let all = async { while removals.join_next().await.is_some() {} };
        // What is not done by then is told as not removed.
        let _ = tokio::time::timeout_at(end, all).await;
    }

    /// Writes down what is about to be created.
    pub(super) fn enter(&self, api: &Api, kind: &str, namespace: &str, name: &str) {
        let mut book = self.book();
        book.api.get_or_insert_with(|| api.clone());
        let entry = Created {
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            ..Created::default()
        };
        book.open.push(entry.clone());
        book.entries.push(entry);
    }

    /// Notes that it was made.
    pub(super) fn made(&self, name: &str) {
        self.book().open.retain(|entry| entry.name != name);
    }

    /// Takes back what was refused.
    pub(super) fn take_back(&self, name: &str) {
        let mut book = self.book();
        book.entries.retain(|entry| entry.name != name);
        book.open.retain(|entry| entry.name != name);
    }

    fn note(&self, object: &Created, left: Left) {
        for entry in &mut self.book().entries {
            if entry.kind == object.kind && entry.name == object.name && entry.namespace == object.namespace {
                left.clone().note(entry);
            }
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A panic elsewhere leaves the list whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of an object that was to go.
#[derive(Clone, Debug)]
pub(super) enum Left {
    /// It is gone.
    Gone,
    /// It is being deleted, and waits for these finalizers.
    Held(Vec<String>),
    /// It was not deleted, for this reason.
    Kept(Option<String>),
}

impl Left {
    pub(super) fn note(self, created: &mut Created) {
        match self {
            Self::Gone => {
                created.removed = true;
                (created.held_by, created.kept_by) = (Vec::new(), None);
            }
            Self::Held(by) => created.held_by = by.iter().map(|name| Foreign::new(name)).collect(),
            Self::Kept(why) => created.kept_by = why.as_deref().map(Foreign::long),
        }
    }
}

/// Deletes an object and waits until it is gone.
pub(super) async fn remove(api: &Api, object: &Created, end: Instant) -> Left {
    remove_when_there(api, object, end, Instant::now(), false).await
}

/// The same for one that may come into being until `late`, and that may go with its owner.
async fn remove_when_there(
    api: &Api,
    object: &Created,
    end: Instant,
    late: Instant,
    with_owner: bool,
) -> Left {
    let path = path(&object.kind, &object.namespace, &object.name);
    let during = format!("delete {}", resource(&object.kind));
    let mut again = true;
    while Instant::now() < end {
        match api.delete(&path).await {
            Ok(()) => break,
            Err(fault) if fault.is_missing() && Instant::now() >= late => return Left::Gone,
            Err(fault) if fault.is_missing() => tokio::time::sleep(LOOK).await,
            Err(fault) if fault.is_forbidden() && with_owner => {
                return match is_gone(api, &path, end).await {
                    Some(Left::Gone) => Left::Gone,
                    Some(Left::Held(by)) => Left::Held(by),
                    _ => Left::Kept(Some(fault.during(during).to_string())),
                };
            }
            // A connection that broke is worth another one.
            Err(_) if again => again = false,
            Err(fault) => return Left::Kept(Some(fault.during(during).to_string())),
        }
    }
    // Deletion was accepted; without the right to look, that is what is known.
    is_gone(api, &path, end).await.unwrap_or(Left::Gone)
}

/// Waits until an object is gone; `None` where nobody may look.
async fn is_gone(api: &Api, path: &str, end: Instant) -> Option<Left> {
    let mut left = Left::Kept(None);
    // The ledger stops waiting at the same time, and would hear nothing.
    let mut until = end.checked_sub(LOOK).unwrap_or(end);
    while Instant::now() < until {
        let looked = tokio::time::timeout_at(until, api.read::<Object>(path)).await;
        match looked {
            Ok(Err(fault)) if fault.is_missing() => return Some(Left::Gone),
            Ok(Err(fault)) if fault.is_forbidden() => return None,
            Ok(Ok(Object { metadata }))
                if metadata.deletion_timestamp.is_some() && !metadata.finalizers.is_empty() =>
            {
                // Whoever is to take it away does so in a moment or not at all.
                if !matches!(left, Left::Held(_)) {
                    until = until.min(Instant::now() + HELD);
                }
                left = Left::Held(metadata.finalizers);
            }
            _ => {}
        }
        tokio::time::sleep_until(until.min(Instant::now() + LOOK)).await;
    }
    Some(left)
}

/// Where an object of a kind is.
pub(super) fn path(kind: &str, namespace: &str, name: &str) -> String {
    format!("{}/{}", collection(kind, namespace), escaped(name))
}

/// A kind as rights name it.
pub(super) fn resource(kind: &str) -> &'static str {
    if kind == "Job" { "jobs.batch" } else { "pods" }
}

/// Where the objects of a kind are.
pub(super) fn collection(kind: &str, namespace: &str) -> String {
    let namespace = escaped(namespace);
    match kind {
        "Job" => format!("/apis/batch/v1/namespaces/{namespace}/jobs"),
        _ => format!("/api/v1/namespaces/{namespace}/pods"),
    }
}
