//! The world's faults, seen by clients of other makes than our own probes.

use std::time::Duration;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::RecordType;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;

const REGISTRY: &str = "contosoacr.azurecr.io";
/// Longer than any answer of the world needs, shorter than a reader's patience.
const SILENCE: Duration = Duration::from_millis(400);

async fn world(text: &str) -> Running {
    text.parse::<World>().expect("a world").start().await.expect("a running world")
}

fn listens(world: &Running, name: &str) -> SocketAddr {
    world.place(name).expect("a place").listens
}

fn config(world: &Running) -> ClientConfig {
    with(world, rustls::crypto::aws_lc_rs::default_provider())
}

/// A client without the post-quantum key share: its hello is small.
fn small_config(world: &Running) -> ClientConfig {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.kx_groups = vec![rustls::crypto::aws_lc_rs::kx_group::X25519];
    with(world, provider)
}

fn with(world: &Running, provider: rustls::crypto::CryptoProvider) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let pem = std::fs::read(world.ca_file()).expect("the CA file");
    roots.add_parsable_certificates(
        CertificateDer::pem_slice_iter(&pem).map(|der| der.expect("a certificate")),
    );
    ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

async fn shake(world: &Running, name: &str, config: ClientConfig) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(listens(world, name)).await?;
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn failure(world: &Running, config: ClientConfig) -> rustls::Error {
    let error = shake(world, REGISTRY, config).await.expect_err("a failure");
    let inner = error.into_inner().expect("a TLS error");
    *inner.downcast::<rustls::Error>().expect("rustls' own error")
}

