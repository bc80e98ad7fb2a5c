use probes::foreign::Foreign;

use super::*;
use crate::case::azure::{CredentialSet, Health};

fn rule(source: &str, target: &str) -> CacheRule {
    CacheRule {
        name: Foreign::new("r"),
        source: Foreign::new(source),
        target: Foreign::new(target),
        identities: Some(Vec::new()),
        ..CacheRule::default()
    }
}

fn registry(rule: CacheRule) -> Registry {
    Registry { cache_rules: Some(vec![rule]), identities: Some(Vec::new()), ..Registry::default() }
}

fn said(registry: &Registry, met: Met, cause: CauseId) -> Option<Stance> {
    let all = of_failure(registry, "hub/nginx", met);
    all.iter().find(|says| says.cause == cause).map(|says| says.stance)
}

#[test]
fn credentials_that_are_unhealthy_explain_a_refusal() {
    let with = |states: Option<&[Option<bool>]>| {
        let id = Some(Foreign::new("/sets/hub"));
        let health = states
            .map(|all| all.iter().map(|healthy| Health { healthy: *healthy, ..Health::default() }).collect());
        let set = CredentialSet { id: Foreign::new("/SETS/hub"), health, ..CredentialSet::default() };
        Registry {
            credential_sets: Some(vec![set]),
            ..registry(CacheRule { credential_set: id, ..rule("docker.io/library/*", "hub/*") })
        }
    };
    let told = |states, met| said(&with(states), met, AcrCacheUpstreamAuthFailed);
    assert_eq!(told(Some(&[Some(false)]), Met::Refused), Some(Stance::Confirms));
    assert_eq!(told(Some(&[Some(false)]), Met::Missing), Some(Stance::Allows));
    assert_eq!(told(Some(&[Some(true)]), Met::Refused), Some(Stance::Refutes));
    for unknown in [Some(&[Some(true), Some(false)][..]), Some(&[None]), Some(&[]), None] {
        assert_eq!(told(unknown, Met::Refused), Some(Stance::Allows), "{unknown:?}");
    }
    let unread = Registry { credential_sets: None, ..with(None) };
    assert_eq!(said(&unread, Met::Refused, AcrCacheUpstreamAuthFailed), Some(Stance::Allows));
}

#[test]
fn an_identity_is_for_other_registries_of_azures() {
    let told = |registry: &Registry| said(registry, Met::Refused, AcrCacheUpstreamIdentityMissing);
    assert_eq!(told(&registry(rule("docker.io/library/*", "hub/*"))), Some(Stance::Refutes));
    let of_acr = rule("upstream.azurecr.io/*", "hub/*");
    assert_eq!(told(&registry(of_acr.clone())), Some(Stance::Confirms));
    let unknown = CacheRule { identities: None, ..of_acr.clone() };
    assert_eq!(told(&registry(unknown)), Some(Stance::Allows));
    let named = CacheRule { identities: Some(vec![Foreign::new("/ids/a")]), ..of_acr };
    assert_eq!(told(&registry(named.clone())), Some(Stance::Confirms));
    let there = Registry { identities: Some(vec![Foreign::new("/IDS/A")]), ..registry(named) };
    assert_eq!(told(&there), Some(Stance::Allows));
}

#[test]
fn what_no_rule_covers_has_no_cause_of_a_cache() {
    let other = registry(rule("docker.io/library/*", "mirror/*"));
    for cause in CACHE {
        assert_eq!(said(&other, Met::Missing, *cause), Some(Stance::Refutes), "{cause}");
    }
    assert_eq!(said(&other, Met::Missing, TagNotFound), None);
    assert_eq!(of_failure(&Registry::default(), "hub/nginx", Met::Missing), []);
    let covered = registry(rule("docker.io/library/*", "hub/*"));
    assert_eq!(said(&covered, Met::Missing, TagNotFound), Some(Stance::Refutes));
    assert_eq!(said(&covered, Met::Missing, AcrCacheRepullAfterDelete), Some(Stance::Allows));
    assert_eq!(said(&covered, Met::Failing, AcrCacheUpstreamWarming), Some(Stance::Allows));
    assert_eq!(said(&covered, Met::Refused, AcrCacheRuleWrongMapping), Some(Stance::Allows));
    // Repositories of Docker Hub are a namespace and a name.
    let deep = registry(rule("docker.io/library/team/*", "hub/*"));
    assert_eq!(said(&deep, Met::Refused, AcrCacheRuleWrongMapping), Some(Stance::Confirms));
}
