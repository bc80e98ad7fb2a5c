//! The objects of a cluster, their versions, and what changed in what order.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::schema;

/// A change of an object.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) version: u64,
    pub(super) kind: String,
    pub(super) how: &'static str,
    pub(super) object: Value,
}

/// All objects.
pub(super) struct Store {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    version: u64,
    uids: u64,
    objects: Vec<Value>,
    changes: Vec<Change>,
    made: Vec<Value>,
    requests: Vec<String>,
    logs: BTreeMap<String, Vec<u8>>,
}

impl Store {
    pub(super) fn new(spec: &schema::Kube) -> Self {
        let store = Self { state: Mutex::default(), changed: watch::Sender::new(0) };
        store.rewind(spec);
        store
    }

    pub(super) fn rewind(&self, spec: &schema::Kube) {
        *self.state() = State::default();
        for object in at_first(spec) {
            self.put(object, None);
        }
        let mut state = self.state();
        state.made.clear();
        state.requests.clear();
    }

    /// Adds an object; `age` is how long ago it was made.
    pub(super) fn put(&self, mut object: Value, age: Option<i64>) -> Value {
        let mut state = self.state();
        state.version += 1;
        state.uids += 1;
        let meta = &mut object["metadata"];
        meta["uid"] = json!(format!("00000000-0000-4000-8000-{:012}", state.uids));
        meta["resourceVersion"] = json!(state.version.to_string());
        if meta.get("creationTimestamp").is_none() {
            meta["creationTimestamp"] = json!(crate::time::rfc3339(-age.unwrap_or_default()));
        }
        state.objects.push(object.clone());
        if matches!(object["kind"].as_str(), Some("Pod" | "Job")) {
            state.made.push(object.clone());
        }
        self.note(state, "ADDED", object.clone());
        object
    }

    /// Changes an object in place; `None` where it is gone.
    pub(super) fn edit(&self, uid: &str, edit: impl FnOnce(&mut Value)) -> Option<Value> {
        let mut state = self.state();
        let version = state.version + 1;
        let object = state.objects.iter_mut().find(|object| object["metadata"]["uid"] == uid)?;
        edit(object);
        object["metadata"]["resourceVersion"] = json!(version.to_string());
        let object = object.clone();
        state.version = version;
        self.note(state, "MODIFIED", object.clone());
        Some(object)
    }

    /// Says how a pod is, and its first container.
    pub(super) fn status(&self, uid: &str, phase: &str, state: &Value, image_id: &str) {
        self.edit(uid, |pod| {
            let name = pod["spec"]["containers"][0]["name"].clone();
            pod["status"] = json!({
                "phase": phase,
                "conditions": [{ "type": "PodScheduled", "status": "True" }],
                "containerStatuses": [{
                    "name": name, "image": "", "imageID": image_id, "ready": false, "restartCount": 0, "state": state,
                }],
            });
        });
    }

    /// Removes an object with all that it owns.
    pub(super) fn remove(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let removed = {
            let mut state = self.state();
            let at = state.objects.iter().position(|object| is(object, kind, namespace, name))?;
            if state.objects[at]["metadata"].get("finalizers").is_some() {
                let object = &mut state.objects[at];
                object["metadata"]["deletionTimestamp"] = json!(crate::time::rfc3339(0));
                return Some(object.clone());
            }
            let removed = state.objects.remove(at);
            state.version += 1;
            self.note(state, "DELETED", removed.clone());
            removed
        };
        let owned: Vec<Value> = self
            .all("Pod")
            .into_iter()
            .filter(|pod| pod["metadata"]["ownerReferences"][0]["uid"] == removed["metadata"]["uid"])
            .collect();
        for pod in owned {
            let meta = &pod["metadata"];
            self.remove("Pod", text(&meta["namespace"]), text(&meta["name"]));
        }
        Some(removed)
    }

