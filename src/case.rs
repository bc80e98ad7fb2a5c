//! Everything that a verdict is made from: what was asked, and what was seen. The thing one saves and mails.
//!
//! A case holds no secret and needs no network: `judge` gives the same report from it, offline, with this version or a
//! newer one. Unknown fields are ignored; a case of a higher major version is refused.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use probes::credential::Credential;
use probes::observation::{Observation, Platform};
use probes::survey::Survey;
use probes::target::Target;
use probes::vantage::Vantage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::azure::Azure;
use self::cluster::Cluster;
use self::probe::Probe;
use self::pull::Pull;
use crate::claim::Claim;

pub mod azure;
pub mod cluster;
pub mod probe;
pub mod pull;
pub mod secret;

/// The version of the case's shape.
pub const API_VERSION: &str = "pullcheck.dev/v1";

/// A saved run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// `pullcheck.dev/v1`.
    pub api_version: String,
    /// `Case`.
    pub kind: String,
    /// The version of the program that looked.
    pub tool_version: String,
    /// A random id of the run.
    pub run_id: String,
    /// When the run started.
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The question.
    pub claim: Claim,
    /// The image or registry.
    pub target: Target,
    /// The platform that an index was read for.
    pub platform: Platform,
    /// The credential that counts: on a node the first that the kubelet tries.
    pub credential: Credential,
    /// All credentials that count, in the order in which they are tried, where there may be several: one that works
    /// is enough.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<Credential>,
    /// Why it is that one, where the reader may wonder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_note: Option<String>,
    /// The proxy that the environment names; what it names may hold a password, and is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxyInEffect>,
    /// Whether plain http was spoken.
    #[serde(default)]
    pub plain_http: bool,
    /// The checks that were asked for; empty for all.
    #[serde(default)]
    pub check: Vec<String>,
    /// The checks that were left out.
    #[serde(default)]
    pub skip: Vec<String>,
    /// Whether warnings count (`--fail-on warn`).
    #[serde(default)]
    pub fail_on_warn: bool,
    /// Settings that change what is seen, for the reader.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// The names of the environment variables in effect.
    #[serde(default)]
    pub variables: Vec<String>,
    /// The cluster that was asked, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Cluster>,
    /// What Azure says, where somebody signed in to it or tried to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azure: Option<Azure>,
    /// What was seen, once for each time of looking; more than one only with `--repeat`.
    pub rounds: Vec<Round>,
}

/// A proxy that the environment names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyInEffect {
    /// The variable that names it.
    pub variable: String,
    /// What `NO_PROXY` exempts from it.
    #[serde(default)]
    pub exempt: Vec<String>,
}

/// One time of looking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Round {
    /// What was seen from each place.
    pub surveys: Vec<Survey>,
    /// What kubelets were asked to pull.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pulls: Vec<Pull>,
    /// The pods that probes were sent in; what they saw stands in `surveys`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<Probe>,
}

/// Why a saved case cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The text is no JSON, or not of this shape.
    #[error("'{file}' is no saved case: {error}; save one with 'pullcheck check ... --save-case FILE'")]
    Unreadable {
        /// The file's name.
        file: String,
        /// What is wrong, and where.
        error: String,
    },
    /// It is of another kind.
    #[error("'{file}' is a {kind}, no Case; save one with 'pullcheck check ... --save-case FILE'")]
    OtherKind {
        /// The file's name.
        file: String,
        /// What it says it is.
        kind: String,
    },
    /// It is of a later major version.
    #[error(
        "'{file}' has version {version}, this program reads {API_VERSION}; judge it with a newer pullcheck"
    )]
    OtherVersion {
        /// The file's name.
        file: String,
        /// The version it names.
        version: String,
    },
}

impl Case {
    /// Whether a check is left out by `--check` or `--skip`.
    pub fn leaves_out(&self, id: &str) -> bool {
        self.skip.iter().any(|s| s == id) || (!self.check.is_empty() && !self.check.iter().any(|c| c == id))
    }

    /// What was seen, from every place and each time.
    pub fn observations(&self) -> impl Iterator<Item = &Observation> {
        let surveys = self.rounds.iter().flat_map(|round| &round.surveys);
        surveys.flat_map(|survey| &survey.observations)
    }

    /// What kubelets were asked to pull, each time.
    pub fn pulls(&self) -> impl Iterator<Item = &Pull> {
        self.rounds.iter().flat_map(|round| &round.pulls)
    }

    /// The place that was looked from first.
    pub fn vantage(&self) -> Option<&Vantage> {
        self.rounds.first().and_then(|round| round.surveys.first()).map(|survey| &survey.vantage)
    }

    /// The credentials of which one is enough, in the order in which they are tried.
    pub fn tried(&self) -> &[Credential] {
        match self.credentials.as_slice() {
            [] => std::slice::from_ref(&self.credential),
            several => several,
        }
    }

    /// The operator's own credential, where it is tried, as findings name it.
    pub fn operator(&self) -> Option<String> {
        self.tried().iter().find(|credential| credential.is_operators()).map(ToString::to_string)
    }

    /// The case as it is for one place: with the credentials that count there, where a probe said which these are.
    pub fn from_place(&self, vantage: &Vantage) -> Cow<'_, Self> {
        let probes = self.rounds.iter().flat_map(|round| &round.probes);
        let mut here = probes.filter(|probe| probe.vantage == *vantage);
        let Some(said) = here.find_map(|probe| probe.credentials.first().map(|first| (first, probe))) else {
            return Cow::Borrowed(self);
        };
        let (first, probe) = said;
        Cow::Owned(Self {
            credential: first.clone(),
            credentials: probe.credentials.clone(),
            credential_note: None,
            ..self.clone()
        })
    }

    /// Reads a saved case.
    pub fn read(file: &str, text: &str) -> Result<Self, CaseError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Head {
            #[serde(default)]
            api_version: String,
            #[serde(default)]
            kind: String,
        }
        let unreadable = |error: serde_json::Error| CaseError::Unreadable {
            file: file.to_owned(),
            error: error.to_string(),
        };
        let head: Head = serde_json::from_str(text).map_err(unreadable)?;
        if head.kind != "Case" {
            let kind = if head.kind.is_empty() { "file of no kind".to_owned() } else { clean(&head.kind) };
            return Err(CaseError::OtherKind { file: file.to_owned(), kind });
        }
        if head.api_version != API_VERSION {
            return Err(CaseError::OtherVersion { file: file.to_owned(), version: clean(&head.api_version) });
        }
        serde_json::from_str(text).map_err(unreadable)
    }

    /// The case as it is saved.
    pub fn write(&self) -> String {
        // A case is a tree of maps with string keys, which always has a JSON form.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

fn clean(text: &str) -> String {
    probes::foreign::Foreign::new(text).as_str().to_owned()
}
