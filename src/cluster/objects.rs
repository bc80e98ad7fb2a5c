//! What a run creates: a Job that owns everything and starts nothing, and one pod for each node that is tested.
//!
//! *Invariant:* a pure function of what was asked; `--plan` prints the very objects that would be sent.

use std::time::Duration;

use serde_json::{Value, json};

use super::select::Tested;
use crate::case::pull::Pull;

/// The label that marks what this program created; its value is the run.
pub const RUN_LABEL: &str = "pullcheck.dev/run";

/// How long an object may live, in seconds, counted from its creation.
pub(super) const LIFETIME: &str = "pullcheck.dev/lifetime-seconds";

/// Selects what this program created, whichever run it was.
pub(super) const SELECTOR: &str = "app.kubernetes.io/managed-by=pullcheck,pullcheck.dev/run";

/// The container's name.
pub(super) const CONTAINER: &str = "canary";

/// A program that no image has, so that the image's own never runs.
pub(super) const COMMAND: &str = "/pullcheck-canary-nonexistent";

/// What is added to the waits before the cluster may remove everything by itself.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// The user that a canary runs as; no image needs to know it, since nothing runs.
const USER: u32 = 65532;

/// What is asked for, for every node.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) run: String,
    /// The part of names that no other run has.
    pub(super) nonce: String,
    pub(super) namespace: String,
    pub(super) image: String,
    pub(super) service_account: String,
    /// The pull secrets that are named; none leaves them to the service account, as for every pod.
    pub(super) secrets: Vec<String>,
    /// Whether the namespace gives users out of a range of its own (OpenShift).
    pub(super) own_users: bool,
    pub(super) pull_timeout: Duration,
    pub(super) timeout: Duration,
}

/// The place of one pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The node; `None` leaves it to the scheduler.
    pub(super) node: Option<String>,
    pub(super) os: String,
    pub(super) architecture: Option<String>,
}

impl Place {
    fn is_windows(&self) -> bool {
        self.os == "windows"
    }
}

impl Wanted {
    /// A pull that nothing was seen of.
    pub(super) fn unasked(&self, tested: &Tested) -> Pull {
        Pull {
            node: (!tested.node.name.is_empty()).then(|| tested.node.clone()),
            represents: tested.represents.clone(),
            namespace: self.namespace.clone(),
            image: self.image.clone(),
            service_account: self.service_account.clone(),
            secrets: self.secrets.clone(),
            // A node that is only named was not read.
            held: tested.node.platform.is_some().then_some(tested.held),
            ..Pull::default()
        }
    }

    /// After how long the cluster removes everything: the clock of a finished Job starts at its creation.
    pub(super) fn lifetime(&self) -> Duration {
        self.pull_timeout + self.timeout + MARGIN
    }

    /// After how long a pod is ended by the cluster: before its owner goes.
    pub(super) fn longest(&self) -> Duration {
        self.pull_timeout + self.timeout + MARGIN / 2
    }

    pub(super) fn job_name(&self) -> String {
        format!("pullcheck-{}", self.nonce)
    }

    pub(super) fn pod_name(&self, index: usize) -> String {
        format!("pullcheck-{}-{index}", self.nonce)
    }

    fn labels(&self) -> Value {
        json!({
            "app.kubernetes.io/name": "pullcheck",
            "app.kubernetes.io/managed-by": "pullcheck",
            RUN_LABEL: self.run,
            // Sidecars would be pulled before, and by the same kubelet.
            "sidecar.istio.io/inject": "false",
        })
    }

    fn annotations(&self) -> Value {
        json!({
            LIFETIME: self.lifetime().as_secs().to_string(),
            "linkerd.io/inject": "disabled",
        })
    }

    /// The owner: it wants no pod, is complete at once, and the cluster removes it with all that it owns.
    pub(super) fn job(&self, place: &Place) -> Value {
        let mut spec = self.pod_spec(place);
        // The template is never used; policies look at it all the same.
        if let Some(spec) = spec.as_object_mut() {
            spec.remove("nodeName");
        }
        json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": self.job_name(),
                "namespace": self.namespace,
                "labels": self.labels(),
                "annotations": self.annotations(),
            },
            "spec": {
                "parallelism": 0,
                "completions": 0,
                "backoffLimit": 0,
                "ttlSecondsAfterFinished": self.lifetime().as_secs(),
                "template": { "metadata": { "labels": self.labels() }, "spec": spec },
            },
        })
    }

    /// A canary, owned by the Job of this uid.
    pub(super) fn pod(&self, index: usize, place: &Place, owner: &str) -> Value {
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": self.metadata(&self.pod_name(index), &self.job_name(), owner),
            "spec": self.pod_spec(place),
        })
    }

    /// What says whose a pod is: this run's, and owned by the Job of this name and uid.
    pub(super) fn metadata(&self, name: &str, job: &str, owner: &str) -> Value {
        json!({
            "name": name,
            "namespace": self.namespace,
            "labels": self.labels(),
            "annotations": self.annotations(),
            "ownerReferences": [{ "apiVersion": "batch/v1", "kind": "Job", "name": job, "uid": owner }],
        })
    }

    fn pod_spec(&self, place: &Place) -> Value {
        let mut spec = json!({
            "restartPolicy": "Never",
            "activeDeadlineSeconds": self.longest().as_secs(),
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "serviceAccountName": self.service_account,
            "tolerations": [{ "operator": "Exists" }],
            "containers": [{
                "name": CONTAINER,
                "image": self.image,
                "imagePullPolicy": "Always",
                "command": [COMMAND],
                "resources": {
                    "requests": { "cpu": "10m", "memory": "16Mi" },
                    "limits": { "cpu": "50m", "memory": "32Mi" },
                },
            }],
        });
        if !self.secrets.is_empty() {
            spec["imagePullSecrets"] = self.secrets.iter().map(|name| json!({ "name": name })).collect();
        }
        if place.is_windows() {
            // What Linux knows of users, privileges and system calls is refused for Windows.
            spec["os"] = json!({ "name": "windows" });
            spec["securityContext"] = json!({ "runAsNonRoot": true });
        } else {
            spec["securityContext"] =
                json!({ "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } });
            if !self.own_users {
                spec["securityContext"]["runAsUser"] = json!(USER);
            }
            spec["containers"][0]["securityContext"] = json!({
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": { "drop": ["ALL"] },
            });
        }
        match &place.node {
            Some(node) => spec["nodeName"] = json!(node),
            None => {
                spec["nodeSelector"] = json!({ "kubernetes.io/os": place.os });
                if let Some(architecture) = &place.architecture {
                    spec["nodeSelector"]["kubernetes.io/arch"] = json!(architecture);
                }
            }
        }
        spec
    }
}

#[cfg(test)]
mod tests;
