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
            Self::Anonymous | Self::Unknown => None,
        }
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
            Self::DockerConfig { user, .. } if user.is_empty() => f.write_str("docker config"),
            Self::DockerConfig { user, .. } => write!(f, "docker config user {user}"),
            Self::Unknown => f.write_str("unknown credential"),
        }
    }
}

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
}

/// A credential with what is secret about it.
pub struct Login {
    /// The name that reports show.
    pub credential: Credential,
    /// What is presented; `None` for anonymous.
    pub proof: Option<Proof>,
}

impl Login {
    /// The login that presents nothing.
    pub fn anonymous() -> Self {
        Self { credential: Credential::Anonymous, proof: None }
    }
}
