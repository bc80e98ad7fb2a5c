//! What asking a mirror before the registry showed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::foreign::Foreign;
use crate::observation::Observation;

/// One mirror of the runtime's `hosts.toml`, asked for the image without a credential.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mirror {
    /// Its address as the file writes it.
    pub url: Foreign,
    /// Its host, with its port when it is not the usual one.
    pub host: String,
    /// Whether it is asked what a tag means.
    pub resolves: bool,
    /// Whether it has everything that a pull takes.
    pub had: bool,
    /// What was seen on the way, in the order of looking.
    pub looks: Vec<Observation>,
}
