//! What Azure says: read-only looks with `az`, from the names of the registry.
//!
//! *Invariant:* nothing here changes anything, and no query holds a character that `az.cmd` would give to its shell.

use super::{Command, Names, look};

/// What reading a registry's settings takes.
fn registry_read(acr: &str) -> Option<String> {
    Some(format!("az; Microsoft.ContainerRegistry/registries/read on {acr}"))
}

/// What listing a registry's content takes.
pub(super) fn content_read(acr: &str) -> Option<String> {
    Some(format!("az; a role that may list repositories of {acr}"))
}

/// A setting of the registry.
fn setting(names: &Names, query: &str, output: &str) -> Option<Command> {
    let acr = names.acr.as_deref()?;
    look(["az", "acr", "show", "--name", acr, "--query", query, "--output", output], registry_read(acr))
}

pub(super) fn acr_login_server(names: &Names) -> Option<Command> {
    setting(names, "loginServer", "tsv")
}

pub(super) fn acr_id(names: &Names) -> Option<Command> {
    setting(names, "id", "tsv")
}

pub(super) fn acr_networks(names: &Names) -> Option<Command> {
    setting(
        names,
        "{publicNetworkAccess:publicNetworkAccess,networkRuleSet:networkRuleSet,\
         privateEndpoints:privateEndpointConnections[].privateLinkServiceConnectionState.status}",
        "json",
    )
}

pub(super) fn acr_role_mode(names: &Names) -> Option<Command> {
    setting(names, "roleAssignmentMode", "tsv")
}

pub(super) fn acr_admin_user(names: &Names) -> Option<Command> {
    setting(names, "adminUserEnabled", "tsv")
}

pub(super) fn acr_quarantine(names: &Names) -> Option<Command> {
    setting(names, "policies.quarantinePolicy.status", "tsv")
}

pub(super) fn acr_tier(names: &Names) -> Option<Command> {
    setting(names, "sku.name", "tsv")
}

pub(super) fn acr_list() -> Option<Command> {
    look(["az", "acr", "list", "--query", "[].loginServer", "--output", "tsv"], Some("az; Reader".to_owned()))
}

pub(super) fn acr_name_taken(names: &Names) -> Option<Command> {
    look(["az", "acr", "check-name", "--name", names.acr.as_deref()?], Some("az, signed in".to_owned()))
}

pub(super) fn acr_arm_tokens(names: &Names) -> Option<Command> {
    let acr = names.acr.as_deref()?;
    look(["az", "acr", "config", "authentication-as-arm", "show", "--registry", acr], registry_read(acr))
}

pub(super) fn acr_endpoints(names: &Names) -> Option<Command> {
    let acr = names.acr.as_deref()?;
    look(["az", "acr", "show-endpoints", "--name", acr], registry_read(acr))
}

pub(super) fn acr_encryption(names: &Names) -> Option<Command> {
    let acr = names.acr.as_deref()?;
    look(["az", "acr", "encryption", "show", "--name", acr], registry_read(acr))
}

pub(super) fn acr_cache_rules(names: &Names) -> Option<Command> {
    let acr = names.acr.as_deref()?;
    if let Some(rule) = names.cache_rule.as_deref() {
        return look(["az", "acr", "cache", "show", "--registry", acr, "--name", rule], registry_read(acr));
    }
    look(["az", "acr", "cache", "list", "--registry", acr, "--output", "table"], registry_read(acr))
}

pub(super) fn acr_credential_sets(names: &Names) -> Option<Command> {
    let acr = names.acr.as_deref()?;
    if let Some(set) = names.credential_set.as_deref() {
        let show = ["az", "acr", "credential-set", "show", "--registry", acr, "--name", set];
        return look(show, registry_read(acr));
    }
    let query = "[].{name:name,upstream:loginServer,health:authCredentials[].credentialHealth.status}";
    look(["az", "acr", "credential-set", "list", "--registry", acr, "--query", query], registry_read(acr))
}

pub(super) fn acr_identities(names: &Names) -> Option<Command> {
    let acr = names.acr.as_deref()?;
    look(["az", "acr", "identity", "show", "--name", acr], registry_read(acr))
}

/// The connections that the load balancer of an AKS node made, and those it had no port for.
pub(super) fn snat(names: &Names) -> Option<Command> {
    names.pool.as_deref()?;
    look(
        [
            "az",
            "monitor",
            "metrics",
            "list",
            "--resource",
            "kubernetes",
            "--resource-group",
            names.group.as_deref()?,
            "--resource-type",
            "Microsoft.Network/loadBalancers",
            "--metrics",
            "SnatConnectionCount",
            "--dimension",
            "ConnectionState",
            "--output",
            "table",
        ],
        Some("az; Reader on the nodes' resource group".to_owned()),
    )
}

pub(super) fn acr_replicas(names: &Names) -> Option<Command> {
    let acr = names.acr.as_deref()?;
    look(["az", "acr", "replication", "list", "--registry", acr, "--output", "table"], registry_read(acr))
}

pub(super) fn acr_private_connections(names: &Names) -> Option<Command> {
    let acr = names.acr.as_deref()?;
    look(
        ["az", "acr", "private-endpoint-connection", "list", "--registry-name", acr, "--output", "table"],
        registry_read(acr),
    )
}

