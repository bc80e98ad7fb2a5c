//! What an ACR knows beside Azure's identities: tokens of its own with their scope maps, and the rules by which it fetches images
//! from other registries.

use serde::Deserialize;

/// A scope map, beside Azure's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeMap {
    /// Its name.
    pub name: String,
    /// What it permits: `repositories/team/web/content/read`, `repositories/team/*/content/read`.
    pub actions: Vec<String>,
}

/// A token of the registry: a user whose rights come from a scope map.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Token {
    /// Its name, by which it signs in.
    pub name: String,
    /// Its scope map.
    pub scope_map: String,
    /// Nobody signs in by it.
    pub disabled: bool,
    /// Its passwords, two at most.
    pub passwords: Vec<TokenPassword>,
    /// Fields that are left out of it, as JSON pointers without the first slash.
    pub omit: Vec<String>,
}

impl Default for Token {
    fn default() -> Self {
        Self {
            name: String::new(),
            scope_map: "_repositories_pull".to_owned(),
            disabled: false,
            passwords: Vec::new(),
            omit: Vec::new(),
        }
    }
}

/// A password of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenPassword {
    /// The password.
    pub value: String,
    /// It ends in so many seconds (negative: it has ended); absent: it does not.
    pub expires_in_s: Option<i64>,
}

/// A cache rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CacheRule {
    /// Its name.
    pub name: String,
    /// Where it fetches from: `docker.io/library/*`.
    pub source: String,
    /// Under which repositories it keeps that: `hub/*`.
    pub target: String,
    /// Its credential set, by name.
    pub credential_set: Option<String>,
    /// Its identity, by name.
    pub identity: Option<String>,
    /// The source has just been pushed to, and the cache does not have it yet: 502.
    pub warming: bool,
}

/// The credentials of cache rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CredentialSet {
    /// Its name.
    pub name: String,
    /// The registry that they are for.
    pub login_server: String,
    /// Why they cannot be used: an error code of Azure's; absent: they are healthy.
    pub unhealthy: Option<String>,
    /// Fields that are left out of it, as JSON pointers without the first slash.
    pub omit: Vec<String>,
}
