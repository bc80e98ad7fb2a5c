//! Tokens, scope maps, cache rules, and what was done to the registry.

use super::*;

const OWN: &str = "[registry.resource]
    regenerated_s = 3600
    [[token]]
    name = 'ci'
    passwords = [{ value = 's3cret', expires_in_s = -60 }]
    [[cache_rule]]
    name = 'hub'
    source = 'docker.io/library/*'
    target = 'hub/*'
    credential_set = 'login'
    [[credential_set]]
    name = 'login'
    login_server = 'docker.io'
    unhealthy = 'KeyVaultSecretNotFound'";

#[test]
fn what_is_below_a_registry_is_told_without_passwords() {
    let (status, token) = told(OWN, &format!("{REGISTRY}/tokens/CI"));
    assert_eq!((status, &token["properties"]["status"]), (200, &"enabled".into()));
    assert!(!token.to_string().contains("s3cret"));
    let map = token["properties"]["scopeMapId"].as_str().expect("an id");
    let (_, map) = told(OWN, map);
    assert_eq!(map["properties"]["actions"][0], "repositories/*/content/read");
    assert_eq!(told(OWN, &format!("{REGISTRY}/tokens/other")).0, 404);
    let (_, maps) = told(OWN, &format!("{REGISTRY}/scopeMaps"));
    assert_eq!(maps["value"].as_array().map(Vec::len), Some(5));
    let (_, rules) = told(OWN, &format!("{REGISTRY}/cacheRules"));
    // The version that all of this is asked in tells no identity of a rule.
    assert_eq!((rules["value"][0]["name"].as_str(), rules["value"][0].get("identity")), (Some("hub"), None));
    let (_, sets) = told(OWN, &format!("{REGISTRY}/credentialSets"));
    let health = &sets["value"][0]["properties"]["authCredentials"][0]["credentialHealth"];
    assert_eq!(health["errorCode"], "KeyVaultSecretNotFound");
}

#[test]
fn the_activity_log_wants_a_start_within_ninety_days() {
    let now = crate::time::seconds(0);
    let asked = |world: &str, from: i64, more: &str| {
        let arm = arm(&format!("{READER}{world}"));
        let filter = format!("eventTimestamp ge '{}'{more}", crate::time::arm(from)).replace(' ', "%20");
        let log = "providers/Microsoft.Insights/eventtypes/management/values";
        let target = format!(
            "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/{log}?api-version=2015-04-01&$filter={filter}"
        );
        let (status, body) = asked(&arm, &target, ARM, 0);
        (status, body["value"].as_array().map_or(0, Vec::len))
    };
    let of = |id: &str| format!(" and resourceUri eq '{id}'");
    assert_eq!(asked(OWN, now - 7200, &of(REGISTRY)), (200, 2));
    assert_eq!(asked(OWN, now - 60, &of(REGISTRY)), (200, 0));
    assert_eq!(asked(OWN, now - 7200, &of("/subscriptions/other")), (200, 0));
    assert_eq!(asked("", now - 7200, &of(REGISTRY)), (200, 0));
    assert_eq!(asked(OWN, now - 91 * 86_400, "").0, 400);
    assert_eq!(asked(&format!("lacks = ['Microsoft.Insights/*']\n{OWN}"), now - 7200, "").0, 403);
}
