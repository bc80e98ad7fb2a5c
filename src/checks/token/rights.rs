//! What a refusal means that has nothing to do with the credential's own validity.

use probes::cloud::{Family, acr_host, family};
use probes::credential::Credential;
use probes::observation::Fact;

use super::super::{Answer, View};
use super::hides_existence;
use crate::causes::{
    AcrAbacConditionExcludesRepo, BadCredentialOnPublicImage, CauseId, ImageRemovedUpstream,
    ImplicitDockerHub, PrivateImageNoCredentials, PublisherRegistryNotAnonymous, RegistryPermissionMissing,
    RepositoryNotFound, ScopeMapTokenLacksRepo,
};
use crate::checks::manifest::moved;

/// Whether the image's manifest was had without a credential; `None` when nobody looked.
pub(super) fn had_by_anyone(view: &View<'_>) -> Option<bool> {
    let seen = view.attempt(&Credential::Anonymous).filter_map(|o| match &o.fact {
        Fact::Manifest(m) if m.child_of.is_none() => {
            Some(m.head.as_ref().and_then(|h| h.status()) == Some(200))
        }
        Fact::Token(t) => t.exchange.status().filter(|s| *s != 200).map(|_| false),
        _ => None,
    });
    seen.max()
}

/// Nobody without a credential may pull this.
pub(in crate::checks) fn anonymous_refused(view: &View<'_>, message: &str) -> Answer {
    let target = &view.case.target;
    let host = view.registry_host();
    let answer = Answer::fail(message);
    if let Some(new) = moved(target) {
        return Answer { message: format!("{message}; such images have moved to {new}"), ..answer }
            .confirms(ImageRemovedUpstream);
    }
    if target.implied_registry {
        let message = format!("{message}; no registry was named, so docker.io was asked");
        return Answer { message, ..answer }.confirms(ImplicitDockerHub);
    }
    match family(host) {
        Family::Acr => {
            answer.allows(&[PrivateImageNoCredentials, PublisherRegistryNotAnonymous, RepositoryNotFound])
        }
        _ => answer.allows(&[PrivateImageNoCredentials, RepositoryNotFound]),
    }
}

/// The credential is good, and pulling from the repository is not among its rights.
pub(in crate::checks) fn credential_refused_here(view: &View<'_>, message: &str) -> Answer {
    let host = view.registry_host();
    let answer = Answer::fail(message);
    match had_by_anyone(view) {
        Some(true) => {
            let message = format!("{message}; without a credential the image can be had");
            return Answer { message, ..answer }.confirms(BadCredentialOnPublicImage);
        }
        Some(false) => {}
        None => return answer.allows(&candidates(view)).allows(&[BadCredentialOnPublicImage]),
    }
    match candidates(view).as_slice() {
        [one] => answer.confirms(*one),
        several => answer.allows(several),
    }
    .at(super::At { host: Some(host.to_owned()), ..super::At::default() })
}

fn candidates(view: &View<'_>) -> Vec<CauseId> {
    let host = view.registry_host();
    if acr_host(host).is_some() {
        // Which kind of user it is decides whose rights are meant: an identity's come from its roles, those of a token
        // of the registry's own from its scope map.
        return match view.credential.user() {
            Some("00000000-0000-0000-0000-000000000000") => {
                vec![AcrAbacConditionExcludesRepo, RegistryPermissionMissing]
            }
            Some(user) if is_guid(user) => vec![AcrAbacConditionExcludesRepo, RegistryPermissionMissing],
            _ => vec![ScopeMapTokenLacksRepo, RegistryPermissionMissing, AcrAbacConditionExcludesRepo],
        };
    }
    if hides_existence(host) {
        vec![RegistryPermissionMissing, RepositoryNotFound]
    } else {
        vec![RegistryPermissionMissing]
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}
