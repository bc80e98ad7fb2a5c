//! The registry: its kind, its accounts and its rules.

use serde::Deserialize;

/// The registry.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registry {
    /// Whose manners it has.
    pub flavour: Flavour,
    /// Its host; absent: the flavour's.
    pub host: Option<String>,
    /// The host of the token endpoint; absent: the flavour's (for an ACR and Harbor the registry itself).
    pub token_host: Option<String>,
    /// The host that blobs are redirected to; absent: the flavour's; empty: blobs are served directly.
    pub data_host: Option<String>,
    /// The repositories that everybody may pull (patterns); absent: all.
    pub anonymous: Option<Vec<String>>,
    /// The form of access tokens; absent: JWT.
    pub tokens: TokenKind,
    /// What the token endpoint answers with when all is granted.
    pub token_answer: TokenAnswer,
    /// The form of the challenge.
    pub challenge: Challenge,
    /// The form of redirects.
    pub redirect: Redirect,
    /// Only some client addresses are allowed.
    pub firewall: Option<Firewall>,
    /// Too many requests.
    pub throttle: Option<Throttle>,
    /// The service is broken.
    pub broken: Option<Broken>,
    /// Requests are taken and never answered.
    pub stall: Option<Stall>,
    /// Some requests fail.
    pub intermittent: Option<Intermittent>,
    /// The key that encrypts the registry cannot be read: manifests are refused after a good token.
    pub cmk_unavailable: bool,
}

/// Whose manners a registry has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flavour {
    /// Azure Container Registry.
    #[default]
    Acr,
    /// Docker Hub.
    Hub,
    /// Harbor.
    Harbor,
    /// The CNCF registry without any sign-in.
    Plain,
    /// The CNCF registry with a password file.
    Basic,
}

/// The form of access tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// Three parts that can be read.
    #[default]
    Jwt,
    /// Nothing that can be read.
    Opaque,
}

/// What the token endpoint answers with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenAnswer {
    /// A token.
    #[default]
    Token,
    /// A web page with status 200.
    Html,
    /// JSON without a token.
    NoToken,
    /// JSON with an empty token.
    EmptyToken,
    /// Nothing, with status 200.
    Empty,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The user name.
    pub name: String,
    /// The password.
    pub password: String,
    /// The repositories it may pull (patterns); absent: all.
    #[serde(default = "everything")]
    pub pull: Vec<String>,
}

fn everything() -> Vec<String> {
    vec!["*".to_owned()]
}

/// The challenge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Challenge {
    /// Its form.
    pub form: ChallengeForm,
    /// The realm; absent: the right one.
    pub realm: Option<String>,
    /// The service; absent: the right one.
    pub service: Option<String>,
}

/// The form of the challenge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChallengeForm {
    /// As the flavour gives it.
    #[default]
    Healthy,
    /// 401 without the header.
    Missing,
    /// A header that is no challenge.
    Unparsable,
    /// Bearer without a realm.
    NoRealm,
    /// Basic, of somebody who stands before the registry.
    Basic,
    /// Negotiate, as an intranet's web server.
    Negotiate,
}

/// Redirects of blobs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Redirect {
    /// Its form.
    pub form: RedirectForm,
    /// The Location, word for word.
    pub location: Option<String>,
    /// Manifests are redirected too, as registry.k8s.io does.
    pub manifests: bool,
}

/// The form of a redirect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RedirectForm {
    /// To the data host.
    #[default]
    Healthy,
    /// 307 without Location.
    NoLocation,
    /// To itself.
    Loop,
    /// To the data host by http.
    Http,
}

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrokenBody {
    /// A registry's error.
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
