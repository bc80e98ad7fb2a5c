//! Servers: how they take connections, what certificate they show, what they serve.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

use super::proxy::Proxy;

/// A server, at all the addresses of its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Host {
    /// The port; absent: 443, 80 with `plain_http`, 3128 for a proxy.
    pub port: Option<u16>,
    /// Speaks http without TLS.
    pub plain_http: bool,
    /// What happens to connections.
    pub tcp: Tcp,
    /// `tcp` holds only for these server names of the ClientHello (patterns).
    pub only_for: Vec<String>,
    /// For the large-hello faults: a larger first record is dropped.
    pub hello_limit: Option<usize>,
    /// What is wrong with the TLS side.
    pub tls: Tls,
    /// The name of the certificate's issuer.
    pub tls_issuer: Option<String>,
    /// The names in the certificate; absent: the host's own.
    pub tls_names: Option<Vec<String>>,
    /// Certificate and hello are as elsewhere, but for these addresses.
    pub at: BTreeMap<IpAddr, At>,
    /// Closes the connection after each response.
    pub close: bool,
    /// Sends bodies chunked, without Content-Length.
    pub chunked: bool,
    /// Seconds that this server's Date is ahead; absent: the world's.
    pub clock_skew_s: Option<i64>,
    /// Every response comes this much later.
    pub delay_ms: u64,
    /// A page instead of what it should serve: a captive portal, a mirror that is a web site.
    pub page: Option<Page>,
    /// It is a forward proxy.
    pub proxy: Option<Proxy>,
    /// It is a mirror of the registry.
    pub mirror: Option<Mirror>,
    /// It serves the token endpoint (of itself where the registry's realm names it).
    pub token: bool,
}

/// What differs at one address of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct At {
    /// What happens to connections here.
    pub tcp: Option<Tcp>,
    /// What is wrong with the TLS side here.
    pub tls: Option<Tls>,
    /// Tags and digests that this replica has not (yet).
    pub lacks: Vec<String>,
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tcp {
    /// Accepted and served.
    #[default]
    Accept,
    /// Refused.
    Refused,
    /// No answer at all.
    Blackhole,
    /// The system has no way there: network unreachable.
    NoRoute,
    /// Reset as soon as it is accepted.
    Reset,
    /// Closed as soon as it is accepted.
    Close,
    /// Closed when the ClientHello has come.
    CloseAfterHello,
    /// Reset when the ClientHello has come.
    ResetAfterHello,
    /// Nothing comes after the ClientHello.
    HangAfterHello,
    /// Nothing comes after a large ClientHello; a small one is served.
    LargeHelloHang,
    /// Reset after a large ClientHello; a small one is served.
    LargeHelloReset,
    /// Accepted, and then nothing.
    Stall,
    /// Plain http is spoken on the port.
    PlainHttp,
    /// An SSH server.
    Ssh,
}

impl Tcp {
    /// Whether it is about the ClientHello or the TLS port.
    pub(super) fn needs_tls(self) -> bool {
        matches!(
            self,
            Self::CloseAfterHello
                | Self::ResetAfterHello
                | Self::HangAfterHello
                | Self::LargeHelloHang
                | Self::LargeHelloReset
                | Self::PlainHttp
        )
    }
}

/// What is wrong with the TLS side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// Nothing.
    #[default]
    Healthy,
    /// Nothing; TLS 1.2 is the newest it speaks.
    Tls12,
    /// Issued by an authority that is not in the CA file.
    UnknownCa,
    /// Signed by itself.
    SelfSigned,
    /// For other names.
    WrongName,
    /// Expired three days ago.
    Expired,
    /// Valid from in three days.
    NotYetValid,
    /// The name is only in the common name.
    NoSan,
    /// A CA certificate, signed by itself and in the CA file, used as the server's own: Go accepts it.
    CaAsLeaf,
    /// The chain lacks the issuer between.
    MissingIntermediate,
    /// The issuer between has expired.
    ExpiredIntermediate,
    /// The root has expired.
    ExpiredRoot,
    /// Not for servers.
    WrongEku,
    /// Alert: protocol version.
    OldProtocol,
    /// Answers with a ServerHello of TLS 1.0.
    Tls10,
    /// Alert: handshake failure.
    HandshakeFailure,
    /// Alert: unrecognised name.
    UnrecognizedName,
}

/// A scripted page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// Where it redirects to.
    pub location: Option<String>,
    /// The content type.
    pub content_type: String,
    /// The body; absent: a login page in HTML.
    pub body: Option<String>,
    /// Only these paths (patterns); absent: all.
    pub paths: Vec<String>,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            status: 200,
            location: None,
            content_type: "text/html; charset=utf-8".to_owned(),
            body: None,
            paths: Vec::new(),
        }
    }
}

/// A mirror: it serves the registry's content to everybody, for the namespaces that it knows (`?ns=`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mirror {
    /// The registries that it stands for; absent: the world's.
    pub namespaces: Option<Vec<String>>,
    /// The repositories that it has (patterns).
    pub has: Vec<String>,
}

impl Default for Mirror {
    fn default() -> Self {
        Self { namespaces: None, has: vec!["*".to_owned()] }
    }
}
