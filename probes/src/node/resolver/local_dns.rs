//! AKS' LocalDNS, a CoreDNS on the node (AgentBaker's `localdns.sh`): it listens on two link-local addresses, and at its
//! start notes the VNet's nameservers in a file of their own and in its corefile.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::corefile::{self, Block};
use super::{Found, is_below};
use crate::facts::node::{CacheKind, LocalDns};
use crate::foreign::Foreign;
use crate::node::root::HostRoot;
use crate::system;

/// Where it listens: for the node and for its pods.
pub(super) const LISTENERS: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(169, 254, 10, 10)), IpAddr::V4(Ipv4Addr::new(169, 254, 10, 11))];
/// The corefile that it runs with, and the one that it is made from.
const COREFILES: [&str; 2] = [
    "/opt/azure/containers/localdns/updated.localdns.corefile",
    "/opt/azure/containers/localdns/localdns.corefile",
];
/// The VNet's nameservers.
const UPSTREAM: &str = "/etc/localdns/upstream-dns";
/// Names that it may answer by itself.
const HOSTS: &str = "/etc/localdns/hosts";
const PORT: u16 = 53;

/// What is behind LocalDNS for a name.
pub(super) fn read(root: &HostRoot, listener: SocketAddr, host: &str) -> Found {
    let mut found = Found::new(CacheKind::LocalDns);
    let mut block = None;
    let mut was_read = false;
    for path in COREFILES {
        let text = found.text(root, path);
        was_read = !text.is_empty();
        if was_read {
            block = corefile::parse(&text)
                .into_iter()
                .filter(|block| is_for(block, listener, host))
                .max_by_key(zone_length(host));
            let forwards = block.as_ref().map(|block| nameservers(root, block)).unwrap_or_default();
            found.take(forwards, listener, path);
            break;
        }
    }
    let upstream = found.text(root, UPSTREAM);
    let upstream_dns: Vec<SocketAddr> = upstream.split_whitespace().filter_map(address).collect();
    found.take(upstream_dns.clone(), listener, UPSTREAM);
    // Without a corefile it cannot be told whether the names count; they are a fact all the same.
    let hosts_file = match &block {
        Some(block) => block.hosts.as_deref(),
        None if !was_read => Some(HOSTS),
        None => None,
    };
    let hosts = hosts_file.map(|path| root.noted(path));
    let names =
        hosts.as_ref().and_then(|(_, text)| text.as_deref()).map(system::hosts_of).unwrap_or_default();
    found.local_dns = Some(LocalDns {
        zone: block.as_ref().and_then(|block| zone(block, host)).map(Foreign::new),
        upstream_dns,
        hosts: hosts.map(|(file, _)| file),
        names: names.len(),
        addresses: names.get(&host.to_ascii_lowercase()).cloned().unwrap_or_default(),
    });
    found.hosts = names;
    found
}

/// Whether a block answers such a question.
fn is_for(block: &Block, listener: SocketAddr, host: &str) -> bool {
    let listens = |bind: &String| bind.parse() == Ok(listener.ip());
    (block.binds.is_empty() || block.binds.iter().any(listens)) && zone(block, host).is_some()
}

/// The longest zone of a block that a name is in.
fn zone<'a>(block: &'a Block, host: &str) -> Option<&'a str> {
    let zones = block.zones.iter().map(String::as_str);
    zones.filter(|zone| is_below(host, zone)).max_by_key(|zone| zone.trim_matches('.').len())
}

fn zone_length(host: &str) -> impl Fn(&Block) -> usize {
    move |block| zone(block, host).map_or(0, |zone| zone.trim_matches('.').len())
}

/// The nameservers that a block forwards to; a file stands for those in it.
fn nameservers(root: &HostRoot, block: &Block) -> Vec<SocketAddr> {
    let mut found = Vec::new();
    for to in &block.forwards {
        match to.starts_with('/') {
            true => found.extend(system::nameservers_of(&root.text(to).unwrap_or_default())),
            false => found.extend(address(to)),
        }
    }
    found
}

/// A nameserver's address, perhaps with a scheme and a port.
fn address(text: &str) -> Option<SocketAddr> {
    let bare = text.split_once("://").map_or(text, |(_, bare)| bare);
    bare.parse().ok().or_else(|| bare.parse().ok().map(|address| SocketAddr::new(address, PORT)))
}
