//! azure-cli at the resource manager: it sees the registry, gives a role and takes it away, and the registry follows.

use std::path::Path;

use world::Call;

use crate::az::{self, AZ};
use crate::cluster::{self, CI, Clients, KUBELET, REGISTRY, STRANGER, SUBSCRIPTION};
use crate::pull;
use crate::{Failure, ok};

/// The ARM id of the registry.
fn registry() -> String {
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-rg");
    format!("{group}/providers/Microsoft.ContainerRegistry/registries/contosoacr")
}

/// A service principal that may give roles, and nobody who may pull.
const ADMIN: &str =
    "role = [{ to = 'identity-2', role = 'User Access Administrator', scope = 'subscription' }]";
/// The kubelet's identity may pull as a member of a group in a group. Lists come in pages, and one is throttled first.
const BY_GROUP: &str = "arm.page_size = 1
    arm.faults = [{ path = '*/roleAssignments', status = 429, retry_after = 1, times = 1 }]
    role = [{ to = 'everybody', role = 'AcrPull', scope = 'group' }]
    group = [{ name = 'everybody', members = ['nodes'] }, { name = 'nodes', members = ['aks1-agentpool'] }]";

/// A role is given, and a pull succeeds that failed before; it is taken away, and the pull fails again.
pub(crate) async fn given_and_taken(venv: &Path) -> Result<(), Failure> {
    let world = cluster::world(ADMIN, "")?.start().await?;
    let here = Clients { world: &world, venv };
    az::login(here, "ci", CI, CI.secret)?.said().await?.succeeded(&[SUBSCRIPTION])?;
    let said = here.az("ci", &["acr", "show", "--name", "contosoacr"]).said().await?;
    let shown = said.json()?;
    if shown["loginServer"] != REGISTRY || shown["roleAssignmentMode"] != "LegacyRegistryPermissions" {
        return Err(said.unexpected("the registry").into());
    }
    here.az("ci", &["acr", "show", "--name", "nosuchacr"]).said().await?.failed(&["nosuchacr"])?;
    ok(AZ, "acr show, and of a registry that is not there");

    here.az("kubelet", &["login", "--identity", "--client-id", &KUBELET.client_id()])
        .said()
        .await?
        .succeeded(&[])?;
    refused(here, "kubelet").await?;
    listed(here, &[], 0).await?;
    let to = ["--assignee-object-id", &KUBELET.object_id(), "--assignee-principal-type", "ServicePrincipal"];
    let said = assignment(here, "ci", "create", &to).said().await?;
    if said.json()?["principalId"] != KUBELET.object_id() {
        return Err(said.unexpected("the role that was given").into());
    }
    let token = az::refresh_token(here, "kubelet", REGISTRY).await?;
    pull::allowed(here, &token).await?;
    listed(here, &[], 1).await?;
    // It is there already: Azure says so, and azure-cli takes that for a success.
    assignment(here, "ci", "create", &to).said().await?.succeeded(&[&KUBELET.object_id()])?;
    ok(AZ, "role assignment create: what could not be pulled can be pulled");

    let from = ["--assignee", &KUBELET.client_id()];
    assignment(here, "ci", "delete", &from).said().await?.succeeded(&[])?;
    refused(here, "kubelet").await?;
    listed(here, &[], 0).await?;
    assignment(here, "ci", "delete", &from).said().await?.failed(&["No matched assignments"])?;
    ok(AZ, "role assignment delete: it can no longer be pulled");

    az::login(here, "stranger", STRANGER, STRANGER.secret)?.said().await?.succeeded(&[SUBSCRIPTION])?;
    let words =
        ["AuthorizationFailed", "Microsoft.Authorization/roleAssignments/write", &STRANGER.object_id()];
    assignment(here, "stranger", "create", &to).said().await?.failed(&words)?;
    ok(AZ, "role assignment create without the right to is refused");
    here.nobody_asked_elsewhere()
}

