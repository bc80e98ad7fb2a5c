//! skopeo with the refresh token that azure-cli got.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use world::Call;

use crate::az::{self, NULL_USER};
use crate::cluster::{self, CI, Clients, REGISTRY, REPOSITORY};
use crate::{Failure, ok};

const SKOPEO: &str = "skopeo";

/// The token lets it see the image.
pub(crate) async fn allowed(here: Clients<'_>, token: &str) -> Result<(), Failure> {
    let said = inspect(here, token)?.said().await?;
    let image = said.json()?;
    let named = image["Name"] == format!("{REGISTRY}/{REPOSITORY}") && image["Architecture"] == "amd64";
    if !named || image["Digest"] != json!(here.world.tags()[REPOSITORY]["v1"]) {
        return Err(said.unexpected("the image").into());
    }
    ok(SKOPEO, "inspect with azure-cli's refresh token");
    Ok(())
}

/// The role is gone, and the registry says so at its token endpoint, as older ones do.
pub(crate) async fn role_gone(venv: &Path) -> Result<(), Failure> {
    refused(venv, "registry.rights_checked_at = 'token'", "pull = []", &["CorrelationId: "]).await?;
    ok(SKOPEO, "the refresh token of a service principal whose role is gone is refused");
    Ok(())
}

/// The role is for other repositories: the registry says so at the manifest.
pub(crate) async fn role_elsewhere(venv: &Path) -> Result<(), Failure> {
    refused(venv, "", "pull = ['other/*']", &["manifest"]).await?;
    ok(SKOPEO, "a refresh token for other repositories is refused");
    Ok(())
}

async fn refused(venv: &Path, more: &str, ci: &str, words: &[&str]) -> Result<(), Failure> {
    let world = cluster::world(more, ci)?.start().await?;
    let here = Clients { world: &world, venv };
    az::login(here, "ci", CI, CI.secret)?.said().await?.succeeded(&[])?;
    let token = az::refresh_token(here, "ci", REGISTRY).await?;
    let usual = ["unauthorized: authentication required, visit https://aka.ms/acr/authorization"];
    inspect(here, &token)?.said().await?.failed(&[&usual, words].concat())?;
    here.nobody_asked_elsewhere()
}

fn inspect(here: Clients<'_>, token: &str) -> Result<Call, Failure> {
    let auth = STANDARD.encode(format!("{NULL_USER}:{token}"));
    let file = here.world.write("auth.json", &json!({"auths": {REGISTRY: {"auth": auth}}}).to_string())?;
    let call = Call::skopeo(here.world, &format!("{REGISTRY}/{REPOSITORY}:v1")).knowing(&auth);
    Ok(call.args(["--authfile".into(), file.into_os_string()]))
}
