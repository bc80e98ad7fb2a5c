//! What admission made of our pod: whatever the pull depends on is read back and compared.

use probes::foreign::Foreign;

use super::mirror::Pod;
use super::objects::{COMMAND, CONTAINER, Place, Wanted};
use crate::case::pull::Change;

/// What differs from what was asked for. `given` are the pull secrets of the service account, where they are known: a pod that
/// names none has them, and that is no change.
pub(super) fn changes(wanted: &Wanted, place: &Place, given: Option<&[String]>, made: &Pod) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut compare = |field: &str, wanted: &str, found: &str| {
        if wanted != found {
            changes.push(Change {
                field: field.to_owned(),
                wanted: Foreign::new(wanted),
                found: Foreign::new(found),
            });
        }
    };
    let spec = &made.spec;
    let ours = spec.containers.iter().position(|container| container.name == CONTAINER);
    match ours {
        Some(at) => {
            let container = &spec.containers[at];
            compare(&format!("spec.containers[{at}].image"), &wanted.image, &container.image);
            let field = format!("spec.containers[{at}].imagePullPolicy");
            compare(&field, "Always", &container.image_pull_policy);
            // What it is may be secret.
            let command = if container.command == [COMMAND] { COMMAND } else { "another command" };
            compare(&format!("spec.containers[{at}].command"), COMMAND, command);
        }
        None => compare("spec.containers", CONTAINER, ""),
    }
    if let Some(node) = &place.node {
        compare("spec.nodeName", node, &spec.node_name);
    }
    compare("spec.serviceAccountName", &wanted.service_account, &spec.service_account_name);
    let found: Vec<&str> = spec.image_pull_secrets.iter().map(|secret| secret.name.as_str()).collect();
    let expected = match wanted.secrets.as_slice() {
        [] => given.map(<[String]>::to_vec),
        named => Some(named.to_vec()),
    };
    if let Some(expected) = expected {
        compare("spec.imagePullSecrets", &expected.join(", "), &found.join(", "));
    }
    for (index, container) in spec.containers.iter().enumerate().filter(|(at, _)| Some(*at) != ours) {
        compare(&format!("spec.containers[{index}]"), "", &container.image);
    }
    for (index, container) in spec.init_containers.iter().enumerate() {
        compare(&format!("spec.initContainers[{index}]"), "", &container.image);
    }
    changes
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;

    fn fields(edit: impl FnOnce(&mut Value), given: Option<&[String]>) -> Vec<String> {
        let wanted = Wanted {
            run: "r".to_owned(),
            nonce: "0".to_owned(),
            namespace: "team".to_owned(),
            image: "reg.example/app:v1".to_owned(),
            service_account: "default".to_owned(),
            secrets: Vec::new(),
            own_users: false,
            pull_timeout: Duration::from_secs(1),
            timeout: Duration::from_secs(1),
        };
        let place = Place { node: Some("n".to_owned()), os: "linux".to_owned(), architecture: None };
        let mut pod = wanted.pod(0, &place, "u");
        edit(&mut pod);
        let made: Pod = serde_json::from_value(pod).expect("a pod");
        changes(&wanted, &place, given, &made).into_iter().map(|change| change.field).collect()
    }

    #[test]
    fn what_the_pull_depends_on_is_compared() {
        let none: &[&str] = &[];
        assert_eq!(fields(|_| {}, None), none);
        let secrets = || json!([{ "name": "acr" }]);
        // The service account's secrets come in by themselves.
        assert_eq!(fields(|p| p["spec"]["imagePullSecrets"] = secrets(), None), none);
        assert_eq!(fields(|p| p["spec"]["imagePullSecrets"] = secrets(), Some(&["acr".to_owned()])), none);
        assert_eq!(
            fields(|p| p["spec"]["imagePullSecrets"] = secrets(), Some(&[])),
            ["spec.imagePullSecrets"]
        );
        let first = |field: &'static str| {
            let other = if field == "command" { json!(["other"]) } else { json!("other") };
            move |p: &mut Value| p["spec"]["containers"][0][field] = other
        };
        assert_eq!(fields(first("image"), None), ["spec.containers[0].image"]);
        assert_eq!(fields(first("imagePullPolicy"), None), ["spec.containers[0].imagePullPolicy"]);
        assert_eq!(fields(first("command"), None), ["spec.containers[0].command"]);
        assert_eq!(fields(|p| p["spec"]["nodeName"] = json!("m"), None), ["spec.nodeName"]);
        let sidecar = || json!([{ "name": "proxy", "image": "mesh:1" }]);
        assert_eq!(fields(|p| p["spec"]["initContainers"] = sidecar(), None), ["spec.initContainers[0]"]);
        let beside = |p: &mut Value| {
            if let Some(list) = p["spec"]["containers"].as_array_mut() {
                list.insert(0, json!({ "name": "proxy", "image": "mesh:1" }));
            }
        };
        assert_eq!(fields(beside, None), ["spec.containers[0]"]);
    }
}
