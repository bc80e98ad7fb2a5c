//! What a TLS handshake showed (RFC 8446, RFC 5246; acceptance as Go's `crypto/x509` decides it).

use std::net::IpAddr;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::foreign::Foreign;

/// One handshake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Handshake {
    /// The registry's, token service's or redirect's name.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The address of the name that was spoken to.
    pub address: IpAddr,
    /// What was sent.
    pub hello: Hello,
    /// How it ended.
    pub outcome: HandshakeOutcome,
    /// The chain that the server presented, its own certificate first.
    #[serde(default)]
    pub chain: Vec<Certificate>,
    /// The protocol version that was agreed on.
    #[serde(default)]
    pub version: Option<String>,
    /// Whose authorities were trusted: `system`, `built-in`, or the file's name.
    pub roots: String,
    /// The time that the server's own clock shows, where an http answer was fetched over this connection only to
    /// learn it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub server_date: Option<Timestamp>,
}

/// What the client sent first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// Which of the hellos.
    pub kind: HelloKind,
    /// The name in its server name indication; `None` for an address.
    #[serde(default)]
    pub server_name: Option<String>,
    /// Its size on the wire, in bytes, with the record header.
    #[serde(default)]
    pub bytes: Option<usize>,
}

/// The hellos that are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum HelloKind {
    /// What containerd sends today: with a post-quantum key share, over one segment.
    Large,
    /// The same once more, after a smaller one had passed.
    LargeAgain,
    /// Without the post-quantum key share: one segment.
    Small,
    /// The large one with another server name, to learn whether the name is what is filtered.
    OtherName,
    /// One that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// How a handshake ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum HandshakeOutcome {
    /// It is complete, and Go would accept the certificate. (For `OtherName` alone: the server answered the hello.)
    Completed,
    /// The server's certificate is not one that Go accepts.
    Certificate(CertificateProblem),
    /// The answer is no TLS record.
    NotTls {
        /// Whether it starts like an http response.
        http: bool,
    },
    /// The server speaks only protocol versions below TLS 1.2.
    TooOld {
        /// The version it offered, where it offered one.
        offered: Option<String>,
    },
    /// The server ended it with an alert (RFC 8446 section 6).
    Alert {
        /// The alert's name, in snake case as in the RFC.
        name: String,
    },
    /// No answer.
    #[serde(rename_all = "camelCase")]
    TimedOut {
        /// How long it was waited for, in milliseconds.
        after_ms: u64,
    },
    /// The connection was reset.
    Reset,
    /// The connection was closed.
    Closed,
    /// The server chose or showed something that Go takes and our library does not.
    NotSupported {
        /// The library's words.
        error: Foreign,
    },
    /// The handshake failed in another way.
    Failed {
        /// The library's words.
        error: Foreign,
    },
    /// An outcome that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// Why Go would not accept a certificate. Every fact is recorded; Go reports the first that applies, in the order of
/// the fields (`Certificate.Verify`: validity, name, chain).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertificateProblem {
    /// A certificate of the chain is outside its validity.
    #[serde(default)]
    pub validity: Option<Validity>,
    /// The certificate has no subject alternative name at all.
    #[serde(default)]
    pub no_san: bool,
    /// The names that the certificate holds, when the expected one is not among them.
    #[serde(default)]
    pub wrong_name: Option<Vec<Foreign>>,
    /// The issuer that no trusted authority vouches for.
    #[serde(default)]
    pub unknown_issuer: Option<Foreign>,
    /// Whether the issuer is unknown only because a signature by a weak key cannot be verified here; Go verifies it.
    #[serde(default)]
    pub unverified: bool,
    /// Another reason (key usage, name constraints, a broken signature).
    #[serde(default)]
    pub other: Option<Foreign>,
}

/// A certificate outside its validity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Validity {
    /// Whose it is.
    pub subject: Foreign,
    /// Valid from.
    #[schemars(with = "String")]
    pub not_before: Timestamp,
    /// Valid until.
    #[schemars(with = "String")]
    pub not_after: Timestamp,
    /// The time by our clock.
    #[schemars(with = "String")]
    pub now: Timestamp,
}

/// What is kept of a certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Its subject.
    pub subject: Foreign,
    /// Its issuer.
    pub issuer: Foreign,
    /// Its subject alternative names.
    #[serde(default)]
    pub names: Vec<Foreign>,
    /// Valid from.
    #[schemars(with = "String")]
    pub not_before: Timestamp,
    /// Valid until.
    #[schemars(with = "String")]
    pub not_after: Timestamp,
    /// SHA-256 of the certificate, in hex.
    pub sha256: String,
}

/// What a port said to plain http after it had not answered TLS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlainAnswer {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The status of its answer to `GET /v2/`; `None` when it was no http either.
    pub status: Option<u16>,
}
