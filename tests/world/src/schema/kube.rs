//! A Kubernetes cluster: its API server, its nodes, and what their kubelets say.

use serde::Deserialize;

use super::Tls;

/// A cluster. Its kubeconfig is `$DIR/kubeconfig`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kube {
    /// The version of the API server.
    pub version: String,
    /// What happens to connections.
    pub way: Way,
    /// What is wrong with the server's certificate.
    pub tls: Tls,
    /// Whether the token of the kubeconfig has expired.
    pub token_expired: bool,
    /// This many requests are answered with 429 first.
    pub throttled: u32,
    /// Objects are made this long after they were asked for, whether or not anybody waits for it.
    pub delay_ms: u64,
    /// Whether a gateway in front says 503.
    pub down: bool,
    /// Whether it goes away once a pod was made: every connection is closed, and no new one comes about.
    pub dies: bool,
    /// The namespaces.
    pub namespaces: Vec<String>,
    /// Those of them that are being deleted.
    pub terminating: Vec<String>,
    /// The namespace of the kubeconfig's context.
    pub namespace: String,
    /// Rights that the operator lacks: `create pods`, `list nodes`, `create jobs.batch`.
    pub lacks: Vec<String>,
    /// The service accounts beside `default`, which every namespace has.
    #[serde(rename = "service_account")]
    pub service_accounts: Vec<ServiceAccount>,
    /// Its secrets.
    #[serde(rename = "secret")]
    pub secrets: Vec<KubeSecret>,
    /// What admission does.
    pub admission: Admission,
    /// The nodes; absent: one that pulls everything.
    #[serde(rename = "node")]
    pub nodes: Vec<KubeNode>,
    /// The cluster of `[[aks]]` whose machines the nodes are, by name; absent: the first.
    pub aks: Option<String>,
    /// Objects that an earlier run left.
    #[serde(rename = "leftover")]
    pub leftovers: Vec<Leftover>,
}

impl Default for Kube {
    fn default() -> Self {
        Self {
            version: "v1.35.2".to_owned(),
            way: Way::Open,
            tls: Tls::Healthy,
            token_expired: false,
            throttled: 0,
            delay_ms: 0,
            down: false,
            dies: false,
            terminating: Vec::new(),
            namespaces: vec!["default".to_owned(), "team".to_owned()],
            namespace: "team".to_owned(),
            lacks: Vec::new(),
            service_accounts: Vec::new(),
            secrets: Vec::new(),
            admission: Admission::default(),
            nodes: vec![KubeNode::default()],
            aks: None,
            leftovers: Vec::new(),
        }
    }
}

/// What happens to connections with the API server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// They come about.
    #[default]
    Open,
    /// They are refused.
    Refused,
    /// They come about, and no request is answered.
    Silent,
}

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccount {
    /// Its namespace.
    pub namespace: String,
    /// Its name; `default` describes the one that is there anyway.
    pub name: String,
    /// The pull secrets of pods that name none.
    #[serde(default)]
    pub pull_secrets: Vec<String>,
}

/// A secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KubeSecret {
    /// Its namespace.
    #[serde(default = "team")]
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type", default = "docker_config")]
    pub form: String,
    /// What stands under `.dockerconfigjson`.
    pub config: String,
}

fn team() -> String {
    "team".to_owned()
}

fn docker_config() -> String {
    "kubernetes.io/dockerconfigjson".to_owned()
}

/// What admission does to pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Admission {
    /// Refuses pods with these words.
    pub denies_pods: Option<String>,
    /// Refuses Jobs with these words.
    pub denies_jobs: Option<String>,
    /// Refuses pods whose image has the tag `latest`, or none, with these words.
    pub denies_latest: Option<String>,
    /// Refuses Jobs that would start such a pod, with these words.
    pub denies_latest_jobs: Option<String>,
    /// Puts another registry in the place of the image's own.
    pub registry: Option<String>,
    /// Puts another pull policy in the place of the container's own.
    pub pull_policy: Option<String>,
    /// Puts a sidecar of this image beside every container.
    pub sidecar: Option<String>,
    /// Puts a container of this image before all others.
    pub init: Option<String>,
    /// Puts the pod on this node.
    pub node: Option<String>,
    /// Puts this program in the place of the container's own.
    pub command: Option<String>,
    /// Has the pod wait for this finalizer, which nobody takes away.
    pub finalizer: Option<String>,
}

