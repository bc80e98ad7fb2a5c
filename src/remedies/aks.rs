//! What Azure says of the cluster and its nodes, and what it can be told to do for them, with `az`.
//!
//! *Invariant:* no query holds a character that `az.cmd` would give to its shell; what changes something says so.

use super::{Command, Names, PULL_ROLE_ABAC, change, look};

/// What reading a cluster takes.
fn cluster_read() -> Option<String> {
    Some("az; Microsoft.ContainerService/managedClusters/read".to_owned())
}

/// What changing a cluster takes.
fn cluster_write(cluster: &str) -> String {
    format!("az; Microsoft.ContainerService/managedClusters/write on {cluster}")
}

/// What changing a node pool takes.
fn pool_write(cluster: &str) -> String {
    format!("az; Microsoft.ContainerService/managedClusters/agentPools/write on {cluster}")
}

/// The cluster's resource group and name.
fn cluster_names(names: &Names) -> Option<(&str, &str)> {
    Some((names.cluster_group.as_deref()?, names.cluster.as_deref()?))
}

/// The same command in the node's subscription, where that is known.
fn in_subscription(names: &Names, command: Option<Command>) -> Option<Command> {
    let mut command = command?;
    if let Some(subscription) = names.subscription.as_deref() {
        command.argv.extend(["--subscription".to_owned(), subscription.to_owned()]);
    }
    Some(command)
}

/// As whom the cluster signs in; of an unknown cluster, the list of them all with the groups of their nodes.
pub(super) fn cluster(names: &Names) -> Option<Command> {
    let found = match cluster_names(names) {
        Some((group, cluster)) => look(
            [
                "az",
                "aks",
                "show",
                "--resource-group",
                group,
                "--name",
                cluster,
                "--query",
                "{kubelet:identityProfile.kubeletidentity,principal:servicePrincipalProfile.clientId}",
            ],
            cluster_read(),
        ),
        None => look(
            [
                "az",
                "aks",
                "list",
                "--query",
                "[].{cluster:name,group:resourceGroup,nodes:nodeResourceGroup,\
                 kubelet:identityProfile.kubeletidentity.clientId,principal:servicePrincipalProfile.clientId}",
                "--output",
                "table",
            ],
            cluster_read(),
        ),
    };
    in_subscription(names, found)
}

/// The proxy settings that the cluster gives its nodes.
pub(super) fn proxy_settings(names: &Names) -> Option<Command> {
    let (group, cluster) = cluster_names(names)?;
    let query = "httpProxyConfig.{http:httpProxy,https:httpsProxy,except:noProxy}";
    in_subscription(
        names,
        look(
            ["az", "aks", "show", "--resource-group", group, "--name", cluster, "--query", query],
            cluster_read(),
        ),
    )
}

/// By which way the nodes of the cluster leave, and with how many addresses.
pub(super) fn outbound(names: &Names) -> Option<Command> {
    let (group, cluster) = cluster_names(names)?;
    let query = "networkProfile.{way:outboundType,balancer:loadBalancerProfile,gateway:natGatewayProfile}";
    in_subscription(
        names,
        look(
            ["az", "aks", "show", "--resource-group", group, "--name", cluster, "--query", query],
            cluster_read(),
        ),
    )
}

/// The identities that the node's scale set has, with their client ids.
pub(super) fn scale_set_identities(names: &Names) -> Option<Command> {
    let (group, set) = (names.group.as_deref()?, names.scale_set.as_deref()?);
    in_subscription(
        names,
        look(
            ["az", "vmss", "identity", "show", "--resource-group", group, "--name", set],
            Some(format!("az; Microsoft.Compute/virtualMachineScaleSets/read on {set}")),
        ),
    )
}

/// The managed identity with the client id that the node names.
pub(super) fn identity_by_client_id(names: &Names) -> Option<Command> {
    let client = names.client_id.as_deref()?;
    let query = format!("[?clientId=='{client}'].{{identity:id,object:principalId,tenant:tenantId}}");
    in_subscription(
        names,
        look(
            ["az", "identity", "list", "--query", &query],
            Some("az; Reader on the subscription of the identity".to_owned()),
        ),
    )
}

