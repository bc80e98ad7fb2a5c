//! What Azure said of the registry, of the cluster and of who may pull: its resource manager, and Microsoft Graph for groups.
//!
//! *Invariant:* a field that was not returned is `None`, never a default: older API versions leave fields out, and who lacks a
//! right reads nothing.

use std::fmt;

use probes::foreign::Foreign;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod grants;
mod network;
pub(crate) mod permits;
mod sources;

pub use grants::{Application, Assignment, Definition, Deny, Grants, OPERATOR, Permissions};
pub use network::{Network, Pool, PrivateEndpoint, PrivateZone, ZoneRecord, network_of};
pub use sources::{
    CacheRule, CredentialSet, Health, Regenerations, TokenPassword, TokenUser, covering, is_application,
    is_guid, may_be_own, set_of,
};

/// Whether two ids of Azure's are one: they have no case.
pub fn is_same_id(a: &Foreign, b: &Foreign) -> bool {
    a.as_str().eq_ignore_ascii_case(b.as_str())
}

/// The name at the end of a resource's id, or the id of a role at the end of its own.
pub fn name_in(id: &str) -> &str {
    id.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// What was learnt with an operator's sign-in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Azure {
    /// The cloud: `public`, `china`, `usgov`, or the name in the file that was given.
    pub cloud: String,
    /// The sign-in; `None` where there was none.
    pub sign_in: Option<SignIn>,
    /// How long the sign-in took, in milliseconds.
    pub sign_in_ms: u64,
    /// Why there was no sign-in, or what could not be read.
    pub troubles: Vec<Trouble>,
    /// The registry.
    pub registry: Option<Registry>,
    /// The login servers of registries with the same name or nearly so, where none is at the host that was asked for in any
    /// subscription that the operator sees; `None` where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alike: Option<Vec<Foreign>>,
    /// The cluster.
    pub cluster: Option<ManagedCluster>,
    /// The scale sets of the cluster's node resource group; `None` where they could not be read.
    pub scale_sets: Option<Vec<ScaleSet>>,
    /// Who may do what at the registry; `None` where nothing of it could be read.
    pub grants: Option<Grants>,
    /// The same of the operator, where the other is a cluster's and the operator is who pulls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<Grants>,
    /// The applications by whose ids somebody signs in to the registry, as far as they could be looked up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<Application>,
    /// The private endpoints of the registry that could be read.
    pub private_endpoints: Vec<PrivateEndpoint>,
    /// The private zones for registries that could be read; `None` where they were not looked for.
    pub zones: Option<Vec<PrivateZone>>,
}

impl Azure {
    /// What is known of an application by whose id somebody signs in.
    pub fn application(&self, user: &str) -> Option<&Application> {
        self.applications.iter().find(|one| one.client_id.as_str().eq_ignore_ascii_case(user))
    }
}

/// How the operator signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// The way.
    pub way: Way,
    /// Who: the user's name or the application's id, as the token says.
    pub who: Foreign,
    /// The object id.
    pub object_id: Option<Foreign>,
    /// The tenant.
    pub tenant: Option<Foreign>,
    /// The subscriptions that were looked in.
    #[serde(default)]
    pub subscriptions: Vec<Foreign>,
    /// Whether the sign-in gave a token for registries too; `None` where none was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registries: Option<RegistryToken>,
}

/// What came of asking for a token for registries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum RegistryToken {
    /// There was one.
    Had,
    /// There was none.
    Missing {
        /// Why.
        trouble: Trouble,
    },
    /// An answer that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// A way to sign in, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// `AZURE_CLIENT_ID` with `AZURE_CLIENT_SECRET`.
    Secret,
    /// `AZURE_CLIENT_ID` with `AZURE_CLIENT_CERTIFICATE_PATH`.
    Certificate,
    /// `AZURE_FEDERATED_TOKEN_FILE`.
    WorkloadIdentity,
    /// The metadata service of this machine.
    ManagedIdentity,
    /// `az account get-access-token`.
    AzureCli,
    /// A way that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// Something that could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Trouble {
    /// What kind.
    pub kind: TroubleKind,
    /// What was being done: `sign in (Azure CLI)`, `read the registry`, `list role assignments`.
    pub during: String,
    /// The status of the answer, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The code in the answer: `AuthorizationFailed`, `AADSTS7000222`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Foreign>,
    /// The action that is missing, as the answer names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Foreign>,
    /// What was said, or what was seen.
    pub detail: Foreign,
    /// The id to give to Microsoft's support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<Foreign>,
}

