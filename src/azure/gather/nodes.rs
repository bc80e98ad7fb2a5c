//! What the cluster's machines really have: their identities, their subnets, and the addresses that they go out with.

use probes::foreign::Foreign;
use serde_json::Value;

use super::cluster::unique;
use crate::azure::arm::Api;
use crate::azure::read;
use crate::azure::together::all;
use crate::case::azure::{ManagedCluster, Network, ScaleSet, Trouble, network_of};

const SETS_VERSION: &str = "2024-07-01";
const NETWORK_VERSIONS: [&str; 1] = ["2024-05-01"];
const SETS: &str = "list the scale sets of the nodes";
const NETWORKS: &str = "read the nodes' virtual networks";
const EGRESS: &str = "read the addresses that the nodes go out with";
/// The most addresses, prefixes and gateways that are read.
const MOST: usize = 32;
/// The tag that names a scale set's pool.
const POOL: &str = "aks-managed-poolName";

#[derive(Default)]
pub(super) struct Nodes {
    pub(super) scale_sets: Option<Vec<ScaleSet>>,
    pub(super) egress: Option<Vec<Foreign>>,
    /// The subnets, where the cluster itself does not tell them.
    pub(super) subnets: Option<Vec<Foreign>>,
    /// The networks of the subnets.
    pub(super) networks: Option<Vec<Network>>,
    pub(super) troubles: Vec<Trouble>,
}

/// Reads what is around a cluster.
pub(super) async fn read(manager: &Api<'_, '_>, found: Option<&(ManagedCluster, Value)>) -> Nodes {
    let Some((cluster, said)) = found else { return Nodes::default() };
    let ((sets, mut troubles), (egress, also)) =
        tokio::join!(scale_sets(manager, cluster), egress(manager, cluster, said));
    troubles.extend(also);
    let subnets = sets
        .as_ref()
        .filter(|_| cluster.subnets.is_none())
        .map(|sets| unique(sets.iter().flat_map(subnets_of).collect()));
    let subnets = subnets.filter(|subnets| !subnets.is_empty());
    let (networks, also) = networks(manager, subnets.as_ref().or(cluster.subnets.as_ref())).await;
    troubles.extend(also);
    Nodes {
        networks,
        scale_sets: sets.as_ref().map(|sets| sets.iter().map(scale_set).collect()),
        egress,
        subnets,
        troubles,
    }
}

/// The networks that subnets are in; `None` where not one could be read.
async fn networks(
    manager: &Api<'_, '_>,
    subnets: Option<&Vec<Foreign>>,
) -> (Option<Vec<Network>>, Vec<Trouble>) {
    let mut ids: Vec<String> =
        subnets.into_iter().flatten().filter_map(|id| network_of(id.as_str())).collect();
    ids.dedup();
    ids.truncate(MOST);
    let (mut networks, mut troubles) = (Vec::new(), Vec::new());
    let said = all(ids.iter().map(|id| manager.resource(NETWORKS, id, &NETWORK_VERSIONS))).await;
    for (id, said) in ids.iter().zip(said) {
        match said {
            Ok(said) => networks.push(Network {
                id: Foreign::new(id),
                nameservers: read::texts(&said, "properties.dhcpOptions.dnsServers").unwrap_or_default(),
            }),
            Err(trouble) => troubles.push(trouble),
        }
    }
    ((!networks.is_empty()).then_some(networks), troubles)
}

async fn scale_sets(manager: &Api<'_, '_>, cluster: &ManagedCluster) -> (Option<Vec<Value>>, Vec<Trouble>) {
    let subscription = cluster.id.as_str().split('/').nth(2);
    let (Some(subscription), Some(group)) = (subscription, &cluster.node_resource_group) else {
        return (None, Vec::new());
    };
    let path = format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets"
    );
    let list = manager.list(SETS, &path, &[("api-version", SETS_VERSION)]).await;
    let mut troubles = Vec::new();
    let is_whole = list.trouble.is_none();
    let items = list.items(&mut troubles);
    // A part of them is better than nothing.
    ((is_whole || !items.is_empty()).then_some(items), troubles)
}

