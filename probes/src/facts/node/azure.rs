//! What `azure.json` says, the file from which Azure's credential provider takes its identity.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{NodeFile, Place};
use crate::foreign::Foreign;

/// The file and what stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AzureJson {
    /// The file.
    pub file: NodeFile,
    /// How it is written; `None` when it was not read.
    #[serde(default)]
    pub form: Option<AzureJsonForm>,
    /// Values of a type that their key does not take. The provider refuses the whole file for one of them.
    #[serde(default)]
    pub wrong_types: Vec<WrongType>,
    /// `cloud`.
    #[serde(default)]
    pub cloud: Option<Foreign>,
    /// `tenantId`.
    #[serde(default)]
    pub tenant_id: Option<Foreign>,
    /// `subscriptionId`.
    #[serde(default)]
    pub subscription_id: Option<Foreign>,
    /// `resourceGroup`: that of the cluster's nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_group: Option<Foreign>,
    /// Whether `resourceManagerEndpoint` is set.
    #[serde(default)]
    pub resource_manager_endpoint: bool,
    /// The identity that it names; `None` when that cannot be told.
    #[serde(default)]
    pub identity: Option<NodeIdentity>,
}

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum AzureJsonForm {
    /// It is JSON.
    Json,
    /// It is YAML and no JSON, which the provider reads all the same.
    Yaml,
    /// The provider cannot read it: it is neither, or has an escape of JSON that YAML 1.1 lacks.
    Malformed {
        /// Where the fault is.
        place: Option<Place>,
    },
    /// A form that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// A value of a type that its key does not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WrongType {
    /// The key as it is written; empty for the file as a whole.
    pub key: Foreign,
    /// The type that it takes.
    pub wanted: JsonType,
    /// The type of what stands there.
    pub found: JsonType,
}

/// A type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum JsonType {
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// A number.
    Number,
    /// Text.
    String,
    /// A list.
    Array,
    /// A map.
    Object,
    /// A type that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// The identity that `azure.json` names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum NodeIdentity {
    /// A managed identity by its client id.
    #[serde(rename_all = "camelCase")]
    ManagedByClientId {
        /// The client id.
        client_id: Foreign,
    },
    /// A managed identity by its resource id.
    #[serde(rename_all = "camelCase")]
    ManagedByResourceId {
        /// The resource id.
        resource_id: Foreign,
    },
    /// The managed identity that the machine has, without a name.
    ManagedUnnamed,
    /// A service principal: `useManagedIdentityExtension` is not true.
    #[serde(rename_all = "camelCase")]
    ServicePrincipal {
        /// `aadClientId` as it stands there, perhaps empty or `msi`.
        client_id: Foreign,
        /// Whether there is a secret.
        secret: bool,
        /// Whether a certificate is named, which the provider does not look at.
        certificate: bool,
        /// Whether a federated token is named, which the provider does not look at.
        federated: bool,
    },
    /// A kind that a newer version knows.
    #[serde(other)]
    Unknown,
}
