//! Handshakes that one hello explains.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::KeyPair;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::cases::party::{Party, authority_params, between, key, plain, server_params};
use super::facts;
use super::servers::{HOST, Site, acceptor, net, read_hello, serve, serve_tls, shake};
use crate::observation::{HandshakeOutcome, HelloKind};

const STEP: Duration = Duration::from_secs(10);

#[tokio::test]
async fn completes_with_either_version_and_every_kind_of_key() {
    for algorithm in [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ED25519,
        &rcgen::PKCS_RSA_SHA256,
    ] {
        for tls13 in [true, false] {
            let make = || KeyPair::generate_for(algorithm).expect("a key");
            let root = Party::self_signed(authority_params("Root", &plain), make());
            let server = root.sign(server_params(&[HOST], &plain), make());
            let site = Site { root, server };
            let at = serve_tls(acceptor(&[&site.server], &site.server.key, tls13)).await;
            let (seen, stream) = shake(&net(at, &site, STEP)).await;
            let [large] = seen.as_slice() else { panic!("{seen:?}") };
            assert_eq!(large.outcome, HandshakeOutcome::Completed, "{algorithm:?}");
            assert_eq!(large.version.as_deref(), Some(if tls13 { "TLS 1.3" } else { "TLS 1.2" }));
            assert_eq!(large.hello.kind, HelloKind::Large);
            assert_eq!(large.hello.server_name.as_deref(), Some(HOST));
            assert!(large.hello.bytes.is_some_and(|bytes| (1461..1700).contains(&bytes)), "{large:?}");
            assert_eq!(large.roots, "ca.pem");
            assert_eq!(large.chain.len(), 1);
            assert_eq!(large.chain[0].subject.as_str(), "CN=reg.example");
            assert_eq!(large.chain[0].issuer.as_str(), "CN=Root");
            assert_eq!(large.chain[0].names[0].as_str(), HOST);
            assert_eq!(large.chain[0].sha256.len(), 64);
            assert!(stream.is_some());
        }
    }
}

/// Who shows the certificate of another does not have its key.
#[tokio::test]
async fn refuses_a_certificate_without_its_key() {
    let site = Site::new();
    for tls13 in [true, false] {
        let at = serve_tls(acceptor(&[&site.server], &key(), tls13)).await;
        let (seen, stream) = shake(&net(at, &site, STEP)).await;
        assert!(matches!(seen[0].outcome, HandshakeOutcome::Failed { .. }), "{seen:?}");
        assert!(stream.is_none());
    }
}

#[tokio::test]
async fn records_what_is_wrong_with_the_certificate_and_hands_no_stream_back() {
    let site = Site::new();
    let stranger = Party::root("Stranger", &plain);
    let wrong = stranger.server(&["other.example"], &plain);
    let at = serve_tls(acceptor(&[&wrong, &stranger], &wrong.key, true)).await;
    let (seen, stream) = shake(&net(at, &site, STEP)).await;
    let [large] = seen.as_slice() else { panic!("{seen:?}") };
    let HandshakeOutcome::Certificate(problem) = &large.outcome else { panic!("{large:?}") };
    assert_eq!(facts(Some(problem)), ["wrong_name", "unknown_issuer"]);
    assert_eq!(large.chain.len(), 2);
    assert_eq!(large.server_date, None);
    assert!(stream.is_none());
}

#[tokio::test]
async fn asks_what_time_it_is_when_a_certificate_is_outside_its_validity() {
    let root = Party::root("Root", &plain);
    let server = root.server(&[HOST], &|params| between(params, 2020, 2021));
    let site = Site { root, server };
    let acceptor = acceptor(&[&site.server], &site.server.key, true);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    let at = serve(move |tcp| {
        let (acceptor, heard) = (acceptor.clone(), Arc::clone(&heard));
        async move {
            let Ok(mut tls) = acceptor.accept(tcp).await else { return };
            let mut request = vec![0; 2048];
            let count = tls.read(&mut request).await.unwrap_or(0);
            request.truncate(count);
            heard.lock().expect("a lock").push(String::from_utf8(request).expect("text"));
            let answer = b"HTTP/1.1 401 Unauthorized\r\nDate: Tue, 24 Nov 2026 10:00:00 GMT\r\n\r\n";
            tls.write_all(answer).await.expect("an answer");
        }
    })
    .await;
    let (seen, stream) = shake(&net(at, &site, STEP)).await;
    let HandshakeOutcome::Certificate(problem) = &seen[0].outcome else { panic!("{seen:?}") };
    assert_eq!(facts(Some(problem)), ["validity"]);
    assert_eq!(seen[0].server_date.map(|date| date.to_string()).as_deref(), Some("2026-11-24T10:00:00Z"));
    assert!(stream.is_none());
    let asked = asked.lock().expect("a lock").clone();
    assert_eq!(asked, ["GET /v2/ HTTP/1.1\r\nHost: reg.example\r\nAccept: */*\r\nConnection: close\r\n\r\n"]);
}

/// A ServerHello of TLS 1.0 with TLS_RSA_WITH_AES_128_CBC_SHA (RFC 2246 7.4.1.3).
fn old_server_hello() -> Vec<u8> {
    let mut hello = vec![0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    hello
}

#[tokio::test]
async fn tells_what_is_no_tls_and_what_is_old_tls() {
    let site = Site::new();
    let old = |offered: Option<&str>| HandshakeOutcome::TooOld { offered: offered.map(str::to_owned) };
    let alert = |name: &str| HandshakeOutcome::Alert { name: name.to_owned() };
    for (answer, expected) in [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), HandshakeOutcome::NotTls { http: true }),
        (b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), HandshakeOutcome::NotTls { http: false }),
        (vec![0x16, 9, 9, 0, 1, 0], HandshakeOutcome::NotTls { http: false }),
        (vec![0x15, 3, 1, 0, 2, 2, 70], old(None)),
        (vec![0x15, 3, 3, 0, 2, 2, 70], old(None)),
        (old_server_hello(), old(Some("TLS 1.0"))),
        (vec![0x15, 3, 3, 0, 2, 2, 120], alert("no_application_protocol")),
        (vec![0x15, 3, 3, 0, 2, 2, 200], alert("alert_200")),
    ] {
        let said = answer.clone();
        let at = serve(move |mut tcp| {
            let answer = said.clone();
            async move {
                read_hello(&mut tcp).await;
                tcp.write_all(&answer).await.expect("an answer");
                let _ = tcp.read_to_end(&mut Vec::new()).await;
            }
        })
        .await;
        let (seen, stream) = shake(&net(at, &site, STEP)).await;
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert_eq!(seen[0].outcome, expected, "{answer:?}");
        assert!(stream.is_none());
    }
}
