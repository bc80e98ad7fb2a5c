//! What a kubelet and its container runtime say about a pull: read apart, and what it may mean.
//!
//! Three questions, each a pure function: what happened to the pull ([`outcome`]), what a message says ([`read`]), and
//! which causes it leaves ([`stances`]). The forms are those of kubelet's `images/image_manager.go` and
//! `kuberuntime`, of containerd from 1.6 on (`remotes/docker`, transfer service, CRI), of containers/image as CRI-O uses
//! it, of the docker daemon, and of the errors of Go's `net`, `net/http`, `crypto/tls` and `crypto/x509` within them.
//!
//! *Invariants:* no I/O, nothing panics, the time is linear in the text, of which the first [`LIMIT`] bytes are read ·
//! strangers' text never confirms a cause, a typed reason of the API may · the name of an image says which registry it
//! is of, never what is wrong with it · what a registry says tells nothing of the node.

mod auth;
mod candidates;
mod content;
mod credentials;
mod form;
mod mask;
mod outcome;
mod peel;
mod plain;
mod reason;
mod reference;
mod said;
mod speaks;
mod split;
mod status;
mod wire;
mod words;

#[cfg(test)]
mod tests;

pub use candidates::dialled;
pub use credentials::is_of_credentials;
pub use outcome::{Outcome, outcome};
pub use reason::stances;
pub(crate) use reason::{is_after, is_before};
pub use said::{Attempt, Dialect, Phase, RegistryWords, Said, Signed, read};
pub use speaks::SPEAKS_OF;

/// The longest message that is read, in bytes; the kubelet's own are shorter than this by far.
pub const LIMIT: usize = 16 * 1024;

/// The most credentials that one message is read for.
const MOST_ATTEMPTS: usize = 32;

/// What is known beside the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context<'a> {
    /// The node's `status.nodeInfo.containerRuntimeVersion`: `containerd://1.6.20`; empty where it is not known.
    pub runtime: &'a str,
    /// Whether the registry is one of Azure's. What the names in the message tell counts as well.
    pub azure: bool,
    /// Whether the pod had pull secrets; `None` where that is not known.
    pub secrets: Option<bool>,
    /// The image as the pod names it; empty where it is not known.
    pub image: &'a str,
}

/// The beginning of a text that is read at all.
fn bounded(text: &str) -> &str {
    let mut end = text.len().min(LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
