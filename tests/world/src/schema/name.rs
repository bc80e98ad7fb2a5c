//! Names and nameservers.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Deserialize;

/// What is known of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Name {
    /// IPv4 addresses.
    pub a: Option<Vec<Ipv4Addr>>,
    /// IPv6 addresses.
    pub aaaa: Option<Vec<Ipv6Addr>>,
    /// The aliases between the name and its addresses, in order.
    pub cname: Option<Vec<String>>,
    /// What goes wrong, whatever is asked.
    pub fault: Option<NameFault>,
    /// What goes wrong with a question for A; beats `fault`.
    pub fault_a: Option<NameFault>,
    /// What goes wrong with a question for AAAA; beats `fault`.
    pub fault_aaaa: Option<NameFault>,
    /// The answer comes this much later.
    pub delay_ms: u64,
}

/// What goes wrong with a name. With `cname` the first two come at the end of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameFault {
    /// No fault; undoes one that the name has at the other nameservers.
    None,
    /// The name does not exist.
    Nxdomain,
    /// The name exists and has no such record.
    Nodata,
    /// The server failed.
    Servfail,
    /// The server refuses.
    Refused,
    /// No answer, by UDP or TCP.
    Silent,
    /// No answer by UDP, the right one by TCP.
    SilentUdp,
    /// UDP says truncated; TCP answers.
    Truncated,
    /// UDP says truncated; TCP is silent.
    TruncatedTcpSilent,
}

/// One nameserver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Nameserver {
    /// The address by which a node's files name it (port 53); absent: it is named by a flag.
    pub address: Option<IpAddr>,
    /// What is wrong with the server as a whole.
    pub fault: Option<ServerFault>,
    /// Every answer comes this much later.
    pub delay_ms: u64,
    /// Names that this server sees differently; a field that is absent here is as everywhere.
    #[serde(rename = "name")]
    pub names: BTreeMap<String, Name>,
}

/// What is wrong with a nameserver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerFault {
    /// Never answers.
    Silent,
    /// Nothing listens on its port.
    Closed,
    /// SERVFAIL to everything.
    Servfail,
    /// REFUSED to everything.
    Refused,
    /// NXDOMAIN to everything: a server of another network.
    Nxdomain,
}
