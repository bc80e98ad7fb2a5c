//! No answer: names, connections, TLS and proxies, in the words of Go's libraries.

pub(super) mod proxy;
mod tls;

use std::net::IpAddr;

use probes::cloud::Family;
use probes::facts::dns::is_private;
use probes::resolve::nearest_known_suffix;

use super::candidates::{Facts, Role, dialled};
use super::said::{Dialect, Phase};
use crate::causes::{
    AcrPrivateDnsNoRecord, AcrPrivateDnsWrongRecord, BlobEndpointBlocked, CauseId, ConnectionReset,
    ContainerRuntimeDown, DataEndpointDnsMissing, DnsNxDomain, DnsServerUnreachable, FirewallFqdnBlocked,
    ImplicitDockerHub, LocalDnsStale, LocalDnsUpstreamFailing, NoIpv4Route, NoIpv6Route,
    PrivateEndpointUnreachable, PullDeadlineExceeded, PullProgressTimeout, RedirectTargetBlocked,
    RegistryOutage, RegistryServerError, TcpRefused, TcpTimeout, TlsLargeHelloDropped, WrongRegistryHost,
};

/// Where AKS' own cache of names listens on a node.
const LOCAL_DNS: [&str; 2] = ["169.254.10.10", "169.254.10.11"];

/// The causes, if it is about a request that got no answer.
pub(super) fn causes(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    proxy::causes(facts)
        .or_else(|| names(facts))
        .or_else(|| tls::certificate(facts))
        .or_else(|| tls::handshake(facts))
        .or_else(|| tcp(facts))
        .or_else(|| waited(facts))
        .or_else(|| dialled_only(facts))
}

/// A connection that was not made, where it was cut off before it says how.
fn dialled_only(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    dialled(facts.text).map(|_| facts.unreached(&[TcpTimeout, TcpRefused]))
}

/// Go's `net.DNSError`, of its own resolver and of the system's.
fn names(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    const MISSING: &[&str] = &[
        "no such host",
        "name or service not known",
        "nodename nor servname provided",
        "no address associated with hostname",
        "no data of requested type",
    ];
    let (_, asked) = facts.text.split_once("lookup ")?;
    let name = asked.split(|c: char| c.is_whitespace() || c == ':').next().unwrap_or(asked);
    let local = LOCAL_DNS.iter().any(|server| asked.contains(server));
    // What was cut off within these words means them all the same.
    let how = asked.rsplit(": ").next().unwrap_or_default().trim().trim_end_matches(['…', '.']);
    let cut = how.len() > 1 && MISSING.iter().any(|words| words.starts_with(how));
    if cut || facts.says_any(MISSING) {
        return Some(missing(facts, name, local));
    }
    // Whatever else came of it was no answer: a server that is silent, refuses, fails, or says nothing that can be read.
    let failed = asked.split_once(": ").is_some_and(|(_, how)| !how.trim().is_empty());
    Some(match (failed, local) {
        (true, true) => vec![LocalDnsUpstreamFailing, DnsServerUnreachable],
        (true, false) => vec![DnsServerUnreachable],
        // Cut off before it says how.
        (false, _) => vec![DnsNxDomain, DnsServerUnreachable],
    })
}

fn missing(facts: &Facts<'_>, name: &str, local: bool) -> Vec<CauseId> {
    let misspelt = nearest_known_suffix(name).is_some();
    let mut causes = match facts.role {
        Role::AzureData => return vec![DataEndpointDnsMissing, BlobEndpointBlocked],
        Role::Registry if misspelt => vec![WrongRegistryHost, DnsNxDomain],
        Role::Registry if facts.is_implied_hub() => vec![ImplicitDockerHub, DnsNxDomain],
        Role::Registry if facts.family == Family::Acr => {
            vec![DnsNxDomain, AcrPrivateDnsNoRecord, WrongRegistryHost]
        }
        Role::Registry => vec![DnsNxDomain],
        _ => facts.unreached(&[]),
    };
    if local {
        causes.push(LocalDnsStale);
    }
    causes
}

