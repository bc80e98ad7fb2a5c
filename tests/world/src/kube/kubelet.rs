//! What happens to a pod: the scheduler gives it a node, and the node's kubelet says what the page has it say.

use std::sync::Arc;

use serde_json::{Value, json};

use super::store::text;
use super::{Kube, container};
use crate::schema::{KubeNode, KubePull};

/// Everything that happens to a pod that was just made, as far as it happens by itself.
pub(super) fn take(kube: &Arc<Kube>, pod: &Value) {
    let uid = text(&pod["metadata"]["uid"]).to_owned();
    let named = text(&pod["spec"]["nodeName"]);
    let wanted = &pod["spec"]["nodeSelector"];
    let fits = |node: &&KubeNode| {
        let label = |name: &str, value: &str| wanted.get(name).is_none_or(|wanted| wanted == value);
        node.ready
            && !node.is_virtual
            && label("kubernetes.io/os", &node.os)
            && label("kubernetes.io/arch", &node.architecture)
    };
    let node = match named {
        "" => kube.spec.nodes.iter().find(fits),
        named => kube.spec.nodes.iter().find(|node| node.name == named),
    };
    let Some(node) = node else {
        if named.is_empty() {
            let message = format!("0/{} nodes are available.", kube.spec.nodes.len());
            event(kube, pod, "", "default-scheduler", "Warning", "FailedScheduling", &message);
        }
        return;
    };
    if named.is_empty() {
        event(kube, pod, "", "default-scheduler", "Normal", "Scheduled", "Successfully assigned");
        kube.store.edit(&uid, |pod| pod["spec"]["nodeName"] = json!(node.name));
    }
    let kubelet = Kubelet { kube, pod, node, uid: &uid };
    if !node.ready {
        return;
    }
    match &node.probe {
        _ if !container::is_program(pod) => kubelet.pull(),
        Some(words) => kubelet.fails(words),
        None => container::start(kube, pod, node),
    }
}

struct Kubelet<'a> {
    kube: &'a Kube,
    pod: &'a Value,
    node: &'a KubeNode,
    uid: &'a str,
}

impl Kubelet<'_> {
    fn pull(&self) {
        let container = &self.pod["spec"]["containers"][0];
        let (image, message) = (text(&container["image"]), self.node.message.as_str());
        if self.pod["spec"].get("initContainers").is_some() {
            // Nobody has that image.
            let waiting = json!({ "waiting": { "reason": "PodInitializing" } });
            self.status("Pending", &waiting, "");
            return;
        }
        let creating = json!({ "waiting": { "reason": "ContainerCreating" } });
        self.status("Pending", &creating, "");
        for said in &self.node.events {
            event(self.kube, self.pod, "", "kubelet", "Warning", &said.reason, &said.message);
        }
        match self.node.pull {
            KubePull::Silent => return,
            KubePull::NoSandbox => {
                let words = format!("Failed to create pod sandbox: {message}");
                event(self.kube, self.pod, "", "kubelet", "Warning", "FailedCreatePodSandBox", &words);
                return;
            }
            KubePull::Refuses => {
                self.kube.store.edit(self.uid, |pod| {
                    pod["status"] = json!({ "phase": "Failed", "reason": "OutOfpods", "message": message });
                });
                return;
            }
            _ => {}
        }
        if self.node.pull == KubePull::Present {
            let words = format!(
                "Container image \"{image}\" already present on machine and can be accessed by the pod"
            );
            self.say("Normal", "Pulled", &words);
        } else {
            self.say("Normal", "Pulling", &format!("Pulling image \"{image}\""));
        }
        let id = format!("{}@sha256:{}", image.split(':').next().unwrap_or(image), "a".repeat(64));
        match self.node.pull {
            KubePull::Fails => self.failed(image, message, &self.node.reason),
            KubePull::Works | KubePull::Present => {
                if self.node.pull == KubePull::Works {
                    self.say("Normal", "Pulled", &format!("Successfully pulled image \"{image}\" in 227ms"));
                }
                self.say("Normal", "Created", "Created container: canary");
                let words = "failed to create containerd task: exec: no such file or directory";
                self.say("Warning", "Failed", &format!("Error: {words}"));
                let ended =
                    json!({ "terminated": { "reason": "StartError", "exitCode": 128, "message": words } });
                self.status("Failed", &ended, &id);
            }
            KubePull::WorksAsRoot => {
                self.say("Normal", "Pulled", &format!("Successfully pulled image \"{image}\" in 227ms"));
                let words = "container has runAsNonRoot and image will run as root";
                self.say("Warning", "Failed", &format!("Error: {words}"));
                let waiting =
                    json!({ "waiting": { "reason": "CreateContainerConfigError", "message": words } });
                self.status("Pending", &waiting, "");
            }
            KubePull::Deleted => {
                let meta = &self.pod["metadata"];
                self.kube.store.remove("Pod", text(&meta["namespace"]), text(&meta["name"]));
            }
            KubePull::Stalls | KubePull::Silent | KubePull::NoSandbox | KubePull::Refuses => {}
        }
    }

    /// A pull of the pod's own image that fails with these words.
    fn fails(&self, message: &str) {
        let image = text(&self.pod["spec"]["containers"][0]["image"]);
        self.say("Normal", "Pulling", &format!("Pulling image \"{image}\""));
        self.failed(image, message, "ImagePullBackOff");
    }

    fn failed(&self, image: &str, message: &str, reason: &str) {
        self.say("Warning", "Failed", &format!("Failed to pull image \"{image}\": {message}"));
        self.say("Warning", "Failed", &format!("Error: {reason}"));
        let waiting = json!({ "waiting": { "reason": reason, "message": message } });
        self.status("Pending", &waiting, "");
    }

    fn say(&self, kind: &str, reason: &str, message: &str) {
        let name = text(&self.pod["spec"]["containers"][0]["name"]);
        let path = format!("spec.containers{{{name}}}");
        event(self.kube, self.pod, &path, "kubelet", kind, reason, message);
    }

    fn status(&self, phase: &str, state: &Value, image_id: &str) {
        self.kube.store.status(self.uid, phase, state, image_id);
    }
}

fn event(kube: &Kube, pod: &Value, path: &str, by: &str, kind: &str, reason: &str, message: &str) {
    let meta = &pod["metadata"];
    let now = crate::time::rfc3339(0);
    let number = kube.store.version();
    let mut involved = json!({
        "kind": "Pod", "namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"],
    });
    if !path.is_empty() {
        involved["fieldPath"] = json!(path);
    }
    kube.store.put(
        json!({
            "apiVersion": "v1", "kind": "Event", "type": kind, "reason": reason, "message": message,
            "metadata": { "namespace": meta["namespace"], "name": format!("{}.{number:016x}", text(&meta["name"])) },
            "involvedObject": involved, "source": { "component": by }, "reportingComponent": by,
            "firstTimestamp": now, "lastTimestamp": now, "eventTime": null, "count": 1,
        }),
        None,
    );
}
