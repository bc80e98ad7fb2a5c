//! Refusals: 401, 403 and the words that stand for them. Whether a credential was presented parts them better than the
//! status does (containerd's `remotes/docker/authorizer.go`).

use probes::cloud::{Family, acr_host};

use super::super::candidates::{Facts, Role};
use super::super::said::{Dialect, Phase};
use super::{network_rules, sign_in};
use crate::causes::{
    AcrAbacConditionExcludesRepo, AcrCmkKeyUnavailable, AcrIpNotAllowed, AcrPublicAccessDisabled,
    AcrPullRoleMissing, AuthChallengeMalformed, BadCredentialOnPublicImage, CauseId,
    CredentialProviderReturnedNothing, EcrTokenExpired, ImageRemovedUpstream, ImplicitDockerHub,
    NodeAzureJsonIdentityMisconfigured, PrivateImageNoCredentials, ProxyDenied, PullSecretBadCredentials,
    PullSecretMalformed, PullSecretNotReferenced, PullSecretServerMismatch, RegistryGeoBlocked,
    RegistryMirrorMisconfigured, RegistryPermissionMissing, RepositoryNotFound, ScopeMapTokenLacksRepo,
    ShortNameResolvedToWrongRegistry,
};

/// The causes of a refusal.
pub(super) fn causes(facts: &Facts<'_>) -> Vec<CauseId> {
    if facts.says("not allowed access") {
        return network_rules(facts);
    }
    let azure = facts.family == Family::Acr;
    if is_bad_credential(facts.text) {
        return vec![PullSecretBadCredentials, BadCredentialOnPublicImage];
    }
    if facts.says("invalid username/password") {
        return sign_in::either(facts, azure);
    }
    if facts.role == Role::Mirror {
        // A mirror that wants a credential of its own, or another one than the registry's.
        return vec![RegistryMirrorMisconfigured];
    }
    if facts.implied && !facts.is_implied_hub() {
        // CRI-O searched for it, and found another registry's image of that name or none.
        return vec![ShortNameResolvedToWrongRegistry, PrivateImageNoCredentials, RepositoryNotFound];
    }
    if facts.says("unauthenticated request") {
        // Nobody was presented, and the registry says so.
        return match facts.context.secrets {
            Some(true) => vec![PullSecretServerMismatch, PullSecretMalformed, RepositoryNotFound],
            _ => vec![PrivateImageNoCredentials, PullSecretNotReferenced, RepositoryNotFound],
        };
    }
    let causes = if facts.form.phase == Phase::Authorize {
        sign_in::token(facts, azure)
    } else if facts.says("no basic auth credentials") {
        sign_in::nobody(facts, azure)
    } else if facts.says_any(&[
        "insufficient_scope",
        "pull access denied",
        "access to the resource is denied",
        "no pull access",
    ]) {
        without_right(facts, azure)
    } else if facts.form.status == Some(403) || is_denied(facts) {
        forbidden(facts, azure)
    } else if facts.form.status == Some(401) && is_containerds(facts) {
        unauthorized(facts, azure)
    } else {
        in_words(facts, azure)
    };
    match facts.target.as_ref().and_then(crate::checks::manifest::moved) {
        Some(_) => [ImageRemovedUpstream].into_iter().chain(causes).take(3).collect(),
        None => causes,
    }
}

/// Whether the registry says of a credential that it is no good, in whatever words of its own.
fn is_bad_credential(text: &str) -> bool {
    const CREDENTIAL: [&str; 4] = ["password", "credential", "access token", " token "];
    const BAD: [&str; 7] =
        ["incorrect", "invalid", "wrong", "expired", "revoked", "cannot be ", "must log in with"];
    // What containers/image says of every refusal, and a code of RFC 6750.
    let text = text.replace("invalid username/password", "").replace("invalid_token", "");
    let has = |words: &[&str]| words.iter().any(|words| text.contains(words));
    // Where a right may be missing as well, the credential is only a guess.
    text.contains("http basic: access denied")
        || has(&CREDENTIAL) && has(&BAD) && !text.contains("permission")
}

