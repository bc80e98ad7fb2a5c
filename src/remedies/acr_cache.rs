//! Fixes for ACR's cache rules.

use super::{Advice, Names, azure, image, say};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    let registry = names.the_registry();
    let repository = names.the_repository();
    let set = names
        .credential_set
        .as_deref()
        .map_or_else(|| "the credential set".to_owned(), |set| format!("the credential set {set}"));
    let rule = names
        .cache_rule
        .as_deref()
        .map_or_else(|| "its cache rule".to_owned(), |rule| format!("the cache rule {rule}"));
    let source = names.cache_source.as_deref();
    match id {
        causes::AcrCacheUpstreamThrottled => say(
            format!("Put upstream credentials on the cache rule of {registry}, or import the image once."),
            [azure::acr_cache_rules(names)],
        ),
        causes::AcrCacheUpstreamAuthFailed => say(
            format!(
                "Renew the upstream's user and password in the key vault, and let {set} of {registry} read them."
            ),
            [azure::acr_cache_rules(names), azure::acr_credential_sets(names)],
        ),
        causes::AcrCacheUpstreamIdentityMissing => say(
            format!(
                "Give {registry} and {rule} an identity with Container Registry Repository Reader at {}.",
                source.unwrap_or("the upstream")
            ),
            [azure::acr_cache_rules(names), azure::acr_identities(names)],
        ),
        causes::AcrCacheUpstreamNotFoundMasked => say(
            format!(
                "Name a path and tag that {} has; Docker Hub's official images are below library/.",
                source.map_or_else(|| format!("the upstream of {repository}"), str::to_owned)
            ),
            [azure::acr_cache_rules(names), image::source_manifest(names), image::tags(names)],
        ),
        causes::AcrCacheRuleWrongMapping => say(
            format!(
                "Delete {rule}, which leads {repository} to {}, and make it again with the source and target meant.",
                source.unwrap_or("another path")
            ),
            [azure::acr_cache_rules(names)],
        ),
        causes::AcrCacheUpstreamWarming => say(
            "Wait an hour for the cache, or use an older tag; what cannot wait is imported into a repository without a rule.",
            [image::tags(names), azure::acr_cache_rules(names)],
        ),
        causes::AcrCacheRepullAfterDelete => say(
            format!(
                "Import the image into {registry} from {}, or delete {rule} and make it again.",
                source.unwrap_or("upstream")
            ),
            [image::source_manifest(names), image::tags(names), azure::acr_cache_rules(names)],
        ),
        _ => None,
    }
}
