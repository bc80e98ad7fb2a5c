//! `token`: whether the token service, or the registry itself, takes the credential and grants pulling.

use probes::cloud::{Family, family};
use probes::observation::{BodyKind, ChallengeForm, Fact, HttpOutcome, Role, Token};

use super::reach::{Way, host_in, host_of};
use super::refusal::{self, common};
use super::{Answer, At, Check, EVERYWHERE, View, seen};
use crate::causes::{
    AcrAbacConditionExcludesRepo, AcrAbacModeLegacyRole, AcrAdminCredentialsRegenerated,
    AcrAdminUserDisabled, AcrPullRoleMissing, AcrPullRoleOnWrongIdentity, AuthChallengeMalformed,
    BadCredentialOnPublicImage, CauseId, EcrTokenExpired, ImageRemovedUpstream, ImplicitDockerHub,
    PrivateImageNoCredentials, PublisherRegistryNotAnonymous, PullSecretBadCredentials,
    RedirectTargetRefused, RegistryPermissionMissing, RepositoryNotFound, RoleAssignmentPropagation,
    ScopeMapTokenExpired, ScopeMapTokenLacksRepo, TokenServiceError, TokenServiceUnreachable,
};
use crate::report::{Stance, Status};

mod refused;
mod rights;

pub(super) use rights::{Refused, anonymous_refused, credential_refused_here, is_guid};

/// The causes of a refusal that the credential's own validity has nothing to do with.
pub(super) const REFUSED: &[CauseId] = &[
    BadCredentialOnPublicImage,
    RegistryPermissionMissing,
    PrivateImageNoCredentials,
    PublisherRegistryNotAnonymous,
    ImplicitDockerHub,
    ImageRemovedUpstream,
    RepositoryNotFound,
    ScopeMapTokenLacksRepo,
    AcrAbacConditionExcludesRepo,
    AcrAbacModeLegacyRole,
    AcrPullRoleMissing,
    AcrPullRoleOnWrongIdentity,
    RoleAssignmentPropagation,
];

/// The check.
pub const CHECK: Check = Check {
    id: "token",
    title: "the credential is taken, and pulling is granted",
    explanation: "The token service that the challenge names is asked for a token that lets one pull from the repository, in \
        the form and order of containerd. What is granted is read where the token can be read; an opaque token is no \
        failure. After a refusal the credential is asked about alone, and the way is walked once more without any \
        credential, to tell a wrong password from a missing right and from an image that needs no credential at all.",
    at: EVERYWHERE,
    per_credential: true,
    needs: &[super::TO_REGISTRY, super::TO_PRESENT],
    causes: &[
        refusal::COMMON,
        super::tls::CERTIFICATE,
        REFUSED,
        super::exchange::ROLE,
        refused::PRINCIPAL,
        &[
            PullSecretBadCredentials,
            TokenServiceUnreachable,
            TokenServiceError,
            AuthChallengeMalformed,
            RedirectTargetRefused,
            EcrTokenExpired,
            AcrAdminCredentialsRegenerated,
            AcrAdminUserDisabled,
            ScopeMapTokenExpired,
        ],
    ],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let token = view
        .own()
        .filter_map(|o| match &o.fact {
            Fact::Token(token) => Some((o.role, token)),
            _ => None,
        })
        .last();
    match token {
        Some((role, token)) => Some(asked(view, role, token)),
        None => not_needed(view),
    }
}

/// No token was asked for: whether none is needed.
fn not_needed(view: &View<'_>) -> Option<Answer> {
    let challenge = view.challenge()?;
    // Without a look at the manifest it is not known whether a token would have been asked for there.
    view.own().find(|o| matches!(o.fact, Fact::Manifest(_)))?;
    let why = match &challenge.form {
        ChallengeForm::NotAsked => "the registry is open: no token is needed",
        ChallengeForm::Basic { .. } if view.credential.is_anonymous() => {
            "there is no user and no password to sign in with"
        }
        ChallengeForm::Bearer(_) if !challenge.exchange.hops.is_empty() => {
            "the manifest is given without a token"
        }
        _ => return None,
    };
    Some(Answer::new(Status::NotApplicable, why))
}

