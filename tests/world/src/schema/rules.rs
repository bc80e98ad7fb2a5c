//! What stands before the registry's answer, and what is wrong with the storage behind it.

use serde::Deserialize;

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// `GET /v2/`.
    Challenge,
    /// The token endpoint.
    Token,
    /// The exchange of an Entra token.
    Exchange,
    /// A manifest.
    Manifest,
    /// A blob.
    Blob,
    /// The list of tags.
    Tags,
}

/// A firewall that sees the client at an address that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Firewall {
    /// The address that the registry sees the client at.
    pub sees: String,
    /// Where it refuses; absent: everywhere.
    pub at: Vec<Operation>,
}

impl Default for Firewall {
    fn default() -> Self {
        Self { sees: "203.0.113.7".to_owned(), at: Vec::new() }
    }
}

/// Too many requests.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Throttle {
    /// Where; absent: at manifests.
    pub at: Vec<Operation>,
    /// Seconds to wait; 0: it does not say.
    pub retry_after: u64,
    /// The cache rule whose upstream throttles (ACR).
    pub cache_rule: Option<String>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { at: vec![Operation::Manifest], retry_after: 30, cache_rule: None }
    }
}

/// A broken service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Broken {
    /// Where; absent: everywhere.
    pub at: Vec<Operation>,
    /// The status, of the 5xx.
    pub status: u16,
    /// The form of the body.
    pub body: BrokenBody,
}

impl Default for Broken {
    fn default() -> Self {
        Self { at: Vec::new(), status: 503, body: BrokenBody::Json }
    }
}

/// The body of a broken service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrokenBody {
    /// The service's own error.
    #[default]
    Json,
    /// A gateway's page.
    Html,
    /// Nothing.
    Empty,
}

/// Requests that are never answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stall {
    /// Where; absent: everywhere.
    pub at: Vec<Operation>,
}

/// Some requests fail.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intermittent {
    /// Each n-th of these requests fails.
    pub every: u64,
    /// Where; absent: at manifests.
    pub at: Vec<Operation>,
    /// How it fails.
    pub how: IntermittentHow,
}

impl Default for Intermittent {
    fn default() -> Self {
        Self { every: 2, at: vec![Operation::Manifest], how: IntermittentHow::Broken }
    }
}

/// How a request fails now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IntermittentHow {
    /// 503.
    Broken,
    /// The connection ends without an answer.
    Cut,
    /// The tag is not found (a replica that is behind).
    NotFound,
}

/// The storage behind the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    /// What is wrong with it.
    pub fault: Option<StorageFault>,
}

/// What is wrong with the storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StorageFault {
    /// 403 AuthenticationFailed: the signature in the address is not accepted.
    AuthenticationFailed,
    /// 403 AuthorizationFailure: the storage's own network rules.
    AuthorizationFailure,
    /// 404 BlobNotFound for every blob.
    BlobNotFound,
    /// 503 ServerBusy.
    ServerBusy,
    /// 500 InternalError.
    InternalError,
    /// A web page with status 200.
    Html,
}
