//! What was learnt of the cluster from its API server.

use std::fmt;

use probes::foreign::Foreign;
use probes::observation::Platform;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::secret::PullSecrets;

/// The cluster that the run used, or tried to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Cluster {
    /// The context's name in the kubeconfig; `None` inside a cluster.
    pub context: Option<String>,
    /// The API server's address, without a user.
    pub server: Option<String>,
    /// Its version (`v1.35.2`).
    pub version: Option<Foreign>,
    /// The namespace of use.
    pub namespace: String,
    /// Why the cluster could not be used, or a part of it.
    pub troubles: Vec<Trouble>,
    /// Every node that was listed.
    pub nodes: Vec<Node>,
    /// Nodes that were not tested and are represented by no tested one, each with the reason.
    pub left_out: Vec<LeftOut>,
    /// The pull secrets, where a pull was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secrets: Option<PullSecrets>,
    /// The rights that the run asked about.
    pub rights: Vec<Right>,
    /// What the run created.
    pub created: Vec<Created>,
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its pool, from the labels that providers set.
    pub pool: Option<String>,
    /// Its platform.
    pub platform: Option<Platform>,
    /// Its zone.
    pub zone: Option<String>,
    /// `status.nodeInfo.kubeletVersion`.
    pub kubelet: Foreign,
    /// `status.nodeInfo.containerRuntimeVersion`: `containerd://2.3.7`.
    pub runtime: Foreign,
    /// `status.nodeInfo.osImage`, or the provider's own name of the node image.
    pub image: Foreign,
    /// The condition `Ready`; `None` where it is not there or `Unknown`.
    pub ready: Option<bool>,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// Whether it is no machine: a virtual kubelet.
    pub is_virtual: bool,
    /// `spec.providerID`: where its machine is, in its provider's own form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<Foreign>,
}

impl Node {
    /// What nodes have in common that are alike for a pull: pool, system, architecture, node image.
    pub fn class(&self) -> (Option<&str>, &str, &str, &str) {
        let platform = self.platform.as_ref();
        let os = platform.map_or("", |p| p.os.as_str());
        let architecture = platform.map_or("", |p| p.architecture.as_str());
        (self.pool.as_deref(), os, architecture, self.image.as_str())
    }

    /// The subscription and the resource group of its machine, of a node in Azure:
    /// `azure:///subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/...` (cloud-provider-azure's `pkg/provider`).
    pub fn in_azure(&self) -> Option<(&str, &str)> {
        let path = self.provider_id.as_ref()?.as_str().strip_prefix("azure://")?;
        let mut parts = path.trim_start_matches('/').split('/');
        let is = |part: Option<&str>, word: &str| part.is_some_and(|part| part.eq_ignore_ascii_case(word));
        let (subscriptions, subscription) = (parts.next(), parts.next()?);
        let (groups, group) = (parts.next(), parts.next()?);
        (is(subscriptions, "subscriptions") && is(groups, "resourceGroups")).then_some((subscription, group))
    }
}

/// A node that was not tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeftOut {
    /// The node's name.
    pub name: String,
    /// Why.
    pub why: Why,
}

/// Why a node was not tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// It is not ready.
    NotReady,
    /// It is being deleted.
    Deleting,
    /// It is a virtual kubelet.
    Virtual,
    /// It runs Windows and the image has nothing for it, or the canary cannot be made there.
    Windows,
    /// It was not named, or is of another platform than the one that is asked for.
    NotSelected,
    /// A reason that a newer version knows.
    #[serde(other)]
    Unknown,
}

impl Why {
    /// The reason in a word or two, for a list; `None` where the node was not asked for.
    pub fn short(self) -> Option<&'static str> {
        match self {
            Self::NotReady => Some("not ready"),
            Self::Deleting => Some("being deleted"),
            Self::Virtual => Some("virtual"),
            Self::Windows => Some("Windows"),
            Self::NotSelected => None,
            Self::Unknown => Some("for a reason that this version does not know"),
        }
    }

    /// The reason in words, for a node that was named.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotReady => "it is not ready",
            Self::Deleting => "it is being deleted",
            Self::Virtual => "it is a virtual kubelet",
            Self::Windows => "it runs Windows, and the platform that is asked for does not",
            Self::NotSelected => "it was not named, or is of another platform than the one that is asked for",
            Self::Unknown => "the reason is one that this version does not know",
        }
    }
}

