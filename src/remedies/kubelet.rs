//! Fixes for what the kubelet decides around a pull, and for the policies of cluster and node.

use super::{Advice, Names, aks, cri, image, kube, say, some};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    decisions(id, names).or_else(|| policies(id, names))
}

/// Whether it pulls, and for whom.
fn decisions(id: CauseId, names: &Names) -> Option<Advice> {
    let node = names.the_node();
    let pod = names.the_pod();
    match id {
        causes::ImageNeverPullAbsent => say(
            format!(
                "Let {pod} pull with imagePullPolicy IfNotPresent, or load the image into the runtime's store on {node}."
            ),
            [kube::node_holds(names), cri::images()],
        ),
        causes::ImageNeverPullNotAuthorized => say(
            format!(
                "Give {pod} the pull secret that the image was pulled with, or let it pull with imagePullPolicy IfNotPresent."
            ),
            [kube::node_holds(names), kube::pod_images(names), kube::secrets(names)],
        ),
        causes::PulledImageReverificationFailed => say(
            format!(
                "Give {pod} a credential that may pull the image: that {node} holds it is not enough from Kubernetes 1.35."
            ),
            [kube::pod_images(names), kube::secrets(names), kube::service_account(names)],
        ),
        causes::ImageVolumePullFailed => say(
            format!(
                "Correct the image of the volume in {pod}, or give the pod a pull secret for its registry."
            ),
            [kube::pod_images(names), image::manifest(names), kube::secrets(names)],
        ),
        causes::ImageVolumeMountFailed => say(
            format!(
                "Run {pod} on nodes with a newer runtime or node image, or copy the files with an init container."
            ),
            [kube::node_versions(names), cri::log(), aks::upgrade_node_image(names)],
        ),
        causes::KubeletPullQpsExceeded => say(
            format!(
                "Wait for the next try; then start fewer pods at once on {node}, or raise its kubelet's registryPullQPS."
            ),
            [kube::kubelet_settings(names), kube::pods_of_node(names)],
        ),
        _ => None,
    }
}

/// What cluster or node do not let through as it is.
fn policies(id: CauseId, names: &Names) -> Option<Advice> {
    let registry = some(&names.registry).unwrap_or("this registry");
    match id {
        causes::AdmissionImagePolicyDenied => say(
            format!(
                "Make the image what the policy asks for, or have its keepers except {}.",
                names.the_namespace()
            ),
            [kube::refused_pods(names), kube::admission()],
        ),
        causes::MutatedByAdmission => say(
            format!(
                "Correct the webhook or policy that changes {}, or provide the image and the secret where it points to.",
                names.the_pod()
            ),
            [kube::templates(names), kube::pod_images(names), kube::admission()],
        ),
        causes::SignatureValidationFailed => say(
            "Sign the image as the node's policy asks, and copy the signatures with it; or have the policy trust its key.",
            [cri::signature_policy(), kube::pod(names)],
        ),
        causes::RegistryBlockedByRuntimePolicy => say(
            format!(
                "Take the image from a registry that is allowed, or have {registry} unblocked in the nodes' registries.conf."
            ),
            [cri::registries()],
        ),
        _ => None,
    }
}