    pub(super) fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        self.state().objects.iter().find(|object| is(object, kind, namespace, name)).cloned()
    }

    pub(super) fn all(&self, kind: &str) -> Vec<Value> {
        self.state().objects.iter().filter(|object| object["kind"] == kind).cloned().collect()
    }

    pub(super) fn version(&self) -> u64 {
        self.state().version
    }

    /// What changed after a version.
    pub(super) fn since(&self, version: u64) -> Vec<Change> {
        self.state().changes.iter().filter(|change| change.version > version).cloned().collect()
    }

    /// Tells when something changes.
    pub(super) fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(super) fn names(&self, kind: &str) -> Vec<String> {
        let name = |object: &Value| {
            format!("{}/{}", text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"]))
        };
        self.all(kind).iter().map(name).collect()
    }

    pub(super) fn made(&self) -> Vec<Value> {
        self.state().made.clone()
    }

    pub(super) fn request(&self, request: String) {
        self.state().requests.push(request);
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    /// Adds to the log of a pod, by its uid.
    pub(super) fn wrote(&self, uid: &str, bytes: &[u8]) {
        let version = {
            let mut state = self.state();
            state.logs.entry(uid.to_owned()).or_default().extend_from_slice(bytes);
            state.version
        };
        self.changed.send_replace(version);
    }

    /// What a pod wrote, from a byte on; `None` where nothing more will come.
    pub(super) fn log(&self, uid: &str, from: usize) -> Option<Vec<u8>> {
        let state = self.state();
        let more = state.logs.get(uid).and_then(|log| log.get(from..)).unwrap_or_default().to_vec();
        let runs = |object: &Value| {
            object["metadata"]["uid"] == uid
                && !matches!(text(&object["status"]["phase"]), "Succeeded" | "Failed")
        };
        (!more.is_empty() || state.objects.iter().any(runs)).then_some(more)
    }

    fn note(&self, mut state: MutexGuard<'_, State>, how: &'static str, object: Value) {
        let version = state.version;
        let kind = text(&object["kind"]).to_owned();
        state.changes.push(Change { version, kind, how, object });
        drop(state);
        self.changed.send_replace(version);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A text field, or nothing.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn is(object: &Value, kind: &str, namespace: &str, name: &str) -> bool {
    object["kind"] == kind
        && text(&object["metadata"]["namespace"]) == namespace
        && object["metadata"]["name"] == name
}

/// What there is before anybody asks.
fn at_first(spec: &schema::Kube) -> Vec<Value> {
    let mut objects = Vec::new();
    for namespace in &spec.namespaces {
        let mut object =
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace } });
        if spec.terminating.contains(namespace) {
            object["metadata"]["deletionTimestamp"] = json!(crate::time::rfc3339(0));
        }
        objects.push(object);
        let said = |a: &&schema::ServiceAccount| a.namespace == *namespace && a.name == "default";
        if spec.service_accounts.iter().find(said).is_none() {
            objects.push(service_account(namespace, "default", &[]));
        }
    }
    for account in &spec.service_accounts {
        objects.push(service_account(&account.namespace, &account.name, &account.pull_secrets));
    }
    for secret in &spec.secrets {
        let config = base64::engine::general_purpose::STANDARD.encode(&secret.config);
        objects.push(json!({
            "apiVersion": "v1", "kind": "Secret", "type": secret.form, "data": { ".dockerconfigjson": config },
            "metadata": { "namespace": secret.namespace, "name": secret.name },
        }));
    }
    objects.extend(spec.nodes.iter().map(node));
    for left in &spec.leftovers {
        let api = if left.kind == "Job" { "batch/v1" } else { "v1" };
        let labels = match left.ours {
            true => json!({ "app.kubernetes.io/managed-by": "pullcheck", "pullcheck.dev/run": "earlier" }),
            false => json!({ "app.kubernetes.io/name": "pullcheck", "app.kubernetes.io/managed-by": "Helm" }),
        };
        let mut object = json!({
            "apiVersion": api, "kind": left.kind,
            "metadata": {
                "name": left.name, "namespace": left.namespace, "labels": labels,
                "creationTimestamp": crate::time::rfc3339(-left.age_s),
            },
        });
        if let Some(lifetime) = left.lifetime_s {
            object["metadata"]["annotations"] =
                json!({ "pullcheck.dev/lifetime-seconds": lifetime.to_string() });
        }
        objects.push(object);
    }
    objects
}

fn service_account(namespace: &str, name: &str, secrets: &[String]) -> Value {
    let secrets: Vec<Value> = secrets.iter().map(|name| json!({ "name": name })).collect();
    let meta = json!({ "namespace": namespace, "name": name });
    match secrets.is_empty() {
        true => json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta }),
        false => json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta, "imagePullSecrets": secrets,
        }),
    }
}

fn node(said: &schema::KubeNode) -> Value {
    let mut labels = json!({ "kubernetes.io/os": said.os, "kubernetes.io/arch": said.architecture });
    if let Some(pool) = &said.pool {
        labels["kubernetes.azure.com/agentpool"] = json!(pool);
    }
    let spec = match said.provider_id.as_deref() {
        None | Some("") => json!({}),
        Some(id) => json!({ "providerID": id }),
    };
    if said.is_virtual {
        labels["type"] = json!("virtual-kubelet");
    }
    let kernel = if said.os == "windows" { "10.0.20348.2762" } else { "6.8.0-1031-azure" };
    let mut node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": said.name, "labels": labels },
        "spec": spec,
        "status": {
            "conditions": [
                { "type": "DiskPressure", "status": "False" },
                { "type": "Ready", "status": if said.ready { "True" } else { "Unknown" } },
            ],
            "nodeInfo": {
                "operatingSystem": said.os, "architecture": said.architecture, "kubeletVersion": said.kubelet,
                "containerRuntimeVersion": said.runtime, "osImage": said.os_image, "kernelVersion": kernel,
            },
            "images": said.holds.iter().map(|name| json!({ "names": [name], "sizeBytes": 1 })).collect::<Vec<_>>(),
        },
    });
    if said.deleting {
        node["metadata"]["deletionTimestamp"] = json!(crate::time::rfc3339(0));
    }
    node
}
