//! What asking for a token showed (distribution specification, token authentication).

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::http::Exchange;
use crate::foreign::Foreign;

/// Asking for a token that lets one pull from the repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// In which form the credential was presented.
    pub form: TokenForm,
    /// The last request and its answer.
    pub exchange: Exchange,
    /// What was granted, where an answer held a token.
    #[serde(default)]
    pub granted: Option<Granted>,
    /// The answer to the same credential without a scope, asked only after a refusal: whether the credential itself
    /// is accepted.
    #[serde(default)]
    pub unscoped: Option<Exchange>,
    /// What the presented refresh token says of itself, where it can be read: until when it is valid.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub presented_expires: Option<Timestamp>,
}

/// In which form a credential was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TokenForm {
    /// `GET` without `Authorization`.
    Anonymous,
    /// `POST` with `grant_type=password`, as containerd does first.
    PasswordGrant,
    /// `GET` with basic authentication, as containerd does when the former is not understood.
    Basic,
    /// `POST` with `grant_type=refresh_token`.
    RefreshToken,
    /// The credential is itself a token for the registry; `GET /v2/` with it.
    RegistryToken,
    /// A form that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// What a token grants, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Granted {
    /// The actions that it grants on the repository, in order; `None` when the token cannot be read.
    pub actions: Option<Vec<Foreign>>,
    /// Until when it is valid, where that is known.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub expires: Option<Timestamp>,
}

impl Granted {
    /// Whether the token grants `pull`; `None` when it cannot be read.
    pub fn pull(&self) -> Option<bool> {
        self.actions.as_ref().map(|actions| actions.iter().any(|a| matches!(a.as_str(), "pull" | "*")))
    }
}
