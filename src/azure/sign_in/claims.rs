//! Who a token of Microsoft Entra is for, by its own words; nothing here verifies them, the services that take it do.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;

/// The longest token that is read, in bytes.
const LIMIT: usize = 64 * 1024;

/// What a token says.
#[derive(Default)]
pub(super) struct Claims {
    /// The user's name.
    pub(super) user: Option<String>,
    /// The application's id.
    pub(super) application: Option<String>,
    pub(super) object_id: Option<String>,
    pub(super) tenant: Option<String>,
}

/// The claims; none of a token that cannot be read.
pub(super) fn of(token: &str) -> Claims {
    let payload = token.split('.').nth(1).filter(|_| token.len() <= LIMIT).unwrap_or_default();
    let payload = URL_SAFE_NO_PAD.decode(payload).or_else(|_| URL_SAFE.decode(payload)).unwrap_or_default();
    let all: Value = serde_json::from_slice(&payload).unwrap_or_default();
    let first = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| all.get(name)?.as_str())
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    Claims {
        user: first(&["upn", "preferred_username", "unique_name"]),
        application: first(&["appid", "azp"]),
        object_id: first(&["oid"]),
        tenant: first(&["tid"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_who_it_is_for() {
        let token = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        let read = of(&token(r#"{"appid":"a","oid":"o","tid":"t","upn":""}"#));
        assert_eq!((read.user, read.application.as_deref()), (None, Some("a")));
        assert_eq!((read.object_id.as_deref(), read.tenant.as_deref()), (Some("o"), Some("t")));
        for odd in ["", "a", "a.b", "e30.e30", &token("[]"), &token("no")] {
            assert!(of(odd).tenant.is_none(), "{odd}");
        }
    }
}
