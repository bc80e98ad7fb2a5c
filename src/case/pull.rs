//! A pull that a kubelet was asked for, and what it said of it, unparsed: parsing happens in the check, so that an old
//! case can be read anew.

use jiff::Timestamp;
use probes::foreign::Foreign;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cluster::Node;

/// One pod whose only work is to be pulled for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Pull {
    /// The node that was meant or, without the right to list nodes, the one that the pod landed on.
    pub node: Option<Node>,
    /// Other nodes of the same class, which were not tested.
    pub represents: Vec<String>,
    /// The pod's namespace.
    pub namespace: String,
    /// The pod's name; empty where none could be made.
    pub pod: String,
    /// The image as the pod names it.
    pub image: String,
    /// The pod's service account.
    pub service_account: String,
    /// The names of the pull secrets that the pod had, its service account's among them.
    pub secrets: Vec<String>,
    /// Whether the node listed the image before the pull, by any name; not known without the right to read it.
    pub held: Option<bool>,
    /// Why no pod was made.
    pub refused: Option<Refusal>,
    /// Why the image's tag was refused, where the pod names it by the digest that the workstation saw for that tag: the kubelet
    /// was asked for the bytes, and not for the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_refused: Option<Refusal>,
    /// What admission changed that the pull depends on.
    pub changed: Vec<Change>,
    /// What was said of the pod, oldest first: events of its own uid, and states of its container.
    pub words: Vec<Word>,
    /// `status.containerStatuses[].imageID`, set once the image is there.
    pub image_id: Option<Foreign>,
    /// Whether the patience ended before the pull did.
    pub out_of_time: bool,
    /// Why the pod was not followed to its end, where neither the pull nor the patience was over: it was deleted, or the API
    /// server was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_short: Option<Foreign>,
    /// When the pod was asked for.
    #[schemars(with = "Option<String>")]
    pub started_at: Option<Timestamp>,
    /// How long it took to an answer, in milliseconds.
    pub duration_ms: u64,
}

impl Pull {
    /// The name of the place: the node's, where it is known.
    pub fn place(&self) -> &str {
        self.node.as_ref().map_or("any", |node| node.name.as_str())
    }

    /// Whether it was on the node of this name.
    pub fn is_on(&self, name: &str) -> bool {
        self.place() == name
    }
}

/// A refusal of the API server to make an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The status code of the answer.
    pub code: u16,
    /// Its `reason` (`metav1.StatusReason`): `Forbidden`, `Invalid` and so on.
    pub reason: Foreign,
    /// Its message, [long](Foreign::long): a policy's own words stand at its end.
    pub message: Foreign,
}

/// A field that admission changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The field's path: `spec.containers[0].image`.
    pub field: String,
    /// What was asked for.
    pub wanted: Foreign,
    /// What came back.
    pub found: Foreign,
}

/// Something that was said of a pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Word {
    /// Where it stands.
    pub source: Source,
    /// The component that said it (`source.component` or `reportingComponent` of an event): `kubelet`, `default-scheduler`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Foreign>,
    /// The machine-readable reason: `Pulling`, `Failed`, `ErrImagePull`, `StartError`.
    pub reason: Foreign,
    /// The message, [long](Foreign::long): what failed stands at its end.
    pub message: Foreign,
    /// When; an event's last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
    /// How often, for an event.
    #[serde(default)]
    pub count: u32,
}

impl Word {
    /// As much of the message as is shown.
    pub fn shown(&self) -> Foreign {
        Foreign::new(self.message.as_str())
    }

    /// A state that was seen once, which nobody is named for.
    pub fn state(source: Source, reason: &str, message: &str, at: Option<Timestamp>) -> Self {
        Self { source, by: None, reason: Foreign::new(reason), message: Foreign::long(message), at, count: 1 }
    }
}

/// Where something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// An event of the pod.
    Event,
    /// `state.waiting` of its container.
    Waiting,
    /// `state.terminated` of its container.
    Terminated,
    /// `state.running` of its container: its image was pulled, and its program runs.
    Running,
    /// The pod's own phase, reason and message.
    Pod,
    /// A condition of the pod: `PodScheduled` and its like.
    Condition,
    /// A place that a newer version knows.
    #[serde(other)]
    Unknown,
}
