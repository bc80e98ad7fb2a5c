//! YAML as Go programs read it by way of JSON (sigs.k8s.io/yaml).

use serde_json::Value;
use serde_saphyr::options::DuplicateKeyPolicy;

use crate::facts::node::Place;

/// The text as a value, or the place of its fault where that is known.
///
/// Of keys that stand there twice the last one counts, and of documents the first, as for Go; an empty text is null.
pub(super) fn value(text: &str) -> Result<Value, Option<Place>> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    };
    serde_saphyr::from_str_multiple_with_options::<Value, Vec<Value>>(text, options)
        .map(|documents| documents.into_iter().next().unwrap_or_default())
        .map_err(|error| error.location().map(|at| Place { line: at.line(), column: at.column() }))
}
