//! The exchange, and what the registry makes of identities.

use super::*;
use crate::directory::{Proof, Validity};

const KUBELET: &str = "11111111-0000-4000-8000-000000000001";
const AUDIENCE: &str = "https://containerregistry.azure.net";
const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const PRIVATE: &str = "registry.anonymous = []\n";
const NULL_USER: &str = "00000000-0000-0000-0000-000000000000";

fn posted(target: &str, form: &[(&str, &str)]) -> Ask {
    let mut ask = ask("POST", target);
    ask.form = form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    ask
}

/// An Entra token of the first identity.
fn entra(registry: &Registry, audience: &str, age: i64) -> String {
    let known = registry.directory.by_client(KUBELET).expect("an identity");
    let from = registry.directory.now() - age;
    registry.directory.issue(known, audience, Proof::Key, Validity { from, until: from + 86_400 })
}

fn exchanged(registry: &Registry, token: &str) -> Reply {
    registry.answer(&posted(
        "/oauth2/exchange",
        &[("grant_type", "access_token"), ("service", "contosoacr.azurecr.io"), ("access_token", token)],
    ))
}

fn field(reply: &Reply, name: &str) -> String {
    let body: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
    body[name].as_str().unwrap_or_else(|| panic!("{name} in {body}")).to_owned()
}

/// The refresh token that the first identity gets.
fn refresh(registry: &Registry) -> String {
    let reply = exchanged(registry, &entra(registry, AUDIENCE, 0));
    assert_eq!(reply.status, 200, "{}", text(&reply));
    field(&reply, "refresh_token")
}

fn containerd(user: &str, password: &str) -> Ask {
    posted(
        "/oauth2/token",
        &[
            ("grant_type", "password"),
            ("service", "contosoacr.azurecr.io"),
            ("scope", "repository:team/web:pull"),
            ("client_id", "containerd-client"),
            ("username", user),
            ("password", password),
        ],
    )
}

#[test]
fn an_identity_pulls_as_a_node_does() {
    let registry = registry(PRIVATE);
    let token = entra(&registry, AUDIENCE, 0);
    let provider = [
        ("access_token", token.as_str()),
        ("grant_type", "access_token_refresh_token"),
        ("refresh_token", &token),
        ("service", "contosoacr.azurecr.io"),
        ("tenant", TENANT),
    ];
    let reply = registry.answer(&posted("/oauth2/exchange?api-version=2021-07-01", &provider));
    let body: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(1), "the refresh token and nothing else");
    let refresh = field(&reply, "refresh_token");
    let (_, claims) = crate::directory::unsigned(&refresh).expect("three parts");
    let (exp, iat) = (claims["exp"].as_i64().expect("exp"), claims["iat"].as_i64().expect("iat"));
    assert_eq!((exp - iat, claims["appid"].as_str()), (11_700, Some(KUBELET)));
    assert_eq!(
        (claims["tenant"].as_str(), &claims["permissions"]["Actions"][0]),
        (Some(TENANT), &"read".into())
    );

    let by_password = bearer(&registry, containerd(NULL_USER, &refresh));
    let by_basic = bearer(&registry, with(get(SCOPE), &basic(&format!("{NULL_USER}:{refresh}"))));
    let sdk = posted(
        "/oauth2/token?api-version=2021-07-01",
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            ("scope", "repository:team/web:pull"),
        ],
    );
    for bearer in [by_password, by_basic, bearer(&registry, sdk)] {
        assert_eq!(registry.answer(&with(get(MANIFEST), &bearer)).status, 200);
    }
    assert_eq!(registry.answer(&containerd(NULL_USER, "no such token")).status, 401);
}

#[test]
fn an_identity_without_a_role_is_refused_where_the_registry_looks() {
    let at_once = registry("registry.anonymous = []\n[[identity]]\npull = []");
    let reply = exchanged(&at_once, &entra(&at_once, AUDIENCE, 0));
    assert_eq!(reply.status, 401);
    assert!(
        text(&reply).starts_with(
            "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required, visit \
             https://aka.ms/acr/authorization for more information. CorrelationId: 5c1a9c37-"
        ),
        "{}",
        text(&reply)
    );
    assert!(reply.value("x-ms-correlation-request-id").is_some_and(|id| text(&reply).contains(id)));
    let late =
        registry("registry = { anonymous = [], rights_checked_at = 'token' }\n[[identity]]\npull = []");
    let refresh = refresh(&late);
    assert_eq!(late.answer(&containerd(NULL_USER, &refresh)).status, 401);
}

