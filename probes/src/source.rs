//! Where an image may be had instead of its registry: a host of the runtime's `hosts.toml`.

use rustls_pki_types::CertificateDer;

use crate::hosts::Origin;
use crate::secret::Secret;

/// What a runtime's `hosts.toml` says for one registry.
#[derive(Clone, Default)]
pub struct Sources {
    /// The registry itself, where the file says something of it.
    pub server: Option<Source>,
    /// Those that are asked before it, in order.
    pub mirrors: Vec<Source>,
}

/// One host of the file.
#[derive(Clone)]
pub struct Source {
    /// Its address as the file writes it, without user and query.
    pub shown: String,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether it is spoken to by TLS.
    pub tls: bool,
    /// The path before a repository, usually `/v2`.
    pub path: String,
    /// Whether it is asked what a tag means.
    pub resolves: bool,
    /// Whether it is asked for manifests and layers.
    pub pulls: bool,
    /// Whether its certificate is taken unseen.
    pub skip_verify: bool,
    /// Authorities that are trusted for it besides the system's.
    pub authorities: Vec<CertificateDer<'static>>,
    /// Headers that go with every request; their values may be secrets.
    pub headers: Vec<(String, Secret<String>)>,
}

impl Source {
    pub(crate) fn origin(&self) -> Origin {
        Origin { host: self.host.clone(), port: self.port, tls: self.tls }
    }
}