impl fmt::Display for Trouble {
    /// What is wrong, what was being done, and what was said of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (during, detail) = (&self.during, &self.detail);
        match (self.kind, &self.action) {
            (TroubleKind::NoSignIn, _) => write!(f, "no sign-in to Azure: {detail}"),
            (TroubleKind::SignInRefused, _) => write!(f, "Azure refuses the sign-in: {detail}"),
            (TroubleKind::Forbidden, Some(action)) => write!(f, "no right to {during}: {action} is missing"),
            (TroubleKind::Forbidden, None) => write!(f, "no right to {during} ({detail})"),
            (TroubleKind::TimedOut, _) => write!(f, "Azure is silent ({during}): {detail}"),
            (TroubleKind::Throttled, _) => write!(f, "Azure takes no more requests now ({during}): {detail}"),
            _ => write!(f, "{during}: {detail}"),
        }
    }
}

/// Kinds of trouble with Azure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TroubleKind {
    /// There is nothing to sign in with, or `az` is not there or signed out.
    NoSignIn,
    /// The sign-in was refused.
    SignInRefused,
    /// The host could not be reached: no address, no connection, no TLS.
    Unreachable,
    /// No answer came within the time for it.
    TimedOut,
    /// 401: the token was not accepted.
    Unauthenticated,
    /// 403: the action that is missing stands in `action`.
    Forbidden,
    /// It does not exist, or not where it was looked for.
    NotFound,
    /// 429.
    Throttled,
    /// Any other answer that is none.
    Answer,
    /// A kind that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// A container registry (`Microsoft.ContainerRegistry/registries`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Registry {
    /// The resource id.
    pub id: Foreign,
    /// The name, which is not always the first label of the login server.
    pub name: Foreign,
    /// The login server.
    pub login_server: Foreign,
    /// The tenant that it is in, where that is known.
    pub tenant: Option<Foreign>,
    /// The region.
    pub location: Option<Foreign>,
    /// The SKU: `Basic`, `Standard`, `Premium`.
    pub sku: Option<Foreign>,
    /// `provisioningState`.
    pub provisioning_state: Option<Foreign>,
    /// Whether its public endpoint answers: `publicNetworkAccess`.
    pub public_access: Option<bool>,
    /// `networkRuleSet.defaultAction`: whether who matches no rule is let in.
    pub default_allow: Option<bool>,
    /// `networkRuleSet.ipRules`: addresses and ranges that are let in.
    pub ip_rules: Option<Vec<Foreign>>,
    /// `networkRuleSet.virtualNetworkRules`: subnets that are let in.
    pub subnet_rules: Option<Vec<Foreign>>,
    /// Its private endpoints' connections, by id of the endpoint, each with its state: `Approved`, `Pending` ...
    pub connections: Option<Vec<Connection>>,
    /// Whether layers come from hosts of its own.
    pub data_endpoints: Option<bool>,
    /// Those hosts.
    pub data_hosts: Option<Vec<Foreign>>,
    /// The hosts of its regional endpoints.
    pub regional_hosts: Option<Vec<Foreign>>,
    /// `azureADAuthenticationAsArmPolicy`: whether tokens for the resource manager are accepted for its exchange.
    pub arm_audience: Option<bool>,
    /// `quarantinePolicy`.
    pub quarantine: Option<bool>,
    /// `softDeletePolicy`.
    pub soft_delete: Option<bool>,
    /// `roleAssignmentMode`.
    pub mode: Option<Mode>,
    /// Whether it has an admin user.
    pub admin_user: Option<bool>,
    /// Whether anybody may pull.
    pub anonymous_pull: Option<bool>,
    /// Whether it is encrypted with a key of the customer's.
    pub customer_key: Option<bool>,
    /// The address of that key.
    pub key: Option<Foreign>,
    /// The resource ids of the identities that are on it; `None` where that was not returned.
    pub identities: Option<Vec<Foreign>>,
    /// The users that somebody signs in by, where the registry was asked whether these are tokens of its own.
    pub users: Vec<TokenUser>,
    /// When passwords of the admin user were made anew; `None` where nobody asked, or could.
    pub regenerations: Option<Regenerations>,
    /// Its cache rules; `None` where they could not be read in full.
    pub cache_rules: Option<Vec<CacheRule>>,
    /// The credential sets of its cache rules; `None` where they could not be read in full, or no rule names one.
    pub credential_sets: Option<Vec<CredentialSet>>,
}

