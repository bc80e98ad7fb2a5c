//! `junit`: test results. A suite a place, a case a finding, and before them the verdict, so that a gate which counts
//! failures sees red when the claim is refuted and an error when it is undecided.
//!
//! Times are the report's own and ids are left out: two runs over one case give the same bytes.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Results, TestCase, TestCaseStatus, TestSuite};

use super::Style;
use super::answer::evidence;
use super::grid::words;
use super::text::shown;
use crate::report::{Finding, Report, Status, Verdict, VerdictStatus};

pub(super) fn render(report: &Report, style: &Style) -> String {
    let mut results = Results::new("pullcheck");
    results.set_time(Duration::from_millis(report.metadata.duration_ms));
    results.add_test_suite(verdict(report, style.ascii));
    let mut vantages = Vec::new();
    vantages.extend(report.vantages.iter().map(|vantage| &vantage.id));
    vantages.extend(report.findings.iter().map(|finding| &finding.vantage));
    let mut done = Vec::new();
    for vantage in vantages {
        if done.contains(&vantage) {
            continue;
        }
        done.push(vantage);
        let mut suite = TestSuite::new(vantage.to_string());
        let here = report.findings.iter().filter(|finding| finding.vantage == *vantage);
        suite.add_test_cases(here.map(|finding| case(finding, style.ascii)));
        results.add_test_suite(suite);
    }
    let xml = results.to_string().expect("writing to memory does not fail");
    format!("{}\n", xml.trim_end())
}

fn verdict(report: &Report, ascii: bool) -> TestSuite {
    let verdict = &report.verdict;
    let summary = shown(&verdict.summary, ascii);
    let status = match verdict.status {
        VerdictStatus::Healthy => TestCaseStatus::success(),
        VerdictStatus::Unhealthy => not_passed(NonSuccessKind::Failure, &kind(verdict), &summary, &[]),
        VerdictStatus::Undecided => not_passed(NonSuccessKind::Error, &kind(verdict), &summary, &[]),
    };
    let mut case = TestCase::new("verdict", status);
    case.set_classname("pullcheck.verdict").set_time(Duration::from_millis(report.metadata.duration_ms));
    let mut suite = TestSuite::new("verdict");
    let owner = verdict.owner.map(|owner| owner.to_string());
    for (name, value) in [
        ("reference", Some(report.target.reference.clone())),
        ("claim", Some(verdict.claim.to_string())),
        ("limits", Some(verdict.claim.limits().to_owned())),
        ("notAsked", Some(verdict.dropped.join(" ")).filter(|dropped| !dropped.is_empty())),
        ("credential", verdict.credential.clone()),
        ("cause", verdict.cause.map(|cause| cause.to_string())),
        ("owner", owner),
        ("runId", Some(report.metadata.run_id.clone())),
        ("startedAt", Some(report.metadata.started_at.to_string())),
        ("version", Some(report.metadata.tool.version.to_owned())),
    ] {
        if let Some(value) = value {
            suite.add_property((name, shown(&value, ascii).as_str()));
        }
    }
    suite.add_test_case(case);
    suite
}

/// The cause, or the candidates, as a failure's type.
fn kind(verdict: &Verdict) -> String {
    let candidates =
        verdict.diagnoses.first().map(|diagnosis| diagnosis.candidates.as_slice()).unwrap_or_default();
    match verdict.cause {
        Some(cause) => cause.to_string(),
        None => candidates.iter().map(|cause| cause.as_str()).collect::<Vec<_>>().join(" "),
    }
}

fn case(finding: &Finding, ascii: bool) -> TestCase {
    let evidence: Vec<String> = finding.evidence.iter().map(|piece| shown(&evidence(piece), ascii)).collect();
    let mut output = None;
    let message = shown(&finding.message, ascii);
    let status = match finding.status {
        Status::Pass => TestCaseStatus::success(),
        Status::Warn => {
            output = Some(
                std::iter::once(shown(&finding.message, ascii))
                    .chain(evidence)
                    .collect::<Vec<_>>()
                    .join("\n"),
            );
            TestCaseStatus::success()
        }
        Status::NotApplicable | Status::Skip => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_type(words(finding)).set_message(message);
            skipped
        }
        Status::Unknown => not_passed(NonSuccessKind::Error, &words(finding), &message, &evidence),
        Status::Fail => {
            let cause = finding.cause.map_or("FAIL", |cause| cause.as_str());
            not_passed(NonSuccessKind::Failure, cause, &message, &evidence)
        }
    };
    let name = match &finding.credential {
        Some(credential) => format!("{} (as {})", finding.check, shown(credential, ascii)),
        None => finding.check.to_owned(),
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("pullcheck.{}", finding.vantage));
    if let Some(ms) = finding.duration_ms {
        case.set_time(Duration::from_millis(ms));
    }
    if let Some(output) = output {
        case.set_system_out(output);
    }
    case
}

fn not_passed(how: NonSuccessKind, kind: &str, message: &str, lines: &[String]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(how);
    status.set_message(message);
    if !kind.is_empty() {
        status.set_type(kind);
    }
    if !lines.is_empty() {
        status.set_description(lines.join("\n"));
    }
    status
}
