//! The pod that a probe runs in, as data: on the pod network what PodSecurity's level *restricted* allows, on the host
//! network as little beyond that as reading the node's files takes.
//!
//! *Invariant:* a pure function of what was asked, so that what `--plan` shows is what is created; no secret is in it; nothing
//! on the node is written or made.

mod host_paths;

use std::time::Duration;

use probes::assignment::{Assignment, Credentials};
use probes::vantage::Vantage;
use serde_json::{Value, json};

pub use host_paths::{HOST_PATHS, HostPath, Kind, RPM_PATHS, not_there};

/// The container's name.
pub const CONTAINER: &str = "probe";
/// Where the probe's image has the program.
pub const PROGRAM: &str = "/pullcheck-probe";

/// Where the node's files are mounted.
const HOST_ROOT: &str = "/host";
/// Where a pull secret is mounted, and its file there.
const SECRET: &str = "/pullcheck/pull-secret";
const SECRET_FILE: &str = "config.json";
/// The keys under which a pull secret has its file: that of the type `kubernetes.io/dockercfg`, and that of
/// `kubernetes.io/dockerconfigjson`, which takes its place where a secret has both. The probe reads either form.
const SECRET_KEYS: [&str; 2] = [".dockercfg", ".dockerconfigjson"];
/// The user that the probe runs as where it needs to be no other: nobody of the image's, nobody of the node's.
const USER: u32 = 65532;
/// The longest assignment that is one argument of a program: Linux takes 128 KiB, with its end.
const LONGEST: usize = 128 * 1024 - 1;
/// How long the probe has after a signal to say what it has seen.
const GRACE: u32 = 5;

/// What the pod is for.
pub struct ProbePod<'a> {
    /// Its name, namespace, labels, annotations and owner.
    pub metadata: Value,
    /// The node that it is bound to.
    pub node: &'a str,
    /// The image that holds [`PROGRAM`].
    pub image: &'a str,
    /// The service account; its token is not mounted.
    pub service_account: &'a str,
    /// What the probe is told. The vantage is the tier: a pod is on the pod network, a node on the host's. Where files are
    /// in the pod is filled in here.
    pub assignment: &'a Assignment,
    /// The name of the pull secret that the assignment's credentials are taken from.
    pub pull_secret: Option<&'a str>,
    /// The node's files that are mounted, for a node alone.
    pub host_paths: &'a [HostPath],
    /// Files that the node is known not to have ([`not_there`]): they are not mounted, and the probe is told that they are
    /// missing.
    pub absent: &'a [HostPath],
    /// Whether the namespace gives users out of a range of its own (OpenShift).
    pub own_users: bool,
    /// When the cluster ends it, whatever it does.
    pub deadline: Duration,
}

/// Why there is no such pod.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoProbePod {
    /// No pod looks from there.
    #[error("a probe looks from a pod or a node, and not from {0}")]
    Place(Vantage),
    /// It is told more than fits into an argument.
    #[error(
        "what the probe is told has {0} bytes, and {LONGEST} fit into an argument; give fewer certificates with --ca-file"
    )]
    TooLong(usize),
}

/// The pod, as it is sent to the API server.
///
/// # Errors
///
/// [`NoProbePod`] says why there is none.
pub fn probe_pod(pod: &ProbePod<'_>) -> Result<Value, NoProbePod> {
    let on_host = match &pod.assignment.vantage {
        Vantage::Pod(_) => false,
        Vantage::Node(_) => true,
        other => return Err(NoProbePod::Place(other.clone())),
    };
    let mounted: Vec<&HostPath> = pod.host_paths.iter().filter(|path| !pod.absent.contains(path)).collect();
    let told = told(pod, on_host).write();
    if told.len() > LONGEST {
        return Err(NoProbePod::TooLong(told.len()));
    }
    let mut container = json!({
        "name": CONTAINER,
        "image": pod.image,
        "imagePullPolicy": "IfNotPresent",
        "command": [PROGRAM],
        // The kubelet puts variables in where it sees $(NAME), and takes $$ for a plain sign.
        "args": [told.replace('$', "$$")],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": {
            "requests": { "cpu": "10m", "memory": "32Mi" },
            "limits": { "cpu": "500m", "memory": "128Mi" },
        },
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": { "drop": ["ALL"] },
        },
    });
    let mut spec = json!({
        "restartPolicy": "Never",
        "activeDeadlineSeconds": pod.deadline.as_secs().max(1),
        "terminationGracePeriodSeconds": GRACE,
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "serviceAccountName": pod.service_account,
        "nodeName": pod.node,
        "tolerations": [{ "operator": "Exists" }],
        "securityContext": security(pod, on_host),
    });
    let (mut volumes, mut mounts) = (Vec::new(), Vec::new());
    if on_host {
        spec["hostNetwork"] = json!(true);
        spec["dnsPolicy"] = json!("Default");
        volumes.extend(mounted.iter().map(|path| path.volume()));
        mounts.extend(mounted.iter().map(|path| path.mount(HOST_ROOT)));
    }
    if let Some(name) = pod.pull_secret {
        let items = SECRET_KEYS.map(|key| json!({ "key": key, "path": SECRET_FILE }));
        volumes.push(json!({
            "name": "pull-secret",
            "secret": {
                "secretName": name,
                "items": items,
                // The volume is the pod's own, and its user is not the one who owns the file.
                "defaultMode": 0o444,
                // Without it the pod would wait for the secret, or for a key, without a word; the probe says that there is none.
                "optional": true,
            },
        }));
        mounts.push(json!({ "name": "pull-secret", "mountPath": SECRET, "readOnly": true }));
    }
    if !volumes.is_empty() {
        container["volumeMounts"] = Value::Array(mounts);
        spec["volumes"] = Value::Array(volumes);
    }
    spec["containers"] = json!([container]);
    Ok(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": pod.metadata, "spec": spec }))
}

/// The assignment with the places of its files in this pod.
fn told(pod: &ProbePod<'_>, on_host: bool) -> Assignment {
    let known = || pod.host_paths.iter().chain(pod.absent).map(|path| path.path.to_owned());
    let mut host_paths: Vec<String> = if on_host { known().collect() } else { Vec::new() };
    host_paths.sort_unstable();
    host_paths.dedup();
    let takes_secret = pod.assignment.credentials != Credentials::Anonymous;
    Assignment {
        host_root: on_host.then(|| HOST_ROOT.to_owned()),
        host_paths,
        docker_config: pod.pull_secret.filter(|_| takes_secret).map(|_| format!("{SECRET}/{SECRET_FILE}")),
        ..pod.assignment.clone()
    }
}

/// On the host's network the probe is root without any capability: `azure.json` is its owner's alone, and that is root. What
/// only a capability could read stays unread.
fn security(pod: &ProbePod<'_>, on_host: bool) -> Value {
    let mut security = json!({ "seccompProfile": { "type": "RuntimeDefault" } });
    if on_host {
        security["runAsUser"] = json!(0);
        security["runAsGroup"] = json!(0);
    } else {
        security["runAsNonRoot"] = json!(true);
        if !pod.own_users {
            security["runAsUser"] = json!(USER);
            security["runAsGroup"] = json!(USER);
        }
    }
    security
}

#[cfg(test)]
mod tests;
