//! The registry: found by its id, its name or one of its hosts, and read.

use probes::foreign::Foreign;
use serde_json::Value;

use super::Place;
use crate::azure::arm::Api;
use crate::azure::together::all;
use crate::azure::{Ask, Named, REGISTRIES, ResourceId, read, trouble};
use crate::case::azure::{Connection, Mode, Registry, Trouble, TroubleKind};

/// The first stable version that tells how a registry reads role assignments, and one that every cloud has.
const VERSIONS: [&str; 2] = ["2025-11-01", "2023-07-01"];
/// The version that lists resources of any type.
const LIST_VERSION: &str = "2024-11-01";
const DURING: &str = "read the registry";
const FINDING: &str = "find the registry";
/// The most registries of one name that are read; names are unique in a cloud, hosts nearly.
const CANDIDATES: usize = 8;

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    /// The registry with its properties.
    pub(super) registry: Option<Registry>,
    /// The login servers of those with the same name or nearly so, where every list was read and none has the host.
    pub(super) alike: Option<Vec<Foreign>>,
    /// What stood in the way.
    pub(super) troubles: Vec<Trouble>,
}

/// The registry.
pub(super) async fn find(ask: &Ask, manager: &Api<'_, '_>, places: &[Place]) -> Found {
    let Some(named) = &ask.registry else { return Found::default() };
    let mut troubles = Vec::new();
    let listed = match named {
        Named::Id(id) => vec![id.clone()],
        Named::Name(_) | Named::Host(_) => listed(manager, places, &mut troubles).await,
    };
    let has_name = |id: &&ResourceId| match named {
        Named::Id(_) => true,
        Named::Name(name) => name.eq_ignore_ascii_case(id.name()),
        Named::Host(host) => {
            let label = host.split('.').next().unwrap_or_default();
            // A name has letters and digits alone; what stands behind a hyphen makes the host unique.
            [label, label.split('-').next().unwrap_or_default()]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(id.name()))
        }
    };
    let candidates: Vec<&ResourceId> = listed.iter().filter(has_name).take(CANDIDATES).collect();
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for said in read_all(manager, &candidates).await {
        match said {
            Ok(said) if is_meant(named, &said) => found.push(said),
            Ok(said) => others.push(said),
            Err(trouble) => troubles.push(trouble),
        }
    }
    // A name with a domain name label may be there more than once.
    if found.len() > 1
        && let Some(host) = &ask.host
    {
        found.retain(|said| has_host(said, host));
    }
    let mut alike = None;
    let told = match found.as_slice() {
        [one] => match ask.host.as_ref().filter(|host| !has_host(one, host)) {
            None => return Found { registry: Some(registry(one, places)), alike: None, troubles },
            Some(host) => {
                let own = read::text(one, "properties.loginServer").unwrap_or_default();
                format!("the registry '{}' is at {own}, and the image at {host}", shown(named))
            }
        },
        [] if !troubles.is_empty() || places.is_empty() => return Found { troubles, ..Found::default() },
        [] => {
            if others.is_empty()
                && let Named::Host(host) = named
            {
                others = near(manager, host, &listed).await;
            }
            let servers: Vec<Foreign> =
                others.iter().filter_map(|said| read::text(said, "properties.loginServer")).collect();
            let mut told =
                format!("no registry is '{}' in the subscriptions that were looked in", shown(named));
            if !servers.is_empty() {
                let servers: Vec<&str> = servers.iter().map(Foreign::as_str).collect();
                told.push_str(&format!("; there is {}", servers.join(", ")));
            }
            alike = Some(servers);
            told
        }
        _ => {
            format!("there are {} registries '{}'; name one by its resource id", found.len(), shown(named))
        }
    };
    troubles.push(trouble::of(TroubleKind::NotFound, FINDING, told));
    Found { registry: None, alike, troubles }
}

async fn read_all(manager: &Api<'_, '_>, ids: &[&ResourceId]) -> Vec<Result<Value, Trouble>> {
    all(ids.iter().map(|id| manager.resource(DURING, id.as_str(), &VERSIONS))).await
}

/// The registries whose names come near to a host's.
async fn near(manager: &Api<'_, '_>, host: &str, listed: &[ResourceId]) -> Vec<Value> {
    let label = host.split('.').next().unwrap_or_default();
    let names = crate::near::to(label, listed.iter().map(ResourceId::name));
    let ids: Vec<&ResourceId> =
        listed.iter().filter(|id| names.contains(&id.name())).take(CANDIDATES).collect();
    read_all(manager, &ids).await.into_iter().flatten().collect()
}

fn shown(named: &Named) -> &str {
    match named {
        Named::Id(id) => id.as_str(),
        Named::Name(name) | Named::Host(name) => name,
    }
}

/// The ids of the registries there are.
async fn listed(manager: &Api<'_, '_>, places: &[Place], troubles: &mut Vec<Trouble>) -> Vec<ResourceId> {
    let filter = format!("resourceType eq '{REGISTRIES}'");
    let query = [("$filter", filter.as_str()), ("api-version", LIST_VERSION)];
    let paths: Vec<String> =
        places.iter().map(|place| format!("/subscriptions/{}/resources", place.subscription)).collect();
    let lists = all(paths.iter().map(|path| manager.list(FINDING, path, &query))).await;
    let items = lists.into_iter().flat_map(|list| list.items(troubles)).collect::<Vec<_>>();
    items.iter().filter_map(|item| read::raw(item, "id")?.parse().ok()).collect()
}

