//! What a run has created, and its removal on every way out.
//!
//! *Invariant:* a name is written down before the object is asked for, so that whoever stops the run in the middle of a request
//! removes it too. Nothing here depends on `Drop` or on unwinding.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::api::{Api, escaped};
use super::mirror::Object;
use crate::case::cluster::Created;

/// How long after a deletion it is looked whether the object is gone.
const LOOK: Duration = Duration::from_millis(150);

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
            let late = if self.book().open.contains(&object) { LATE } else { Duration::ZERO };
            removals.spawn(async move {
                let with_owner = owner_too && object.kind == "Pod";
                if remove_when_there(&api, &object, end, Instant::now() + late, with_owner).await {
                    ledger.cross_out(&object);
                }
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
            removed: false,
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

    fn cross_out(&self, object: &Created) {
        for entry in &mut self.book().entries {
            if entry.kind == object.kind && entry.name == object.name && entry.namespace == object.namespace {
                entry.removed = true;
            }
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A panic elsewhere leaves the list whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Deletes an object and waits until it is gone.
pub(super) async fn remove(api: &Api, object: &Created, end: Instant) -> bool {
    remove_when_there(api, object, end, Instant::now(), false).await
}

/// The same for one that may come into being until `late`, and that may go with its owner.
async fn remove_when_there(
    api: &Api,
    object: &Created,
    end: Instant,
    late: Instant,
    with_owner: bool,
) -> bool {
    let path = path(&object.kind, &object.namespace, &object.name);
    let mut again = true;
    while Instant::now() < end {
        match api.delete(&path).await {
            Ok(()) => break,
            Err(fault) if fault.is_missing() && Instant::now() >= late => return true,
            Err(fault) if fault.is_missing() => tokio::time::sleep(LOOK).await,
            Err(fault) if fault.is_forbidden() && with_owner => {
                return is_gone(api, &path, end).await == Some(true);
            }
            // A connection that broke is worth another one.
            Err(_) if again => again = false,
            Err(_) => return false,
        }
    }
    // Deletion was accepted; without the right to look, that is what is known.
    is_gone(api, &path, end).await.unwrap_or(true)
}

/// Waits until an object is gone; `None` where nobody may look.
async fn is_gone(api: &Api, path: &str, end: Instant) -> Option<bool> {
    while Instant::now() < end {
        match api.read::<Object>(path).await {
            Err(fault) if fault.is_missing() => return Some(true),
            Err(fault) if fault.is_forbidden() => return None,
            _ => tokio::time::sleep(LOOK).await,
        }
    }
    Some(false)
}

/// Where an object of a kind is.
pub(super) fn path(kind: &str, namespace: &str, name: &str) -> String {
    format!("{}/{}", collection(kind, namespace), escaped(name))
}

/// Where the objects of a kind are.
pub(super) fn collection(kind: &str, namespace: &str) -> String {
    let namespace = escaped(namespace);
    match kind {
        "Job" => format!("/apis/batch/v1/namespaces/{namespace}/jobs"),
        _ => format!("/api/v1/namespaces/{namespace}/pods"),
    }
}