fn is_denied(facts: &Facts<'_>) -> bool {
    let code = facts.form.registry_words().and_then(|(code, _)| code);
    code.is_some_and(|code| code.eq_ignore_ascii_case("denied"))
}

fn is_containerds(facts: &Facts<'_>) -> bool {
    matches!(facts.message.dialect, Dialect::Containerd | Dialect::Containerd1 | Dialect::Containerd2)
}

/// The registry's host, as far as it is one of Amazon's, whose credential a provider fetches anew every 12 hours.
pub(super) fn is_ecr(facts: &Facts<'_>) -> bool {
    let host = facts.target.as_ref().map(|target| target.host()).or(facts.form.host).unwrap_or_default();
    host.contains(".dkr.ecr.")
}

/// Whether the registry is one where nobody signs in, so that no right can be missing.
fn takes_nobodys_credential(facts: &Facts<'_>) -> bool {
    let host = facts.target.as_ref().map_or("", |target| target.host());
    facts.family == Family::Mcr || host == "registry.k8s.io"
}

/// Whether the registry's address is one of a region (`NAME.REGION.geo.azurecr.io`).
pub(super) fn is_regional(facts: &Facts<'_>) -> bool {
    let host = facts.target.as_ref().and_then(|target| acr_host(target.host()));
    host.is_some_and(|host| host.region.is_some() && !host.data)
}

/// The registry knows who asks, and does not say whether there is such a repository.
fn without_right(facts: &Facts<'_>, azure: bool) -> Vec<CauseId> {
    if azure {
        return vec![AcrAbacConditionExcludesRepo, ScopeMapTokenLacksRepo, RegistryPermissionMissing];
    }
    if is_ecr(facts) {
        return vec![RegistryPermissionMissing, RepositoryNotFound];
    }
    if facts.is_implied_hub() {
        return vec![ImplicitDockerHub, RepositoryNotFound, PrivateImageNoCredentials];
    }
    match (facts.family, facts.context.secrets) {
        (_, Some(true)) => vec![RepositoryNotFound, RegistryPermissionMissing, PullSecretServerMismatch],
        (Family::DockerHub, _) => vec![RepositoryNotFound, PrivateImageNoCredentials],
        _ => vec![RepositoryNotFound, PrivateImageNoCredentials, RegistryPermissionMissing],
    }
}

/// 403 at the manifest. Azure's firewall names an address, where the answer's body is shown.
fn forbidden(facts: &Facts<'_>, azure: bool) -> Vec<CauseId> {
    if azure {
        let bare = facts.form.registry_words().is_none_or(|(_, message)| message.is_empty());
        // The firewall refuses every credential alike, and the same error is said once.
        return if bare && facts.message.attempts.len() == 1 {
            vec![AcrIpNotAllowed, AcrPublicAccessDisabled, AcrCmkKeyUnavailable]
        } else {
            vec![RegistryPermissionMissing, AcrCmkKeyUnavailable]
        };
    }
    if facts.target.is_none() && facts.form.host.is_none() {
        // Nothing says whose answer it is.
        return vec![RegistryPermissionMissing, AcrIpNotAllowed, ProxyDenied];
    }
    let message = facts.form.registry_words().map(|(_, message)| message.trim().to_ascii_lowercase());
    let bare = message.as_deref().unwrap_or_default().is_empty();
    if bare && is_ecr(facts) && facts.context.secrets != Some(false) {
        // Amazon's answer to a password that is older than its twelve hours.
        return vec![EcrTokenExpired, RegistryPermissionMissing];
    }
    if bare && takes_nobodys_credential(facts) {
        return vec![RegistryGeoBlocked, ProxyDenied];
    }
    match (message.as_deref(), facts.context.secrets) {
        // GitHub's refusal of a credential, of whatever image; without one it has the code alone.
        (Some("denied"), Some(true) | None) => vec![BadCredentialOnPublicImage, PullSecretBadCredentials],
        (Some("denied" | ""), _) if facts.form.status.is_none() => {
            vec![PrivateImageNoCredentials, RepositoryNotFound]
        }
        (Some(message), _) if message.contains("may not exist") => {
            vec![RegistryPermissionMissing, RepositoryNotFound]
        }
        (Some(message), _) if message.contains("access forbidden") => {
            vec![RepositoryNotFound, RegistryPermissionMissing]
        }
        (_, Some(false)) => vec![PrivateImageNoCredentials, RegistryPermissionMissing],
        _ => vec![RegistryPermissionMissing],
    }
}

