//! Azure around the registry: which cloud it is, its sign-in, the node's metadata service.

use serde::Deserialize;

use super::registry::TokenAnswer;
use super::rules::BrokenBody;

/// An Azure cloud: the hosts of its services follow from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// Azure that everybody means.
    #[default]
    Public,
    /// Azure for the US government.
    Usgov,
    /// Azure in China.
    China,
}

/// The sign-in service, Microsoft Entra.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Entra {
    /// The id of the tenant that the world is about; absent: the usual one.
    pub tenant: Option<String>,
    /// Other tenants' ids: they exist, and have nobody in them but the identities that name them.
    pub tenants: Vec<String>,
    /// More audiences that it gives tokens for.
    pub audiences: Vec<String>,
    /// What it answers with when a token is due.
    pub answer: TokenAnswer,
    /// The service is broken.
    pub fault: Option<Fault>,
}

/// The node's metadata service, IMDS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Imds {
    /// What it answers with when a token is due.
    pub answer: TokenAnswer,
    /// Its tokens come from its cache and were issued so many seconds ago; they live 86,400.
    pub token_age_s: i64,
    /// Its token endpoint is broken.
    pub fault: Option<Fault>,
}

/// Azure's resource manager.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Arm {
    /// The service is broken.
    pub fault: Option<Fault>,
}

/// A service of Azure's that is broken.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fault {
    /// The status.
    pub status: u16,
    /// Only the first so many requests; absent: all.
    pub times: Option<u64>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
    /// The form of the body.
    pub body: BrokenBody,
    /// Requests are taken and never answered.
    pub stall: bool,
}

impl Default for Fault {
    fn default() -> Self {
        Self { status: 503, times: None, retry_after: None, body: BrokenBody::Json, stall: false }
    }
}
