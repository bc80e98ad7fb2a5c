//! The identities of a world with their ids and names filled in.

use crate::schema::{Cloud, Identity, IdentityKind, World};

/// A domain of the world's tenant.
pub(crate) const DOMAIN: &str = "contoso.onmicrosoft.com";
/// The tenant that a world is about.
const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
/// The subscription that everything is in.
pub(crate) const SUBSCRIPTION: &str = "bbbbbbbb-0000-4000-8000-000000000001";
/// The resource group of the cluster's machines.
pub(crate) const NODE_GROUP: &str = "MC_contoso_aks1_westeurope";
/// The scale set that the node belongs to.
pub(crate) const SCALE_SET: &str = "aks-nodepool1-12345678-vmss";

/// An identity with its ids and names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    /// Its name.
    pub(crate) name: String,
    /// Its client (application) id.
    pub(crate) client_id: String,
    /// Its object (principal) id.
    pub(crate) object_id: String,
    /// Its tenant.
    pub(crate) tenant: String,
    /// The cloud of its tenant.
    pub(crate) cloud: Cloud,
    /// The name by which a user signs in.
    pub(crate) sign_in: Option<String>,
    /// The ARM id of a managed identity.
    pub(crate) resource_id: Option<String>,
    /// Whether the node has it.
    pub(crate) attached: bool,
    /// Whether it may read the subscription.
    pub(crate) reads: bool,
    /// Whether it may read the directory.
    pub(crate) reads_directory: bool,
    /// What the page says of it.
    pub(crate) said: Identity,
}

impl Principal {
    /// Whether Azure keeps its credential itself.
    pub(crate) fn is_managed(&self) -> bool {
        matches!(self.said.kind, IdentityKind::UserAssigned | IdentityKind::SystemAssigned)
    }
}

/// The id of the tenant that a world is about.
pub(super) fn tenant(world: &World) -> String {
    world.entra.tenant.as_deref().unwrap_or(TENANT).to_ascii_lowercase()
}

/// The identities of a world.
pub(super) fn principals(world: &World) -> Vec<Principal> {
    let usual = [Identity::default()];
    let said = world.identities.as_deref().unwrap_or(&usual);
    said.iter().zip(1..).map(|(said, number)| principal(world, said, number)).collect()
}

fn principal(world: &World, said: &Identity, number: u16) -> Principal {
    let name = said.name.clone().unwrap_or_else(|| match number {
        1 => "aks1-agentpool".to_owned(),
        _ => format!("identity-{number}"),
    });
    let id = |said: &Option<String>, digit: char| {
        said.as_deref().map_or_else(
            || format!("{}-0000-4000-8000-{number:012}", digit.to_string().repeat(8)),
            str::to_ascii_lowercase,
        )
    };
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourcegroups/{NODE_GROUP}/providers");
    let resource_id = said.resource_id.clone().or_else(|| match said.kind {
        IdentityKind::UserAssigned => {
            Some(format!("{group}/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"))
        }
        IdentityKind::SystemAssigned => {
            Some(format!("{group}/Microsoft.Compute/virtualMachineScaleSets/{SCALE_SET}"))
        }
        IdentityKind::ServicePrincipal | IdentityKind::User => None,
    });
    let outside = matches!(said.kind, IdentityKind::ServicePrincipal | IdentityKind::User);
    let reads = said.reader.unwrap_or(outside);
    Principal {
        client_id: id(&said.client_id, '1'),
        object_id: id(&said.object_id, '2'),
        tenant: said.tenant.as_deref().map_or_else(|| tenant(world), str::to_ascii_lowercase),
        cloud: said.cloud.unwrap_or(world.cloud),
        reads,
        reads_directory: said.directory_reader.unwrap_or(reads),
        attached: said.attached.unwrap_or(!outside),
        sign_in: (said.kind == IdentityKind::User).then(|| format!("{name}@{DOMAIN}")),
        name,
        resource_id,
        said: said.clone(),
    }
}