/// Whether a registry is the one that is named: the same name may lead to another host.
fn is_meant(named: &Named, said: &Value) -> bool {
    match named {
        Named::Host(host) => has_host(said, host),
        Named::Id(_) | Named::Name(_) => true,
    }
}

/// Whether a host is one of a registry's.
fn has_host(said: &Value, host: &str) -> bool {
    let hosts = ["properties.dataEndpointHostNames", "properties.regionalEndpointHostNames"];
    let own = |text: &str| text.split(':').next().is_some_and(|own| own.eq_ignore_ascii_case(host));
    read::raw(said, "properties.loginServer").is_some_and(own)
        || hosts.iter().filter_map(|path| read::list(said, path)).flatten().filter_map(Value::as_str).any(own)
}

/// The properties that bear on a pull.
fn registry(said: &Value, places: &[Place]) -> Registry {
    let text = |path: &str| read::text(said, path);
    let policy = |name: &str| read::switch(said, &format!("properties.policies.{name}.status"));
    let default = read::raw(said, "properties.networkRuleSet.defaultAction");
    Registry {
        id: text("id").unwrap_or_default(),
        name: text("name").unwrap_or_default(),
        login_server: text("properties.loginServer").unwrap_or_default(),
        tenant: super::tenant_of(read::raw(said, "id").unwrap_or_default(), places),
        location: text("location"),
        sku: text("sku.name"),
        provisioning_state: text("properties.provisioningState"),
        public_access: read::switch(said, "properties.publicNetworkAccess"),
        default_allow: default.and_then(|action| match action {
            "Allow" => Some(true),
            "Deny" => Some(false),
            _ => None,
        }),
        ip_rules: read::each(said, "properties.networkRuleSet.ipRules", "value"),
        subnet_rules: subnet_rules(said),
        connections: read::list(said, "properties.privateEndpointConnections").map(connections),
        data_endpoints: read::switch(said, "properties.dataEndpointEnabled"),
        data_hosts: read::texts(said, "properties.dataEndpointHostNames"),
        regional_hosts: read::texts(said, "properties.regionalEndpointHostNames"),
        arm_audience: policy("azureADAuthenticationAsArmPolicy"),
        quarantine: policy("quarantinePolicy"),
        soft_delete: policy("softDeletePolicy"),
        mode: read::raw(said, "properties.roleAssignmentMode").map(|mode| match mode {
            "LegacyRegistryPermissions" => Mode::Registry,
            "AbacRepositoryPermissions" => Mode::Repositories,
            _ => Mode::Unknown,
        }),
        admin_user: read::switch(said, "properties.adminUserEnabled"),
        anonymous_pull: read::switch(said, "properties.anonymousPullEnabled"),
        customer_key: read::switch(said, "properties.encryption.status"),
        key: text("properties.encryption.keyVaultProperties.keyIdentifier"),
        identities: read::identities(said),
        ..Registry::default()
    }
}

fn connections(list: &[Value]) -> Vec<Connection> {
    let one = |said: &Value| Connection {
        endpoint: read::text(said, "properties.privateEndpoint.id").unwrap_or_default(),
        status: read::text(said, "properties.privateLinkServiceConnectionState.status")
            .unwrap_or_else(|| Foreign::new("unknown")),
    };
    list.iter().map(one).collect()
}

/// The subnets that are let in: versions differ in what they call them. One that cannot be read leaves the list unknown.
fn subnet_rules(said: &Value) -> Option<Vec<Foreign>> {
    let rules = read::list(said, "properties.networkRuleSet.virtualNetworkRules")?;
    let subnet =
        |rule: &Value| read::text(rule, "id").or_else(|| read::text(rule, "virtualNetworkSubnetResourceId"));
    rules.iter().map(subnet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_lacks_stays_unknown() {
        let old = serde_json::json!({"id": "/x", "name": "contosoacr", "properties": {"loginServer": "contosoacr.azurecr.io"}});
        let read = registry(&old, &[]);
        assert_eq!((read.mode, read.public_access, read.anonymous_pull), (None, None, None));
        assert_eq!((read.ip_rules, read.connections, read.default_allow), (None, None, None));
        let odd = serde_json::json!({"properties": {
            "roleAssignmentMode": "Next", "publicNetworkAccess": "SecuredByPerimeter", "networkRuleSet": {"defaultAction": "Maybe"},
        }});
        let read = registry(&odd, &[]);
        assert_eq!((read.mode, read.public_access, read.default_allow), (Some(Mode::Unknown), None, None));
    }

    #[test]
    fn a_registry_is_meant_by_each_of_its_hosts() {
        let said = serde_json::json!({"properties": {
            "loginServer": "contosoacr-e7ggejfuhzhgedc8.azurecr.io",
            "regionalEndpointHostNames": ["contosoacr.northeurope.geo.azurecr.io"],
        }});
        for (host, expected) in [
            ("contosoacr-e7ggejfuhzhgedc8.azurecr.io", true),
            ("contosoacr.northeurope.geo.azurecr.io", true),
            ("contosoacr.azurecr.io", false),
        ] {
            assert_eq!(is_meant(&Named::Host(host.to_owned()), &said), expected, "{host}");
        }
    }
}
