//! What the probe in a pod is told: one JSON object, read strictly, so that a word that it does not know is an error and
//! never a look at something else.
//!
//! *Invariant:* there is no secret in it, since it is shown wherever the pod is shown. A pull secret is a file that it
//! names, and what the node's own files hold is read where they are.

use std::net::SocketAddr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::foreign::Foreign;
use crate::vantage::Vantage;

mod ready;
#[cfg(test)]
mod tests;

pub use ready::Ready;

/// The version of what the probe is told and of what it says; both are of one program, and change together.
pub const PROTOCOL: u32 = 1;

/// What to look at, from where, as whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// The image or registry, with nothing left out ([`crate::target::Target::reference`]).
    pub target: String,
    /// The platform that an index is read for, as containerd writes it.
    pub platform: String,
    /// The place: a pod, with nothing but its own files, or a node, with its files below `hostRoot`.
    pub vantage: Vantage,
    /// Where the node's files are, for a node alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_root: Option<String>,
    /// Which of the node's files and folders are there or are known to be missing on the node; empty for all. Of others
    /// nothing is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host_paths: Vec<String>,
    /// An `azure.json` at another place than the node's files name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azure_json: Option<String>,
    /// As whom.
    pub credentials: Credentials,
    /// A pull secret's `.dockerconfigjson` as a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docker_config: Option<String>,
    /// The nameservers of `--resolver`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolver: Vec<SocketAddr>,
    /// Every `--connect-to`, as it was written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connect_to: Vec<String>,
    /// What stands in the file of `--ca-file`, in PEM form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// Speak plain http to the registry.
    pub plain_http: bool,
    /// The proxy of `--proxy`, without a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// The longest that looking may take, in milliseconds.
    pub timeout_ms: u64,
    /// The longest that one step may take, in milliseconds.
    pub step_ms: u64,
}

/// As whom the probe tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Credentials {
    /// As nobody.
    Anonymous,
    /// With the entries of `dockerConfig`, then as nobody.
    PullSecret,
    /// As the node's kubelet: the entries of `dockerConfig`, what the node's credential provider gives, nobody.
    Kubelet,
}

/// An assignment that cannot be carried out.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AssignmentError {
    /// It is no JSON object.
    #[error("the assignment is no JSON object (line {line}, column {column})")]
    NoObject {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// It is of another version.
    #[error(
        "the assignment has protocol {protocol} and this probe {PROTOCOL}: use a probe of the same version as pullcheck"
    )]
    OtherProtocol {
        /// The version that it names.
        protocol: u32,
    },
    /// A field that no assignment of this version has.
    #[error("the assignment has a field '{0}', which this probe does not know")]
    Unknown(Foreign),
    /// A field that every assignment has is not there.
    #[error("the assignment has no '{0}'")]
    Missing(&'static str),
    /// A field holds what makes no sense.
    #[error("the assignment's '{field}' {why}")]
    Wrong {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl Assignment {
    /// Reads the JSON object. What its texts mean is found by [`Self::ready`].
    ///
    /// # Errors
    ///
    /// [`AssignmentError`], which names the first field that is wrong.
    pub fn read(text: &str) -> Result<Self, AssignmentError> {
        let no_object = |line, column| AssignmentError::NoObject { line, column };
        let fields = match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Err(no_object(1, 1)),
            Err(error) => return Err(no_object(error.line(), error.column())),
        };
        let mut fields = Fields(fields);
        let protocol = fields.required("protocol")?;
        // Before all else: another version has other fields.
        if protocol != PROTOCOL {
            return Err(AssignmentError::OtherProtocol { protocol });
        }
        let read = Self {
            protocol,
            target: fields.required("target")?,
            platform: fields.required("platform")?,
            vantage: fields.required("vantage")?,
            host_root: fields.optional("hostRoot")?,
            host_paths: fields.optional("hostPaths")?.unwrap_or_default(),
            azure_json: fields.optional("azureJson")?,
            credentials: fields.required("credentials")?,
            docker_config: fields.optional("dockerConfig")?,
            resolver: fields.optional("resolver")?.unwrap_or_default(),
            connect_to: fields.optional("connectTo")?.unwrap_or_default(),
            ca_file: fields.optional("caFile")?,
            plain_http: fields.required("plainHttp")?,
            proxy: fields.optional("proxy")?,
            timeout_ms: fields.required("timeoutMs")?,
            step_ms: fields.required("stepMs")?,
        };
        match fields.0.keys().next() {
            Some(unknown) => Err(AssignmentError::Unknown(Foreign::new(unknown))),
            None => Ok(read),
        }
    }

    /// The same as it is handed over, on one line.
    pub fn write(&self) -> String {
        // A struct of texts and numbers always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The fields that were not read yet.
struct Fields(Map<String, Value>);

impl Fields {
    fn required<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, AssignmentError> {
        self.optional(name)?.ok_or(AssignmentError::Missing(name))
    }

    fn optional<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<Option<T>, AssignmentError> {
        let Some(value) = self.0.remove(name) else { return Ok(None) };
        serde_json::from_value(value).map(Some).map_err(|error| AssignmentError::Wrong {
            field: name,
            why: format!("cannot be read: {}", Foreign::new(&error.to_string())),
        })
    }
}
