//! The facts of each step of the path, one file a step, and what a node's files say.

pub mod credential;
pub mod dns;
pub mod http;
pub mod identity;
pub mod image;
pub mod mirror;
pub mod node;
pub mod proxy;
pub mod tcp;
pub mod tls;
pub mod token;
