//! Small servers on loopback, each with one way to behave.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert, ServerConfig};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::client::TlsStream;

use super::cases::party::{Party, plain};
use super::trusted;
use crate::connect::dial;
use crate::line::Line;
use crate::net::{Net, Patience, Resolver, Routes};
use crate::observation::Handshake;
use crate::proxy::Proxies;
use crate::tunnel::Through;

/// The name that every test asks for.
pub(super) const HOST: &str = "reg.example";

/// An authority and a server below it, both valid in 2026.
pub(super) struct Site {
    pub(super) root: Party,
    pub(super) server: Party,
}

impl Site {
    pub(super) fn new() -> Self {
        let root = Party::root("Root", &plain);
        let server = root.server(&[HOST], &plain);
        Self { root, server }
    }
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// A TLS server with this chain and this key, which need not belong together.
pub(super) fn acceptor(chain: &[&Party], key: &rcgen::KeyPair, tls13: bool) -> TlsAcceptor {
    let chain: Vec<CertificateDer<'static>> = chain.iter().map(|party| party.der.clone()).collect();
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let key = aws_lc_rs::sign::any_supported_type(&key).expect("a signing key");
    let version = if tls13 { &TLS13 } else { &TLS12 };
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .expect("versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Always(Arc::new(CertifiedKey::new(chain, key)))));
    TlsAcceptor::from(Arc::new(config))
}

/// A server that does this with every connection.
pub(super) async fn serve<F: Future<Output = ()> + Send>(
    behave: impl Fn(TcpStream) -> F + Clone + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let behave = behave.clone();
            tokio::spawn(async move { behave(tcp).await });
        }
    });
    address
}

/// A server that completes the handshake and keeps the connection.
pub(super) async fn serve_tls(acceptor: TlsAcceptor) -> SocketAddr {
    serve(move |tcp| accept(acceptor.clone(), tcp)).await
}

/// Completes the handshake and waits for the end.
pub(super) async fn accept(acceptor: TlsAcceptor, tcp: TcpStream) {
    if let Ok(mut tls) = acceptor.accept(tcp).await {
        let _ = tls.read_to_end(&mut Vec::new()).await;
    }
}

/// The client's first record, left where it is.
pub(super) async fn peek_hello(tcp: &TcpStream) -> Vec<u8> {
    let mut buffer = vec![0; 4096];
    loop {
        let count = tcp.peek(&mut buffer).await.expect("a hello");
        let length = 5 + usize::from(buffer[3]) * 256 + usize::from(buffer[4]);
        if count == 0 || count >= 5 && count >= length {
            buffer.truncate(count);
            return buffer;
        }
        tokio::task::yield_now().await;
    }
}

/// The client's first record, taken.
pub(super) async fn read_hello(tcp: &mut TcpStream) -> Vec<u8> {
    let hello = peek_hello(tcp).await;
    let mut taken = vec![0; hello.len()];
    tcp.read_exact(&mut taken).await.expect("the same hello");
    taken
}

/// Whether a hello asks for this name.
pub(super) fn asks_for(hello: &[u8], name: &str) -> bool {
    hello.windows(name.len()).any(|part| part == name.as_bytes())
}

/// The outside, in which the host's only address leads to this server.
pub(super) fn net(server: SocketAddr, site: &Site, step: Duration) -> Net {
    let route = format!("{HOST}:443:{}:{}", server.ip(), server.port());
    Net {
        resolver: Resolver::default(),
        routes: Routes(vec![route.parse().expect("a route")]),
        roots: trusted(vec![site.root.der.clone()]),
        patience: Patience { deadline: Instant::now() + Duration::from_secs(30), step },
        plain_http: false,
        proxies: Proxies::default(),
        plugin_proxies: Proxies::default(),
        clock: || Timestamp::from_second(1_780_272_000).expect("2026-06-01"),
    }
}

/// Shakes hands with the server.
pub(super) async fn shake(net: &Net) -> (Vec<Handshake>, Option<TlsStream<Line>>) {
    let address = "10.0.0.1".parse().expect("an address");
    let tcp = dial(net, HOST, address, 443).await.1.expect("a connection");
    super::super::handshake(net, HOST, 443, address, &Through::Nobody, tcp.into()).await
}
