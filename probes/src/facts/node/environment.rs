//! Which proxies systemd puts into the environment of a node's services.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::NodeFile;
use crate::foreign::Foreign;

/// The environment of one service, as far as it is about proxies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceEnvironment {
    /// The service: `containerd.service`, `kubelet.service`.
    pub service: String,
    /// The files that make it, in the order in which they count; the last one that sets a variable wins.
    #[serde(default)]
    pub files: Vec<NodeFile>,
    /// The variables that are set, in the order of their names.
    #[serde(default)]
    pub variables: Vec<ProxySetting>,
}

/// A variable about proxies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProxySetting {
    /// Its name, `HTTPS_PROXY` or the like.
    pub variable: String,
    /// The file that sets it, as the node sees it.
    pub file: Foreign,
    /// The proxy's scheme, host and port, without user; `None` for `NO_PROXY`, and where none can be told.
    #[serde(default)]
    pub proxy: Option<Foreign>,
    /// Whether the proxy is given a user.
    #[serde(default)]
    pub has_user: bool,
    /// What goes without a proxy, for `NO_PROXY`: the first entries.
    #[serde(default)]
    pub no_proxy: Vec<Foreign>,
}
