//! A proxy that looks into TLS: it shows the client a certificate of its own making, and speaks TLS to the server itself.

use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::glob;
use crate::pki::Forger;
use crate::schema::Intercept;

/// What such a proxy has.
pub(crate) struct Interceptor {
    forger: Forger,
    upstream: Arc<ClientConfig>,
    hosts: Vec<String>,
}

impl Interceptor {
    /// A proxy that signs as `forger` and trusts these roots.
    pub(crate) fn new(said: &Intercept, forger: Forger, roots: RootCertStore) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut upstream = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        upstream.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { forger, upstream: Arc::new(upstream), hosts: said.hosts.clone() })
    }

    /// Whether it looks into connections to this host.
    pub(super) fn looks_at(&self, host: &str) -> bool {
        self.hosts.is_empty() || glob::any(&self.hosts, host)
    }

    /// Stands between a client and a server until one of them ends it.
    pub(super) async fn between<C>(&self, client: C, upstream: TcpStream, host: &str) -> io::Result<()>
    where
        C: AsyncRead + AsyncWrite + Unpin,
    {
        let config = self.forger.identity(host).map_err(io::Error::other)?;
        let mut client = TlsAcceptor::from(config).accept(client).await?;
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let mut server = TlsConnector::from(Arc::clone(&self.upstream)).connect(name, upstream).await?;
        copy_bidirectional(&mut client, &mut server).await?;
        Ok(())
    }
}
