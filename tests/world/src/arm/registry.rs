//! The registry as a resource: what its data plane does, said in the words of its properties.

use serde_json::{Value, json};

use super::{Arm, GROUP};
use crate::plan::SUBSCRIPTION;
use crate::schema::Flavour;

const KIND: &str = "Microsoft.ContainerRegistry/registries";

impl Arm {
    /// The registry, where it is one of Azure's.
    pub(super) fn registry(&self, version: &str) -> Option<Value> {
        let rules = &self.world.registry;
        if rules.flavour != Flavour::Acr {
            return None;
        }
        let name = self.plan.registry.split('.').next().unwrap_or_default();
        let toggle = |on: bool| if on { "Enabled" } else { "Disabled" };
        let policy = |on: bool| json!({"status": if on { "enabled" } else { "disabled" }});
        let mut data: Vec<&String> =
            self.plan.regions.iter().filter_map(|region| region.data.as_ref()).collect();
        if data.is_empty() {
            data.extend(&self.plan.data);
        }
        data.retain(|host| host.contains(".data."));
        let endpoints: Vec<&String> =
            self.plan.regions.iter().filter_map(|region| region.endpoint.as_ref()).collect();
        let mut properties = json!({
            "loginServer": self.plan.authority(&self.plan.registry),
            "creationDate": "2026-01-02T03:04:05.678Z",
            "provisioningState": "Succeeded",
            "adminUserEnabled": false,
            "anonymousPullEnabled": rules.anonymous.as_ref().is_none_or(|patterns| !patterns.is_empty()),
            "dataEndpointEnabled": !data.is_empty(),
            "dataEndpointHostNames": data,
            "regionalEndpoints": toggle(!endpoints.is_empty()),
            "regionalEndpointHostNames": endpoints,
            "endpointProtocol": "IPv4",
            "encryption": {"status": if rules.cmk_unavailable { "enabled" } else { "disabled" }},
            "networkRuleBypassOptions": "AzureServices",
            "networkRuleSet": {
                "defaultAction": if rules.firewall.is_some() { "Deny" } else { "Allow" },
                "ipRules": [],
                "virtualNetworkRules": [],
            },
            "privateEndpointConnections": [],
            "publicNetworkAccess": "Enabled",
            "zoneRedundancy": "Disabled",
            "policies": {
                "azureADAuthenticationAsArmPolicy": policy(rules.arm_audience.unwrap_or(true)),
                "quarantinePolicy": policy(self.world.images.iter().flatten().any(|image| image.quarantined)),
                "exportPolicy": policy(true),
                "softDeletePolicy": policy(false),
                "retentionPolicy": policy(false),
            },
        });
        // Older versions do not tell it.
        if version >= "2025-11-01" {
            properties["roleAssignmentMode"] = "LegacyRegistryPermissions".into();
        }
        Some(json!({
            "id": format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/{KIND}/{name}"),
            "name": name,
            "type": KIND,
            "location": self.world.registry.regions.first().map_or(self.plan.cloud.region(), String::as_str),
            "sku": {"name": "Premium", "tier": "Premium"},
            "identity": {"type": "None"},
            "tags": {},
            "properties": properties,
        }))
    }

    /// The resources of the subscription that a filter lets through: `resourceType eq '...'`, `name eq '...'`.
    pub(super) fn resources(&self, filter: &str) -> Vec<Value> {
        let fields = ["id", "name", "type", "location", "sku", "tags"];
        let resource = self.registry("").map(|all| {
            fields
                .into_iter()
                .map(|name| (name.to_owned(), all[name].clone()))
                .collect::<serde_json::Map<_, _>>()
        });
        let terms: Vec<&str> = filter.split(" and ").map(str::trim).filter(|term| !term.is_empty()).collect();
        let lets = |resource: &serde_json::Map<String, Value>| {
            terms.iter().all(|term| {
                let (field, value) = term.split_once(" eq ").unwrap_or((term, ""));
                let field = if field.eq_ignore_ascii_case("resourceType") { "type" } else { field };
                let own = resource.get(field).and_then(Value::as_str);
                own.is_some_and(|own| own.eq_ignore_ascii_case(value.trim_matches('\'')))
            })
        };
        resource.filter(lets).map(Value::Object).into_iter().collect()
    }
}