/// Brings the cluster and its nodes back to the cluster's own settings.
pub(super) fn reconcile(names: &Names) -> Option<Command> {
    let (group, cluster) = cluster_names(names)?;
    let needs = format!("{}; it asks before it begins", cluster_write(cluster));
    in_subscription(
        names,
        change(["az", "aks", "update", "--resource-group", group, "--name", cluster], needs),
    )
}

/// Attaches the identity to the scale set.
pub(super) fn assign_identity(names: &Names) -> Option<Command> {
    let (group, set) = (names.group.as_deref()?, names.scale_set.as_deref()?);
    let identity = names.identity.as_deref()?;
    let needs = format!(
        "az; Microsoft.Compute/virtualMachineScaleSets/write on {set}, and \
         Microsoft.ManagedIdentity/userAssignedIdentities/assign/action on the identity; it says whether the \
         instances must be updated afterwards"
    );
    in_subscription(
        names,
        change(
            [
                "az",
                "vmss",
                "identity",
                "assign",
                "--resource-group",
                group,
                "--name",
                set,
                "--identities",
                identity,
            ],
            needs,
        ),
    )
}

/// Gives the node's pool, or all pools where it is not known, the newest node image.
pub(super) fn upgrade_node_image(names: &Names) -> Option<Command> {
    let (group, cluster) = cluster_names(names)?;
    let command = match names.pool.as_deref() {
        Some(pool) => change(
            [
                "az",
                "aks",
                "nodepool",
                "upgrade",
                "--resource-group",
                group,
                "--cluster-name",
                cluster,
                "--name",
                pool,
                "--node-image-only",
            ],
            format!("{}; it drains and reimages the nodes of the pool", pool_write(cluster)),
        ),
        None => change(
            ["az", "aks", "upgrade", "--resource-group", group, "--name", cluster, "--node-image-only"],
            format!("{}; it asks, then drains and reimages all nodes", cluster_write(cluster)),
        ),
    };
    in_subscription(names, command)
}

/// Turns artifact streaming off for the node's pool.
pub(super) fn disable_streaming(names: &Names) -> Option<Command> {
    let (group, cluster) = cluster_names(names)?;
    let pool = names.pool.as_deref()?;
    in_subscription(
        names,
        change(
            [
                "az",
                "aks",
                "nodepool",
                "update",
                "--resource-group",
                group,
                "--cluster-name",
                cluster,
                "--name",
                pool,
                "--disable-artifact-streaming",
            ],
            pool_write(cluster),
        ),
    )
}

/// Moves the cluster from a service principal to a managed identity.
pub(super) fn enable_managed_identity(names: &Names) -> Option<Command> {
    let (group, cluster) = cluster_names(names)?;
    in_subscription(
        names,
        change(
            [
                "az",
                "aks",
                "update",
                "--resource-group",
                group,
                "--name",
                cluster,
                "--enable-managed-identity",
            ],
            format!("{}; nodes use it once their image is upgraded", cluster_write(cluster)),
        ),
    )
}

/// Lets the kubelet's identity pull from the registry, unless the registry is known to be in ABAC mode.
pub(super) fn attach(names: &Names) -> Option<Command> {
    if names.pull_role.as_deref() == Some(PULL_ROLE_ABAC) || names.operator.is_some() {
        return None;
    }
    let (group, cluster) = cluster_names(names)?;
    let registry = names.registry_id.as_deref().or(names.acr.as_deref())?;
    in_subscription(
        names,
        change(
            ["az", "aks", "update", "--resource-group", group, "--name", cluster, "--attach-acr", registry],
            format!(
                "{}; Microsoft.Authorization/roleAssignments/write on the registry",
                cluster_write(cluster)
            ),
        ),
    )
}

/// Gives whoever pulls the role on the registry that its mode asks for.
pub(super) fn grant(names: &Names) -> Option<Command> {
    let role = names.pull_role.as_deref()?;
    let (object, scope) = (names.object_id.as_deref()?, names.registry_id.as_deref()?);
    change(
        [
            "az",
            "role",
            "assignment",
            "create",
            "--assignee-object-id",
            object,
            "--assignee-principal-type",
            names.principal_type(),
            "--role",
            role,
            "--scope",
            scope,
        ],
        "az; Microsoft.Authorization/roleAssignments/write on the registry",
    )
}
