//! The registry as a resource: what its data plane does, said in the words of its properties.

use serde_json::{Value, json};

use super::kind;
use super::resource::Resource;
use super::{network, sources};
use crate::plan::{Plan, SUBSCRIPTION};
use crate::schema::{Flavour, OtherRegistry, PublicAccess, RoleMode, Sku, World};

/// Properties that versions before these do not tell.
pub(super) const FIELDS_SINCE: [(&str, &str); 1] = [("roleAssignmentMode", "2025-11-01")];
/// The first version that tells the identity of a cache rule.
pub(super) const RULE_IDENTITY_SINCE: &str = "2026-01-01-preview";

/// All registries, and what is below the world's own.
pub(super) fn resources(world: &World, plan: &Plan) -> Vec<Resource> {
    let mut all = own(world, plan);
    all.extend(world.arm.registries.iter().map(|said| other(said, plan)));
    all
}

/// A registry that nothing answers for.
fn other(said: &OtherRegistry, plan: &Plan) -> Resource {
    let subscription = said.subscription.as_deref().unwrap_or(SUBSCRIPTION).to_ascii_lowercase();
    let (group, name) = (&said.group, &said.name);
    let id =
        format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/{}/{name}", kind::REGISTRY);
    let host = || format!("{}.{}", name.to_ascii_lowercase(), plan.cloud.registry_suffix());
    let body = json!({
        "location": plan.cloud.region(),
        "sku": {"name": "Standard", "tier": "Standard"},
        "properties": {
            "loginServer": said.login_server.clone().unwrap_or_else(host),
            "provisioningState": "Succeeded",
            "roleAssignmentMode": "LegacyRegistryPermissions",
        },
    });
    Resource::new(id, kind::REGISTRY, body, &[])
}

/// The registry and what is below it, where it is one of Azure's.
fn own(world: &World, plan: &Plan) -> Vec<Resource> {
    let said = &world.registry.resource;
    if world.registry.flavour != Flavour::Acr || said.hidden {
        return Vec::new();
    }
    let id = &plan.acr.id;
    let mut all = vec![Resource::new(id.clone(), kind::REGISTRY, body(world, plan), &said.omit)];
    all.extend(network::connections(plan));
    all.extend(sources::resources(world, plan));
    // The registry's own region is among its replications.
    for region in &world.registry.regions {
        let id = format!("{id}/replications/{region}");
        let body = json!({
            "location": region,
            "properties": {
                "provisioningState": "Succeeded", "regionEndpointEnabled": true, "zoneRedundancy": "Disabled",
                "status": {"displayStatus": "Ready"},
            },
        });
        all.push(Resource::new(id, kind::REPLICATION, body, &[]));
    }
    all
}

fn body(world: &World, plan: &Plan) -> Value {
    let rules = &world.registry;
    let said = &rules.resource;
    let tier = match said.sku {
        Sku::Basic => "Basic",
        Sku::Standard => "Standard",
        Sku::Premium => "Premium",
    };
    json!({
        "location": rules.regions.first().map_or(plan.cloud.region(), String::as_str),
        "sku": {"name": tier, "tier": tier},
        "identity": sources::assigned(said.identities.iter(), plan),
        "tags": {},
        "properties": properties(world, plan),
    })
}

fn properties(world: &World, plan: &Plan) -> Value {
    let rules = &world.registry;
    let said = &rules.resource;
    let toggle = |on: bool| if on { "Enabled" } else { "Disabled" };
    let policy = |on: bool| json!({"status": if on { "enabled" } else { "disabled" }});
    let kept = |name: &str, days: Option<u32>| {
        let mut policy = policy(days.is_some());
        policy[name] = days.unwrap_or(7).into();
        policy
    };
    let mut data: Vec<&String> = plan.regions.iter().filter_map(|region| region.data.as_ref()).collect();
    if data.is_empty() {
        data.extend(&plan.data);
    }
    data.retain(|host| host.contains(".data."));
    let endpoints: Vec<&String> = plan.regions.iter().filter_map(|region| region.endpoint.as_ref()).collect();
    let labelled = plan.registry.split('.').next().is_some_and(|label| label.contains('-'));
    let encrypted = rules.cmk_unavailable || said.encryption_key.is_some();
    let connections: Vec<Value> = network::connections(plan).into_iter().map(|one| one.body).collect();
    let mut properties = json!({
        "loginServer": plan.authority(&plan.registry),
        "creationDate": "2026-01-02T03:04:05.678Z",
        "provisioningState": said.state,
        "adminUserEnabled": said.admin_user.unwrap_or_else(|| world.users.iter().any(|user| user.name == plan.acr.name)),
        "anonymousPullEnabled": rules.anonymous.as_ref().is_none_or(|patterns| !patterns.is_empty()),
        "dataEndpointEnabled": !data.is_empty(),
        "dataEndpointHostNames": data,
        "regionalEndpoints": toggle(!endpoints.is_empty()),
        "regionalEndpointHostNames": endpoints,
        "endpointProtocol": "IPv4",
        "encryption": {"status": if encrypted { "enabled" } else { "disabled" }},
        "networkRuleBypassOptions": if said.trusted_services { "AzureServices" } else { "None" },
        "privateEndpointConnections": connections,
        "publicNetworkAccess": toggle(said.public_access == PublicAccess::Enabled),
        "zoneRedundancy": "Disabled",
        "roleAssignmentMode": match plan.role_mode {
            RoleMode::Legacy => "LegacyRegistryPermissions",
            RoleMode::Abac => "AbacRepositoryPermissions",
        },
        "autoGeneratedDomainNameLabelScope": if labelled { "TenantReuse" } else { "Unsecure" },
        "policies": {
            "azureADAuthenticationAsArmPolicy": policy(rules.arm_audience.unwrap_or(true)),
            "quarantinePolicy": policy(said.quarantine.unwrap_or_else(|| world.images.iter().flatten().any(|image| image.quarantined))),
            "exportPolicy": policy(said.export),
            "trustPolicy": {"type": "Notary", "status": if said.trust { "enabled" } else { "disabled" }},
            "softDeletePolicy": kept("retentionDays", said.soft_delete_days),
            "retentionPolicy": kept("days", said.retention_days),
        },
    });
    if encrypted {
        let key = said.encryption_key.as_deref().unwrap_or("https://contoso.vault.azure.net/keys/registry");
        properties["encryption"]["keyVaultProperties"] =
            json!({"keyIdentifier": key, "versionedKeyIdentifier": key});
    }
    // Only a premium registry has network rules.
    if said.sku == Sku::Premium {
        let closed = rules.firewall.is_some() || !said.ip_rules.is_empty() || !said.subnet_rules.is_empty();
        let own =
            plan.clusters.first().and_then(|cluster| cluster.pools.first()).map(|pool| pool.subnet.as_str());
        let subnets = said.subnet_rules.iter().filter_map(|id| if id == "cluster" { own } else { Some(id) });
        let subnets = subnets.map(|id| json!({"action": "Allow", "virtualNetworkSubnetResourceId": id}));
        let rules = said.ip_rules.iter().map(|value| json!({"action": "Allow", "value": value}));
        properties["networkRuleSet"] = json!({
            "defaultAction": if closed { "Deny" } else { "Allow" },
            "ipRules": rules.collect::<Vec<_>>(),
            "virtualNetworkRules": subnets.collect::<Vec<_>>(),
        });
    }
    properties
}
