//! Users that are tokens of an ACR, and what its cache rules fetch.

use std::collections::BTreeMap;

use super::Registry;
use super::errors::error;
use crate::reply::Reply;
use crate::schema::{CacheRule, Token, User, World};

/// Azure's own scope maps.
pub(crate) const SCOPE_MAPS: [(&str, &[&str]); 5] = [
    (
        "_repositories_admin",
        &[
            "repositories/*/metadata/read",
            "repositories/*/metadata/write",
            "repositories/*/content/read",
            "repositories/*/content/write",
            "repositories/*/content/delete",
        ],
    ),
    ("_repositories_pull", &["repositories/*/content/read"]),
    ("_repositories_pull_metadata_read", &["repositories/*/content/read", "repositories/*/metadata/read"]),
    ("_repositories_push", &["repositories/*/content/read", "repositories/*/content/write"]),
    (
        "_repositories_push_metadata_write",
        &[
            "repositories/*/metadata/read",
            "repositories/*/metadata/write",
            "repositories/*/content/read",
            "repositories/*/content/write",
        ],
    ),
];

/// The tokens that somebody can sign in by, as users: each with each of its passwords that has not ended.
pub(super) fn users(world: &World) -> Vec<User> {
    let alive = world.tokens.iter().filter(|token| !token.disabled);
    let users = alive.flat_map(|token| {
        let good = token.passwords.iter().filter(|one| one.expires_in_s.is_none_or(|after| after > 0));
        good.map(|password| User {
            name: token.name.clone(),
            password: password.value.clone(),
            pull: permits(world, &token.scope_map, "content/read"),
        })
    });
    users.collect()
}

/// The repositories whose metadata each token may see, as patterns.
pub(super) fn metadata(world: &World) -> BTreeMap<String, Vec<String>> {
    let of = |token: &Token| (token.name.clone(), permits(world, &token.scope_map, "metadata/read"));
    world.tokens.iter().map(of).collect()
}

/// The repositories at which a scope map permits an action, as patterns.
fn permits(world: &World, map: &str, action: &str) -> Vec<String> {
    let said = world.scope_maps.iter().find(|known| known.name == map);
    let own = SCOPE_MAPS.iter().find(|(name, _)| *name == map);
    let actions: Vec<&str> = match (said, own) {
        (Some(said), _) => said.actions.iter().map(String::as_str).collect(),
        (None, Some((_, actions))) => actions.to_vec(),
        (None, None) => Vec::new(),
    };
    let pattern = |known: &str| {
        Some(known.strip_prefix("repositories/")?.strip_suffix(action)?.strip_suffix('/')?.to_owned())
    };
    actions.into_iter().filter_map(pattern).collect()
}

impl Registry {
    /// What a cache rule answers in place of a manifest that the registry has not; nothing where no rule covers the repository,
    /// or where its source is asked and does not have it either.
    pub(super) fn uncached(&self, name: &str, id: &str) -> Option<Reply> {
        let fits = |rule: &&CacheRule| match rule.target.strip_suffix('*') {
            Some(prefix) => name.len() > prefix.len() && name.starts_with(prefix),
            None => name == rule.target,
        };
        let of_one = self.cache_rules.iter().filter(|rule| !rule.target.ends_with('*')).find(fits);
        let rule = of_one.or_else(|| self.cache_rules.iter().find(fits))?;
        let source = match (rule.source.strip_suffix('*'), rule.target.strip_suffix('*')) {
            (Some(source), Some(target)) => format!("{source}{}", &name[target.len()..]),
            _ => rule.source.clone(),
        };
        if rule.warming {
            return Some(error(502, "UNKNOWN", &format!("unknown error. CorrelationId: {id}"), None));
        }
        let set = |name: &String| self.credential_sets.iter().find(|set| set.name == *name);
        if rule.credential_set.as_ref().and_then(set).is_some_and(|set| set.unhealthy.is_some()) {
            // Nothing in it tells whose credential it is (Azure/acr#893).
            return Some(self.refusal(id));
        }
        let of_azure = source.split('/').next().is_some_and(|host| host.ends_with(".azurecr.io"));
        if of_azure && rule.credential_set.is_none() && !self.reads_with(rule) {
            let words = format!(
                "authentication required with source registry for cache rule '{}'. CorrelationId: {id}",
                rule.name
            );
            return Some(error(401, "UNAUTHORIZED", &words, None));
        }
        // Docker Hub denies what it does not have (Azure/acr#772).
        let deep = source.starts_with("docker.io/") && source.split('/').count() > 3;
        deep.then(|| {
            let words = format!(
                "requested access to pull from source '{source}' for cache rule '{}' has been denied. CorrelationId: {id}",
                rule.name
            );
            error(403, "DENIED", &words, None)
        })
    }

    /// Whether a rule has an identity that is on the registry.
    fn reads_with(&self, rule: &CacheRule) -> bool {
        rule.identity.as_ref().is_some_and(|name| self.rules.resource.identities.contains(name))
    }
}
