//! azure-cli.

use std::path::Path;

use world::{Call, Said};

use crate::cluster::{
    self, CI, Clients, ELSEWHERE, EXPIRED, KUBELET, Known, REGISTRY, REPOSITORY, STRANGER, SUBSCRIPTION,
    TENANT, agree, claims,
};
use crate::{Failure, ok};

/// Its name.
pub(crate) const AZ: &str = "azure-cli";
/// The user that stands for "whom the token names".
pub(crate) const NULL_USER: &str = "00000000-0000-0000-0000-000000000000";

/// Signing in by a secret and by the metadata service, and why it fails.
pub(crate) async fn sign_in(here: Clients<'_>) -> Result<(), Failure> {
    login(here, "ci", CI, CI.secret)?.said().await?.succeeded(&[SUBSCRIPTION])?;
    let said = here.az("ci", &["account", "show"]).said().await?;
    let account = said.json()?;
    let user = (&account["user"]["name"], &account["user"]["type"]);
    let known = account["id"] == SUBSCRIPTION && account["tenantId"] == TENANT;
    if !known || *user.0 != *CI.client_id() || user.1 != "servicePrincipal" {
        return Err(said.unexpected("the account of the service principal").into());
    }
    ok(AZ, "login as a service principal, account show");
    login(here, "wrong", CI, "another-secret")?.said().await?.failed(&["AADSTS7000215", &CI.client_id()])?;
    ok(AZ, "login with a wrong secret is refused");
    login(here, "expired", EXPIRED, EXPIRED.secret)?.said().await?.failed(&["AADSTS7000222"])?;
    ok(AZ, "login with an expired secret is refused");

    let managed = |folder: &str, known: Known| {
        here.az(folder, &["login", "--identity", "--client-id", &known.client_id()])
    };
    let own = format!("MSIClient-{}", KUBELET.client_id());
    managed("kubelet", KUBELET).said().await?.succeeded(&[SUBSCRIPTION, &own])?;
    ok(AZ, "login as the node's identity");
    managed("elsewhere", ELSEWHERE).said().await?.failed(&["Identity not found"])?;
    ok(AZ, "login as an identity that the node does not have is refused");
    Ok(())
}

/// The registry by its name; the refresh token that comes of it.
pub(crate) async fn registry(here: Clients<'_>) -> Result<String, Failure> {
    let token = refresh_token(here, "ci", REGISTRY).await?;
    ok(AZ, "acr login --expose-token: a refresh token for the registry");
    let words = ["acr", "repository", "show-tags", "--name", "contosoacr", "--repository", REPOSITORY];
    let said = here.az("ci", &words).said().await?;
    if said.json()? != serde_json::json!(["v1"]) {
        return Err(said.unexpected("the tag").into());
    }
    ok(AZ, "acr repository show-tags");
    refresh_token(here, "kubelet", REGISTRY).await?;
    ok(AZ, "acr login --expose-token as the node's identity");

    login(here, "stranger", STRANGER, STRANGER.secret)?.said().await?.succeeded(&[SUBSCRIPTION])?;
    let before = here.count();
    acr_login(here, "stranger").said().await?.failed(&[
        "CONNECTIVITY_REFRESH_TOKEN_ERROR",
        "401",
        REGISTRY,
    ])?;
    here.exchanged(before, 401)?;
    ok(AZ, "acr login of a service principal without a role: the exchange is refused");
    Ok(token)
}

/// A cloud that azure-cli learns of from its resource manager.
pub(crate) async fn registered_cloud(venv: &Path) -> Result<(), Failure> {
    let world = cluster::world("", "")?.start().await?;
    let here = Clients { world: &world, venv };
    let words = [
        "cloud",
        "register",
        "--name",
        "contoso",
        "--endpoint-resource-manager",
        "https://management.azure.com",
    ];
    here.az("ci", &words).said().await?.succeeded(&[])?;
    in_cloud(here, "contoso", REGISTRY).await?;
    ok(AZ, "a cloud of its own, registered by what its resource manager says");
    Ok(())
}

/// Clouds that azure-cli knows by other names.
pub(crate) async fn other_clouds(venv: &Path) -> Result<(), Failure> {
    for (cloud, name, registry) in [
        ("china", "AzureChinaCloud", "contosoacr.azurecr.cn"),
        ("usgov", "AzureUSGovernment", "contosoacr.azurecr.us"),
    ] {
        let world = cluster::world(&format!("cloud = '{cloud}'"), "")?.start().await?;
        in_cloud(Clients { world: &world, venv }, name, registry).await?;
    }
    ok(AZ, "the other ones of Azure's clouds");
    Ok(())
}

async fn in_cloud(here: Clients<'_>, cloud: &str, registry: &str) -> Result<(), Failure> {
    here.az("ci", &["cloud", "set", "--name", cloud]).said().await?.succeeded(&[])?;
    let said = login(here, "ci", CI, CI.secret)?.said().await?;
    if said.json()?[0]["cloudName"] != cloud {
        return Err(said.unexpected(&format!("an account of {cloud}")).into());
    }
    refresh_token(here, "ci", registry).await?;
    here.nobody_asked_elsewhere()
}

/// The call of a login with a secret, which lies in a file: words can be read by everybody on a machine.
pub(crate) fn login(here: Clients<'_>, folder: &str, known: Known, secret: &str) -> Result<Call, Failure> {
    let file = here.world.write(&format!("secret-of-{folder}"), secret)?;
    let words = ["login", "--service-principal", "--tenant", TENANT, "--username", &known.client_id()];
    let call = here.az(folder, &words).args(["--password", &format!("@{}", file.display())]);
    Ok(call.knowing(secret))
}

fn acr_login(here: Clients<'_>, folder: &str) -> Call {
    here.az(folder, &["acr", "login", "--name", "contosoacr", "--expose-token"])
}

/// The refresh token that somebody who has signed in gets for the registry.
pub(crate) async fn refresh_token(
    here: Clients<'_>,
    folder: &str,
    registry: &str,
) -> Result<String, Failure> {
    let before = here.count();
    let said: Said = acr_login(here, folder).said().await?;
    let answer = said.json()?;
    let token = answer["refreshToken"].as_str().unwrap_or_default();
    if answer["loginServer"] != registry || answer["username"] != NULL_USER || token.is_empty() {
        return Err(said.unexpected("a refresh token for the registry").into());
    }
    agree(
        &claims(token)?,
        &[
            ("aud", registry),
            ("iss", "Azure Container Registry"),
            ("grant_type", "refresh_token"),
            ("tenant", TENANT),
        ],
    )?;
    here.exchanged(before, 200)?;
    Ok(token.to_owned())
}
