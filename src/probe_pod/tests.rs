use probes::assignment::PROTOCOL;

use super::*;

fn assignment(vantage: Vantage, credentials: Credentials) -> Assignment {
    Assignment {
        protocol: PROTOCOL,
        target: "contosoacr.azurecr.io/team/web:v1".to_owned(),
        platform: "linux/amd64".to_owned(),
        vantage,
        host_root: None,
        host_paths: Vec::new(),
        azure_json: None,
        credentials,
        docker_config: None,
        resolver: Vec::new(),
        connect_to: Vec::new(),
        ca_file: None,
        plain_http: false,
        proxy: None,
        timeout_ms: 60_000,
        step_ms: 10_000,
    }
}

fn pod(assignment: &Assignment) -> ProbePod<'_> {
    ProbePod {
        metadata: json!({
            "name": "pullcheck-7k2f9-0", "namespace": "pullcheck", "labels": { "pullcheck.dev/run": "7k2f9" },
        }),
        node: "np1-0",
        image: "contosoacr.azurecr.io/tools/pullcheck-probe:0.1.0",
        service_account: "default",
        assignment,
        pull_secret: None,
        host_paths: HOST_PATHS,
        absent: &[],
        own_users: false,
        deadline: Duration::from_secs(120),
    }
}

fn on_pods() -> Assignment {
    assignment(Vantage::Pod("np1-0".to_owned()), Credentials::Anonymous)
}

fn on_host() -> Assignment {
    assignment(Vantage::Node("np1-0".to_owned()), Credentials::Kubelet)
}

/// What the probe in the pod is told, as the kubelet hands it over.
fn told(pod: &Value) -> Assignment {
    let text = pod["spec"]["containers"][0]["args"][0].as_str().expect("an argument");
    Assignment::read(&text.replace("$$", "$")).expect("an assignment")
}

fn pretty(pod: &ProbePod<'_>) -> String {
    serde_json::to_string_pretty(&probe_pod(pod).expect("a pod")).expect("JSON")
}

#[test]
fn both_pods_are_what_they_were() {
    insta::assert_snapshot!("pod", pretty(&pod(&on_pods())));
    let assignment = on_host();
    let secret = Some("regcred");
    insta::assert_snapshot!("host", pretty(&ProbePod { pull_secret: secret, ..pod(&assignment) }));
}

/// Every rule of the level "restricted" that such a pod could break.
#[test]
fn on_the_pod_network_it_is_restricted() {
    let assignment = Assignment { credentials: Credentials::PullSecret, ..on_pods() };
    let wanted = ProbePod { pull_secret: Some("regcred"), ..pod(&assignment) };
    let made = probe_pod(&wanted).expect("a pod");
    let spec = &made["spec"];
    for absent in ["hostNetwork", "hostPID", "hostIPC", "dnsPolicy"] {
        assert!(spec.get(absent).is_none(), "{absent}");
    }
    assert_eq!(spec["securityContext"]["runAsNonRoot"], true);
    assert_eq!(spec["securityContext"]["runAsUser"], USER);
    assert_eq!(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    let container = &spec["containers"][0]["securityContext"];
    assert_eq!(container["allowPrivilegeEscalation"], false);
    assert_eq!(container["capabilities"], json!({ "drop": ["ALL"] }));
    let volumes = spec["volumes"].as_array().expect("volumes");
    assert!(volumes.iter().all(|volume| volume.get("secret").is_some()), "{volumes:?}");
    assert_eq!(told(&made).docker_config.as_deref(), Some("/pullcheck/pull-secret/config.json"));
    let own = probe_pod(&ProbePod { own_users: true, ..pod(&assignment) }).expect("a pod");
    assert!(own["spec"]["securityContext"].get("runAsUser").is_none());
}

#[test]
fn on_the_host_it_reads_and_makes_nothing() {
    let assignment = on_host();
    let made = probe_pod(&pod(&assignment)).expect("a pod");
    let spec = &made["spec"];
    assert_eq!((&spec["hostNetwork"], &spec["dnsPolicy"]), (&json!(true), &json!("Default")));
    let mounts = spec["containers"][0]["volumeMounts"].as_array().expect("mounts");
    assert!(mounts.iter().all(|mount| mount["readOnly"] == true));
    for volume in spec["volumes"].as_array().expect("volumes") {
        let kind = volume["hostPath"]["type"].as_str().expect("a type");
        assert!(["File", "Directory"].contains(&kind), "{volume}");
        let name = volume["name"].as_str().expect("a name");
        assert!(name.len() <= 63 && mounts.iter().any(|mount| mount["name"] == name), "{name}");
    }
    assert_eq!(spec["containers"][0]["securityContext"]["capabilities"], json!({ "drop": ["ALL"] }));
    let told = told(&made);
    assert_eq!(told.host_root.as_deref(), Some("/host"));
    assert_eq!(told.host_paths.len(), HOST_PATHS.len());
}

#[test]
fn what_the_kubelet_did_not_find_is_known_to_be_missing() {
    let message = "MountVolume.SetUp failed for volume \"etc-containerd\" : hostPath type check failed: \
                   /etc/containerd is not a directory";
    let absent = [not_there(message).expect("a path")];
    for other in ["", "hostPath type check failed: /etc/shadow is not a file", "hostPath type check failed: "]
    {
        assert_eq!(not_there(other), None, "{other}");
    }
    // As Kubernetes 1.37 says it.
    let said = |why: &str| {
        not_there(&format!(
            "hostPath type check failed, /etc/containerd is not a directory, unable to determine its type: {why}"
        ))
    };
    assert_eq!(said("path \"/etc/containerd\" does not exist"), Some(absent[0]));
    assert_eq!(said("permission denied"), None);
    let assignment = on_host();
    let made = probe_pod(&ProbePod { absent: &absent, ..pod(&assignment) }).expect("a pod");
    assert!(!made["spec"]["volumes"].to_string().contains("/etc/containerd"));
    assert!(told(&made).host_paths.contains(&"/etc/containerd".to_owned()));
}

#[test]
fn no_token_no_variable_and_no_other_place() {
    for assignment in [on_pods(), on_host()] {
        let odd = Assignment { connect_to: vec!["$(HOME)$$::127.0.0.1:".to_owned()], ..assignment };
        let made = probe_pod(&pod(&odd)).expect("a pod");
        assert_eq!(made["spec"]["automountServiceAccountToken"], false);
        let argument = made["spec"]["containers"][0]["args"][0].as_str().expect("an argument");
        assert!(argument.contains("$$(HOME)$$$$::"), "{argument}");
    }
    let elsewhere = Assignment { vantage: Vantage::Workstation, ..on_pods() };
    assert_eq!(probe_pod(&pod(&elsewhere)), Err(NoProbePod::Place(Vantage::Workstation)));
    let long = Assignment { ca_file: Some("x".repeat(LONGEST)), ..on_pods() };
    assert!(matches!(probe_pod(&pod(&long)), Err(NoProbePod::TooLong(_))));
}
