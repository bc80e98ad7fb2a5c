//! Reads the claims of a JSON web token without verifying it (RFC 7519; the `access` claim of the distribution
//! project's token specification). Most registries' tokens are such; an opaque one is no failure.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::foreign::Foreign;
use crate::observation::IdentityClaims;

/// The longest token that is decoded, in bytes.
const LIMIT: usize = 64 * 1024;

/// The claims that bear on a pull.
#[derive(Deserialize)]
pub(crate) struct Claims {
    #[serde(default)]
    access: Option<Value>,
    #[serde(default)]
    exp: Option<Value>,
}

/// The claims of a token; `None` when it is opaque.
pub(crate) fn claims(token: &str) -> Option<Claims> {
    serde_json::from_slice(&payload(token)?).ok()
}

/// The middle part of a token, decoded.
fn payload(token: &str) -> Option<Vec<u8>> {
    if token.len() > LIMIT {
        return None;
    }
    let mut parts = token.split('.');
    let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    URL_SAFE_NO_PAD.decode(payload).or_else(|_| URL_SAFE.decode(payload)).ok()
}

/// The claims of a token of Microsoft Entra; of the wrong kind is as good as absent.
pub(crate) fn identity_claims(token: &str) -> Option<IdentityClaims> {
    let Value::Object(all) = serde_json::from_slice(&payload(token)?).ok()? else { return None };
    let text = |name: &str| all.get(name).and_then(Value::as_str).map(Foreign::new);
    let time = |name: &str| all.get(name).and_then(seconds);
    Some(IdentityClaims {
        audience: text("aud"),
        tenant: text("tid"),
        object_id: text("oid"),
        client_id: text("appid").or(text("azp")),
        resource_id: text("xms_mirid"),
        not_before: time("nbf"),
        expires: time("exp"),
    })
}

/// What a refresh token of ACR permits by its own words (`permissions.Actions`; lower case in older ones).
pub(crate) fn refresh_permissions(token: &str) -> Option<Vec<Foreign>> {
    let all: Value = serde_json::from_slice(&payload(token)?).ok()?;
    let permissions = all.get("permissions")?;
    let actions = permissions.get("Actions").or(permissions.get("actions"))?.as_array()?;
    Some(actions.iter().filter_map(Value::as_str).take(16).map(Foreign::new).collect())
}

/// A time in seconds, as a number or its text.
fn seconds(value: &Value) -> Option<Timestamp> {
    let seconds = match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|f| f as i64))?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    Timestamp::from_second(seconds).ok()
}

impl Claims {
    /// The actions that are granted on a repository; `None` when the token does not speak of access at all.
    pub(crate) fn actions(&self, repository: &str) -> Option<Vec<Foreign>> {
        let access = match self.access.as_ref()? {
            Value::Array(access) => access.as_slice(),
            Value::Null => &[],
            _ => return None,
        };
        let mut actions: Vec<Foreign> = access
            .iter()
            .filter(|entry| entry["type"] == "repository" && entry["name"] == repository)
            .filter_map(|entry| entry["actions"].as_array())
            .flatten()
            .filter_map(|action| action.as_str().map(Foreign::new))
            .take(16)
            .collect();
        actions.dedup();
        Some(actions)
    }

    /// Until when the token is valid.
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        self.exp.as_ref().and_then(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> String {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}"), URL_SAFE_NO_PAD.encode(payload))
    }

    #[test]
    fn grants_are_told_from_silence() {
        let granted =
            |payload: &str| claims(&token(payload)).and_then(|c| c.actions("team/web")).map(|a| a.len());
        assert_eq!(
            granted(r#"{"access":[{"type":"repository","name":"team/web","actions":["pull"]}]}"#),
            Some(1)
        );
        assert_eq!(
            granted(r#"{"access":[{"type":"repository","name":"team/api","actions":["pull"]}]}"#),
            Some(0)
        );
        assert_eq!(granted(r#"{"access":[]}"#), Some(0));
        assert_eq!(granted(r#"{"access":null}"#), None);
        assert_eq!(granted(r#"{"sub":"x"}"#), None);
        assert_eq!(granted(r#"{"access":"odd"}"#), None);
    }

    #[test]
    fn what_is_no_token_is_opaque() {
        for opaque in ["", "a", "a.b", "a.b.c", "a.b.c.d", "dXNlcjpwYXNz"] {
            assert!(claims(opaque).is_none(), "{opaque}");
        }
        assert_eq!(
            claims(&token(r#"{"exp":1790000000}"#)).and_then(|c| c.expires()).map(|t| t.as_second()),
            Some(1_790_000_000)
        );
    }
}
