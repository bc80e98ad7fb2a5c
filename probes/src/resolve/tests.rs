use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::Instant;

use super::resolve_with;
use super::responder::{Asked, Says, responder};
use crate::facts::dns::{Answer, DnsOutcome, Resolve};
use crate::net::{Patience, Resolver, Routes};

const NAME: &str = "contosoacr.azurecr.io";

fn patience(millis: u64) -> Patience {
    let step = Duration::from_millis(millis);
    Patience { deadline: Instant::now() + Duration::from_secs(30), step }
}

async fn resolved(servers: &[SocketAddr], name: &str, millis: u64) -> Resolve {
    let resolver = Resolver { nameservers: servers.to_vec(), ndots: 1, ..Resolver::default() };
    resolve_with(&resolver, &Routes::default(), &patience(millis), name).await
}

/// A nameserver that has `records` for IPv4 and nothing for IPv6.
async fn having(code: u8, records: &'static [(&'static str, &'static str)]) -> SocketAddr {
    responder(move |asked| {
        let records = if asked.kind == 1 { records.to_vec() } else { Vec::new() };
        vec![Says { code, records, ..Says::default() }]
    })
    .await
}

fn only(seen: &Resolve) -> &Answer {
    &seen.nameservers[0].a
}

fn texts(seen: &Resolve) -> Vec<String> {
    seen.addresses.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn reads_each_kind_of_answer() {
    let chain: &[_] = &[
        (NAME, "contosoacr.privatelink.azurecr.io"),
        ("contosoacr.privatelink.azurecr.io", "weu.fe.azurecr.io"),
        ("weu.fe.azurecr.io", "10.1.0.4"),
        ("other.example", "6.6.6.6"),
    ];
    let broken: &[_] = &[(NAME, "contosoacr.privatelink.azurecr.io")];
    let circle: &[_] = &[(NAME, "b.example"), ("b.example", NAME)];
    for (code, records, outcome, cnames, addresses, ttl) in [
        (
            0,
            &[(NAME, "20.62.128.10"), (NAME, "20.62.128.10")] as &[_],
            DnsOutcome::Answered,
            0,
            &["20.62.128.10"] as &[&str],
            Some(240),
        ),
        (0, chain, DnsOutcome::Answered, 2, &["10.1.0.4"], Some(180)),
        (3, &[], DnsOutcome::NxDomain, 0, &[], None),
        (3, broken, DnsOutcome::NxDomain, 1, &[], Some(300)),
        (0, broken, DnsOutcome::NoData, 1, &[], Some(300)),
        (0, circle, DnsOutcome::NoData, 1, &[], Some(300)),
        (0, &[], DnsOutcome::NoData, 0, &[], None),
        (0, &[("other.example", "6.6.6.6")], DnsOutcome::NoData, 0, &[], None),
        (2, &[], DnsOutcome::ServFail, 0, &[], None),
        (5, &[], DnsOutcome::Refused, 0, &[], None),
        (1, &[], DnsOutcome::Code { code: 1 }, 0, &[], None),
        (0, &[(NAME, "nonsense")], DnsOutcome::Malformed, 0, &[], None),
    ] {
        let seen = resolved(&[having(code, records).await], NAME, 2_000).await;
        let answer = only(&seen);
        assert_eq!(
            (&answer.outcome, answer.cnames.len(), answer.ttl),
            (&outcome, cnames, ttl),
            "{code} {records:?}"
        );
        assert_eq!(texts(&seen), addresses, "{code} {records:?}");
        assert_eq!(answer.tries, if outcome.is_final() { 1 } else { 2 }, "{code} {records:?}");
        assert!(!answer.over_tcp && seen.siblings.is_empty());
        if let Some(first) = answer.cnames.first() {
            assert!(["contosoacr.privatelink.azurecr.io", "b.example"].contains(&first.as_str()));
        }
    }
}

#[tokio::test]
async fn silence_ends_in_time() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let begun = Instant::now();
    let seen = resolved(&[silent.local_addr().expect("its address")], NAME, 200).await;
    assert!(begun.elapsed() < Duration::from_millis(600));
    let DnsOutcome::TimedOut { after_ms } = only(&seen).outcome else { panic!("{seen:?}") };
    assert!((140..400).contains(&after_ms), "{after_ms}");
    assert_eq!((only(&seen).tries, seen.decided_by), (2, None));
}

#[tokio::test]
async fn a_closed_port_is_told_at_once() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let closed = socket.local_addr().expect("its address");
    drop(socket);
    let begun = Instant::now();
    let seen = resolved(&[closed], NAME, 5_000).await;
    assert_eq!(only(&seen).outcome, DnsOutcome::PortClosed);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn what_was_cut_short_is_fetched_over_tcp() {
    let server = responder(|asked| {
        let records =
            if asked.tcp && asked.kind == 1 { vec![(NAME, "10.0.0.1"), (NAME, "10.0.0.2")] } else { vec![] };
        vec![Says { cut: !asked.tcp, records, ..Says::default() }]
    })
    .await;
    let seen = resolved(&[server], NAME, 2_000).await;
    assert_eq!(texts(&seen), ["10.0.0.1", "10.0.0.2"]);
    assert!(only(&seen).over_tcp);
}

