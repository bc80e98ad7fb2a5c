//! What a kubelet says of pull secrets that it could not get.

use crate::case::pull::{Pull, Source, Word};
use crate::causes::{
    CauseId, CredentialProviderReturnedNothing, PrivateImageNoCredentials, PullSecretBadCredentials,
    PullSecretMalformed, PullSecretNotFound, PullSecretNotReferenced, PullSecretServerMismatch,
};
use crate::report::{Says, Stance};

/// What a pull fails of where a pull secret is missing.
const WITHOUT: &[CauseId] = &[
    CredentialProviderReturnedNothing,
    PrivateImageNoCredentials,
    PullSecretNotFound,
    PullSecretNotReferenced,
    PullSecretServerMismatch,
];

/// The same with what the kubelet said of pull secrets that it could not get (its `makePodPullSecrets`): it goes on without
/// them. Where it got none, nothing can be wrong with what one holds.
pub(super) fn without_secrets(mut says: Vec<Says>, pull: &Pull) -> Vec<Says> {
    const UNSEEN: &[CauseId] = &[PullSecretServerMismatch, PullSecretMalformed, PullSecretBadCredentials];
    let missing = missing_secrets(pull);
    if !says.iter().any(|s| WITHOUT.contains(&s.cause)) {
        return says;
    }
    if missing.is_empty() {
        // Events get lost, so that none is no proof of a secret; and one of another type is passed over without a word.
        for cause in [PullSecretNotFound, PullSecretMalformed] {
            if !pull.secrets.is_empty() && !says.iter().any(|s| s.cause == cause) {
                says.push(Says { cause, stance: Stance::Allows });
            }
        }
        return says;
    }
    if !pull.secrets.is_empty() && !may_have_secret(pull) {
        says.retain(|s| !UNSEEN.contains(&s.cause));
    }
    says.retain(|s| s.cause != PullSecretNotFound);
    says.insert(0, Says { cause: PullSecretNotFound, stance: Stance::Allows });
    says
}

/// The pull secrets that the kubelet said it could not get.
pub(in crate::checks) fn missing_secrets(pull: &Pull) -> Vec<&str> {
    pull.words.iter().filter_map(secrets_missed).flat_map(|names| names.split(", ")).collect()
}

/// Whether the kubelet may have presented a pull secret: the pod names one that the kubelet did not say is missing.
pub(crate) fn may_have_secret(pull: &Pull) -> bool {
    let missing = missing_secrets(pull);
    pull.secrets.iter().any(|name| !missing.contains(&name.as_str()))
}

/// The names in a kubelet's word on pull secrets that it could not get.
fn secrets_missed(word: &Word) -> Option<&str> {
    let is_kubelets = word.by.as_ref().is_none_or(|by| by.as_str().starts_with("kubelet"));
    let names = word.message.as_str().split_once('(')?.1.split_once(')')?.0;
    (word.source == Source::Event && word.reason.as_str() == "FailedToRetrieveImagePullSecret" && is_kubelets)
        .then_some(names)
}
