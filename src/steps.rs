//! Which check an observation belongs to, for the report's times.

use probes::observation::{Fact, Observation, Role};

/// The id of the check whose question an observation answers first.
pub(crate) fn check_of(observation: &Observation) -> &'static str {
    match (&observation.fact, observation.role) {
        (Fact::NodeFiles(_), _) => "node-config",
        (Fact::Mirror(_), _) => "mirror",
        (Fact::Flawed(_), _) => "pull-secret",
        (Fact::Resolve(_), Role::Registry) => "dns",
        (Fact::Connect(_), Role::Registry) => "tcp",
        (Fact::Handshake(_) | Fact::PlainHttp(_), Role::Registry) => "tls",
        (Fact::Tunnel(_), Role::Registry) => "proxy",
        (Fact::Challenge(_), _) => "challenge",
        (Fact::Identity(_), _) => "identity",
        (Fact::Exchanged(_), _) => "exchange",
        (Fact::Token(_), _) => "token",
        (Fact::Manifest(manifest), _) if manifest.child_of.is_some() => "platform",
        (Fact::Manifest(_) | Fact::TagList(_), _) => "manifest",
        (Fact::Blob(_), _) => "blob",
        _ => "",
    }
}
