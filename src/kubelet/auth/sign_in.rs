//! Refusals at the sign-in: what was presented, and whether anything was.

use super::super::candidates::Facts;
use super::super::said::Signed;
use super::network_rules;
use super::refusal::{is_ecr, is_regional};
use crate::causes::*;

/// The token service refused, in the words of containers/image, which are the same whether or not somebody was presented.
pub(super) fn either(facts: &Facts<'_>, azure: bool) -> Vec<CauseId> {
    match facts.context.secrets {
        Some(true) if azure => {
            vec![
                PullSecretBadCredentials,
                PullSecretServerMismatch,
                CredentialProviderReturnedNothing,
                AcrPullRoleMissing,
            ]
        }
        Some(false) if azure => vec![
            CredentialProviderReturnedNothing,
            AcrPullRoleMissing,
            NodeAzureJsonIdentityMisconfigured,
            ServicePrincipalSecretExpired,
            ServicePrincipalSecretInvalid,
            PullSecretNotReferenced,
        ],
        None if azure => vec![
            CredentialProviderReturnedNothing,
            AcrPullRoleMissing,
            PullSecretBadCredentials,
            NodeAzureJsonIdentityMisconfigured,
            ServicePrincipalSecretExpired,
            PullSecretNotReferenced,
        ],
        Some(true) => vec![PullSecretBadCredentials, BadCredentialOnPublicImage, PullSecretServerMismatch],
        Some(false) => vec![PrivateImageNoCredentials, PullSecretNotReferenced],
        None => vec![PullSecretBadCredentials, BadCredentialOnPublicImage, PrivateImageNoCredentials],
    }
}

/// The token service refused.
pub(super) fn token(facts: &Facts<'_>, azure: bool) -> Vec<CauseId> {
    let forbids = facts.form.status == Some(403);
    // Azure's token service tells nobody's rights by a 403: that is the network's rules.
    if azure && forbids {
        return network_rules(facts);
    }
    // A credential that a later attempt does not have was there all the same.
    let signed =
        facts.message.attempts.iter().find_map(|form| form.signed.filter(|s| *s == Signed::Credential));
    match signed.or(facts.form.signed) {
        Some(Signed::Credential) if azure => match facts.context.secrets {
            Some(true) => {
                vec![PullSecretBadCredentials, NodeAzureJsonIdentityMisconfigured, AcrPullRoleMissing]
            }
            Some(false) => {
                vec![
                    ServicePrincipalSecretExpired,
                    AcrPullRoleMissing,
                    NodeAzureJsonIdentityMisconfigured,
                    ServicePrincipalSecretInvalid,
                ]
            }
            None => vec![
                AcrPullRoleMissing,
                NodeAzureJsonIdentityMisconfigured,
                ServicePrincipalSecretExpired,
                PullSecretBadCredentials,
                ServicePrincipalSecretInvalid,
            ],
        },
        Some(Signed::Credential) if forbids => vec![RegistryPermissionMissing, PullSecretBadCredentials],
        Some(Signed::Credential) => vec![PullSecretBadCredentials, BadCredentialOnPublicImage],
        _ if azure => match facts.context.secrets {
            // A secret that fits the host would have been presented.
            Some(true) => {
                vec![PullSecretServerMismatch, CredentialProviderReturnedNothing, AcrPullRoleMissing]
            }
            // Node images that do not know such an address, and keys that do not match it.
            _ if is_regional(facts) => vec![
                RegionalEndpointNodeImageTooOld,
                RegionalEndpointServicePrincipal,
                AcrPullRoleMissing,
                PullSecretNotReferenced,
                KubeletIdentityDetachedFromVmss,
                ImdsUnreachable,
                CredentialProviderReturnedNothing,
            ],
            // Likely first: what is never set up, then what breaks; the umbrella of all of them last.
            _ => vec![
                AcrPullRoleMissing,
                PullSecretNotReferenced,
                KubeletIdentityDetachedFromVmss,
                CredentialProviderNotConfigured,
                ImdsUnreachable,
                CredentialProviderReturnedNothing,
            ],
        },
        _ if forbids && facts.context.secrets == Some(true) => {
            vec![PullSecretServerMismatch, PrivateImageNoCredentials]
        }
        _ if facts.context.secrets == Some(true) => vec![PullSecretServerMismatch, RepositoryNotFound],
        Some(Signed::Anonymous) => vec![PrivateImageNoCredentials, PullSecretNotReferenced],
        // Whether somebody was presented is not said; who is not known is answered with 401.
        None if forbids => vec![RegistryPermissionMissing, PrivateImageNoCredentials],
        None => vec![PrivateImageNoCredentials, PullSecretBadCredentials],
    }
}

/// The registry wants a user and a password, and there were none.
pub(super) fn nobody(facts: &Facts<'_>, azure: bool) -> Vec<CauseId> {
    match facts.context.secrets {
        Some(true) => vec![PullSecretServerMismatch, PullSecretMalformed, PullSecretNotFound],
        _ if is_ecr(facts) => {
            vec![CredentialProviderReturnedNothing, PullSecretNotReferenced, PrivateImageNoCredentials]
        }
        _ if azure => vec![CredentialProviderReturnedNothing, PullSecretNotReferenced],
        Some(false) => vec![PullSecretNotReferenced, PrivateImageNoCredentials],
        None => vec![
            PrivateImageNoCredentials,
            PullSecretNotReferenced,
            PullSecretServerMismatch,
            PullSecretNotFound,
            PullSecretMalformed,
        ],
    }
}
