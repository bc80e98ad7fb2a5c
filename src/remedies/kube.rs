//! What the cluster says of a pod, its secrets and its node: looks with `kubectl`.
//!
//! *Invariant:* no look prints what a secret holds; only [`delete_pod`] and [`shell`] change anything.

use super::{Command, Names, image};

/// A look with `kubectl`, and the right that it takes.
fn kubectl<'a>(words: impl IntoIterator<Item = &'a str>, right: &str) -> Option<Command> {
    let argv = std::iter::once("kubectl").chain(words).map(str::to_owned).collect();
    Some(Command { argv, mutates: false, needs: Some(format!("kubectl; {right}")) })
}

/// The options for the pod's namespace, or for all of them.
fn namespace(names: &Names) -> Vec<&str> {
    names.namespace.as_deref().map_or_else(|| vec!["--all-namespaces"], |name| vec!["--namespace", name])
}

/// The pod's namespace and name.
fn pod_names(names: &Names) -> Option<(&str, &str)> {
    names.namespace.as_deref().zip(names.pod.as_deref())
}

/// The pod with its events; of an unknown pod, the events that are no good news.
pub(super) fn pod(names: &Names) -> Option<Command> {
    match pod_names(names) {
        Some((namespace, pod)) => {
            kubectl(["--namespace", namespace, "describe", "pod", pod], "get on pods, list on events")
        }
        None => events(names, "type!=Normal"),
    }
}

/// The events of pods that the cluster did not admit.
pub(super) fn refused_pods(names: &Names) -> Option<Command> {
    events(names, "reason=FailedCreate")
}

/// The events of a kind, the latest last.
fn events(names: &Names, which: &str) -> Option<Command> {
    let mut words = vec!["get", "events"];
    words.extend(namespace(names));
    words.extend(["--field-selector", which, "--sort-by", ".metadata.creationTimestamp"]);
    kubectl(words, "list on events")
}

/// The images of the pod, of its volumes too, with what decides how they are pulled.
pub(super) fn pod_images(names: &Names) -> Option<Command> {
    let (mut words, right) = match pod_names(names) {
        Some((namespace, pod)) => (vec!["--namespace", namespace, "get", "pod", pod], "get on pods"),
        None => (["get", "pods"].into_iter().chain(namespace(names)).collect(), "list on pods"),
    };
    words.extend([
        "--output",
        "custom-columns=POD:.metadata.name,IMAGES:.spec.containers[*].image,INIT:.spec.initContainers[*].image,\
         POLICIES:.spec.containers[*].imagePullPolicy,VOLUMES:.spec.volumes[*].image.reference,\
         SECRETS:.spec.imagePullSecrets[*].name,NODE:.spec.nodeName",
    ]);
    kubectl(words, right)
}

/// The images of the templates that pods are made from.
pub(super) fn templates(names: &Names) -> Option<Command> {
    let mut words = vec!["get", "replicasets,daemonsets,statefulsets,jobs"];
    words.extend(namespace(names));
    words.extend([
        "--output",
        "custom-columns=KIND:.kind,TEMPLATE:.metadata.name,IMAGES:.spec.template.spec.containers[*].image,\
         SECRETS:.spec.template.spec.imagePullSecrets[*].name",
    ]);
    kubectl(words, "list on replicasets, daemonsets, statefulsets and jobs")
}

/// The pull secrets that the pod's service account gives to new pods.
pub(super) fn service_account(names: &Names) -> Option<Command> {
    let columns = "custom-columns=ACCOUNT:.metadata.name,SECRETS:.imagePullSecrets[*].name";
    let namespace = names.namespace.as_deref()?;
    match names.service_account.as_deref() {
        Some(account) => kubectl(
            ["--namespace", namespace, "get", "serviceaccount", account, "--output", columns],
            "get on serviceaccounts",
        ),
        None => kubectl(
            ["--namespace", namespace, "get", "serviceaccounts", "--output", columns],
            "list on serviceaccounts",
        ),
    }
}

