//! What the registry has, in lists.

use super::*;

fn token(registry: &Registry, scope: &str) -> String {
    bearer(
        registry,
        with(get(&format!("/oauth2/token?scope={scope}")), &basic("11111111-0000-4000-8000-000000000001:s")),
    )
}

const WORLD: &str = "registry.anonymous = []\n[[identity]]\nkind = 'service-principal'\nsecret = 's'\n";

#[test]
fn lists_are_for_tokens_that_name_them() {
    let registry = registry(WORLD);
    let reply = registry.answer(&get("/v2/_catalog"));
    assert!(
        reply.value("www-authenticate").is_some_and(|value| value.ends_with("scope=\"registry:catalog:*\""))
    );
    for path in ["/v2/_catalog?n=100", "/acr/v1/_catalog"] {
        let reply = registry.answer(&with(get(path), &token(&registry, "registry:catalog:*")));
        assert_eq!((reply.status, text(&reply).trim()), (200, "{\"repositories\":[\"team/web\"]}"));
    }
    let reading = token(&registry, "repository:team/web:metadata_read");
    let body = |path: &str| -> serde_json::Value {
        let reply = registry.answer(&with(get(path), &reading));
        assert_eq!(reply.status, 200, "{path}");
        serde_json::from_slice(&reply.body).expect("JSON")
    };
    assert_eq!(body("/acr/v1/team/web/_tags?n=100")["tags"][0]["name"], "v1");
    assert_eq!(body("/acr/v1/team/web/_tags/v1")["tag"]["changeableAttributes"]["readEnabled"], true);
    assert_eq!(body("/acr/v1/team/web")["manifestCount"], 3);
    let manifests = body("/acr/v1/team/web/_manifests");
    let digest = manifests["manifests"][0]["digest"].as_str().expect("a digest");
    assert_eq!(body(&format!("/acr/v1/team/web/_manifests/{digest}"))["manifest"]["digest"], digest);
    for (path, status) in [
        ("/acr/v1/team/web/_tags/v9", 404),
        ("/acr/v1/other/_tags", 401),
        (MANIFEST, 401),
        ("/v2/_catalog", 401),
    ] {
        assert_eq!(registry.answer(&with(get(path), &reading)).status, status, "{path}");
    }
}

#[test]
fn a_token_has_the_actions_that_are_asked_for_and_allowed() {
    let actions = |world: &str, scope: &str| {
        let token = token(&registry(world), scope);
        let (_, claims) =
            crate::directory::unsigned(token.trim_start_matches("Bearer ")).expect("three parts");
        claims["access"].to_string()
    };
    let health = "repository:team/web:pull,push,metadata_write,metadata_read,delete";
    assert_eq!(
        actions(WORLD, health),
        r#"[{"actions":["pull","metadata_read"],"name":"team/web","type":"repository"}]"#
    );
    assert_eq!(actions(WORLD, "repository:team/web:push"), "[]");
    assert_eq!(actions(WORLD, "registry:None:*"), "[]");
    assert_eq!(actions(&format!("{WORLD}pull = ['other/*']"), health), "[]");
}
