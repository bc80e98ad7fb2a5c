//! `exchange`: whether the registry exchanges a token of Microsoft Entra, the node's or the operator's, for one of its own.

use probes::credential::Credential;
use probes::foreign::Foreign;
use probes::observation::{BodyKind, ChallengeFlaw, Exchanged, Fact, HttpOutcome, IdentitySource, Reply};

use super::reach::{host_in, host_of};
use super::refusal::{self, common};
use super::{Answer, At, Check, Place, View, identity, seen, token};
use crate::causes::{
    AcrAbacModeLegacyRole, AcrAuthAsArmDisabled, AcrPullRoleMissing, AcrPullRoleOnWrongIdentity,
    AuthChallengeMalformed, CauseId, CrossTenantIdentity, NodeAzureJsonIdentityMisconfigured, NodeClockSkew,
    RedirectTargetRefused, RoleAssignmentPropagation, TokenServiceError, TokenServiceUnreachable,
};
use crate::report::Status;

/// What may be wrong when a registry takes a token for that of an identity and gives it nothing. What is told apart
/// stands in Azure's own records alone.
pub(in crate::checks) const ROLE: &[CauseId] = &[
    AcrPullRoleMissing,
    AcrPullRoleOnWrongIdentity,
    AcrAbacModeLegacyRole,
    CrossTenantIdentity,
    AcrAuthAsArmDisabled,
    RoleAssignmentPropagation,
];

/// The same of an operator, whose token is for registries whatever else it is.
pub(in crate::checks) const OF_OPERATOR: &[CauseId] = &[
    AcrPullRoleMissing,
    AcrPullRoleOnWrongIdentity,
    AcrAbacModeLegacyRole,
    CrossTenantIdentity,
    RoleAssignmentPropagation,
];

/// The check.
pub const CHECK: Check = Check {
    id: "exchange",
    title: "the registry exchanges the identity's token for one of its own",
    explanation: "The identity's token is posted to the registry's /oauth2/exchange in the form of the kubelet's credential \
        provider, which first wants a 401 with exactly one challenge of Azure's form. 401 is an identity that may not pull: \
        which role, mode, tenant or policy it is stands in Azure alone. The answer's own correlation id is kept; the provider \
        drops it. On a workstation the operator's own token is exchanged, for hosts of its own cloud's registries alone.",
    at: &[Place::Workstation, Place::Node],
    per_credential: true,
    needs: &[super::TO_REGISTRY, &["challenge", "node-config", "identity"]],
    causes: &[
        refusal::COMMON,
        ROLE,
        super::proxy::PROXY,
        super::tls::CERTIFICATE,
        &[
            AuthChallengeMalformed,
            TokenServiceError,
            TokenServiceUnreachable,
            RedirectTargetRefused,
            NodeAzureJsonIdentityMisconfigured,
            NodeClockSkew,
        ],
    ],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    if !matches!(view.credential, Credential::NodeIdentity { .. } | Credential::Operator { .. }) {
        return Some(Answer::new(Status::NotApplicable, "it is not exchanged for another one"));
    }
    let exchanged = view.own().find_map(|o| match &o.fact {
        Fact::Exchanged(exchanged) => Some(exchanged),
        _ => None,
    })?;
    Some(match &exchanged.flaw {
        Some(flaw) => not_sent(view, flaw),
        None => sent(view, exchanged),
    })
}

/// The role candidates, those first that the token's own claims make likelier: another tenant's token is likeliest that of
/// another tenant's identity, and one for another audience is taken as that policy says. A token that has expired by our
/// clock may be refused for that, and so may one whose claims were not read.
pub(in crate::checks) fn role_candidates(view: &View<'_>) -> Vec<CauseId> {
    if view.credential.is_operators() {
        return OF_OPERATOR.to_vec();
    }
    let asked = identity::asked(view, IdentitySource::MetadataService);
    let mut first = Vec::new();
    let read = asked.and_then(|i| Some((i, i.claims.as_ref()?)));
    if let Some((asked, claims)) = read {
        let now = asked.exchange.reply().map(|reply| reply.at);
        if claims.expires.zip(now).is_some_and(|(until, now)| until < now) {
            first.push(NodeClockSkew);
        }
        let of_other = |a: &Option<Foreign>, b: &str| {
            a.as_ref().is_some_and(|a| !a.as_str().trim_end_matches('/').eq_ignore_ascii_case(b))
        };
        if asked.tenant.as_ref().is_some_and(|named| of_other(&claims.tenant, named.as_str())) {
            first.push(CrossTenantIdentity);
        }
        if of_other(&claims.audience, identity::AUDIENCE) {
            first.push(AcrAuthAsArmDisabled);
        }
    }
    let rest = ROLE.iter().copied().filter(|cause| !first.contains(cause)).collect::<Vec<_>>();
    let last = read.is_none().then_some(NodeClockSkew);
    first.into_iter().chain(rest).chain(last).collect()
}

