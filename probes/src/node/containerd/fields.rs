//! The settings of one host, as `hosts.toml` has them at its top and below each `[host."ADDRESS"]`.

use std::time::Duration;

use toml::{Table, Value};

use super::document::field;
use super::duration;
use super::setting::Capabilities;
use crate::secret::Secret;

/// The keys of a host.
pub(super) const KEYS: [&str; 7] =
    ["capabilities", "ca", "client", "skip_verify", "header", "override_path", "dial_timeout"];

/// The settings of one host.
#[derive(Default)]
pub(super) struct Fields {
    /// What it may be asked for; without the key everything.
    pub(super) capabilities: Option<Vec<String>>,
    /// The files of its authorities.
    pub(super) authorities: Option<Vec<String>>,
    /// How many client certificates it is shown.
    pub(super) client_certificates: Option<usize>,
    /// Whether its certificate need not be valid.
    pub(super) skip_verify: Option<bool>,
    /// Headers that are sent to it.
    pub(super) headers: Vec<(String, Secret<String>)>,
    /// Whether the path of its address is all that stands before a repository.
    pub(super) override_path: bool,
    /// How long is waited for a connection.
    pub(super) dial_timeout: Option<Duration>,
}

impl Fields {
    /// Reads the settings of a table. The error is the key whose value has a type that it cannot have.
    pub(super) fn typed(table: &Table) -> Result<Self, &'static str> {
        let boolean = |key: &'static str| match field(table, key) {
            None => Ok(None),
            Some(value) => value.as_bool().map(Some).ok_or(key),
        };
        Ok(Self {
            capabilities: field(table, "capabilities")
                .map(|list| strings(list).ok_or("capabilities"))
                .transpose()?,
            authorities: None,
            client_certificates: None,
            skip_verify: boolean("skip_verify")?,
            headers: match field(table, "header") {
                None => Vec::new(),
                // What stands in it is looked at later.
                Some(value) => value.as_table().map(|_| Vec::new()).ok_or("header")?,
            },
            override_path: boolean("override_path")?.unwrap_or(false),
            dial_timeout: match field(table, "dial_timeout") {
                None => None,
                Some(value) => value.as_str().map(|_| None).ok_or("dial_timeout")?,
            },
        })
    }

    /// Reads the rest of a host that is asked: what may have several types, and what has a meaning of its own.
    pub(super) fn whole(table: &Table) -> Result<Self, &'static str> {
        let mut fields = Self::typed(table)?;
        if fields.capabilities.as_ref().is_some_and(|list| Capabilities::named(list).is_none()) {
            return Err("capabilities");
        }
        fields.authorities = field(table, "ca").map(|value| one_or_more(value).ok_or("ca")).transpose()?;
        fields.client_certificates =
            field(table, "client").map(|value| pairs(value).ok_or("client")).transpose()?;
        if let Some(Value::Table(header)) = field(table, "header") {
            for (name, value) in header {
                let values = one_or_more(value).ok_or("header")?;
                fields.headers.extend(values.into_iter().map(|value| (name.clone(), Secret::new(value))));
            }
        }
        fields.dial_timeout = match field(table, "dial_timeout").and_then(Value::as_str) {
            None | Some("") => None,
            Some(text) => Some(duration::parse(text).ok_or("dial_timeout")?),
        };
        Ok(fields)
    }

    /// Whether there is a setting that is about TLS.
    pub(super) fn is_about_tls(&self) -> bool {
        self.authorities.is_some() || self.client_certificates.is_some() || self.skip_verify.is_some()
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn one_or_more(value: &Value) -> Option<Vec<String>> {
    value.as_str().map(|one| vec![one.to_owned()]).or_else(|| strings(value))
}

/// How many pairs of certificate and key there are: a file with both, a list of such, a list of pairs.
fn pairs(value: &Value) -> Option<usize> {
    if value.is_str() {
        return Some(1);
    }
    let list = value.as_array()?;
    let is_pair = |item: &Value| item.is_str() || strings(item).is_some_and(|pair| pair.len() == 2);
    list.iter().all(is_pair).then_some(list.len())
}
