//! From a case to a report: every check is asked at every place and for every credential, and what the answers mean
//! together is left to [`crate::diagnose`].
//!
//! *Invariant:* a pure function; a pass comes only from what was seen. What was not seen is blocked by a check that
//! failed, or unknown.

use std::collections::BTreeMap;

use jiff::Timestamp;
use probes::credential::Credential;
use probes::observation::Observation;
use probes::survey::Survey;

use crate::case::{Case, Round};
use crate::checks::{Answer, At, CATALOGUE, Check, View};
use crate::diagnose::{diagnose, exit_code, over_rounds, verdict};
use crate::report::{
    API_VERSION, Attempts, Evidence, Finding, Metadata, Report, Stance, Status, TargetReport, Tool,
    VantageReport,
};

mod again;

/// A finding with what only the remedy's words need.
pub struct Judged {
    /// The finding, as reports show it.
    pub finding: Finding,
    /// Where it failed.
    pub at: At,
}

/// Judges a case.
pub fn judge(case: &Case) -> Report {
    let case = &ordered(case);
    let rounds: Vec<Vec<Judged>> = case.rounds.iter().map(|round| findings(case, round)).collect();
    let verdicts: Vec<_> =
        rounds.iter().map(|judged| verdict(case, judged, diagnose(case, judged))).collect();
    let verdict = over_rounds(case, &verdicts);
    let findings = worst(rounds);
    let vantages = vantages(case, &findings);
    let target = &case.target;
    let exit_code = exit_code(case, &verdict);
    Report {
        api_version: API_VERSION,
        kind: "HealthReport",
        metadata: Metadata {
            run_id: case.run_id.clone(),
            tool: Tool { name: "pullcheck", version: env!("CARGO_PKG_VERSION") },
            started_at: case.started_at,
            duration_ms: case.duration_ms,
            tier: "observe".to_owned(),
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
        created: Vec::new(),
        rights: Vec::new(),
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

/// Every check, once for each place, and where it matters for each credential, in the catalogue's order.
pub fn findings(case: &Case, round: &Round) -> Vec<Judged> {
    let mut all = Vec::new();
    for survey in &round.surveys {
        let credentials = credentials(case, survey);
        let mut done: BTreeMap<(&str, Option<&Credential>), Status> = BTreeMap::new();
        for check in CATALOGUE {
            let asked: Vec<Option<&Credential>> =
                if check.per_credential { credentials.iter().map(Some).collect() } else { vec![None] };
            for credential in asked {
                let view = View { case, survey, credential: credential.unwrap_or(&case.credential) };
                let status_of =
                    |id: &str| done.get(&(id, credential)).or_else(|| done.get(&(id, None))).copied();
                let judged = ask(check, &view, credential, &status_of);
                done.insert((check.id, credential), judged.finding.status);
                all.push(judged);
            }
        }
    }
    all
}

/// The credential that counts, and those that were tried beside it.
fn credentials(case: &Case, survey: &Survey) -> Vec<Credential> {
    let mut all = vec![case.credential.clone()];
    for credential in survey.observations.iter().filter_map(|o| o.credential.as_ref()) {
        if !all.contains(credential) {
            all.push(credential.clone());
        }
    }
    all
}

fn ask(
    check: &Check,
    view: &View<'_>,
    credential: Option<&Credential>,
    status_of: &dyn Fn(&str) -> Option<Status>,
) -> Judged {
    let case = view.case;
    let mut blocked_by = None;
    let answer = if case.leaves_out(check.id) {
        Answer::new(Status::Skip, "left out by --check or --skip")
    } else if case.target.is_registry() && check.per_credential {
        Answer::new(Status::NotApplicable, "a registry was named, and no image")
    } else {
        (check.judge)(view).unwrap_or_else(|| {
            let (answer, blocker) = unanswered(check, view, status_of);
            blocked_by = blocker;
            answer
        })
    };
    let timing = timing(check, view, credential);
    let confirmed = answer.says.iter().find(|s| s.stance == Stance::Confirms).map(|s| s.cause);
    Judged {
        finding: Finding {
            check: check.id,
            vantage: view.survey.vantage.clone(),
            credential: credential.map(ToString::to_string),
            status: answer.status,
            message: answer.message,
            cause: confirmed.filter(|_| answer.status == Status::Fail),
            says: answer.says,
            blocked_by,
            attempts: Attempts {
                made: u32::from(timing.is_some()),
                failed: u32::from(timing.is_some() && answer.status == Status::Fail),
            },
            evidence: dedup(answer.evidence),
            started_at: timing.map(|t| t.0),
            duration_ms: timing.map(|t| t.1),
        },
        at: answer.at,
    }
}

/// Nothing was seen that answers a check: because of the first check it needs that did not hold, or for no known
/// reason.
fn unanswered(
    check: &Check,
    view: &View<'_>,
    status_of: &dyn Fn(&str) -> Option<Status>,
) -> (Answer, Option<&'static str>) {
    for need in check.needs {
        match status_of(need) {
            Some(Status::Fail) => {
                return (Answer::new(Status::Skip, format!("not looked at: {need} failed")), Some(need));
            }
            Some(Status::Unknown) => {
                return (
                    Answer::new(Status::Unknown, format!("not looked at: {need} is unknown")),
                    Some(need),
                );
            }
            _ => {}
        }
    }
    let why = if view.out_of_time_during(check.id) { "no time was left" } else { "not looked at" };
    (Answer::new(Status::Unknown, why), None)
}

/// When a check's looks began, and how long they took together.
fn timing(check: &Check, view: &View<'_>, credential: Option<&Credential>) -> Option<(Timestamp, u64)> {
    let looks: Vec<&Observation> = view
        .survey
        .observations
        .iter()
        .filter(|o| crate::steps::check_of(o) == check.id && o.credential.as_ref() == credential)
        .collect();
    let first = looks.first()?;
    Some((first.started_at, looks.iter().map(|o| o.elapsed_ms).sum()))
}

fn dedup(evidence: Vec<Evidence>) -> Vec<Evidence> {
    let mut kept: Vec<Evidence> = Vec::with_capacity(evidence.len());
    for one in evidence {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

fn vantages(case: &Case, findings: &[Finding]) -> Vec<VantageReport> {
    let Some(round) = case.rounds.first() else { return Vec::new() };
    let who = case.credential.to_string();
    round
        .surveys
        .iter()
        .map(|survey| VantageReport {
            id: survey.vantage.clone(),
            kind: survey.vantage.kind(),
            status: findings
                .iter()
                .filter(|f| f.vantage == survey.vantage && f.counts_for(&who))
                .map(|f| f.status)
                .max()
                .unwrap_or(Status::Unknown),
            credential: Some(who.clone()),
        })
        .collect()
}