#[test]
fn an_identity_with_some_repositories_gets_a_token_for_less() {
    let registry = registry("registry.anonymous = []\n[[identity]]\npull = ['other/*']");
    let token = bearer(&registry, containerd(NULL_USER, &refresh(&registry)));
    let (_, claims) = crate::directory::unsigned(token.trim_start_matches("Bearer ")).expect("three parts");
    assert_eq!(claims["access"].as_array().map(Vec::len), Some(0));
    let reply = registry.answer(&with(get(MANIFEST), &token));
    assert_eq!(reply.status, 401);
    assert!(reply.value("www-authenticate").is_some_and(|value| value.contains("insufficient_scope")));
}

#[test]
fn a_token_must_be_for_this_registry_now() {
    for (world, audience, age, expected) in [
        ("", "https://management.azure.com/", 0, 200),
        ("registry.arm_audience = false", "https://management.azure.com/", 0, 401),
        ("registry.arm_audience = false", AUDIENCE, 0, 200),
        ("", "https://graph.microsoft.com", 0, 401),
        ("", AUDIENCE, 90_000, 401),
        ("", AUDIENCE, -600, 401),
        ("registry.tenant = 'eeeeeeee-0000-4000-8000-000000000001'", AUDIENCE, 0, 401),
        ("[[identity]]\ntenant = 'eeeeeeee-0000-4000-8000-000000000001'", AUDIENCE, 0, 401),
    ] {
        let registry = registry(world);
        let reply = exchanged(&registry, &entra(&registry, audience, age));
        assert_eq!(reply.status, expected, "{world} {audience} {age}");
    }
    let registry = registry("");
    assert_eq!(exchanged(&registry, "eyJ.eyJ.x").status, 401);
    let token = entra(&registry, AUDIENCE, 0);
    let tenant = |tenant: &str| {
        let form = [("grant_type", "access_token"), ("access_token", token.as_str()), ("tenant", tenant)];
        registry.answer(&posted("/oauth2/exchange", &form)).status
    };
    assert_eq!((tenant(TENANT), tenant("eeeeeeee-0000-4000-8000-000000000001")), (200, 401));
    let form = [("grant_type", "password"), ("access_token", token.as_str())];
    assert_eq!(registry.answer(&posted("/oauth2/exchange", &form)).status, 400);
    assert_eq!(registry.answer(&get("/oauth2/exchange")).status, 404);
}

#[test]
fn rules_stand_before_the_exchange() {
    let status = |world: &str| {
        let registry = registry(world);
        exchanged(&registry, &entra(&registry, AUDIENCE, 0))
    };
    assert_eq!(status("registry.firewall.sees = '20.31.4.5'").status, 403);
    let reply = status("registry.throttle = { at = ['exchange'], retry_after = 9 }");
    assert_eq!((reply.status, reply.value("retry-after")), (429, Some("9")));
    let reply = status("registry.broken = { at = ['exchange'], status = 502, body = 'html' }");
    assert_eq!((reply.status, reply.value("content-type")), (502, Some("text/html")));
    assert_eq!(status("registry.stall.at = ['exchange']").ending, Ending::Never);
    for (answer, expected) in [("no-token", "{}"), ("empty-token", "{\"refresh_token\":\"\"}"), ("empty", "")]
    {
        let reply = status(&format!("registry.exchange_answer = '{answer}'"));
        assert_eq!((reply.status, text(&reply)), (200, expected));
    }
    let reply = status("registry.exchange_answer = 'html'");
    assert_eq!((reply.status, reply.value("content-type")), (200, Some("text/html; charset=utf-8")));
    let reply = registry("registry.flavour = 'harbor'").answer(&posted("/oauth2/exchange", &[]));
    assert_eq!(reply.status, 404, "only an ACR has it");
}

