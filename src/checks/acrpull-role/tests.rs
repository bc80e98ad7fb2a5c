//! What Azure returns, and what it means for a pull.

use serde_json::{Value, json};

use super::*;
use crate::case::{Case, azure};
use crate::checks::View;
use crate::report::Stance;

const REGISTRY: &str =
    "/subscriptions/S/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/contosoacr";

fn definitions() -> Value {
    json!([
        {"id": "pull", "name": "AcrPull", "permissions": [{"actions": ["Microsoft.ContainerRegistry/registries/pull/read"]}]},
        {"id": "reader", "name": "Container Registry Repository Reader", "permissions": [{"dataActions": [
            "Microsoft.ContainerRegistry/registries/repositories/content/read",
            "Microsoft.ContainerRegistry/registries/repositories/metadata/read"]}]},
        {"id": "owner", "name": "Owner", "permissions": [{"actions": ["*"]}]},
        {"id": "delete", "name": "AcrDelete", "permissions": [{"actions": ["Microsoft.ContainerRegistry/registries/artifacts/delete"]}]},
        {"id": "content", "name": "Layers", "custom": true, "permissions": [{"dataActions": [
            "Microsoft.ContainerRegistry/registries/repositories/content/read"]}]},
    ])
}

fn of(registry: &Value, grants: &Value, cluster: &Value) -> Answer {
    of_nodes(registry, grants, cluster, &json!([]))
}

fn of_nodes(registry: &Value, grants: &Value, cluster: &Value, scale_sets: &Value) -> Answer {
    let mut all = json!({"id": REGISTRY, "name": "contosoacr", "mode": "registry", "tenant": "T1"});
    merge(&mut all, registry);
    let mut given = json!({
        "principal": "kubelet", "who": "kubelet identity", "complete": true, "denies": [], "definitions": definitions(),
    });
    merge(&mut given, grants);
    let azure = json!({"cloud": "public", "registry": all, "grants": given, "cluster": cluster, "scaleSets": scale_sets});
    let azure: azure::Azure = serde_json::from_value(azure).expect("Azure's facts");
    let case = json!({
        "apiVersion": "pullcheck.dev/v1", "kind": "Case", "toolVersion": "0", "runId": "0",
        "startedAt": "2026-11-24T09:00:00Z", "durationMs": 1, "claim": "KubeletPulls",
        "target": {"given": "contosoacr.azurecr.io/team/web:v1", "registry": "contosoacr.azurecr.io", "repository": "team/web", "tag": "v1"},
        "platform": {"os": "linux", "architecture": "amd64"}, "credential": {"kind": "anonymous"}, "rounds": []
    });
    let mut case = Case::read("case.json", &case.to_string()).expect("a case");
    case.azure = Some(azure);
    let survey =
        probes::survey::Survey { vantage: probes::vantage::Vantage::Azure, observations: Vec::new() };
    let view = View { case: &case, survey: &survey, credential: &case.credential, pull: None, probe: None };
    judge(&view).expect("an answer")
}

fn merge(all: &mut Value, more: &Value) {
    for (key, value) in more.as_object().into_iter().flatten() {
        all[key] = value.clone();
    }
}

fn assignment(role: &str, scope: &str, principal: &str) -> Value {
    json!({"role": role, "scope": scope, "principal": principal, "created": "2026-01-01T00:00:00Z"})
}

fn mine(role: &str) -> Value {
    json!({"assignments": [assignment(role, REGISTRY, "kubelet")]})
}

fn confirmed(answer: &Answer) -> Option<&'static str> {
    answer.says.iter().find(|s| s.stance == Stance::Confirms).map(|s| s.cause.as_str())
}

#[test]
fn roles_count_by_the_registrys_mode() {
    let abac = json!({"mode": "repositories"});
    let unknown = json!({"mode": null});
    for (registry, role, status, cause) in [
        (&json!({}), "pull", Status::Pass, None),
        (&json!({}), "owner", Status::Pass, None),
        (&json!({}), "delete", Status::Fail, Some("AcrPullRoleMissing")),
        (&json!({}), "reader", Status::Fail, Some("AcrPullRoleMissing")),
        (&json!({}), "nowhere", Status::Unknown, None),
        (&abac, "reader", Status::Pass, None),
        (&abac, "pull", Status::Fail, Some("AcrAbacModeLegacyRole")),
        (&abac, "owner", Status::Fail, Some("AcrAbacModeLegacyRole")),
        (&abac, "content", Status::Unknown, None),
        (&unknown, "pull", Status::Unknown, None),
        (&unknown, "delete", Status::Fail, Some("AcrPullRoleMissing")),
    ] {
        let answer = of(registry, &mine(role), &Value::Null);
        assert_eq!(
            (answer.status, confirmed(&answer)),
            (status, cause),
            "{role} {registry}: {}",
            answer.message
        );
    }
}

