//! What a message says, in parts that may be shown.

use probes::foreign::Foreign;
use schemars::JsonSchema;
use serde::Serialize;

use super::form::{Form, Message};
use super::plain::plain;

/// What a message says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// The image as the kubelet names it, else as its runtime does.
    pub image: Option<Foreign>,
    /// Whose words they are.
    pub runtime: Dialect,
    /// Whether it was the image of the pod's sandbox that was pulled.
    pub sandbox: bool,
    /// Every attempt in order, one for each credential; the same error of several credentials is said once.
    pub attempts: Vec<Attempt>,
    /// Which of them tells what is missing, counted from 0.
    pub decides: usize,
}

impl Said {
    /// The attempt that tells what is missing; `None` where nothing was said of one.
    pub fn deciding(&self) -> Option<&Attempt> {
        self.attempts.get(self.decides)
    }
}

/// One attempt at a pull, with one credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// How far it came.
    pub phase: Phase,
    /// Whether a credential was presented to the token service, where that is said.
    pub signed: Option<Signed>,
    /// The gRPC code, where one is named.
    pub code: Option<Foreign>,
    /// The host of its last request, with its port.
    pub host: Option<Foreign>,
    /// The address of that request.
    pub url: Option<Foreign>,
    /// The status code of the answer to it.
    pub status: Option<u16>,
    /// The registry's own words.
    pub registry: Option<RegistryWords>,
    /// The innermost error.
    pub innermost: Foreign,
}

/// What a registry said beside a status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RegistryWords {
    /// The code of the distribution specification, as it is written: `denied`, `manifest unknown`.
    pub code: Option<Foreign>,
    /// The message.
    pub message: Foreign,
}

/// Whether a credential was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Signed {
    /// One was.
    Credential,
    /// None was.
    Anonymous,
}

/// Whose words a message is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Dialect {
    /// It does not show.
    #[default]
    Unknown,
    /// The kubelet's own.
    Kubelet,
    /// Containerd's, of any version.
    Containerd,
    /// Containerd's before 2.0.
    Containerd1,
    /// Containerd's from 2.0 on.
    Containerd2,
    /// CRI-O's, with containers/image.
    CriO,
    /// The docker daemon's.
    Docker,
}

/// How far a pull came, in the order of its path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// It does not show.
    #[default]
    Unknown,
    /// The image's name was read.
    Reference,
    /// The runtime was asked what it holds.
    Inspect,
    /// The tag was looked up at the registry.
    Resolve,
    /// A token was asked for.
    Authorize,
    /// The manifest was fetched.
    Manifest,
    /// The image's configuration was fetched.
    Config,
    /// Layers were fetched.
    Layer,
    /// Layers were unpacked.
    Unpack,
    /// The container was made of the image.
    Create,
}

/// Reads a message: of an event, of a container's state, or of a log.
pub fn read(message: &str) -> Said {
    let message = plain(message);
    let message = Message::parse(&message);
    let image = message.image.or_else(|| message.attempts.iter().find_map(|form| form.image));
    Said {
        image: image.map(Foreign::new),
        runtime: message.dialect,
        sandbox: message.sandbox,
        attempts: message.attempts.iter().map(attempt).collect(),
        decides: message.decides(),
    }
}

fn attempt(form: &Form<'_>) -> Attempt {
    Attempt {
        phase: form.phase,
        signed: form.signed,
        code: form.code.map(Foreign::new),
        host: form.host.map(Foreign::new),
        url: form.url.map(Foreign::new),
        status: form.status,
        registry: form.registry_words().map(|(code, message)| RegistryWords {
            code: code.map(Foreign::new),
            message: Foreign::new(message),
        }),
        innermost: Foreign::new(form.innermost),
    }
}
