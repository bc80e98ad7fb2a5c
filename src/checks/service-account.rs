//! `service-account`: whether the pull secrets of the pod, by its service account or by name, have a credential for the
//! registry.

use super::kubelet_pull::missing_secrets;
use super::seen::list;
use super::{Answer, Check, Place, View};
use crate::case::pull::Pull;
use crate::case::secret::{Holds, PullSecret, PullSecrets};
use crate::causes::{
    AcrAdminCredentialsRegenerated, AcrAdminUserDisabled, CauseId, EcrTokenExpired,
    PrivateImageNoCredentials, PullSecretBadCredentials, PullSecretMalformed, PullSecretNotFound,
    PullSecretNotReferenced, PullSecretServerMismatch, ScopeMapTokenExpired, ScopeMapTokenLacksRepo,
};
use crate::report::{Says, Status};

/// What can be wrong with a user and a password of a pull secret.
const OF_AN_ENTRY: [CauseId; 6] = [
    PullSecretBadCredentials,
    AcrAdminCredentialsRegenerated,
    AcrAdminUserDisabled,
    ScopeMapTokenExpired,
    ScopeMapTokenLacksRepo,
    EcrTokenExpired,
];

/// The check.
pub const CHECK: Check = Check {
    id: "service-account",
    title: "the pod's pull secrets have a credential for the registry",
    explanation: "Where a kubelet was refused, the pull secrets that the pod named (its service account's, or those of \
        --pull-secret) are read, and the others of the namespace, as far as that is allowed: which registries they are for, as the \
        kubelet reads it. No password is kept. Whether what they hold is right is the registry's to say.",
    at: &[Place::Kubelet],
    per_credential: false,
    needs: &[],
    causes: &[&[PullSecretNotFound, PullSecretNotReferenced, PullSecretServerMismatch, PullSecretMalformed]],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let (Some(pull), Some(secrets)) = (view.pull, facts(view)) else {
        return Some(Answer::new(Status::NotApplicable, "no kubelet was refused"));
    };
    let registry = &view.case.target.registry;
    let own: Vec<&PullSecret> = of(secrets, pull).collect();
    let find = |is: fn(&Holds) -> bool| own.iter().find(|secret| is(&secret.holds));
    let missing = find(|holds| *holds == Holds::Missing);
    let malformed = find(|holds| matches!(holds, Holds::Malformed { .. }));
    let entry = find(|holds| matches!(holds, Holds::Entry { .. }));
    let others: Vec<&str> = secrets.others.iter().flatten().map(String::as_str).collect();
    let answer = if let Some(PullSecret { name, holds: Holds::Malformed { why } }) = malformed {
        Answer::fail(format!("the pull secret {name} cannot be read: {why}")).allows(&[PullSecretMalformed])
    } else if let Some(secret) = missing {
        Answer::fail(format!("there is no pull secret {} in namespace {}", secret.name, pull.namespace))
            .allows(&[PullSecretNotFound])
    } else if let Some(PullSecret { name, holds: Holds::Entry { users } }) = entry {
        Answer::pass(format!("{name} has an entry for {registry} (user {})", list(users)))
    } else if own.iter().any(|secret| secret.holds == Holds::Unknown) {
        Answer::new(Status::Unknown, format!("what the pull secrets hold is not known{}", unread(secrets)))
    } else if let Some(PullSecret { name, holds: Holds::Others { keys } }) = own.first() {
        let keys = if keys.is_empty() { "none".to_owned() } else { list(keys) };
        Answer::fail(format!("the pull secret {name} has no entry for {}; it has {keys}", pull.image))
            .allows(&[PullSecretServerMismatch])
    } else if !others.is_empty() {
        let has = if others.len() == 1 { "has" } else { "have" };
        Answer::new(
            Status::Warn,
            format!("the pod names no pull secret, and {} {has} an entry for {registry}", others.join(", ")),
        )
        .allows(&[PullSecretNotReferenced])
    } else if secrets.others.is_none() {
        Answer::new(
            Status::Unknown,
            format!("the pod names no pull secret; whether there is one is not known{}", unread(secrets)),
        )
    } else {
        Answer::new(
            Status::NotApplicable,
            format!("the pod names no pull secret, and none of its namespace is for {registry}"),
        )
    };
    Some(answer)
}