#[test]
fn a_service_principal_is_user_and_password() {
    let principal =
        "registry.anonymous = []\n[[identity]]\nkind = 'service-principal'\nsecret = 'right-secret'\n";
    let status = |more: &str, secret: &str| {
        registry(&format!("{principal}{more}")).answer(&containerd(KUBELET, secret)).status
    };
    assert_eq!(status("", "right-secret"), 200);
    assert_eq!(status("", "wrong-secret"), 401);
    for more in ["secret_expired = true", "disabled = true", "deleted = true", "pull = []"] {
        assert_eq!(status(more, "right-secret"), 401, "{more}");
    }
    let registry = registry(&format!("{principal}tenant = 'eeeeeeee-0000-4000-8000-000000000001'"));
    let reply = registry.answer(&containerd(KUBELET, "right-secret"));
    assert_eq!(reply.status, 401);
    assert!(text(&reply).contains("Application not registered with AAD"));
    let reply = registry.answer(&with(get(SCOPE), &basic(&format!("{KUBELET}:wrong"))));
    assert_eq!(reply.status, 401);
}

#[test]
fn a_managed_identity_has_no_password() {
    assert_eq!(registry(PRIVATE).answer(&containerd(KUBELET, "")).status, 401);
}

#[test]
fn challenges_that_the_provider_cannot_read() {
    let challenges = |form: &str| {
        let reply = registry(&format!("registry.challenge.form = '{form}'")).answer(&get("/v2/"));
        let values = reply.headers.iter().filter(|(name, _)| *name == "www-authenticate");
        (reply.status, values.map(|(_, value)| value.clone()).collect::<Vec<_>>())
    };
    let (status, two) = challenges("two");
    assert!(
        status == 401
            && two.len() == 2
            && two[0].starts_with("Bearer realm=\"")
            && two[1].starts_with("Basic ")
    );
    let unquoted =
        "Bearer realm=https://contosoacr.azurecr.io/oauth2/token,service=contosoacr.azurecr.io".to_owned();
    assert_eq!(challenges("unquoted"), (401, vec![unquoted]));
    assert_eq!(challenges("bare"), (401, vec!["Bearer".to_owned()]));
    assert_eq!(challenges("open"), (200, vec![]));
}

#[test]
fn roles_and_the_registrys_mode_decide() {
    let role = |name: &str| format!("[[role]]\nto = 'aks1-agentpool'\nrole = '{name}'\n");
    let abac = "registry = { anonymous = [], role_mode = 'abac' }\n";
    let only = |repository: &str| {
        format!(
            "condition = \"(!(ActionMatches{{'Microsoft.ContainerRegistry/registries/repositories/content/read'}}) OR \
             (@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringEqualsIgnoreCase '{repository}'))\""
        )
    };
    let reader = role("Container Registry Repository Reader");
    let deny = "[[deny]]\nname = 'freeze'\nactions = ['Microsoft.ContainerRegistry/registries/pull/*']\n";
    for (world, exchange, manifest) in [
        (format!("{PRIVATE}{}", role("AcrPull")), 200, 200),
        (format!("{abac}{}", role("AcrPull")), 401, 0),
        (format!("{abac}{}", role("Owner")), 401, 0),
        (format!("{PRIVATE}{reader}"), 401, 0),
        (format!("{abac}{reader}"), 200, 200),
        (format!("{abac}{reader}{}", only("team/web")), 200, 200),
        (format!("{abac}{reader}{}", only("base")), 200, 401),
        (format!("{PRIVATE}{}", role("AcrDelete")), 200, 401),
        (format!("{PRIVATE}{}{deny}", role("AcrPull")), 401, 0),
    ] {
        let registry = registry(&world);
        let reply = exchanged(&registry, &entra(&registry, AUDIENCE, 0));
        assert_eq!(reply.status, exchange, "{world}");
        if exchange == 200 {
            let refresh = field(&reply, "refresh_token");
            let token = bearer(&registry, containerd(NULL_USER, &refresh));
            assert_eq!(registry.answer(&with(get(MANIFEST), &token)).status, manifest, "{world}");
        }
    }
}

#[test]
fn the_admin_user_may_be_switched_off() {
    let admin = "[[user]]\nname = 'contosoacr'\npassword = 'p'\n";
    for (more, status) in [("", 200), ("registry.resource.admin_user = false\n", 401)] {
        let registry = registry(&format!("{PRIVATE}{more}{admin}"));
        assert_eq!(registry.answer(&containerd("contosoacr", "p")).status, status, "{more}");
    }
}
