//! Reading what Azure answers: a field that is not there, or of another kind, is `None`.

use probes::foreign::Foreign;
use serde_json::Value;

/// The most entries of a list within an object that are kept.
const MOST: usize = 500;

/// A field, by its path: `properties.loginServer`.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| value.get(name)).filter(|found| !found.is_null())
}

/// A text as it stands there, for a further request.
pub(super) fn raw<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    at(value, path)?.as_str().filter(|text| !text.is_empty())
}

/// A text.
pub(super) fn text(value: &Value, path: &str) -> Option<Foreign> {
    raw(value, path).map(Foreign::new)
}

/// A switch: a boolean, or the words `enabled` and `disabled` in any case.
pub(super) fn switch(value: &Value, path: &str) -> Option<bool> {
    match at(value, path)? {
        Value::Bool(on) => Some(*on),
        Value::String(word) if word.eq_ignore_ascii_case("enabled") => Some(true),
        Value::String(word) if word.eq_ignore_ascii_case("disabled") => Some(false),
        _ => None,
    }
}

/// A list.
pub(super) fn list<'v>(value: &'v Value, path: &str) -> Option<&'v [Value]> {
    at(value, path)?.as_array().map(|list| &list[..list.len().min(MOST)])
}

/// A list of texts.
pub(super) fn texts(value: &Value, path: &str) -> Option<Vec<Foreign>> {
    Some(list(value, path)?.iter().filter_map(Value::as_str).map(Foreign::new).collect())
}

/// Of each entry of a list the text of one field.
pub(super) fn each(value: &Value, path: &str, field: &str) -> Option<Vec<Foreign>> {
    Some(list(value, path)?.iter().filter_map(|entry| text(entry, field)).collect())
}

/// The resource ids of the identities that stand on a resource.
pub(super) fn identities(said: &Value) -> Option<Vec<Foreign>> {
    let identity = at(said, "identity")?;
    let assigned = at(identity, "userAssignedIdentities").and_then(Value::as_object);
    Some(assigned.map(|all| all.keys().map(|id| Foreign::new(id)).collect()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_nothing() {
        let value = serde_json::json!({
            "a": {"b": "x", "on": "Enabled", "off": false, "odd": "maybe", "nothing": null, "empty": ""},
            "l": ["x", 1, {"id": "y"}],
        });
        assert_eq!(text(&value, "a.b").map(|text| text.to_string()).as_deref(), Some("x"));
        for missing in ["a.c", "a.nothing", "a.empty", "a.off", "l.0", "b.b.b"] {
            assert_eq!(text(&value, missing), None, "{missing}");
        }
        let on = |path| switch(&value, path);
        assert_eq!((on("a.on"), on("a.off"), on("a.odd"), on("a.c")), (Some(true), Some(false), None, None));
        assert_eq!(texts(&value, "l").map(|list| list.len()), Some(1));
        assert_eq!(each(&value, "l", "id").map(|list| list.len()), Some(1));
        assert_eq!(texts(&value, "a"), None);
    }
}
