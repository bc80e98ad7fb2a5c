//! Fixes for the container runtime on the node, its disk and its store.

use super::{Advice, Names, aks, cri, image, kube, local, say, wire};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    service(id, names).or_else(|| disk(id, names)).or_else(|| store(id, names))
}

/// The runtime itself; a pod for a shell would not start where it is down.
fn service(id: CauseId, names: &Names) -> Option<Advice> {
    let node = names.the_node();
    match id {
        causes::ContainerRuntimeDown => say(
            format!(
                "Restart containerd on {node} and read why it stopped; if it does not stay up, reimage the node."
            ),
            [kube::node_conditions(names), cri::services(), cri::log(), local::restart("containerd")],
        ),
        causes::SandboxImagePullFailed => say(
            format!(
                "Let {node} reach the registry of its pause image, or name one in containerd's configuration that it can pull."
            ),
            [kube::pod(names), cri::sandbox(), wire::dial(names), aks::upgrade_node_image(names)],
        ),
        causes::PullDeadlineExceeded => say(
            "Make the image smaller or bring it nearer, or raise the limit that ends the pull.",
            [image::manifest(names), wire::dial(names), cri::log()],
        ),
        causes::RuntimeSignatureVerificationMisconfig => say(
            "Set --signature-verification=false in /etc/sysconfig/docker where nobody relies on it, and restart docker; or leave this docker.",
            [cri::docker_options(), cri::signature_policy(), local::restart("docker")],
        ),
        _ => None,
    }
}

/// The node's disk; under pressure the kubelet would not start a pod for a shell either.
fn disk(id: CauseId, names: &Names) -> Option<Advice> {
    let node = names.the_node();
    match id {
        causes::NodeDiskFull => say(
            format!(
                "Remove the images that nothing uses on {node} and find what grows; then give the pool a larger OS disk."
            ),
            [kube::node_conditions(names), cri::room(), cri::inodes(), cri::prune()],
        ),
        causes::ReadOnlyFilesystem => say(
            format!("Move the pods away from {node} and reimage or replace it: the kernel gave its disk up."),
            [cri::mount(), cri::kernel_log("remount"), kube::pods_of_node(names)],
        ),
        causes::ImageGarbageCollected => say(
            format!("Wait for the next try, which pulls again; then give {node} more room, or fewer images."),
            [kube::node_conditions(names), cri::room()],
        ),
        _ => None,
    }
}

/// The content and the snapshots in the runtime's store.
fn store(id: CauseId, names: &Names) -> Option<Advice> {
    let node = names.the_node();
    match id {
        causes::ContentStoreBlobMissing => say(
            format!("Remove the image from the store of {node}, and let the kubelet pull it again."),
            [cri::incomplete_images(), kube::shell(names), cri::remove_image(names), kube::delete_pod(names)],
        ),
        causes::SnapshotStateCorrupt => say(
            format!(
                "Try again; if it stays, remove the image on {node} and restart containerd, or reimage the node."
            ),
            [
                cri::log(),
                kube::delete_pod(names),
                kube::shell(names),
                cri::remove_image(names),
                local::restart("containerd"),
            ],
        ),
        causes::SnapshotterMountFailed => say(
            format!(
                "Put the runtime's folder on {node} on ext4 or xfs, or use a snapshotter that its kernel can mount."
            ),
            [cri::mount(), cri::kernel_log("overlay"), cri::log(), aks::upgrade_node_image(names)],
        ),
        causes::ContentIngestLocked => say(
            format!(
                "Wait for the other pull on {node} to end; if nothing grows for ten minutes, restart containerd there."
            ),
            [cri::being_written(), kube::shell(names), local::restart("containerd")],
        ),
        causes::LayerUnpackFailed => say(
            "Build and push the image again with current tools and gzip, or renew nodes whose runtime is too old for it.",
            [image::manifest(names), kube::node_versions(names), cri::log(), aks::upgrade_node_image(names)],
        ),
        causes::UserNamespaceIdRange => say(
            "Extend the ranges in /etc/subuid and /etc/subgid and restart the runtime, or build the image with users below 65536.",
            [cri::id_ranges(), cri::log(), local::restart("containerd")],
        ),
        _ => None,
    }
}
