//! A certificate of a public service that is not accepted, beside what the workstation was shown.

use serde_json::{Value, json};

use super::*;
use crate::case::Case;

fn handshake(outcome: &Value, leaf: &str) -> Value {
    json!({
        "role": "registry", "startedAt": "2026-11-24T09:00:00Z", "elapsedMs": 1,
        "fact": {"kind": "handshake", "host": "contosoacr.azurecr.io", "port": 443, "address": "20.62.128.10",
            "hello": {"kind": "large"}, "outcome": outcome, "roots": "system",
            "chain": [{"subject": "s", "issuer": "i", "notBefore": "2026-01-01T00:00:00Z", "notAfter": "2027-01-01T00:00:00Z",
                "sha256": leaf}]},
    })
}

fn says(workstation: Option<Value>) -> Vec<(&'static str, Stance)> {
    let refused = json!({"kind": "certificate", "unknownIssuer": "i"});
    let mut surveys = vec![json!({"vantage": "pod/np1-0", "observations": [handshake(&refused, "aa")]})];
    surveys.extend(workstation.map(|seen| json!({"vantage": "workstation", "observations": [seen]})));
    let case = json!({
        "apiVersion": "pullcheck.dev/v1", "kind": "Case", "toolVersion": "0", "runId": "0",
        "startedAt": "2026-11-24T09:00:00Z", "durationMs": 1, "claim": "KubeletPulls",
        "target": {"given": "contosoacr.azurecr.io/b:v1", "registry": "contosoacr.azurecr.io", "repository": "b", "tag": "v1"},
        "platform": {"os": "linux", "architecture": "amd64"}, "credential": {"kind": "anonymous"}, "rounds": [{"surveys": surveys}]
    });
    let case = Case::read("case.json", &case.to_string()).expect("a case");
    let survey = &case.rounds[0].surveys[0];
    let view = View { case: &case, survey, credential: &case.credential, pull: None, probe: None };
    judge(&view).expect("an answer").says.iter().map(|s| (s.cause.as_str(), s.stance)).collect()
}

#[test]
fn a_certificate_that_the_workstation_accepts_is_the_services_own() {
    let whole = json!({"kind": "completed"});
    let silent = json!({"kind": "reset"});
    assert_eq!(says(None), [("TlsInterceptingProxy", Stance::Confirms)]);
    assert_eq!(says(Some(handshake(&whole, "aa"))), [("TlsUnknownAuthority", Stance::Confirms)]);
    assert_eq!(says(Some(handshake(&whole, "bb"))), [("TlsInterceptingProxy", Stance::Confirms)]);
    let both = [("TlsInterceptingProxy", Stance::Allows), ("TlsUnknownAuthority", Stance::Allows)];
    assert_eq!(says(Some(handshake(&silent, "aa"))), both);
}
