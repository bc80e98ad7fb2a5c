//! Networks of nodes, private endpoints of a registry, and the zones that give their addresses.

use probes::foreign::Foreign;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A private endpoint (`Microsoft.Network/privateEndpoints`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PrivateEndpoint {
    /// The resource id.
    pub id: Foreign,
    /// Its subnet.
    pub subnet: Option<Foreign>,
    /// The names that it serves with their addresses (`customDnsConfigs`); `None` where they were not returned.
    pub addresses: Option<Vec<ZoneRecord>>,
}

impl PrivateEndpoint {
    /// The virtual network that it is in, in lower case.
    pub fn network(&self) -> Option<String> {
        network_of(self.subnet.as_ref()?.as_str())
    }
}

/// A private zone (`Microsoft.Network/privateDnsZones`) for registries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PrivateZone {
    /// The resource id.
    pub id: Foreign,
    /// The zone's name: `privatelink.azurecr.io`.
    pub name: Foreign,
    /// The virtual networks that it is linked to; `None` where they could not be read.
    pub networks: Option<Vec<Foreign>>,
    /// Its address records; `None` where they could not be read.
    pub records: Option<Vec<ZoneRecord>>,
}

/// A name with its addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ZoneRecord {
    /// The name; in a zone relative to it.
    pub name: Foreign,
    /// The addresses.
    pub addresses: Vec<Foreign>,
}

/// A pool of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Pool {
    /// Its name.
    pub name: Foreign,
    /// The subnet of its nodes.
    pub subnet: Option<Foreign>,
}

/// A virtual network (`Microsoft.Network/virtualNetworks`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Network {
    /// The resource id.
    pub id: Foreign,
    /// `dhcpOptions.dnsServers`: the nameservers that its machines ask; empty for Azure's own.
    pub nameservers: Vec<Foreign>,
}

/// The virtual network that a subnet is in, in lower case: ids have no case.
pub fn network_of(subnet: &str) -> Option<String> {
    let subnet = subnet.to_ascii_lowercase();
    let at = subnet.rfind("/subnets/")?;
    subnet.get(..at).map(str::to_owned)
}
