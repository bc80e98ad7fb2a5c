//! How a node resolves names: `/etc/resolv.conf` and `/etc/hosts` as Go reads them, and the nameservers behind a cache on
//! the node, which may be asked by themselves.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::root::HostRoot;
use crate::facts::node::{CacheKind, FileState, LocalCache, LocalDns, NodeFile, NodeResolver};
use crate::foreign::Foreign;
use crate::net::Resolver;
use crate::system;

mod corefile;
mod dnsmasq;
mod local_dns;
#[cfg(test)]
mod tests;

/// The most caches that ask one another.
const MAX_CACHES: usize = 3;
/// The most nameservers of a cache.
const MAX_NAMESERVERS: usize = 8;
/// Where systemd-resolved listens.
const RESOLVED: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(127, 0, 0, 53)), IpAddr::V4(Ipv4Addr::new(127, 0, 0, 54))];
/// Where systemd-resolved writes the nameservers that it asks.
const RESOLVED_FILE: &str = "/run/systemd/resolve/resolv.conf";
/// Where NetworkManager writes those that it asks.
const NETWORK_MANAGER: [&str; 2] =
    ["/run/NetworkManager/no-stub-resolv.conf", "/run/NetworkManager/resolv.conf"];

/// How a node resolves names.
pub struct Read {
    /// What may be shown.
    pub facts: NodeResolver,
    /// The node's own settings.
    pub resolver: Resolver,
    /// What is behind a cache on the node, where there is one and that can be told.
    pub upstream: Option<Upstream>,
}

/// The nameservers behind a cache on the node.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// What the cache is.
    pub kind: CacheKind,
    /// The nameservers that it asks for the target's name.
    pub nameservers: Vec<SocketAddr>,
    /// The file that names them.
    pub source: String,
    /// Names that it answers by itself, as `Resolver::hosts` has them.
    pub hosts: BTreeMap<String, Vec<IpAddr>>,
}

/// Reads how the node resolves `host`; `hostname` is the node's own name, for a search list of its domain.
pub fn read(root: &HostRoot, hostname: &str, host: &str) -> Read {
    let (resolv_conf, settings) = root.noted("/etc/resolv.conf");
    let (hosts, names) = root.noted("/etc/hosts");
    let source = "/etc/resolv.conf".to_owned();
    let resolver =
        system::resolver_of(&settings.unwrap_or_default(), &names.unwrap_or_default(), hostname, source);
    let found = cache(root, &resolver.nameservers, host);
    let facts = NodeResolver {
        resolv_conf,
        hosts,
        nameservers: resolver.nameservers.clone(),
        search: resolver.search.iter().map(|domain| Foreign::new(domain)).collect(),
        ndots: resolver.ndots,
        cache: found.as_ref().map(|found| found.cache.clone()),
        local_dns: found.as_ref().and_then(|found| found.local_dns.clone()),
    };
    let upstream = found.and_then(|found| {
        let LocalCache { kind, nameservers, source, .. } = found.cache;
        let source = source?.as_str().to_owned();
        Some(Upstream { kind, nameservers, source, hosts: found.hosts })
    });
    Read { facts, resolver, upstream }
}

/// A cache on the way, and what it answers by itself.
struct Found {
    cache: LocalCache,
    local_dns: Option<LocalDns>,
    hosts: BTreeMap<String, Vec<IpAddr>>,
}

impl Found {
    fn new(kind: CacheKind) -> Self {
        let cache =
            LocalCache { kind, behind: Vec::new(), nameservers: Vec::new(), source: None, files: Vec::new() };
        Self { cache, local_dns: None, hosts: BTreeMap::new() }
    }

    /// Takes the nameservers of a file, unless there are some; one that is the cache itself is none.
    fn take(&mut self, nameservers: Vec<SocketAddr>, own: SocketAddr, source: &str) {
        let others: Vec<SocketAddr> =
            nameservers.into_iter().filter(|address| *address != own).take(MAX_NAMESERVERS).collect();
        if self.cache.nameservers.is_empty() && !others.is_empty() {
            self.cache.nameservers = others;
            self.cache.source = Some(Foreign::new(source));
        }
    }

    /// The text of a file, which is noted.
    fn text(&mut self, root: &HostRoot, path: &str) -> String {
        let (file, text) = root.noted(path);
        self.cache.files.push(file);
        text.unwrap_or_default()
    }
}

/// The last cache on the way from these nameservers on; `None` when the first of them is none on the node.
fn cache(root: &HostRoot, nameservers: &[SocketAddr], host: &str) -> Option<Found> {
    let mut found: Option<Found> = None;
    let mut asked = nameservers.to_vec();
    for _ in 0..MAX_CACHES {
        let Some(mut next) = asked.first().and_then(|first| behind(root, *first, host)) else { break };
        asked.clone_from(&next.cache.nameservers);
        if let Some(before) = found {
            next.cache.behind = before.cache.behind;
            next.cache.behind.push(before.cache.kind);
            next.cache.files.splice(0..0, before.cache.files);
        }
        found = Some(next);
    }
    found
}

/// What is behind one nameserver that is on the node.
fn behind(root: &HostRoot, nameserver: SocketAddr, host: &str) -> Option<Found> {
    match nameserver.ip() {
        address if local_dns::LISTENERS.contains(&address) => Some(local_dns::read(root, nameserver, host)),
        address if RESOLVED.contains(&address) => {
            let mut found = Found::new(CacheKind::SystemdResolved);
            let text = found.text(root, RESOLVED_FILE);
            found.take(system::nameservers_of(&text), nameserver, RESOLVED_FILE);
            Some(found)
        }
        address if address.is_loopback() => Some(some_cache(root, nameserver, host)),
        _ => None,
    }
}

/// Whatever listens on a loopback address.
fn some_cache(root: &HostRoot, nameserver: SocketAddr, host: &str) -> Found {
    let mut found = Found::new(CacheKind::Unidentified);
    if dnsmasq::read(root, nameserver, host, &mut found) {
        found.cache.kind = CacheKind::Dnsmasq;
    }
    for path in NETWORK_MANAGER {
        if found.cache.nameservers.is_empty()
            && let Ok(text) = root.text(path)
        {
            found.cache.files.push(NodeFile::new(path, FileState::Read));
            found.take(system::nameservers_of(&text), nameserver, path);
            if found.cache.kind == CacheKind::Unidentified && !found.cache.nameservers.is_empty() {
                found.cache.kind = CacheKind::NetworkManager;
            }
        }
    }
    found
}

/// Whether a name is a domain or below it; the empty domain is above all.
fn is_below(name: &str, domain: &str) -> bool {
    let (name, domain) = (name.to_ascii_lowercase(), domain.trim_matches('.').to_ascii_lowercase());
    domain.is_empty()
        || name.strip_suffix(&domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}
