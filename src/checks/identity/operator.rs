//! What came of the operator's sign-in, as far as a pull needs it: a token for registries, which goes by the same way as that
//! for the resource manager.

use super::super::{Answer, View};
use super::of_code;
use crate::case::azure::{RegistryToken, Trouble, TroubleKind};
use crate::report::{Evidence, Status};

pub(super) fn judge(view: &View<'_>) -> Option<Answer> {
    let sign_in = view.case.azure.as_ref()?.sign_in.as_ref()?;
    Some(match sign_in.registries.as_ref()? {
        RegistryToken::Had => {
            Answer::pass(format!("Microsoft Entra gives {} a token for registries", sign_in.who))
        }
        RegistryToken::Missing { trouble } => missing(trouble),
        RegistryToken::Unknown => {
            Answer::new(Status::Unknown, "what came of the sign-in is not known to this version")
        }
    })
}

/// Only a refusal by its number is one; silence and strangers' answers leave it open.
fn missing(trouble: &Trouble) -> Answer {
    let code = trouble.code.as_ref().and_then(|code| code.as_str().strip_prefix("AADSTS")?.parse().ok());
    let answer = match code.and_then(of_code).filter(|_| trouble.kind == TroubleKind::SignInRefused) {
        None => Answer::new(Status::Unknown, format!("no token for registries: {trouble}")),
        Some(causes) => {
            let answer = Answer::fail(format!("no token for registries: {trouble}"));
            match causes.as_slice() {
                [one] => answer.confirms(*one),
                several => answer.allows(several),
            }
        }
    };
    answer.evidence([Evidence {
        action: trouble.during.clone(),
        saw: trouble.code.as_ref().map_or_else(|| "no token".to_owned(), ToString::to_string),
        correlation_id: trouble.correlation_id.as_ref().map(ToString::to_string),
    }])
}