#[test]
fn only_what_was_read_in_full_is_missing() {
    for (grants, status) in [
        (json!({}), Status::Fail),
        (json!({"complete": false}), Status::Unknown),
        (json!({"principal": null}), Status::Unknown),
    ] {
        let answer = of(&json!({}), &grants, &Value::Null);
        assert_eq!(answer.status, status, "{grants}: {}", answer.message);
    }
    let anybody = of(&json!({"anonymousPull": true}), &json!({}), &Value::Null);
    assert_eq!(anybody.status, Status::NotApplicable);
}

#[test]
fn whose_role_it_is_matters() {
    let cluster = json!({"id": "c", "controlPlane": "plane", "tenant": "T1", "kubelet": {"clientId": "client", "objectId": "kubelet"}});
    let to = |principal: &str| json!({"others": [assignment("pull", REGISTRY, principal)]});
    for (principal, cause) in [
        ("plane", "AcrPullRoleOnWrongIdentity"),
        ("CLIENT", "AcrPullRoleOnWrongIdentity"),
        ("somebody", "AcrPullRoleMissing"),
    ] {
        assert_eq!(confirmed(&of(&json!({}), &to(principal), &cluster)), Some(cause), "{principal}");
    }
    // Whose it is cannot be told without what the nodes have.
    let unread = of_nodes(&json!({}), &to("somebody"), &cluster, &Value::Null);
    let more = of(&json!({}), &json!({"othersUnread": true}), &cluster);
    for answer in [unread, more] {
        assert_eq!((answer.status, confirmed(&answer)), (Status::Fail, None), "{}", answer.message);
        let allowed = |cause| answer.says.iter().any(|s| s.cause == cause && s.stance == Stance::Allows);
        assert!(allowed(AcrPullRoleMissing) && allowed(AcrPullRoleOnWrongIdentity));
    }
    let foreign = json!({"id": "c", "tenant": "T2", "kubelet": {"objectId": "kubelet"}});
    assert_eq!(confirmed(&of(&json!({}), &json!({}), &foreign)), Some("CrossTenantIdentity"));
    // Of a role elsewhere nothing is known here.
    let elsewhere = json!({"assignments": [assignment("pull", &format!("{REGISTRY}2"), "kubelet")]});
    assert_eq!(confirmed(&of(&json!({}), &elsewhere, &cluster)), Some("AcrPullRoleMissing"));
}

#[test]
fn conditions_and_time_count() {
    let abac = json!({"mode": "repositories"});
    let with = |condition: &str, version: &str| {
        let mut one = assignment("reader", REGISTRY, "kubelet");
        merge(&mut one, &json!({"condition": condition, "conditionVersion": version}));
        json!({"assignments": [one]})
    };
    let name = "@Request[Microsoft.ContainerRegistry/registries/repositories:name]";
    for (condition, version, status, cause) in [
        (format!("{name} StringStartsWith 'team/'"), "2.0", Status::Pass, None),
        (format!("{name} StringEquals 'other'"), "2.0", Status::Fail, Some("AcrAbacConditionExcludesRepo")),
        (format!("{name} StringEquals 'other'"), "3.0", Status::Unknown, None),
        ("not a condition".to_owned(), "2.0", Status::Unknown, None),
    ] {
        let answer = of(&abac, &with(&condition, version), &Value::Null);
        assert_eq!((answer.status, confirmed(&answer)), (status, cause), "{condition}: {}", answer.message);
    }
    let mut fresh = assignment("pull", "/subscriptions/S", "group");
    merge(&mut fresh, &json!({"created": "2026-11-24T08:57:00Z", "principalType": "Group"}));
    let answer = of(&json!({}), &json!({"assignments": [fresh]}), &Value::Null);
    assert_eq!(answer.status, Status::Warn);
    assert!(answer.says.iter().any(|s| s.cause == RoleAssignmentPropagation && s.stance == Stance::Allows));
}

#[test]
fn a_denial_takes_it_away() {
    let deny = |more: &Value| {
        let mut deny = json!({
            "name": "no images", "scope": "/subscriptions/S",
            "permissions": [{"actions": ["*/read"]}],
        });
        merge(&mut deny, more);
        let mut grants = mine("pull");
        merge(&mut grants, &json!({"denies": [deny]}));
        of(&json!({}), &grants, &Value::Null)
    };
    assert_eq!(deny(&json!({})).status, Status::Fail);
    for (more, status) in [
        (json!({"onlyHere": true}), Status::Pass),
        (json!({"scope": "/subscriptions/S2"}), Status::Pass),
        (json!({"permissions": [{"actions": ["*/write"]}]}), Status::Pass),
        (json!({"permissions": [{"actions": ["*"], "condition": "true"}]}), Status::Unknown),
    ] {
        assert_eq!(deny(&more).status, status, "{more}");
    }
    // What could not be read refutes nothing.
    let mut unread = mine("pull");
    merge(&mut unread, &json!({"denies": null}));
    let answer = of(&json!({}), &unread, &Value::Null);
    assert!(answer.status == Status::Pass && !answer.says.iter().any(|s| s.cause == AcrPullRoleMissing));
}
