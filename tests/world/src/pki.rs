//! The world's certificate authorities, and the certificates its servers show.

mod authority;
mod forger;
mod leaf;

pub(crate) use forger::Forger;

use std::sync::Arc;

use rcgen::KeyPair;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::schema::Tls;
use authority::Authority;

const DAY: i64 = 86_400;

/// The authorities of a world.
pub(crate) struct Pki {
    now: i64,
    root: Authority,
    between: Authority,
    /// What else stands in the CA file: an expired root, certificates that are their own authority.
    more: Vec<String>,
}

impl Pki {
    /// Makes the authorities, by a clock that shows `now` in seconds since 1970. With the root's key of an earlier world,
    /// who trusts that one's root trusts this one's.
    pub(crate) fn new(now: i64, root_key: Option<&str>) -> Result<Self, rcgen::Error> {
        let key = root_key.map_or_else(KeyPair::generate, KeyPair::from_pem)?;
        let root = Authority::root_with("Contoso Root CA", (now - 400 * DAY, now + 3650 * DAY), key)?;
        let between = root.below("Contoso Issuing CA 1", (now - 200 * DAY, now + 1000 * DAY))?;
        Ok(Self { now, root, between, more: Vec::new() })
    }

    /// The root's key, as PEM.
    pub(crate) fn root_key(&self) -> String {
        self.root.key_pem()
    }

    /// The CA file.
    pub(crate) fn pem(&self) -> String {
        std::iter::once(self.root.pem()).chain(self.more.iter().cloned()).collect()
    }

    /// The authorities of the CA file, as a client trusts them.
    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        let pem = self.pem();
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(pem.as_bytes()).flatten());
        roots
    }
}

/// A certificate chain and its key.
pub(crate) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    fn new(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Self {
        Self { chain, key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())) }
    }

    /// The server's side of TLS with it.
    pub(crate) fn config(self, tls: Tls) -> Result<Arc<ServerConfig>, rustls::Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions: &[&rustls::SupportedProtocolVersion] =
            if tls == Tls::Tls12 { &[&rustls::version::TLS12] } else { rustls::DEFAULT_VERSIONS };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_single_cert(self.chain, self.key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}
