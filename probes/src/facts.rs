//! The facts of each step of the path, one file a step, and what a node's files say.

pub mod dns;
pub mod http;
pub mod image;
pub mod node;
pub mod tcp;
pub mod tls;
pub mod token;
