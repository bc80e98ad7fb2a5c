//! Forward proxies, as a client of another make sees them.

use super::*;

const IMDS: &str = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://containerregistry.azure.net";

/// Sends a request's head, and reads until the answer's head has ended; none where nothing comes.
async fn head(stream: &mut TcpStream, request: &str) -> Option<String> {
    stream.write_all(request.as_bytes()).await.expect("sent");
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match tokio::time::timeout(SILENCE, stream.read_exact(&mut byte)).await {
            Ok(Ok(_)) => head.push(byte[0]),
            _ => return None,
        }
    }
    Some(String::from_utf8(head).expect("text"))
}

fn status(head: &str) -> u16 {
    head[9..12].parse().expect("a status")
}

async fn connect(place: SocketAddr, host: &str, more: &str) -> (Option<String>, TcpStream) {
    let mut stream = TcpStream::connect(place).await.expect("the proxy");
    let request = format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n{more}\r\n");
    (head(&mut stream, &request).await, stream)
}

async fn proxy(text: &str) -> (Running, SocketAddr) {
    let world = world(&format!("[host.'proxy.contoso.com']\nproxy = {{ {text} }}")).await;
    let place = listens(&world, "proxy.contoso.com");
    (world, place)
}

/// TLS in a tunnel to the registry.
async fn within(world: &Running, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(REGISTRY).expect("a name");
    TlsConnector::from(Arc::new(config(world))).connect(name, stream).await
}

async fn get(place: SocketAddr, target: &str) -> u16 {
    let mut stream = TcpStream::connect(place).await.expect("the proxy");
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: 169.254.169.254\r\nMetadata: true\r\nConnection: close\r\n\r\n"
    );
    status(&head(&mut stream, &request).await.expect("an answer"))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_leads_to_the_worlds_servers_and_refuses() {
    let (world, place) = proxy("deny = ['*.data.azurecr.io']").await;
    for (host, expected) in
        [(REGISTRY, 200), ("contosoacr.westeurope.data.azurecr.io", 403), ("elsewhere", 502)]
    {
        let (head, stream) = connect(place, host, "").await;
        assert_eq!(head.map(|head| status(&head)), Some(expected), "{host}");
        if expected == 200 {
            within(&world, stream).await.expect("through the tunnel");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_demand_credentials() {
    let (_world, place) = proxy("credentials = 'alice:s3cret'").await;
    let (refused, _) = connect(place, REGISTRY, "").await;
    let refused = refused.expect("an answer");
    assert_eq!(status(&refused), 407);
    assert!(refused.contains("proxy-authenticate: Basic realm=\"Contoso Proxy\""), "{refused}");
    // alice:s3cret, and alice:wrong.
    for (credential, expected) in [("YWxpY2U6czNjcmV0", 200), ("YWxpY2U6d3Jvbmc=", 407)] {
        let more = format!("Proxy-Authorization: Basic {credential}\r\n");
        assert_eq!(connect(place, REGISTRY, &more).await.0.map(|head| status(&head)), Some(expected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_refuses_in_several_ways() {
    for (text, expected) in
        [("answer = 'silent'", None), ("answer = 'close'", None), ("status = 502", Some(502))]
    {
        let (_world, place) = proxy(&format!("deny = ['*'], {text}")).await;
        let (head, mut stream) = connect(place, REGISTRY, "").await;
        assert_eq!(head.map(|head| status(&head)), expected, "{text}");
        if text.contains("close") {
            assert_eq!(stream.read(&mut [0]).await.expect("an end"), 0);
        }
    }
    let (world, place) = proxy("deny = ['*'], answer = 'html'").await;
    let (head, stream) = connect(place, REGISTRY, "").await;
    assert_eq!(head.map(|head| status(&head)), Some(200));
    let error = within(&world, stream).await.expect_err("a web page");
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert_eq!(get(place, IMDS).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metadata_service_is_not_where_the_proxy_is() {
    for (text, expected) in [
        ("", 502),
        ("imds = 'not-found'", 404),
        ("imds = 'forward'", 400),
        ("imds = 'forward', forwarded_for = false", 200),
        ("deny = ['169.254.*'], status = 403", 403),
        ("credentials = 'a:b'", 407),
    ] {
        let (world, place) = proxy(text).await;
        assert_eq!(get(place, IMDS).await, expected, "{text}");
        let reached = world.requests().iter().filter(|request| request.host == "169.254.169.254").count();
        // The proxy's own note, and that of the service behind it.
        assert_eq!(reached, if text.contains("forward") { 2 } else { 1 }, "{text}");
    }
    let (world, place) = proxy("").await;
    assert_eq!(get(world.door(), IMDS).await, 200, "the door is no other machine");
    assert_eq!(get(place, "http://nowhere.contoso.com/").await, 502);
    assert_eq!(get(place, "/metadata").await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_look_into_tls() {
    let (world, place) = proxy("intercept = { issuer = 'Zscaler Root CA' }").await;
    let (_, stream) = connect(place, REGISTRY, "").await;
    let error = within(&world, stream).await.expect_err("an unknown authority");
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");

    let (world, place) = proxy("intercept = { issuer = 'Zscaler Root CA', trusted = true }").await;
    let (_, stream) = connect(place, REGISTRY, "").await;
    let stream = within(&world, stream).await.expect("a known authority");
    let issuer = stream.get_ref().1.peer_certificates().expect("certificates")[0].to_vec();
    assert!(issuer.windows(15).any(|bytes| bytes == b"Zscaler Root CA"));
    let text =
        exchange(stream, &format!("GET /v2/ HTTP/1.1\r\nHost: {REGISTRY}\r\nConnection: close\r\n\r\n"))
            .await;
    assert!(text.starts_with("HTTP/1.1 401 "), "{text}");

    let (world, place) = proxy("intercept = { hosts = ['*.data.azurecr.io'] }").await;
    let (_, stream) = connect(place, REGISTRY, "").await;
    within(&world, stream).await.expect("another host's connection is let alone");
}