/// Something about the cluster itself that stood in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Trouble {
    /// What kind.
    pub kind: TroubleKind,
    /// What was being done: `list nodes`, `create pods`, `connect`.
    pub during: String,
    /// What was said, or what was seen; [long](Foreign::long), as a reason stands at the end.
    pub detail: Foreign,
}

impl fmt::Display for Trouble {
    /// What is wrong, what was being done where that tells more, and what was said of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (during, detail) = (self.during.as_str(), &self.detail);
        match self.kind {
            TroubleKind::Unresolved => write!(f, "the API server's name has no address: {detail}"),
            TroubleKind::NotConnected => write!(f, "no connection with the API server: {detail}"),
            TroubleKind::Tls => write!(f, "no TLS with the API server: {detail}"),
            TroubleKind::Proxy => write!(f, "the proxy does not lead to the API server: {detail}"),
            TroubleKind::TimedOut if during.is_empty() => write!(f, "the API server is silent: {detail}"),
            // What is created waits for all that has a say in it.
            TroubleKind::TimedOut if during.starts_with("create ") => write!(
                f,
                "the API server is silent ({during}): {detail}; it, or an admission webhook that it waits for, may be stuck"
            ),
            TroubleKind::TimedOut => write!(f, "the API server is silent ({during}): {detail}"),
            TroubleKind::Unauthenticated => {
                write!(
                    f,
                    "the API server does not accept the credential ({detail}); sign in to the cluster anew"
                )
            }
            TroubleKind::Forbidden => write!(f, "no right to {during} ({detail})"),
            TroubleKind::ExecPlugin => {
                write!(f, "the kubeconfig's program for credentials gave none: {detail}")
            }
            TroubleKind::TooLarge => write!(f, "{detail}"),
            TroubleKind::Throttled => write!(f, "the API server takes no more requests now ({detail})"),
            TroubleKind::Answer | TroubleKind::NotFound | TroubleKind::Unknown if during.is_empty() => {
                write!(f, "{detail}")
            }
            TroubleKind::NotFound => write!(f, "{during}: {detail}"),
            TroubleKind::Answer | TroubleKind::Unknown => {
                write!(f, "the API server gave no answer that can be used ({during}): {detail}")
            }
        }
    }
}

/// Kinds of trouble with a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TroubleKind {
    /// The API server's name could not be resolved.
    Unresolved,
    /// No connection came about.
    NotConnected,
    /// TLS did not come about, or its certificate is not accepted.
    Tls,
    /// No answer came within the time for it.
    TimedOut,
    /// The proxy in the way did not let it through.
    Proxy,
    /// 401: no credential, or one that is not accepted any more.
    Unauthenticated,
    /// 403: what is forbidden stands in `during`.
    Forbidden,
    /// The program that gives the credential failed, hung, or may not be run.
    ExecPlugin,
    /// 429.
    Throttled,
    /// Any other answer that is none: 5xx, no JSON.
    Answer,
    /// The namespace, the service account or another object that is needed does not exist.
    NotFound,
    /// The image is larger than what kubelets are asked to pull without it being wanted.
    TooLarge,
    /// A kind that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// A right, as `SelfSubjectAccessReview` knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Right {
    /// The verb.
    pub verb: String,
    /// The resource with its subresource: `pods`, `pods/log`.
    pub resource: String,
    /// The API group; empty for the core.
    #[serde(default)]
    pub group: String,
    /// The namespace; `None` for the whole cluster.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Whether it is there; `None` where the API server did not say.
    pub allowed: Option<bool>,
}

/// An object that the run created.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Whether it is gone again.
    pub removed: bool,
    /// The finalizers that it waits for, where it is being deleted and still there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_by: Vec<Foreign>,
    /// What was said when it was to be deleted, where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_by: Option<Foreign>,
}

impl Created {
    /// Why it is still there, as far as that is known.
    pub fn why_left(&self) -> Option<String> {
        let held: Vec<&str> = self.held_by.iter().map(Foreign::as_str).collect();
        match (held.as_slice(), &self.kept_by) {
            ([], None) => None,
            ([], Some(kept)) => Some(kept.to_string()),
            (held, _) => Some(format!(
                "it is being deleted and waits for {} ({}), which whoever put it there has to take away",
                if held.len() == 1 { "a finalizer" } else { "finalizers" },
                held.join(", ")
            )),
        }
    }
}
