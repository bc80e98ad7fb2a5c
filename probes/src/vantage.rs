//! Where something was seen from.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A place from which the way of a pull is looked at. Its text form is its id: `workstation`, `pod/NAME`,
/// `node/NAME`, `kubelet/NAME`, `cluster`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vantage {
    /// The machine that pullcheck runs on.
    Workstation,
    /// A pod on the cluster's pod network, named by the node that it runs on.
    Pod(String),
    /// A node, on its own network and with its own files.
    Node(String),
    /// The kubelet of a node, which was asked to pull.
    Kubelet(String),
    /// What the cluster's API server says.
    Cluster,
    /// What Azure's resource manager says.
    Azure,
    /// A place that a newer version knows.
    Unknown,
}

impl Vantage {
    /// The kind of the place, as reports name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Workstation => "workstation",
            Self::Pod(_) => "pod",
            Self::Node(_) => "node",
            Self::Kubelet(_) => "kubelet",
            Self::Cluster => "cluster",
            Self::Azure => "azure",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Vantage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pod(name) | Self::Node(name) | Self::Kubelet(name) => write!(f, "{}/{name}", self.kind()),
            Self::Workstation | Self::Cluster | Self::Azure | Self::Unknown => f.write_str(self.kind()),
        }
    }
}

impl Serialize for Vantage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Vantage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.split_once('/') {
            Some(("pod", name)) if !name.is_empty() => Self::Pod(name.to_owned()),
            Some(("node", name)) if !name.is_empty() => Self::Node(name.to_owned()),
            Some(("kubelet", name)) if !name.is_empty() => Self::Kubelet(name.to_owned()),
            None if text == "cluster" => Self::Cluster,
            None if text == "azure" => Self::Azure,
            None if text == "workstation" => Self::Workstation,
            _ => Self::Unknown,
        })
    }
}

impl JsonSchema for Vantage {
    fn schema_name() -> Cow<'static, str> {
        "Vantage".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A place from which the way of a pull is looked at: workstation, pod/NAME, node/NAME, kubelet/NAME, \
                cluster, azure.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_its_id() {
        for (text, vantage) in [
            ("workstation", Vantage::Workstation),
            ("pod/np1-0", Vantage::Pod("np1-0".to_owned())),
            ("node/np1-0", Vantage::Node("np1-0".to_owned())),
        ] {
            assert_eq!(vantage.to_string(), text);
            assert_eq!(serde_json::from_value::<Vantage>(text.into()).ok(), Some(vantage));
        }
        for text in ["pod/", "node", "moon/1", ""] {
            assert_eq!(serde_json::from_value::<Vantage>(text.into()).ok(), Some(Vantage::Unknown), "{text}");
        }
    }
}
