//! Private endpoints and private DNS zones, as the resource manager shows them. What names really lead to is said of names.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::Deserialize;

/// A private endpoint of the registry. What is absent follows from the private addresses that the page's names have.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrivateEndpoint {
    /// Its name.
    pub name: String,
    /// Its resource group.
    pub group: String,
    /// The id of its subscription; absent: the registry's.
    pub subscription: Option<String>,
    /// Its subnet, an ARM id; absent: that of the first cluster's machines.
    pub subnet: Option<String>,
    /// The state of its connection to the registry.
    pub status: ConnectionStatus,
    /// Its addresses by the registry's hosts (roles or names); absent: those that the world's names lead to.
    pub addresses: Option<BTreeMap<String, Ipv4Addr>>,
    /// The private DNS zones that keep its records, by name; absent: all zones that the world has for registries.
    pub zones: Option<Vec<String>>,
    /// Fields that are left out of it, as of `registry.resource`.
    pub omit: Vec<String>,
}

impl Default for PrivateEndpoint {
    fn default() -> Self {
        Self {
            name: "contosoacr-pe".to_owned(),
            group: "contoso-rg".to_owned(),
            subscription: None,
            subnet: None,
            status: ConnectionStatus::Approved,
            addresses: None,
            zones: None,
            omit: Vec::new(),
        }
    }
}

/// The state of a private endpoint's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionStatus {
    /// It works.
    Approved,
    /// Nobody has approved it.
    Pending,
    /// Somebody has refused it.
    Rejected,
    /// It was taken away on the registry's side.
    Disconnected,
}

/// A private DNS zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrivateZone {
    /// Its name; absent: that for registries of the cloud.
    pub name: Option<String>,
    /// Its resource group; absent: `contoso-rg`.
    pub group: Option<String>,
    /// The id of its subscription; absent: the registry's.
    pub subscription: Option<String>,
    /// The networks that it is linked to, ARM ids or `cluster`; absent: that of the first cluster.
    pub links: Option<Vec<String>>,
    /// Its A records; absent: those that the world's names lead to.
    pub records: Option<BTreeMap<String, Vec<Ipv4Addr>>>,
    /// Fields that are left out of it, as of `registry.resource`.
    pub omit: Vec<String>,
}
