//! What an undecided claim waits for: what could not be looked at, and why.

use super::super::page::Page;
use super::told;
use probes::vantage::Vantage;

use crate::claim::Claim;
use crate::report::{Finding, Report, Status};

pub(super) fn write(report: &Report, page: &mut Page<'_>) {
    let verdict = &report.verdict;
    let blocks = |check: &str| report.findings.iter().any(|finding| finding.blocked_by == Some(check));
    let unseen: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| {
            matches!(finding.status, Status::Unknown | Status::Skip)
                // What the claim takes of kubelets and nodes no workstation sees.
                && !(verdict.nodes.is_some() && finding.vantage == Vantage::Workstation)
                && (verdict.claim.requires().contains(&finding.check) || blocks(finding.check))
                && !verdict.proved.contains(&finding.check)
                && !verdict.dropped.contains(&finding.check)
                && (finding.credential.is_none()
                    || verdict.credential.is_none()
                    || finding.credential == verdict.credential)
                && !is_answered(report, finding)
        })
        .collect();
    let mut label = "open";
    for root in
        unseen.iter().filter(|finding| finding.status == Status::Unknown && finding.blocked_by.is_none())
    {
        page.item(label, &told(report, root));
        label = "";
    }
    let mut waiting: Vec<&str> = Vec::new();
    for finding in unseen.iter().filter(|finding| finding.blocked_by.is_some()) {
        if !waiting.contains(&finding.check) {
            waiting.push(finding.check);
        }
    }
    if !waiting.is_empty() {
        page.item(label, &format!("not looked at in consequence: {}", waiting.join(", ")));
        label = "";
    }
    if label == "open" && verdict.diagnoses.is_empty() {
        page.item(label, &verdict.summary);
    }
    if verdict.nodes.is_some() && verdict.diagnoses.is_empty() {
        elsewhere(report, page);
    }
}

/// Whether the same check has an answer at the same place for another credential.
fn is_answered(report: &Report, finding: &Finding) -> bool {
    finding.credential.is_some()
        && report.findings.iter().any(|other| {
            (other.check, &other.vantage) == (finding.check, &finding.vantage)
                && matches!(other.status, Status::Pass | Status::Warn | Status::Fail)
        })
}

/// What this workstation saw, where no kubelet has answered: it says where to look on.
fn elsewhere(report: &Report, page: &mut Page<'_>) {
    let here = || report.findings.iter().filter(|finding| finding.vantage == Vantage::Workstation);
    let passed = |who: &&String| {
        Claim::WorkstationPulls.requires().iter().all(|check| {
            here().any(|f| {
                f.check == *check
                    && f.credential.as_ref().is_none_or(|own| own == *who)
                    && matches!(f.status, Status::Pass | Status::NotApplicable)
            })
        })
    };
    if let Some(who) = here().filter_map(|finding| finding.credential.as_ref()).find(passed) {
        page.item("seen", &format!("this workstation can pull it as {who}; that says nothing of the nodes"));
    }
}