/// A node, and what its kubelet does when it is asked to pull.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KubeNode {
    /// Its name.
    pub name: String,
    /// Its pool, by AKS's label.
    pub pool: Option<String>,
    /// Its system.
    pub os: String,
    /// Its architecture.
    pub architecture: String,
    /// Its kubelet.
    pub kubelet: String,
    /// Its runtime.
    pub runtime: String,
    /// The image that it was made from.
    pub os_image: String,
    /// Where its machine is (`spec.providerID`); absent: a machine of the cluster in Azure; empty: it is not told.
    pub provider_id: Option<String>,
    /// Whether it is ready.
    pub ready: bool,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// Whether it is a virtual kubelet.
    #[serde(rename = "virtual")]
    pub is_virtual: bool,
    /// The images that it holds, by name.
    pub holds: Vec<String>,
    /// What its kubelet does with a pod.
    pub pull: KubePull,
    /// The words of a pull that fails, or of what fails before.
    pub message: String,
    /// The state's reason of a pull that fails.
    pub reason: String,
    /// What its kubelet says of a pod before all else.
    #[serde(rename = "event")]
    pub events: Vec<KubeEvent>,
    /// The words with which the image of a probe cannot be pulled; absent: it can, and the probe runs.
    pub probe: Option<String>,
    /// Addresses (`20.62.128.11:443`) that refuse connections of pods with a network of their own.
    pub cut_from_pods: Vec<String>,
    /// The same of pods with the node's network.
    pub cut_from_node: Vec<String>,
}

/// A warning of a kubelet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KubeEvent {
    /// Its reason: `FailedToRetrieveImagePullSecret`.
    pub reason: String,
    /// Its words.
    pub message: String,
}

impl Default for KubeNode {
    fn default() -> Self {
        Self {
            name: "np1-0".to_owned(),
            pool: Some("np1".to_owned()),
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            kubelet: "v1.35.2".to_owned(),
            runtime: "containerd://2.3.7".to_owned(),
            os_image: "Ubuntu 24.04.3 LTS".to_owned(),
            provider_id: None,
            ready: true,
            deleting: false,
            is_virtual: false,
            holds: Vec::new(),
            pull: KubePull::Works,
            message: String::new(),
            reason: "ErrImagePull".to_owned(),
            events: Vec::new(),
            probe: None,
            cut_from_pods: Vec::new(),
            cut_from_node: Vec::new(),
        }
    }
}

/// What a kubelet does with a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KubePull {
    /// It pulls, and the container does not start, as its command does not exist.
    #[default]
    Works,
    /// It pulls, and does not make the container: its image's user is root.
    WorksAsRoot,
    /// It fails with the message.
    Fails,
    /// It has the image, and pulls nothing.
    Present,
    /// It says that it pulls, and then nothing.
    Stalls,
    /// It says nothing at all.
    Silent,
    /// The sandbox does not come about.
    NoSandbox,
    /// It refuses the pod.
    Refuses,
    /// It says that it pulls, and then somebody deletes the pod.
    Deleted,
}

/// What an earlier run left.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leftover {
    /// `Job` or `Pod`.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// How long ago it was made.
    pub age_s: i64,
    /// How long it wanted to live; absent: it does not say.
    pub lifetime_s: Option<u64>,
    /// Whether it is pullcheck's.
    #[serde(default = "yes")]
    pub ours: bool,
}

fn yes() -> bool {
    true
}
