//! Platforms as containerd writes them.

use serde_json::{Map, Value};

/// The platform object of a text like `linux/arm/v7` or `windows(10.0.20348.2582)/amd64`.
pub(super) fn object(text: &str) -> Map<String, Value> {
    let mut parts = text.split('/');
    let os = parts.next().unwrap_or_default();
    let (os, version) = match os.split_once('(') {
        Some((os, version)) => (os, Some(version.trim_end_matches(')'))),
        None => (os, None),
    };
    let mut object = Map::new();
    object.insert("architecture".to_owned(), parts.next().unwrap_or("amd64").into());
    object.insert("os".to_owned(), os.into());
    if let Some(version) = version {
        object.insert("os.version".to_owned(), version.into());
    }
    if let Some(variant) = parts.next() {
        object.insert("variant".to_owned(), variant.into());
    }
    object
}
