//! The hosts file, as Go's `net/hosts.go` reads it (hosts(5)).

use std::collections::BTreeMap;
use std::net::IpAddr;

/// Names in lower case, without a dot at their end, and their addresses in the file's order.
///
/// An address with a zone keeps its address alone: what is dialled has no zone.
pub(super) fn read(text: &str) -> BTreeMap<String, Vec<IpAddr>> {
    let mut hosts: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut fields = line.split_ascii_whitespace();
        let Some(address) = fields.next().and_then(address) else { continue };
        for name in fields {
            let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
            hosts.entry(name).or_default().push(address);
        }
    }
    hosts
}

fn address(text: &str) -> Option<IpAddr> {
    match text.split_once('%') {
        Some((address, zone)) if !zone.is_empty() => address.parse().ok().filter(IpAddr::is_ipv6),
        _ => text.parse().ok(),
    }
}
