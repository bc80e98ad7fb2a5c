//! What Microsoft Entra says of a service principal whose secret a registry refuses.

use probes::observation::{HttpOutcome, Identity, IdentitySource};

use super::super::{Answer, View, seen};
use super::{asked, at, codes, named, token};
use crate::causes::{
    CauseId, ConditionalAccessBlocksAcr, NodeAzureJsonIdentityMisconfigured, NodeClockSkew,
    ServicePrincipalNotInTenant, ServicePrincipalSecretExpired, ServicePrincipalSecretInvalid,
};
use crate::report::Status;

/// What Entra says of a service principal.
pub(in crate::checks) enum Principal {
    /// It takes the secret.
    Accepted,
    /// It does not, for one of these causes.
    Refused(Vec<CauseId>),
    /// It was not asked, or gave no answer.
    NotKnown,
}

/// What Entra says of this view's service principal.
pub(in crate::checks) fn principal(view: &View<'_>) -> Principal {
    match asked(view, IdentitySource::Entra) {
        Some(identity) if identity.token => Principal::Accepted,
        Some(identity) => match causes(identity) {
            Some(causes) => Principal::Refused(causes),
            None => Principal::NotKnown,
        },
        None => Principal::NotKnown,
    }
}

pub(super) fn judge(view: &View<'_>) -> Option<Answer> {
    let Some(identity) = asked(view, IdentitySource::Entra) else {
        // Nobody asks Entra while the registry takes the secret, or before it was shown one.
        view.own().next()?;
        return Some(Answer::new(
            Status::NotApplicable,
            "a service principal's secret is handed to the registry as it is",
        ));
    };
    let who = named(&identity.asked_for);
    let evidence = seen::exchange(&identity.exchange);
    let place = at(identity);
    let answer = match (&identity.exchange.outcome, causes(identity)) {
        (HttpOutcome::Reply(_), _) if identity.token => {
            token(identity, Answer::pass(format!("Microsoft Entra takes the secret of {who}")))
        }
        (HttpOutcome::Reply(reply), Some(causes)) => {
            // Its words are in the evidence; the number is what its documentation is found by.
            let code = codes(reply).first().map(|code| format!(", AADSTS{code}")).unwrap_or_default();
            let answer =
                Answer::fail(format!("Microsoft Entra gives no token to {who} ({}{code})", reply.status));
            match causes.as_slice() {
                [one] => answer.confirms(*one),
                several => answer.allows(several),
            }
        }
        (outcome, _) => {
            let outcome = seen::outcome(outcome);
            Answer::new(Status::Unknown, format!("Microsoft Entra was asked about {who}: {outcome}"))
        }
    };
    Some(answer.evidence([evidence]).at(place))
}

/// What a number of Entra's leaves, whoever it refuses.
pub(super) fn of_code(code: u64) -> Option<Vec<CauseId>> {
    Some(match code {
        7_000_222 => vec![ServicePrincipalSecretExpired],
        7_000_215 | 700_027 => vec![ServicePrincipalSecretInvalid],
        700_016 | 7_000_229 | 90_002 => vec![ServicePrincipalNotInTenant],
        53_003 => vec![ConditionalAccessBlocksAcr],
        700_024 => vec![NodeClockSkew, ServicePrincipalSecretInvalid],
        7_000_112 | 70_001 => vec![ServicePrincipalNotInTenant, ServicePrincipalSecretInvalid],
        _ => return None,
    })
}

/// What Entra's refusal leaves; `None` where it is none. The numbers are those of Microsoft's "AADSTS error codes".
fn causes(identity: &Identity) -> Option<Vec<CauseId>> {
    let reply = identity.exchange.reply().filter(|reply| matches!(reply.status, 400 | 401))?;
    let known = codes(reply).into_iter().find_map(|code| match code {
        900_023 | 7_000_218 => Some(vec![NodeAzureJsonIdentityMisconfigured]),
        code => of_code(code),
    });
    Some(known.unwrap_or_else(|| {
        vec![ServicePrincipalSecretInvalid, ServicePrincipalSecretExpired, ServicePrincipalNotInTenant]
    }))
}
