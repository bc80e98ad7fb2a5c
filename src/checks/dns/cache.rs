//! What a cache on the node itself says, beside those that it asks in its turn.

use std::net::IpAddr;

use probes::facts::dns::is_private;
use probes::observation::{DialOutcome, DnsOutcome, Fact, Resolve};

use super::super::seen::list;
use super::super::{Answer, At, View};
use super::{answered, asked, deciding};
use crate::causes::{CauseId, DnsServerUnreachable, LocalDnsStale, LocalDnsUpstreamFailing};
use crate::report::Status;

/// The answer where the two differ; `None` where they agree or there is nobody behind.
pub(super) fn judge(view: &View<'_>, resolve: &Resolve) -> Option<Answer> {
    let behind = resolve.upstream.as_ref()?;
    if !resolve.hosts_file.is_empty() {
        return None;
    }
    let name = &resolve.name;
    let server = resolve.nameservers.first()?;
    let at = At {
        host: Some(name.clone()),
        nameserver: Some(server.server.ip().to_string()),
        file: Some(behind.source.clone()),
        ..At::default()
    };
    let all = |answer: Answer| {
        let both = resolve.nameservers.iter().chain(&behind.nameservers);
        both.fold(answer, |a, server| a.saw(asked(server, name), answered(server))).at(at.clone())
    };
    let cache = format!("the node's cache {}", server.server);
    let known = deciding(resolve).is_some();
    let ended = behind.nameservers.iter().any(|s| s.a.outcome.is_final() || s.aaaa.outcome.is_final());
    if !known {
        let answer = Answer::fail(match ended {
            true => format!("{cache} has no answer for {name}, and those behind it have"),
            false => format!("{cache} has no answer for {name}, and none of those behind it answers"),
        });
        return Some(all(match (ended, speaks(&server.a.outcome)) {
            (false, true) => answer.confirms(LocalDnsUpstreamFailing),
            (false, false) => answer.allows(&[LocalDnsUpstreamFailing, DnsServerUnreachable]),
            (true, true) => answer.allows(&[LocalDnsUpstreamFailing, DnsServerUnreachable]),
            (true, false) => answer.confirms(DnsServerUnreachable),
        }));
    }
    if !ended {
        // A cache that still answers is all that a pull needs.
        let answer = super::resolved(resolve)?;
        let message = format!("{}, and none of those behind the cache answers", answer.message);
        let status = if answer.status == Status::Pass { Status::Warn } else { answer.status };
        return Some(Answer { status, message, ..answer }.allows(&[LocalDnsUpstreamFailing]));
    }
    let (here, there) = (&resolve.addresses, &behind.addresses);
    let differ = !here.is_empty() && !here.iter().any(|address| there.contains(address));
    if here.is_empty() && !there.is_empty() {
        return Some(all(Answer::fail(format!(
            "{cache} says that {name} has no address, and those behind it give {}",
            list(there)
        ))
        .confirms(LocalDnsStale)));
    }
    if !differ {
        return None;
    }
    let what = match there.is_empty() {
        true => "those behind it say that it has none".to_owned(),
        false => format!("those behind it give {}", list(there)),
    };
    let message = format!("{cache} gives {} for {name}, and {what}", list(here));
    // Large services answer differently from time to time; what matters is whether the cache's answer leads nowhere.
    let leads_nowhere = is_dead(view, here) || (kind(here) != kind(there) && is_forbidden(view));
    Some(all(match leads_nowhere {
        // What fails at the stale address is no cause of its own.
        true => Answer::fail(message).confirms(LocalDnsStale).allows(&consequences(view)),
        false if kind(here) == kind(there) && !there.is_empty() => return None,
        false => Answer::new(Status::Warn, message).allows(&[LocalDnsStale]),
    }))
}

/// What a look at the cache's address speaks of.
fn consequences(view: &View<'_>) -> Vec<CauseId> {
    let steps = [super::super::tcp::CHECK, super::super::challenge::CHECK];
    let failed = steps.iter().filter_map(|check| (check.judge)(view)).filter(|a| a.status == Status::Fail);
    failed.flat_map(|answer| answer.says).map(|says| says.cause).collect()
}

/// Whether a nameserver said something, if only that it cannot.
pub(super) fn speaks(outcome: &DnsOutcome) -> bool {
    matches!(outcome, DnsOutcome::ServFail | DnsOutcome::Refused | DnsOutcome::Code { .. })
}

/// The addresses of AKS LocalDNS on every node.
pub(super) fn is_local_dns(address: &IpAddr) -> bool {
    matches!(address, IpAddr::V4(v4) if matches!(v4.octets(), [169, 254, 10, 10 | 11]))
}

fn is_dead(view: &View<'_>, addresses: &[IpAddr]) -> bool {
    view.registry().any(|o| match &o.fact {
        Fact::Connect(connect) => {
            !connect.dials.is_empty()
                && connect
                    .dials
                    .iter()
                    .all(|d| addresses.contains(&d.address) && d.outcome != DialOutcome::Connected)
        }
        _ => false,
    })
}

fn is_forbidden(view: &View<'_>) -> bool {
    view.challenge().is_some_and(|challenge| challenge.exchange.status() == Some(403))
}

/// Whether addresses are of a private network.
fn kind(addresses: &[IpAddr]) -> bool {
    addresses.iter().any(is_private)
}