fn not_sent(view: &View<'_>, flaw: &ChallengeFlaw) -> Answer {
    let host = view.registry_host();
    if let Some(server) = view.other_server() {
        return Answer::new(
            Status::Unknown,
            format!(
                "the challenge that was seen is of {server}; whoever exchanges tokens asks {host} itself"
            ),
        );
    }
    let what = match flaw {
        ChallengeFlaw::Status { status } => format!("{host} answers {status} to GET /v2/, and no challenge"),
        ChallengeFlaw::Several { count } => format!("{host} sends {count} challenges, and one is expected"),
        ChallengeFlaw::Missing => format!("{host} does not say what it asks for"),
        ChallengeFlaw::NotBearer { scheme } => format!("{host} asks for {scheme}, and no token"),
        ChallengeFlaw::Unreadable => format!("the challenge of {host} has another form than Azure's"),
        ChallengeFlaw::ForeignRealm { host: realm } => {
            format!(
                "{host} names {realm} for tokens, which is no host of Azure's registries: nothing was sent there"
            )
        }
        ChallengeFlaw::Unknown => {
            return Answer::new(Status::Unknown, "the challenge has a flaw that this version does not know");
        }
    };
    let answer = Answer::fail(format!("{}: {what}", gives_up(view))).confirms(AuthChallengeMalformed);
    let evidence = view.challenge().map(|challenge| seen::exchange(&challenge.exchange));
    answer.evidence(evidence).at(At { host: Some(host.to_owned()), ..At::default() })
}

fn gives_up(view: &View<'_>) -> &'static str {
    match view.credential.is_operators() {
        true => "the operator's token cannot be exchanged",
        false => "the credential provider gives up",
    }
}

fn sent(view: &View<'_>, exchanged: &Exchanged) -> Answer {
    let Some(exchange) = &exchanged.exchange else {
        return Answer::new(Status::Unknown, "it is not known what became of the exchange");
    };
    let host = host_of(exchange.last_host().unwrap_or_else(|| host_in(exchange.url.as_str()))).to_owned();
    let answer = match &exchange.outcome {
        HttpOutcome::Reply(reply) => match reply.status {
            200 if exchanged.token => granted(exchanged, &host),
            200 => Answer::fail(format!("{host} answers the exchange with 200 and no refresh token"))
                .confirms(TokenServiceError),
            403 | 429 => match common(view, "the exchange", exchange, reply) {
                Some(answer) => return answer,
                None => refused(view, reply, &host),
            },
            _ => refused(view, reply, &host),
        },
        HttpOutcome::NotReached { host } => {
            return token::not_reached(view, host).evidence([seen::exchange(exchange)]);
        }
        HttpOutcome::Failed { failure } => {
            Answer::fail(format!("the exchange at {host}: {}", seen::failure(failure)))
                .confirms(TokenServiceUnreachable)
        }
        HttpOutcome::Steered(_) => {
            Answer::fail(format!("the exchange at {host}: {}", seen::outcome(&exchange.outcome)))
                .confirms(RedirectTargetRefused)
        }
        HttpOutcome::BadRedirect { error } => {
            Answer::fail(format!("{host} answers the exchange with {error}")).confirms(TokenServiceError)
        }
        HttpOutcome::OutOfTime | HttpOutcome::Unknown => Answer::new(
            Status::Unknown,
            format!("the exchange at {host}: {}", seen::outcome(&exchange.outcome)),
        ),
    };
    answer.evidence([seen::exchange(exchange)]).at(At { host: Some(host), ..At::default() })
}

fn refused(view: &View<'_>, reply: &Reply, host: &str) -> Answer {
    let asked = identity::asked(view, IdentitySource::MetadataService);
    let object = asked.and_then(|i| i.claims.as_ref()?.object_id.clone());
    let object = object.map(|id| format!(" (object id {id})")).unwrap_or_default();
    let who = match view.credential {
        Credential::Operator { .. } => format!("the {}", view.credential),
        _ => format!("the node identity{object}"),
    };
    match reply.status {
        400 | 401 if reply.body == BodyKind::Html => {
            Answer::fail(format!("{host} answers the exchange with a web page ({})", reply.status))
                .confirms(TokenServiceError)
        }
        401 => Answer::fail(format!("{host} gives {who} no token of its own (401)"))
            .allows(&role_candidates(view)),
        400 => {
            let answer = Answer::fail(format!("{host} does not take the token of {who} (400)"))
                .allows(&role_candidates(view));
            match view.credential.is_operators() {
                true => answer,
                false => answer.allows(&[NodeAzureJsonIdentityMisconfigured]),
            }
        }
        403 => Answer::fail(format!("{host} forbids the exchange (403)")).allows(&role_candidates(view)),
        status => Answer::fail(format!("{host} answers the exchange with status {status}"))
            .confirms(TokenServiceError),
    }
}

fn granted(exchanged: &Exchanged, host: &str) -> Answer {
    let until = exchanged.expires.map(|until| format!(", valid until {}", seen::time(until)));
    let answer = Answer::pass(format!("{host} gives a refresh token{}", until.unwrap_or_default()));
    let permits = |actions: &[Foreign]| actions.iter().any(|action| matches!(action.as_str(), "read" | "*"));
    match &exchanged.permissions {
        Some(actions) if !permits(actions) => Answer {
            status: Status::Warn,
            message: format!("the refresh token of {host} does not name read among what it permits"),
            ..answer
        },
        _ => answer,
    }
}
