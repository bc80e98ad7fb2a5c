//! `dns`: whether the registry's name resolves, as Go's resolver would have it.

use probes::cloud::acr_host;
use probes::facts::dns::is_private;
use probes::observation::{Answer as DnsAnswer, DnsOutcome, NameserverAnswers, Resolve};
use probes::resolve::nearest_known_suffix;

use super::seen::{list, span};
use super::{Answer, At, Check, EVERYWHERE, View};
use crate::causes::{
    AcrPrivateDnsNoRecord, CauseId, DataEndpointDnsMissing, DnsNxDomain, DnsServerUnreachable, LocalDnsStale,
    LocalDnsUpstreamFailing, WrongRegistryHost,
};
use crate::report::Status;

mod cache;

/// The causes that this check alone speaks of, or for others in its place.
pub(super) const OWN: &[CauseId] = &[
    DnsNxDomain,
    WrongRegistryHost,
    AcrPrivateDnsNoRecord,
    DnsServerUnreachable,
    DataEndpointDnsMissing,
    LocalDnsStale,
    LocalDnsUpstreamFailing,
];

/// The check.
pub const CHECK: Check = Check {
    id: "dns",
    title: "the registry's name resolves",
    explanation: "Every nameserver is asked by itself for IPv4 and IPv6 addresses, without a cache. What counts is what \
        Go's resolver, and so containerd, would take: the hosts file, then the first nameserver that gives a final answer, \
        an address or that there is none. A nameserver that fails while a later one answers is a warning. Where the nameserver \
        is a cache on the node itself (AKS LocalDNS, systemd's stub), those behind it are asked too, and compared.",
    at: EVERYWHERE,
    per_credential: false,
    needs: &[&["reference"]],
    causes: &[OWN, super::tcp::OWN, super::challenge::OWN, super::refusal::COMMON],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    if view.tunnel().is_some() {
        return Some(Answer::new(Status::NotApplicable, "the proxy resolves the name"));
    }
    let resolve = view.resolve()?;
    cache::judge(view, resolve).or_else(|| resolved(resolve))
}

/// The answer whose outcome decided: of the nameserver that Go would believe, the better of its two.
pub(super) fn deciding(resolve: &Resolve) -> Option<&DnsAnswer> {
    let server = resolve.nameservers.get(resolve.decided_by?)?;
    let rank = |answer: &&DnsAnswer| match answer.outcome {
        DnsOutcome::Answered => 0,
        DnsOutcome::NxDomain => 1,
        DnsOutcome::NoData => 2,
        _ => 3,
    };
    let best = [&server.a, &server.aaaa].into_iter().min_by_key(rank)?;
    // That there is no IPv6 address says nothing of the IPv4 ones that nobody answered for.
    let a_is_known = resolve.nameservers.iter().any(|s| s.a.outcome.is_final());
    (best.outcome.is_final() && (best.outcome != DnsOutcome::NoData || a_is_known)).then_some(best)
}

/// What resolving a name says.
pub(super) fn resolved(resolve: &Resolve) -> Option<Answer> {
    let name = &resolve.name;
    if resolve.literal {
        return Some(Answer::pass(format!("{name} is an address")));
    }
    if !resolve.hosts_file.is_empty() {
        return Some(Answer::pass(format!("the hosts file gives {}", list(&resolve.hosts_file))));
    }
    let at = At { host: Some(name.clone()), ..At::default() };
    let evidence = |answer: Answer| {
        resolve.nameservers.iter().fold(answer, |a, server| a.saw(asked(server, name), answered(server)))
    };
    if !resolve.addresses.is_empty() {
        let private = resolve.addresses.iter().filter(|a| is_private(a)).count();
        let kind = match private {
            0 => "public",
            n if n == resolve.addresses.len() => "private",
            _ => "public and private",
        };
        let troubled: Vec<String> = resolve
            .nameservers
            .iter()
            .filter_map(|s| Some(format!("{}: {}", s.server, trouble(s)?)))
            .collect();
        let message = format!("{name} resolves to {} ({kind})", list(&resolve.addresses));
        return Some(evidence(if troubled.is_empty() {
            Answer::pass(message)
        } else {
            Answer::new(Status::Warn, format!("{message}, but {}", troubled.join("; ")))
        }));
    }
    let failed = |message: String| evidence(Answer::fail(message));
    let Some(answer) = deciding(resolve) else {
        let how = list(resolve.nameservers.iter().map(|s| format!("{} ({})", s.server, fault(&s.a.outcome))));
        let nameserver = resolve.nameservers.first().map(|s| s.server.ip().to_string());
        if resolve.nameservers.is_empty() {
            return Some(Answer::new(Status::Unknown, format!("no nameserver is known to ask for {name}")));
        }
        let answer = failed(format!("no nameserver answers for {name}: {how}"));
        // AKS LocalDNS says so of what is behind it, and where that is, is not known here.
        let local = resolve.nameservers.iter().all(|s| cache::is_local_dns(&s.server.ip()));
        let says = resolve.nameservers.iter().any(|s| cache::speaks(&s.a.outcome));
        let answer = match local && says {
            true => answer.allows(&[LocalDnsUpstreamFailing, DnsServerUnreachable]),
            false => answer.confirms(DnsServerUnreachable),
        };
        return Some(answer.at(At { nameserver, ..at }));
    };
    let answer = missing(resolve, answer, failed);
    let instead = answer.at.instead.clone();
    Some(answer.at(At { instead, ..at }))
}