#[tokio::test]
async fn forged_replies_are_passed_over() {
    let forged = |asked: &Asked| {
        let records = |address| if asked.kind == 1 { vec![(NAME, address)] } else { vec![] };
        vec![
            Says { wrong_id: true, records: records("6.6.6.6"), ..Says::default() },
            Says { wrong_question: true, records: records("6.6.6.6"), ..Says::default() },
            Says { records: records("10.0.0.1"), ..Says::default() },
        ]
    };
    let seen = resolved(&[responder(forged).await], NAME, 2_000).await;
    assert_eq!(texts(&seen), ["10.0.0.1"]);
    let only_forged = |_: &Asked| vec![Says { wrong_id: true, ..Says::default() }];
    let seen = resolved(&[responder(only_forged).await], NAME, 100).await;
    assert!(matches!(only(&seen).outcome, DnsOutcome::TimedOut { .. }));
}

#[tokio::test]
async fn the_next_nameserver_takes_over_only_after_a_failure() {
    let good = having(0, &[(NAME, "10.0.0.1")]).await;
    let lame = responder(|_| vec![Says { lame: true, ..Says::default() }]).await;
    for failing in [having(2, &[]).await, having(5, &[]).await, lame] {
        let seen = resolved(&[failing, good], NAME, 2_000).await;
        assert_eq!((seen.decided_by, texts(&seen)), (Some(1), vec!["10.0.0.1".to_owned()]));
    }
    let seen = resolved(&[having(3, &[]).await, good], "harbor.contoso.example", 2_000).await;
    assert_eq!((seen.decided_by, seen.addresses.is_empty()), (Some(0), true));
    assert_eq!(seen.nameservers.len(), 2);
}

#[tokio::test]
async fn a_second_try_may_succeed() {
    let server = responder(|asked| {
        let code = if asked.nth < 2 { 2 } else { 0 };
        vec![Says {
            code,
            records: if code == 0 && asked.kind == 1 { vec![(NAME, "10.0.0.1")] } else { vec![] },
            ..Says::default()
        }]
    })
    .await;
    let seen = resolved(&[server], NAME, 2_000).await;
    assert_eq!((texts(&seen), only(&seen).tries), (vec!["10.0.0.1".to_owned()], 2));
}

#[tokio::test]
async fn nobody_is_asked_for_addresses_and_hosts() {
    let mut resolver = Resolver { nameservers: vec![([127, 0, 0, 1], 1).into()], ..Resolver::default() };
    let file = ["2001:db8::1", "10.0.0.9", "10.0.0.9"].map(|a| a.parse().expect("an address"));
    resolver.hosts.insert(NAME.to_owned(), file.to_vec());
    let seen = resolve_with(&resolver, &Routes::default(), &patience(100), "ContosoACR.azurecr.io.").await;
    assert_eq!(
        (texts(&seen), seen.hosts_file.len()),
        (vec!["10.0.0.9".to_owned(), "2001:db8::1".to_owned()], 3)
    );
    for literal in ["10.0.0.1", "::1", "[::1]"] {
        let seen = resolve_with(&resolver, &Routes::default(), &patience(100), literal).await;
        assert!(seen.literal && seen.addresses.len() == 1 && seen.nameservers.is_empty(), "{literal}");
    }
    for bad in ["", "a b", "-x.example", "x.onion"] {
        let seen = resolve_with(&resolver, &Routes::default(), &patience(100), bad).await;
        assert_eq!((&only(&seen).outcome, only(&seen).tries), (&DnsOutcome::NotAsked, 0), "{bad}");
    }
}

#[tokio::test]
async fn the_search_list_is_tried_after_a_name_that_does_not_exist() {
    let server = responder(|asked| {
        let there = asked.name == "harbor.corp.test" && asked.kind == 1;
        let records = if there { vec![("harbor.corp.test", "10.0.0.7")] } else { vec![] };
        vec![Says { code: if there { 0 } else { 3 }, records, ..Says::default() }]
    })
    .await;
    let search = vec!["lab.test".to_owned(), "corp.test".to_owned()];
    let resolver = Resolver { nameservers: vec![server], search, ndots: 1, ..Resolver::default() };
    let seen = resolve_with(&resolver, &Routes::default(), &patience(2_000), "harbor").await;
    assert_eq!((seen.name.as_str(), texts(&seen)), ("harbor", vec!["10.0.0.7".to_owned()]));
    let seen = resolve_with(&resolver, &Routes::default(), &patience(2_000), "nothing.example").await;
    assert_eq!((&only(&seen).outcome, seen.decided_by), (&DnsOutcome::NxDomain, Some(0)));
}

#[tokio::test]
async fn siblings_are_looked_for_when_the_name_does_not_exist() {
    let server = responder(|asked| {
        let known = ["contosoacr.azurecr.cn", "contosoacr.azurecr.io"].into_iter().find(|k| *k == asked.name);
        let records = known.filter(|_| asked.kind == 1).map(|k| (k, "40.0.0.1")).into_iter().collect();
        vec![Says { code: if known.is_some() { 0 } else { 3 }, records, ..Says::default() }]
    })
    .await;
    let silent = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let servers = [server, silent.local_addr().expect("its address")];
    for (name, siblings) in [
        ("contosoacr.azurecr.us", &["contosoacr.azurecr.io", "contosoacr.azurecr.cn"] as &[&str]),
        ("contosoacr.azureacr.io", &["contosoacr.azurecr.io", "contosoacr.azurecr.cn"]),
        ("fabrikam.azurecr.io", &[]),
        ("harbor.contoso.example", &[]),
    ] {
        let seen = resolved(&servers, name, 1_000).await;
        assert_eq!(
            (seen.decided_by, seen.siblings.as_slice()),
            (Some(0), siblings.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>().as_slice()),
            "{name}"
        );
    }
}
