//! What a probe saw: facts, no opinion.
//!
//! A survey is a flat list of observations, each complete in itself, so that any of them can be missing and the rest
//! still means what it meant. Unknown fields and kinds of a newer version are read as unknown, never as success.
//!
//! *Invariant:* no observation contains advice, and none a secret: addresses come without user and query, bodies as
//! their kind and the registry's own error codes.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::credential::Credential;
pub use crate::facts::credential::{Flaw, NotTried};
pub use crate::facts::dns::{Answer, DnsOutcome, NameserverAnswers, Resolve, Upstream};
pub use crate::facts::http::{
    AuthChallenge, BodyKind, Challenge, ChallengeForm, Exchange, Hop, HttpFailure, HttpOutcome, OciError,
    Reply, Steered,
};
pub use crate::facts::identity::{
    ChallengeFlaw, Exchanged, Identity, IdentityAsked, IdentityClaims, IdentitySource, NamedProxy,
};
pub use crate::facts::image::{
    Blob, BlobKind, BlobOutcome, Descriptor, Digests, Elsewhere, Manifest, ManifestKind, Platform,
    PlatformEntry, TagList,
};
pub use crate::facts::mirror::Mirror;
pub use crate::facts::node::{
    AzureJson, AzureJsonForm, Capability, FileState, HostFacts, HostsForm, HostsRejected, JsonType,
    NodeFacts, NodeIdentity, Provider, ProviderConfig, ProviderSource, RegistryHosts,
};
pub use crate::facts::proxy::{Tunnel, TunnelOutcome};
pub use crate::facts::tcp::{Connect, Dial, DialOutcome};
pub use crate::facts::tls::{
    Certificate, CertificateProblem, Handshake, HandshakeOutcome, Hello, HelloKind, PlainAnswer, Validity,
};
pub use crate::facts::token::{Granted, Token, TokenForm};

/// One thing that was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Observation {
    /// Why this host was visited.
    pub role: Role,
    /// As whom, where that matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// When the look started.
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// What was seen.
    pub fact: Fact,
}

/// Why a host was visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// It is the registry itself.
    Registry,
    /// The challenge names it as the place for tokens.
    TokenService,
    /// A redirect of the registry leads to it.
    Redirect,
    /// It is a proxy on the way to another.
    Proxy,
    /// It is asked before the registry: a mirror of the node's `hosts.toml`.
    Mirror,
    /// It is the metadata service of the machine.
    Metadata,
    /// It is where identities sign in: Microsoft Entra.
    SignIn,
    /// A reason that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// The facts of one look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Fact {
    /// A name was resolved.
    Resolve(Resolve),
    /// Its addresses were dialled.
    Connect(Connect),
    /// A way through a proxy was asked for.
    Tunnel(Tunnel),
    /// TLS was spoken.
    Handshake(Handshake),
    /// Plain http was spoken to a port that did not answer TLS.
    PlainHttp(PlainAnswer),
    /// The registry was asked what it wants (`GET /v2/`).
    Challenge(Challenge),
    /// The node's files were read.
    NodeFiles(Box<NodeFacts>),
    /// A mirror was asked before the registry.
    Mirror(Mirror),
    /// A credential cannot be presented.
    Flawed(Flaw),
    /// A credential was not tried.
    NotTried(NotTried),
    /// A token of Microsoft Entra was asked for.
    Identity(Identity),
    /// It was exchanged for a refresh token of the registry.
    Exchanged(Exchanged),
    /// A token was asked for.
    Token(Token),
    /// A manifest was asked for.
    Manifest(Box<Manifest>),
    /// The repository's tags were listed.
    TagList(TagList),
    /// A blob was asked for.
    Blob(Blob),
    /// The survey ended before the path did.
    OutOfTime {
        /// The step that was under way.
        during: String,
    },
    /// A fact that a newer version knows.
    #[serde(other)]
    Unknown,
}
