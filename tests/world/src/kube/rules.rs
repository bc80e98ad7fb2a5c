//! Who may do what, and what admission makes of an object.

use serde_json::{Value, json};

use super::store::{Store, text};
use crate::schema;

/// `metav1.Status`, as an API server says no.
pub(super) fn status(code: u16, reason: &str, message: &str) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    })
}

/// Whether the operator has a right.
pub(super) fn allows(spec: &schema::Kube, verb: &str, resource: &str, group: &str) -> bool {
    let whole = if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") };
    !spec.lacks.contains(&format!("{verb} {whole}"))
}

/// The words of a right that is not there.
pub(super) fn forbidden(verb: &str, resource: &str, group: &str, namespace: &str) -> Value {
    let whole = if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") };
    let place = match namespace {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace \"{namespace}\""),
    };
    let message = format!(
        "{whole} is forbidden: User \"alice\" cannot {verb} resource \"{resource}\" in API group \"{group}\" {place}"
    );
    status(403, "Forbidden", &message)
}

/// What admission does: it changes the object, or refuses it.
pub(super) fn admit(spec: &schema::Kube, store: &Store, object: &mut Value) -> Result<(), Value> {
    let is_pod = object["kind"] == "Pod";
    let said = if is_pod { &spec.admission.denies_pods } else { &spec.admission.denies_jobs };
    let name = text(&object["metadata"]["name"]).to_owned();
    let resource = if is_pod { "pods" } else { "jobs.batch" };
    if let Some(words) = said {
        return Err(status(403, "Forbidden", &format!("{resource} \"{name}\" is forbidden: {words}")));
    }
    let (said, pod) = match is_pod {
        true => (&spec.admission.denies_latest, &object["spec"]),
        false => (&spec.admission.denies_latest_jobs, &object["spec"]["template"]["spec"]),
    };
    if let Some(words) = said
        && is_latest(text(&pod["containers"][0]["image"]))
    {
        // As a ValidatingAdmissionPolicy says no.
        let message = format!("{resource} \"{name}\" is forbidden: {words}");
        return Err(status(422, "Invalid", &message));
    }
    if !is_pod {
        return Ok(());
    }
    let namespace = text(&object["metadata"]["namespace"]).to_owned();
    let account = match text(&object["spec"]["serviceAccountName"]) {
        "" => "default".to_owned(),
        account => account.to_owned(),
    };
    let Some(found) = store.find("ServiceAccount", &namespace, &account) else {
        let message = format!(
            "pods \"{name}\" is forbidden: error looking up service account {namespace}/{account}: \
             serviceaccount \"{account}\" not found"
        );
        return Err(status(403, "Forbidden", &message));
    };
    let spec_of_pod = &mut object["spec"];
    spec_of_pod["serviceAccountName"] = json!(account);
    if spec_of_pod.get("imagePullSecrets").is_none()
        && let Some(secrets) = found.get("imagePullSecrets")
    {
        spec_of_pod["imagePullSecrets"] = secrets.clone();
    }
    if let Some(registry) = &spec.admission.registry {
        let image = text(&spec_of_pod["containers"][0]["image"]).to_owned();
        let rest = image.split_once('/').map_or(image.as_str(), |(_, rest)| rest);
        spec_of_pod["containers"][0]["image"] = json!(format!("{registry}/{rest}"));
    }
    if let Some(policy) = &spec.admission.pull_policy {
        spec_of_pod["containers"][0]["imagePullPolicy"] = json!(policy);
    }
    if let Some(program) = &spec.admission.command {
        spec_of_pod["containers"][0]["command"] = json!([program]);
    }
    if let Some(node) = &spec.admission.node {
        spec_of_pod["nodeName"] = json!(node);
    }
    if let Some(image) = &spec.admission.init {
        spec_of_pod["initContainers"] = json!([{ "name": "init", "image": image }]);
    }
    if let (Some(image), Some(list)) = (&spec.admission.sidecar, spec_of_pod["containers"].as_array_mut()) {
        list.push(json!({ "name": "sidecar", "image": image, "imagePullPolicy": "IfNotPresent" }));
    }
    if let Some(finalizer) = &spec.admission.finalizer {
        object["metadata"]["finalizers"] = json!([finalizer]);
    }
    Ok(())
}

/// Whether an image is named by the tag `latest`, or by none at all.
fn is_latest(image: &str) -> bool {
    let last = image.rsplit('/').next().unwrap_or(image);
    !last.contains('@') && last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}
