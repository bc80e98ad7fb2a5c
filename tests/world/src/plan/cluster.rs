//! The managed clusters of a world with their ids and identities filled in.

use std::net::Ipv4Addr;

use super::azure::SUBSCRIPTION_PREFIX;
use super::principals::{NODE_GROUP, Principal, SCALE_SET, SUBSCRIPTION};
use crate::schema::{Aks, AksPool, IdentityKind, Kube, Outbound, World};

/// The address with which the machines go out where the page does not say.
const EGRESS: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);

/// A managed cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// Its ARM id.
    pub(crate) id: String,
    /// The ARM id of the resource group of its machines.
    pub(crate) node_group: String,
    /// The object id of the identity with which its kubelets pull.
    pub(crate) kubelet: Option<String>,
    /// The subnet of its machines, where that is one of AKS' own.
    pub(crate) own_subnet: Option<String>,
    /// The public addresses with which its machines go out, where it is told.
    pub(crate) egress: Vec<Ipv4Addr>,
    /// Its node pools.
    pub(crate) pools: Vec<Pool>,
    /// What the page says of it.
    pub(crate) said: Aks,
}

/// A node pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pool {
    /// The name of its scale set.
    pub(crate) scale_set: String,
    /// The ARM id of its subnet.
    pub(crate) subnet: String,
    /// Names of the identities that the scale set has.
    pub(crate) identities: Vec<String>,
    /// What the page says of it.
    pub(crate) said: AksPool,
}

impl Cluster {
    /// The `spec.providerID` of a node of a pool.
    fn provider_id(&self, pool: Option<&str>, number: usize) -> String {
        let set =
            self.pools.iter().find(|known| pool == Some(known.said.name.as_str())).or(self.pools.first());
        let set = set.map_or(SCALE_SET, |pool| pool.scale_set.as_str());
        let group = &self.node_group;
        format!(
            "azure://{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{set}/virtualMachines/{number}"
        )
    }
}

/// The API server's cluster with its nodes where their machines are.
pub(super) fn located(kube: &Kube, clusters: &[Cluster]) -> Kube {
    let own = |cluster: &&Cluster| kube.aks.as_ref().is_none_or(|name| *name == cluster.said.name);
    let Some(cluster) = clusters.iter().find(own) else { return kube.clone() };
    let mut kube = kube.clone();
    for (number, node) in kube.nodes.iter_mut().enumerate() {
        node.provider_id.get_or_insert_with(|| cluster.provider_id(node.pool.as_deref(), number));
    }
    kube
}

/// The clusters.
pub(super) fn clusters(world: &World, principals: &[Principal], region: &str) -> Vec<Cluster> {
    let usual = [Aks::default()];
    let said = world.aks.as_deref().unwrap_or(&usual);
    let seen = world.registry.firewall.as_ref().and_then(|wall| wall.sees.parse().ok());
    let seen = seen.filter(|address: &Ipv4Addr| !address.is_private()).unwrap_or(EGRESS);
    said.iter().enumerate().map(|(at, said)| cluster(said, at == 0, principals, region, seen)).collect()
}

fn cluster(said: &Aks, first: bool, principals: &[Principal], region: &str, seen: Ipv4Addr) -> Cluster {
    let subscription = said.subscription.as_deref().unwrap_or(SUBSCRIPTION).to_ascii_lowercase();
    let prefix = format!("{SUBSCRIPTION_PREFIX}{subscription}/resourceGroups");
    // The world's node is one of the first cluster.
    let group = match first {
        true => NODE_GROUP.to_owned(),
        false => format!("MC_{}_{}_{region}", said.group, said.name),
    };
    let node_group = format!("{prefix}/{group}");
    let own = format!(
        "{node_group}/providers/Microsoft.Network/virtualNetworks/aks-vnet-12345678/subnets/aks-subnet"
    );
    let usual = [AksPool::default()];
    let pools = said.pools.as_deref().unwrap_or(&usual).iter().map(|pool| Pool {
        scale_set: match pool.name.as_str() {
            "nodepool1" => SCALE_SET.to_owned(),
            name if pool.windows => format!("aks{name}"),
            name => format!("aks-{name}-12345678-vmss"),
        },
        subnet: pool.subnet.clone().or_else(|| said.subnet.clone()).unwrap_or_else(|| own.clone()),
        identities: pool.identities.clone().unwrap_or_else(|| {
            principals.iter().filter(|known| known.attached).map(|known| known.name.clone()).collect()
        }),
        said: pool.clone(),
    });
    Cluster {
        id: format!(
            "{prefix}/{}/providers/Microsoft.ContainerService/managedClusters/{}",
            said.group, said.name
        ),
        kubelet: kubelet(said, principals).map(|known| known.object_id.clone()),
        // Of a firewall behind a route Azure tells nothing here.
        egress: match said.outbound {
            Outbound::UserDefinedRouting | Outbound::None | Outbound::Block => Vec::new(),
            _ => said.egress.clone().unwrap_or_else(|| vec![seen]),
        },
        pools: pools.collect(),
        own_subnet: said.subnet.is_none().then_some(own),
        node_group,
        said: said.clone(),
    }
}

/// The identity with which the kubelets pull.
fn kubelet<'a>(said: &Aks, principals: &'a [Principal]) -> Option<&'a Principal> {
    let of = |kind: IdentityKind| principals.iter().find(|known| known.said.kind == kind);
    match &said.kubelet {
        Some(name) => principals.iter().find(|known| known.name == *name),
        None => of(IdentityKind::UserAssigned).or_else(|| of(IdentityKind::ServicePrincipal)),
    }
}
