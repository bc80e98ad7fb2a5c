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
                && (verdict.claim.requires().contains(&finding.check) || blocks(finding.check))
                && !verdict.proved.contains(&finding.check)
                && !verdict.dropped.contains(&finding.check)
                && (finding.credential.is_none()
                    || verdict.credential.is_none()
                    || finding.credential == verdict.credential)
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

/// What this workstation saw, where no kubelet has answered: it says where to look on.
fn elsewhere(report: &Report, page: &mut Page<'_>) {
    let Some(here) = report.vantages.iter().find(|place| place.id == Vantage::Workstation) else { return };
    let who = here.credential.as_ref().map(|who| format!(" as {who}")).unwrap_or_default();
    let passed = Claim::WorkstationPulls.requires().iter().all(|check| {
        let mut of_check = report.findings.iter().filter(|f| f.vantage == here.id && f.check == *check);
        of_check.any(|f| matches!(f.status, Status::Pass | Status::NotApplicable))
    });
    if passed {
        page.item("seen", &format!("this workstation can pull it{who}; that says nothing of the nodes"));
    }
}
