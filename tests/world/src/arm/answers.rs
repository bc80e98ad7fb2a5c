//! The forms of the resource manager's answers.

use serde_json::{Value, json};

use super::path::{Path, Target};
use crate::plan::Principal;
use crate::registry::Ask;
use crate::reply::Reply;

const JSON: &str = "application/json; charset=utf-8";

pub(super) fn found(body: &Value) -> Reply {
    answer(200, body)
}

pub(super) fn answer(status: u16, body: &Value) -> Reply {
    Reply::status(status).body(JSON, body.to_string())
}

/// A list, or the page of it that is asked for.
pub(super) fn list(ask: &Ask, page_size: Option<usize>, items: Vec<Value>) -> Reply {
    let Some(size) = page_size else { return found(&json!({"value": items})) };
    let from = ask.field("$skipToken").and_then(|token| token.parse::<usize>().ok()).unwrap_or_default();
    let mut body = json!({"value": items.iter().skip(from).take(size).collect::<Vec<_>>()});
    if from + size < items.len() {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(ask.query.iter().filter(|(name, _)| name != "$skipToken"));
        query.append_pair("$skipToken", &(from + size).to_string());
        body["nextLink"] = format!("https://{}{}?{}", ask.host, ask.path, query.finish()).into();
    }
    found(&body)
}

pub(super) fn error(status: u16, code: &str, message: &str) -> Reply {
    answer(status, &json!({"error": {"code": code, "message": message}}))
}

/// A right that is missing.
pub(super) fn forbidden(known: &Principal, action: &str, scope: &str) -> Reply {
    let words = format!(
        "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over scope \
         '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
        known.client_id, known.object_id
    );
    error(403, "AuthorizationFailed", &words)
}

/// Something that is not there.
pub(super) fn missing(path: &Path) -> Reply {
    match (&path.target, &path.group) {
        (Target::Resource { kind, name, .. }, group) => {
            let group = group.as_deref().unwrap_or_default();
            let words = format!(
                "The Resource '{kind}/{name}' under resource group '{group}' was not found. For more details please go to \
                 https://aka.ms/ARMResourceNotFoundFix"
            );
            error(404, "ResourceNotFound", &words)
        }
        (_, Some(group)) => {
            error(404, "ResourceGroupNotFound", &format!("Resource group '{group}' could not be found."))
        }
        _ => error(404, "NotFound", "The resource cannot be found."),
    }
}

/// The service as a whole, when it is broken.
pub(super) fn broken(status: u16) -> Reply {
    match status {
        429 => error(429, "TooManyRequests", "The request is being throttled. Please try again later."),
        status => error(status, "ServiceUnavailable", "The service is unavailable. Please try again."),
    }
}
