//! Kubernetes, with the operator's own credentials: what its API server knows, the pods that kubelets are asked to pull
//! for, and their removal.
//!
//! Reading order: [`access`] (which cluster is meant), [`connect`](mod@connect) (a client for it), `api` (requests).
//!
//! *Invariant:* everything here gives data in all cases; what could not be done is a [`Trouble`](crate::case::cluster::Trouble)
//! with a kind.
//! *Invariant:* no value of a secret is read from a cluster.

pub mod access;
mod api;
pub mod connect;
mod kubeconfig;
mod plugin;
mod trouble;

pub use access::{Access, Flags, in_effect};
pub use connect::{Connected, connect};
