//! The registry: its kind, its accounts and its rules.

use serde::Deserialize;

use super::resource::RegistryResource;
use super::rights::RoleMode;
use super::rules::{Broken, Firewall, Intermittent, Stall, Throttle};

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
    /// The regions of an ACR; the first is where its login server leads. Absent: one.
    pub regions: Vec<String>,
    /// Each of these regions has an endpoint of its own, `NAME.REGION.geo.azurecr.io`.
    pub regional_endpoints: bool,
    /// The repositories that everybody may pull (patterns); absent: all.
    pub anonymous: Option<Vec<String>>,
    /// The tenant whose identities it takes (ACR); absent: the world's.
    pub tenant: Option<String>,
    /// Whether the exchange takes tokens for Azure's resource manager too (ACR); absent: yes.
    pub arm_audience: Option<bool>,
    /// How it reads role assignments (ACR); absent: by repository where an identity's `pull` names some, else as a whole.
    pub role_mode: Option<RoleMode>,
    /// The registry as the resource manager shows it (ACR).
    pub resource: RegistryResource,
    /// Where an identity without any right is refused (ACR).
    pub rights_checked_at: RightsCheckedAt,
    /// What the exchange answers with when all is granted (ACR).
    pub exchange_answer: TokenAnswer,
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

/// Where an ACR refuses an identity that may pull nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RightsCheckedAt {
    /// At the exchange.
    #[default]
    Exchange,
    /// At the token endpoint, as in older reports.
    Token,
}

/// What a token endpoint answers with.
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
    /// Two headers: the right one, and the Basic of somebody before the registry.
    Two,
    /// The right one without quotes.
    Unquoted,
    /// The word `Bearer` alone.
    Bare,
    /// None: `GET /v2/` answers 200 to everybody; the rest asks to sign in.
    Open,
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
