use serde_json::{Value, json};

use super::*;

fn pod() -> Value {
    json!({
        "protocol": 1, "target": "contosoacr.azurecr.io/team/web:v1", "platform": "linux/amd64",
        "vantage": "pod/np1-0", "credentials": "anonymous", "plainHttp": false, "timeoutMs": 60_000, "stepMs": 10_000,
    })
}

/// The pod's assignment with some fields set, and those taken out that are set to null.
fn with(fields: &Value) -> Value {
    let mut whole = pod();
    for (name, value) in fields.as_object().expect("fields") {
        let whole = whole.as_object_mut().expect("an object");
        match value {
            Value::Null => drop(whole.remove(name)),
            value => drop(whole.insert(name.clone(), value.clone())),
        }
    }
    whole
}

/// What is wrong with an assignment; empty for nothing.
fn wrong(value: &Value) -> String {
    let ready = Assignment::read(&value.to_string()).and_then(|read| read.ready(|_| None).map(|_| ()));
    ready.map_or_else(|error| error.to_string(), |()| String::new())
}

#[test]
fn what_was_written_is_read() {
    let assignment = Assignment {
        protocol: PROTOCOL,
        target: "contosoacr.azurecr.io/team/web:v1".to_owned(),
        platform: "linux/arm64".to_owned(),
        vantage: Vantage::Node("np1-0".to_owned()),
        host_root: Some("/host".to_owned()),
        host_paths: vec!["/etc/hosts".to_owned()],
        azure_json: Some("/host/etc/kubernetes/azure.json".to_owned()),
        credentials: Credentials::Kubelet,
        docker_config: Some("/secret/.dockerconfigjson".to_owned()),
        resolver: vec!["127.0.0.1:5353".parse().expect("an address")],
        connect_to: vec!["20.62.128.10:443:127.0.0.1:8443".to_owned()],
        ca_file: Some("PEM\n".to_owned()),
        plain_http: true,
        proxy: Some("http://proxy:3128".to_owned()),
        timeout_ms: 60_000,
        step_ms: 10_000,
    };
    let written = assignment.write();
    assert!(!written.contains('\n'));
    assert_eq!(Assignment::read(&written), Ok(assignment));
}

#[test]
fn the_first_wrong_field_is_named() {
    assert_eq!(wrong(&pod()), "");
    for (fields, named) in [
        (json!({"protocol": 2, "new": true}), "protocol 2"),
        (json!({"protocol": null}), "has no 'protocol'"),
        (json!({"target": null}), "has no 'target'"),
        (json!({"target": 7}), "'target' cannot be read"),
        (json!({"target": "not an image"}), "'target' is none"),
        (json!({"platform": "linux/amd64/v1/x"}), "'platform' is none"),
        (json!({"vantage": "moon/1"}), "'vantage' is neither"),
        (json!({"vantage": "workstation"}), "'vantage' is neither"),
        (json!({"vantage": "node/np1-0"}), "has no 'hostRoot'"),
        (json!({"vantage": "node/np1-0", "hostRoot": "/nonexistent"}), "'hostRoot' is no folder"),
        (json!({"vantage": "node/np1-0", "hostRoot": "/", "hostPaths": ["etc"]}), "'hostPaths' are paths"),
        (json!({"hostRoot": "/"}), "'hostRoot' is for a node"),
        (json!({"azureJson": "/a"}), "'azureJson' is for a node"),
        (json!({"credentials": "operator"}), "'credentials' cannot be read"),
        (json!({"credentials": "kubelet"}), "'credentials' are a node's"),
        (json!({"credentials": "pullSecret"}), "has no 'dockerConfig'"),
        (json!({"dockerConfig": "/a"}), "'dockerConfig' is a credential"),
        (
            json!({"credentials": "pullSecret", "dockerConfig": "/nonexistent"}),
            "'dockerConfig' cannot be read",
        ),
        (json!({"resolver": ["dns.example"]}), "'resolver' cannot be read"),
        (json!({"connectTo": ["a:b"]}), "'connectTo' has"),
        (json!({"caFile": "none"}), "'caFile' holds no certificate"),
        (json!({"proxy": "http://user:c4n4ry@proxy:1"}), "'proxy' has a user"),
        (json!({"proxy": ""}), "'proxy' is no address"),
        (json!({"plainHttp": "yes"}), "'plainHttp' cannot be read"),
        (json!({"timeoutMs": 0}), "'timeoutMs' leaves no time"),
        (json!({"timeoutMs": -1}), "'timeoutMs' cannot be read"),
        (json!({"stepMs": u64::MAX}), "'stepMs' is more than a day"),
        (json!({"password": "c4n4ry"}), "a field 'password'"),
    ] {
        let said = wrong(&with(&fields));
        assert!(said.contains(named), "{fields}: {said:?}");
        assert!(!said.contains("c4n4ry") && !said.contains('\n'), "{said:?}");
    }
    for text in ["", "null", "[]", "{\"protocol\":1", "\u{0}"] {
        let error = Assignment::read(text).expect_err(text);
        assert!(matches!(error, AssignmentError::NoObject { .. }), "{text:?}: {error}");
    }
}