/// 401 at the manifest, without a token service in between: a Basic challenge, or none that can be read.
fn unauthorized(facts: &Facts<'_>, azure: bool) -> Vec<CauseId> {
    if azure {
        return vec![RegistryPermissionMissing, AcrAbacConditionExcludesRepo, PullSecretBadCredentials];
    }
    // From 1.7 on it is said otherwise where there was nobody to present.
    match (facts.is_old_containerd(), facts.context.secrets) {
        // What is left: a password that was refused, a token without the right, or a challenge that cannot be read.
        (Some(false), Some(true)) => {
            vec![PullSecretBadCredentials, RegistryPermissionMissing, AuthChallengeMalformed]
        }
        (Some(false), Some(false)) => {
            vec![PrivateImageNoCredentials, RepositoryNotFound, AuthChallengeMalformed]
        }
        (Some(false), None) => vec![
            PullSecretBadCredentials,
            PrivateImageNoCredentials,
            RegistryPermissionMissing,
            AuthChallengeMalformed,
        ],
        (_, Some(true)) => vec![PullSecretBadCredentials, PullSecretServerMismatch],
        (_, Some(false)) => vec![PullSecretNotReferenced, PrivateImageNoCredentials],
        (_, None) => vec![
            PullSecretBadCredentials,
            PrivateImageNoCredentials,
            PullSecretNotReferenced,
            PullSecretServerMismatch,
            AuthChallengeMalformed,
        ],
    }
}

/// The registry's words in place of a status, as docker and CRI-O show them.
fn in_words(facts: &Facts<'_>, azure: bool) -> Vec<CauseId> {
    let secrets = facts.context.secrets;
    if azure {
        match secrets {
            Some(true) => vec![PullSecretBadCredentials, AcrPullRoleMissing],
            Some(false) => {
                vec![AcrPullRoleMissing, NodeAzureJsonIdentityMisconfigured, PullSecretNotReferenced]
            }
            None => vec![
                AcrPullRoleMissing,
                PullSecretBadCredentials,
                NodeAzureJsonIdentityMisconfigured,
                PullSecretNotReferenced,
            ],
        }
    } else if is_ecr(facts) {
        vec![CredentialProviderReturnedNothing, RegistryPermissionMissing]
    } else if facts.says_any(&["needed permissions", "not have permission", "not authorized to perform"]) {
        vec![RegistryPermissionMissing]
    } else if facts.target.is_none() && facts.form.host.is_none() {
        // Nothing says whose words they are.
        vec![AcrPullRoleMissing, PullSecretNotReferenced, PullSecretBadCredentials]
    } else if secrets == Some(true) {
        vec![PullSecretBadCredentials, RegistryPermissionMissing]
    } else if secrets.is_none() && facts.message.attempts.len() > 1 {
        // The kubelet tries once for each credential, and once without any.
        vec![PullSecretBadCredentials, RegistryPermissionMissing, RepositoryNotFound]
    } else if secrets == Some(false) {
        vec![PrivateImageNoCredentials, RepositoryNotFound]
    } else {
        vec![PrivateImageNoCredentials, RepositoryNotFound, RegistryPermissionMissing]
    }
}
