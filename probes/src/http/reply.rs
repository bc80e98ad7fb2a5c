//! What is kept of an answer.

use std::collections::BTreeMap;

use hyper::HeaderMap;
use hyper::http::response::Parts;
use jiff::Timestamp;
use serde::Deserialize;

use super::read::Read;
use crate::foreign::Foreign;
use crate::observation::{BodyKind, OciError, Reply};
use crate::scrub::Scrub;

/// The headers that bear on a pull. `Location` is kept as a hop, `WWW-Authenticate` as a challenge.
const KEPT: [&str; 24] = [
    "content-length",
    "content-range",
    "content-type",
    "docker-content-digest",
    "docker-distribution-api-version",
    "docker-ratelimit-source",
    "proxy-authenticate",
    "ratelimit-limit",
    "ratelimit-remaining",
    "retry-after",
    "server",
    "via",
    "warning",
    "www-authenticate",
    "x-amz-error-code",
    "x-cache",
    "x-envoy-upstream-service-time",
    "x-ms-client-request-id",
    "x-ms-correlation-request-id",
    "x-ms-error-code",
    "x-ms-request-id",
    "x-request-id",
    "x-served-by",
    "x-squid-error",
];

/// All values of a header.
pub(super) fn all(headers: &HeaderMap, name: &str) -> Vec<String> {
    headers.get_all(name).iter().map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()).collect()
}

/// What is kept of an answer; of a body from a host that is neither registry nor token service, its kind alone.
pub(super) fn kept(head: &Parts, read: &Read, trusted: bool, at: Timestamp, scrub: &Scrub) -> Reply {
    let headers: BTreeMap<String, Foreign> = KEPT
        .iter()
        .filter_map(|name| {
            let values = all(&head.headers, name);
            (!values.is_empty()).then(|| ((*name).to_owned(), Foreign::new(&scrub.clean(&values.join(", ")))))
        })
        .collect();
    let content_type = headers.get("content-type").map_or("", |v| v.as_str());
    let told = trusted && !head.status.is_success();
    Reply {
        status: head.status.as_u16(),
        errors: if told { errors(&read.bytes, scrub) } else { Vec::new() },
        error_codes: if told { error_codes(&read.bytes) } else { Vec::new() },
        body: body_kind(&read.bytes, content_type),
        bytes: read.bytes.len() as u64,
        date: all(&head.headers, "date").first().and_then(|d| date(d)),
        at,
        headers,
    }
}

/// An http date (RFC 9110 section 5.6.7).
pub(crate) fn date(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()
}

fn body_kind(bytes: &[u8], content_type: &str) -> BodyKind {
    let start: String =
        String::from_utf8_lossy(&bytes[..bytes.len().min(512)]).trim_start().to_ascii_lowercase();
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if bytes.is_empty() {
        BodyKind::Empty
    } else if start.starts_with("<!doctype html") || start.starts_with("<html") || kind == "text/html" {
        BodyKind::Html
    } else if start.starts_with("<?xml") || start.starts_with("\u{feff}<?xml") || kind.ends_with("/xml") {
        BodyKind::Xml
    } else if start.starts_with('{') || start.starts_with('[') || kind.ends_with("json") {
        BodyKind::Json
    } else {
        BodyKind::Other
    }
}

/// The error bodies that registries and token services send: the specification's, Docker Hub's `details`, OAuth2's.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Errors {
    errors: Vec<OneError>,
    code: Option<serde_json::Value>,
    message: Option<String>,
    details: Option<String>,
    error: Option<serde_json::Value>,
    error_description: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OneError {
    code: Option<serde_json::Value>,
    message: Option<String>,
}

/// The numbers that Microsoft Entra gives its errors.
fn error_codes(body: &[u8]) -> Vec<u64> {
    #[derive(Deserialize)]
    struct Codes {
        error_codes: Vec<u64>,
    }
    serde_json::from_slice::<Codes>(body)
        .map(|read| read.error_codes)
        .unwrap_or_default()
        .into_iter()
        .take(8)
        .collect()
}

/// What is told of an error body.
#[cfg(any(test, fuzzing))]
pub(crate) fn said(body: &[u8], content_type: &str, scrub: &Scrub) -> (BodyKind, Vec<OciError>, Vec<u64>) {
    (body_kind(body, content_type), errors(body, scrub), error_codes(body))
}

fn errors(body: &[u8], scrub: &Scrub) -> Vec<OciError> {
    let Ok(read) = serde_json::from_slice::<Errors>(body) else { return Vec::new() };
    let clean = |text: &str| Foreign::new(&scrub.clean(text));
    let text = |value: Option<serde_json::Value>| match value {
        Some(serde_json::Value::String(text)) => text,
        Some(other) if !other.is_null() => other.to_string(),
        _ => String::new(),
    };
    let mut found: Vec<OciError> = read
        .errors
        .into_iter()
        .take(8)
        .map(|e| OciError { code: clean(&text(e.code)), message: clean(&e.message.unwrap_or_default()) })
        .collect();
    if found.is_empty() {
        let code = text(read.code.or(read.error));
        let message = read.message.or(read.details).or(read.error_description).unwrap_or_default();
        if !code.is_empty() || !message.is_empty() {
            found.push(OciError { code: clean(&code), message: clean(&message) });
        }
    }
    found
}