/// A role of a group around a group, given to the resource group.
pub(crate) async fn by_group(venv: &Path) -> Result<(), Failure> {
    let world = cluster::world(BY_GROUP, "")?.start().await?;
    let here = Clients { world: &world, venv };
    az::login(here, "ci", CI, CI.secret)?.said().await?.succeeded(&[SUBSCRIPTION])?;
    listed(here, &["--include-inherited"], 0).await?;
    listed(here, &["--include-inherited", "--include-groups"], 1).await?;
    here.az("kubelet", &["login", "--identity", "--client-id", &KUBELET.client_id()])
        .said()
        .await?
        .succeeded(&[])?;
    az::refresh_token(here, "kubelet", REGISTRY).await?;
    ok(AZ, "role assignment list --include-groups: a role of a group around a group, in pages, after a 429");
    here.nobody_asked_elsewhere()
}

/// The cluster is shown, and given the right to pull in the way of AKS.
pub(crate) async fn of_a_cluster(venv: &Path) -> Result<(), Failure> {
    let world = cluster::world(&ADMIN.replace("User Access Administrator", "Owner"), "")?.start().await?;
    let here = Clients { world: &world, venv };
    az::login(here, "ci", CI, CI.secret)?.said().await?.succeeded(&[SUBSCRIPTION])?;
    let aks = |verb: &str, name: &str, more: &[&str]| {
        let words = ["aks", verb, "--resource-group", "contoso-rg", "--name", name];
        here.az("ci", &words).args(more)
    };
    let said = aks("show", "aks1", &[]).said().await?;
    if said.json()?["identityProfile"]["kubeletidentity"]["objectId"] != KUBELET.object_id() {
        return Err(said.unexpected("the cluster and its kubelets' identity").into());
    }
    aks("show", "aks9", &[]).said().await?.failed(&["ResourceNotFound", "aks9"])?;
    let set = |name: &str| {
        let words = ["vmss", "show", "--resource-group", "MC_contoso_aks1_westeurope", "--name", name];
        here.az("ci", &words)
    };
    let said = set("aks-nodepool1-12345678-vmss").said().await?;
    let machines = said.json()?["identity"]["userAssignedIdentities"].clone();
    let mut ids = machines.as_object().into_iter().flatten();
    if !ids.any(|(id, own)| id.ends_with("/aks1-agentpool") && own["principalId"] == KUBELET.object_id()) {
        return Err(said.unexpected("the identity of the machines").into());
    }
    set("nosuchset").said().await?.failed(&["ResourceNotFound"])?;
    ok(AZ, "aks show and vmss show, and of what is not there");

    here.az("kubelet", &["login", "--identity", "--client-id", &KUBELET.client_id()])
        .said()
        .await?
        .succeeded(&[])?;
    refused(here, "kubelet").await?;
    aks("update", "aks1", &["--attach-acr", "contosoacr"]).said().await?.succeeded(&["aks1"])?;
    az::refresh_token(here, "kubelet", REGISTRY).await?;
    aks("update", "aks1", &["--detach-acr", "contosoacr"]).said().await?.succeeded(&["aks1"])?;
    refused(here, "kubelet").await?;
    ok(AZ, "aks update --attach-acr and --detach-acr: its kubelets may pull, and then no longer");
    here.nobody_asked_elsewhere()
}

/// Whether so many assignments of a pulling role are listed for the kubelet's identity.
async fn listed(here: Clients<'_>, more: &[&str], count: usize) -> Result<(), Failure> {
    let who = KUBELET.client_id();
    let said = assignment(here, "ci", "list", &["--assignee", &who]).args(more).said().await?;
    let all = said.json()?;
    let all = all.as_array().map(Vec::as_slice).unwrap_or_default();
    let named = all.iter().all(|one| one["roleDefinitionName"] == "AcrPull" && one["principalName"] != "");
    match all.len() == count && named {
        true => Ok(()),
        false => Err(said.unexpected(&format!("{count} role assignments")).into()),
    }
}

/// A call about the pulling role at the registry.
fn assignment(here: Clients<'_>, folder: &str, verb: &str, words: &[&str]) -> Call {
    let role = ["role", "assignment", verb, "--role", "AcrPull", "--scope", &registry()];
    here.az(folder, &role).args(words)
}

async fn refused(here: Clients<'_>, folder: &str) -> Result<(), Failure> {
    let before = here.count();
    let login = ["acr", "login", "--name", "contosoacr", "--expose-token"];
    here.az(folder, &login).said().await?.failed(&["CONNECTIVITY_REFRESH_TOKEN_ERROR", "401"])?;
    here.exchanged(before, 401)
}
