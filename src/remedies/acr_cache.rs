//! Fixes for ACR's cache rules.

use super::{Advice, Names, azure, image, say};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    let registry = names.the_registry();
    let repository = names.the_repository();
    match id {
        causes::AcrCacheUpstreamThrottled => say(
            format!("Put upstream credentials on the cache rule of {registry}, or import the image once."),
            [azure::acr_cache_rules(names)],
        ),
        causes::AcrCacheUpstreamAuthFailed => say(
            format!(
                "Renew the upstream's user and password in the key vault, and let the credential set of {registry} read them."
            ),
            [azure::acr_cache_rules(names), azure::acr_credential_sets(names)],
        ),
        causes::AcrCacheUpstreamIdentityMissing => say(
            format!(
                "Give {registry} and its cache rule an identity with Container Registry Repository Reader at the upstream."
            ),
            [azure::acr_cache_rules(names), azure::acr_identities(names)],
        ),
        causes::AcrCacheUpstreamNotFoundMasked => say(
            format!(
                "Name a path and tag that the upstream of {repository} has; Docker Hub's official images are below library/."
            ),
            [azure::acr_cache_rules(names), image::tags(names)],
        ),
        causes::AcrCacheRuleWrongMapping => say(
            format!(
                "Delete the cache rule that {repository} falls under, and make it again with the source and target meant."
            ),
            [azure::acr_cache_rules(names)],
        ),
        causes::AcrCacheUpstreamWarming => say(
            "Wait an hour for the cache, or use an older tag; what cannot wait is imported into a repository without a rule.",
            [image::tags(names), azure::acr_cache_rules(names)],
        ),
        causes::AcrCacheRepullAfterDelete => say(
            format!(
                "Import the image into {registry} from upstream, or delete its cache rule and make the rule again."
            ),
            [image::tags(names), azure::acr_cache_rules(names)],
        ),
        _ => None,
    }
}
