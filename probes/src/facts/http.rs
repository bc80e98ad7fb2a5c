//! What an http exchange showed. A status is a fact here; what it means is decided elsewhere.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::foreign::Foreign;

/// A request with its answer, and the redirects on the way to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// The address that was asked, without user and query.
    pub url: Foreign,
    /// The redirects that were followed or refused, in order.
    #[serde(default)]
    pub hops: Vec<Hop>,
    /// What came in the end.
    pub outcome: HttpOutcome,
}

impl Exchange {
    /// The answer, where there is one.
    pub fn reply(&self) -> Option<&Reply> {
        match &self.outcome {
            HttpOutcome::Reply(reply) => Some(reply),
            _ => None,
        }
    }

    /// The status of the answer, where there is one.
    pub fn status(&self) -> Option<u16> {
        self.reply().map(|r| r.status)
    }

    /// The host that gave the last answer, or did not: the last redirect's, else that of the address.
    pub fn last_host(&self) -> Option<&str> {
        self.hops.last().map(|h| h.host.as_str())
    }
}

/// How an exchange ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum HttpOutcome {
    /// An answer came.
    Reply(Reply),
    /// The connection stood, and no answer came.
    Failed {
        /// In which way.
        failure: HttpFailure,
    },
    /// The host could not be reached; its own resolve, connect and handshake observations say why.
    #[serde(rename_all = "camelCase")]
    NotReached {
        /// The host, with its port when it is not the usual one.
        host: String,
    },
    /// A realm or a redirect leads to where none may lead; it was not followed.
    Steered(Steered),
    /// A redirect without a usable address, or too many of them.
    BadRedirect {
        /// What is wrong with it.
        error: Foreign,
    },
    /// There was no time left to ask.
    OutOfTime,
    /// An outcome that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// One redirect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hop {
    /// The status of the redirect.
    pub status: u16,
    /// The address it leads to, without user and query.
    pub to: Foreign,
    /// The host it leads to, with its port when it is not the usual one.
    pub host: String,
    /// Whether the address carries a signature or another query.
    pub signed: bool,
}

/// Why a realm or a redirect was not followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Steered {
    /// The address that was named, without user and query.
    pub to: Foreign,
    /// The forbidden address that it resolves to, where that is the reason.
    #[serde(default)]
    pub address: Option<String>,
    /// Whether the reason is that an https registry led to plain http.
    #[serde(default)]
    pub downgrade: bool,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers that are kept, by lower-case name; several of one name joined by a comma.
    #[serde(default)]
    pub headers: BTreeMap<String, Foreign>,
    /// The registry's own errors (OCI distribution specification, error codes).
    #[serde(default)]
    pub errors: Vec<OciError>,
    /// The numbers that Microsoft Entra gives its errors (`error_codes`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error_codes: Vec<u64>,
    /// What the body is.
    pub body: BodyKind,
    /// The number of bytes of the body that were read.
    #[serde(default)]
    pub bytes: u64,
    /// The time by the server's clock (`Date`).
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub date: Option<Timestamp>,
    /// The time by our clock when the answer came.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

impl Reply {
    /// A kept header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(Foreign::as_str)
    }

    /// The id under which the registry's operators find the request.
    pub fn correlation_id(&self) -> Option<&str> {
        ["x-ms-correlation-request-id", "x-ms-request-id", "x-request-id"].iter().find_map(|n| self.header(n))
    }

    /// Whether one of the registry's errors has this code.
    pub fn has_code(&self, code: &str) -> bool {
        self.errors.iter().any(|e| e.code.as_str().eq_ignore_ascii_case(code))
    }
}

/// One entry of a registry's `errors`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OciError {
    /// The code, such as `MANIFEST_UNKNOWN`.
    pub code: Foreign,
    /// The registry's words.
    pub message: Foreign,
}

/// What a body is, by its first bytes and its content type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BodyKind {
    /// Nothing.
    Empty,
    /// JSON.
    Json,
    /// A page for a browser.
    Html,
    /// XML, as storage services answer.
    Xml,
    /// Something else.
    Other,
    /// A kind that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// How an exchange failed after the connection stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum HttpFailure {
    /// The connection was closed before the answer was complete.
    Closed,
    /// The connection was reset.
    Reset,
    /// The head of the answer did not come.
    #[serde(rename_all = "camelCase")]
    HeadTimedOut {
        /// How long it was waited for, in milliseconds.
        after_ms: u64,
    },
    /// The body stopped coming.
    #[serde(rename_all = "camelCase")]
    BodyTimedOut {
        /// How long it was waited for, in milliseconds.
        after_ms: u64,
        /// The bytes that had come.
        bytes: u64,
    },
    /// The answer is no http.
    Malformed {
        /// The library's words.
        error: Foreign,
    },
    /// The server answered plain http with TLS, or said that it speaks https.
    HttpsExpected,
    /// The body is larger than it may be.
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// A failure that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// What the registry wants before it answers (`GET /v2/`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Challenge {
    /// The request and its answer.
    pub exchange: Exchange,
    /// What `WWW-Authenticate` says.
    pub form: ChallengeForm,
}

/// What a challenge says (RFC 7235; the distribution specification's token authentication).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ChallengeForm {
    /// Nothing is asked for: the answer was no 401.
    NotAsked,
    /// A bearer token is asked for.
    Bearer(AuthChallenge),
    /// A user and a password are asked for.
    Basic {
        /// The realm's name.
        realm: Foreign,
    },
    /// A 401 without `WWW-Authenticate`.
    Missing,
    /// A 401 whose `WWW-Authenticate` cannot be used.
    Malformed {
        /// The header.
        header: Foreign,
    },
    /// A form that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// The parameters of a bearer challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthChallenge {
    /// The token service's address, without user and query.
    pub realm: Foreign,
    /// The service's name.
    #[serde(default)]
    pub service: Option<Foreign>,
    /// The scope, where the challenge names one.
    #[serde(default)]
    pub scope: Option<Foreign>,
}
