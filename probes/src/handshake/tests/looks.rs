//! Handshakes that only the comparison of several hellos explains.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::Instant;

use super::servers::{HOST, Site, accept, acceptor, asks_for, net, peek_hello, read_hello, serve, shake};
use crate::observation::{Handshake, HandshakeOutcome as Outcome, HelloKind};

const STEP: Duration = Duration::from_millis(700);

/// The hellos in the order of the observations.
const ALL: [HelloKind; 4] = [HelloKind::Large, HelloKind::Small, HelloKind::LargeAgain, HelloKind::OtherName];

fn kinds(seen: &[Handshake]) -> Vec<HelloKind> {
    seen.iter().map(|handshake| handshake.hello.kind).collect()
}

fn timed_out(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::TimedOut { after_ms: 700..=1200 })
}

#[tokio::test]
async fn silence_for_every_hello() {
    let site = Site::new();
    let at = serve(|tcp| async move {
        tokio::time::sleep(Duration::from_secs(20)).await;
        drop(tcp);
    })
    .await;
    let started = Instant::now();
    let (seen, stream) = shake(&net(at, &site, STEP)).await;
    // The first by itself, all others at once.
    assert!(started.elapsed() < STEP * 3, "{:?}", started.elapsed());
    assert_eq!(kinds(&seen), ALL);
    assert!(seen.iter().all(|handshake| timed_out(&handshake.outcome)), "{seen:?}");
    assert!(stream.is_none());
    assert!(seen[0].hello.bytes.is_some_and(|bytes| bytes > 1460), "{seen:?}");
    assert!(seen[1].hello.bytes.is_some_and(|bytes| bytes < 600), "{seen:?}");
    assert_eq!(seen[2].hello.bytes, seen[0].hello.bytes);
    assert_eq!(seen[3].hello.server_name.as_deref(), Some("mcr.microsoft.com"));
}

#[tokio::test]
async fn no_looks_when_the_time_is_over() {
    let site = Site::new();
    let at = serve(|mut tcp| async move {
        read_hello(&mut tcp).await;
        tokio::time::sleep(Duration::from_secs(20)).await;
    })
    .await;
    let mut net = net(at, &site, STEP);
    net.patience.deadline = Instant::now() + Duration::from_millis(200);
    let (seen, _) = shake(&net).await;
    assert_eq!(kinds(&seen), [HelloKind::Large]);
    assert!(matches!(seen[0].outcome, Outcome::TimedOut { after_ms: 100..=400 }), "{seen:?}");
}

#[tokio::test]
async fn cut_connections_and_alerts_for_every_hello() {
    let site = Site::new();
    // Unread data make the closing a reset.
    let resets = serve(|tcp| async move {
        peek_hello(&tcp).await;
    })
    .await;
    let closes = serve(|mut tcp| async move {
        read_hello(&mut tcp).await;
    })
    .await;
    let alerts = serve(|mut tcp| async move {
        read_hello(&mut tcp).await;
        tcp.write_all(&[0x15, 3, 3, 0, 2, 2, 112]).await.expect("an answer");
    })
    .await;
    let alert = Outcome::Alert { name: "unrecognized_name".to_owned() };
    for (at, expected) in [(resets, Outcome::Reset), (closes, Outcome::Closed), (alerts, alert)] {
        let (seen, stream) = shake(&net(at, &site, STEP)).await;
        assert_eq!(kinds(&seen), ALL);
        for handshake in &seen {
            assert_eq!(handshake.outcome, expected, "{handshake:?}");
        }
        assert!(stream.is_none());
    }
}

/// A filter that closes for one name and lets the others through.
#[tokio::test]
async fn a_filter_of_names() {
    let site = Site::new();
    let acceptor = acceptor(&[&site.server], &site.server.key, true);
    let at = serve(move |tcp| {
        let acceptor = acceptor.clone();
        async move {
            let hello = peek_hello(&tcp).await;
            // Two of the three other names are filtered too.
            if asks_for(&hello, "management.azure.com") {
                accept(acceptor, tcp).await;
            }
        }
    })
    .await;
    let (seen, stream) = shake(&net(at, &site, STEP)).await;
    let [large, small, again, other] = seen.as_slice() else { panic!("{seen:?}") };
    for cut in [large, small, again] {
        assert_eq!(cut.outcome, Outcome::Reset, "{cut:?}");
        assert_eq!(cut.hello.server_name.as_deref(), Some(HOST));
    }
    assert_eq!(other.outcome, Outcome::Completed);
    assert_eq!(other.hello.server_name.as_deref(), Some("management.azure.com"));
    assert!(stream.is_none());
}

/// A middlebox that does not let hellos of two segments through, by silence or by a reset.
#[tokio::test]
async fn a_filter_of_sizes() {
    let site = Site::new();
    for silent in [true, false] {
        let acceptor = acceptor(&[&site.server], &site.server.key, true);
        let at = serve(move |tcp| {
            let acceptor = acceptor.clone();
            async move {
                if peek_hello(&tcp).await.len() <= 1400 {
                    accept(acceptor, tcp).await;
                } else if silent {
                    tokio::time::sleep(Duration::from_secs(20)).await;
                }
            }
        })
        .await;
        let (seen, stream) = shake(&net(at, &site, STEP)).await;
        let [large, small, again, other] = seen.as_slice() else { panic!("{seen:?}") };
        for cut in [large, again, other] {
            match silent {
                true => assert!(timed_out(&cut.outcome), "{cut:?}"),
                false => assert_eq!(cut.outcome, Outcome::Reset, "{cut:?}"),
            }
        }
        assert_eq!(small.outcome, Outcome::Completed);
        assert!(stream.is_none(), "a hello that containerd does not send opens nothing");
    }
}
