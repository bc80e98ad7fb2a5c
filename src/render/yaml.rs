//! `yaml`: the report as it is, with sorted keys as kubectl writes them, for people who read programs' files.
//!
//! YAML has no escapes outside of quotes, so that characters which act on a terminal or in a CI's log are made harmless as
//! in the formats for people.

use serde_json::Value;

use super::Style;
use super::text::inert;
use crate::report::Report;

pub(super) fn render(report: &Report, style: &Style) -> String {
    let mut value = serde_json::to_value(report).expect("a report's maps have strings for keys");
    clean(&mut value, style.ascii);
    let mut yaml =
        serde_saphyr::to_string(&value).expect("a tree of maps, lists and scalars has a YAML form");
    if !yaml.ends_with('\n') {
        yaml.push('\n');
    }
    yaml
}

fn clean(value: &mut Value, ascii: bool) {
    match value {
        Value::String(text) => *text = inert(text, ascii),
        Value::Array(values) => values.iter_mut().for_each(|value| clean(value, ascii)),
        Value::Object(fields) => fields.values_mut().for_each(|value| clean(value, ascii)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
