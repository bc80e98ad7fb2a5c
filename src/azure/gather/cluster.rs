//! The cluster: found by its id, or by its name in each subscription, and read.

use probes::foreign::Foreign;
use serde_json::Value;

use super::{Place, tenant_of};
use crate::azure::arm::Api;
use crate::azure::together::all;
use crate::azure::{CLUSTERS, ClusterName, NodeHint, is_plain, read, trouble};
use crate::case::azure::{ClusterProxy, KubeletIdentity, ManagedCluster, Pool, Trouble, TroubleKind};

/// A version that tells where Microsoft's own images come from, and one that every cloud has.
const VERSIONS: [&str; 2] = ["2026-06-01", "2024-09-01"];
const DURING: &str = "read the cluster";
/// What names the API server: to everybody, in the cluster's network, to Azure's portal.
const HOSTS: [&str; 3] = ["properties.fqdn", "properties.privateFQDN", "properties.azurePortalFQDN"];

/// The cluster as it is, and what is kept of it.
pub(super) async fn find(
    named: Option<&ClusterName>,
    node: Option<&NodeHint>,
    manager: &Api<'_, '_>,
    places: &[Place],
) -> (Option<(ManagedCluster, Value)>, Vec<Trouble>) {
    let ids = match named {
        None => return of_node(node, manager, places).await,
        Some(ClusterName::Id(id)) => vec![id.to_string()],
        Some(ClusterName::InGroup { group, name }) => {
            let in_place = |place: &Place| {
                format!(
                    "/subscriptions/{}/resourceGroups/{group}/providers/{CLUSTERS}/{name}",
                    place.subscription
                )
            };
            places.iter().map(in_place).collect()
        }
    };
    let mut troubles = Vec::new();
    for said in all(ids.iter().map(|id| manager.resource(DURING, id, &VERSIONS))).await {
        match said {
            Ok(said) => return (Some((cluster(&said, places), said)), Vec::new()),
            Err(trouble) => troubles.push(trouble),
        }
    }
    // That it is not in one subscription says nothing, while it may be in one that could not be looked in.
    if ids.len() > 1 && troubles.iter().any(|trouble| trouble.kind != TroubleKind::NotFound) {
        troubles.retain(|trouble| trouble.kind != TroubleKind::NotFound);
    } else if ids.len() > 1 {
        let told = format!("no cluster has this name in the {} subscriptions that were looked in", ids.len());
        troubles = vec![trouble::of(TroubleKind::NotFound, DURING, told)];
    }
    (None, troubles)
}

/// The cluster of a node: the one whose nodes are in its resource group.
async fn of_node(
    hint: Option<&NodeHint>,
    manager: &Api<'_, '_>,
    places: &[Place],
) -> (Option<(ManagedCluster, Value)>, Vec<Trouble>) {
    const DURING: &str = "find the node's cluster";
    let (Some(subscription), Some(group)) =
        (hint.and_then(|hint| hint.subscription.as_ref()), hint.and_then(|hint| hint.group.as_ref()))
    else {
        return (None, Vec::new());
    };
    let mut troubles = Vec::new();
    // What stands in a file is no path.
    if !subscription.chars().all(is_plain) {
        return (None, troubles);
    }
    let path = format!("/subscriptions/{subscription}/providers/{CLUSTERS}");
    for version in VERSIONS {
        let listed = manager.list(DURING, &path, &[("api-version", version)]).await;
        let failed = listed.trouble.is_some() && listed.items.is_empty();
        let is_its = |item: &&Value| {
            let own = read::raw(item, "properties.nodeResourceGroup");
            own.is_some_and(|own| own.eq_ignore_ascii_case(group))
        };
        if let Some(found) = listed.items.iter().find(is_its) {
            return (Some((cluster(found, places), found.clone())), Vec::new());
        }
        troubles = listed.trouble.into_iter().collect();
        if !failed {
            break;
        }
    }
    (None, troubles)
}

