//! Where something was seen from.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A place from which the way of a pull is looked at. Its text form is its id: `workstation`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Vantage {
    /// The machine that pullcheck runs on.
    Workstation,
    /// A place that a newer version knows.
    #[serde(other)]
    Unknown,
}

impl Vantage {
    /// The kind of the place, as reports name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Workstation => "workstation",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Vantage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}