#[test]
fn proxies_of_the_environment_are_those_of_a_pod_alone() {
    let variable = |name: &str| (name == "HTTPS_PROXY").then_some("http://injected:3128");
    let proxy = |value: &Value| {
        let ready = Assignment::read(&value.to_string()).and_then(|read| read.ready(variable));
        ready.map(|ready| ready.place.proxies.https.map(|proxy| proxy.host)).map_err(|e| e.to_string())
    };
    let root = tempfile::tempdir().expect("a folder");
    let node = json!({"vantage": "node/n", "hostRoot": root.path(), "credentials": "kubelet"});
    assert_eq!(proxy(&pod()), Ok(Some("injected".to_owned())));
    assert_eq!(proxy(&with(&json!({"proxy": "http://named:1"}))), Ok(Some("named".to_owned())));
    assert_eq!(proxy(&with(&node)), Ok(None));
}

/// A pull secret that is not there keeps no kubelet from going on without it.
#[test]
fn a_node_without_its_pull_secret_looks_as_its_kubelet_does() {
    let root = tempfile::tempdir().expect("a folder");
    let ready = |file: Option<&std::path::Path>| {
        let node = json!({
            "vantage": "node/n", "hostRoot": root.path(), "credentials": "kubelet", "dockerConfig": file,
        });
        Assignment::read(&with(&node).to_string())
            .and_then(|read| read.ready(|_| None))
            .map_err(|e| e.to_string())
    };
    let credentials = |file| {
        let logins = ready(file).expect("an assignment").place.logins;
        logins.into_iter().map(|login| login.credential).collect::<Vec<_>>()
    };
    assert_eq!(credentials(Some(&root.path().join("config.json"))), credentials(None));
    // One that is there and cannot be read is another matter.
    assert!(ready(Some(root.path())).is_err_and(|error| error.contains("cannot be read")));
}

/// What a target's whole reference says is the same target, also where a registry's name was meant as an image.
#[test]
fn a_whole_reference_is_read_as_what_it_is_of() {
    use crate::target::Target;
    let digest = format!("contosoacr.azurecr.io/a@sha256:{}", "0".repeat(64));
    let both = format!("contosoacr.azurecr.io/a:v1@sha256:{}", "0".repeat(64));
    for (given, is_image) in [
        ("nginx", true),
        ("contosoacr.azurecr.io/team/web:v1", true),
        ("localhost:5000/a", true),
        ("[::1]:5000/a:b", true),
        (&digest, true),
        (&both, true),
        ("contosoacr.azurecr.io", false),
        ("localhost:5000", false),
        ("contosoacr.azurecr.io", true),
    ] {
        let target = if is_image { Target::parse_image(given) } else { Target::parse(given) }.expect(given);
        let again = Target::parse(&target.reference()).expect(given);
        assert_eq!(
            (again.reference(), again.is_registry(), again.api_host(), again.manifest_reference()),
            (target.reference(), !is_image, target.api_host(), target.manifest_reference()),
            "{given}"
        );
    }
}