fn scale_set(said: &Value) -> ScaleSet {
    let identity = read::at(said, "identity");
    let assigned = || {
        let assigned =
            identity.and_then(|one| read::at(one, "userAssignedIdentities")).and_then(Value::as_object);
        assigned.into_iter().flatten()
    };
    // A resource that has no identity has no such field; what has no properties was not returned in full.
    let told = identity.is_some() || read::at(said, "properties").is_some();
    let tags = read::at(said, "tags").and_then(Value::as_object);
    let pool = tags.and_then(|tags| tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(POOL)));
    ScaleSet {
        name: read::text(said, "name").unwrap_or_default(),
        pool: pool.and_then(|(_, pool)| pool.as_str()).map(Foreign::new),
        identities: told.then(|| read::identities(said).unwrap_or_default()),
        objects: told.then(|| {
            assigned()
                .filter_map(|(id, one)| Some((Foreign::new(id), read::text(one, "principalId")?)))
                .collect()
        }),
    }
}

fn subnets_of(said: &Value) -> Vec<Foreign> {
    let profile = "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations";
    let interfaces = read::list(said, profile).unwrap_or_default().iter();
    interfaces
        .flat_map(|one| {
            read::each(one, "properties.ipConfigurations", "properties.subnet.id").unwrap_or_default()
        })
        .collect()
}

/// The addresses: those that the cluster names, or those of the gateways of its subnets. All or none: with one missing it would
/// look as if the nodes came from elsewhere.
async fn egress(
    manager: &Api<'_, '_>,
    cluster: &ManagedCluster,
    said: &Value,
) -> (Option<Vec<Foreign>>, Vec<Trouble>) {
    let mut ids = Vec::new();
    for profile in ["loadBalancerProfile", "natGatewayProfile"] {
        let path = format!("properties.networkProfile.{profile}.effectiveOutboundIPs");
        ids.extend(
            read::list(said, &path)
                .unwrap_or_default()
                .iter()
                .filter_map(|one| read::raw(one, "id"))
                .map(str::to_owned),
        );
    }
    if cluster
        .outbound
        .as_ref()
        .is_some_and(|kind| kind.as_str().eq_ignore_ascii_case("userAssignedNATGateway"))
    {
        match of_gateways(manager, cluster.subnets.as_deref().unwrap_or_default()).await {
            Ok(own) => ids.extend(own),
            Err(trouble) => return (None, vec![trouble]),
        }
    }
    if ids.is_empty() || ids.len() > MOST {
        return (None, Vec::new());
    }
    let mut addresses = Vec::new();
    for said in all(ids.iter().map(|id| manager.resource(EGRESS, id, &NETWORK_VERSIONS))).await {
        match said {
            Ok(said) => {
                let address = read::text(&said, "properties.ipAddress")
                    .or_else(|| read::text(&said, "properties.ipPrefix"));
                addresses.push(address);
            }
            Err(trouble) => return (None, vec![trouble]),
        }
    }
    (addresses.into_iter().collect(), Vec::new())
}

/// The ids of the public addresses and prefixes of the gateways that subnets go out by.
async fn of_gateways(manager: &Api<'_, '_>, subnets: &[Foreign]) -> Result<Vec<String>, Trouble> {
    let subnets = &subnets[..subnets.len().min(MOST)];
    let mut gateways: Vec<String> = Vec::new();
    for said in all(subnets.iter().map(|id| manager.resource(EGRESS, id.as_str(), &NETWORK_VERSIONS))).await {
        let said = said?;
        let id = read::raw(&said, "properties.natGateway.id").map(str::to_owned);
        gateways.extend(id.filter(|id| !gateways.contains(id)));
    }
    let mut ids = Vec::new();
    for said in all(gateways.iter().map(|id| manager.resource(EGRESS, id, &NETWORK_VERSIONS))).await {
        let said = said?;
        for list in ["properties.publicIpAddresses", "properties.publicIpPrefixes"] {
            ids.extend(
                read::list(&said, list)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|one| read::raw(one, "id"))
                    .map(str::to_owned),
            );
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_that_were_not_returned_are_not_known_to_be_none() {
        let read = |said| scale_set(&said).identities.map(|ids| ids.len());
        assert_eq!(read(serde_json::json!({"name": "a"})), None);
        assert_eq!(read(serde_json::json!({"properties": {}})), Some(0));
        assert_eq!(read(serde_json::json!({"identity": {"type": "None"}})), Some(0));
        assert_eq!(
            read(
                serde_json::json!({"identity": {"type": "UserAssigned", "userAssignedIdentities": {"/x": {}}}})
            ),
            Some(1)
        );
        let tagged = scale_set(&serde_json::json!({"tags": {"aks-managed-poolname": "np1"}}));
        assert_eq!(tagged.pool.map(|pool| pool.to_string()).as_deref(), Some("np1"));
    }
}
