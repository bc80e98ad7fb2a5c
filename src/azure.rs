//! Azure, as far as an operator may read it: what it says of the registry, of the cluster, and of who may pull.
//!
//! Reading order: which Azure ([`cloud`]), what there is to sign in with ([`sign_in`]), how its resource manager is asked
//! (`arm`) and what stands in the way (`trouble`), and what is asked of it ([`gather`]).
//!
//! *Invariants:* nothing is written, every request is a `GET` but for the sign-in's · tokens go to the hosts of their cloud
//! alone · every failure is a trouble, and ends nothing else · no type here that holds a secret is `Debug` or `Serialize`.

mod arm;
pub mod cloud;
mod gather;
mod read;
pub mod sign_in;
mod together;
mod trouble;

use std::fmt;
use std::str::FromStr;

use probes::facts::node::{AzureJson, NodeIdentity};
use probes::foreign::Foreign;
use probes::target::Target;

pub use cloud::Cloud;
pub use gather::{APPLICATION, DEFINITIONS, PRINCIPAL, ask_of_users, gather, sign_in_again};
pub use sign_in::{Means, Tokens};

/// What is asked of Azure.
#[derive(Clone)]
pub struct Ask {
    /// The cloud.
    pub cloud: Cloud,
    /// What there is to sign in with.
    pub means: Means,
    /// The registry.
    pub registry: Option<Named>,
    /// The host that the image is pulled from, where it is one of the cloud's registries': the registry must be its own.
    pub host: Option<String>,
    /// The cluster.
    pub cluster: Option<ClusterName>,
    /// The one subscription that is looked in, by id or by name.
    pub subscription: Option<String>,
    /// The tenant that is signed in to.
    pub tenant: Option<String>,
    /// The node that is looked from, by its own file: its cluster is asked about where none is named.
    pub node: Option<NodeHint>,
    /// Whether the operator is who pulls, and nobody's kubelet is asked.
    pub own: bool,
    /// The names of the users that somebody signs in to the registry by; some of them may be the registry's own.
    pub users: Vec<String>,
}

/// Where a node is, by its own file or by the API server, and as whom it pulls, by its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeHint {
    /// The subscription.
    pub subscription: Option<String>,
    /// The resource group of the nodes.
    pub group: Option<String>,
    /// The client id of the identity that pulls.
    pub client: Option<String>,
    /// The object id in the token that the node was given.
    pub object: Option<String>,
}

impl NodeHint {
    /// A node of a cluster whose machines are in this resource group.
    pub fn in_group(subscription: &str, group: &str) -> Self {
        Self { subscription: Some(subscription.to_owned()), group: Some(group.to_owned()), ..Self::default() }
    }

    /// A node whose token is for this object.
    pub fn signed_in(object: &str) -> Self {
        Self { object: Some(object.to_owned()), ..Self::default() }
    }

    /// Reads a node's file.
    pub fn of(file: &AzureJson) -> Self {
        let text = |text: &Option<Foreign>| text.as_ref().map(ToString::to_string).filter(|t| !t.is_empty());
        let client = match &file.identity {
            Some(NodeIdentity::ManagedByClientId { client_id }) => Some(client_id.to_string()),
            Some(NodeIdentity::ServicePrincipal { client_id, .. }) => Some(client_id.to_string()),
            _ => None,
        };
        Self {
            subscription: text(&file.subscription_id),
            group: text(&file.resource_group),
            client: client.filter(|id| !id.is_empty() && id != "msi"),
            object: None,
        }
    }
}

/// A registry as it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By its resource id.
    Id(ResourceId),
    /// By its name.
    Name(String),
    /// By one of its hosts, in lower case: the login server, a regional endpoint.
    Host(String),
}

/// A cluster as it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterName {
    /// By its resource id.
    Id(ResourceId),
    /// By its resource group and its name.
    InGroup {
        /// The resource group.
        group: String,
        /// The name.
        name: String,
    },
}

/// The id of a resource: `/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceId {
    text: String,
}

/// The type of registries.
pub const REGISTRIES: &str = "Microsoft.ContainerRegistry/registries";
/// The type of clusters.
pub const CLUSTERS: &str = "Microsoft.ContainerService/managedClusters";

impl ResourceId {
    /// The subscription.
    pub fn subscription(&self) -> &str {
        self.part(1)
    }

    /// The resource's name.
    pub fn name(&self) -> &str {
        self.part(7)
    }

    /// The resource's type, as it is written in the id.
    pub fn kind(&self) -> String {
        format!("{}/{}", self.part(5), self.part(6))
    }

    /// Whether the resource is of a type; ids have no case.
    pub fn is(&self, kind: &str) -> bool {
        self.kind().eq_ignore_ascii_case(kind)
    }

    /// The whole.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn part(&self, at: usize) -> &str {
        self.text.split('/').skip(1).nth(at).unwrap_or_default()
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for ResourceId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim_end_matches('/');
        let parts: Vec<&str> = text.split('/').collect();
        let ["", subscriptions, _, groups, _, providers, _, _, _] = parts.as_slice() else { return Err(()) };
        let is = |part: &str, word: &str| part.eq_ignore_ascii_case(word);
        let shaped =
            is(subscriptions, "subscriptions") && is(groups, "resourceGroups") && is(providers, "providers");
        let plain = |part: &&str| !part.is_empty() && part.chars().all(is_plain);
        match shaped && parts[1..].iter().all(plain) {
            true => Ok(Self { text: text.to_owned() }),
            false => Err(()),
        }
    }
}

/// Whether a character may stand in the name of a resource, a group or a tenant. Groups may have letters of any script.
pub(crate) fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '(' | ')')
}

/// The registry that a target is in, where it is one of a cloud's.
pub fn registry_of(target: &Target, cloud: &Cloud) -> Option<Named> {
    let host = target.registry.split(':').next().unwrap_or_default().to_ascii_lowercase();
    cloud.has_registry(&host).then_some(Named::Host(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_resources_are_read_apart() {
        let id =
            "/subscriptions/S/resourcegroups/G/providers/microsoft.containerregistry/registries/contosoacr";
        let read: ResourceId = id.parse().expect("an id");
        assert_eq!((read.subscription(), read.name(), read.as_str()), ("S", "contosoacr", id));
        assert!(read.is(REGISTRIES) && !read.is(CLUSTERS));
        for bad in [
            "contosoacr",
            "/subscriptions/S/resourceGroups/G",
            "/subscriptions/S/resourceGroups/G/providers/N/T/",
            "/subscriptions/S/resourceGroups/G/providers/N/T/a/b/c",
            "/subscriptions//resourceGroups/G/providers/N/T/a",
            "/subscriptions/S/resourceGroups/G/providers/N/T/a?x=y",
            "/subscriptions/S/resourceGroups/../providers/N/T/a b",
        ] {
            assert_eq!(bad.parse::<ResourceId>(), Err(()), "{bad}");
        }
    }
}
