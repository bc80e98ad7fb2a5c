//! Forward proxies: what they refuse and how, and what they look into.

use serde::Deserialize;

/// A forward proxy. What it lets through is tunnelled to the world's own servers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Proxy {
    /// Hosts it refuses (patterns).
    pub deny: Vec<String>,
    /// What those hosts meet.
    pub answer: ProxyAnswer,
    /// The status of a refusal.
    pub status: u16,
    /// `USER:PASSWORD` that it demands (407 without).
    pub credentials: Option<String>,
    /// What becomes of requests for the metadata service.
    pub imds: ProxyImds,
    /// It tells servers for whom it asks, in plain http (`X-Forwarded-For`).
    pub forwarded_for: bool,
    /// It looks into TLS.
    pub intercept: Option<Intercept>,
}

impl Default for Proxy {
    fn default() -> Self {
        Self {
            deny: Vec::new(),
            answer: ProxyAnswer::Status,
            status: 403,
            credentials: None,
            imds: ProxyImds::BadGateway,
            forwarded_for: true,
            intercept: None,
        }
    }
}

/// What a host that a proxy denies meets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyAnswer {
    /// The status, with a page.
    #[default]
    Status,
    /// 200, and behind it a web page instead of the host.
    Html,
    /// Nothing.
    Silent,
    /// The connection ends.
    Close,
}

/// What a proxy, another machine, makes of a request for the metadata service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyImds {
    /// 502.
    #[default]
    BadGateway,
    /// 404.
    NotFound,
    /// It has a way there.
    Forward,
}

/// A proxy that looks into TLS.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intercept {
    /// The authority that its certificates name.
    pub issuer: String,
    /// The authority is in the CA file.
    pub trusted: bool,
    /// Only connections to these hosts (patterns); absent: all.
    pub hosts: Vec<String>,
}

impl Default for Intercept {
    fn default() -> Self {
        Self { issuer: "Contoso TLS Inspection CA".to_owned(), trusted: false, hosts: Vec::new() }
    }
}
