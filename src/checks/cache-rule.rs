//! `cache-rule`: whether the registry fetches the repository from another one, and may, by what Azure says.

use probes::cloud::acr_host;

use super::registry_rules::unread;
use super::{Answer, Check, Place, View};
use crate::case::azure::{CacheRule, Registry, covering, is_same_id, name_in, set_of};
use crate::causes::{
    AcrCacheRepullAfterDelete, AcrCacheRuleWrongMapping, AcrCacheUpstreamAuthFailed,
    AcrCacheUpstreamIdentityMissing, AcrCacheUpstreamNotFoundMasked, AcrCacheUpstreamThrottled,
    AcrCacheUpstreamWarming, CauseId, DigestNotFound, RepositoryNotFound, TagNotFound,
};
use crate::report::{Says, Stance, Status};

/// The check.
pub const CHECK: Check = Check {
    id: "cache-rule",
    title: "the cache rule of the repository can fetch from its source",
    explanation: "The registry's cache rules are read, and which of them covers the repository; one for that repository alone goes \
        before a pattern. Of that rule the source, the health of its credentials, and for another registry of Azure's its identity \
        are looked at. The source itself is not asked. Where no rule covers the repository, nothing of a cache can be the cause of \
        a failed pull. That something is wrong here is a warning: what the cache has already is pulled all the same.",
    at: &[Place::Azure],
    per_credential: false,
    needs: &[],
    causes: &[CACHE],
    judge,
};

/// The causes that only a repository of a cache rule has.
pub(crate) const CACHE: &[CauseId] = &[
    AcrCacheUpstreamThrottled,
    AcrCacheUpstreamAuthFailed,
    AcrCacheUpstreamIdentityMissing,
    AcrCacheUpstreamNotFoundMasked,
    AcrCacheRuleWrongMapping,
    AcrCacheUpstreamWarming,
    AcrCacheRepullAfterDelete,
];

/// What was met at a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// A refusal, of somebody whom the token service had granted the pull, or in words that name the cache.
    Refused,
    /// The repository is not there, or what was named by its digest.
    Missing,
    /// The repository is there, and a tag of it is not.
    TagMissing,
    /// The registry fails.
    Failing,
    /// Something that may be the client's own fault.
    Unclear,
}

fn judge(view: &View<'_>) -> Option<Answer> {
    let azure = view.case.azure.as_ref()?;
    let Some(repository) = view.case.target.repository.as_deref() else {
        return Some(Answer::new(Status::NotApplicable, "no repository was named"));
    };
    let Some(registry) = &azure.registry else { return Some(unread(azure, "the registry")) };
    let name = &registry.name;
    let Some(rules) = &registry.cache_rules else { return Some(unread(azure, "the cache rules")) };
    let says = of_failure(registry, repository, Met::Refused);
    let Some((rule, upstream)) = covering(rules, repository) else {
        let answer =
            Answer::new(Status::NotApplicable, format!("no cache rule of {name} covers {repository}"));
        return Some(Answer { says, ..answer });
    };
    let rule_name = &rule.name;
    let state = State::of(registry, rule, &upstream);
    let answer = if state.healthy == Some(false) {
        Answer::new(
            Status::Warn,
            format!(
                "the cache rule {rule_name} fetches {repository} from {upstream}, and its credentials are unhealthy"
            ),
        )
    } else if state.lacks_identity == Some(true) {
        Answer::new(
            Status::Warn,
            format!("the cache rule {rule_name} has no identity with which {name} could read {upstream}"),
        )
    } else if state.impossible {
        Answer::new(
            Status::Warn,
            format!(
                "the cache rule {rule_name} leads {repository} to {upstream}, which Docker Hub cannot have"
            ),
        )
    } else if state.healthy.is_none() {
        match registry.credential_sets {
            None => unread(azure, "the credential sets"),
            Some(_) => Answer::new(
                Status::Unknown,
                format!("how the credentials of the cache rule {rule_name} are was not returned"),
            ),
        }
    } else {
        Answer::pass(format!("the cache rule {rule_name} fetches {repository} from {upstream}"))
    };
    let answer = answer.saw(
        format!("read the cache rules of {name}"),
        format!("{rule_name}: {} to {}", rule.source, rule.target),
    );
    let answer = match &rule.credential_set {
        Some(id) => answer.saw(
            format!("read the credential set {}", name_in(id.as_str())),
            health(registry, rule).unwrap_or_else(|| "not returned".to_owned()),
        ),
        None => answer,
    };
    Some(Answer { says, ..answer })
}

