//! An authority that makes certificates while the world runs, for whatever host it stands before.

use std::sync::Arc;

use rcgen::KeyPair;
use rustls::ServerConfig;

use super::authority::Authority;
use super::leaf::params;
use super::{DAY, Identity, Pki};
use crate::running::StartError;
use crate::schema::Tls;

/// The authority.
pub(crate) struct Forger {
    authority: Authority,
    now: i64,
}

impl Pki {
    /// An authority of this name, below the CA file's root or of nobody.
    pub(crate) fn forger(&self, name: &str, trusted: bool) -> Result<Forger, rcgen::Error> {
        let validity = (self.now - 100 * DAY, self.now + 900 * DAY);
        let authority =
            if trusted { self.root.below(name, validity)? } else { Authority::root(name, validity)? };
        Ok(Forger { authority, now: self.now })
    }
}

impl Forger {
    /// The server's side of TLS with a certificate for this host.
    pub(crate) fn identity(&self, host: &str) -> Result<Arc<ServerConfig>, StartError> {
        let key = KeyPair::generate()?;
        let params = params(&[host.to_owned()], Tls::Healthy, self.now)?;
        let chain = vec![self.authority.sign(&params, &key)?, self.authority.der()];
        Ok(Identity::new(chain, &key).config(Tls::Healthy)?)
    }
}
