//! `azure.json` as Azure's credential provider reads it (cloud-provider-azure's `configloader`, by sigs.k8s.io/yaml):
//! YAML 1.1 first, so that JSON with a comma or a comment too many passes, then Go's JSON, whose keys match in any case.
//!
//! Only what the provider's `AzureClientConfig` takes is looked at; of that, all types are.

use std::path::Path;

use serde_json::{Map, Value};

use self::types::{kind, wrong_types};
use super::root::{HostRoot, MAX_SETTINGS, read_regular};
use super::yaml;
use crate::facts::node::{
    AzureJson, AzureJsonForm, FileState, JsonType, NodeFile, NodeIdentity, Place, WrongType,
};
use crate::foreign::Foreign;
use crate::secret::Secret;

/// Where AKS has it.
pub const DEFAULT: &str = "/etc/kubernetes/azure.json";

/// The keys that decide who the provider is.
const DECIDING: [&str; 4] =
    ["useManagedIdentityExtension", "userAssignedIdentityID", "aadClientId", "aadClientSecret"];

/// What `azure.json` says, and its secret.
pub struct Read {
    /// What may be shown.
    pub facts: AzureJson,
    /// `aadClientSecret`, where it is not empty.
    pub secret: Option<Secret<String>>,
}

/// Reads the file that the user names, which need not be below the root, else the one of the node at `named`.
pub fn read(root: &HostRoot, given: Option<&Path>, named: &str) -> Read {
    let (path, bytes) = match given {
        Some(path) => (path.display().to_string(), read_regular(path, MAX_SETTINGS)),
        None => (named.to_owned(), root.read(named, MAX_SETTINGS)),
    };
    let file = NodeFile::new(&path, FileState::of(&bytes));
    match bytes {
        Ok(bytes) => parse(file, &String::from_utf8_lossy(&bytes)),
        Err(_) => Read { facts: empty(file), secret: None },
    }
}

fn empty(file: NodeFile) -> AzureJson {
    AzureJson {
        file,
        form: None,
        wrong_types: Vec::new(),
        cloud: None,
        tenant_id: None,
        subscription_id: None,
        resource_group: None,
        resource_manager_endpoint: false,
        identity: None,
    }
}

/// Reads the text of a file.
pub(crate) fn parse(file: NodeFile, text: &str) -> Read {
    let mut facts = empty(file);
    let (form, value) = value(text);
    facts.form = Some(form);
    let Some(value) = value else { return Read { facts, secret: None } };
    let fields = match value {
        Value::Object(fields) => fields,
        // What is null leaves a Go struct as it is, and so is a file without anything.
        Value::Null => Map::new(),
        other => {
            let key = Foreign::default();
            facts.wrong_types.push(WrongType { key, wanted: JsonType::Object, found: kind(&other) });
            return Read { facts, secret: None };
        }
    };
    facts.wrong_types = wrong_types(&fields);
    let shown = |key: &str| text_of(&fields, key).map(|text| Foreign::new(&text));
    facts.cloud = shown("cloud");
    facts.tenant_id = shown("tenantId");
    facts.subscription_id = shown("subscriptionId");
    facts.resource_group = shown("resourceGroup");
    facts.resource_manager_endpoint = shown("resourceManagerEndpoint").is_some();
    let undecided =
        |wrong: &WrongType| DECIDING.iter().any(|key| key.eq_ignore_ascii_case(wrong.key.as_str()));
    if !facts.wrong_types.iter().any(undecided) {
        facts.identity = Some(identity(&fields));
    }
    Read { facts, secret: text_of(&fields, "aadClientSecret").map(Secret::new) }
}

/// How the text is written, and what it says where that can be told.
fn value(text: &str) -> (AzureJsonForm, Option<Value>) {
    let no_json = match serde_json::from_str(text) {
        Ok(value) => {
            return match unknown_escape(text) {
                None => (AzureJsonForm::Json, Some(value)),
                Some(at) => (AzureJsonForm::Malformed { place: Some(Place::of(text, at)) }, None),
            };
        }
        Err(error) => Place { line: error.line() as u64, column: error.column() as u64 },
    };
    match yaml::value(text.trim()) {
        Ok(value) => (AzureJsonForm::Yaml, Some(value)),
        // What starts as JSON was meant to be JSON.
        Err(_) if text.trim_start().starts_with('{') => {
            (AzureJsonForm::Malformed { place: Some(no_json) }, None)
        }
        Err(place) => (AzureJsonForm::Malformed { place }, None),
    }
}

/// Where JSON has an escape that YAML 1.1 does not know, for which the provider refuses the file: a slash, and half of a
/// character.
fn unknown_escape(json: &str) -> Option<usize> {
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|byte| *byte == b'\\') {
        at += found;
        match &bytes[at + 1..] {
            [b'/', ..] | [b'u', b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => return Some(at),
            // JSON that was read has something after every backslash.
            _ => at += 2,
        }
    }
    None
}

/// The value of a key in any case. Of several spellings the last one counts, sorted by bytes, because that is the order
/// in which Go writes the map that it then reads.
fn field<'a>(fields: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    let spellings = fields.iter().filter(|(name, value)| name.eq_ignore_ascii_case(key) && !value.is_null());
    spellings.max_by_key(|(name, _)| name.as_bytes()).map(|(_, value)| value)
}

/// Text that is not empty. Numbers and booleans are taken as text, as they are where Go wants a string.
fn text_of(fields: &Map<String, Value>, key: &str) -> Option<String> {
    match field(fields, key)? {
        Value::String(text) => Some(text.clone()),
        scalar @ (Value::Bool(_) | Value::Number(_)) => Some(scalar.to_string()),
        _ => None,
    }
    .filter(|text| !text.is_empty())
}

fn identity(fields: &Map<String, Value>) -> NodeIdentity {
    let is_true = |key| field(fields, key).and_then(Value::as_bool) == Some(true);
    let text = |key| text_of(fields, key);
    if !is_true("useManagedIdentityExtension") {
        return NodeIdentity::ServicePrincipal {
            client_id: Foreign::new(&text("aadClientId").unwrap_or_default()),
            secret: text("aadClientSecret").is_some(),
            certificate: text("aadClientCertPath").is_some(),
            federated: is_true("useFederatedWorkloadIdentityExtension")
                || text("aadFederatedTokenFile").is_some(),
        };
    }
    match text("userAssignedIdentityID") {
        None => NodeIdentity::ManagedUnnamed,
        Some(id) if id.to_ascii_uppercase().contains("/SUBSCRIPTIONS/") => {
            NodeIdentity::ManagedByResourceId { resource_id: Foreign::new(&id) }
        }
        Some(id) => NodeIdentity::ManagedByClientId { client_id: Foreign::new(&id) },
    }
}

mod types;

#[cfg(test)]
mod tests;
