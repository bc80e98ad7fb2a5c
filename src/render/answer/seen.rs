//! What was seen: of a fault, the finding's own words and its evidence; of a sound image, what was proved.

use super::super::page::Page;
use super::super::text::Tone;
use probes::vantage::Vantage;

use crate::report::{Diagnosis, Evidence, Finding, Report, Stance, Status};

/// How many pieces of evidence stand beside the message; `wide` has all.
const MOST: usize = 4;

pub(super) fn write(report: &Report, diagnosis: &Diagnosis, page: &mut Page<'_>) {
    let place = match diagnosis.vantages.as_slice() {
        // A kubelet's message names its node.
        [Vantage::Kubelet(_)] => String::new(),
        [only] if report.vantages.len() > 1 => format!("{only}: "),
        _ => String::new(),
    };
    page.item("seen", &format!("{place}{}", diagnosis.message));
    for settings in bearing(report, diagnosis).filter(|f| f.vantage == Vantage::Azure) {
        if settings.check != diagnosis.check {
            page.item("", &format!("azure: {}", settings.message));
        }
    }
    for near in bearing(report, diagnosis).filter(|finding| is_beside(finding, diagnosis)) {
        page.item("", &format!("{}: {}", near.vantage, near.message));
    }
    let mut pieces: Vec<&Evidence> = Vec::new();
    for piece in bearing(report, diagnosis).flat_map(|finding| &finding.evidence) {
        // Two credentials see the same of what neither has a part in.
        if (!piece.action.is_empty() || !piece.saw.is_empty())
            && !pieces.iter().any(|known| is_same(known, piece))
        {
            pieces.push(piece);
        }
    }
    for piece in pieces.iter().take(MOST) {
        page.item("", &evidence(piece));
    }
    if pieces.len() > MOST {
        page.toned("", &format!("and {} more (-o wide)", pieces.len() - MOST), Tone::Faint);
    }
}

/// The finding that a diagnosis is of, and after it those that confirm the same cause, or that tell what a kubelet's words left
/// open.
fn bearing<'a>(report: &'a Report, diagnosis: &'a Diagnosis) -> impl Iterator<Item = &'a Finding> {
    let own = |finding: &Finding| {
        finding.check == diagnosis.check
            && diagnosis.vantages.contains(&finding.vantage)
            && (diagnosis.credential.is_none() || finding.credential == diagnosis.credential)
            && !matches!(finding.status, Status::Pass | Status::NotApplicable | Status::Skip)
    };
    let confirms = |finding: &Finding| {
        diagnosis.cause.is_some_and(|cause| {
            finding.says.iter().any(|says| says.cause == cause && says.stance == Stance::Confirms)
        })
    };
    let same_one = move |finding: &&Finding| own(finding);
    let another =
        move |finding: &&Finding| !own(finding) && (confirms(finding) || is_beside(finding, diagnosis));
    report.findings.iter().filter(same_one).chain(report.findings.iter().filter(another))
}

/// Whether a finding is of a kubelet that failed, or of its node, and fails of what is left of causes there.
fn is_beside(finding: &Finding, diagnosis: &Diagnosis) -> bool {
    let (Vantage::Node(name) | Vantage::Kubelet(name)) = &finding.vantage else { return false };
    let of_kubelet = |place: &Vantage| matches!(place, Vantage::Kubelet(other) if other == name);
    finding.status == Status::Fail
        && finding.check != diagnosis.check
        && diagnosis.vantages.iter().any(of_kubelet)
        && finding.says.iter().any(|says| diagnosis.candidates.contains(&says.cause))
}

fn is_same(a: &Evidence, b: &Evidence) -> bool {
    (&a.action, &a.saw, &a.correlation_id) == (&b.action, &b.saw, &b.correlation_id)
}

/// `GET https://…: 401 (correlation id 8f14e45f-…)`.
pub(in crate::render) fn evidence(evidence: &Evidence) -> String {
    let between = if evidence.action.is_empty() || evidence.saw.is_empty() { "" } else { ": " };
    let id = evidence.correlation_id.as_ref().map(|id| format!(" (correlation id {id})"));
    format!("{}{between}{}{}", evidence.action, evidence.saw, id.unwrap_or_default())
}

/// What the claim stands on, and what is known of the image.
pub(super) fn proved(report: &Report, page: &mut Page<'_>) {
    let verdict = &report.verdict;
    page.item("proved", &verdict.proved.join(" "));
    // Of an image its own steps are worth telling; of a registry alone, how it asks for a sign-in.
    let of_image = verdict.claim.requires().contains(&"manifest");
    let telling: &[&str] = if of_image { &["manifest", "platform", "blob"] } else { &["challenge"] };
    let mut label = "seen";
    for finding in report.findings.iter().filter(|finding| {
        finding.status == Status::Pass
            && telling.contains(&finding.check)
            && verdict.proved.contains(&finding.check)
            && (finding.credential.is_none() || finding.credential == verdict.credential)
    }) {
        page.item(label, &finding.message);
        label = "";
    }
}
