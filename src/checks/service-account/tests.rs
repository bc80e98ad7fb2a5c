//! What was read of pull secrets, and what it leaves of a kubelet's words.

use probes::foreign::Foreign;

use super::*;
use crate::causes::{AcrPullRoleMissing, RegistryPermissionMissing, RepositoryNotFound};
use crate::report::Stance;

fn holds(kind: &str) -> Holds {
    let text = Foreign::new;
    match kind {
        "missing" => Holds::Missing,
        "entry" => Holds::Entry { users: vec![text("robot")] },
        "others" => Holds::Others { keys: vec![text("registry.contoso.com")] },
        "malformed" => Holds::Malformed { why: text("its type is Opaque") },
        _ => Holds::Unknown,
    }
}

/// What is left of `said`, where the pod's secrets hold this and others of the namespace, if they may be listed, that.
fn left(said: &[CauseId], own: &[&str], others: Option<&[&str]>) -> Vec<CauseId> {
    let named =
        own.iter().enumerate().map(|(n, kind)| PullSecret { name: n.to_string(), holds: holds(kind) });
    let secrets = PullSecrets {
        named: named.collect(),
        others: others.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
        unread: None,
    };
    let pull = Pull { secrets: secrets.named.iter().map(|s| s.name.clone()).collect(), ..Pull::default() };
    let says = said.iter().map(|cause| Says { cause: *cause, stance: Stance::Allows }).collect();
    narrowed(says, Some(&secrets), &pull).iter().map(|says| says.cause).collect()
}

#[test]
fn what_pull_secrets_hold_decides_among_them() {
    let nobody = [PrivateImageNoCredentials, PullSecretNotReferenced];
    assert_eq!(left(&nobody, &[], Some(&["regcred"])), [PullSecretNotReferenced]);
    assert_eq!(left(&nobody, &[], Some(&[])), [PrivateImageNoCredentials]);
    assert_eq!(left(&nobody, &[], None), nobody);
    let all = [
        RepositoryNotFound,
        PullSecretServerMismatch,
        PullSecretMalformed,
        PullSecretNotFound,
        PullSecretBadCredentials,
    ];
    assert_eq!(left(&all, &["others"], None), [PullSecretServerMismatch, RepositoryNotFound]);
    let read = [PullSecretMalformed, RepositoryNotFound, PullSecretBadCredentials];
    assert_eq!(left(&all, &["malformed"], None), read);
    assert_eq!(left(&all, &["missing"], None), [PullSecretNotFound, RepositoryNotFound]);
    assert_eq!(left(&all, &["entry"], None), [RepositoryNotFound, PullSecretBadCredentials]);
    // One that could not be read may be any of it.
    assert_eq!(left(&all, &["unknown"], None), all);
    assert_eq!(left(&all, &["others", "unknown"], None).len(), all.len());
}

#[test]
fn what_pull_secrets_do_not_tell_stays() {
    let said = [AcrPullRoleMissing, PullSecretNotReferenced, RegistryPermissionMissing];
    assert_eq!(left(&said, &[], Some(&[])), [AcrPullRoleMissing, RegistryPermissionMissing]);
    // The identity may lack its role all the same.
    let beside = [PullSecretNotReferenced, AcrPullRoleMissing, RegistryPermissionMissing];
    assert_eq!(left(&said, &[], Some(&["regcred"])), beside);
    // Where nothing would be left the kubelet's words stand.
    assert_eq!(left(&[PullSecretNotFound], &["entry"], None), [PullSecretNotFound]);
}
