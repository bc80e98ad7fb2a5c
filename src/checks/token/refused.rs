//! What it means that a token service, or the registry itself, refuses a credential.

use probes::cloud::acr_host;
use probes::credential::Credential;
use probes::observation::Token;

use super::super::{Answer, View, seen};
use super::rights::{self, Refused, credential_refused_here};
use crate::case::azure::is_application;
use crate::causes::{
    AcrAbacConditionExcludesRepo, AcrAbacModeLegacyRole, AcrPullRoleMissing, BadCredentialOnPublicImage,
    CauseId, ConditionalAccessBlocksAcr, CrossTenantIdentity, EcrTokenExpired,
    NodeAzureJsonIdentityMisconfigured, NodeClockSkew, PullSecretBadCredentials, RoleAssignmentPropagation,
    ServicePrincipalNotInTenant, ServicePrincipalSecretExpired, ServicePrincipalSecretInvalid,
};
use crate::checks::exchange::{self, ROLE};
use crate::checks::identity::{Principal, principal};

/// The token service refuses the credential.
pub(super) fn credential_refused(view: &View<'_>, token: &Token, host: &str, status: u16) -> Answer {
    let who = view.credential;
    let alone = token.unscoped.as_ref().and_then(|e| e.status());
    let message = format!("{host} refuses {who} ({status})");
    let expired =
        token.presented_expires.zip(token.exchange.reply()).filter(|(until, reply)| *until < reply.at);
    if let Some((until, _)) = expired {
        let message = format!("{message}; what it presents expired at {}", seen::time(until));
        return refused(
            view,
            message,
            &[if is_ecr(view) { EcrTokenExpired } else { PullSecretBadCredentials }],
        );
    }
    if alone == Some(200) {
        return credential_refused_here(
            view,
            Refused::Manifest,
            &format!("{message}, though it takes it where no repository is named"),
        );
    }
    match who {
        Credential::NodeIdentity { .. } | Credential::Operator { .. } => {
            return Answer::fail(format!("{message}, after it had exchanged its token"))
                .allows(&exchange::role_candidates(view))
                .allows(&[AcrAbacConditionExcludesRepo]);
        }
        Credential::NodeServicePrincipal { client_id } => return principal_refused(view, client_id, message),
        _ => {}
    }
    if is_identity(who) && acr_host(view.registry_host()).is_some() {
        return Answer::fail(format!("{message}; it is the token of an identity"))
            .allows(&[PullSecretBadCredentials])
            .allows(ROLE);
    }
    if who.user().is_some_and(is_application) && acr_host(view.registry_host()).is_some() {
        return refused(view, message, APPLICATION);
    }
    if is_ecr(view) && who.user() == Some("AWS") {
        return refused(view, message, &[EcrTokenExpired, PullSecretBadCredentials]);
    }
    refused(view, message, &[PullSecretBadCredentials])
}

/// What may be wrong when an ACR refuses the service principal of a node.
pub(super) const PRINCIPAL: &[CauseId] = &[
    ServicePrincipalSecretExpired,
    ServicePrincipalSecretInvalid,
    ServicePrincipalNotInTenant,
    ConditionalAccessBlocksAcr,
    NodeAzureJsonIdentityMisconfigured,
    NodeClockSkew,
];

/// What may be wrong when an ACR refuses an application that somebody signs in by: it says the same to a wrong password and to a
/// right one without a role.
const APPLICATION: &[CauseId] = &[
    PullSecretBadCredentials,
    AcrPullRoleMissing,
    AcrAbacModeLegacyRole,
    RoleAssignmentPropagation,
    CrossTenantIdentity,
    ServicePrincipalNotInTenant,
];

/// A service principal that is refused: what Entra says of its secret tells a bad one from a missing role.
fn principal_refused(view: &View<'_>, client_id: &str, message: String) -> Answer {
    if client_id.eq_ignore_ascii_case("msi") {
        return Answer::fail(format!(
            "{message}; azure.json does not use the managed identity and names 'msi' as a service principal"
        ))
        .confirms(NodeAzureJsonIdentityMisconfigured);
    }
    match principal(view) {
        Principal::Accepted => {
            Answer::fail(format!("{message}, and Microsoft Entra takes its secret")).allows(ROLE)
        }
        Principal::Refused(causes) => Answer::fail(message).allows(&causes),
        Principal::NotKnown => Answer::fail(message).allows(PRINCIPAL).allows(ROLE),
    }
}

/// ACR's user name for a token of an identity.
fn is_identity(credential: &Credential) -> bool {
    credential.user() == Some("00000000-0000-0000-0000-000000000000")
}

fn is_ecr(view: &View<'_>) -> bool {
    let host = view.registry_host();
    host.contains(".dkr.ecr.") && (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"))
}

/// A credential that is refused, compared with asking without one: a wrong password is the cause of a failed pull only
/// where the image needs a password.
fn refused(view: &View<'_>, message: String, causes: &[CauseId]) -> Answer {
    let answer = Answer::fail(message);
    match rights::had_by_anyone(view, Refused::Manifest) {
        Some(true) => Answer {
            message: format!("{}; without a credential the image can be had", answer.message),
            ..answer
        }
        .confirms(BadCredentialOnPublicImage),
        Some(false) if causes.len() == 1 => answer.confirms(causes[0]),
        Some(false) => answer.allows(causes),
        None => answer.allows(causes).allows(&[BadCredentialOnPublicImage]),
    }
}
