//! Managed clusters, the scale sets of their machines, and managed identities.

use serde_json::{Map, Value, json};

use super::kind;
use super::resource::Resource;
use super::vnet;
use crate::plan::{Cluster, Plan, Pool, Principal};
use crate::schema::{IdentityKind, Outbound};

/// The clusters, what they are made of, and the identities.
pub(super) fn resources(plan: &Plan) -> Vec<Resource> {
    let mut all: Vec<Resource> = plan.principals.iter().filter_map(|known| identity(known, plan)).collect();
    for cluster in &plan.clusters {
        all.push(Resource::new(cluster.id.clone(), kind::CLUSTER, body(cluster, plan), &cluster.said.omit));
        for pool in &cluster.pools {
            let id = format!(
                "{}/providers/Microsoft.Compute/virtualMachineScaleSets/{}",
                cluster.node_group, pool.scale_set
            );
            all.push(Resource::new(id, kind::SCALE_SET, scale_set(cluster, pool, plan), &pool.said.omit));
        }
        all.extend(vnet::resources(cluster, plan));
    }
    all
}

fn by_name<'a>(plan: &'a Plan, name: &str) -> Option<&'a Principal> {
    plan.principals.iter().find(|known| known.name == name)
}

fn body(cluster: &Cluster, plan: &Plan) -> Value {
    let said = &cluster.said;
    let kubelet = plan.principals.iter().find(|known| Some(&known.object_id) == cluster.kubelet.as_ref());
    let managed = kubelet.is_none_or(Principal::is_managed);
    let region = plan.cloud.region();
    let fqdn =
        said.fqdn.clone().unwrap_or_else(|| format!("{}-dns-12345678.hcp.{region}.azmk8s.io", said.name));
    let addons: Map<String, Value> =
        said.addons.iter().map(|name| (name.clone(), json!({"enabled": true}))).collect();
    let mut body = json!({
        "location": region,
        "sku": {"name": "Base", "tier": "Free"},
        "properties": {
            "provisioningState": said.state,
            "powerState": {"code": if said.stopped { "Stopped" } else { "Running" }},
            "kubernetesVersion": said.version.rsplit_once('.').map_or(said.version.as_str(), |(minor, _)| minor),
            "currentKubernetesVersion": said.version,
            "dnsPrefix": format!("{}-dns", said.name),
            "nodeResourceGroup": cluster.node_group.rsplit('/').next(),
            "servicePrincipalProfile": {"clientId": "msi"},
            "networkProfile": {
                "networkPlugin": "azure", "networkPluginMode": "overlay", "outboundType": outbound(said.outbound),
                "podCidr": "10.244.0.0/16", "serviceCidr": "10.0.0.0/16", "dnsServiceIP": "10.0.0.10",
                "loadBalancerSku": "standard",
            },
            "apiServerAccessProfile": {"enablePrivateCluster": said.private},
            "addonProfiles": addons,
            "oidcIssuerProfile": {"enabled": false},
            "bootstrapProfile": {"artifactSource": "Direct", "containerRegistryId": null},
            "agentPoolProfiles": cluster.pools.iter().map(|pool| profile(cluster, pool)).collect::<Vec<_>>(),
        },
    });
    let properties = &mut body["properties"];
    properties[if said.private { "privateFQDN" } else { "fqdn" }] = fqdn.into();
    let profile = match said.outbound {
        Outbound::LoadBalancer => Some("loadBalancerProfile"),
        Outbound::ManagedNatGateway => Some("natGatewayProfile"),
        _ => None,
    };
    if let Some(profile) = profile {
        properties["networkProfile"][profile] = json!({"effectiveOutboundIPs": vnet::references(cluster)});
    }
    if let Some(proxy) = &said.http_proxy {
        properties["httpProxyConfig"] =
            json!({"httpProxy": proxy, "httpsProxy": proxy, "noProxy": said.no_proxy});
    }
    if let Some(cache) = &said.image_cache {
        let id = if cache == "registry" { plan.acr.id.clone() } else { cache.clone() };
        properties["bootstrapProfile"] = json!({"artifactSource": "Cache", "containerRegistryId": id});
    }
    match kubelet {
        Some(known) if managed => {
            properties["identityProfile"] = json!({"kubeletidentity": {
                "resourceId": known.resource_id, "clientId": known.client_id, "objectId": known.object_id,
            }});
        }
        Some(known) => properties["servicePrincipalProfile"] = json!({"clientId": known.client_id}),
        None => {}
    }
    if managed {
        // The cluster's own identity, with which nothing is pulled.
        let own = said.identity.as_deref().and_then(|name| by_name(plan, name));
        body["identity"] = match own.and_then(|own| Some((own, own.resource_id.as_ref()?))) {
            Some((own, id)) => json!({"type": "UserAssigned", "userAssignedIdentities": {
                id: {"principalId": own.object_id, "clientId": own.client_id},
            }}),
            None => json!({
                "type": "SystemAssigned", "principalId": "55555555-0000-4000-8000-000000000001", "tenantId": plan.tenant,
            }),
        };
    }
    body
}

