//! Who Azure knows: managed identities of the node, and service principals.

use serde::Deserialize;

use super::azure::Cloud;

/// An identity of the directory. What is absent is given by its place in the list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// Its name; absent: `aks1-agentpool` for the first, `identity-N` for the n-th.
    pub name: Option<String>,
    /// Its client (application) id; absent: `11111111-0000-4000-8000-00000000000N` for the n-th.
    pub client_id: Option<String>,
    /// Its object (principal) id; absent: `22222222-0000-4000-8000-00000000000N` for the n-th.
    pub object_id: Option<String>,
    /// The tenant it is in; absent: the world's.
    pub tenant: Option<String>,
    /// The cloud that its tenant is in; absent: the world's.
    pub cloud: Option<Cloud>,
    /// The ARM id of a managed identity; absent: made of its name.
    pub resource_id: Option<String>,
    /// What it is.
    pub kind: IdentityKind,
    /// Whether the node has it; absent: a managed identity yes.
    pub attached: Option<bool>,
    /// The repositories that it may pull (patterns); absent: all, or, where the page has `[[role]]`, none by this. `[]`: it
    /// has no role on the registry.
    pub pull: Option<Vec<String>>,
    /// Whether it may read the subscription (by the resource manager); absent: service principals and users yes.
    pub reader: Option<bool>,
    /// What a reader may not read (patterns of actions, `Microsoft.Compute/*`).
    pub lacks: Vec<String>,
    /// Whether it may read the directory (by Microsoft Graph); absent: as `reader`.
    pub directory_reader: Option<bool>,
    /// The client secret; of a user the password.
    pub secret: Option<String>,
    /// The client secret has expired.
    pub secret_expired: bool,
    /// Thumbprints of its certificates in hex: of SHA-1 (40 digits) or SHA-256 (64 digits).
    pub certificates: Vec<String>,
    /// Whose tokens it accepts instead of a secret.
    pub federated: Vec<Federated>,
    /// Somebody switched it off.
    pub disabled: bool,
    /// The directory does not have it (any more); the node may still name it.
    pub deleted: bool,
    /// The application is known and its tenant has no service principal for it.
    pub no_service_principal: bool,
    /// A policy of Conditional Access lets it have no token.
    pub blocked_by_policy: bool,
    /// The audiences for which such a policy lets it have no token.
    pub blocked_for: Vec<String>,
    /// A user's password is not enough.
    pub mfa: bool,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            name: None,
            client_id: None,
            object_id: None,
            tenant: None,
            cloud: None,
            resource_id: None,
            kind: IdentityKind::UserAssigned,
            attached: None,
            pull: None,
            reader: None,
            lacks: Vec::new(),
            directory_reader: None,
            secret: None,
            secret_expired: false,
            certificates: Vec::new(),
            federated: Vec::new(),
            disabled: false,
            deleted: false,
            no_service_principal: false,
            blocked_by_policy: false,
            blocked_for: Vec::new(),
            mfa: false,
        }
    }
}

/// What an identity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityKind {
    /// A managed identity that stands by itself, as the kubelet's.
    UserAssigned,
    /// The machine's own managed identity.
    SystemAssigned,
    /// An application with a secret or certificate.
    ServicePrincipal,
    /// A person with a password.
    User,
}

/// A federated credential: whose token stands for a secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Federated {
    /// The issuer, to the letter.
    pub issuer: String,
    /// The subject, to the letter.
    pub subject: String,
    /// The audience.
    #[serde(default = "exchange")]
    pub audience: String,
}

fn exchange() -> String {
    "api://AzureADTokenExchange".to_owned()
}
