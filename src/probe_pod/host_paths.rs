//! The files and folders of a node that the probe reads, each mounted by itself and read-only.
//!
//! Each has a type, so that nothing is made on the node: with the empty type the kubelet checks nothing, and the runtime
//! *makes a folder* where there is nothing (containerd's CRI plugin: `MkdirAll` of a mount's missing source), which would
//! put a folder in the place of a missing `azure.json`. With a type the kubelet does not start the pod, and says why in an
//! event, `FailedMount`. That event is an answer too: the file is not on the node. Whoever runs the pod takes the path out
//! ([`not_there`]) and creates the pod anew.

use serde_json::{Value, json};

/// A file or folder of the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostPath {
    /// Its path on the node.
    pub path: &'static str,
    /// What it must be.
    pub kind: Kind,
}

/// What stands at a path, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
}

const fn file(path: &'static str) -> HostPath {
    HostPath { path, kind: Kind::File }
}

const fn folder(path: &'static str) -> HostPath {
    HostPath { path, kind: Kind::Directory }
}

/// What an AKS node has, whatever its system: Azure's settings, the credential provider, containerd's settings, units with
/// their drop-ins (proxies), authorities, names.
pub const HOST_PATHS: &[HostPath] = &[
    file("/etc/kubernetes/azure.json"),
    file("/var/lib/kubelet/credential-provider-config.yaml"),
    folder("/var/lib/kubelet/credential-provider"),
    file("/etc/default/kubelet"),
    folder("/etc/containerd"),
    folder("/etc/systemd/system"),
    folder("/usr/lib/systemd/system"),
    // What systemd gives to every service, and files of variables that units are wont to name.
    file("/etc/systemd/system.conf"),
    folder("/etc/systemd/system.conf.d"),
    file("/etc/environment"),
    file("/etc/default/containerd"),
    folder("/etc/ssl/certs"),
    file("/etc/hosts"),
    file("/etc/hostname"),
    file("/etc/resolv.conf"),
    // Where systemd-resolved says whom it asks.
    file("/run/systemd/resolve/resolv.conf"),
];

/// What nodes have besides where authorities are kept as Red Hat's systems do (Azure Linux): the folder and what its
/// bundles are links to.
pub const RPM_PATHS: &[HostPath] = &[folder("/etc/pki/tls/certs"), folder("/etc/pki/ca-trust/extracted/pem")];

impl HostPath {
    /// A name for its volume.
    fn name(&self) -> String {
        let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        self.path.trim_start_matches('/').chars().map(word).collect()
    }

    pub(super) fn volume(&self) -> Value {
        let kind = match self.kind {
            Kind::File => "File",
            Kind::Directory => "Directory",
        };
        json!({ "name": self.name(), "hostPath": { "path": self.path, "type": kind } })
    }

    pub(super) fn mount(&self, below: &str) -> Value {
        json!({
            "name": self.name(),
            "mountPath": format!("{below}{}", self.path),
            "readOnly": true,
        })
    }
}

/// The path that the kubelet did not find, by the message of its event `FailedMount` (Kubernetes
/// `pkg/volume/hostpath/host_path.go`).
pub fn not_there(message: &str) -> Option<HostPath> {
    // A colon stands after it up to some version, and a comma since (seen of 1.37, with more words behind the path).
    let (_, said) = message.split_once("hostPath type check failed")?;
    let said = said.trim_start_matches([':', ',', ' ']);
    let (path, why) = said.split_once(" is not a ")?;
    // What could not be looked at may be there.
    if why.contains("unable to determine") && !why.contains("does not exist") {
        return None;
    }
    HOST_PATHS.iter().chain(RPM_PATHS).find(|known| known.path == path).copied()
}
