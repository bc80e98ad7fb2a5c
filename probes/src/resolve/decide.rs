//! Which of the answers a Go program would take: `tryOneName` and `goLookupIPCNAMEOrder` of Go's
//! `net/dnsclient_unix.go`.
//!
//! Go asks the nameservers one after another, twice around. The first final answer ends the question: addresses,
//! that the name does not exist, or that it has none of this kind. A failure goes on to the next nameserver. The
//! questions for IPv4 and IPv6 are decided apart and their addresses joined.

use std::net::IpAddr;

use super::MAX_ADDRESSES;
use crate::facts::dns::{Answer, DnsOutcome, NameserverAnswers};

/// What a Go program would take.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Decided {
    /// The nameserver whose final answer counts: that for IPv4 where it gave addresses, else that for IPv6 where it
    /// did, else whichever is final.
    pub(super) by: Option<usize>,
    /// The addresses, in the order in which they would be dialled.
    pub(super) addresses: Vec<IpAddr>,
    /// Whether both questions were answered and neither has addresses, so that Go tries the next name.
    pub(super) does_not_exist: bool,
}

/// Decides as Go would have, had it asked one nameserver after another.
pub(super) fn decide(answers: &[NameserverAnswers]) -> Decided {
    let a = first_final(answers, |server| &server.a);
    let aaaa = first_final(answers, |server| &server.aaaa);
    let addresses_of = |decided: Option<(usize, &Answer)>| match decided {
        Some((_, answer)) if answer.outcome == DnsOutcome::Answered => answer.addresses.clone(),
        _ => Vec::new(),
    };
    let (v4, v6) = (addresses_of(a), addresses_of(aaaa));
    let by = match (a, aaaa) {
        (Some((by, _)), _) if !v4.is_empty() => Some(by),
        (_, Some((by, _))) if !v6.is_empty() => Some(by),
        (a, aaaa) => a.or(aaaa).map(|(by, _)| by),
    };
    Decided {
        by,
        does_not_exist: a.is_some() && aaaa.is_some() && v4.is_empty() && v6.is_empty(),
        addresses: dialled(v4.into_iter().chain(v6)),
    }
}

/// The first final answer in the order in which Go would have had them: a nameserver that needed a second try comes
/// after all that answered at the first.
fn first_final(
    answers: &[NameserverAnswers],
    question: impl Fn(&NameserverAnswers) -> &Answer,
) -> Option<(usize, &Answer)> {
    answers
        .iter()
        .map(question)
        .enumerate()
        .filter(|(_, answer)| answer.outcome.is_final())
        .min_by_key(|(index, answer)| (answer.tries, *index))
}

/// Addresses in the order of dialling: IPv4 first, each once, a bounded number.
///
/// Go sorts by RFC 6724 with the machine's own addresses; nodes of AKS have IPv4, and the dialler tries both anyway.
pub(super) fn dialled(addresses: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let (mut ordered, mut v6) = (Vec::new(), Vec::new());
    for address in addresses {
        let list = if address.is_ipv4() { &mut ordered } else { &mut v6 };
        if !list.contains(&address) {
            list.push(address);
        }
    }
    ordered.extend(v6);
    ordered.truncate(MAX_ADDRESSES);
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(outcome: DnsOutcome, tries: u32, addresses: &[&str]) -> Answer {
        let addresses = addresses.iter().map(|a| a.parse().expect("an address")).collect();
        Answer { outcome, tries, addresses, ..crate::resolve::unasked() }
    }

    fn server(a: Answer, aaaa: Answer) -> NameserverAnswers {
        NameserverAnswers { server: ([127, 0, 0, 1], 53).into(), a, aaaa }
    }

    #[test]
    fn takes_what_go_takes() {
        use DnsOutcome::{Answered, NoData, NxDomain, Refused, ServFail};
        let ok = |tries, ip| answer(Answered, tries, &[ip]);
        let no = |outcome| answer(outcome, 1, &[]);
        type Row = (&'static str, Vec<NameserverAnswers>, Option<usize>, &'static [&'static str], bool);
        let rows: [Row; 7] = [
            (
                "the first answers",
                vec![server(ok(1, "10.0.0.1"), no(NoData)), server(ok(1, "10.0.0.2"), no(NoData))],
                Some(0),
                &["10.0.0.1"],
                false,
            ),
            (
                "a failure goes on",
                vec![server(no(ServFail), no(Refused)), server(ok(1, "10.0.0.2"), no(NoData))],
                Some(1),
                &["10.0.0.2"],
                false,
            ),
            (
                "a second try comes later",
                vec![server(ok(2, "10.0.0.1"), no(NoData)), server(ok(1, "10.0.0.2"), no(NoData))],
                Some(1),
                &["10.0.0.2"],
                false,
            ),
            (
                "not existing is final",
                vec![server(no(NxDomain), no(NxDomain)), server(ok(1, "10.0.0.2"), no(NoData))],
                Some(0),
                &[],
                true,
            ),
            ("only IPv6", vec![server(no(NoData), ok(1, "2001:db8::1"))], Some(0), &["2001:db8::1"], false),
            (
                "IPv4 before IPv6, each once",
                vec![server(answer(Answered, 1, &["10.0.0.1", "10.0.0.1"]), ok(1, "2001:db8::1"))],
                Some(0),
                &["10.0.0.1", "2001:db8::1"],
                false,
            ),
            ("nothing is final", vec![server(no(ServFail), no(ServFail))], None, &[], false),
        ];
        for (what, answers, by, addresses, does_not_exist) in rows {
            let addresses = addresses.iter().map(|a| a.parse().expect("an address")).collect();
            assert_eq!(decide(&answers), Decided { by, addresses, does_not_exist }, "{what}");
        }
    }
}
