//! Reaching a host through a proxy.

use std::net::IpAddr;

use super::{Hosts, Known, Origin, Reached, is_named_by_registry};
use crate::connect::connect;
use crate::line::Line;
use crate::log::{Begun, Log};
use crate::observation::{Fact, HandshakeOutcome, Role, Tunnel, TunnelOutcome};
use crate::proxy::{Proxy, ProxyKind};
use crate::resolve::resolve;
use crate::tunnel::{Through, secured, tunnel};

impl Hosts<'_> {
    /// The way through a proxy: the proxy is resolved and dialled, and asked for the host. For plain http it makes the
    /// requests itself.
    pub(super) async fn reach_through(
        &mut self,
        log: &mut Log<'_>,
        role: Role,
        origin: &Origin,
        proxy: &Proxy,
        known: &mut Known,
    ) {
        let begun = log.begin("proxy", &proxy.host);
        let outcome = match proxy.kind {
            ProxyKind::Socks => TunnelOutcome::NotSpoken,
            ProxyKind::Other => TunnelOutcome::UnknownScheme,
            ProxyKind::Http | ProxyKind::Https => match self.literal_is_steered(role, origin) {
                Some(address) => {
                    known.reached = Reached::Steered(address);
                    return;
                }
                None => match self.dial_proxy(log, proxy).await {
                    Ok((address, line)) => {
                        known.addresses = vec![address];
                        known.through = Through::Proxy(Box::new(proxy.clone()));
                        return self.tunnel(log, role, origin, begun, (proxy, address, line), known).await;
                    }
                    Err(outcome) => outcome,
                },
            },
        };
        log.end(begun, role, None, Fact::Tunnel(tunnel_fact(proxy, origin, outcome)));
    }

    async fn tunnel(
        &mut self,
        log: &mut Log<'_>,
        role: Role,
        origin: &Origin,
        begun: Begun,
        (proxy, address, line): (&Proxy, IpAddr, Line),
        known: &mut Known,
    ) {
        if !origin.tls {
            log.end(begun, role, None, Fact::Tunnel(tunnel_fact(proxy, origin, TunnelOutcome::Forwards)));
            return self.greet(log, role, origin, (address, line), known).await;
        }
        let opened = tunnel(self.net, proxy, line, &origin.host, origin.port).await;
        let (outcome, line) = match opened {
            Ok(line) => (TunnelOutcome::Open, Some(line)),
            Err(exchange) => (TunnelOutcome::Refused(exchange), None),
        };
        log.end(begun, role, None, Fact::Tunnel(tunnel_fact(proxy, origin, outcome)));
        if let Some(line) = line {
            self.greet(log, role, origin, (address, line), known).await;
        }
    }

    /// A connection to a proxy, with TLS where its address wants it.
    async fn dial_proxy(
        &mut self,
        log: &mut Log<'_>,
        proxy: &Proxy,
    ) -> Result<(IpAddr, Line), TunnelOutcome> {
        let begun = log.begin("proxy", &proxy.host);
        let found = resolve(self.net, &proxy.host).await;
        let addresses = found.addresses.clone();
        log.end(begun, Role::Proxy, None, Fact::Resolve(found));
        if addresses.is_empty() {
            return Err(TunnelOutcome::NotReached);
        }
        let begun = log.begin("proxy", &proxy.host);
        let (dialled, streams) = connect(self.net, &proxy.host, proxy.port, &addresses).await;
        log.end(begun, Role::Proxy, None, Fact::Connect(dialled));
        let (address, tcp) = streams.into_iter().next().ok_or(TunnelOutcome::NotReached)?;
        match secured(self.net, proxy, address, tcp).await {
            Ok(line) => Ok((address, line)),
            Err(look) => {
                let outcome = match look.outcome {
                    HandshakeOutcome::NotTls { http } => TunnelOutcome::NoTls { http },
                    _ => TunnelOutcome::TlsFailed,
                };
                let begun = log.begin("proxy", &proxy.host);
                log.end(begun, Role::Proxy, None, Fact::Handshake(look));
                Err(outcome)
            }
        }
    }

    /// A name goes to the proxy as it is; an address that a registry may not lead to is one behind a proxy, too.
    fn literal_is_steered(&self, role: Role, origin: &Origin) -> Option<IpAddr> {
        let address: IpAddr = origin.host.parse().ok()?;
        self.home.forbidden(&[address]).filter(|_| is_named_by_registry(role))
    }
}

fn tunnel_fact(proxy: &Proxy, origin: &Origin, outcome: TunnelOutcome) -> Tunnel {
    Tunnel {
        host: origin.host.clone(),
        port: origin.port,
        proxy: proxy.shown(),
        proxy_host: proxy.host.clone(),
        named_by: proxy.named_by.clone(),
        has_user: proxy.user.is_some(),
        outcome,
    }
}
