//! Tokens of the registry, and its cache rules.

use super::*;

const TOKENS: &str = "registry.anonymous = []
    [[scope_map]]
    name = 'web'
    actions = ['repositories/team/web/content/read', 'repositories/other/*/metadata/read']
    [[token]]
    name = 'ci'
    scope_map = 'web'
    passwords = [{ value = 'good', expires_in_s = 60 }, { value = 'over', expires_in_s = -60 }]
    [[token]]
    name = 'off'
    disabled = true
    passwords = [{ value = 'good' }]
    [[token]]
    name = 'all'
    passwords = [{ value = 'good' }]";

/// Status and granted actions for a repository.
fn granted(user: &str, scope: &str) -> (u16, String) {
    let registry = registry(TOKENS);
    let asked = format!("/oauth2/token?service=contosoacr.azurecr.io&scope=repository:{scope}");
    let reply = registry.answer(&with(get(&asked), &basic(user)));
    if reply.status != 200 {
        return (reply.status, String::new());
    }
    let body: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
    let token = body["access_token"].as_str().expect("a token").split('.').nth(1).expect("claims").to_owned();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).expect("base64");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("claims");
    (200, claims["access"][0]["actions"].to_string())
}

#[test]
fn a_token_has_what_its_scope_map_permits() {
    for (user, scope, expected) in [
        ("ci:good", "team/web:pull", (200, "[\"pull\"]")),
        ("ci:good", "team/web:pull,metadata_read", (200, "[\"pull\"]")),
        ("ci:good", "other/x:pull,metadata_read", (200, "[\"metadata_read\"]")),
        ("ci:good", "team/api:pull", (200, "null")),
        ("all:good", "team/api:pull", (200, "[\"pull\"]")),
        ("ci:over", "team/web:pull", (401, "")),
        ("ci:wrong", "team/web:pull", (401, "")),
        ("off:good", "team/web:pull", (401, "")),
    ] {
        let (status, actions) = granted(user, scope);
        assert_eq!((status, actions.as_str()), expected, "{user} {scope}");
    }
}

const RULES: &str = "[[cache_rule]]
    name = 'hub'
    source = 'docker.io/library/*'
    target = 'hub/*'
    credential_set = 'login'
    [[cache_rule]]
    name = 'one'
    source = 'mcr.microsoft.com/x'
    target = 'hub/x'
    [[cache_rule]]
    name = 'deep'
    source = 'docker.io/library/*'
    target = 'deep/*'
    [[cache_rule]]
    name = 'platform'
    source = 'platformacr.azurecr.io/*'
    target = 'base/*'
    [[cache_rule]]
    name = 'slow'
    source = 'ghcr.io/*'
    target = 'slow/*'
    warming = true
    [[credential_set]]
    name = 'login'
    login_server = 'docker.io'
    unhealthy = 'E'
    [[image]]
    repository = 'hub/nginx'";

#[test]
fn a_cache_rule_answers_for_what_the_registry_has_not() {
    let registry = registry(RULES);
    let asked = |name: &str, tag: &str| {
        let scope = format!("/oauth2/token?service=contosoacr.azurecr.io&scope=repository:{name}:pull");
        let token = bearer(&registry, get(&scope));
        let reply = registry.answer(&with(get(&format!("/v2/{name}/manifests/{tag}")), &token));
        (reply.status, text(&reply).to_owned())
    };
    for (name, tag, status, words) in [
        ("hub/nginx", "v1", 200, ""),
        ("hub/nginx", "v2", 401, "aka.ms/acr/authorization"),
        ("hub/x", "v1", 404, "NAME_UNKNOWN"),
        ("deep/a/b", "v1", 403, "docker.io/library/a/b"),
        ("deep/a", "v1", 404, "NAME_UNKNOWN"),
        ("base/a", "v1", 401, "source registry for cache rule"),
        ("slow/a", "v1", 502, "UNKNOWN"),
        ("team/web", "v1", 404, "NAME_UNKNOWN"),
    ] {
        let (got, body) = asked(name, tag);
        assert!(got == status && body.contains(words), "{name}:{tag}: {got} {body}");
    }
}
