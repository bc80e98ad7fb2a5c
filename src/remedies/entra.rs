//! What Entra says of a service principal, and how it gets a new secret, with `az`.
//!
//! *Invariant:* a secret comes from standard input, and what prints one says so.

use super::{Command, Names, change, look};

/// When the application's secrets end.
pub(super) fn secrets_end(names: &Names) -> Option<Command> {
    look(
        [
            "az",
            "ad",
            "app",
            "credential",
            "list",
            "--id",
            names.client_id.as_deref()?,
            "--query",
            "[].{id:keyId,made:startDateTime,ends:endDateTime}",
            "--output",
            "table",
        ],
        Some(format!("az, signed in to {}; a role that may read applications", the_tenant(names))),
    )
}

/// Whether the tenant has the service principal, and whether it is switched on.
pub(super) fn principal(names: &Names) -> Option<Command> {
    look(
        [
            "az",
            "ad",
            "sp",
            "show",
            "--id",
            names.client_id.as_deref()?,
            "--query",
            "{object:id,home:appOwnerOrganizationId,enabled:accountEnabled}",
        ],
        Some(format!("az, signed in to {}", the_tenant(names))),
    )
}

/// The Conditional Access policies that cover service principals.
pub(super) fn policies(names: &Names) -> Option<Command> {
    let url = format!("https://{}/v1.0/identity/conditionalAccess/policies", names.graph());
    look(
        [
            "az",
            "rest",
            "--method",
            "get",
            "--url",
            &url,
            "--query",
            "value[?conditions.clientApplications.includeServicePrincipals].{name:displayName,state:state}",
        ],
        Some(format!("az, signed in to {}; Policy.Read.All in Microsoft Graph", the_tenant(names))),
    )
}

/// Adds a secret to the application and leaves the others as they are.
pub(super) fn add_secret(names: &Names) -> Option<Command> {
    change(
        [
            "az",
            "ad",
            "app",
            "credential",
            "reset",
            "--id",
            names.client_id.as_deref()?,
            "--append",
            "--query",
            "password",
            "--output",
            "tsv",
        ],
        format!("az, signed in to {}; owner of the application; it prints the new secret", the_tenant(names)),
    )
}

/// Hands the secret to the cluster.
pub(super) fn hand_over(names: &Names) -> Option<Command> {
    let (group, cluster) = (names.cluster_group.as_deref()?, names.cluster.as_deref()?);
    change(
        [
            "az",
            "aks",
            "update-credentials",
            "--resource-group",
            group,
            "--name",
            cluster,
            "--reset-service-principal",
            "--service-principal",
            names.client_id.as_deref()?,
            "--client-secret",
            "@-",
        ],
        format!(
            "az; Microsoft.ContainerService/managedClusters/resetServicePrincipalProfile/action on {cluster}; \
             the secret on standard input; it reimages the nodes"
        ),
    )
}

/// Makes the service principal of an application of another tenant in this one.
pub(super) fn admit(names: &Names) -> Option<Command> {
    change(
        ["az", "ad", "sp", "create", "--id", names.client_id.as_deref()?],
        format!("az, signed in to {}; Application Administrator there", the_tenant(names)),
    )
}

/// What the tenant is called in a sentence.
fn the_tenant(names: &Names) -> String {
    match names.tenant_id.as_deref() {
        Some(tenant) => format!("the tenant {tenant}"),
        None => "the tenant of the service principal".to_owned(),
    }
}
