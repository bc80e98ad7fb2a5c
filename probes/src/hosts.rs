//! The hosts of one survey: each is resolved, dialled and shaken hands with once, and its connection is kept.

use std::collections::HashMap;
use std::net::IpAddr;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use url::Url;

use crate::connect::connect;
use crate::guard::Home;
use crate::handshake::handshake;
use crate::line::Line;
use crate::log::Log;
use crate::net::Net;
use crate::observation::{Fact, HandshakeOutcome, NamedProxy, Role};
use crate::proxy::{Proxies, Proxy};
use crate::resolve::resolve;
use crate::secret::Secret;
use crate::source::Source;
use crate::tunnel::{Through, secured};

mod through;

/// Host, port, and whether TLS is spoken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: bool,
}

impl Origin {
    /// The origin of an http or https address.
    pub(crate) fn of(url: &Url) -> Option<Self> {
        Some(Self {
            host: url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase(),
            port: url.port_or_known_default()?,
            tls: url.scheme() == "https",
        })
    }

    /// The host with its port when it is not the usual one, as `Host` wants it.
    pub(crate) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == if self.tls { 443 } else { 80 } { host } else { format!("{host}:{}", self.port) }
    }

    /// The address of a path there, which begins with a slash.
    pub(crate) fn url(&self, path: &str) -> Option<Url> {
        let scheme = if self.tls { "https" } else { "http" };
        Url::parse(&format!("{scheme}://{}{path}", self.authority())).ok()
    }
}

/// What reaching a host came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    Yes,
    No,
    /// There was no time left to reach it.
    OutOfTime,
    Steered(IpAddr),
}

/// One http/1.1 connection.
pub(crate) struct Connection {
    pub(crate) sender: SendRequest<Full<Bytes>>,
    /// Whether it has answered before: the server may have closed it since, which is no failure.
    pub(crate) used: bool,
}

pub(crate) struct Hosts<'n> {
    pub(crate) net: &'n Net,
    pub(crate) home: Home,
    proxies: &'n Proxies,
    /// Headers that the node's settings add for an origin.
    headers: Vec<(Origin, String, Secret<String>)>,
    known: HashMap<Origin, Known>,
}

struct Known {
    reached: Reached,
    /// The addresses that took a connection, the one in use first; the proxy's where one is in the way.
    addresses: Vec<IpAddr>,
    through: Through,
    connection: Option<Connection>,
}

impl<'n> Hosts<'n> {
    /// The hosts as the container runtime, or whoever pulls here, reaches them.
    pub(crate) fn new(net: &'n Net) -> Self {
        Self { net, home: Home::default(), proxies: &net.proxies, headers: Vec::new(), known: HashMap::new() }
    }

    /// The hosts as the kubelet's credential provider reaches them.
    pub(crate) fn of_plugin(net: &'n Net) -> Self {
        Self { proxies: &net.plugin_proxies, ..Self::new(net) }
    }

    /// Takes over what the node's settings say of an origin's requests.
    pub(crate) fn configure(&mut self, source: &Source) {
        let headers = source.headers.iter().cloned();
        self.headers.extend(headers.map(|(name, value)| (source.origin(), name, value)));
    }

