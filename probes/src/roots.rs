//! The certificate authorities that are trusted.

use std::sync::{Arc, OnceLock};

use rustls_pki_types::CertificateDer;

use crate::handshake::Trusted;

/// Where the authorities come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootsSource {
    /// The system's store.
    System,
    /// Those compiled in (Mozilla's), because the system has none.
    BuiltIn,
    /// A file that the user named; it replaces all others, as curl's `--cacert` does.
    File(String),
    /// The files and directories of a node's store, as its Go programs read them; none of them when it has no store, and
    /// then its programs trust nobody.
    Node(Vec<String>),
}

impl RootsSource {
    /// How reports name it.
    pub fn name(&self) -> String {
        match self {
            Self::System => "system".to_owned(),
            Self::BuiltIn => "built-in".to_owned(),
            Self::File(path) => path.clone(),
            Self::Node(read) if read.is_empty() => "node (none)".to_owned(),
            Self::Node(read) => format!("node {}", read.join(", ")),
        }
    }
}

/// The trusted authorities.
#[derive(Clone)]
pub struct Roots {
    /// Where they come from.
    pub source: RootsSource,
    /// Their certificates; empty for [`RootsSource::BuiltIn`], whose anchors are compiled in.
    pub certificates: Arc<Vec<CertificateDer<'static>>>,
    /// Whether any certificate will do: `skip_verify` of a runtime's `hosts.toml`.
    pub skip_verify: bool,
    /// The same, parsed when they are first needed: all handshakes of a run share them.
    parsed: Arc<OnceLock<Arc<Trusted>>>,
}

impl Roots {
    /// Authorities by which every certificate is judged.
    pub fn new(source: RootsSource, certificates: Vec<CertificateDer<'static>>) -> Self {
        Self { source, certificates: Arc::new(certificates), skip_verify: false, parsed: Arc::default() }
    }

    /// The same authorities and further ones.
    pub fn with(&self, further: &[CertificateDer<'static>]) -> Self {
        let both = self.certificates.iter().chain(further).cloned().collect();
        Self { skip_verify: self.skip_verify, ..Self::new(self.source.clone(), both) }
    }

    /// The authorities, parsed.
    pub(crate) fn trusted(&self) -> Arc<Trusted> {
        Arc::clone(self.parsed.get_or_init(|| Arc::new(Trusted::new(self))))
    }
}
