//! Resolving a name as Go's resolver does, with every nameserver asked by itself so that each one's answer is seen.
//!
//! Read in this order: [`resolve`] (the whole), `names` (which names are tried), `ask` (one question to one
//! nameserver), `message` (what is sent and read), `decide` (which answer Go takes), `misspelt` (what a name that
//! does not exist may have been meant to be).
//!
//! Sources: RFC 1035, 2308, 6891, 7766; Go's `net/dnsclient_unix.go` and `net/dnsconfig_unix.go`.
//!
//! *Invariant:* nothing here says what an answer means for the pull. `--connect-to` does not apply to nameservers,
//! as it does not in curl, unless one names the nameserver's own address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cloud::{ACR_SUFFIXES, acr_host};
use crate::facts::dns::{Answer, DnsOutcome, NameserverAnswers, Resolve, Upstream};
use crate::net::{Net, Patience, Resolver, Routes};

mod ask;
mod decide;
mod message;
#[cfg(any(test, fuzzing))]
pub(crate) use message::Question;
mod misspelt;
mod names;
#[cfg(test)]
mod responder;
#[cfg(test)]
mod tests;

pub use misspelt::nearest_known_suffix;

/// The most nameservers that are asked. Go reads three from a file; `--resolver` may name more.
const MAX_NAMESERVERS: usize = 8;
/// The most addresses that are kept of a name.
pub(crate) const MAX_ADDRESSES: usize = 16;
/// The most other names that are looked up for a name that does not exist.
const MAX_SIBLINGS: usize = 6;
/// The longest that looking for those may take.
const SIBLING_PATIENCE: Duration = Duration::from_secs(2);

/// Resolves `name` (a host without port; an address is taken as it is) and reports what every nameserver said.
///
/// Never fails and never takes longer than one step of `net.patience`: what could not be had is an outcome.
pub async fn resolve(net: &Net, name: &str) -> Resolve {
    resolve_with(&net.resolver, &net.routes, &net.patience, name).await
}

/// The addresses of names that are this machine whatever a nameserver says (RFC 6761 section 6.3).
fn this_machine(name: &str) -> Option<Vec<IpAddr>> {
    let own = name == "localhost" || name.ends_with(".localhost");
    own.then(|| vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()])
}

async fn resolve_with(resolver: &Resolver, routes: &Routes, patience: &Patience, name: &str) -> Resolve {
    let mut seen = Resolve {
        name: name.to_owned(),
        literal: false,
        hosts_file: Vec::new(),
        source: resolver.source.clone(),
        nameservers: Vec::new(),
        addresses: Vec::new(),
        decided_by: None,
        siblings: Vec::new(),
        upstream: None,
    };
    if let Some(address) = literal(name) {
        seen.literal = true;
        seen.addresses = vec![address];
        return seen;
    }
    let key = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let own = || this_machine(&key);
    let addresses = resolver.hosts.get(&key).filter(|addresses| !addresses.is_empty()).cloned().or_else(own);
    if let Some(addresses) = addresses {
        seen.addresses = decide::dialled(addresses.iter().copied());
        seen.hosts_file = addresses;
        return seen;
    }

    let servers: Vec<SocketAddr> = resolver.nameservers.iter().copied().take(MAX_NAMESERVERS).collect();
    seen.nameservers = servers.iter().map(|server| nothing_asked(*server)).collect();
    let step = patience.for_step();
    let end = Instant::now() + step;
    // A fifth is kept for the siblings: a nameserver that is silent must not take their time.
    let asking_ends = end - step / 5;
    let (_, upstream) = tokio::join!(
        ask_in_turn(resolver, routes, &servers, asking_ends, &mut seen),
        ask_upstream(resolver, routes, name, asking_ends)
    );
    seen.upstream = upstream;

    let decided = decide::decide(&seen.nameservers);
    seen.decided_by = decided.by;
    seen.addresses = decided.addresses;
    if seen.addresses.is_empty()
        && let Some(answers) = decided.by.and_then(|by| seen.nameservers.get(by))
        && (answers.a.outcome == DnsOutcome::NxDomain || answers.aaaa.outcome == DnsOutcome::NxDomain)
    {
        let budget = SIBLING_PATIENCE.min(end.saturating_duration_since(Instant::now()));
        let server = routes.nameserver(answers.server);
        seen.siblings = existing(siblings_of(&key), server, budget).await;
    }
    seen
}

/// An address as it may stand in a reference: IPv6 in brackets or without.
fn literal(name: &str) -> Option<IpAddr> {
    name.strip_prefix('[').and_then(|n| n.strip_suffix(']')).unwrap_or(name).parse().ok()
}

