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
    /// Some of its answers are.
    pub faults: Vec<PathFault>,
    /// Subscriptions beside the world's, or what the world's is.
    pub subscriptions: Vec<Subscription>,
    /// Registries beside the world's; nothing answers for them.
    pub registries: Vec<OtherRegistry>,
    /// A list has so many entries a page; absent: all.
    pub page_size: Option<usize>,
    /// The registry knows of a role assignment that is made here only after so many exchanges.
    pub roles_known_after: u64,
}

/// A registry that is a resource and nothing more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherRegistry {
    /// Its name.
    pub name: String,
    /// Its login server; absent: made of the name.
    pub login_server: Option<String>,
    /// Its resource group.
    #[serde(default = "group")]
    pub group: String,
    /// The id of its subscription; absent: the world's.
    pub subscription: Option<String>,
}

/// Microsoft Graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Graph {
    /// The service is broken.
    pub fault: Option<Fault>,
    /// Some of its answers are.
    pub faults: Vec<PathFault>,
}

/// What is wrong with some paths of a service of Azure's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathFault {
    /// The paths (a pattern; upper and lower case are the same).
    pub path: String,
    /// Only this method.
    pub method: Option<String>,
    /// The status: 403 and 404 in the service's own words, 429, 5xx.
    #[serde(default = "forbidden")]
    pub status: u16,
    /// Only the first so many requests; absent: all.
    pub times: Option<u64>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
    /// The form of the body.
    #[serde(default)]
    pub body: BrokenBody,
    /// Requests are taken and never answered.
    #[serde(default)]
    pub stall: bool,
}

impl PathFault {
    /// Without the path.
    pub(crate) fn fault(&self) -> Fault {
        let Self { status, times, retry_after, body, stall, .. } = self.clone();
        Fault { status, times, retry_after, body, stall }
    }
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default = "contoso")]
    pub name: String,
    /// Its tenant; absent: the world's.
    pub tenant: Option<String>,
    /// Its state.
    #[serde(default = "enabled")]
    pub state: String,
}

fn group() -> String {
    "contoso-rg".to_owned()
}

fn forbidden() -> u16 {
    403
}

fn contoso() -> String {
    "Contoso".to_owned()
}

fn enabled() -> String {
    "Enabled".to_owned()
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