async fn exchange(mut stream: TlsStream<TcpStream>, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut text = Vec::new();
    // Some endings are no clean close; what came before is what counts.
    let _ended = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

async fn ask_udp(server: SocketAddr, name: &str, kind: RecordType) -> io::Result<Option<Message>> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.connect(server).await?;
    let mut question = Message::query();
    question.add_query(Query::query(name.parse().expect("a name"), kind));
    socket.send(&question.to_vec().expect("a message")).await?;
    let mut buffer = [0; 4096];
    match tokio::time::timeout(SILENCE, socket.recv(&mut buffer)).await {
        Ok(length) => Ok(Some(Message::from_vec(&buffer[..length?]).expect("a message"))),
        Err(_) => Ok(None),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_registry_answers_by_tls() {
    let world = world("").await;
    let stream = shake(&world, REGISTRY, config(&world)).await.expect("a handshake");
    let text =
        exchange(stream, "GET /v2/ HTTP/1.1\r\nHost: contosoacr.azurecr.io:443\r\nConnection: close\r\n\r\n")
            .await;
    assert!(text.starts_with("HTTP/1.1 401 Unauthorized\r\n") && text.contains("date: "), "{text}");
    let seen = world.requests();
    assert_eq!((seen.len(), seen[0].status, seen[0].host.as_str()), (1, 401, REGISTRY));
    assert_eq!(seen[0].authorization, None);
    assert!(world.flags().contains(&format!("20.62.128.10:443:{}", listens(&world, REGISTRY))));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_fail_as_the_page_says() {
    let kind = |text: &'static str| async move {
        let world = world(&format!("[host.registry]\ntcp = '{text}'")).await;
        shake(&world, REGISTRY, config(&world)).await.err().map(|error| error.kind())
    };
    assert_eq!(kind("refused").await, Some(io::ErrorKind::ConnectionRefused));
    assert_eq!(kind("no-route").await, Some(io::ErrorKind::NetworkUnreachable));
    assert_eq!(kind("reset").await, Some(io::ErrorKind::ConnectionReset));
    assert_eq!(kind("reset-after-hello").await, Some(io::ErrorKind::ConnectionReset));
    assert_eq!(kind("close-after-hello").await, Some(io::ErrorKind::UnexpectedEof));
    assert_eq!(kind("ssh").await, Some(io::ErrorKind::InvalidData));
    assert_eq!(kind("large-hello-reset").await, Some(io::ErrorKind::ConnectionReset));
    assert_eq!(kind("accept").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn some_connections_hang() {
    for fault in ["blackhole", "stall", "hang-after-hello", "large-hello-hang"] {
        let world = world(&format!("[host.registry]\ntcp = '{fault}'")).await;
        let hangs = tokio::time::timeout(SILENCE, shake(&world, REGISTRY, config(&world))).await;
        assert!(hangs.is_err(), "{fault} does not hang");
        let connects = tokio::time::timeout(SILENCE, TcpStream::connect(listens(&world, REGISTRY))).await;
        assert_eq!(connects.is_err(), fault == "blackhole", "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_hello_passes_where_a_large_one_does_not() {
    let world = world("[host.registry]\ntcp = 'large-hello-hang'").await;
    shake(&world, REGISTRY, small_config(&world)).await.expect("a handshake with a small hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_knows_its_names() {
    let world = world("[host.registry]\ntcp = 'reset-after-hello'\nonly_for = ['*.data.azurecr.io']").await;
    shake(&world, REGISTRY, config(&world)).await.expect("a name that is let through");
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_fail_as_the_page_says() {
    let error = |text: &'static str| async move {
        let world = world(&format!("[host.registry]\ntls = '{text}'")).await;
        failure(&world, config(&world)).await
    };
    let invalid = |error: rustls::Error| match error {
        rustls::Error::InvalidCertificate(error) => error,
        other => panic!("{other:?}"),
    };
    for text in ["unknown-ca", "self-signed", "missing-intermediate"] {
        assert_eq!(invalid(error(text).await), CertificateError::UnknownIssuer, "{text}");
    }
    assert!(matches!(invalid(error("wrong-name").await), CertificateError::NotValidForNameContext { .. }));
    assert!(matches!(invalid(error("no-san").await), CertificateError::NotValidForNameContext { .. }));
    assert!(matches!(invalid(error("expired").await), CertificateError::ExpiredContext { .. }));
    assert!(matches!(invalid(error("not-yet-valid").await), CertificateError::NotValidYetContext { .. }));
    assert!(matches!(invalid(error("wrong-eku").await), CertificateError::InvalidPurposeContext { .. }));
    assert!(matches!(invalid(error("ca-as-leaf").await), CertificateError::Other(_)));
    assert!(matches!(
        error("old-protocol").await,
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
    ));
    assert!(matches!(
        error("handshake-failure").await,
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure)
    ));
    assert!(matches!(
        error("unrecognized-name").await,
        rustls::Error::AlertReceived(AlertDescription::UnrecognisedName)
    ));
    assert!(matches!(error("tls10").await, rustls::Error::PeerIncompatible(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_server_is_healthy_with_tls_1_2() {
    let world = world("[host.registry]\ntls = 'tls12'\nclose = true").await;
    let stream = shake(&world, REGISTRY, config(&world)).await.expect("a handshake");
    assert_eq!(stream.get_ref().1.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_2));
}

#[tokio::test(flavor = "multi_thread")]
async fn nameservers_fail_as_the_page_says() {
    let world = world(
        "[[nameserver]]\nfault = 'closed'\n[[nameserver]]\nfault = 'silent'\n[[nameserver]]\nfault = 'refused'\n\
         [[nameserver]]\n[nameserver.name.registry]\nfault = 'truncated'",
    )
    .await;
    let [closed, silent, refused, truncated] = world.nameservers()[..] else { panic!("four nameservers") };
    let name = "contosoacr.azurecr.io.";
    let error = ask_udp(closed, name, RecordType::A).await.expect_err("port unreachable");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    assert_eq!(ask_udp(silent, name, RecordType::A).await.expect("silence"), None);
    let reply = ask_udp(refused, name, RecordType::A).await.expect("a reply").expect("a reply");
    assert_eq!(reply.metadata.response_code, ResponseCode::Refused);
    let reply = ask_udp(truncated, name, RecordType::A).await.expect("a reply").expect("a reply");
    assert!(reply.metadata.truncation && reply.answers.is_empty());
    let mut stream = TcpStream::connect(truncated).await.expect("TCP");
    let mut question = Message::query();
    question.add_query(Query::query(name.parse().expect("a name"), RecordType::A));
    let bytes = question.to_vec().expect("a message");
    stream.write_u16(u16::try_from(bytes.len()).expect("a length")).await.expect("sent");
    stream.write_all(&bytes).await.expect("sent");
    let mut reply = vec![0; usize::from(stream.read_u16().await.expect("a length"))];
    stream.read_exact(&mut reply).await.expect("a reply");
    assert_eq!(Message::from_vec(&reply).expect("a message").answers.len(), 4);
    assert_eq!(world.questions().iter().filter(|question| question.tcp).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_end_as_the_page_says() {
    let plain = "registry.flavour = 'plain'\n[[image]]\nindex = false\nmanifest = ";
    let request = "GET /v2/team/web/manifests/v1 HTTP/1.1\r\nHost: registry.contoso.com\r\n\r\n";
    let length = |text: &str| -> (usize, usize) {
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let line = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        (line.parse().expect("a number"), body.len())
    };
    let cut = world(&format!("{plain}'truncated'")).await;
    let stream = shake(&cut, "registry.contoso.com", config(&cut)).await.expect("a handshake");
    let (told, sent) = length(&exchange(stream, request).await);
    assert!(sent > 0 && sent < told, "{sent} of {told}");
    let stalled = world(&format!("{plain}'stalled'")).await;
    let stream = shake(&stalled, "registry.contoso.com", config(&stalled)).await.expect("a handshake");
    assert!(tokio::time::timeout(SILENCE, exchange(stream, request)).await.is_err(), "it does not stall");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_ends_with_the_world() {
    let world = world("").await;
    let (place, folder) = (listens(&world, REGISTRY), world.path(""));
    drop(world);
    assert!(!folder.exists());
    // The tasks are told to end and do so at their next turn.
    for _ in 0..100 {
        if TcpStream::connect(place).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("somebody still listens");
}

mod azure;
mod ground;
mod proxy;