fn asked(view: &View<'_>, role: Role, token: &Token) -> Answer {
    let exchange = &token.exchange;
    let authority = exchange.last_host().unwrap_or_else(|| host_in(exchange.url.as_str())).to_owned();
    let host = host_of(&authority).to_owned();
    let who = view.credential;
    // Where a realm must not lead is no place to look at; who names it is.
    let steered = matches!(exchange.outcome, HttpOutcome::Steered(_));
    let at_host = if steered { view.registry_host().to_owned() } else { host.clone() };
    let at = At { host: Some(at_host), ..At::default() };
    let evidence: Vec<_> =
        [Some(exchange), token.unscoped.as_ref()].into_iter().flatten().map(seen::exchange).collect();
    let answer = match &exchange.outcome {
        HttpOutcome::Reply(reply) => match reply.status {
            200 => granted(view, role, token, &host),
            401 | 403 => {
                // Whoever asks for a credential in the header refuses the one that was presented, page or not.
                let asks_again = role == Role::Registry || reply.header("www-authenticate").is_some();
                if reply.body == BodyKind::Html && !asks_again {
                    return page_refused(view, token, &host, reply.status).evidence(evidence).at(at);
                }
                if let Some(answer) =
                    common(view, "the token request", exchange, reply).filter(|_| !asks_again)
                {
                    return answer;
                }
                if who.is_anonymous() {
                    anonymous_refused(
                        view,
                        &format!("{host} gives no token to anyone without a credential ({})", reply.status),
                    )
                } else {
                    refused::credential_refused(view, token, &host, reply.status)
                }
            }
            429 => {
                return common(view, "the token request", exchange, reply)
                    .unwrap_or_else(|| Answer::fail("too many requests"));
            }
            // The registry itself answers a sign-in with basic authentication; else it is the token service.
            status => Answer::fail(format!("the token service {host} answers with status {status}"))
                .confirms(TokenServiceError),
        },
        HttpOutcome::NotReached { .. } => return not_reached(view, &authority).evidence(evidence),
        HttpOutcome::Steered(steered) if steered.downgrade => Answer::fail(format!(
            "the challenge of an https registry names a token service over plain http ({})",
            steered.to
        ))
        .confirms(AuthChallengeMalformed),
        HttpOutcome::Steered(steered) if steered.address.is_none() => Answer::new(
            Status::Unknown,
            format!("the refresh token was not sent to {}: it was issued for another host", steered.to),
        ),
        HttpOutcome::Steered(_) => Answer::fail(format!(
            "the challenge names a token service at {}: {}",
            exchange.url,
            seen::outcome(&exchange.outcome)
        ))
        .confirms(RedirectTargetRefused),
        HttpOutcome::Failed { failure } => {
            Answer::fail(format!("the token service {host}: {}", seen::failure(failure)))
                .confirms(TokenServiceUnreachable)
        }
        HttpOutcome::BadRedirect { error } => {
            Answer::fail(format!("the token service {host} answers with {error}")).confirms(TokenServiceError)
        }
        HttpOutcome::OutOfTime | HttpOutcome::Unknown => Answer::new(
            Status::Unknown,
            format!("the token service {host}: {}", seen::outcome(&exchange.outcome)),
        ),
    };
    let at = if answer.at == At::default() { at } else { answer.at.clone() };
    answer.evidence(evidence).at(at)
}

/// A refusal in a web page, without a word of what would be accepted: of somebody in front of the token service, or of
/// a token service that is a plain web server.
fn page_refused(view: &View<'_>, token: &Token, host: &str, status: u16) -> Answer {
    let message = format!("the token service {host} answers with a web page ({status})");
    let page = Answer::fail(&message).confirms(TokenServiceError);
    if view.credential.is_anonymous() || status != 401 {
        return page;
    }
    let refused = refused::credential_refused(view, token, host, status);
    if refused.says.iter().any(|s| s.cause == BadCredentialOnPublicImage && s.stance == Stance::Confirms) {
        return refused;
    }
    let causes: Vec<_> = refused.says.iter().map(|s| s.cause).collect();
    Answer::fail(message).allows(&causes).allows(&[TokenServiceError])
}

fn granted(view: &View<'_>, role: Role, token: &Token, host: &str) -> Answer {
    let named = view.case.target.repository.as_deref();
    let repository = named.unwrap_or("the repository");
    let html = token.exchange.reply().is_some_and(|r| r.body == BodyKind::Html);
    match token.granted.as_ref() {
        None if role == Role::Registry => Answer::pass(format!("{host} takes {}", view.credential)),
        None => Answer::fail(format!(
            "the token service {host} answers 200 {}",
            if html { "with a web page" } else { "without a token" }
        ))
        .confirms(TokenServiceError),
        Some(_) if named.is_none() => Answer::pass(format!("{host} gives a token")),
        Some(granted) => match granted.pull() {
            Some(true) => Answer::pass(format!("{host} grants pulling from {repository}")),
            None => Answer::pass(format!("{host} gives a token; what it grants cannot be read")),
            Some(false) if manifest_was_had(view) => Answer::new(
                Status::Warn,
                format!(
                    "the token of {host} does not grant pulling from {repository}, and the registry gives the manifest all the same"
                ),
            ),
            Some(false) => {
                let message = format!("the token of {host} does not grant pulling from {repository}");
                if view.credential.is_anonymous() {
                    anonymous_refused(view, &message)
                } else {
                    credential_refused_here(view, Refused::Manifest, &message)
                }
            }
        },
    }
}

fn manifest_was_had(view: &View<'_>) -> bool {
    view.own().any(|o| match &o.fact {
        Fact::Manifest(m) => m.get.as_ref().and_then(|g| g.status()) == Some(200),
        _ => false,
    })
}

pub(super) fn not_reached(view: &View<'_>, authority: &str) -> Answer {
    let same = host_of(authority).eq_ignore_ascii_case(view.registry_host());
    let way = Way::to(view, if same { Role::Registry } else { Role::TokenService }, authority);
    let Some(failed) = way.failure() else {
        return Answer::fail(format!("the token service {authority} could not be reached"))
            .allows(&[TokenServiceUnreachable])
            .allows(super::tls::CERTIFICATE)
            .allows(super::proxy::possible(view));
    };
    let at = if failed.answer.at.host.is_some() { failed.answer.at.clone() } else { way.at() };
    let message = format!("the token service cannot be reached: {}", failed.answer.message);
    let answer = Answer { message, ..failed.answer };
    if failed.certificate || failed.proxy {
        return answer.at(at);
    }
    Answer { says: Vec::new(), ..answer }.confirms(TokenServiceUnreachable).at(at)
}

/// Whether a registry hides what one may not see: then a refusal may also mean that the repository does not exist.
pub(super) fn hides_existence(host: &str) -> bool {
    matches!(family(host), Family::DockerHub | Family::Public)
}
