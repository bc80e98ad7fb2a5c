//! What pull secrets hold: for which registries, and never a password.

use probes::foreign::Foreign;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The pull secrets of a namespace, as far as a failed pull may be theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PullSecrets {
    /// Those that the pods named.
    pub named: Vec<PullSecret>,
    /// The names of others that have an entry for the image; `None` where they may not be listed.
    pub others: Option<Vec<String>>,
    /// Why something of it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<Foreign>,
}

/// A pull secret that a pod names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PullSecret {
    /// Its name.
    pub name: String,
    /// What it has for the image.
    pub holds: Holds,
}

/// What a pull secret has for an image, read as the kubelet reads it (Kubernetes `pkg/credentialprovider`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Holds {
    /// There is no such secret.
    Missing,
    /// An entry.
    Entry {
        /// The users in it.
        users: Vec<Foreign>,
    },
    /// Entries for others alone.
    Others {
        /// Their keys.
        keys: Vec<Foreign>,
    },
    /// Nothing that a kubelet can read.
    Malformed {
        /// What is wrong with it.
        why: Foreign,
    },
    /// It is not known: it could not be read, or the answer is of a newer version.
    #[default]
    #[serde(other)]
    Unknown,
}
