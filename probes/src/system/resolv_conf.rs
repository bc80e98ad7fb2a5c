//! `resolv.conf`, as Go's `net/dnsconfig_unix.go` reads it (resolv.conf(5)).
//!
//! Not read: `timeout` and `attempts`, because `--step-timeout` bounds the looking and two tries are Go's default;
//! `rotate`, `use-vc` and `single-request`, because every nameserver is asked by itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use crate::net::Resolver;

/// The most nameservers that count, in Go as in glibc.
const MAX_NAMESERVERS: usize = 3;
const PORT: u16 = 53;

/// Reads the settings; `interface` gives the number of a network interface for a nameserver's zone.
pub(super) fn read(text: &str, hostname: &str, interface: &dyn Fn(&str) -> Option<u32>) -> Resolver {
    let mut resolver = Resolver { ndots: 1, ..Resolver::default() };
    resolver.nameservers = nameservers(text, interface);
    resolver.nameservers.truncate(MAX_NAMESERVERS);
    for fields in lines(text) {
        match fields.as_slice() {
            ["domain", domain, ..] => resolver.search = domains(&[domain]),
            ["search", list @ ..] => resolver.search = domains(list),
            ["options", options @ ..] => {
                for dots in options.iter().filter_map(|option| option.strip_prefix("ndots:")) {
                    resolver.ndots = number(dots);
                }
            }
            _ => {}
        }
    }
    if resolver.nameservers.is_empty() {
        resolver.nameservers = vec![(Ipv4Addr::LOCALHOST, PORT).into(), (Ipv6Addr::LOCALHOST, PORT).into()];
    }
    if resolver.search.is_empty() {
        let domain = hostname.split_once('.').map(|(_, domain)| domain).unwrap_or_default();
        resolver.search = domains(&[domain]);
    }
    resolver
}

/// All nameservers, in order.
pub(super) fn nameservers(text: &str, interface: &dyn Fn(&str) -> Option<u32>) -> Vec<SocketAddr> {
    let addresses = lines(text).filter_map(|fields| match fields.as_slice() {
        ["nameserver", address, ..] => nameserver(address, interface),
        _ => None,
    });
    addresses.collect()
}

/// The fields of every line that is no comment.
fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = text.lines().filter(|line| !line.starts_with([';', '#']));
    lines.map(|line| line.split_ascii_whitespace().collect())
}

/// The leading digits, from 0 to 15, as Go's `dtoi` reads them.
fn number(text: &str) -> usize {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    match text.get(..digits).unwrap_or_default() {
        "" => 0,
        digits => digits.parse().unwrap_or(15).min(15),
    }
}

fn domains(list: &[&str]) -> Vec<String> {
    list.iter()
        .map(|domain| domain.strip_suffix('.').unwrap_or(domain))
        .filter(|d| !d.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A nameserver's address; with a zone it is reached through that interface (RFC 4007).
fn nameserver(text: &str, interface: &dyn Fn(&str) -> Option<u32>) -> Option<SocketAddr> {
    let Some((address, zone)) = text.split_once('%') else {
        return text.parse().ok().map(|address: IpAddr| SocketAddr::new(address, PORT));
    };
    let address: Ipv6Addr = address.parse().ok()?;
    if zone.is_empty() {
        return None;
    }
    // An interface that is not there leaves the address without a zone: asking it then shows that it is unreachable.
    let scope = zone.parse().ok().or_else(|| interface(zone)).unwrap_or(0);
    Some(SocketAddrV6::new(address, PORT, 0, scope).into())
}