/// The health of a rule's credentials in words.
fn health(registry: &Registry, rule: &CacheRule) -> Option<String> {
    let set = set_of(registry.credential_sets.as_deref()?, rule)?;
    let all = set.health.as_ref().filter(|all| !all.is_empty())?;
    let words = all.iter().map(|one| {
        let state = match one.healthy {
            Some(true) => "healthy",
            Some(false) => "unhealthy",
            None => "of a state that is not known",
        };
        let why = [&one.code, &one.message].into_iter().flatten().map(ToString::to_string);
        [state.to_owned()].into_iter().chain(why).collect::<Vec<_>>().join(", ")
    });
    Some(words.collect::<Vec<_>>().join("; "))
}

/// What is known of a rule.
struct State {
    /// Whether its credentials are healthy; true for one that has none.
    healthy: Option<bool>,
    /// Whether it reads another registry of Azure's and has nothing to do it with.
    lacks_identity: Option<bool>,
    /// Whether its source is a path that there cannot be: repositories of Docker Hub are a namespace and a name.
    impossible: bool,
}

impl State {
    fn of(registry: &Registry, rule: &CacheRule, upstream: &str) -> Self {
        let host = upstream.split('/').next().unwrap_or_default();
        let depth = upstream.split('/').count() - 1;
        let healthy = match &rule.credential_set {
            None => Some(true),
            Some(_) => {
                let set = registry.credential_sets.as_deref().and_then(|sets| set_of(sets, rule));
                let states: Vec<_> = set
                    .and_then(|set| set.health.as_ref())
                    .into_iter()
                    .flatten()
                    .map(|one| one.healthy)
                    .collect();
                // One of two that is healthy may be the one that is used, or not.
                match states.first().copied().flatten() {
                    Some(first) if states.iter().all(|state| *state == Some(first)) => Some(first),
                    _ => None,
                }
            }
        };
        let lacks_identity = match (&rule.identities, &registry.identities) {
            _ if acr_host(host).is_none() || rule.credential_set.is_some() => Some(false),
            (Some(own), _) if own.is_empty() => Some(true),
            (Some(own), Some(all)) if !own.iter().any(|id| all.iter().any(|other| is_same_id(id, other))) => {
                Some(true)
            }
            // What it may do there is not known.
            _ => None,
        };
        Self { healthy, lacks_identity, impossible: host == "docker.io" && depth > 2 }
    }
}

/// What the rules say to what was met at a repository.
pub(crate) fn of_failure(registry: &Registry, repository: &str, met: Met) -> Vec<Says> {
    let says = |cause: CauseId, stance: Stance| Says { cause, stance };
    let Some(rules) = &registry.cache_rules else { return Vec::new() };
    let Some((rule, upstream)) = covering(rules, repository) else {
        return CACHE.iter().map(|cause| says(*cause, Stance::Refutes)).collect();
    };
    let state = State::of(registry, rule, &upstream);
    let fits = |is_so: bool| if is_so { Stance::Confirms } else { Stance::Allows };
    let refused = met == Met::Refused;
    if met == Met::Failing {
        return vec![says(AcrCacheUpstreamWarming, Stance::Allows)];
    }
    let mut all = vec![
        match state.healthy {
            Some(true) => says(AcrCacheUpstreamAuthFailed, Stance::Refutes),
            Some(false) => says(AcrCacheUpstreamAuthFailed, fits(refused)),
            None => says(AcrCacheUpstreamAuthFailed, Stance::Allows),
        },
        match state.lacks_identity {
            Some(false) => says(AcrCacheUpstreamIdentityMissing, Stance::Refutes),
            Some(true) => says(AcrCacheUpstreamIdentityMissing, fits(refused)),
            None => says(AcrCacheUpstreamIdentityMissing, Stance::Allows),
        },
        says(AcrCacheUpstreamNotFoundMasked, Stance::Allows),
    ];
    let missing = matches!(met, Met::Missing | Met::TagMissing);
    if missing {
        all.push(says(AcrCacheRepullAfterDelete, Stance::Allows));
    }
    if state.impossible || met != Met::TagMissing {
        // What has led to other tags leads to this one.
        all.push(says(AcrCacheRuleWrongMapping, fits(state.impossible && met != Met::Unclear)));
    }
    if missing {
        // What is not in a cache is not at its source, or was not fetched.
        all.extend([TagNotFound, RepositoryNotFound, DigestNotFound].map(|c| says(c, Stance::Refutes)));
    }
    all
}

#[cfg(test)]
#[path = "cache-rule/tests.rs"]
mod tests;