/// Tries the names of the search list until one has addresses or one's existence stays open, and leaves the answers
/// for the one that says most: the one with addresses, else the name as it was given, as Go prefers its error.
async fn ask_in_turn(
    resolver: &Resolver,
    routes: &Routes,
    servers: &[SocketAddr],
    end: Instant,
    seen: &mut Resolve,
) {
    let mut shows_given = false;
    for candidate in names::names(&seen.name, &resolver.search, resolver.ndots) {
        let budget = end.saturating_duration_since(Instant::now());
        if budget.is_zero() {
            return;
        }
        let answers = ask_all(routes, servers, &candidate.name, budget).await;
        let decided = decide::decide(&answers);
        let found = !decided.addresses.is_empty();
        if found || !shows_given {
            shows_given = candidate.as_given;
            seen.nameservers = answers;
        }
        if found || !decided.does_not_exist {
            return;
        }
    }
}

/// Asks those behind a cache on the machine itself for the name as it was given.
async fn ask_upstream(resolver: &Resolver, routes: &Routes, name: &str, end: Instant) -> Option<Upstream> {
    let behind = resolver.upstream.as_ref().filter(|behind| !behind.nameservers.is_empty())?;
    let servers: Vec<SocketAddr> = behind.nameservers.iter().copied().take(MAX_NAMESERVERS).collect();
    let name = names::rooted(name)?;
    let nameservers = ask_all(routes, &servers, &name, end.saturating_duration_since(Instant::now())).await;
    let decided = decide::decide(&nameservers);
    let (addresses, decided_by) = (decided.addresses, decided.by);
    Some(Upstream { source: behind.source.clone(), nameservers, addresses, decided_by })
}

/// Asks every nameserver for both kinds of addresses, all at once.
async fn ask_all(
    routes: &Routes,
    servers: &[SocketAddr],
    name: &Name,
    budget: Duration,
) -> Vec<NameserverAnswers> {
    let mut under_way = JoinSet::new();
    for (index, server) in servers.iter().copied().enumerate() {
        let (name, asked) = (name.clone(), routes.nameserver(server));
        under_way.spawn(async move {
            let (a, aaaa) = tokio::join!(
                ask::ask(asked, &name, RecordType::A, budget),
                ask::ask(asked, &name, RecordType::AAAA, budget)
            );
            (index, NameserverAnswers { server, a, aaaa })
        });
    }
    let mut answers: Vec<_> = servers.iter().map(|server| nothing_asked(*server)).collect();
    while let Some(finished) = under_way.join_next().await {
        if let Ok((index, answer)) = finished
            && let Some(slot) = answers.get_mut(index)
        {
            *slot = answer;
        }
    }
    answers
}

fn nothing_asked(server: SocketAddr) -> NameserverAnswers {
    NameserverAnswers { server, a: unasked(), aaaa: unasked() }
}

fn unasked() -> Answer {
    Answer {
        outcome: DnsOutcome::NotAsked,
        cnames: Vec::new(),
        addresses: Vec::new(),
        ttl: None,
        over_tcp: false,
        tries: 0,
        elapsed_ms: 0,
    }
}

/// The names that a host that does not exist may have been meant to be, likeliest first: with the suffix corrected,
/// and with the other clouds' suffixes of Azure Container Registry.
fn siblings_of(host: &str) -> Vec<String> {
    let corrected = misspelt::corrected(host);
    let mut names: Vec<String> = corrected.iter().cloned().collect();
    let acr = corrected.as_deref().unwrap_or(host);
    // Only plain login servers: a data or regional endpoint of another cloud has another region in its name.
    if let Some(registry) = acr_host(acr)
        && acr == format!("{}{}", registry.label, registry.suffix)
    {
        let others = ACR_SUFFIXES.iter().map(|suffix| format!("{}{suffix}", registry.label));
        names.extend(others.filter(|other| other != acr && other != host));
    }
    names.truncate(MAX_SIBLINGS);
    names
}

/// Those of `names` that have an IPv4 address at `server`, in the order given.
async fn existing(names: Vec<String>, server: SocketAddr, budget: Duration) -> Vec<String> {
    let mut under_way = JoinSet::new();
    for (index, text) in names.iter().enumerate() {
        if let Some(name) = names::rooted(text) {
            under_way.spawn(async move { (index, ask::ask(server, &name, RecordType::A, budget).await) });
        }
    }
    let mut found = vec![false; names.len()];
    while let Some(finished) = under_way.join_next().await {
        if let Ok((index, answer)) = finished
            && let Some(slot) = found.get_mut(index)
        {
            *slot = answer.outcome == DnsOutcome::Answered;
        }
    }
    names.into_iter().zip(found).filter_map(|(name, found)| found.then_some(name)).collect()
}
