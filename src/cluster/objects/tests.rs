//! What the objects are, and what they are not.

use super::*;

fn wanted() -> Wanted {
    Wanted {
        run: "7k2f9".to_owned(),
        nonce: "0".to_owned(),
        namespace: "team".to_owned(),
        image: "contosoacr.azurecr.io/team/web:v1".to_owned(),
        service_account: "default".to_owned(),
        secrets: Vec::new(),
        own_users: false,
        pull_timeout: Duration::from_secs(300),
        timeout: Duration::from_secs(60),
    }
}

fn linux(node: &str) -> Place {
    Place { node: Some(node.to_owned()), os: "linux".to_owned(), architecture: None }
}

/// Every rule of the level "restricted" that a pod without volumes, ports and host's namespaces can break.
#[test]
fn a_canary_is_restricted_and_harmless() {
    let pod = wanted().pod(0, &linux("np1-0"), "uid-1");
    let spec = &pod["spec"];
    assert_eq!(spec["securityContext"]["runAsNonRoot"], true);
    assert_eq!(spec["securityContext"]["runAsUser"], USER);
    assert_eq!(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    let container = &spec["containers"][0];
    assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false);
    assert_eq!(container["securityContext"]["capabilities"], json!({ "drop": ["ALL"] }));
    for absent in ["volumes", "hostNetwork", "hostPID", "hostIPC", "nodeSelector"] {
        assert!(spec.get(absent).is_none(), "{absent}");
    }
    assert_eq!(container["imagePullPolicy"], "Always");
    assert_eq!(container["command"], json!([COMMAND]));
    assert_eq!(spec["automountServiceAccountToken"], false);
    assert_eq!(spec["nodeName"], "np1-0");
    assert_eq!(pod["metadata"]["ownerReferences"][0]["uid"], "uid-1");
}

#[test]
fn everything_has_an_end_and_pods_have_the_first() {
    let wanted = wanted();
    let job = wanted.job(&linux("np1-0"));
    let ttl = job["spec"]["ttlSecondsAfterFinished"].as_u64().expect("a number");
    assert_eq!(ttl, 300 + 60 + 300);
    let pod = wanted.pod(0, &linux("np1-0"), "u");
    let longest = pod["spec"]["activeDeadlineSeconds"].as_u64().expect("a number");
    assert!(longest < ttl && longest > 360, "{longest}");
    assert_eq!((&job["spec"]["parallelism"], &job["spec"]["completions"]), (&json!(0), &json!(0)));
    assert_eq!(job["metadata"]["labels"][RUN_LABEL], "7k2f9");
    assert!(job["spec"]["template"]["spec"].get("nodeName").is_none());
}

#[test]
fn windows_gets_nothing_of_linux() {
    let place = Place { node: Some("win-0".to_owned()), os: "windows".to_owned(), architecture: None };
    let pod = wanted().pod(0, &place, "u");
    assert_eq!(pod["spec"]["os"]["name"], "windows");
    assert_eq!(pod["spec"]["securityContext"], json!({ "runAsNonRoot": true }));
    assert!(pod["spec"]["containers"][0].get("securityContext").is_none());
}

#[test]
fn without_a_node_the_scheduler_chooses_among_fitting_ones() {
    let place = Place { node: None, os: "linux".to_owned(), architecture: Some("arm64".to_owned()) };
    let pod = Wanted { own_users: true, secrets: vec!["acr".to_owned()], ..wanted() }.pod(0, &place, "u");
    let spec = &pod["spec"];
    assert!(spec.get("nodeName").is_none());
    assert_eq!(spec["nodeSelector"], json!({ "kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64" }));
    assert_eq!(spec["imagePullSecrets"], json!([{ "name": "acr" }]));
    assert!(spec["securityContext"].get("runAsUser").is_none());
}
