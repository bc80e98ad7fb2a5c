//! Kubernetes, with the operator's own credentials: what its API server knows, the pods that kubelets are asked to pull
//! for, and their removal.
//!
//! Reading order: [`access`] (which cluster is meant), [`connect`](mod@connect) (a client for it) and `tunnel` (through a proxy), `api` (requests),
//! `facts`, `nodes` and `select` (what is there, and which nodes are tested), [`sight`](mod@sight) (what is seen of the image meanwhile), `objects` (what is created), `launch`, `follow`
//! and `over` (a pull from its pod to its end), `ledger` and `sweep` (nothing is left behind), [`gather`](mod@gather) (all of it).
//!
//! *Invariant:* everything here gives data in all cases; what could not be done is a [`Trouble`](crate::case::cluster::Trouble)
//! with a kind.
//! *Invariant:* no value of a secret is read from a cluster.

pub mod access;
mod api;
pub mod ask;
mod changed;
pub mod connect;
mod facts;
mod follow;
pub mod gather;
mod kubeconfig;
mod launch;
pub mod ledger;
mod mirror;
mod nodes;
pub mod objects;
mod over;
pub mod plan;
mod plugin;
pub mod probe;
pub mod rights;
pub mod secrets;
mod select;
pub mod shown;
pub mod sight;
pub mod sweep;
mod trouble;
mod tunnel;
mod words;

use tokio::task::JoinSet;

pub use access::{Access, Flags, in_effect};
pub use ask::{Ask, Progress};
pub use connect::{Connected, connect};
pub use gather::gather;
pub use ledger::Ledger;
pub use plan::plan;
pub(crate) use plugin::first_line;
pub use probe::{Looked, ProbeAsk};
pub use rights::rights;
pub use select::Nodes;
pub use sweep::{Scope, cleanup};

/// What tasks that are numbered came to, in their order; one that ended badly is left out.
async fn in_order<T: 'static>(mut tasks: JoinSet<(usize, T)>) -> Vec<T> {
    let mut done = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        done.extend(ended.ok());
    }
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, came_to)| came_to).collect()
}