pub(super) fn acr_token(names: &Names) -> Option<Command> {
    let (acr, user) = (names.acr.as_deref()?, names.user.as_deref()?);
    // The user of the registry's name is no token, and an application is somebody of Azure's.
    if user.eq_ignore_ascii_case(acr) || names.application.is_some() {
        return None;
    }
    let query = "{status:status,passwords:credentials.passwords[].expiry,scopeMap:scopeMapId}";
    look(
        ["az", "acr", "token", "show", "--name", user, "--registry", acr, "--query", query],
        registry_read(acr),
    )
}

pub(super) fn acr_scope_maps(names: &Names) -> Option<Command> {
    let acr = names.acr.as_deref()?;
    if let Some(map) = names.scope_map.as_deref() {
        let show = ["az", "acr", "scope-map", "show", "--registry", acr, "--name", map, "--query", "actions"];
        return look(show, registry_read(acr));
    }
    let query = "[].{name:name,actions:actions}";
    look(["az", "acr", "scope-map", "list", "--registry", acr, "--query", query], registry_read(acr))
}

pub(super) fn acr_repositories(names: &Names) -> Option<Command> {
    let acr = names.acr.as_deref()?;
    look(["az", "acr", "repository", "list", "--name", acr, "--output", "table"], content_read(acr))
}

pub(super) fn acr_manifests(names: &Names) -> Option<Command> {
    let (acr, repository) = (names.acr.as_deref()?, names.repository.as_deref()?);
    look(
        [
            "az",
            "acr",
            "manifest",
            "list-metadata",
            "--registry",
            acr,
            "--name",
            repository,
            "--orderby",
            "time_desc",
            "--top",
            "10",
            "--output",
            "table",
        ],
        content_read(acr),
    )
}

pub(super) fn acr_activity(names: &Names) -> Option<Command> {
    names.acr.as_deref()?;
    look(
        [
            "az",
            "monitor",
            "activity-log",
            "list",
            "--namespace",
            "Microsoft.ContainerRegistry",
            "--offset",
            "30d",
            "--query",
            "[].{at:eventTimestamp,by:caller,what:operationName.value,status:status.value}",
            "--output",
            "table",
        ],
        Some("az; Reader on the registry's subscription".to_owned()),
    )
}

/// The roles of the identity on the registry, and where it or the registry's id is not known, of all of them.
pub(super) fn acr_roles(names: &Names) -> Option<Command> {
    names.acr.as_deref()?;
    let needs = "Microsoft.Authorization/roleAssignments/read on the registry's subscription";
    let Some(object) = names.object_id.as_deref() else {
        return look(
            [
                "az",
                "role",
                "assignment",
                "list",
                "--all",
                "--query",
                "[?principalType!='User'].{principal:principalId,role:roleDefinitionName,scope:scope,created:createdOn}",
                "--output",
                "table",
            ],
            Some(format!("az; {needs}")),
        );
    };
    let mut argv =
        vec!["az", "role", "assignment", "list", "--assignee-object-id", object, "--include-groups"];
    match names.registry_id.as_deref() {
        Some(scope) => argv.extend(["--scope", scope, "--include-inherited"]),
        None => argv.push("--all"),
    }
    argv.extend([
        "--query",
        "[].{role:roleDefinitionName,scope:scope,condition:condition,created:createdOn}",
        "--output",
        "table",
    ]);
    Some(Command {
        argv: argv.into_iter().map(str::to_owned).collect(),
        mutates: false,
        needs: Some(format!("az 2.72 or later; {needs}")),
    })
}

pub(super) fn kubelet_identities() -> Option<Command> {
    look(
        [
            "az",
            "aks",
            "list",
            "--query",
            "[].{cluster:name,group:resourceGroup,kubelet:identityProfile.kubeletidentity.objectId,\
             controlPlane:identity.principalId,tenant:identity.tenantId}",
            "--output",
            "table",
        ],
        Some("az; Microsoft.ContainerService/managedClusters/read".to_owned()),
    )
}

/// The tenants of the reader's subscriptions, to hold against the identity's.
pub(super) fn tenants(names: &Names) -> Option<Command> {
    let needs = match names.tenant_id.as_deref() {
        Some(tenant) => format!("az, signed in; the identity's tenant is {tenant}"),
        None => "az, signed in".to_owned(),
    };
    look(
        ["az", "account", "list", "--query", "[].{subscription:name,tenant:tenantId}", "--output", "table"],
        Some(needs),
    )
}

pub(super) fn private_zone(names: &Names) -> Option<Command> {
    names.acr.as_deref()?;
    let query = format!(
        "[?name=='{}'].{{group:resourceGroup,records:numberOfRecordSets,links:numberOfVirtualNetworkLinks}}",
        names.private_zone()
    );
    look(
        ["az", "network", "private-dns", "zone", "list", "--query", &query, "--output", "table"],
        Some("az; Reader on the subscription of the zone".to_owned()),
    )
}

pub(super) fn private_endpoints(names: &Names) -> Option<Command> {
    let acr = names.acr.as_deref()?;
    let query = format!(
        "[?contains(to_string(privateLinkServiceConnections),'/registries/{acr}')]\
         .{{name:name,subnet:subnet.id,records:customDnsConfigs}}"
    );
    look(
        ["az", "network", "private-endpoint", "list", "--query", &query],
        Some("az; Reader on the subscription of the endpoint".to_owned()),
    )
}

pub(super) fn endpoint_policies() -> Option<Command> {
    look(
        [
            "az",
            "network",
            "vnet",
            "list",
            "--query",
            "[].subnets[?serviceEndpointPolicies].{subnet:id,policies:serviceEndpointPolicies[].id}",
        ],
        Some("az; Reader on the subscription of the network".to_owned()),
    )
}
