//! `challenge`: whether the registry answers, and what it asks for.

use probes::cloud::{Family, family};
use probes::observation::{Challenge, ChallengeForm, Fact, HandshakeOutcome};

use super::refusal::{self, common, without_reply};
use super::{Answer, At, Check, EVERYWHERE, View, seen};
use crate::causes::{
    AcrIpNotAllowed, AcrPrivateDnsZoneNotLinked, AcrPublicAccessDisabled, AcrThrottled, AcrVnetRuleMissing,
    AuthChallengeMalformed, CauseId, ConnectionReset, DockerHubRateLimit, FirewallFqdnBlocked,
    HttpsRegistryOnHttp, LocalDnsStale, McrThrottled, MirrorReturnsHtml, RedirectTargetBlocked,
    RedirectTargetRefused, RegistryGeoBlocked, RegistryOutage, RegistryPermissionMissing,
    RegistryServerError, RegistryThrottled,
};
use crate::report::Status;

/// The causes that this check alone speaks of, or for others in its place.
pub(super) const OWN: &[CauseId] = &[
    AuthChallengeMalformed,
    HttpsRegistryOnHttp,
    MirrorReturnsHtml,
    RegistryServerError,
    RegistryOutage,
    AcrThrottled,
    McrThrottled,
    DockerHubRateLimit,
    RegistryThrottled,
    AcrIpNotAllowed,
    AcrPublicAccessDisabled,
    AcrVnetRuleMissing,
    AcrPrivateDnsZoneNotLinked,
    RegistryGeoBlocked,
    FirewallFqdnBlocked,
    RegistryPermissionMissing,
    ConnectionReset,
    RedirectTargetBlocked,
    RedirectTargetRefused,
    LocalDnsStale,
];

/// The check.
pub const CHECK: Check = Check {
    id: "challenge",
    title: "the registry answers and says what it asks for",
    explanation: "GET /v2/ without any credential. The healthy answer is 401 with a challenge that names the token service \
        (or asks for basic authentication), or 200 from a registry that is open. 403 is a registry's firewall, 429 its \
        limit, 5xx its trouble; a web page is somebody else who answers in its place.",
    at: EVERYWHERE,
    per_credential: false,
    needs: &[super::TO_REGISTRY],
    causes: &[refusal::COMMON, OWN],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let challenge = view.challenge()?;
    // What a TLS port answers to plain http is no registry's word.
    let tls = view.registry().find_map(|o| match &o.fact {
        Fact::Handshake(handshake) => {
            Some(matches!(handshake.outcome, HandshakeOutcome::Completed | HandshakeOutcome::Certificate(_)))
        }
        _ => None,
    });
    match (view.is_plain_http(), tls) {
        (true, Some(true)) => None,
        (true, None) => {
            // Nobody has looked for TLS at the same port.
            Some(asked(view, challenge).not_proven(&[HttpsRegistryOnHttp]))
        }
        _ if view.may_have_stale_names() => Some(asked(view, challenge).not_proven(&[LocalDnsStale])),
        _ => Some(asked(view, challenge)),
    }
}

fn asked(view: &View<'_>, challenge: &Challenge) -> Answer {
    let exchange = &challenge.exchange;
    if let Some(answer) = without_reply(view, "GET /v2/", exchange) {
        return answer;
    }
    let Some(reply) = exchange.reply() else {
        return Answer::new(Status::Unknown, "the registry's answer is not known");
    };
    let host = view.registry_host();
    let at = At { host: Some(host.to_owned()), ..At::default() };
    let evidence = seen::exchange(exchange);
    let answer = match (reply.status, &challenge.form) {
        (401, ChallengeForm::Bearer(bearer)) => {
            Answer::pass(format!("the registry asks for a token of {}", bearer.realm))
        }
        // ACR asks for tokens always: basic authentication is asked for by something in front of it.
        (401, ChallengeForm::Basic { realm }) if family(host) == Family::Acr => Answer::fail(format!(
            "{host} asks for basic authentication (realm {realm}); an Azure registry asks for a token"
        ))
        .confirms(AuthChallengeMalformed),
        (401, ChallengeForm::Basic { realm }) => {
            Answer::pass(format!("the registry asks for a user and a password (realm {realm})"))
        }
        (401, ChallengeForm::Missing) => {
            Answer::fail(format!("{host} answers 401 and does not say what it asks for"))
                .confirms(AuthChallengeMalformed)
        }
        (401, ChallengeForm::Malformed { header }) => {
            Answer::fail(format!("{host} asks in a way that no client understands: {header}"))
                .confirms(AuthChallengeMalformed)
        }
        (401, _) => Answer::new(Status::Unknown, "the challenge has a form that this version does not know"),
        _ => {
            return common(view, "GET /v2/", exchange, reply)
                .unwrap_or_else(|| other(host, reply.status).evidence([evidence]).at(at));
        }
    };
    answer.evidence([evidence]).at(at)
}

fn other(host: &str, status: u16) -> Answer {
    match status {
        200 => Answer::pass("the registry is open: it asks for nothing"),
        403 => Answer::fail(format!("{host} forbids even the question what it asks for (403)")).allows(&[
            RegistryPermissionMissing,
            RegistryGeoBlocked,
            FirewallFqdnBlocked,
        ]),
        400..=499 => {
            Answer::fail(format!("{host} answers GET /v2/ with {status}: this is no registry's interface"))
                .allows(&[MirrorReturnsHtml, RegistryServerError])
        }
        status => {
            Answer::fail(format!("{host} answers GET /v2/ with {status}")).confirms(RegistryServerError)
        }
    }
}
