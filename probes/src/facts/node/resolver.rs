//! How a node resolves names: its nameservers, and those behind a cache on the node itself.

use std::net::{IpAddr, SocketAddr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::NodeFile;
use crate::foreign::Foreign;

/// The settings of a node's resolver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeResolver {
    /// `/etc/resolv.conf`.
    pub resolv_conf: NodeFile,
    /// `/etc/hosts`.
    pub hosts: NodeFile,
    /// The nameservers, in order; those of Go's default when the file names none.
    #[schemars(with = "Vec<String>")]
    pub nameservers: Vec<SocketAddr>,
    /// Domains that are appended to short names.
    #[serde(default)]
    pub search: Vec<Foreign>,
    /// Names with fewer dots than this are tried with the search list first.
    pub ndots: usize,
    /// The cache on the node, when the first nameserver is one.
    #[serde(default)]
    pub cache: Option<LocalCache>,
    /// AKS' LocalDNS, when it is on the way.
    #[serde(default)]
    pub local_dns: Option<LocalDns>,
}

/// A cache for names on the node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LocalCache {
    /// What it is; of several that ask one another the last.
    pub kind: CacheKind,
    /// Those that are asked before it.
    #[serde(default)]
    pub behind: Vec<CacheKind>,
    /// The nameservers that it asks for the target's name; empty where they cannot be told.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub nameservers: Vec<SocketAddr>,
    /// The file that names them.
    #[serde(default)]
    pub source: Option<Foreign>,
    /// The files that were looked at for it.
    #[serde(default)]
    pub files: Vec<NodeFile>,
}

/// What a cache for names is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CacheKind {
    /// systemd-resolved.
    SystemdResolved,
    /// AKS' LocalDNS.
    LocalDns,
    /// dnsmasq.
    Dnsmasq,
    /// What NetworkManager starts.
    NetworkManager,
    /// The address is one of the node itself, and nothing says what listens there.
    Unidentified,
    /// A kind that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// What LocalDNS is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LocalDns {
    /// The zone of its corefile that is for the target's name; `None` where that cannot be told.
    #[serde(default)]
    pub zone: Option<Foreign>,
    /// The VNet's nameservers that it noted when it started (`/etc/localdns/upstream-dns`).
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub upstream_dns: Vec<SocketAddr>,
    /// The hosts file that the zone is answered from first.
    #[serde(default)]
    pub hosts: Option<NodeFile>,
    /// How many names are in it.
    #[serde(default)]
    pub names: usize,
    /// The addresses of the target's name in it.
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
}
