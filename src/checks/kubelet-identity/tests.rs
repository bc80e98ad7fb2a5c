use probes::survey::Survey;
use probes::vantage::Vantage;
use serde_json::{Value, json};

use super::*;
use crate::case::Case;

fn of(azure: &Value) -> Answer {
    let case = json!({
        "apiVersion": "pullcheck.dev/v1", "kind": "Case", "toolVersion": "0", "runId": "0",
        "startedAt": "2026-11-24T09:00:00Z", "durationMs": 1, "claim": "KubeletPulls",
        "target": {"given": "a.azurecr.io/b:v1", "registry": "a.azurecr.io", "repository": "b", "tag": "v1"},
        "platform": {"os": "linux", "architecture": "amd64"}, "credential": {"kind": "anonymous"}, "rounds": [], "azure": azure
    });
    let case = Case::read("case.json", &case.to_string()).expect("a case");
    let survey = Survey { vantage: Vantage::Azure, observations: Vec::new() };
    let view = View { case: &case, survey: &survey, credential: &case.credential, pull: None, probe: None };
    judge(&view).expect("an answer")
}

#[test]
fn identities_are_compared_with_the_scale_sets() {
    let cluster =
        json!({"id": "c", "kubelet": {"resourceId": "/subscriptions/s/resourcegroups/mc/x/agentpool"}});
    let set = |ids: Value| json!([{"name": "vmss1", "identities": ids}]);
    for (sets, status) in [
        (set(json!(["/subscriptions/S/resourceGroups/MC/x/agentpool"])), Status::Pass),
        (set(json!(["/subscriptions/S/resourceGroups/MC/x/other"])), Status::Fail),
        (set(json!([])), Status::Fail),
        (set(Value::Null), Status::Unknown),
        (json!([]), Status::Unknown),
        (Value::Null, Status::Unknown),
    ] {
        let answer = of(&json!({"cluster": cluster, "scaleSets": sets}));
        assert_eq!(answer.status, status, "{sets}: {}", answer.message);
    }
    for (azure, status) in [
        (json!({"cluster": {"id": "c", "servicePrincipal": "app"}}), Status::NotApplicable),
        (json!({}), Status::NotApplicable),
        (
            json!({"troubles": [{"kind": "forbidden", "during": "read the cluster", "detail": "403"}]}),
            Status::Unknown,
        ),
    ] {
        assert_eq!(of(&azure).status, status, "{azure}");
    }
}
