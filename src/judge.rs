//! From a case to a report: every check is asked at every place and for every credential, and what the answers mean
//! together is left to [`crate::diagnose`].
//!
//! *Invariant:* a pure function; a pass comes only from what was seen. What was not seen is blocked by a check that
//! failed, or unknown.

use probes::vantage::Vantage;

use crate::case::Case;
use crate::checks::{At, CATALOGUE};
use crate::diagnose::{diagnose, exit_code, of_kubelets, over_rounds, soften_azures, verdict};
use crate::report::{
    API_VERSION, Attempts, AzureReport, ClusterReport, Finding, Metadata, Report, Status, TargetReport, Tool,
    VantageReport,
};

mod again;
mod findings;
mod other_cluster;

pub use findings::findings;

/// A finding with what only the remedy's words need.
#[derive(Clone)]
pub struct Judged {
    /// The finding, as reports show it.
    pub finding: Finding,
    /// Where it failed.
    pub at: At,
    /// Whether the check itself answered, and not only for want of anything to go on.
    pub answered: bool,
    /// Whether its credential has no say: it was tried for comparison, or not at all.
    pub beside: bool,
}

impl Judged {
    /// Makes a failure a warning, for what refutes it.
    pub(crate) fn soften(&mut self, why: &str) {
        self.refuted(Status::Warn, why);
    }

    /// Makes a failure something that is not known, for why it says nothing.
    pub(crate) fn set_aside(&mut self, why: &str) {
        self.refuted(Status::Unknown, why);
    }

    fn refuted(&mut self, status: Status, why: &str) {
        self.finding.status = status;
        self.finding.cause = None;
        self.finding.attempts.failed = 0;
        self.finding.message.push_str("; ");
        self.finding.message.push_str(why);
    }
}

/// Judges a case.
pub fn judge(case: &Case) -> Report {
    let case = &other_cluster::set_aside(ordered(case));
    let mut rounds: Vec<Vec<Judged>> = case.rounds.iter().map(|round| findings(case, round)).collect();
    let verdicts: Vec<_> = rounds
        .iter_mut()
        .zip(&case.rounds)
        .map(|(judged, round)| match case.claim.is_of_kubelets() {
            true => of_kubelets(case, round, judged),
            false => {
                let verdict = verdict(case, judged, diagnose(case, judged));
                soften_azures(case, &verdict, judged);
                verdict
            }
        })
        .collect();
    let verdict = over_rounds(case, &verdicts);
    let findings = worst(rounds);
    let who = verdict.credential.clone().unwrap_or_else(|| case.credential.to_string());
    let vantages = vantages(case, &findings, &who);
    let target = &case.target;
    let exit_code = exit_code(case, &verdict);
    let cluster = case.cluster.as_ref();
    Report {
        api_version: API_VERSION,
        kind: "HealthReport",
        metadata: Metadata {
            run_id: case.run_id.clone(),
            tool: Tool { name: "pullcheck", version: env!("CARGO_PKG_VERSION") },
            started_at: case.started_at,
            duration_ms: case.duration_ms,
            tier: again::tier(case).to_owned(),
            namespace: cluster.map(|c| c.namespace.clone()),
            cluster: cluster.map(|c| ClusterReport {
                context: c.context.clone(),
                server: c.server.clone(),
                version: c.version.clone(),
                left_out: c.left_out.clone(),
                troubles: c.troubles.clone(),
            }),
            azure: case.azure.as_ref().map(|azure| AzureReport {
                cloud: azure.cloud.clone(),
                sign_in: azure.sign_in.clone(),
                sign_in_ms: azure.sign_in_ms,
                troubles: azure.troubles.clone(),
            }),
            exit_code,
            again: again::command(case),
            variables: case.variables.clone(),
            settings: case.settings.clone(),
        },
        target: TargetReport {
            given: target.given.clone(),
            kind: if target.is_registry() { "registry" } else { "image" },
            reference: target.reference(),
            registry: target.registry.clone(),
            repository: target.repository.clone(),
            tag: target.tag.clone(),
            digest: target.digest.clone(),
            platforms: if target.is_registry() { Vec::new() } else { vec![case.platform.to_string()] },
        },
        verdict,
        vantages,
        findings,
        created: cluster.map(|c| c.created.clone()).unwrap_or_default(),
        rights: cluster.map(|c| c.rights.clone()).unwrap_or_default(),
    }
}

/// The case with its observations in the order of time, whatever order they arrived in.
fn ordered(case: &Case) -> Case {
    let mut case = case.clone();
    for survey in case.rounds.iter_mut().flat_map(|round| &mut round.surveys) {
        survey.observations.sort_by_cached_key(|o| {
            // What began at the same moment is told apart by what it is.
            (o.started_at, serde_json::to_string(o).unwrap_or_default())
        });
    }
    case
}

/// The findings of all rounds as one: of each the worst, so that a pass is one that was seen every time.
fn worst(rounds: Vec<Vec<Judged>>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    for judged in rounds {
        for Judged { finding, .. } in judged {
            let same = |f: &&mut Finding| {
                f.check == finding.check && f.vantage == finding.vantage && f.credential == finding.credential
            };
            match merged.iter_mut().find(same) {
                Some(known) => {
                    let attempts = Attempts {
                        made: known.attempts.made + finding.attempts.made,
                        failed: known.attempts.failed + finding.attempts.failed,
                    };
                    if finding.status > known.status {
                        *known = finding;
                    }
                    known.attempts = attempts;
                }
                None => merged.push(finding),
            }
        }
    }
    let place = |f: &Finding| CATALOGUE.iter().position(|c| c.id == f.check);
    merged.sort_by_key(place);
    merged
}

fn vantages(case: &Case, findings: &[Finding], who: &str) -> Vec<VantageReport> {
    let mut all: Vec<VantageReport> = Vec::new();
    for finding in findings {
        let id = &finding.vantage;
        if all.iter().any(|known| known.id == *id) {
            continue;
        }
        let pull = case.pulls().find(|pull| matches!(id, Vantage::Kubelet(name) if pull.is_on(name)));
        all.push(VantageReport {
            id: id.clone(),
            kind: id.kind(),
            status: findings
                .iter()
                .filter(|f| f.vantage == *id && f.counts_for(who))
                .map(|f| f.status)
                .max()
                .unwrap_or(Status::Unknown),
            credential: (!matches!(id, Vantage::Kubelet(_) | Vantage::Cluster | Vantage::Azure))
                .then(|| who.to_owned()),
            represents: pull.map(|pull| pull.represents.clone()).unwrap_or_default(),
            node: pull.and_then(|pull| pull.node.clone()),
        });
    }
    // In the order in which they were looked from, which findings sorted by check do not have.
    all.sort_by_key(|v| places(case).position(|place| place == v.id));
    all
}

/// The places in the order in which they were looked from.
fn places(case: &Case) -> impl Iterator<Item = Vantage> {
    let surveys = case.rounds.iter().flat_map(|round| &round.surveys).map(|survey| survey.vantage.clone());
    let probes = case.rounds.iter().flat_map(|round| &round.probes).map(|probe| probe.vantage.clone());
    let azure = case.azure.iter().map(|_| Vantage::Azure);
    surveys
        .chain(probes)
        .chain(azure)
        .chain(case.pulls().map(|pull| Vantage::Kubelet(pull.place().to_owned())))
}
