//! Clusters and their machines as the resource manager shows them.

use std::net::Ipv4Addr;

use serde::Deserialize;

/// A managed cluster (AKS). It is a resource alone; the API server of a world is `kube`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Aks {
    /// Its name.
    pub name: String,
    /// Its resource group.
    pub group: String,
    /// The id of its subscription; absent: the world's.
    pub subscription: Option<String>,
    /// The identity, by its name, with which its kubelets pull; absent: the first managed one, else the first service
    /// principal. Empty: the resource manager does not tell.
    pub kubelet: Option<String>,
    /// The cluster's own identity, by its name, with which nothing is pulled; absent: one of its own.
    pub identity: Option<String>,
    /// The version of Kubernetes.
    pub version: String,
    /// The name of its API server.
    pub fqdn: Option<String>,
    /// How its machines reach the outside.
    pub outbound: Outbound,
    /// The public addresses with which its machines go out; absent: the one at which the registry's firewall sees them.
    pub egress: Option<Vec<Ipv4Addr>>,
    /// Its API server has a private address alone.
    pub private: bool,
    /// The proxy of its machines.
    pub http_proxy: Option<String>,
    /// What they reach without the proxy.
    pub no_proxy: Vec<String>,
    /// Its machines take Microsoft's images from this registry: `registry`, or an ARM id.
    pub image_cache: Option<String>,
    /// Its addons.
    pub addons: Vec<String>,
    /// The subnet of its machines, an ARM id; absent: one of AKS' own.
    pub subnet: Option<String>,
    /// The nameservers of that network; absent: Azure's.
    pub dns_servers: Vec<Ipv4Addr>,
    /// It is stopped.
    pub stopped: bool,
    /// Its `provisioningState`.
    pub state: String,
    /// Its node pools; absent: one.
    #[serde(rename = "pool")]
    pub pools: Option<Vec<AksPool>>,
    /// Fields that are left out of it, as of `registry.resource`.
    pub omit: Vec<String>,
}

impl Default for Aks {
    fn default() -> Self {
        Self {
            name: "aks1".to_owned(),
            group: "contoso-rg".to_owned(),
            subscription: None,
            kubelet: None,
            identity: None,
            version: "1.35.2".to_owned(),
            fqdn: None,
            outbound: Outbound::LoadBalancer,
            egress: None,
            private: false,
            http_proxy: None,
            no_proxy: Vec::new(),
            image_cache: None,
            addons: Vec::new(),
            subnet: None,
            dns_servers: Vec::new(),
            stopped: false,
            state: "Succeeded".to_owned(),
            pools: None,
            omit: Vec::new(),
        }
    }
}

/// How the machines of a cluster reach the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outbound {
    /// By the cluster's load balancer.
    LoadBalancer,
    /// By a NAT gateway of AKS.
    ManagedNatGateway,
    /// By a NAT gateway of the user's.
    UserAssignedNatGateway,
    /// As the subnet's routes say.
    UserDefinedRouting,
    /// Not at all.
    None,
    /// Not at all, and AKS forbids it.
    Block,
}

/// A node pool, and the scale set behind it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AksPool {
    /// Its name.
    pub name: String,
    /// Whether it is one for the system's own pods.
    pub system: bool,
    /// Whether its machines are of Windows.
    pub windows: bool,
    /// How many machines it has.
    pub count: u32,
    /// The identities, by name, that its scale set has; absent: those that the world's node has.
    pub identities: Option<Vec<String>>,
    /// Its subnet, an ARM id; absent: the cluster's.
    pub subnet: Option<String>,
    /// Fields that are left out of the scale set, as of `registry.resource`.
    pub omit: Vec<String>,
}

impl Default for AksPool {
    fn default() -> Self {
        Self {
            name: "nodepool1".to_owned(),
            system: true,
            windows: false,
            count: 3,
            identities: None,
            subnet: None,
            omit: Vec::new(),
        }
    }
}
