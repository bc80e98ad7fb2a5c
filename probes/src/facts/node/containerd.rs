//! What containerd's configuration says about registries: `config.toml`, and `hosts.toml` for the target's registry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MalformedFile, NodeFile, Place};
use crate::foreign::Foreign;

/// containerd's configuration, as far as it is about registries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContainerdConfig {
    /// The files that were read: the main one, then those that it imports.
    pub files: Vec<NodeFile>,
    /// Files that are no TOML; containerd does not start with one.
    #[serde(default)]
    pub malformed: Vec<MalformedFile>,
    /// Every `config_path` that is set, in the order of the files.
    #[serde(default)]
    pub config_paths: Vec<ConfigPath>,
    /// The directories in which containerd looks for `hosts.toml`, in order; empty when the older settings are used.
    #[serde(default)]
    pub directories: Vec<Foreign>,
    /// Whether those directories are set. Otherwise they are the default of containerd 2.2 and later; older versions look
    /// in none then.
    #[serde(default)]
    pub directories_named: bool,
    /// The names of the headers that go to every registry.
    #[serde(default)]
    pub headers: Vec<Foreign>,
    /// The older settings for registries, `registry.mirrors` and `registry.configs`.
    #[serde(default)]
    pub legacy: LegacyRegistries,
    /// Settings for which containerd 2.1 and later pull without their transfer service. With it they take all of
    /// `config_path` as one directory, also where it names several.
    #[serde(default)]
    pub local_pull_keys: Vec<Foreign>,
}

/// One `config_path`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigPath {
    /// What is set.
    pub value: Foreign,
    /// The file that sets it.
    pub file: Foreign,
    /// The version of that file's form.
    pub version: i64,
    /// The plugin for which it is set.
    pub plugin: Foreign,
    /// Whether containerd looks at that plugin's settings in a file of that version.
    pub counts: bool,
}

/// The older settings for registries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LegacyRegistries {
    /// Mirrors, by the registry that they are for; `*` is for all others.
    #[serde(default)]
    pub mirrors: Vec<LegacyMirror>,
    /// Settings of single registries.
    #[serde(default)]
    pub configs: Vec<LegacyConfig>,
}

/// The mirrors of a registry by the older settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LegacyMirror {
    /// The registry.
    pub host: Foreign,
    /// The mirrors' addresses, in order.
    pub endpoints: Vec<Foreign>,
}

/// The settings of a registry in their older form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LegacyConfig {
    /// The registry.
    pub host: Foreign,
    /// Whether there is a credential for it.
    pub has_auth: bool,
    /// Whether there are settings of TLS for it.
    pub has_tls: bool,
}

/// What containerd does for the target's registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegistryHosts {
    /// The registry as images name it.
    pub registry: Foreign,
    /// The directory that is for it. One that cannot be looked at ends every pull from that registry.
    #[serde(default)]
    pub directory: Option<NodeFile>,
    /// `hosts.toml` in it.
    #[serde(default)]
    pub file: Option<NodeFile>,
    /// What the hosts below come from.
    pub form: HostsForm,
    /// Why containerd does not take `hosts.toml`.
    #[serde(default)]
    pub rejected: Option<HostsRejected>,
    /// Keys of `hosts.toml` that containerd does not know and passes over.
    #[serde(default)]
    pub unknown_keys: Vec<Foreign>,
    /// Hosts that `hosts.toml` sets, but not under a line `[host."ADDRESS"]` of their own: containerd 2 passes over them.
    #[serde(default)]
    pub passed_over: Vec<Foreign>,
    /// The hosts that are asked first, in order.
    #[serde(default)]
    pub mirrors: Vec<HostFacts>,
    /// The host that is asked last.
    pub server: HostFacts,
}

/// Where the hosts of a registry come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum HostsForm {
    /// There is nothing for this registry: it is asked itself.
    Default,
    /// `hosts.toml`.
    HostsToml,
    /// The certificates beside it, named as docker names them, since there is no usable `hosts.toml`.
    Certificates,
    /// The older settings of `config.toml`.
    Legacy,
    /// A form that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// Why containerd does not take a `hosts.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum HostsRejected {
    /// It is no TOML.
    Malformed {
        /// Where the fault is.
        place: Option<Place>,
    },
    /// A key has a value that it cannot have.
    Value {
        /// The key.
        key: Foreign,
    },
    /// A reason that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// One host that containerd asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HostFacts {
    /// Scheme, host and port.
    pub address: Foreign,
    /// The path that stands before all others, usually `/v2`.
    pub path: Foreign,
    /// What it is asked for.
    pub capabilities: Vec<Capability>,
    /// `skip_verify`, where it is set.
    #[serde(default)]
    pub skip_verify: Option<bool>,
    /// `override_path`.
    #[serde(default)]
    pub override_path: bool,
    /// The files of authorities that are trusted besides the system's.
    #[serde(default)]
    pub authorities: Vec<AuthorityFile>,
    /// How many client certificates are presented.
    #[serde(default)]
    pub client_certificates: usize,
    /// The names of the headers that are sent.
    #[serde(default)]
    pub headers: Vec<Foreign>,
    /// `dial_timeout`, in milliseconds.
    #[serde(default)]
    pub dial_timeout_ms: Option<u64>,
    /// Whether plain http is spoken when https fails: it is configured for http, but with settings of TLS.
    #[serde(default)]
    pub http_fallback: bool,
}

/// Something that a host is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Capability {
    /// Manifests by digest, and blobs.
    Pull,
    /// The digest of a tag.
    Resolve,
    /// Pushing.
    Push,
    /// What refers to a manifest; a containerd older than 2.2 rejects the file for it.
    Referrers,
    /// A capability that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// A file of authorities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthorityFile {
    /// The file. One that cannot be read, or has no certificate, ends every pull from that registry.
    pub file: NodeFile,
    /// How many certificates are in it.
    pub certificates: usize,
}
