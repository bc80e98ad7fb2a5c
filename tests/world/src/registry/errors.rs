//! Error bodies. Written as text, because the order of the fields is part of what clients show.

use serde_json::Value;

use crate::reply::Reply;

const JSON: &str = "application/json; charset=utf-8";

/// A registry's error; `detail` is JSON or nothing.
pub(crate) fn error(status: u16, code: &str, message: &str, detail: Option<&str>) -> Reply {
    let detail = detail.map(|json| format!(",\"detail\":{json}")).unwrap_or_default();
    let body = format!("{{\"errors\":[{{\"code\":\"{code}\",\"message\":{}{detail}}}]}}\n", text(message));
    Reply::status(status).body(JSON, body)
}

/// A JSON string; apostrophes as ACR writes them.
pub(crate) fn text(text: &str) -> String {
    Value::from(text).to_string().replace('\'', "\\u0027")
}

/// JSON with status 200.
pub(crate) fn json(body: impl Into<bytes::Bytes>) -> Reply {
    Reply::status(200).body(JSON, body)
}
