//! A world with its defaults filled in: every name has its records, every server its addresses.
//!
//! *Invariant:* nothing here opens a socket; the same world gives the same plan.

mod defaults;
mod names;

pub(crate) use names::Records;

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::schema::{At, Flavour, Host, Tcp, Tls, World};

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
}

/// A server of the plan.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// Its DNS name, or its address where a page names it so.
    pub(crate) name: String,
    /// What it serves.
    pub(crate) role: Role,
    /// What the page says of it.
    pub(crate) host: Host,
}

impl Server {
    /// The port it is reached at.
    pub(crate) fn port(&self) -> u16 {
        self.host.port.unwrap_or(match self.role {
            Role::Proxy => 3128,
            _ if self.host.plain_http => 80,
            _ => 443,
        })
    }

    /// Whether it speaks http without TLS.
    pub(crate) fn is_plain(&self) -> bool {
        self.host.plain_http || self.role == Role::Proxy
    }
}

/// A listening place of the plan.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// The address by which the world knows it.
    pub(crate) address: IpAddr,
    /// The port by which the world knows it.
    pub(crate) port: u16,
    /// The servers there; the first has the word on TCP and TLS.
    pub(crate) servers: Vec<String>,
    /// What happens to connections.
    pub(crate) tcp: Tcp,
    /// What is wrong with the TLS side.
    pub(crate) tls: Tls,
    /// Tags and digests that are not here.
    pub(crate) lacks: Vec<String>,
}

/// A world with its defaults filled in.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The registry's host.
    pub(crate) registry: String,
    /// The host of the token endpoint.
    pub(crate) token: String,
    /// The host of the storage, where blobs are redirected.
    pub(crate) data: Option<String>,
    /// The servers by name.
    pub(crate) servers: BTreeMap<String, Server>,
    /// The listening places.
    pub(crate) spots: Vec<Spot>,
    /// For each nameserver its names.
    pub(crate) zones: Vec<BTreeMap<String, Records>>,
}

impl Plan {
    /// Fills the world's defaults in.
    pub(crate) fn new(world: &World) -> Self {
        let registry = defaults::registry(world);
        let token = defaults::token(world, &registry);
        let data = defaults::data(world);
        let mut plan =
            Self { registry, token, data, servers: BTreeMap::new(), spots: Vec::new(), zones: Vec::new() };
        plan.servers = plan.servers(world);
        plan.zones = names::zones(world, &plan);
        plan.spots = plan.spots();
        plan
    }

    /// The DNS name that a page's key stands for.
    pub(crate) fn name_of(&self, key: &str) -> String {
        match key {
            "registry" => self.registry.clone(),
            "token" => self.token.clone(),
            "data" => self.data.clone().unwrap_or_else(|| "data".to_owned()),
            other => other.to_ascii_lowercase(),
        }
    }

    /// Where the registry is reached: its host, with the port where that is not the usual one.
    pub(crate) fn authority(&self, name: &str) -> String {
        match self.servers.get(name) {
            Some(server) if server.port() == if server.is_plain() { 80 } else { 443 } => name.to_owned(),
            Some(server) => format!("{name}:{}", server.port()),
            None => name.to_owned(),
        }
    }

    /// `https`, or `http` where the server speaks it.
    pub(crate) fn scheme(&self, name: &str) -> &'static str {
        if self.servers.get(name).is_some_and(Server::is_plain) { "http" } else { "https" }
    }

    fn servers(&self, world: &World) -> BTreeMap<String, Server> {
        let mut hosts: BTreeMap<String, Host> =
            world.hosts.iter().map(|(key, host)| (self.name_of(key), host.clone())).collect();
        let token = self.signs_in(world).then_some(&self.token);
        for name in [Some(&self.registry), token, self.data.as_ref()].into_iter().flatten() {
            hosts.entry(name.clone()).or_default();
        }
        hosts
            .into_iter()
            .map(|(name, host)| {
                let role = if host.proxy.is_some() {
                    Role::Proxy
                } else if name == self.registry {
                    Role::Registry
                } else if name == self.token || host.token {
                    Role::Token
                } else {
                    Role::Storage
                };
                (name.clone(), Server { name, role, host })
            })
            .collect()
    }

    fn signs_in(&self, world: &World) -> bool {
        !matches!(world.registry.flavour, Flavour::Plain | Flavour::Basic)
    }

    /// One place for each address and port; servers at the same one share it.
    fn spots(&self) -> Vec<Spot> {
        let mut spots: Vec<Spot> = Vec::new();
        for server in self.servers.values() {
            for address in self.addresses(&server.name) {
                let at = server.host.at.get(&address).cloned().unwrap_or_default();
                let At { tcp, tls, lacks } = at;
                let (tcp, tls) = (tcp.unwrap_or(server.host.tcp), tls.unwrap_or(server.host.tls));
                match spots.iter_mut().find(|spot| spot.address == address && spot.port == server.port()) {
                    Some(spot) => {
                        spot.servers.push(server.name.clone());
                        spot.lacks.extend(lacks);
                        if (spot.tcp, spot.tls) == (Tcp::Accept, Tls::Healthy) {
                            (spot.tcp, spot.tls) = (tcp, tls);
                        }
                    }
                    None => spots.push(Spot {
                        address,
                        port: server.port(),
                        servers: vec![server.name.clone()],
                        tcp,
                        tls,
                        lacks,
                    }),
                }
            }
        }
        spots
    }

    /// All addresses that a name has at any nameserver.
    pub(crate) fn addresses(&self, name: &str) -> Vec<IpAddr> {
        if let Ok(address) = name.parse() {
            return vec![address];
        }
        let mut all: Vec<IpAddr> = Vec::new();
        for records in self.zones.iter().filter_map(|zone| zone.get(name)) {
            for address in records.addresses() {
                if !all.contains(&address) {
                    all.push(address);
                }
            }
        }
        all
    }
}