fn tcp(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    let silent = [
        "i/o timeout",
        "connection timed out",
        "operation timed out",
        "did not properly respond after a period of time",
        "host is down",
    ];
    let is_dial = facts.says("dial tcp") || facts.says("dial ");
    let address = dialled(facts.text);
    let v6 = address.is_some_and(|address| address.is_ipv6());
    let private = facts.family == Family::Acr && address.is_some_and(|address| is_private(&address));
    let silence = || match address {
        Some(IpAddr::V6(_)) => vec![NoIpv6Route, TcpTimeout],
        _ if private => vec![PrivateEndpointUnreachable, AcrPrivateDnsWrongRecord],
        _ => vec![TcpTimeout],
    };
    let request_cut = [ConnectionReset, FirewallFqdnBlocked];
    // Go says the same of a reset within the handshake.
    let reset = [ConnectionReset, FirewallFqdnBlocked, TlsLargeHelloDropped];
    if facts.says_any(&["connection refused", "actively refused it"]) && !facts.says(".sock") {
        // A private endpoint listens: what refuses at a private address is not it, or stands before it.
        let both = [TcpRefused, AcrPrivateDnsWrongRecord];
        Some(facts.unreached(if private { &both } else { &both[..1] }))
    } else if is_dial
        && facts.says_any(&["network is unreachable", "unreachable network", "unreachable host"])
    {
        Some(facts.unreached(&[if v6 { NoIpv6Route } else { NoIpv4Route }]))
    } else if is_dial && facts.says_any(&["cannot assign requested address", "address family not supported"])
    {
        Some(if v6 { vec![NoIpv6Route] } else { facts.unreached(&[NoIpv4Route, TcpTimeout]) })
    } else if facts.says("no route to host") {
        Some(match () {
            () if v6 => facts.unreached(&[NoIpv6Route]),
            () if private => facts.unreached(&silence()),
            () => facts.unreached(&[TcpTimeout, NoIpv4Route]),
        })
    } else if is_dial && facts.says_any(&silent) {
        Some(facts.unreached(&silence()))
    } else if is_dial && facts.says_any(&["operation not permitted", "permission denied"]) {
        Some(facts.unreached(&[TcpTimeout, TcpRefused]))
    } else if facts.says_any(&["read tcp", "write tcp"]) && facts.says_any(&silent) {
        Some(vec![PullProgressTimeout, ConnectionReset])
    } else if facts.says_any(&[
        "reset by peer",
        "forcibly closed",
        "broken pipe",
        "use of closed network connection",
    ]) {
        Some(match facts.form.failure.is_empty() {
            true => vec![ConnectionReset],
            false if facts.says("read tcp") => facts.unreached(&reset),
            false => facts.unreached(&request_cut),
        })
    } else if facts.says_any(&[
        "stream error:",
        "server sent goaway",
        "client connection lost",
        "server closed idle",
    ]) {
        Some(facts.unreached(&[ConnectionReset]))
    } else if is_end(facts.form.failure) {
        // A public service that ends a connection is down, or was not what was reached.
        let public = [FirewallFqdnBlocked, ConnectionReset, RegistryOutage];
        // At an address that a private zone still names, somebody else may listen.
        let azures = [ConnectionReset, FirewallFqdnBlocked, AcrPrivateDnsWrongRecord];
        Some(facts.unreached(match facts.family {
            Family::Acr => &azures,
            Family::Other => &request_cut,
            _ => &public,
        }))
    } else if facts.text.trim() == "eof" && matches!(facts.form.phase, Phase::Config | Phase::Layer) {
        // Docker does not say whom it asked: mostly the host that the registry sent it to.
        let other = if facts.family == Family::Acr { BlobEndpointBlocked } else { RedirectTargetBlocked };
        Some(vec![ConnectionReset, other])
    } else {
        None
    }
}

fn is_end(failure: &str) -> bool {
    let failure = failure.trim().trim_end_matches(']');
    matches!(failure, "EOF" | "unexpected EOF")
        || failure.ends_with(": EOF")
        || failure.ends_with(": unexpected EOF")
}

/// Time that ran out.
fn waited(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    let url = facts.form.url;
    let ran_out = facts.says("context deadline exceeded") || facts.form.code == Some("DeadlineExceeded");
    if facts.form.phase == Phase::Inspect && ran_out {
        // Nobody was asked but the runtime.
        Some(vec![ContainerRuntimeDown])
    } else if facts.says("awaiting response headers") {
        let fetches = facts.form.phase > Phase::Manifest;
        Some(match facts.role {
            Role::Registry if fetches => vec![PullProgressTimeout],
            Role::AzureData | Role::Redirect => vec![PullProgressTimeout],
            _ => facts.unreached(&[RegistryServerError]),
        })
    } else if facts.says("while reading body") {
        // The answer had begun.
        Some(vec![PullProgressTimeout])
    } else if facts.says_any(&["client.timeout exceeded", "request canceled while waiting for connection"]) {
        Some(facts.unreached(&[TcpTimeout, DnsServerUnreachable]))
    } else if ran_out {
        Some(match url {
            // Where nothing but the registry's base was asked for, the name is what took the time.
            Some(url) if url.ends_with("/v2/") => facts.unreached(&[DnsServerUnreachable, TcpTimeout]),
            Some(_) => {
                let mut causes = vec![PullDeadlineExceeded];
                causes.extend(facts.unreached(&[TcpTimeout]));
                causes
            }
            // Not a word of the runtime's: it may not have answered at all.
            None if facts.message.dialect == Dialect::Unknown => {
                vec![PullDeadlineExceeded, ContainerRuntimeDown]
            }
            None => vec![PullDeadlineExceeded],
        })
    } else if facts.says("context canceled") || facts.form.code == Some("Canceled") {
        // containerd gives up what does not move, kubelet what takes too long.
        Some(match facts.role {
            // A mirror that never answered is what did not move.
            Role::Mirror | Role::Streaming => facts.unreached(&[]),
            _ => vec![PullProgressTimeout, PullDeadlineExceeded],
        })
    } else {
        None
    }
}