/// The pull secrets that there are in the pod's namespace; what they hold is not printed.
pub(super) fn secrets(names: &Names) -> Option<Command> {
    let Some(namespace) = names.namespace.as_deref() else { return image::pull_secrets() };
    let which = "type=kubernetes.io/dockerconfigjson";
    kubectl(["--namespace", namespace, "get", "secrets", "--field-selector", which], "list on secrets")
}

/// The conditions of the node, or of all nodes where it is not known.
pub(super) fn node_conditions(names: &Names) -> Option<Command> {
    let mut words = vec!["get"];
    words.extend(names.node.as_deref().map_or_else(|| vec!["nodes"], |node| vec!["node", node]));
    words.extend([
        "--output",
        "custom-columns=NODE:.metadata.name,CONDITIONS:.status.conditions[*].type,\
         STATUS:.status.conditions[*].status,REASONS:.status.conditions[*].reason",
    ]);
    kubectl(words, "get and list on nodes")
}

/// The versions of the node's kubelet, kernel and runtime, or of all nodes'.
pub(super) fn node_versions(names: &Names) -> Option<Command> {
    let mut words = vec!["get"];
    words.extend(names.node.as_deref().map_or_else(|| vec!["nodes"], |node| vec!["node", node]));
    words.extend(["--output", "wide"]);
    kubectl(words, "get and list on nodes")
}

/// The images that the node reports; the kubelet leaves some out where there are many.
pub(super) fn node_holds(names: &Names) -> Option<Command> {
    let node = names.node.as_deref()?;
    kubectl(["get", "node", node, "--output", "jsonpath={.status.images[*].names}"], "get on nodes")
}

/// The settings that the node's kubelet runs with.
pub(super) fn kubelet_settings(names: &Names) -> Option<Command> {
    let path = format!("/api/v1/nodes/{}/proxy/configz", names.node.as_deref()?);
    kubectl(["get", "--raw", &path], "get on nodes/proxy")
}

/// The pods on the node, the newest last.
pub(super) fn pods_of_node(names: &Names) -> Option<Command> {
    let which = format!("spec.nodeName={}", names.node.as_deref()?);
    kubectl(
        ["get", "pods", "--all-namespaces", "--field-selector", &which, "--sort-by", ".status.startTime"],
        "list on pods in all namespaces",
    )
}

/// What may refuse or change pods.
pub(super) fn admission() -> Option<Command> {
    kubectl(
        [
            "get",
            "validatingadmissionpolicybindings,validatingwebhookconfigurations,mutatingwebhookconfigurations",
        ],
        "list on these, in admissionregistration.k8s.io",
    )
}

/// A command that changes something, with `kubectl`.
fn changing<'a>(words: impl IntoIterator<Item = &'a str>, right: &str) -> Option<Command> {
    kubectl(words, right).map(|command| Command { mutates: true, ..command })
}

/// Deletes the pod, so that its controller makes it anew.
pub(super) fn delete_pod(names: &Names) -> Option<Command> {
    let (namespace, pod) = pod_names(names)?;
    changing(
        ["--namespace", namespace, "delete", "pod", pod],
        "delete on pods; it comes back only where a controller made it",
    )
}

/// A shell on the node's own file system, for the commands that are typed there; on AKS, whose nodes can pull that
/// image in most networks.
pub(super) fn shell(names: &Names) -> Option<Command> {
    names.pool.as_deref()?;
    let node = format!("node/{}", names.node.as_deref()?);
    changing(
        [
            "debug",
            &node,
            "--stdin",
            "--tty",
            "--profile",
            "sysadmin",
            "--image",
            "mcr.microsoft.com/cbl-mariner/busybox:2.0",
            "--",
            "chroot",
            "/host",
            "sh",
        ],
        "create on pods where privileged ones are admitted; it leaves a pod to delete",
    )
}