/// What bears on a pull.
fn cluster(said: &Value, places: &[Place]) -> ManagedCluster {
    let text = |path: &str| read::text(said, path);
    let client = text("properties.servicePrincipalProfile.clientId").filter(|id| id.as_str() != "msi");
    let profile = read::at(said, "properties.identityProfile.kubeletidentity");
    let subnets = read::each(said, "properties.agentPoolProfiles", "vnetSubnetID").map(unique);
    ManagedCluster {
        id: text("id").unwrap_or_default(),
        tenant: text("identity.tenantId")
            .or_else(|| tenant_of(read::raw(said, "id").unwrap_or_default(), places)),
        kubelet: profile.map(|profile| KubeletIdentity {
            resource_id: read::text(profile, "resourceId"),
            client_id: read::text(profile, "clientId"),
            object_id: read::text(profile, "objectId"),
        }),
        control_plane: text("identity.principalId").or_else(|| assigned(said)),
        service_principal: client,
        service_principal_object: None,
        node_resource_group: text("properties.nodeResourceGroup"),
        outbound: text("properties.networkProfile.outboundType"),
        egress: None,
        power: text("properties.powerState.code"),
        hosts: Some(HOSTS.into_iter().filter_map(text).collect()).filter(|hosts: &Vec<_>| !hosts.is_empty()),
        private: read::switch(said, "properties.apiServerAccessProfile.enablePrivateCluster"),
        proxy: read::at(said, "properties.httpProxyConfig").map(|proxy| ClusterProxy {
            http: read::text(proxy, "httpProxy"),
            https: read::text(proxy, "httpsProxy"),
            exempt: read::texts(proxy, "noProxy").unwrap_or_default(),
        }),
        // Of a network of its own AKS does not tell.
        subnets: subnets.filter(|subnets| !subnets.is_empty()),
        pools: read::list(said, "properties.agentPoolProfiles").map(|all| all.iter().map(pool).collect()),
        networks: None,
        bootstrap_registry: text("properties.bootstrapProfile.containerRegistryId"),
    }
}

fn pool(said: &Value) -> Pool {
    Pool { name: read::text(said, "name").unwrap_or_default(), subnet: read::text(said, "vnetSubnetID") }
}

/// The object id of the control plane's own identity, where it is one that stands by itself.
fn assigned(said: &Value) -> Option<Foreign> {
    let all = read::at(said, "identity.userAssignedIdentities")?.as_object()?;
    all.values().find_map(|identity| read::text(identity, "principalId"))
}

/// Each once, in the order in which they are said; ids have no case.
pub(super) fn unique(ids: Vec<Foreign>) -> Vec<Foreign> {
    let mut kept: Vec<Foreign> = Vec::new();
    for id in ids {
        if !kept.iter().any(|known| known.as_str().eq_ignore_ascii_case(id.as_str())) {
            kept.push(id);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_pulls_is_told_apart_from_who_rules() {
        let managed = cluster(
            &serde_json::json!({
                "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/x": {"principalId": "control"}}},
                "properties": {
                    "servicePrincipalProfile": {"clientId": "msi"},
                    "identityProfile": {"kubeletidentity": {"objectId": "kubelet"}},
                    "agentPoolProfiles": [{"vnetSubnetID": "/A"}, {"vnetSubnetID": "/a"}, {}],
                    "httpProxyConfig": {"httpProxy": "http://user:pass@proxy:3128/"},
                },
            }),
            &[],
        );
        assert_eq!(managed.control_plane.as_ref().map(Foreign::as_str), Some("control"));
        assert_eq!(
            managed.kubelet.and_then(|kubelet| kubelet.object_id).map(|id| id.to_string()).as_deref(),
            Some("kubelet")
        );
        assert_eq!(
            (managed.service_principal, managed.subnets.map(|subnets| subnets.len())),
            (None, Some(1))
        );
        assert_eq!(
            managed.proxy.and_then(|proxy| proxy.http).map(|proxy| proxy.to_string()).as_deref(),
            Some("http://proxy:3128/")
        );
        let principal = cluster(
            &serde_json::json!({"properties": {"servicePrincipalProfile": {"clientId": "app"}}}),
            &[],
        );
        assert_eq!(principal.service_principal.map(|id| id.to_string()).as_deref(), Some("app"));
        assert_eq!((principal.kubelet, principal.private, principal.subnets), (None, None, None));
    }
}
