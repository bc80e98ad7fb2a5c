//! What the metadata service and Microsoft Entra answer, and what it means.

use probes::credential::Credential;
use probes::foreign::Foreign;
use probes::observation::{BodyKind, Fact, HttpFailure, HttpOutcome, IdentityAsked, Observation, Role};
use probes::survey::Survey;
use probes::vantage::Vantage;
use serde_json::json;

use super::*;
use crate::case::Case;
use crate::report::Stance;

const ID: &str = "11111111-0000-4000-8000-000000000001";

fn case() -> Case {
    let case = json!({
        "apiVersion": "pullcheck.dev/v1", "kind": "Case", "toolVersion": "0", "runId": "0",
        "startedAt": "2026-11-24T09:00:00Z", "durationMs": 1, "claim": "NodeReaches",
        "target": {"given": "a.azurecr.io/b:v1", "registry": "a.azurecr.io", "repository": "b", "tag": "v1"},
        "platform": {"os": "linux", "architecture": "amd64"},
        "credential": {"kind": "nodeIdentity", "id": ID}, "rounds": []
    });
    Case::read("case.json", &case.to_string()).expect("a case")
}

/// The answer to one look, with the causes that it confirms, or else allows.
fn judged(source: IdentitySource, asked_for: IdentityAsked, outcome: HttpOutcome) -> (Status, String) {
    let credential = match source {
        IdentitySource::Entra => Credential::NodeServicePrincipal { client_id: ID.to_owned() },
        _ => Credential::NodeIdentity { id: ID.to_owned() },
    };
    let exchange = json!({"method": "GET", "url": "http://169.254.169.254/", "outcome": outcome});
    let identity = Identity {
        source,
        asked_for,
        tenant: None,
        token: false,
        tries: 1,
        through: None,
        claims: None,
        exchange: serde_json::from_value(exchange).expect("an exchange"),
    };
    let observation = Observation {
        role: Role::Metadata,
        credential: Some(credential.clone()),
        started_at: jiff::Timestamp::UNIX_EPOCH,
        elapsed_ms: 1,
        fact: Fact::Identity(identity),
    };
    let survey = Survey { vantage: Vantage::Node("n".to_owned()), observations: vec![observation] };
    let case = case();
    let answer =
        judge(&View { case: &case, survey: &survey, credential: &credential, pull: None, probe: None })
            .expect("an answer");
    let of = |stance: Stance| -> Vec<&str> {
        answer.says.iter().filter(|s| s.stance == stance).map(|s| s.cause.as_str()).collect()
    };
    let confirmed = of(Stance::Confirms);
    let causes = if confirmed.is_empty() { of(Stance::Allows) } else { confirmed };
    (answer.status, causes.join(" "))
}

fn reply(status: u16, codes: &[u64], error: &str, message: &str) -> HttpOutcome {
    let reply = json!({
        "status": status, "errors": [{"code": error, "message": message}], "errorCodes": codes,
        "body": BodyKind::Json, "at": "2026-11-24T09:00:00Z"
    });
    HttpOutcome::Reply(serde_json::from_value(reply).expect("a reply"))
}

#[test]
fn what_the_metadata_service_says() {
    let named = || IdentityAsked::ClientId { id: Foreign::new(ID) };
    let nothing = || IdentityAsked::Nothing;
    let refused = |message: &str| reply(400, &[], "invalid_request", message);
    let silence = HttpOutcome::Failed { failure: HttpFailure::HeadTimedOut { after_ms: 10_000 } };
    for (asked_for, outcome, expected) in [
        (named(), refused("Identity not found"), "KubeletIdentityDetachedFromVmss"),
        (nothing(), refused("Identity not found"), "KubeletIdentityDetachedFromVmss"),
        (
            nothing(),
            refused("Multiple user assigned identities exist, please specify the clientId"),
            "MultipleIdentitiesNoClientId",
        ),
        (
            IdentityAsked::ClientId { id: Foreign::new("aks-agentpool") },
            refused("Identity not found"),
            "NodeAzureJsonIdentityMisconfigured",
        ),
        (
            named(),
            reply(400, &[], "bad_request_102", "Required metadata header not specified"),
            "ImdsUnreachable",
        ),
        (
            named(),
            refused("AADSTS53003: Access has been blocked by Conditional Access policies."),
            "ConditionalAccessBlocksAcr",
        ),
        (
            named(),
            refused("AADSTS700016: Application with identifier 'x' was not found in the directory 'y'."),
            "KubeletIdentityDetachedFromVmss ServicePrincipalNotInTenant",
        ),
        (named(), reply(404, &[], "not_found", ""), "ImdsUnreachable"),
        (named(), reply(410, &[], "gone", ""), "ImdsUnreachable"),
        (named(), reply(429, &[], "too_many_requests", ""), "ImdsUnreachable"),
        (named(), reply(500, &[], "unknown", ""), "ImdsUnreachable"),
        (named(), reply(200, &[], "", ""), "ImdsUnreachable"),
        (named(), silence, "ImdsUnreachable"),
    ] {
        let shown = format!("{asked_for:?} {outcome:?}");
        let answer = judged(IdentitySource::MetadataService, asked_for, outcome);
        assert_eq!(answer, (Status::Fail, expected.to_owned()), "{shown}");
    }
    let answer = judged(IdentitySource::MetadataService, named(), HttpOutcome::OutOfTime);
    assert_eq!(answer, (Status::Unknown, String::new()));
}

#[test]
fn what_entra_says_of_a_service_principal() {
    for (status, code, expected) in [
        (401, 7_000_222, "ServicePrincipalSecretExpired"),
        (401, 7_000_215, "ServicePrincipalSecretInvalid"),
        (401, 700_027, "ServicePrincipalSecretInvalid"),
        (400, 700_016, "ServicePrincipalNotInTenant"),
        (401, 7_000_229, "ServicePrincipalNotInTenant"),
        (400, 90_002, "ServicePrincipalNotInTenant"),
        (400, 53_003, "ConditionalAccessBlocksAcr"),
        (400, 900_023, "NodeAzureJsonIdentityMisconfigured"),
        (401, 700_024, "NodeClockSkew ServicePrincipalSecretInvalid"),
        (400, 7_000_112, "ServicePrincipalNotInTenant ServicePrincipalSecretInvalid"),
        (400, 1, "ServicePrincipalSecretInvalid ServicePrincipalSecretExpired ServicePrincipalNotInTenant"),
    ] {
        let asked_for = IdentityAsked::ServicePrincipal { id: Foreign::new(ID) };
        let answer = judged(IdentitySource::Entra, asked_for, reply(status, &[code], "invalid_client", "x"));
        assert_eq!(answer, (Status::Fail, expected.to_owned()), "AADSTS{code}");
    }
    // Its own trouble says nothing of the secret.
    let asked_for = IdentityAsked::ServicePrincipal { id: Foreign::new(ID) };
    let answer = judged(IdentitySource::Entra, asked_for, reply(503, &[], "", ""));
    assert_eq!(answer, (Status::Unknown, String::new()));
}
