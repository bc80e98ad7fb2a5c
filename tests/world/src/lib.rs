//! A small registry, its names and its faults on loopback: a library for the tests and a program for people.
//!
//! Read it in this order: `schema` (what a page may say) → `plan` (defaults filled in, addresses given) → `running`
//! (sockets, tasks, the flags that lead a client in) → `dns`, `endpoint`, `registry`, `storage` (what answers), and around the
//! registry a small Azure: `directory` (who there is, and tokens), `rights` (who may do what), `imds`, `entra`, `arm`, `graph`.
//! `page` and `runner` turn a scenario's page into a run, `client` calls programs of foreign make. `WORLD.md` is the reference for people who write pages.
//!
//! *Invariant:* no code is shared with `probes`; a misreading of a protocol there must not be repeated here. (`kube::container` runs
//! its program, as a node would, and `runner` the root package's.)
//! *Invariant:* what the registry answers is computed from its state; only an upstream, a proxy, a portal and a
//! broken service have scripted status codes.

mod arm;
pub mod client;
mod cloud;
pub mod command;
mod content;
mod directory;
mod dns;
mod endpoint;
mod entra;
mod glob;
mod graph;
mod http;
mod imds;
pub mod kube;
pub mod log;
mod mirror;
pub mod page;
mod pki;
mod plan;
mod portal;
mod proxy;
mod registry;
mod reply;
mod rights;
pub mod runner;
mod running;
pub mod schema;
mod storage;
mod time;
mod trouble;

pub use client::{Call, ClientError, Said};
pub use page::Page;
pub use runner::{Outcome, run_all, run_page};
pub use running::{Addresses, Ground, Running, StartError};
pub use schema::{World, WorldError};
