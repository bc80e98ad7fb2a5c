use super::*;
use crate::causes::{AcrIpNotAllowed, AcrPullRoleMissing, ImdsUnreachable, RoleAssignmentPropagation};

#[test]
fn settings_decide_between_the_candidates_of_a_failure() {
    let says = |stance: Stance, causes: &[CauseId]| -> Vec<Says> {
        causes.iter().map(|&cause| Says { cause, stance }).collect()
    };
    let all = [ImdsUnreachable, AcrPullRoleMissing, RoleAssignmentPropagation];
    for (said, expected) in [
        // What was waited for stays beside what is confirmed.
        (says(Stance::Confirms, &[AcrPullRoleMissing]), &[ImdsUnreachable, AcrPullRoleMissing][..]),
        (says(Stance::Refutes, &[AcrPullRoleMissing]), &[ImdsUnreachable, RoleAssignmentPropagation]),
        // What is confirmed and does not explain the failure says nothing of it.
        (says(Stance::Confirms, &[crate::causes::AcrQuarantine]), &all),
        // Where all are refuted, it is the assignments that are not in effect.
        (says(Stance::Refutes, &all), &[RoleAssignmentPropagation, AcrPullRoleMissing]),
        (
            says(Stance::Allows, &[AcrPullRoleMissing]),
            &[AcrPullRoleMissing, ImdsUnreachable, RoleAssignmentPropagation],
        ),
    ] {
        assert_eq!(left(&all, &said), expected, "{said:?}");
    }
    let network = [AcrIpNotAllowed, ImdsUnreachable];
    assert_eq!(left(&network, &says(Stance::Refutes, &network)), network);
    let others = [RoleAssignmentPropagation, AcrPullRoleMissing];
    assert_eq!(left(&others, &says(Stance::Confirms, &[AcrPullRoleMissing])), [AcrPullRoleMissing]);
}

/// What is left where a kubelet with a pull secret is refused; `users` are those that a probe on its node found.
fn at_kubelet(users: &[&str], registry: serde_json::Value) -> Vec<&'static str> {
    let credentials: Vec<_> = users
        .iter()
        .map(|user| serde_json::json!({"kind": "dockerConfig", "user": user, "key": "contosoacr.azurecr.io"}))
        .collect();
    let message = "failed to authorize: failed to fetch oauth token: unexpected status from POST request to \
                   https://contosoacr.azurecr.io/oauth2/token: 401 Unauthorized";
    let node = "node/np1-0";
    let case = serde_json::json!({
        "apiVersion": "pullcheck.dev/v1", "kind": "Case", "toolVersion": "0", "runId": "0",
        "startedAt": "2026-11-24T09:00:00Z", "durationMs": 1, "claim": "KubeletPulls",
        "target": {"given": "contosoacr.azurecr.io/b:v1", "registry": "contosoacr.azurecr.io", "repository": "b", "tag": "v1"},
        "platform": {"os": "linux", "architecture": "amd64"},
        "credential": {"kind": "anonymous"},
        "azure": {"cloud": "public", "registry": registry},
        "rounds": [{
            "surveys": [],
            "pulls": [{
                "node": {"name": "np1-0"}, "namespace": "team", "pod": "p", "image": "contosoacr.azurecr.io/b:v1",
                "secrets": ["acr"],
                "words": [{"source": "waiting", "reason": "ErrImagePull", "message": message}],
            }],
            "probes": [{
                "vantage": node, "namespace": "team", "pod": "p", "image": "probe", "heard": 0, "whole": false,
                "credentials": credentials,
            }],
        }],
    });
    let case = Case::read("case.json", &case.to_string()).expect("a case");
    let report = crate::judge::judge(&case);
    let left = report.verdict.diagnoses.first().map(|diagnosis| diagnosis.candidates.clone());
    left.unwrap_or_default().iter().map(|cause| cause.as_str()).collect()
}

#[test]
fn a_kubelet_is_told_of_the_user_that_its_secret_holds() {
    let off = || serde_json::json!({"id": "/r", "name": "contosoacr", "adminUser": false});
    assert_eq!(at_kubelet(&["contosoacr"], off()), ["AcrAdminUserDisabled"]);
    let unknown = at_kubelet(&[], off());
    assert!(
        unknown.contains(&"PullSecretBadCredentials") && !unknown.contains(&"AcrAdminUserDisabled"),
        "{unknown:?}"
    );
    // Which of two was refused nobody says, and another user is not switched off by that.
    assert_eq!(at_kubelet(&["contosoacr", "ci-pull"], off()), unknown);
    assert_eq!(at_kubelet(&["ci-pull"], off()), unknown);
    let token = serde_json::json!({"id": "/r", "name": "contosoacr", "users": [
        {"name": "ci-pull", "exists": true, "enabled": false},
    ]});
    assert_eq!(at_kubelet(&["ci-pull"], token), ["ScopeMapTokenExpired"]);
}
