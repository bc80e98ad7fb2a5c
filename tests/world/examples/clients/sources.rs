//! Tokens and scope maps of a registry, its cache rules and their credentials, and what was done to it.

use std::path::Path;

use serde_json::{Value, json};

use crate::az::{self, AZ};
use crate::cluster::{self, CI, Clients, REPOSITORY, SUBSCRIPTION};
use crate::{Failure, ok};

/// A registry with a token, and a cache of two others.
const OWN: &str = "
    [[scope_map]]
    name = 'team-pull'
    actions = ['repositories/team/*/content/read', 'repositories/team/*/metadata/read']
    [[token]]
    name = 'ci-pull'
    scope_map = 'team-pull'
    passwords = [{ value = 'right-password-of-token', expires_in_s = 86400 }]
    [[token]]
    name = 'gone'
    disabled = true
    passwords = [{ value = 'right-password-of-gone' }]
    [[cache_rule]]
    name = 'docker-hub'
    source = 'docker.io/library/*'
    target = 'hub/*'
    credential_set = 'hub-login'
    [[cache_rule]]
    name = 'platform'
    source = 'platformacr.azurecr.io/base'
    target = 'base'
    identity = 'cache-reader'
    [[credential_set]]
    name = 'hub-login'
    login_server = 'docker.io'
    unhealthy = 'KeyVaultSecretNotFound'
    [[identity]]
    name = 'cache-reader'
    attached = false";

/// What azure-cli shows of them, and that the tokens do what it shows.
pub(crate) async fn shown(venv: &Path) -> Result<(), Failure> {
    let world = cluster::world("registry.resource.regenerated_s = 3600", OWN)?.start().await?;
    let here = Clients { world: &world, venv };
    az::login(here, "ci", CI, CI.secret)?.said().await?.succeeded(&[SUBSCRIPTION])?;

    let token =
        read(here, &["acr", "token", "show", "--name", "ci-pull", "--registry", "contosoacr"]).await?;
    let map = token["scopeMapId"].as_str().and_then(|id| id.rsplit('/').next());
    let passwords = token["credentials"]["passwords"].as_array().map_or(0, Vec::len);
    if token["status"] != "enabled" || map != Some("team-pull") || passwords != 1 {
        return Err(format!("azure-cli shows another token: {token}").into());
    }
    let tokens = read(here, &["acr", "token", "list", "--registry", "contosoacr"]).await?;
    same(&names(&tokens), &["ci-pull", "gone"])?;
    here.az("ci", &["acr", "token", "show", "--name", "nobody", "--registry", "contosoacr"])
        .said()
        .await?
        .failed(&["ResourceNotFound"])?;
    ok(AZ, "acr token show, list, and of a token that is not there");

    let map =
        read(here, &["acr", "scope-map", "show", "--name", "team-pull", "--registry", "contosoacr"]).await?;
    if map["actions"] != json!(["repositories/team/*/content/read", "repositories/team/*/metadata/read"]) {
        return Err(format!("azure-cli shows another scope map: {map}").into());
    }
    let maps = read(here, &["acr", "scope-map", "list", "--registry", "contosoacr"]).await?;
    if !names(&maps).contains(&"_repositories_pull") || names(&maps).len() != 6 {
        return Err(format!("azure-cli lists other scope maps: {maps}").into());
    }
    ok(AZ, "acr scope-map show and list, with Azure's own");

    let rules = read(here, &["acr", "cache", "list", "--registry", "contosoacr"]).await?;
    same(&names(&rules), &["docker-hub", "platform"])?;
    if rules[0]["sourceRepository"] != "docker.io/library/*"
        && rules[0]["properties"]["sourceRepository"] != "docker.io/library/*"
    {
        return Err(format!("azure-cli lists other cache rules: {rules}").into());
    }
    let set = ["acr", "credential-set", "show", "--name", "hub-login", "--registry", "contosoacr"];
    here.az("ci", &set).said().await?.succeeded(&["Unhealthy", "KeyVaultSecretNotFound"])?;
    ok(AZ, "acr cache list, credential-set show");

    let log =
        ["monitor", "activity-log", "list", "--namespace", "Microsoft.ContainerRegistry", "--offset", "30d"];
    here.az("ci", &log).said().await?.succeeded(&["regenerateCredential", "Succeeded"])?;
    ok(AZ, "monitor activity-log list: a password was made anew");

    signed_in(here, "ci-pull", "right-password-of-token").await?.succeeded(&["v1"])?;
    signed_in(here, "gone", "right-password-of-gone").await?.failed(&["401"])?;
    ok(AZ, "acr repository show-tags as a token, and as one that is disabled");
    here.nobody_asked_elsewhere()
}

/// What azure-cli says of the tags as a token of the registry.
async fn signed_in(here: Clients<'_>, user: &str, password: &str) -> Result<world::Said, Failure> {
    let words = ["acr", "repository", "show-tags", "--name", "contosoacr", "--repository", REPOSITORY];
    let call = here.az("ci", &words).args(["--username", user, "--password", password]);
    Ok(call.knowing(password).said().await?)
}

async fn read(here: Clients<'_>, words: &[&str]) -> Result<Value, Failure> {
    Ok(here.az("ci", words).said().await?.json()?)
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect()
}

fn same(told: &[&str], expected: &[&str]) -> Result<(), Failure> {
    match told == expected {
        true => Ok(()),
        false => Err(format!("azure-cli lists {told:?} and not {expected:?}").into()),
    }
}
