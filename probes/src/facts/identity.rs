//! What signing in as a node showed: the metadata service or Microsoft Entra, and the registry's exchange.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::http::Exchange;
use crate::foreign::Foreign;

/// Asking for a token of Microsoft Entra.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Who was asked.
    pub source: IdentitySource,
    /// Which identity was asked for.
    pub asked_for: IdentityAsked,
    /// The tenant that the node's `azure.json` names.
    #[serde(default)]
    pub tenant: Option<Foreign>,
    /// The last request and its answer.
    pub exchange: Exchange,
    /// The proxy that the request went to, where it did not go direct.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<NamedProxy>,
    /// How often it was asked.
    pub tries: u32,
    /// Whether the answer held a token.
    pub token: bool,
    /// What the token says of itself, where it can be read.
    #[serde(default)]
    pub claims: Option<IdentityClaims>,
}

/// A proxy and what named it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamedProxy {
    /// Its host and port, without user.
    pub proxy: String,
    /// The variable or flag that names it.
    pub named_by: String,
}

/// Who gives tokens of Microsoft Entra.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum IdentitySource {
    /// The machine's metadata service.
    MetadataService,
    /// Microsoft Entra itself.
    Entra,
    /// Somebody that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// Which identity was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "camelCase")]
pub enum IdentityAsked {
    /// The one with this client id.
    ClientId {
        /// The id.
        id: Foreign,
    },
    /// The one with this resource id.
    ResourceId {
        /// The id.
        id: Foreign,
    },
    /// None in particular.
    Nothing,
    /// A service principal.
    ServicePrincipal {
        /// Its application id.
        id: Foreign,
    },
    /// A way that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// The claims of a token of Microsoft Entra that bear on a pull.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct IdentityClaims {
    /// For whom the token is (`aud`).
    pub audience: Option<Foreign>,
    /// The tenant that issued it (`tid`).
    pub tenant: Option<Foreign>,
    /// The object id, which a role assignment names (`oid`).
    pub object_id: Option<Foreign>,
    /// The client id (`appid`, `azp`).
    pub client_id: Option<Foreign>,
    /// The resource id of a managed identity (`xms_mirid`).
    pub resource_id: Option<Foreign>,
    /// From when it is valid (`nbf`).
    #[schemars(with = "Option<String>")]
    pub not_before: Option<Timestamp>,
    /// Until when it is valid (`exp`).
    #[schemars(with = "Option<String>")]
    pub expires: Option<Timestamp>,
}

/// Exchanging a token of Microsoft Entra for a refresh token of the registry (`POST /oauth2/exchange`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exchanged {
    /// Why the credential provider takes the registry's challenge for none of Azure's.
    #[serde(default)]
    pub flaw: Option<ChallengeFlaw>,
    /// The request and its answer, where it was made.
    #[serde(default)]
    pub exchange: Option<Exchange>,
    /// Whether the answer held a refresh token.
    pub token: bool,
    /// Until when the refresh token is valid, where it can be read.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub expires: Option<Timestamp>,
    /// What the refresh token permits by its own words, where it can be read.
    #[serde(default)]
    pub permissions: Option<Vec<Foreign>>,
}

/// What the credential provider does not take (cloud-provider-azure, `pkg/credentialprovider`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ChallengeFlaw {
    /// The answer to `GET /v2/` was no 401.
    Status {
        /// What it was.
        status: u16,
    },
    /// More than one `WWW-Authenticate`.
    Several {
        /// How many.
        count: usize,
    },
    /// No `WWW-Authenticate`.
    Missing,
    /// Another scheme than `Bearer`.
    NotBearer {
        /// Which.
        scheme: Foreign,
    },
    /// Parameters that it cannot read: every value must be quoted, and a realm be among them.
    Unreadable,
    /// The realm is no host of Azure's registries: the token was not sent there.
    #[serde(rename_all = "camelCase")]
    ForeignRealm {
        /// The realm's host.
        host: Foreign,
    },
    /// A flaw that a newer version knows.
    #[serde(other)]
    Unknown,
}
