//! The looks there are, and between which causes each decides.
//!
//! *Invariant:* only commands that change nothing.

mod access;
mod cluster;
mod content;
mod network;
mod node;
mod runtime;

use super::Look;

/// The looks; where two decide as many candidates, the first one leads.
pub(super) fn all() -> impl Iterator<Item = &'static Look> {
    [access::LOOKS, content::LOOKS, network::LOOKS, node::LOOKS, cluster::LOOKS, runtime::LOOKS]
        .into_iter()
        .flatten()
}
