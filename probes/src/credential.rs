//! As whom something was tried: a name, never a value.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// The name of a credential; what is secret about it is in a [`Login`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Credential {
    /// No credential at all.
    Anonymous,
    /// `--username` and `--password-stdin`.
    GivenUser {
        /// The user's name.
        user: String,
    },
    /// An entry of a docker configuration file.
    DockerConfig {
        /// The user's name, where the entry has one.
        user: String,
        /// The key of `auths` that matched the registry.
        key: String,
        /// Whether another entry with the same user matched, too, so that only the key tells them apart.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        several: bool,
    },
    /// The identity that Azure gives the node, by way of the kubelet's credential provider.
    #[serde(rename_all = "camelCase")]
    NodeIdentity {
        /// How the node's `azure.json` names it: a client id, a resource id, or nothing.
        #[serde(default)]
        id: String,
    },
    /// The service principal of the node's `azure.json`.
    #[serde(rename_all = "camelCase")]
    NodeServicePrincipal {
        /// Its application id.
        #[serde(default)]
        client_id: String,
    },
    /// Whoever runs the program, by their sign-in to Azure.
    Operator {
        /// The user's name, or the application's id, as the sign-in's token says.
        user: String,
    },
    /// A credential that a newer version knows.
    #[serde(other)]
    Unknown,
}

impl Credential {
    /// The user's name, where there is one.
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::GivenUser { user } | Self::DockerConfig { user, .. } => Some(user),
            Self::NodeServicePrincipal { client_id } => Some(client_id),
            Self::Anonymous | Self::NodeIdentity { .. } | Self::Operator { .. } | Self::Unknown => None,
        }
    }

    /// The user's name, where it is a user with a password of its own and nobody of Azure's.
    pub fn own_user(&self) -> Option<&str> {
        self.user().filter(|user| !user.is_empty() && !self.is_nodes())
    }

    /// Whether the node's own credential provider hands it over.
    pub fn is_nodes(&self) -> bool {
        matches!(self, Self::NodeIdentity { .. } | Self::NodeServicePrincipal { .. })
    }

    /// Whether it is the operator's sign-in.
    pub fn is_operators(&self) -> bool {
        matches!(self, Self::Operator { .. })
    }

    /// Whether nothing is presented to the registry.
    pub fn is_anonymous(&self) -> bool {
        *self == Self::Anonymous
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::GivenUser { user } => write!(f, "user {user}"),
            Self::DockerConfig { user, key, several: true } => write!(f, "docker config user {user} ({key})"),
            Self::DockerConfig { user, .. } if user.is_empty() => f.write_str("docker config"),
            Self::DockerConfig { user, .. } => write!(f, "docker config user {user}"),
            Self::NodeIdentity { .. } => f.write_str("node identity"),
            Self::NodeServicePrincipal { .. } => f.write_str("node service principal"),
            Self::Operator { user } if user.is_empty() => f.write_str("operator"),
            Self::Operator { user } => write!(f, "operator {user}"),
            Self::Unknown => f.write_str("unknown credential"),
        }
    }
}

pub use crate::facts::credential::Flaw;

/// What is presented to the registry.
pub enum Proof {
    /// A user's name and password, as `auth` or `username` and `password` of a docker configuration hold them.
    Password {
        /// The user's name.
        user: String,
        /// The password.
        password: Secret<String>,
    },
    /// An OAuth2 refresh token (`identitytoken` of a docker configuration).
    RefreshToken(Secret<String>),
    /// A bearer token for the registry itself (`registrytoken` of a docker configuration).
    RegistryToken(Secret<String>),
    /// A managed identity: its token is exchanged for a refresh token of the registry.
    Managed(ManagedIdentity),
    /// A token of Microsoft Entra, which is exchanged in the same way.
    Entra(EntraToken),
}

/// A token of Microsoft Entra for Azure's registries.
#[derive(Clone)]
pub struct EntraToken {
    /// The token.
    pub token: Secret<String>,
    /// The tenant that gave it, which the exchange is told.
    pub tenant: Option<String>,
    /// The suffix, with its dot, of the hosts that it may go to: those of its own cloud's registries.
    pub suffix: String,
}

/// A managed identity, as a node's `azure.json` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedIdentity {
    /// Which of the machine's identities.
    pub named: Named,
    /// The tenant (`tenantId`), which the exchange is told.
    pub tenant: Option<String>,
    /// Suffixes with their dot, besides those of ACR's clouds, of hosts that its token may go to.
    pub suffixes: Vec<String>,
}

/// How one of a machine's managed identities is named (`userAssignedIdentityID`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By its client id.
    ClientId(String),
    /// By its resource id.
    ResourceId(String),
    /// Not at all: the system's, or the only one there is.
    Nothing,
}

/// Where a service principal signs in: asked only why a registry refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The host of Microsoft Entra in the cloud.
    pub host: String,
    /// The tenant.
    pub tenant: String,
}

/// A credential with what is secret about it.
pub struct Login {
    /// The name that reports show.
    pub credential: Credential,
    /// What is presented; `None` for anonymous, and for a credential that cannot be had.
    pub proof: Option<Proof>,
    /// Where the credential could be asked about, beside the registry.
    pub sign_in: Option<SignIn>,
    /// What was wrong with it before anything was asked.
    pub flaw: Option<Flaw>,
}

impl Login {
    /// The login that presents nothing.
    pub fn anonymous() -> Self {
        Self::new(Credential::Anonymous, None)
    }

    /// A login that has nothing wrong with it so far.
    pub fn new(credential: Credential, proof: Option<Proof>) -> Self {
        Self { credential, proof, sign_in: None, flaw: None }
    }

    /// A credential that cannot be had, and why.
    pub fn flawed(credential: Credential, flaw: Flaw) -> Self {
        Self { flaw: Some(flaw), ..Self::new(credential, None) }
    }

    /// Whether there is nothing to try.
    pub fn is_flawed(&self) -> bool {
        self.flaw.is_some()
    }
}
