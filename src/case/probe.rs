//! A pod that a probe was sent in: what became of it. What the probe saw is a survey of its place.

use probes::credential::Credential;
use probes::foreign::Foreign;
use probes::vantage::Vantage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pull::{Refusal, Word};

/// One probe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    /// The place that it was sent to.
    pub vantage: Vantage,
    /// The pod's namespace.
    pub namespace: String,
    /// The pod's name; empty where none was made.
    pub pod: String,
    /// The image that holds the probe.
    pub image: String,
    /// The credentials that count at the place, in the order in which they are tried, as the probe says; empty where
    /// nothing was heard of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<Credential>,
    /// How many observations were heard.
    pub heard: usize,
    /// Whether that is all that the probe saw, and it came to its end.
    pub whole: bool,
    /// Why the API server refused the pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
    /// Why there is no survey, or only a part of one, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Foreign>,
    /// Files that the node has not, as its kubelet says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// What was said of the pod, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
}
