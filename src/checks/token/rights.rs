//! What a refusal means that has nothing to do with the credential's own validity.

use std::iter::once;

use probes::cloud::{Family, acr_host, family};
use probes::credential::Credential;
use probes::observation::Fact;

use super::super::{Answer, View};
use super::hides_existence;
use crate::causes::{
    AcrAbacConditionExcludesRepo, AcrAbacModeLegacyRole, AcrPullRoleMissing, AcrPullRoleOnWrongIdentity,
    BadCredentialOnPublicImage, CauseId, CrossTenantIdentity, ImageRemovedUpstream, ImplicitDockerHub,
    PrivateImageNoCredentials, PublisherRegistryNotAnonymous, RegistryPermissionMissing, RegistryServerError,
    RepositoryNotFound, RoleAssignmentPropagation, ScopeMapTokenLacksRepo,
};
use crate::checks::exchange;
use crate::checks::manifest::moved;

/// What a refusal was met at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::checks) enum Refused {
    /// The token, or the manifest that the reference names.
    Manifest,
    /// The manifest of the platform.
    Child,
    /// A blob.
    Blob,
}

/// Whether what was refused was had without a credential; `None` when nobody looked that far.
pub(super) fn had_by_anyone(view: &View<'_>, at: Refused) -> Option<bool> {
    let seen = view.attempt(&Credential::Anonymous).filter_map(|o| {
        let (step, status) = match &o.fact {
            Fact::Token(t) => (Refused::Manifest, t.exchange.status().filter(|s| *s != 200)?),
            Fact::Manifest(m) if m.child_of.is_none() => (Refused::Manifest, m.status()?),
            Fact::Manifest(m) => (Refused::Child, m.status()?),
            Fact::Blob(b) => (Refused::Blob, b.exchange.status()?),
            _ => return None,
        };
        // What was had before the point of the refusal says nothing of it, and a registry in trouble says nothing at all.
        match status {
            200..=299 => (step >= at).then_some(true),
            401 | 403 | 404 => (step <= at).then_some(false),
            _ => None,
        }
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
pub(in crate::checks) fn credential_refused_here(view: &View<'_>, at: Refused, message: &str) -> Answer {
    let answer = Answer::fail(message);
    if view.credential.is_anonymous() {
        // Whoever may read the manifest may read what it names; a registry that says otherwise has two minds.
        return answer.allows(&[PrivateImageNoCredentials, RegistryServerError]);
    }
    match had_by_anyone(view, at) {
        Some(true) => {
            let message = format!("{message}; without a credential the image can be had");
            Answer { message, ..answer }.confirms(BadCredentialOnPublicImage)
        }
        Some(false) => match candidates(view).as_slice() {
            [one] => answer.confirms(*one),
            several => answer.allows(several),
        },
        None => answer.allows(&candidates(view)).allows(&[BadCredentialOnPublicImage]),
    }
}

fn candidates(view: &View<'_>) -> Vec<CauseId> {
    let host = view.registry_host();
    if view.case.target.implied_registry {
        return vec![ImplicitDockerHub, RegistryPermissionMissing, RepositoryNotFound];
    }
    if acr_host(host).is_some() {
        // Which kind of user it is decides whose rights are meant: an identity's come from its roles, those of a token
        // of the registry's own from its scope map.
        if view.credential.is_operators() {
            let own = exchange::OF_OPERATOR.iter().copied().filter(|cause| *cause != CrossTenantIdentity);
            return once(AcrAbacConditionExcludesRepo)
                .chain(own)
                .chain([RegistryPermissionMissing])
                .collect();
        }
        if view.credential.is_nodes() {
            return vec![
                AcrAbacConditionExcludesRepo,
                AcrAbacModeLegacyRole,
                AcrPullRoleMissing,
                AcrPullRoleOnWrongIdentity,
                RoleAssignmentPropagation,
                RegistryPermissionMissing,
            ];
        }
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

pub(in crate::checks) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}
