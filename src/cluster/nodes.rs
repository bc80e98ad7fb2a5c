//! The nodes, and what is known of them before anything is asked of one.

use probes::foreign::Foreign;
use probes::observation::Platform;
use probes::target::Target;

use super::api::{Api, escaped};
use super::mirror;
use super::trouble::Fault;
use crate::case::cluster::Node;

/// How many nodes are asked for at a time.
const PAGE: usize = 100;

/// The most nodes that are read; of a larger cluster it is said.
pub(super) const MOST: usize = 5000;

/// Labels that name a node's pool, in the order in which they are believed.
const POOL: [&str; 15] = [
    "kubernetes.azure.com/agentpool",
    "agentpool",
    "cloud.google.com/gke-nodepool",
    "eks.amazonaws.com/nodegroup",
    "alpha.eksctl.io/nodegroup-name",
    "karpenter.sh/nodepool",
    "kops.k8s.io/instancegroup",
    "node.kubernetes.io/instance-group",
    "doks.digitalocean.com/node-pool",
    "oci.oraclecloud.com/node-pool",
    "ibm-cloud.kubernetes.io/worker-pool-name",
    "k8s.scaleway.com/pool-name",
    "lke.linode.com/pool-id",
    "rke.cattle.io/rke-machine-pool-name",
    "hypershift.openshift.io/nodePool",
];

/// Labels that name the image that a node was made from, where it says more than the name of its system.
const IMAGE: [&str; 1] = ["kubernetes.azure.com/node-image-version"];

/// A node and whether it lists the image that is asked about.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Listed {
    pub(super) node: Node,
    pub(super) held: bool,
}

/// All nodes, a page after another, and whether there are more than are read.
pub(super) async fn list(api: &Api, image: &str) -> Result<(Vec<Listed>, bool), Fault> {
    let target = Target::parse_image(image).ok();
    let mut listed = Vec::new();
    let mut next = String::new();
    loop {
        let page: mirror::List<mirror::Node> = api.read(&nodes_path(&next)).await?;
        listed.extend(page.items.into_iter().map(|node| of(&node, target.as_ref())));
        next = page.metadata.next;
        if next.is_empty() || listed.len() >= MOST {
            return Ok((listed, !next.is_empty()));
        }
    }
}

/// Where the nodes are, from this page on.
pub(super) fn nodes_path(next: &str) -> String {
    let next = if next.is_empty() { String::new() } else { format!("&continue={}", escaped(next)) };
    format!("/api/v1/nodes?limit={PAGE}{next}")
}

fn of(node: &mirror::Node, target: Option<&Target>) -> Listed {
    let label = |name: &str| node.metadata.labels.get(name).filter(|value| !value.is_empty());
    let info = &node.status.node_info;
    let first = |names: &[&str]| names.iter().find_map(|name| label(name));
    let ready = node.status.conditions.iter().find(|c| c.kind == "Ready");
    let platform = (!info.operating_system.is_empty()).then(|| Platform {
        os: info.operating_system.clone(),
        architecture: info.architecture.clone(),
        variant: None,
        // Of Windows the build decides which images run.
        os_version: (info.operating_system == "windows" && !info.kernel_version.is_empty())
            .then(|| info.kernel_version.clone()),
    });
    let held = target.is_some_and(|target| {
        let mut names = node.status.images.iter().flat_map(|image| image.names.iter().flatten());
        names.any(|name| Target::parse_image(name).is_ok_and(|held| held.reference() == target.reference()))
    });
    Listed {
        node: Node {
            name: node.metadata.name.clone(),
            pool: first(&POOL).map(|pool| Foreign::new(pool).to_string()),
            platform,
            zone: label("topology.kubernetes.io/zone").map(|zone| Foreign::new(zone).to_string()),
            kubelet: Foreign::new(&info.kubelet_version),
            runtime: Foreign::new(&info.container_runtime_version),
            image: Foreign::new(first(&IMAGE).unwrap_or(&info.os_image)),
            ready: ready.and_then(|condition| match condition.status.as_str() {
                "True" => Some(true),
                "False" => Some(false),
                _ => None,
            }),
            deleting: node.metadata.deletion_timestamp.is_some(),
            is_virtual: is_virtual(node),
            provider_id: (!node.spec.provider_id.is_empty()).then(|| Foreign::new(&node.spec.provider_id)),
        },
        held,
    }
}

/// Whether there is no machine that a pod can be bound to: a virtual kubelet, a simulated node, a node of Fargate.
fn is_virtual(node: &mirror::Node) -> bool {
    let label = |name: &str| node.metadata.labels.get(name).map(String::as_str);
    matches!(label("type"), Some("virtual-kubelet" | "kwok"))
        || label("eks.amazonaws.com/compute-type") == Some("fargate")
        || node.spec.provider_id.starts_with("kwok://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: serde_json::Value, image: &str) -> Listed {
        of(&serde_json::from_value(value).expect("a node"), Target::parse_image(image).ok().as_ref())
    }

    #[test]
    fn a_node_is_read() {
        let aks = serde_json::json!({
            "metadata": { "name": "aks-np1-0", "labels": {
                "agentpool": "old", "kubernetes.azure.com/agentpool": "np1", "topology.kubernetes.io/zone": "1",
                "kubernetes.azure.com/node-image-version": "AKSUbuntu-2404gen2containerd-202511.10.0",
            } },
            "status": {
                "conditions": [{ "type": "MemoryPressure", "status": "False" }, { "type": "Ready", "status": "True" }],
                "nodeInfo": { "operatingSystem": "linux", "architecture": "amd64", "kubeletVersion": "v1.35.2",
                    "containerRuntimeVersion": "containerd://2.3.7", "osImage": "Ubuntu 24.04", "kernelVersion": "6.8" },
                "images": [{ "names": ["docker.io/library/nginx@sha256:00", "docker.io/library/nginx:latest"] }, { "names": null }],
            },
        });
        let listed = read(aks.clone(), "nginx");
        assert!(listed.held);
        assert!(!read(aks.clone(), "nginx:1.27").held);
        let node = listed.node;
        assert_eq!(node.pool.as_deref(), Some("np1"));
        assert_eq!(node.ready, Some(true));
        assert!(node.image.as_str().starts_with("AKSUbuntu"));
        assert_eq!(node.platform.map(|p| p.to_string()).as_deref(), Some("linux/amd64"));
        let bare = read(serde_json::json!({ "metadata": { "name": "n" } }), "nginx").node;
        assert_eq!((bare.ready, bare.platform, bare.is_virtual), (None, None, false));
        for labels in [
            serde_json::json!({ "type": "virtual-kubelet" }),
            serde_json::json!({ "eks.amazonaws.com/compute-type": "fargate" }),
        ] {
            assert!(read(serde_json::json!({ "metadata": { "labels": labels } }), "nginx").node.is_virtual);
        }
    }
}
