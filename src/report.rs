//! What a run found: pure data, complete in itself, the same for every format.
//!
//! The JSON form is API: `apiVersion: pullcheck.dev/v1, kind: HealthReport`. Fields may be added, never renamed or
//! removed. Unknown is absent or null, never an empty string. Times are RFC 3339 in UTC, durations milliseconds.
//!
//! *Invariant:* no I/O and no judgement here; renderers read a report and nothing else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use probes::foreign::Foreign;
use probes::vantage::Vantage;
use schemars::JsonSchema;
use serde::Serialize;

pub use crate::case::azure::{SignIn, Trouble as AzureTrouble};
pub use crate::case::cluster::{Created, LeftOut, Node, Right, Trouble};
use crate::causes::{CauseId, Lasting, Owner};
use crate::claim::Claim;
use crate::remedies::Remedy;

mod finding;

pub use finding::{Attempts, Evidence, Finding, Says, Stance, Status};

/// The version of the report's shape.
pub const API_VERSION: &str = "pullcheck.dev/v1";

/// The answer to one question about one image.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Always `pullcheck.dev/v1`.
    pub api_version: &'static str,
    /// Always `HealthReport`.
    pub kind: &'static str,
    /// The run.
    pub metadata: Metadata,
    /// What was asked for.
    pub target: TargetReport,
    /// The answer.
    pub verdict: Verdict,
    /// The places that were looked from, in order.
    pub vantages: Vec<VantageReport>,
    /// Every check at every place and for every credential, in the catalogue's order.
    pub findings: Vec<Finding>,
    /// What the run created; nothing from a workstation.
    pub created: Vec<Created>,
    /// The rights that were asked about; none from a workstation.
    pub rights: Vec<Right>,
}

/// The run that a report is of.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// A random id.
    pub run_id: String,
    /// The program.
    pub tool: Tool,
    /// When the run started.
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What the run was allowed to create: `observe`.
    pub tier: String,
    /// The namespace of use, in a cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The cluster that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterReport>,
    /// The operator's sign-in to Azure, where Azure was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azure: Option<AzureReport>,
    /// The exit code that goes with the verdict.
    pub exit_code: u8,
    /// The command that asks the same question again; what it reads from standard input is not in it.
    pub again: Vec<String>,
    /// The names of the environment variables in effect, sorted; never their values.
    pub variables: Vec<String>,
    /// Settings that change what is seen, for the reader: nameservers, routes, trusted authorities.
    pub settings: BTreeMap<String, String>,
}

/// The cluster that a run asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterReport {
    /// The kubeconfig's context; null inside a cluster.
    pub context: Option<String>,
    /// The API server's address.
    pub server: Option<String>,
    /// Its version.
    pub version: Option<Foreign>,
    /// The nodes that the answer says nothing of, each with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// What of the cluster itself stood in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<Trouble>,
}

/// How Azure was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AzureReport {
    /// The cloud.
    pub cloud: String,
    /// Who has signed in; null where nobody could.
    pub sign_in: Option<SignIn>,
    /// How long the sign-in took, in milliseconds.
    pub sign_in_ms: u64,
    /// What could not be had.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<AzureTrouble>,
}

/// How many nodes an answer is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Nodes {
    /// Those that were to be asked.
    pub selected: usize,
    /// Those of them that were asked to pull.
    pub tested: usize,
    /// Those of them that failed.
    pub failed: usize,
    /// Those that were to be asked and of which nothing is known.
    pub unknown: usize,
    /// Others of the same classes, which were not asked.
    pub represented: usize,
}

/// The program that made a report.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Tool {
    /// `pullcheck`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetReport {
    /// As it was given.
    pub given: String,
    /// `image` or `registry`.
    pub kind: &'static str,
    /// The whole reference, as the kubelet reads it.
    pub reference: String,
    /// The registry's host, with its port where one was given.
    pub registry: String,
    /// The repository.
    pub repository: Option<String>,
    /// The tag.
    pub tag: Option<String>,
    /// The digest, as given.
    pub digest: Option<String>,
    /// The platforms that were asked for.
    pub platforms: Vec<String>,
}

/// Whether the claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum VerdictStatus {
    /// The claim is proven.
    Healthy,
    /// A requirement of the claim failed.
    Unhealthy,
    /// Something that the claim needs could not be looked at.
    Undecided,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Whether the claim holds.
    pub status: VerdictStatus,
    /// The claim.
    pub claim: Claim,
    /// The requirements that were dropped by `--check` or `--skip`, so that the claim is lower than its name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<&'static str>,
    /// The one cause; null while more than one candidate is left, and when nothing failed.
    pub cause: Option<CauseId>,
    /// Whose the cause is.
    pub owner: Option<Owner>,
    /// Whether it passes by itself.
    pub lasting: Option<Lasting>,
    /// The check that found it.
    pub check: Option<&'static str>,
    /// The place it was found from.
    pub vantage: Option<Vantage>,
    /// As whom, in words: the credential that the claim was tried with.
    pub credential: Option<String>,
    /// One sentence.
    pub summary: String,
    /// The number of findings that warn.
    pub warnings: usize,
    /// The claim's requirements that were seen to hold.
    pub proved: Vec<&'static str>,
    /// The claim's requirements that were not.
    pub not_proved: Vec<&'static str>,
    /// How often the claim was tried, with `--repeat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<Attempts>,
    /// The nodes that it is about, in a cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Nodes>,
    /// Who fails beside whom, in a cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// What is wrong, likeliest first.
    pub diagnoses: Vec<Diagnosis>,
}

/// Where it fails, beside where it does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Which of them it is.
    pub kind: DifferenceKind,
    /// The nodes whose kubelets fail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<String>,
    /// The pools that fail as a whole, where those of others pull.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<String>,
}

/// The differences that there are between places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DifferenceKind {
    /// The workstation fails, and every kubelet that was asked pulls.
    WorkstationOnly,
    /// A pod fails on the pod network, and every kubelet that was asked pulls.
    PodOnly,
    /// Looks from the nodes get through, and their kubelets fail.
    KubeletOnly,
    /// Some nodes fail, and others of their class pull.
    OneNode,
    /// Every node of a class that was asked fails, and those of other classes pull.
    OneClass,
    /// Every kubelet that was asked fails.
    All,
}

/// What is wrong at a group of alike places.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// The one cause; null while more than one candidate is left.
    pub cause: Option<CauseId>,
    /// The causes that the evidence leaves, likeliest first.
    pub candidates: Vec<CauseId>,
    /// Whose the cause is.
    pub owner: Option<Owner>,
    /// Whether it passes by itself.
    pub lasting: Option<Lasting>,
    /// The check that found it.
    pub check: &'static str,
    /// As whom, where that matters.
    pub credential: Option<String>,
    /// The places it was found from.
    pub vantages: Vec<Vantage>,
    /// The nodes that it is about, in a cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Nodes>,
    /// One sentence: what was seen.
    pub message: String,
    /// What to do.
    pub remedy: Remedy,
}

/// A place that was looked from.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VantageReport {
    /// Its id.
    pub id: Vantage,
    /// Its kind.
    pub kind: &'static str,
    /// The worst of its findings that counts.
    pub status: Status,
    /// As whom it looked.
    pub credential: Option<String>,
    /// Other nodes of its class, which were not tested.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub represents: Vec<String>,
    /// The node, of a kubelet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<Node>,
}
