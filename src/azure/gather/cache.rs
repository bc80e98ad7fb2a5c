//! The registry's cache rules, and how the credentials are that they fetch with.

use serde_json::Value;

use crate::azure::arm::Api;
use crate::azure::read;
use crate::case::azure::{CacheRule, CredentialSet, Health, Trouble};

const RULES: &str = "list the cache rules";
const SETS: &str = "list the credential sets of cache rules";
/// The first version that tells the identity of a rule, one that is stable everywhere, and the oldest stable one that has rules.
const VERSIONS: [&str; 3] = [WITH_IDENTITY, "2025-11-01", "2023-07-01"];
const WITH_IDENTITY: &str = "2026-01-01-preview";

/// What is known of the registry's cache.
#[derive(Default)]
pub(super) struct Cache {
    pub(super) rules: Option<Vec<CacheRule>>,
    pub(super) sets: Option<Vec<CredentialSet>>,
    pub(super) troubles: Vec<Trouble>,
}

/// Reads the rules, and the credential sets where a rule names one.
pub(super) async fn read(manager: &Api<'_, '_>, registry: &str) -> Cache {
    let mut cache = Cache::default();
    let path = format!("{registry}/cacheRules");
    let (list, version) = manager.list_in(RULES, &path, &VERSIONS).await;
    // A part of the rules says nothing of a repository that none of them covers.
    if let Some(trouble) = list.trouble {
        cache.troubles.push(trouble);
        return cache;
    }
    let rules: Vec<CacheRule> = list.items.iter().map(|said| rule(said, version == WITH_IDENTITY)).collect();
    if rules.iter().any(|rule| rule.credential_set.is_some()) {
        let path = format!("{registry}/credentialSets");
        let (list, _) = manager.list_in(SETS, &path, &VERSIONS).await;
        match list.trouble {
            Some(trouble) => cache.troubles.push(trouble),
            None => cache.sets = Some(list.items.iter().map(set).collect()),
        }
    }
    cache.rules = Some(rules);
    cache
}

fn rule(said: &Value, tells_identity: bool) -> CacheRule {
    let text = |path: &str| read::text(said, path);
    CacheRule {
        name: text("name").unwrap_or_default(),
        source: text("properties.sourceRepository").unwrap_or_default(),
        target: text("properties.targetRepository").unwrap_or_default(),
        credential_set: text("properties.credentialSetResourceId"),
        identities: tells_identity.then(|| read::identities(said).unwrap_or_default()),
    }
}

fn set(said: &Value) -> CredentialSet {
    CredentialSet {
        id: read::text(said, "id").unwrap_or_default(),
        login_server: read::text(said, "properties.loginServer"),
        health: read::list(said, "properties.authCredentials")
            .map(|all| all.iter().filter_map(|one| read::at(one, "credentialHealth")).map(health).collect()),
    }
}

fn health(said: &Value) -> Health {
    Health {
        healthy: match read::raw(said, "status") {
            Some(word) if word.eq_ignore_ascii_case("healthy") => Some(true),
            Some(word) if word.eq_ignore_ascii_case("unhealthy") => Some(false),
            _ => None,
        },
        code: read::text(said, "errorCode"),
        message: read::text(said, "errorMessage"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_lacks_stays_unknown() {
        let said = serde_json::json!({"name": "hub", "identity": {"type": "None"}, "properties": {
            "sourceRepository": "docker.io/library/*", "targetRepository": "hub/*", "credentialSetResourceId": null,
        }});
        assert_eq!(rule(&said, false).identities, None);
        let read = rule(&said, true);
        assert_eq!((read.identities, read.credential_set), (Some(Vec::new()), None));
        assert_eq!(read::identities(&serde_json::json!({"name": "x"})), None);
        let odd = serde_json::json!({"id": "/s", "properties": {"authCredentials": [
            {"name": "Credential1", "credentialHealth": {"status": "Unhealthy", "errorCode": "E"}},
            {"name": "Credential2", "credentialHealth": {"status": "Stale"}},
            {"name": "Credential3"},
        ]}});
        let health: Vec<_> = set(&odd).health.into_iter().flatten().map(|one| one.healthy).collect();
        assert_eq!(health, [Some(false), None]);
    }
}
