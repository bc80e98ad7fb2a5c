//! Everything that looks at the way of an image pull, from wherever it is run.
//!
//! Reading order: what is asked ([`target`], [`platform`], [`credential`], [`vantage`]), what the outside is ([`net`]),
//! what can be seen ([`observation`], [`facts`]), and how it is looked at ([`survey`], which walks
//! `resolve → connect → handshake → challenge → token → manifest → platform → blob`). From a pod it is a program
//! of its own ([`program`]): what it is told ([`assignment`]), what a place gives ([`place`]), how it comes home ([`wire`]).
//!
//! *Invariants:* a probe never judges and no observation holds advice · nothing here knows Kubernetes, the command
//! line or tables · the outside comes in through [`net::Net`] alone · secrets are [`secret::Secret`] and strangers'
//! text is [`foreign::Foreign`] from the moment they are read.

pub mod cloud;
pub mod credential;
pub mod docker_config;
pub mod foreign;
pub mod platform;
pub mod secret;
pub mod target;
pub mod vantage;

pub mod assignment;
pub mod net;
pub mod node;
pub mod place;
pub mod proxy;
pub mod roots;
pub mod routes;
pub mod source;
pub mod system;

pub mod facts;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod observation;

mod attempt;
mod auth;
mod blob;
pub mod connect;
mod digest;
mod exchange;
mod guard;
pub mod handshake;
mod hosts;
mod http;
mod identity;
mod jwt;
pub mod line;
pub mod log;
mod manifest;
pub mod program;
pub mod resolve;
mod scrub;
pub mod service;
pub mod survey;
mod tags;
mod token;
mod tunnel;
pub mod wire;
