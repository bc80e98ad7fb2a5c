//! What a check found at one place, for one credential.

use jiff::Timestamp;
use probes::vantage::Vantage;
use schemars::JsonSchema;
use serde::Serialize;

use crate::causes::CauseId;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// It was seen to hold.
    Pass,
    /// It has no meaning here.
    NotApplicable,
    /// It was not made, because another one failed or because the user left it out.
    Skip,
    /// It holds, and something about it is odd.
    Warn,
    /// It could not be looked at.
    Unknown,
    /// It was seen not to hold.
    Fail,
}

/// A check's answer at one place, for one credential.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The check's id.
    pub check: &'static str,
    /// The place.
    pub vantage: Vantage,
    /// As whom, where that matters.
    pub credential: Option<String>,
    /// How it ended.
    pub status: Status,
    /// One sentence.
    pub message: String,
    /// The one cause that it confirms.
    pub cause: Option<CauseId>,
    /// All that it says of causes.
    pub says: Vec<Says>,
    /// The check whose failure blocked it.
    pub blocked_by: Option<&'static str>,
    /// How often it was tried.
    pub attempts: Attempts,
    /// What was done and what came of it.
    pub evidence: Vec<Evidence>,
    /// When its first look started.
    #[schemars(with = "Option<String>")]
    pub started_at: Option<Timestamp>,
    /// How long its looks took, in milliseconds.
    pub duration_ms: Option<u64>,
}

/// What a finding says of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Says {
    /// The cause.
    pub cause: CauseId,
    /// What it says.
    pub stance: Stance,
}

impl Finding {
    /// Whether it has a say in the verdict on a credential: what was tried as another one beside it has none.
    pub fn counts_for(&self, credential: &str) -> bool {
        self.credential.as_ref().is_none_or(|c| c == credential)
    }
}

/// A finding's stance on a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Stance {
    /// What was seen is this cause.
    Confirms,
    /// What was seen may be this cause.
    Allows,
    /// What was seen cannot be with this cause.
    Refutes,
}

/// One thing that was done, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// What was done.
    pub action: String,
    /// What came of it.
    pub saw: String,
    /// The id under which the service's operators find the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
}

/// How often something was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Attempts {
    /// How often.
    pub made: u32,
    /// How often in vain.
    pub failed: u32,
}
