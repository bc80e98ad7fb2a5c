//! Reads the claims of a JSON web token without verifying it (RFC 7519; the `access` claim of the distribution
//! project's token specification). Most registries' tokens are such; an opaque one is no failure.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::foreign::Foreign;

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
    if token.len() > LIMIT {
        return None;
    }
    let mut parts = token.split('.');
    let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    let payload = URL_SAFE_NO_PAD.decode(payload).or_else(|_| URL_SAFE.decode(payload)).ok()?;
    serde_json::from_slice(&payload).ok()
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
        let seconds = match self.exp.as_ref()? {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|f| f as i64))?,
            Value::String(text) => text.parse().ok()?,
            _ => return None,
        };
        Timestamp::from_second(seconds).ok()
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