fn unread(secrets: &PullSecrets) -> String {
    secrets.unread.as_ref().map(|why| format!(": {why}")).unwrap_or_default()
}

/// The pull secrets, where a kubelet was refused.
pub(super) fn facts<'a>(view: &View<'a>) -> Option<&'a PullSecrets> {
    view.case.cluster.as_ref()?.secrets.as_ref()
}

fn of<'a>(secrets: &'a PullSecrets, pull: &Pull) -> impl Iterator<Item = &'a PullSecret> {
    secrets.named.iter().filter(|secret| pull.secrets.contains(&secret.name))
}

/// What a kubelet's words allow, without what the pull secrets refute; all of it where nothing would be left.
pub(super) fn narrowed(says: Vec<Says>, secrets: Option<&PullSecrets>, pull: &Pull) -> Vec<Says> {
    let Some(secrets) = secrets else { return says };
    let refuted = refuted(secrets, pull);
    let mut left: Vec<Says> = says.iter().filter(|s| !refuted.contains(&s.cause)).cloned().collect();
    if left.is_empty() {
        return says;
    }
    // What was read comes before what may be.
    let found = found(secrets, pull);
    left.sort_by_key(|s| !found.contains(&s.cause));
    left
}

/// What is wrong with the pull secrets as far as they were read.
fn found(secrets: &PullSecrets, pull: &Pull) -> Vec<CauseId> {
    let own = of(secrets, pull).filter_map(|secret| match secret.holds {
        Holds::Missing => Some(PullSecretNotFound),
        Holds::Others { .. } => Some(PullSecretServerMismatch),
        Holds::Malformed { .. } => Some(PullSecretMalformed),
        Holds::Entry { .. } | Holds::Unknown => None,
    });
    let beside = pull.secrets.is_empty() && secrets.others.as_ref().is_some_and(|others| !others.is_empty());
    own.chain(beside.then_some(PullSecretNotReferenced)).collect()
}

fn refuted(secrets: &PullSecrets, pull: &Pull) -> Vec<CauseId> {
    let own: Vec<&Holds> = of(secrets, pull).map(|secret| &secret.holds).collect();
    let mut refuted = Vec::new();
    let known = own.len() == pull.secrets.len() && !own.contains(&&Holds::Unknown);
    let any = |is: fn(&Holds) -> bool| own.iter().any(|holds| is(holds));
    if known {
        // Their kubelet is nearer.
        if !any(|holds| *holds == Holds::Missing) && missing_secrets(pull).is_empty() {
            refuted.push(PullSecretNotFound);
        }
        if !any(|holds| matches!(holds, Holds::Malformed { .. })) {
            refuted.push(PullSecretMalformed);
        }
        if !any(|holds| matches!(holds, Holds::Others { .. })) {
            refuted.push(PullSecretServerMismatch);
        }
    }
    if any(|holds| matches!(holds, Holds::Entry { .. })) {
        refuted.extend([PullSecretServerMismatch, PullSecretNotReferenced, PrivateImageNoCredentials]);
    } else if known && !any(|holds| matches!(holds, Holds::Malformed { .. })) {
        refuted.extend(OF_AN_ENTRY);
    }
    match &secrets.others {
        Some(others) if others.is_empty() => refuted.push(PullSecretNotReferenced),
        // A credential is there, so that it is more than none.
        Some(_) if own.is_empty() => refuted.push(PrivateImageNoCredentials),
        _ => {}
    }
    refuted
}

#[cfg(test)]
#[path = "service-account/tests.rs"]
mod tests;
