//! Assertions: a token that the application signed with its certificate, or one of somebody whom it trusts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::{Asked, Entra};
use crate::directory::{self, Proof, Refusal};
use crate::plan::Principal;
use crate::time;

const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far clocks may be apart.
const TOLERANCE: i64 = 300;

impl Entra {
    /// Whether an assertion proves that the application asks. The signature is not verified: its key is nowhere here.
    pub(super) fn by_assertion(
        &self,
        asked: Asked<'_>,
        known: &Principal,
        assertion: &str,
    ) -> Result<Proof, Refusal> {
        if asked.ask.field("client_assertion_type") != Some(BEARER) {
            return Err(Refusal::ParameterMissing("client_assertion_type"));
        }
        let (head, claims) = directory::unsigned(assertion).ok_or(Refusal::AssertionMalformed)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let own = text("iss").eq_ignore_ascii_case(&known.client_id);
        if own {
            certificate(known, &head)?;
            if !text("sub").eq_ignore_ascii_case(&known.client_id) {
                return Err(Refusal::AssertionSubject(text("sub").to_owned()));
            }
            if !self.is_own_endpoint(asked, text("aud")) {
                return Err(Refusal::AssertionAudience(text("aud").to_owned()));
            }
        } else {
            federated(known, text("iss"), text("sub"), &audiences(&claims))?;
        }
        self.timely(&claims)?;
        Ok(Proof::Key)
    }

    fn is_own_endpoint(&self, asked: Asked<'_>, audience: &str) -> bool {
        let Ok(url) = url::Url::parse(audience) else { return false };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = format!("{}{port}", url.host_str().unwrap_or_default());
        let here =
            host == asked.ask.host.trim_end_matches(":443") || asked.cloud.logins().contains(&host.as_str());
        let place = url.path().trim_start_matches('/').split_once('/').map(|(_, place)| place);
        here && matches!(place, Some("oauth2/v2.0/token" | "oauth2/token" | "v2.0"))
    }

    fn timely(&self, claims: &Value) -> Result<(), Refusal> {
        // MSAL for Python writes times with a fraction.
        let number = |name: &str| claims.get(name)?.to_string().split('.').next()?.parse::<i64>().ok();
        let now = self.directory.now();
        let until = number("exp").ok_or(Refusal::AssertionMalformed)?;
        let from = number("nbf").or_else(|| number("iat")).unwrap_or(now);
        if now > until + TOLERANCE || now < from - TOLERANCE {
            let [now, from, until] = [now, from, until].map(time::entra);
            return Err(Refusal::AssertionTime { now, from, until });
        }
        Ok(())
    }
}

/// Whether the certificate that the head names is one of the application's.
fn certificate(known: &Principal, head: &Value) -> Result<(), Refusal> {
    let named = ["x5t#S256", "x5t"].into_iter().find_map(|name| head.get(name)?.as_str());
    let bytes = URL_SAFE_NO_PAD.decode(named.unwrap_or_default().trim_end_matches('=')).unwrap_or_default();
    let thumbprint: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    let owned = known.said.certificates.iter().any(|own| own.eq_ignore_ascii_case(&thumbprint));
    if owned { Ok(()) } else { Err(Refusal::AssertionKeyUnknown(thumbprint)) }
}

fn audiences(claims: &Value) -> Vec<&str> {
    match claims.get("aud") {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    }
}

/// Whether the application accepts this token; everything is compared to the letter.
fn federated(known: &Principal, issuer: &str, subject: &str, audiences: &[&str]) -> Result<(), Refusal> {
    let trusted = &known.said.federated;
    if trusted.is_empty() {
        return Err(Refusal::FederationMissing(known.client_id.clone()));
    }
    let of_issuer: Vec<_> = trusted.iter().filter(|one| one.issuer == issuer).collect();
    if of_issuer.is_empty() {
        return Err(Refusal::FederationIssuer(issuer.to_owned()));
    }
    let of_subject: Vec<_> = of_issuer.into_iter().filter(|one| one.subject == subject).collect();
    if of_subject.is_empty() {
        return Err(Refusal::FederationSubject(subject.to_owned()));
    }
    if of_subject.iter().any(|one| audiences.contains(&one.audience.as_str())) {
        return Ok(());
    }
    Err(Refusal::FederationAudience(audiences.join(" ")))
}