fn outbound(said: Outbound) -> &'static str {
    match said {
        Outbound::LoadBalancer => "loadBalancer",
        Outbound::ManagedNatGateway => "managedNATGateway",
        Outbound::UserAssignedNatGateway => "userAssignedNATGateway",
        Outbound::UserDefinedRouting => "userDefinedRouting",
        Outbound::None => "none",
        Outbound::Block => "block",
    }
}

fn profile(cluster: &Cluster, pool: &Pool) -> Value {
    let said = &pool.said;
    let mut profile = json!({
        "name": said.name, "mode": if said.system { "System" } else { "User" }, "count": said.count,
        "osType": if said.windows { "Windows" } else { "Linux" }, "vmSize": "Standard_D4s_v5",
        "type": "VirtualMachineScaleSets", "provisioningState": "Succeeded", "orchestratorVersion": cluster.said.version,
        "currentOrchestratorVersion": cluster.said.version,
    });
    // Of a network of its own AKS does not tell.
    if cluster.own_subnet.as_ref() != Some(&pool.subnet) {
        profile["vnetSubnetID"] = pool.subnet.as_str().into();
    }
    profile
}

fn scale_set(cluster: &Cluster, pool: &Pool, plan: &Plan) -> Value {
    let has = || pool.identities.iter().filter_map(|name| by_name(plan, name));
    let own = has().find(|known| known.said.kind == IdentityKind::SystemAssigned);
    let assigned: Map<String, Value> = has()
        .filter(|known| known.said.kind == IdentityKind::UserAssigned)
        .filter_map(|known| {
            let ids = json!({"principalId": known.object_id, "clientId": known.client_id});
            Some((known.resource_id.clone()?, ids))
        })
        .collect();
    let dns: Vec<String> = cluster.said.dns_servers.iter().map(ToString::to_string).collect();
    let mut body = json!({
        "location": plan.cloud.region(),
        "sku": {"name": "Standard_D4s_v5", "tier": "Standard", "capacity": pool.said.count},
        "tags": {"aks-managed-poolName": pool.said.name},
        "properties": {
            "provisioningState": "Succeeded",
            "orchestrationMode": "Uniform",
            "virtualMachineProfile": {"networkProfile": {"networkInterfaceConfigurations": [{
                "name": pool.scale_set,
                "properties": {
                    "primary": true,
                    "dnsSettings": {"dnsServers": dns},
                    "ipConfigurations": [{
                        "name": "ipconfig1", "properties": {"primary": true, "subnet": {"id": pool.subnet}},
                    }],
                },
            }]}},
        },
    });
    let kind = match (own.is_some(), assigned.is_empty()) {
        (true, true) => "SystemAssigned",
        (true, false) => "SystemAssigned, UserAssigned",
        (false, false) => "UserAssigned",
        (false, true) => return body,
    };
    body["identity"] = json!({"type": kind});
    if !assigned.is_empty() {
        body["identity"]["userAssignedIdentities"] = assigned.into();
    }
    if let Some(own) = own {
        body["identity"]["principalId"] = own.object_id.as_str().into();
        body["identity"]["tenantId"] = own.tenant.as_str().into();
    }
    body
}

/// A managed identity that stands by itself.
fn identity(known: &Principal, plan: &Plan) -> Option<Resource> {
    let id = known.resource_id.as_ref().filter(|_| known.said.kind == IdentityKind::UserAssigned)?;
    if known.said.deleted || known.tenant != plan.tenant {
        return None;
    }
    let body = json!({
        "location": plan.cloud.region(),
        "properties": {"tenantId": known.tenant, "principalId": known.object_id, "clientId": known.client_id},
    });
    // Ids of resources are written with a capital letter where the cluster writes none.
    Some(Resource::new(id.replace("/resourcegroups/", "/resourceGroups/"), kind::IDENTITY, body, &[]))
}
