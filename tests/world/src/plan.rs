//! A world with its defaults filled in: every name has its records, every server its addresses.
//!
//! *Invariant:* nothing here opens a socket; the same world gives the same plan.

mod azure;
mod cluster;
mod defaults;
mod names;
mod network;
mod principals;
mod server;

pub(crate) use azure::{Acr, Subscription};
pub(crate) use cluster::{Cluster, Pool};
pub(crate) use names::Records;
pub(crate) use network::{Endpoint, Member, Zone};
pub(crate) use principals::{DOMAIN, NODE_GROUP, Principal, SCALE_SET, SUBSCRIPTION};
pub(crate) use server::{Role, Server, Spot, split};

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::imds;
use crate::schema::{At, Cloud, Flavour, Host, Kube, RoleMode, Tcp, Tls, World};

/// A region that an ACR is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    /// Its endpoint: `NAME.REGION.geo.azurecr.io`.
    pub(crate) endpoint: Option<String>,
    /// Where it redirects blobs to.
    pub(crate) data: Option<String>,
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
    /// The regions of an ACR.
    pub(crate) regions: Vec<Region>,
    /// The cloud that all is in.
    pub(crate) cloud: Cloud,
    /// The tenant that the world is about.
    pub(crate) tenant: String,
    /// The tenant that the registry trusts.
    pub(crate) registry_tenant: String,
    /// The subscriptions.
    pub(crate) subscriptions: Vec<Subscription>,
    /// Where the registry is among the resources.
    pub(crate) acr: Acr,
    /// How the registry reads role assignments.
    pub(crate) role_mode: RoleMode,
    /// The identities that Azure knows.
    pub(crate) principals: Vec<Principal>,
    /// The managed clusters.
    pub(crate) clusters: Vec<Cluster>,
    /// The private endpoints of the registry.
    pub(crate) private_endpoints: Vec<Endpoint>,
    /// The private DNS zones.
    pub(crate) private_zones: Vec<Zone>,
    /// The servers by name.
    pub(crate) servers: BTreeMap<String, Server>,
    /// The listening places.
    pub(crate) spots: Vec<Spot>,
    /// For each nameserver its names.
    pub(crate) zones: Vec<BTreeMap<String, Records>>,
}

impl Plan {
    /// The API server's cluster with its nodes where their machines are.
    pub(crate) fn located(&self, kube: &Kube) -> Kube {
        cluster::located(kube, &self.clusters)
    }

    /// Fills the world's defaults in.
    pub(crate) fn new(world: &World) -> Self {
        let registry = defaults::registry(world);
        let token = defaults::token(world, &registry);
        let data = defaults::data(world);
        let tenant = principals::tenant(world);
        let registry_tenant = world.registry.tenant.as_deref().unwrap_or(&tenant).to_ascii_lowercase();
        let principals = principals::principals(world);
        let mut plan = Self {
            clusters: cluster::clusters(world, &principals, world.cloud.region()),
            subscriptions: azure::subscriptions(world, &tenant, &registry_tenant),
            acr: azure::acr(world, &registry, tenant != registry_tenant),
            role_mode: azure::role_mode(world),
            registry,
            token,
            data,
            regions: defaults::regions(world),
            cloud: world.cloud,
            tenant,
            registry_tenant,
            principals,
            private_endpoints: Vec::new(),
            private_zones: Vec::new(),
            servers: BTreeMap::new(),
            spots: Vec::new(),
            zones: Vec::new(),
        };
        plan.servers = plan.servers(world);
        plan.zones = names::zones(world, &plan);
        plan.spots = plan.spots();
        (plan.private_endpoints, plan.private_zones) = network::network(world, &plan);
        plan
    }

    /// The DNS name that a page's key stands for.
    pub(crate) fn name_of(&self, key: &str) -> String {
        match key {
            "registry" => self.registry.clone(),
            "token" => self.token.clone(),
            "data" => self.data.clone().unwrap_or_else(|| "data".to_owned()),
            "imds" => imds::ADDRESS.to_owned(),
            "entra" => self.cloud.logins()[0].to_owned(),
            "arm" => self.cloud.resource_manager().to_owned(),
            "graph" => self.cloud.graph_host().to_owned(),
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
        let mut servers = BTreeMap::new();
        for (key, host) in &world.hosts {
            let (name, keyed) = split(key);
            let name = self.name_of(name);
            let key = keyed.map_or_else(|| name.clone(), |port| format!("{name}:{port}"));
            servers.insert(key, self.server(name, keyed, host.clone()));
        }
        for name in self.usual(world) {
            servers.entry(name.clone()).or_insert_with(|| self.server(name, None, Host::default()));
        }
        servers
    }

    fn server(&self, name: String, keyed: Option<u16>, host: Host) -> Server {
        let role = self.role(&name, &host);
        Server { name, keyed, role, host }
    }

    /// The servers that are there whether the page speaks of them or not.
    fn usual(&self, world: &World) -> Vec<String> {
        let token = self.signs_in(world).then_some(&self.token);
        let registry = [Some(&self.registry), token, self.data.as_ref()].into_iter().flatten().cloned();
        let regional = self.regions.iter().flat_map(|region| [region.endpoint.clone(), region.data.clone()]);
        let clouds = self.principals.iter().map(|known| known.cloud).chain([self.cloud]);
        registry
            .chain(regional.flatten())
            .chain(clouds.map(|cloud| cloud.logins()[0].to_owned()))
            .chain([imds::ADDRESS, self.cloud.resource_manager(), self.cloud.graph_host()].map(str::to_owned))
            .collect()
    }

    fn role(&self, name: &str, host: &Host) -> Role {
        if host.proxy.is_some() {
            Role::Proxy
        } else if host.mirror.is_some() {
            Role::Mirror
        } else if name == self.registry || self.region_of(name).is_some() {
            Role::Registry
        } else if name == self.token || host.token {
            Role::Token
        } else if name == imds::ADDRESS {
            Role::Imds
        } else if let Some(cloud) = Cloud::of_login(name) {
            Role::Entra(cloud)
        } else if name == self.cloud.resource_manager() {
            Role::Arm
        } else if name == self.cloud.graph_host() {
            Role::Graph
        } else {
            Role::Storage
        }
    }

    fn signs_in(&self, world: &World) -> bool {
        !matches!(world.registry.flavour, Flavour::Plain | Flavour::Basic)
    }

    /// One place for each address and port; servers at the same one share it.
    fn spots(&self) -> Vec<Spot> {
        let mut spots: Vec<Spot> = Vec::new();
        for (key, server) in &self.servers {
            for address in self.addresses(&server.name) {
                let at = server.host.at.get(&address).cloned().unwrap_or_default();
                let At { tcp, tls, lacks } = at;
                let (tcp, tls) = (tcp.unwrap_or(server.host.tcp), tls.unwrap_or(server.host.tls));
                match spots.iter_mut().find(|spot| spot.address == address && spot.port == server.port()) {
                    Some(spot) => {
                        spot.servers.push(key.clone());
                        spot.lacks.extend(lacks);
                        if (spot.tcp, spot.tls) == (Tcp::Accept, Tls::Healthy) {
                            (spot.tcp, spot.tls) = (tcp, tls);
                        }
                    }
                    None => spots.push(Spot {
                        address,
                        port: server.port(),
                        servers: vec![key.clone()],
                        tcp,
                        tls,
                        lacks,
                    }),
                }
            }
        }
        spots
    }

    /// The region whose endpoint has this name.
    pub(crate) fn region_of(&self, name: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.endpoint.as_deref() == Some(name))
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
