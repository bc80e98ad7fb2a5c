//! A server of the plan, and the keys by which pages name one.

use std::net::IpAddr;

use crate::schema::{Cloud, Host, Tcp, Tls};

/// What a server serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The registry, and the token endpoint where it is the registry's own.
    Registry,
    /// The token endpoint alone.
    Token,
    /// Blobs behind signed addresses.
    Storage,
    /// A forward proxy.
    Proxy,
    /// A mirror of the registry.
    Mirror,
    /// The node's metadata service.
    Imds,
    /// The sign-in service of a cloud.
    Entra(Cloud),
    /// The resource manager.
    Arm,
    /// Microsoft Graph.
    Graph,
}

/// A server of the plan.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// Its DNS name, or its address where a page names it so.
    pub(crate) name: String,
    /// The port that the page's key names.
    pub(crate) keyed: Option<u16>,
    /// What it serves.
    pub(crate) role: Role,
    /// What the page says of it.
    pub(crate) host: Host,
}

impl Server {
    /// The port it is reached at.
    pub(crate) fn port(&self) -> u16 {
        self.keyed.or(self.host.port).unwrap_or(match self.role {
            Role::Proxy => 3128,
            _ if self.is_plain() => 80,
            _ => 443,
        })
    }

    /// Whether it speaks http without TLS.
    pub(crate) fn is_plain(&self) -> bool {
        self.host.plain_http || matches!(self.role, Role::Proxy | Role::Imds)
    }
}

/// A listening place of the plan.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// The address by which the world knows it.
    pub(crate) address: IpAddr,
    /// The port by which the world knows it.
    pub(crate) port: u16,
    /// The keys of the servers there; the first has the word on TCP and TLS.
    pub(crate) servers: Vec<String>,
    /// What happens to connections.
    pub(crate) tcp: Tcp,
    /// What is wrong with the TLS side.
    pub(crate) tls: Tls,
    /// Tags and digests that are not here.
    pub(crate) lacks: Vec<String>,
}

/// Name and port of a key: `localhost:8578`, `[::1]:8578`, or a name or address alone.
pub(crate) fn split(key: &str) -> (&str, Option<u16>) {
    match key.rsplit_once(':') {
        Some((name, port)) if key.parse::<IpAddr>().is_err() => match port.parse() {
            Ok(port) => (name.trim_matches(['[', ']']), Some(port)),
            Err(_) => (key, None),
        },
        _ => (key, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_have_a_port() {
        for (key, expected) in [
            ("registry", ("registry", None)),
            ("localhost:8578", ("localhost", Some(8578))),
            ("127.0.0.1:8578", ("127.0.0.1", Some(8578))),
            ("[::1]:8578", ("::1", Some(8578))),
            ("2603:1020:206::10", ("2603:1020:206::10", None)),
            ("mirror.contoso.com", ("mirror.contoso.com", None)),
        ] {
            assert_eq!(split(key), expected, "{key}");
        }
    }
}
