//! The small Azure around a registry, by TCP and TLS.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn azure_and_a_mirror_stand_where_their_names_say() {
    let world = world("[host.'localhost:8578']\nmirror = {}\n[host.imds]\ntcp = 'refused'").await;
    let flags = world.flags();
    let leads = |from: &str| flags.iter().any(|flag| flag.starts_with(from));
    assert!(leads("127.0.0.1:8578:127.0.0.1:") && leads("169.254.169.254:80:") && leads("20.190.159.2:443:"));
    assert!(!leads("127.0.0.1::"), "the rest of this machine is not the world's");
    let refused = TcpStream::connect(listens(&world, "169.254.169.254")).await.expect_err("refused");
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    for (name, path, expected) in [
        ("localhost", "/v2/team/web/manifests/v1?ns=contosoacr.azurecr.io", "200 OK"),
        ("login.microsoftonline.com", "/common/v2.0/.well-known/openid-configuration", "200 OK"),
        ("login.microsoftonline.com", "/contoso/oauth2/v2.0/token", "400 Bad Request"),
    ] {
        let stream = shake(&world, name, config(&world)).await.expect("a handshake");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
        let text = exchange(stream, &request).await;
        assert!(text.starts_with(&format!("HTTP/1.1 {expected}")), "{name} {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_clients_have_an_environment() {
    let world = world("").await;
    let environment = world.environment();
    assert_eq!(environment["HTTPS_PROXY"], format!("http://{}", world.door()));
    assert_eq!(environment["REQUESTS_CA_BUNDLE"], world.ca_file().display().to_string());
    let imds = format!("http://{}", listens(&world, "169.254.169.254"));
    assert_eq!(environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"], imds);
    assert!(!std::path::Path::new(&environment["AZURE_CONFIG_DIR"]).exists(), "fresh in every world");
}