/// The name has no address: which name, and why.
fn missing(resolve: &Resolve, answer: &DnsAnswer, failed: impl Fn(String) -> Answer) -> Answer {
    let name = &resolve.name;
    let what = match answer.outcome {
        DnsOutcome::NxDomain => "does not exist (NXDOMAIN)",
        _ => "exists but has no address (NODATA)",
    };
    let what = format!("{what}{}", disagreement(resolve));
    let private_link = answer.cnames.iter().find(|c| c.trim_end_matches('.').contains(".privatelink."));
    if let Some(alias) = private_link {
        let alias = alias.trim_end_matches('.');
        let cause = match acr_host(name) {
            Some(host) if host.data => DataEndpointDnsMissing,
            _ => AcrPrivateDnsNoRecord,
        };
        return failed(format!(
            "{name} leads to {alias}, which {what} in the private zone that answers here"
        ))
        .confirms(cause);
    }
    if acr_host(name).is_some_and(|host| host.data) {
        return failed(format!("the data endpoint {name} {what}")).confirms(DataEndpointDnsMissing);
    }
    if answer.outcome == DnsOutcome::NxDomain {
        if let Some(sibling) = resolve.siblings.first() {
            let at = At { instead: Some(sibling.clone()), ..At::default() };
            return failed(format!("{name} {what}, but {sibling} does")).confirms(WrongRegistryHost).at(at);
        }
        if let Some(suffix) = nearest_known_suffix(name) {
            return failed(format!("{name} {what}; the name looks like a misspelt {suffix}"))
                .confirms(WrongRegistryHost);
        }
    }
    failed(format!("{name} {what}")).confirms(DnsNxDomain)
}

/// Which nameserver's word counts, and which others have the name all the same.
fn disagreement(resolve: &Resolve) -> String {
    let others: Vec<String> = resolve
        .nameservers
        .iter()
        .filter(|s| [&s.a, &s.aaaa].iter().any(|a| a.outcome == DnsOutcome::Answered))
        .map(|s| s.server.to_string())
        .collect();
    match resolve.decided_by.and_then(|at| resolve.nameservers.get(at)) {
        Some(server) if !others.is_empty() => {
            format!(" by the word of {}, which is asked first; {} has it", server.server, others.join(", "))
        }
        _ => String::new(),
    }
}

fn asked(server: &NameserverAnswers, name: &str) -> String {
    format!("ask {} for {name}", server.server)
}

fn answered(server: &NameserverAnswers) -> String {
    let one = |answer: &DnsAnswer| {
        let chain: String =
            answer.cnames.iter().map(|c| format!("{} -> ", c.trim_end_matches('.'))).collect();
        let end = match answer.outcome {
            DnsOutcome::Answered => list(&answer.addresses),
            ref other => fault(other),
        };
        format!("{chain}{end}")
    };
    format!("A {}; AAAA {}", one(&server.a), one(&server.aaaa))
}

/// A nameserver's trouble, where it gave no final answer to a question.
fn trouble(server: &NameserverAnswers) -> Option<String> {
    [("A", &server.a), ("AAAA", &server.aaaa)]
        .into_iter()
        .filter(|(_, answer)| !answer.outcome.is_final() && answer.outcome != DnsOutcome::NotAsked)
        .map(|(kind, answer)| format!("{} for {kind}", fault(&answer.outcome)))
        .next()
}

/// How a question ended, in words that stand after the nameserver or the kind of address.
fn fault(outcome: &DnsOutcome) -> String {
    match outcome {
        DnsOutcome::Answered => "answered".to_owned(),
        DnsOutcome::NxDomain => "NXDOMAIN".to_owned(),
        DnsOutcome::NoData => "NODATA".to_owned(),
        DnsOutcome::ServFail => "SERVFAIL".to_owned(),
        DnsOutcome::Refused => "REFUSED".to_owned(),
        DnsOutcome::Code { code: 0 } => "referral without an answer".to_owned(),
        DnsOutcome::Code { code: 1 } => "FORMERR".to_owned(),
        DnsOutcome::Code { code: 4 } => "NOTIMP".to_owned(),
        DnsOutcome::Code { code: 9 } => "NOTAUTH".to_owned(),
        DnsOutcome::Code { code } => format!("response code {code}"),
        DnsOutcome::TimedOut { after_ms } => format!("silent for {}", span(*after_ms)),
        DnsOutcome::PortClosed => "port closed".to_owned(),
        DnsOutcome::Unreachable => "no route to it".to_owned(),
        DnsOutcome::Malformed => "unreadable answer".to_owned(),
        DnsOutcome::NotAsked => "not asked".to_owned(),
        DnsOutcome::Unknown => "an outcome that this version does not know".to_owned(),
    }
}
