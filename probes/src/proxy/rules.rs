//! `NO_PROXY`, read as Go's `httpproxy` reads it.

use std::net::IpAddr;

/// What goes direct although a proxy is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exempt {
    entries: Vec<String>,
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Everything,
    Network {
        address: IpAddr,
        bits: u8,
    },
    Address {
        address: IpAddr,
        port: Option<String>,
    },
    /// `suffix` begins with a dot; `itself` when the name without it is meant, too.
    Name {
        suffix: String,
        itself: bool,
        port: Option<String>,
    },
}

impl Exempt {
    /// Reads the variable's value; entries that mean nothing are passed over.
    pub fn read(text: &str) -> Self {
        let entries: Vec<String> = text
            .split(',')
            .map(|entry| entry.trim().to_ascii_lowercase())
            .filter(|entry| !entry.is_empty())
            .collect();
        let rules: Vec<Rule> = entries.iter().filter_map(|entry| rule(entry)).collect();
        Self { entries, rules }
    }

    /// The entries as they were read.
    pub fn entries(&self) -> &[String] {
        &self.entries
    }

    /// Whether a host at a port goes direct.
    pub fn exempts(&self, host: &str, port: u16) -> bool {
        let host = host.trim().to_ascii_lowercase();
        if super::is_own(&host) {
            return true;
        }
        let address: Option<IpAddr> = host.parse().ok();
        let port = port.to_string();
        let at = |wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| *wanted == port);
        self.rules.iter().any(|rule| match rule {
            Rule::Everything => true,
            Rule::Network { address: network, bits } => {
                address.is_some_and(|address| is_within(address, *network, *bits))
            }
            Rule::Address { address: known, port } => address == Some(*known) && at(port),
            Rule::Name { suffix, itself, port } => {
                (host.ends_with(suffix.as_str()) || (*itself && suffix.strip_prefix('.') == Some(&host)))
                    && at(port)
            }
        })
    }
}

fn rule(entry: &str) -> Option<Rule> {
    if entry == "*" {
        return Some(Rule::Everything);
    }
    if let Some(network) = network(entry) {
        return Some(network);
    }
    let (host, port) = match split_port(entry) {
        Some((host, port)) => (host, Some(port.to_owned())),
        None => (entry, None),
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if host.is_empty() {
        return None;
    }
    if let Ok(address) = host.parse() {
        return Some(Rule::Address { address, port });
    }
    let host = host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(host);
    Some(match host.starts_with('.') {
        true => Rule::Name { suffix: host.to_owned(), itself: false, port },
        false => Rule::Name { suffix: format!(".{host}"), itself: true, port },
    })
}

fn network(entry: &str) -> Option<Rule> {
    let (address, bits) = entry.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let bits: u8 = bits.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some(Rule::Network { address, bits })
}

/// Host and port as Go's `net.SplitHostPort` takes them apart: an IPv6 address has brackets when a port follows.
fn split_port(entry: &str) -> Option<(&str, &str)> {
    let (host, port) = entry.rsplit_once(':')?;
    let bracketed = host.starts_with('[') && host.ends_with(']');
    (bracketed || !host.contains(':')).then_some((host, port))
}

fn is_within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let shifted = |value: u128, width: u32| value.checked_shr(width - u32::from(bits)).unwrap_or(0);
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            shifted(u32::from(address).into(), 32) == shifted(u32::from(network).into(), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            shifted(u128::from(address), 128) == shifted(u128::from(network), 128)
        }
        _ => false,
    }
}
