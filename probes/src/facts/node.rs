//! What the files of a node say. What was read and what stands there is a fact; what it means is decided elsewhere.
//!
//! *Invariant:* no secret and no header's value is here; text of a file is [`Foreign`], and of a file that cannot be
//! parsed only the place of the fault is kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::foreign::Foreign;

pub mod azure;
pub mod containerd;
pub mod environment;
pub mod provider;
pub mod resolver;

pub use azure::{AzureJson, AzureJsonForm, JsonType, NodeIdentity, WrongType};
pub use containerd::{
    AuthorityFile, Capability, ConfigPath, ContainerdConfig, HostFacts, HostsForm, HostsRejected,
    LegacyConfig, LegacyMirror, LegacyRegistries, RegistryHosts,
};
pub use environment::{ProxySetting, ServiceEnvironment};
pub use provider::{Provider, ProviderConfig, ProviderSource, RegistryMirror};
pub use resolver::{CacheKind, LocalCache, LocalDns, NodeResolver};

/// What the files of a node say, as far as it is about pulling the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeFacts {
    /// Where the node's root is on the machine that looked.
    pub root: Foreign,
    /// The node's name, `node` where it cannot be told.
    pub name: String,
    /// Azure's settings.
    pub azure_json: AzureJson,
    /// kubelet's credential providers.
    pub providers: ProviderConfig,
    /// containerd's settings for registries.
    pub containerd: ContainerdConfig,
    /// The hosts that containerd asks for the target.
    pub registry: RegistryHosts,
    /// The environments of containerd and kubelet.
    pub environments: Vec<ServiceEnvironment>,
    /// How names are resolved.
    pub resolver: NodeResolver,
    /// What the trusted authorities were read from; from nothing, and Go's programs trust nobody.
    pub trust: Vec<AuthorityFile>,
    /// How many authorities are trusted.
    pub authorities: usize,
}

/// A file that was looked for, under its name on the node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeFile {
    /// Its path, as the node sees it.
    pub path: Foreign,
    /// What came of it.
    pub state: FileState,
}

impl NodeFile {
    /// A file and what came of it.
    pub fn new(path: &str, state: FileState) -> Self {
        Self { path: Foreign::new(path), state }
    }
}

/// What came of looking for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FileState {
    /// It was read.
    Read,
    /// There is none.
    Missing,
    /// Only parts of the node's files were to be seen, and it is in none of them: it may be there.
    Unseen,
    /// This user may not read it.
    Denied,
    /// It is a directory, a pipe, a device or the like.
    NotAFile,
    /// It is larger than such a file can sensibly be.
    TooLarge,
    /// It could not be read for another reason: symbolic links in a circle, a fault of the disk.
    Failed,
    /// A state that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// A file that cannot be parsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MalformedFile {
    /// The file.
    pub path: Foreign,
    /// Where the fault is, where that can be told.
    #[serde(default)]
    pub place: Option<Place>,
}

/// Where in a file something is wrong, counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The column, in characters.
    pub column: u64,
}

impl Place {
    /// The place of a byte in a text.
    pub(crate) fn of(text: &str, at: usize) -> Self {
        let before = &text.as_bytes()[..at.min(text.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let characters = before[line_start..].iter().filter(|byte| *byte & 0xc0 != 0x80).count();
        let lines = before.iter().filter(|byte| **byte == b'\n').count();
        Self { line: lines as u64 + 1, column: characters as u64 + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters() {
        for (text, at, line, column) in
            [("", 0, 1, 1), ("ab", 1, 1, 2), ("a\nb", 2, 2, 1), ("ä\nüb", 5, 2, 2), ("a\n", 99, 2, 1)]
        {
            assert_eq!(Place::of(text, at), Place { line, column }, "{text:?} {at}");
        }
    }
}
