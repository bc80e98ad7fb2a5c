//! Microsoft Entra: a token for an application that proves who it is (`client_credentials`).
//!
//! What it refuses is told by the numbers of its errors, as its documentation asks; its words are shown beside them.

use probes::foreign::Foreign;
use probes::observation::{HttpOutcome, Reply};
use probes::secret::Secret;
use probes::service::{Request, Service};
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use super::during;
use crate::azure::arm::patiently;
use crate::azure::trouble;
use crate::case::azure::{Trouble, TroubleKind, Way};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The address that gives tokens for a tenant.
pub(super) fn endpoint(login: &Url, tenant: &str) -> Url {
    let mut url = login.clone();
    url.set_path(&format!("/{tenant}/oauth2/v2.0/token"));
    url
}

/// A token for an application that shows an assertion.
pub(super) async fn asserted(
    service: &Service<'_>,
    way: Way,
    login: &Url,
    who: (&str, &str),
    assertion: &Secret<String>,
    audience: &str,
) -> Result<Secret<String>, Trouble> {
    service.learn(assertion);
    let kind = Secret::new(ASSERTION_TYPE.to_owned());
    let proof = [("client_assertion_type", &kind), ("client_assertion", assertion)];
    token(service, way, login, who, &proof, audience).await
}

/// A token for an application, by what proves who it is.
pub(super) async fn token(
    service: &Service<'_>,
    way: Way,
    login: &Url,
    (tenant, client): (&str, &str),
    proof: &[(&str, &Secret<String>)],
    audience: &str,
) -> Result<Secret<String>, Trouble> {
    let mut form = Serializer::new(String::new());
    form.append_pair("client_id", client)
        .append_pair("grant_type", "client_credentials")
        // An audience that ends with a slash keeps it: there are two then.
        .append_pair("scope", &format!("{audience}/.default"));
    for (name, value) in proof {
        form.append_pair(name, value.expose());
    }
    let request = Request {
        url: endpoint(login, tenant),
        bearer: None,
        headers: vec![("accept", "application/json".to_owned())],
        form: Some(Secret::new(form.finish())),
    };
    let answer = patiently(service, &request).await;
    if let HttpOutcome::Reply(reply) = &answer.outcome {
        return Ok(given(service, way, reply, &answer.body)?);
    }
    let during = during(way);
    trouble::body(service, during, answer)?;
    Err(trouble::odd(during, None))
}

/// The token of an answer, or why there is none.
pub(super) fn given(
    service: &Service<'_>,
    way: Way,
    reply: &Reply,
    body: &[u8],
) -> Result<Secret<String>, Box<Trouble>> {
    #[derive(Deserialize)]
    struct Token {
        access_token: String,
    }
    if reply.status != 200 {
        return Err(Box::new(refused(service, way, reply, body)));
    }
    match serde_json::from_slice::<Token>(body) {
        Ok(token) if !token.access_token.is_empty() => Ok(Secret::new(token.access_token)),
        _ => Err(Box::new(trouble::odd(during(way), Some(reply)))),
    }
}

/// What is said instead of a token.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    error: String,
    error_description: String,
    error_codes: Vec<u64>,
    correlation_id: Option<String>,
}

fn refused(service: &Service<'_>, way: Way, reply: &Reply, body: &[u8]) -> Trouble {
    let said: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let passing = reply.status >= 500 || said.error == "temporarily_unavailable";
    let kind = match reply.status {
        429 => TroubleKind::Throttled,
        _ if said.error.is_empty() || passing => TroubleKind::Answer,
        _ => TroubleKind::SignInRefused,
    };
    let code = said.error_codes.first().map(|code| format!("AADSTS{code}"));
    // Behind it stand ids and the time, which are told by themselves.
    let words = said.error_description.split("Trace ID:").next().unwrap_or_default().trim();
    let detail = match (words, said.error.as_str()) {
        ("", "") => Foreign::new(&format!("{}, and not in the sign-in's words", reply.status)),
        ("", error) => service.told(error),
        (words, _) => service.told(words),
    };
    let id = said.correlation_id.map(|id| service.told(&id));
    Trouble {
        status: Some(reply.status),
        code: code.or((!said.error.is_empty()).then_some(said.error)).map(|code| service.told(&code)),
        correlation_id: id.or_else(|| trouble::correlation(reply)),
        detail,
        ..trouble::of(kind, during(way), "")
    }
}
