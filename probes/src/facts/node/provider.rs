//! Which credential providers kubelet is told to ask (`CredentialProviderConfig`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FileState, MalformedFile, NodeFile};
use crate::foreign::Foreign;

/// The configuration of kubelet's credential providers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderConfig {
    /// How its place is known.
    pub source: ProviderSource,
    /// The files that make it, in kubelet's order: one, or those of a directory.
    pub files: Vec<NodeFile>,
    /// The first file that is no such configuration, and where; kubelet does not start with one.
    #[serde(default)]
    pub malformed: Option<MalformedFile>,
    /// Keys that kubelet does not know, and for which it does not start.
    #[serde(default)]
    pub unknown_keys: Vec<Foreign>,
    /// The providers, in their order.
    #[serde(default)]
    pub providers: Vec<Provider>,
}

impl ProviderConfig {
    /// Whether it is certain that there is no file of it.
    pub fn all_missing(&self) -> bool {
        self.files.iter().all(|file| file.state == FileState::Missing)
    }
}

/// How the place of the configuration is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ProviderSource {
    /// kubelet's flags name it.
    Flags,
    /// kubelet's flags could be read, and name none: this is where AKS would have it.
    NotInFlags,
    /// kubelet's flags could not be read: this is where AKS has it.
    Assumed,
    /// A source that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// One provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Provider {
    /// Its name, which is that of its program.
    pub name: Foreign,
    /// The images that it is asked about.
    pub match_images: Vec<Foreign>,
    /// Whether the target is one of them.
    pub matches: bool,
    /// How long what it says is kept when it does not say so itself, as it is written.
    #[serde(default)]
    pub default_cache_duration: Option<Foreign>,
    /// The version of the protocol.
    #[serde(default)]
    pub api_version: Option<Foreign>,
    /// Its program.
    pub program: NodeFile,
    /// Whether anybody may execute it.
    pub executable: bool,
    /// The file of settings that it is given: the first argument that is a path.
    #[serde(default)]
    pub azure_json: Option<Foreign>,
    /// Registries for which it takes the credential of another one (`--registry-mirror`).
    #[serde(default)]
    pub registry_mirrors: Vec<RegistryMirror>,
    /// Whether it uses identity bindings (`--ib-…`).
    #[serde(default)]
    pub identity_bindings: bool,
    /// Whether it is given tokens of service accounts (`tokenAttributes`).
    #[serde(default)]
    pub token_attributes: bool,
}

/// A registry for which the credential of another one is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegistryMirror {
    /// The registry that an image names.
    pub source: Foreign,
    /// The registry whose credential is taken.
    pub target: Foreign,
}