    /// The headers that the node's settings add for an origin.
    pub(crate) fn headers<'h>(
        &'h self,
        origin: &Origin,
    ) -> impl Iterator<Item = (&'h str, &'h Secret<String>)> {
        let own = self.headers.iter().filter(move |(known, ..)| known == origin);
        own.map(|(_, name, value)| (name.as_str(), value))
    }

    /// Resolves, dials and shakes hands, once for each origin.
    pub(crate) async fn reach(&mut self, log: &mut Log<'_>, role: Role, origin: &Origin) -> Reached {
        if let Some(known) = self.known.get(origin) {
            return known.reached;
        }
        let mut known =
            Known { reached: Reached::No, addresses: Vec::new(), through: Through::Nobody, connection: None };
        if out_of_time(self.net, log, role, "dns", origin) {
            return Reached::OutOfTime;
        }
        if let Some(proxy) = self.proxies.for_host(&origin.host, origin.port, origin.tls) {
            self.reach_through(log, role, origin, proxy, &mut known).await;
        } else {
            let begun = log.begin("dns", &origin.host);
            let found = resolve(self.net, &origin.host).await;
            let addresses = found.addresses.clone();
            log.end(begun, role, None, Fact::Resolve(found));
            if role == Role::Registry {
                self.home.found_at(&addresses);
            }
            if let Some(address) = self.home.forbidden(&addresses).filter(|_| is_named_by_registry(role)) {
                known.reached = Reached::Steered(address);
            } else if !addresses.is_empty() {
                self.open(log, role, origin, &addresses, &mut known).await;
            }
        }
        let reached = known.reached;
        self.known.insert(origin.clone(), known);
        reached
    }

    async fn open(
        &mut self,
        log: &mut Log<'_>,
        role: Role,
        origin: &Origin,
        addresses: &[IpAddr],
        known: &mut Known,
    ) {
        if out_of_time(self.net, log, role, "tcp", origin) {
            known.reached = Reached::OutOfTime;
            return;
        }
        let begun = log.begin("tcp", &origin.host);
        let (dialled, streams) = connect(self.net, &origin.host, origin.port, addresses).await;
        log.end(begun, role, None, Fact::Connect(dialled));
        known.addresses = streams.iter().map(|(address, _)| *address).collect();
        let Some((address, stream)) = streams.into_iter().next() else { return };
        self.greet(log, role, origin, (address, stream.into()), known).await;
    }

    /// Speaks TLS where the origin does, and then http.
    async fn greet(
        &mut self,
        log: &mut Log<'_>,
        role: Role,
        origin: &Origin,
        (address, line): (IpAddr, Line),
        known: &mut Known,
    ) {
        if !origin.tls {
            known.connection = speak(line).await;
        } else {
            if out_of_time(self.net, log, role, "tls", origin) {
                known.reached = Reached::OutOfTime;
                return;
            }
            let begun = log.begin("tls", &origin.host);
            let (looks, stream) =
                handshake(self.net, &origin.host, origin.port, address, &known.through, line).await;
            let mut begun = Some(begun);
            for look in looks {
                let begun = begun.take().unwrap_or_else(|| log.begin("tls", &origin.host));
                log.end(begun, role, None, Fact::Handshake(look));
            }
            if let Some(stream) = stream {
                known.connection = speak(stream).await;
            }
        }
        if known.connection.is_some() {
            known.reached = Reached::Yes;
        }
    }

    /// The open connection to a host that was reached; a new one to the same address when the old one has ended.
    pub(crate) async fn connection(&mut self, origin: &Origin) -> Option<Connection> {
        let known = self.known.get_mut(origin)?;
        if let Some(connection) = known.connection.take().filter(|c| !c.sender.is_closed()) {
            return Some(connection);
        }
        let address = *known.addresses.first()?;
        self.connect_again(origin, address).await
    }

    /// A further connection to one address of a host, without writing it down.
    pub(crate) async fn connect_again(&self, origin: &Origin, address: IpAddr) -> Option<Connection> {
        let through = self.known.get(origin).map_or(Through::Nobody, |known| known.through.clone());
        let line = match &through {
            // A proxy makes plain http requests itself: there is nothing to open behind it.
            Through::Proxy(proxy) if !origin.tls => {
                let (_, tcp) = crate::connect::dial(self.net, &proxy.host, address, proxy.port).await;
                secured(self.net, proxy, address, tcp?).await.ok()
            }
            _ => through.open(self.net, &origin.host, address, origin.port).await.1,
        }?;
        if !origin.tls {
            return speak(line).await;
        }
        let (looks, stream) = handshake(self.net, &origin.host, origin.port, address, &through, line).await;
        debug_assert!(stream.is_none() || looks.iter().any(|l| l.outcome == HandshakeOutcome::Completed));
        speak(stream?).await
    }

    /// Gives a connection back for the next request.
    pub(crate) fn keep(&mut self, origin: &Origin, connection: Connection) {
        if let Some(known) = self.known.get_mut(origin) {
            known.connection = Some(Connection { used: true, ..connection });
        }
    }

    /// The proxy that a request goes to, where it does not go direct.
    pub(crate) fn proxy_for(&self, host: &str, port: u16, tls: bool) -> Option<NamedProxy> {
        let proxy = self.proxies.for_host(host, port, tls)?;
        Some(NamedProxy { proxy: proxy.shown(), named_by: proxy.named_by.clone() })
    }

    /// The proxy that makes the requests to an origin, where one does.
    pub(crate) fn forwarder(&self, origin: &Origin) -> Option<&Proxy> {
        match &self.known.get(origin)?.through {
            Through::Proxy(proxy) if !origin.tls => Some(proxy),
            _ => None,
        }
    }

    /// The addresses of a host that took a connection, but for the one in use; behind a proxy none is known.
    pub(crate) fn other_addresses(&self, origin: &Origin) -> &[IpAddr] {
        self.known.get(origin).and_then(|k| k.addresses.get(1..)).unwrap_or_default()
    }

    /// The address of a host that is in use.
    pub(crate) fn address(&self, origin: &Origin) -> Option<IpAddr> {
        self.known.get(origin)?.addresses.first().copied()
    }
}

/// Whether the registry chose the host: then not every address is allowed.
fn is_named_by_registry(role: Role) -> bool {
    !matches!(role, Role::Registry | Role::Mirror | Role::Metadata | Role::SignIn)
}

/// Whether there is no time left for a step, which is written down.
fn out_of_time(net: &Net, log: &mut Log<'_>, role: Role, step: &'static str, origin: &Origin) -> bool {
    let over = net.patience.is_over();
    if over {
        let begun = log.begin(step, &origin.host);
        log.end(begun, role, None, Fact::OutOfTime { during: step.to_owned() });
    }
    over
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S) -> Option<Connection> {
    // Go reads headers that are folded over lines, too.
    let mut builder = http1::Builder::new();
    builder.allow_obsolete_multiline_headers_in_responses(true);
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(async move {
        // Its errors reach the request that was under way.
        let _ = connection.await;
    });
    Some(Connection { sender, used: false })
}