impl Registry {
    /// What is known of a user as one of its tokens. Whether names of tokens have a case is not known: they are found without.
    pub fn user(&self, name: &str) -> Option<&TokenUser> {
        self.users.iter().find(|user| user.name.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether a user's name is that of its admin user.
    pub fn is_admin(&self, user: &str) -> bool {
        self.name.as_str().eq_ignore_ascii_case(user)
    }
}

/// How a registry reads role assignments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// `LegacyRegistryPermissions`: actions of the registry.
    Registry,
    /// `AbacRepositoryPermissions`: data actions of its repositories.
    Repositories,
    /// A mode that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// A connection of a private endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Connection {
    /// The resource id of the endpoint.
    pub endpoint: Foreign,
    /// `privateLinkServiceConnectionState.status`.
    pub status: Foreign,
}

/// A cluster (`Microsoft.ContainerService/managedClusters`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ManagedCluster {
    /// The resource id.
    pub id: Foreign,
    /// The tenant of its identity, which is that of its subscription.
    pub tenant: Option<Foreign>,
    /// The identity that its kubelets pull with; `None` for one with a service principal, or where it was not returned.
    pub kubelet: Option<KubeletIdentity>,
    /// The object id of the control plane's identity, which pulls nothing.
    pub control_plane: Option<Foreign>,
    /// The client id of the service principal, of a cluster that has no identity.
    pub service_principal: Option<Foreign>,
    /// The object id of that principal in the tenant, where it could be looked up.
    pub service_principal_object: Option<Foreign>,
    /// The resource group of the nodes.
    pub node_resource_group: Option<Foreign>,
    /// `networkProfile.outboundType`.
    pub outbound: Option<Foreign>,
    /// The addresses that its nodes go out with, where they could be read.
    pub egress: Option<Vec<Foreign>>,
    /// `powerState.code`: `Running`, `Stopped`.
    pub power: Option<Foreign>,
    /// The names of its API server: `fqdn`, `privateFQDN`, `azurePortalFQDN`.
    pub hosts: Option<Vec<Foreign>>,
    /// Whether the API server is private.
    pub private: Option<bool>,
    /// `httpProxyConfig`: the proxies' addresses without users, and the exceptions.
    pub proxy: Option<ClusterProxy>,
    /// The subnets of its pools.
    pub subnets: Option<Vec<Foreign>>,
    /// Its pools, each with its subnet, where that is not one of AKS's own.
    pub pools: Option<Vec<Pool>>,
    /// The virtual networks that those subnets are in, as far as they could be read.
    pub networks: Option<Vec<Network>>,
    /// `bootstrapProfile.containerRegistryId`: a registry that stands for Microsoft's own.
    pub bootstrap_registry: Option<Foreign>,
}

/// The identity of a cluster's kubelets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct KubeletIdentity {
    /// The resource id of the managed identity.
    pub resource_id: Option<Foreign>,
    /// The client id, which nodes name.
    pub client_id: Option<Foreign>,
    /// The object id, which role assignments name.
    pub object_id: Option<Foreign>,
}

/// A cluster's proxies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterProxy {
    /// For http.
    pub http: Option<Foreign>,
    /// For https.
    pub https: Option<Foreign>,
    /// What goes past them.
    pub exempt: Vec<Foreign>,
}

/// A scale set of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ScaleSet {
    /// Its name.
    pub name: Foreign,
    /// Its pool, by its tag.
    pub pool: Option<Foreign>,
    /// The resource ids of the identities that are really on it; `None` where the scale set was not returned in full. Azure leaves
    /// the field out where there are none.
    pub identities: Option<Vec<Foreign>>,
    /// The resource ids of those identities with their object ids, which role assignments name.
    pub objects: Option<Vec<(Foreign, Foreign)>>,
}

impl ScaleSet {
    /// Whether an identity is on it, by its resource id; `None` where that was not returned.
    pub fn has(&self, identity: &Foreign) -> Option<bool> {
        Some(self.identities.as_ref()?.iter().any(|id| is_same_id(id, identity)))
    }
}
