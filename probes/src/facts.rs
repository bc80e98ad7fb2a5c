//! The facts of each step of the path, one file a step.

pub mod dns;
pub mod http;
pub mod image;
pub mod tcp;
pub mod tls;
pub mod token;
