//! The JSON Schema of what is written for programs: the report and the case.

use schemars::{JsonSchema, schema_for};
use serde::Serialize;

use crate::case::Case;
use crate::report::Report;

/// Any document that pullcheck writes.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(title = "pullcheck.dev/v1")]
#[expect(dead_code, reason = "only its schema is wanted")]
enum Document {
    /// `kind: HealthReport`
    HealthReport(Box<Report>),
    /// `kind: Case`
    Case(Box<Case>),
}

/// The schema, as it is published.
pub fn text() -> String {
    let schema = schema_for!(Document);
    // A schema is a tree of maps with string keys, which always has a JSON form.
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}
