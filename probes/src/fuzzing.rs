//! Ways in for fuzzing: each function reads any bytes as one thing that strangers write, and panics where what was read
//! breaks a promise. The product has none of this; `fuzz/README.md` says how to run them.
//!
//! *Invariant:* a function is deterministic in what it checks, so that an input in `fuzz/corpus` shows a fault again.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::foreign::{FOREIGN_LIMIT, Foreign};

mod node;
mod registry;
#[cfg(test)]
mod tests;
mod wire;

pub use node::{azure_json, hosts_toml, provider_config, proxy};
pub use registry::{challenge, dns_reply, error_body, manifest, reference, token};
pub use wire::{assignment, wire};

/// That facts survive being saved, and hold nothing that acts on a terminal.
fn assert_facts<T: Serialize + DeserializeOwned + PartialEq>(facts: &T) -> Value {
    let value = serde_json::to_value(facts).expect("facts have a JSON form");
    let again: T = serde_json::from_value(value.clone()).expect("saved facts are read");
    assert!(again == *facts, "saved facts are other facts: {value}");
    assert_clean(&value);
    value
}

/// That no text below a value acts on a terminal or is longer than a stranger's may be.
fn assert_clean(value: &Value) {
    match value {
        Value::String(text) => assert_text(text),
        Value::Array(values) => values.iter().for_each(assert_clean),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            assert_text(name);
            assert_clean(value);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// That a text is what cleaning it leaves.
fn assert_text(text: &str) {
    assert!(!text.chars().any(char::is_control), "a control character in {text:?}");
    assert!(text.chars().count() <= FOREIGN_LIMIT + 1, "{} characters", text.chars().count());
    assert_eq!(Foreign::new(text).as_str(), text, "not cleaned");
}

/// The bytes as they are read where text is wanted.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
