//! What resolving a name showed (RFC 1035; the resolver of Go's `net` package for what is used of it).

use std::net::{IpAddr, SocketAddr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One name, asked of each nameserver by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resolve {
    /// The name that was resolved.
    pub name: String,
    /// Whether the name is an address already, so that nobody was asked.
    #[serde(default)]
    pub literal: bool,
    /// Addresses that the hosts file gives; when there are any, no nameserver counts.
    #[serde(default)]
    pub hosts_file: Vec<IpAddr>,
    /// Where the nameservers come from.
    #[serde(default)]
    pub source: String,
    /// What each nameserver answered, in their order.
    pub nameservers: Vec<NameserverAnswers>,
    /// The addresses that a Go program would dial: those of the first nameserver that gives a final answer.
    pub addresses: Vec<IpAddr>,
    /// The nameserver whose answer a Go program would take, as an index into `nameservers`.
    #[serde(default)]
    pub decided_by: Option<usize>,
    /// Whether the same first label exists under another suffix (the other clouds' for an ACR name, the corrected one
    /// for a misspelt suffix): the names that have addresses. Looked for only when the name does not exist.
    #[serde(default)]
    pub siblings: Vec<String>,
    /// What those say that the nameserver, a cache on the machine itself, asks in its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Upstream>,
}

/// The nameservers behind a cache on the machine itself (AKS LocalDNS, systemd's stub, dnsmasq).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Upstream {
    /// Where it is written who they are.
    pub source: String,
    /// What each answered.
    pub nameservers: Vec<NameserverAnswers>,
    /// The addresses that a Go program would dial if it asked them.
    pub addresses: Vec<IpAddr>,
    /// The one whose answer counts, as an index into `nameservers`.
    #[serde(default)]
    pub decided_by: Option<usize>,
}

/// What one nameserver answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NameserverAnswers {
    /// The nameserver.
    #[schemars(with = "String")]
    pub server: SocketAddr,
    /// The answer to the question for IPv4 addresses.
    pub a: Answer,
    /// The answer to the question for IPv6 addresses.
    pub aaaa: Answer,
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// How it ended.
    pub outcome: DnsOutcome,
    /// The canonical names on the way, in order.
    #[serde(default)]
    pub cnames: Vec<String>,
    /// The addresses at its end.
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
    /// The smallest time to live, in seconds.
    #[serde(default)]
    pub ttl: Option<u32>,
    /// Whether the answer had to be fetched over TCP because it was cut short.
    #[serde(default)]
    pub over_tcp: bool,
    /// How many times the question was sent.
    pub tries: u32,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// How a question to a nameserver ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum DnsOutcome {
    /// Addresses came.
    Answered,
    /// The name does not exist (RCODE 3).
    NxDomain,
    /// The name exists and has no address of this kind.
    NoData,
    /// The nameserver failed (RCODE 2).
    ServFail,
    /// The nameserver refuses to answer (RCODE 5).
    Refused,
    /// Another response code.
    Code {
        /// The number of the response code.
        code: u16,
    },
    /// Nothing came.
    #[serde(rename_all = "camelCase")]
    TimedOut {
        /// How long it was waited for, in milliseconds.
        after_ms: u64,
    },
    /// Nothing listens there.
    PortClosed,
    /// The way to the nameserver is closed.
    Unreachable,
    /// What came cannot be read.
    Malformed,
    /// The question was not sent.
    NotAsked,
    /// An outcome that a newer version knows.
    #[serde(other)]
    Unknown,
}

impl DnsOutcome {
    /// Whether Go's resolver takes it as the end: an answer, or that there is none.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Answered | Self::NxDomain | Self::NoData)
    }
}

/// Whether an address is not routed on the public internet (RFC 1918, 4193, 6598, loopback, link-local).
pub fn is_private(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || {
                let [a, b, ..] = v4.octets();
                a == 100 && (64..128).contains(&b)
            }
        }
        IpAddr::V6(v6) => {
            v6.to_ipv4_mapped().is_some_and(|v4| is_private(&IpAddr::V4(v4)))
                || v6.is_loopback()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
        }
    }
}
