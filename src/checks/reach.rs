//! Why a host could not be reached: the way's observations of one host, read in their order.

use probes::observation::{
    Connect, DialOutcome, DnsOutcome, Fact, Handshake, HandshakeOutcome, HelloKind, Resolve, Role,
};

use super::{Answer, At, View, dns, proxy, tcp, tls};
use crate::report::Status;

/// What was seen of the way to one host.
pub(super) struct Way<'a> {
    /// The answer of a proxy that did not open the way.
    proxy: Option<Answer>,
    pub(super) resolve: Option<&'a Resolve>,
    pub(super) connect: Option<&'a Connect>,
    pub(super) handshakes: Vec<&'a Handshake>,
}

impl<'a> Way<'a> {
    /// The way to a host that plays a role; `authority` may carry a port.
    pub(super) fn to(view: &View<'a>, role: Role, authority: &str) -> Self {
        let host = host_of(authority);
        let here = || view.survey.observations.iter().filter(move |o| o.role == role);
        let tunnel = here().find_map(|o| match &o.fact {
            Fact::Tunnel(tunnel) if tunnel.host.eq_ignore_ascii_case(host) => Some(tunnel),
            _ => None,
        });
        Self {
            proxy: tunnel.and_then(|tunnel| proxy::trouble(view, tunnel)),
            resolve: here().find_map(|o| match &o.fact {
                Fact::Resolve(r) if r.name.eq_ignore_ascii_case(host) => Some(r),
                _ => None,
            }),
            connect: here().find_map(|o| match &o.fact {
                Fact::Connect(c) if c.host.eq_ignore_ascii_case(host) => Some(c),
                _ => None,
            }),
            handshakes: here()
                .filter_map(|o| match &o.fact {
                    Fact::Handshake(h) if h.host.eq_ignore_ascii_case(host) => Some(h),
                    _ => None,
                })
                .collect(),
        }
    }

    /// The answer of the first step on the way that failed; `None` when none was seen failing.
    pub(super) fn failure(&self) -> Option<Failure> {
        let failed = |answer: &Answer| answer.status == Status::Fail;
        if let Some(answer) = self.proxy.clone().filter(failed) {
            return Some(Failure { answer, name_missing: false, certificate: false, proxy: true });
        }
        if let Some(answer) = self.resolve.and_then(dns::resolved).filter(failed) {
            let missing = self.resolve.is_some_and(|r| {
                dns::deciding(r)
                    .is_some_and(|a| matches!(a.outcome, DnsOutcome::NxDomain | DnsOutcome::NoData))
            });
            return Some(Failure { answer, name_missing: missing, certificate: false, proxy: false });
        }
        if let Some(answer) = self.connect.and_then(tcp::connected).filter(failed) {
            return Some(Failure { answer, name_missing: false, certificate: false, proxy: false });
        }
        let answer = tls::shaken(&self.handshakes).filter(failed)?;
        let certificate = self.handshakes.iter().any(|h| {
            h.hello.kind == HelloKind::Large && matches!(h.outcome, HandshakeOutcome::Certificate(_))
        });
        Some(Failure { answer, name_missing: false, certificate, proxy: false })
    }

    /// Where it is.
    pub(super) fn at(&self) -> At {
        At {
            host: self.resolve.map(|r| r.name.clone()),
            port: self.connect.map(|c| c.port),
            address: self.connect.and_then(|c| {
                c.dials
                    .iter()
                    .find(|d| d.outcome == DialOutcome::Connected)
                    .or(c.dials.first())
                    .map(|d| d.address)
            }),
            ..At::default()
        }
    }
}

/// Why a host was not reached.
pub(super) struct Failure {
    /// The failing step's answer.
    pub(super) answer: Answer,
    /// Whether its name has no address.
    pub(super) name_missing: bool,
    /// Whether its certificate is not accepted.
    pub(super) certificate: bool,
    /// Whether a proxy did not open the way to it: then the proxy is the cause, whatever the host is for.
    pub(super) proxy: bool,
}

/// The host of a `host` or `host:port`.
pub(super) fn host_of(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    match authority.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// The host of an address that was cleaned for showing.
pub(super) fn host_in(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
