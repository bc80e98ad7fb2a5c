//! One hello on one connection, and what came of it.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::first_bytes::FirstBytes;
use super::hello::{client, server_name};
use super::outcome::{outcome, version_name};
use super::shown::shown;
use super::verify::Trusted;
use super::witness::{Trust, Witness};
use crate::line::Line;
use crate::net::Net;
use crate::observation::{Dial, DialOutcome, Handshake, HandshakeOutcome, Hello, HelloKind};
use crate::tunnel::Through;

/// To whom, and with what, TLS is spoken.
#[derive(Clone)]
pub(super) struct Scene {
    /// The outside.
    pub(super) net: Net,
    /// The host's name or address.
    pub(super) host: String,
    /// Its port.
    pub(super) port: u16,
    /// The address that is spoken to; the proxy's where one is in the way.
    pub(super) address: IpAddr,
    /// The proxy that is in the way.
    pub(super) through: Through,
    /// The authorities of [`Scene::net`].
    pub(super) trusted: Arc<Trusted>,
}

/// What is known however the handshake ends.
#[derive(Default)]
struct Progress {
    bytes: Option<usize>,
    first: FirstBytes,
}

impl Scene {
    /// A connection of its own to the same address.
    pub(super) async fn dial(&self) -> (Dial, Option<Line>) {
        self.through.open(&self.net, &self.host, self.address, self.port).await
    }

    /// A hello that could not be sent, because the connection was refused, reset or not answered before it.
    pub(super) fn not_dialled(&self, kind: HelloKind, name: &str, dial: &Dial) -> Option<Handshake> {
        let outcome = match &dial.outcome {
            DialOutcome::Refused | DialOutcome::Reset => HandshakeOutcome::Reset,
            DialOutcome::TimedOut { after_ms } => HandshakeOutcome::TimedOut { after_ms: *after_ms },
            _ => return None,
        };
        Some(Handshake {
            host: self.host.clone(),
            port: self.port,
            address: self.address,
            hello: Hello { kind, server_name: Some(name.to_owned()), bytes: None },
            outcome,
            chain: Vec::new(),
            version: None,
            roots: self.net.roots.source.name(),
            server_date: None,
        })
    }

    /// Sends one hello that asks for `name` and goes on as far as it gets, within one step of the patience.
    pub(super) async fn greet(
        &self,
        kind: HelloKind,
        name: &str,
        trust: Trust,
        tcp: Line,
    ) -> (Handshake, Option<TlsStream<Line>>) {
        // Where the node's own settings skip it, its runtime looks at no certificate either.
        let trust = if self.net.roots.skip_verify { Trust::Anyone } else { trust };
        let witness = Arc::new(Witness {
            host: name.to_owned(),
            trusted: Arc::clone(&self.trusted),
            clock: self.net.clock,
            trust,
            presented: OnceLock::new(),
        });
        let mut progress = Progress::default();
        let started = Instant::now();
        let asked = server_name(name);
        let sent = match &asked {
            Some(ServerName::DnsName(name)) => Some(name.as_ref().to_owned()),
            _ => None,
        };
        let ended = match (asked, client(kind, Arc::clone(&witness))) {
            (Some(asked), Ok(client)) => {
                timeout(self.net.patience.for_step(), speak(client, asked, tcp, &mut progress)).await
            }
            (None, _) => {
                Ok(Err(io::Error::new(io::ErrorKind::InvalidInput, "not a name that TLS can ask for")))
            }
            (_, Err(error)) => Ok(Err(io::Error::other(error))),
        };
        let presented = witness.presented.get();
        let (outcome, stream) = match ended {
            Ok(Ok(stream)) => (HandshakeOutcome::Completed, Some(stream)),
            // For a name that is not the host's the only question is whether the hello is answered, and by a server:
            // with a certificate, since a filter can begin an answer as well as anyone.
            _ if kind == HelloKind::OtherName && presented.is_some() => (HandshakeOutcome::Completed, None),
            Err(_) => {
                let after_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
                (HandshakeOutcome::TimedOut { after_ms }, None)
            }
            Ok(Err(error)) => match presented.and_then(|presented| presented.problem.clone()) {
                Some(problem) => (HandshakeOutcome::Certificate(problem), None),
                None => (outcome(&error, &progress.first), None),
            },
        };
        let version =
            stream.as_ref().and_then(|stream| stream.get_ref().1.protocol_version()).map(version_name);
        let handshake = Handshake {
            host: self.host.clone(),
            port: self.port,
            address: self.address,
            hello: Hello { kind, server_name: sent, bytes: progress.bytes },
            outcome,
            chain: presented.map(|held| held.chain.iter().map(shown).collect()).unwrap_or_default(),
            version,
            roots: self.net.roots.source.name(),
            server_date: None,
        };
        (handshake, stream)
    }
}

/// Sends the hello by itself, so that its size is known and the first answer is seen as it came; the rest is rustls'.
async fn speak(
    client: ClientConfig,
    name: ServerName<'static>,
    tcp: Line,
    progress: &mut Progress,
) -> io::Result<TlsStream<Line>> {
    let mut hello = Vec::new();
    let mut taken = Ok(0);
    let mut connecting = TlsConnector::from(Arc::new(client)).connect_with(name, tcp, |connection| {
        while connection.wants_write() && taken.is_ok() {
            taken = connection.write_tls(&mut hello);
        }
    });
    taken?;
    if let (false, Some(tcp)) = (hello.is_empty(), connecting.get_mut()) {
        let written = tcp.write_all(&hello).await;
        if written.is_ok() {
            progress.bytes = Some(hello.len());
        }
        // Who speaks before it is spoken to and closes can make the writing fail; what it said still counts.
        progress.first = FirstBytes::peek(tcp).await?;
        if progress.first.is_foreign() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not TLS"));
        }
        written?;
    }
    connecting.await
}
