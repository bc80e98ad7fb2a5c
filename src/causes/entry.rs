//! What an entry of the catalogue is: a cause, whose it is, whether it passes, and how its explanation is read.
//!
//! *Invariant:* an id is made by the catalogue's macro only.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// The id of a known reason, in the style of a Kubernetes reason: `TagNotFound`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, JsonSchema)]
pub struct CauseId(pub(super) &'static str);

impl CauseId {
    /// The id as text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for CauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// Whose a cause is: who can put it right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Owner {
    /// Those who write the workload's manifests and build its image.
    Workload,
    /// Those who run the cluster.
    Cluster,
    /// The node itself: its image, its files, its clock.
    Node,
    /// Those who hand out identities and roles.
    Identity,
    /// Those who run networks, DNS, firewalls and proxies.
    Network,
    /// Those who run the registry.
    Registry,
    /// The publisher of the image or of its registry.
    Upstream,
    /// Azure's own services.
    Azure,
    /// This program or its place, and nothing that a pull depends on.
    Observer,
}

impl Owner {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Workload => "workload",
            Self::Cluster => "cluster",
            Self::Node => "node",
            Self::Identity => "identity",
            Self::Network => "network",
            Self::Registry => "registry",
            Self::Upstream => "upstream",
            Self::Azure => "azure",
            Self::Observer => "observer",
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether a cause passes by itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Lasting {
    /// It stays until somebody does something.
    Permanent,
    /// It passes.
    Transient {
        /// How long it usually takes, such as `10m`.
        typical: &'static str,
    },
}

impl Lasting {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::Transient { .. } => "transient",
        }
    }
}

impl fmt::Display for Lasting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Lasting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl JsonSchema for Lasting {
    fn schema_name() -> Cow<'static, str> {
        "Lasting".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Whether a cause passes by itself.",
            "type": "string",
            "enum": ["permanent", "transient"]
        })
    }
}

/// Where a cause can be decided from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// It is the same from everywhere, so a look from anywhere decides it.
    Anywhere,
    /// It belongs to the place it was seen from, and only a look from there decides it.
    Bound,
}

/// What can confirm a cause.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Decider {
    /// A look along the path of a pull.
    Path,
    /// What Azure's management interface says.
    Azure,
    /// What the cluster's interface says.
    Cluster,
    /// A pull by the kubelet, with its typed reason.
    Kubelet,
    /// A message alone; it never confirms, it only suggests.
    Text,
}

/// A known reason.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    /// Its id.
    pub id: CauseId,
    /// The layer of the path it belongs to, such as `name-resolution`.
    pub layer: &'static str,
    /// Whose it is.
    pub owner: Owner,
    /// Whether it passes by itself.
    pub lasting: Lasting,
    /// Where it can be decided from.
    pub place: Place,
    /// What can confirm it.
    pub decided_by: &'static [Decider],
    /// The ids of the causes that look alike; some may not be in the catalogue yet.
    pub alike: &'static [&'static str],
    /// A page of official documentation.
    pub docs: Option<&'static str>,
    /// What is wrong: a lower-case fragment without a full stop.
    pub summary: &'static str,
    /// The whole doc comment: the summary and the five sections.
    pub explanation: &'static str,
}

/// The sections of every explanation, in order.
pub const SECTIONS: [&str; 5] = ["Seen", "Why", "Prove", "Alike", "Fix"];

impl Cause {
    /// One section of the explanation, by its heading (`Seen`, `Why`, `Prove`, `Alike`, `Fix`).
    ///
    /// Prose is one paragraph, to be wrapped by whoever prints it. Commands stand on lines of their own, indented
    /// by four spaces; names in capitals in them are the reader's to fill in.
    pub fn section(&self, heading: &str) -> Option<String> {
        let mut text = String::new();
        let mut inside = false;
        for line in self.explanation.lines().map(str::trim) {
            let opened =
                SECTIONS.iter().find_map(|name| Some((*name, line.strip_prefix(name)?.strip_prefix(": ")?)));
            let words = match opened {
                Some((name, _)) if name != heading => {
                    inside = false;
                    continue;
                }
                Some((_, words)) => {
                    inside = true;
                    words
                }
                None if inside => line,
                None => continue,
            };
            if let Some(command) = words.strip_prefix("- `").and_then(|rest| rest.strip_suffix('`')) {
                text.push_str("\n    ");
                text.push_str(command);
            } else if !words.is_empty() {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(words);
            }
        }
        (!text.is_empty()).then_some(text)
    }
}
