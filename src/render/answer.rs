//! The first block, which every format for people opens with: the answer, the cause and whose it is, what was seen,
//! and what to do.

use super::Style;
use super::page::Page;
use super::text::Tone;
use crate::causes::{CauseId, Lasting};
use crate::report::{Diagnosis, Finding, Nodes, Report, Status, VerdictStatus};

mod open;
mod seen;

pub(super) use seen::evidence;

/// Writes the block.
pub(super) fn write(report: &Report, style: &Style, page: &mut Page<'_>) {
    head(report, page);
    let (first, others) = match report.verdict.diagnoses.split_first() {
        Some((first, others)) => (Some(first), others),
        None => (None, &[][..]),
    };
    if style.quiet {
        if let Some(diagnosis) = first {
            page.item("cause", &title(diagnosis));
        }
        return;
    }
    page.gap();
    if let Some(diagnosis) = first {
        cause(diagnosis, page);
        seen::write(report, diagnosis, page);
        remedy(diagnosis, page);
    }
    for diagnosis in others {
        page.item("also", &format!("{}: {}", title(diagnosis), diagnosis.message));
    }
    match report.verdict.status {
        VerdictStatus::Healthy => seen::proved(report, page),
        VerdictStatus::Unhealthy => {}
        VerdictStatus::Undecided => open::write(report, page),
    }
    warnings(report, page);
    if report.verdict.status != VerdictStatus::Healthy {
        page.command("then", &report.metadata.again);
    }
}

/// The answer, and at once what it does not say.
fn head(report: &Report, page: &mut Page<'_>) {
    let (verdict, target) = (&report.verdict, &report.target);
    let (words, tone) = match verdict.status {
        VerdictStatus::Healthy if !verdict.dropped.is_empty() => {
            (": what was asked holds, but not all was asked", Tone::Odd)
        }
        VerdictStatus::Healthy => (verdict.claim.proven(), Tone::Good),
        VerdictStatus::Unhealthy => (verdict.claim.refuted(), Tone::Bad),
        VerdictStatus::Undecided => (verdict.claim.open(), Tone::Odd),
    };
    page.line(&format!("{} {words}", target.reference), tone);
    if !verdict.dropped.is_empty() {
        let answered = if verdict.status == VerdictStatus::Healthy { "; the rest holds" } else { "" };
        page.line(
            &format!("not asked: {} (--check, --skip){answered}", verdict.dropped.join(", ")),
            Tone::Plain,
        );
    }
    let mut parts = Vec::new();
    parts.extend(verdict.credential.as_ref().map(|credential| format!("as {credential}")));
    if !target.platforms.is_empty() {
        parts.push(format!("for {}", target.platforms.join(", ")));
    }
    if target.given != target.reference {
        parts.push(format!("given as {}", target.given));
    }
    if let Some(attempts) = verdict.attempts {
        parts.push(format!("{} of {} tries failed", attempts.failed, attempts.made));
    }
    parts.push(verdict.claim.limits().to_owned());
    page.parts(&parts);
    if let Some(nodes) = &verdict.nodes {
        page.line(&tested(verdict.status, nodes), Tone::Plain);
    }
    if let Some(note) = report.metadata.settings.get("credentialNote") {
        page.line(note, Tone::Plain);
    }
}

/// How many nodes were asked, and how many others they stand for.
fn tested(status: VerdictStatus, nodes: &Nodes) -> String {
    let plural = |n: usize| if n == 1 { "node" } else { "nodes" };
    let of = |n: usize| format!("{n} of {} {} tested", nodes.tested, plural(nodes.tested));
    let mut text = match status {
        _ if nodes.tested == 0 => "no node was tested".to_owned(),
        VerdictStatus::Unhealthy if nodes.failed > 0 => format!("fails on {}", of(nodes.failed)),
        _ => format!("pulled on {}", of(nodes.tested - nodes.failed - nodes.unknown)),
    };
    if nodes.represented > 0 {
        text.push_str(&format!("; {} more of the same kind not tested", nodes.represented));
    }
    text
}

fn cause(diagnosis: &Diagnosis, page: &mut Page<'_>) {
    match (diagnosis.cause, diagnosis.candidates.as_slice()) {
        (Some(id), _) => {
            page.toned("cause", &title(diagnosis), Tone::Strong);
            page.item("", summary(id));
        }
        (None, []) => page.item("cause", "none that pullcheck knows"),
        (None, candidates) => {
            page.item("cause", if candidates.len() == 1 { "not proven:" } else { "not decided between:" });
            for id in candidates {
                let owner = crate::causes::find(id.as_str()).map(|cause| format!(" · {}", cause.owner));
                page.entry("", &format!("{id}{} · {}", owner.unwrap_or_default(), summary(*id)));
            }
        }
    }
}

/// `TagNotFound · workload · permanent`, or the names that are left.
fn title(diagnosis: &Diagnosis) -> String {
    let mut parts = vec![match (diagnosis.cause, diagnosis.candidates.as_slice()) {
        (Some(id), _) => id.to_string(),
        (None, []) => "unknown".to_owned(),
        (None, ids) => ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" or "),
    }];
    if diagnosis.cause.is_some() {
        parts.extend(diagnosis.owner.map(|owner| owner.to_string()));
        parts.extend(diagnosis.lasting.map(lasting));
    }
    parts.join(" · ")
}

/// The word, and for what passes by itself how long that usually takes.
pub(crate) fn lasting(lasting: Lasting) -> String {
    match lasting {
        Lasting::Permanent => lasting.to_string(),
        Lasting::Transient { typical } => format!("{lasting} ({typical})"),
    }
}

fn summary(id: CauseId) -> &'static str {
    crate::causes::find(id.as_str()).map_or("", |cause| cause.summary)
}

/// The fix; while more than one cause is left, the next look.
fn remedy(diagnosis: &Diagnosis, page: &mut Page<'_>) {
    let remedy = &diagnosis.remedy;
    let mut label = if diagnosis.cause.is_some() { "fix" } else { "next" };
    if !remedy.text.is_empty() {
        page.item(label, &remedy.text);
        label = "";
    }
    for command in &remedy.commands {
        page.command(label, &command.argv);
        label = "";
        if let Some(needs) = &command.needs {
            page.item("", &format!("needs {needs}"));
        }
    }
    if let Some(docs) = &remedy.docs {
        page.token("docs", docs);
    }
}

fn warnings(report: &Report, page: &mut Page<'_>) {
    for finding in report.findings.iter().filter(|finding| finding.status == Status::Warn) {
        page.toned("warn", &told(report, finding), Tone::Odd);
    }
}

/// A finding in one line, with its credential where there are several.
fn told(report: &Report, finding: &Finding) -> String {
    let who = match &finding.credential {
        Some(credential) if report.verdict.credential.as_ref() != Some(credential) => {
            format!(" (as {credential})")
        }
        _ => String::new(),
    };
    format!("{}{who}: {}", finding.check, finding.message)
}
