//! What a credential that was never presented shows: of pull secrets and of what the node's files name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::credential::Credential;
use crate::foreign::Foreign;

/// Why a credential cannot be presented.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "flaw", rename_all = "camelCase")]
pub enum Flaw {
    /// The pull secret that was named has no entry for the registry.
    #[serde(rename_all = "camelCase")]
    NoEntry {
        /// The file that was named.
        file: Foreign,
        /// The keys that it has.
        keys: Vec<Foreign>,
    },
    /// The pull secret that was named cannot be read.
    #[serde(rename_all = "camelCase")]
    Malformed {
        /// The file that was named.
        file: Foreign,
        /// What is wrong and where, without what stands there.
        error: String,
    },
    /// The credential is kept by a helper program, which the kubelet does not run.
    #[serde(rename_all = "camelCase")]
    Helper {
        /// The helper's name.
        helper: Foreign,
    },
    /// The node's files give the kubelet's credential provider nothing to sign in with; `nodeFiles` says why.
    NoIdentity,
    /// The kubelet does not ask the credential provider for this host; `nodeFiles` says why.
    NotAsked,
    /// A flaw that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// Why a credential was not tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "why", rename_all = "camelCase")]
pub enum NotTried {
    /// An earlier one had everything, and the kubelet goes no further.
    EarlierPulls {
        /// Which.
        credential: Credential,
    },
    /// An earlier one met silence, which no other credential ends.
    EarlierUnanswered {
        /// Which.
        credential: Credential,
    },
    /// The registry asks for no token, so that there is nothing to exchange one for.
    NotAsked,
    /// A reason that a newer version knows.
    #[serde(other)]
    Unknown,
}
