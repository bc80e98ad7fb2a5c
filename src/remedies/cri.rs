//! What the container runtime on the node says, and its disk: looks to be typed on the node itself.
//!
//! *Invariant:* only [`remove_image`] and [`prune`] change anything.

use super::{Command, Names, change, local, look, some};

/// What most of it takes.
fn as_root(tool: &str) -> Option<String> {
    Some(format!("{tool}; root, on the node itself"))
}

/// The images that the runtime holds.
pub(super) fn images() -> Option<Command> {
    look(["crictl", "images"], as_root("crictl"))
}

/// The images that lack a part.
pub(super) fn incomplete_images() -> Option<Command> {
    look(["ctr", "-n", "k8s.io", "images", "check"], as_root("containerd's ctr"))
}

/// The layers that are being written.
pub(super) fn being_written() -> Option<Command> {
    look(["ctr", "-n", "k8s.io", "content", "active"], as_root("containerd's ctr"))
}

/// The room on the runtime's disk.
pub(super) fn room() -> Option<Command> {
    look(["df", "-h", "/var/lib/containerd", "/tmp"], local::here())
}

/// The inodes on the runtime's disk.
pub(super) fn inodes() -> Option<Command> {
    look(["df", "-i", "/var/lib/containerd"], local::here())
}

/// How the runtime's folder is mounted.
pub(super) fn mount() -> Option<Command> {
    look(["findmnt", "--target", "/var/lib/containerd"], local::here())
}

/// What the kernel said of its file systems.
pub(super) fn kernel_log(word: &str) -> Option<Command> {
    look(["journalctl", "--dmesg", "--grep", word, "--no-pager"], as_root("journalctl"))
}

/// The state of the runtime and of the kubelet.
pub(super) fn services() -> Option<Command> {
    look(["systemctl", "status", "containerd", "kubelet", "--no-pager"], local::here())
}

/// The errors that the runtime wrote within the hour; the journal itself counts all of its lines as information.
pub(super) fn log() -> Option<Command> {
    look(
        ["journalctl", "--unit", "containerd", "--since", "-1h", "--grep", "level=error", "--no-pager"],
        as_root("journalctl"),
    )
}

/// What the services for artifact streaming said within the hour.
pub(super) fn streaming_log() -> Option<Command> {
    look(
        [
            "journalctl",
            "--unit",
            "overlaybd-snapshotter",
            "--unit",
            "overlaybd-tcmu",
            "--since",
            "-1h",
            "--no-pager",
        ],
        as_root("journalctl"),
    )
}

/// The image that pods are started from, in the runtime's configuration.
pub(super) fn sandbox() -> Option<Command> {
    look(
        ["grep", "--line-number", "--ignore-case", "sandbox", "/etc/containerd/config.toml"],
        as_root("grep"),
    )
}

/// What the node does with names without a registry, and which registries it shuts out.
pub(super) fn registries() -> Option<Command> {
    look(
        [
            "grep",
            "--recursive",
            "--line-number",
            "-e",
            "unqualified-search",
            "-e",
            "short-name-mode",
            "-e",
            "short_name_mode",
            "-e",
            "location",
            "-e",
            "blocked",
            "/etc/containers/registries.conf",
            "/etc/containers/registries.conf.d",
            "/etc/crio",
        ],
        local::here(),
    )
}

/// The policy that the runtime holds images against.
pub(super) fn signature_policy() -> Option<Command> {
    look(["cat", "/etc/containers/policy.json"], local::here())
}

/// The options of docker that concern signatures.
pub(super) fn docker_options() -> Option<Command> {
    look(["grep", "--line-number", "signature-verification", "/etc/sysconfig/docker"], local::here())
}

/// The users and groups that may be mapped.
pub(super) fn id_ranges() -> Option<Command> {
    look(["cat", "/etc/subuid", "/etc/subgid"], local::here())
}

/// Takes the image out of the runtime's store, so that it is pulled anew.
pub(super) fn remove_image(names: &Names) -> Option<Command> {
    change(
        ["crictl", "rmi", some(&names.reference)?],
        "crictl; root, on the node itself; it is pulled again when a pod needs it",
    )
}

/// Takes all images out of the runtime's store that no container uses.
pub(super) fn prune() -> Option<Command> {
    change(
        ["crictl", "rmi", "--prune"],
        "crictl; root, on the node itself; it removes every image that no container uses",
    )
}
