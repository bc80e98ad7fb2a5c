//! What going through a proxy showed (RFC 9110 section 9.3.6, `CONNECT`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::http::Exchange;

/// A way through a proxy, opened or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tunnel {
    /// The host that is meant.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The proxy's host and port, without user.
    pub proxy: String,
    /// The proxy's host.
    pub proxy_host: String,
    /// What named the proxy: a variable, a flag, or a file's variable.
    pub named_by: String,
    /// Whether its address holds a user.
    pub has_user: bool,
    /// How it ended.
    pub outcome: TunnelOutcome,
}

/// How opening a way through a proxy ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum TunnelOutcome {
    /// It is open.
    Open,
    /// Requests go to the proxy itself, which makes them: the way of plain http.
    Forwards,
    /// The proxy answered `CONNECT` with something else than success, or not at all.
    Refused(Exchange),
    /// The proxy could not be reached; its own resolve and connect observations say why.
    NotReached,
    /// The proxy is named with https, and its answer is no TLS.
    #[serde(rename_all = "camelCase")]
    NoTls {
        /// Whether it answered in plain http.
        http: bool,
    },
    /// The proxy is named with https, and its TLS failed otherwise; its handshake observation says how.
    TlsFailed,
    /// Its address has a scheme that this program does not speak, and Go does: SOCKS.
    NotSpoken,
    /// Its address has a scheme that Go does not speak either.
    UnknownScheme,
    /// An outcome that a newer version knows.
    #[serde(other)]
    Unknown,
}
