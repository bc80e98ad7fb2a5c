use probes::survey::Survey;
use probes::vantage::Vantage;
use serde_json::{Value, json};

use super::*;
use crate::case::Case;
use crate::report::Stance;

const NETWORK: &str = "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/nodes";

fn of(registry: &Value, zones: &Value) -> (Status, Option<&'static str>) {
    let mut all = json!({
        "id": "r", "name": "contosoacr", "loginServer": "contosoacr.azurecr.io",
        "dataHosts": ["contosoacr.westeurope.data.azurecr.io"],
        "connections": [{"endpoint": "e", "status": "Approved"}],
    });
    for (key, value) in registry.as_object().into_iter().flatten() {
        all[key] = value.clone();
    }
    let endpoint = json!({"id": "e", "addresses": [
        {"name": "contosoacr.azurecr.io", "addresses": ["10.0.0.5"]},
        {"name": "contosoacr.westeurope.data.azurecr.io", "addresses": ["10.0.0.4"]},
    ]});
    let case = json!({
        "apiVersion": "pullcheck.dev/v1", "kind": "Case", "toolVersion": "0", "runId": "0",
        "startedAt": "2026-11-24T09:00:00Z", "durationMs": 1, "claim": "KubeletPulls",
        "target": {"given": "contosoacr.azurecr.io/b:v1", "registry": "contosoacr.azurecr.io", "repository": "b", "tag": "v1"},
        "platform": {"os": "linux", "architecture": "amd64"}, "credential": {"kind": "anonymous"}, "rounds": [],
        "azure": {"registry": all, "privateEndpoints": [endpoint], "zones": zones,
            "cluster": {"id": "c", "subnets": [format!("{NETWORK}/subnets/default")]}}
    });
    let case = Case::read("case.json", &case.to_string()).expect("a case");
    let survey = Survey { vantage: Vantage::Azure, observations: Vec::new() };
    let view = View { case: &case, survey: &survey, credential: &case.credential, pull: None, probe: None };
    let answer = judge(&view).expect("an answer");
    let confirmed = answer.says.iter().find(|s| s.stance == Stance::Confirms).map(|s| s.cause.as_str());
    (answer.status, confirmed)
}

#[test]
fn names_are_compared_with_the_endpoints() {
    let record = |name: &str, address: &str| json!({"name": name, "addresses": [address]});
    let (own, data) = (record("contosoacr", "10.0.0.5"), record("contosoacr.westeurope.data", "10.0.0.4"));
    let zone = |networks: Value, records: Value| json!([{"id": "z", "name": "privatelink.azurecr.io", "networks": networks, "records": records}]);
    let linked = json!([NETWORK.to_uppercase()]);
    let any = json!({});
    for (zones, expected) in [
        (zone(linked.clone(), json!([own, data])), (Status::Pass, None)),
        (zone(json!(["other"]), json!([own, data])), (Status::Warn, Some("AcrPrivateDnsZoneNotLinked"))),
        // Whoever sees no zone has not seen that it is not linked.
        (json!([]), (Status::Warn, None)),
        (zone(json!(["other"]), json!([])), (Status::Warn, None)),
        (zone(linked.clone(), json!([data])), (Status::Warn, Some("AcrPrivateDnsNoRecord"))),
        (zone(linked.clone(), json!([own])), (Status::Warn, Some("DataEndpointDnsMissing"))),
        (
            zone(linked.clone(), json!([record("contosoacr", "10.9.9.9"), data])),
            (Status::Warn, Some("AcrPrivateDnsWrongRecord")),
        ),
        (zone(linked, Value::Null), (Status::Unknown, None)),
        (zone(Value::Null, json!([own, data])), (Status::Unknown, None)),
        (Value::Null, (Status::Unknown, None)),
    ] {
        assert_eq!(of(&any, &zones), expected, "{zones}");
    }
    assert_eq!(of(&json!({"connections": []}), &Value::Null).0, Status::NotApplicable);
    assert_eq!(of(&json!({"connections": null}), &Value::Null).0, Status::Unknown);
    assert_eq!(
        of(&json!({"connections": [{"endpoint": "e", "status": "Pending"}]}), &Value::Null).0,
        Status::Warn
    );
}
