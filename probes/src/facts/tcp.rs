//! What dialling the addresses of a name showed.

use std::net::{IpAddr, SocketAddr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::foreign::Foreign;

/// All addresses of a name, dialled at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Connect {
    /// The name whose addresses these are.
    pub host: String,
    /// The port.
    pub port: u16,
    /// One entry an address, in the order in which they are used.
    pub dials: Vec<Dial>,
}

/// One address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dial {
    /// The address of the name.
    pub address: IpAddr,
    /// What was really dialled, where `--connect-to` says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub routed_to: Option<SocketAddr>,
    /// How it ended.
    pub outcome: DialOutcome,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// How dialling one address ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum DialOutcome {
    /// A connection stands.
    Connected,
    /// Nothing listens there, or a packet filter answers with a reset.
    Refused,
    /// No answer.
    #[serde(rename_all = "camelCase")]
    TimedOut {
        /// How long it was waited for, in milliseconds.
        after_ms: u64,
    },
    /// There is no route to it (`ENETUNREACH`, `EHOSTUNREACH`).
    Unreachable,
    /// It was reset while it was being set up.
    Reset,
    /// The system failed in another way.
    Failed {
        /// The system's words.
        error: Foreign,
    },
    /// An outcome that a newer version knows.
    #[serde(other)]
    Unknown,
}
