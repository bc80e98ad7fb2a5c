//! The first block, which every format for people opens with: the answer, the cause and whose it is, what was seen,
//! and what to do.

use std::collections::BTreeSet;

use probes::vantage::Vantage;

use super::Style;
use super::page::Page;
use super::text::Tone;
use crate::causes::{CauseId, Lasting};
use crate::checks::{Check, acrpull_role, probe_pod, service_account};
use crate::diagnose::may_explain;
use crate::report::{Diagnosis, Finding, Report, Says, Stance, Status, VerdictStatus};

/// How many candidates are told each with its meaning; of more, as many as `FIRST`.
const MOST: usize = 8;
const FIRST: usize = 6;

mod nodes;
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
    settings(report, page);
    for diagnosis in others {
        page.item("also", &format!("{}: {}", title(diagnosis), diagnosis.message));
    }
    match report.verdict.status {
        VerdictStatus::Healthy => seen::proved(report, page),
        VerdictStatus::Unhealthy => {}
        VerdictStatus::Undecided => open::write(report, page),
    }
    if report.verdict.diagnoses.is_empty() {
        unread(report, page);
    }
    unheard(report, page);
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
    let platforms = platforms(report);
    if !platforms.is_empty() {
        parts.push(format!("for {}", platforms.join(", ")));
    }
    if target.given != target.reference {
        parts.push(format!("given as {}", target.given));
    }
    if let Some(attempts) = verdict.attempts {
        parts.push(format!("{} of {} tries failed", attempts.failed, attempts.made));
    }
    parts.push(verdict.claim.limits().to_owned());
    page.parts(&parts);
    if let Some(of) = &verdict.nodes {
        nodes::write(report, of, page);
    }
    if let Some(note) = report.metadata.settings.get("credentialNote") {
        page.line(note, Tone::Plain);
    }
}

/// The platforms that the answer is about: in a cluster those of its nodes.
fn platforms(report: &Report) -> Vec<String> {
    if report.verdict.nodes.is_none() {
        return report.target.platforms.clone();
    }
    let nodes = report.vantages.iter().filter_map(|place| place.node.as_ref());
    let platforms: BTreeSet<String> =
        nodes.filter_map(|node| node.platform.as_ref()).map(ToString::to_string).collect();
    platforms.into_iter().collect()
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
            let told = if candidates.len() > MOST { FIRST } else { candidates.len() };
            let (first, others) = candidates.split_at(told);
            for id in first {
                let owner = crate::causes::find(id.as_str()).map(|cause| format!(" · {}", cause.owner));
                page.entry("", &format!("{id}{} · {}", owner.unwrap_or_default(), summary(*id)));
            }
            if !others.is_empty() {
                let names: Vec<&str> = others.iter().map(|id| id.as_str()).collect();
                page.entry("", &format!("less likely: {}", names.join(", ")));
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

/// What Azure says, where that has not decided the cause: what it forbids, what it admits of what was refused, and what could
/// not be read. Of a cause that was seen,
/// what could not be read of where it comes from.
fn settings(report: &Report, page: &mut Page<'_>) {
    let Some(first) = report.verdict.diagnoses.first() else { return };
    let mut told: Vec<&str> = Vec::new();
    // What was refused although a setting admits it.
    let against = |finding: &Finding| {
        let likeliest = first.candidates.first();
        let refutes = |says: &Says| says.stance == Stance::Refutes && likeliest == Some(&says.cause);
        finding.status == Status::Pass && finding.says.iter().any(refutes)
    };
    // Who pulls does not matter where it is no question of rights.
    let speaks = |finding: &Finding| {
        let of_others =
            |check: &Check| !check.speaks_of().iter().any(|cause| first.candidates.contains(cause));
        !(finding.check == acrpull_role::CHECK.id && of_others(&acrpull_role::CHECK))
    };
    let bears = |finding: &&Finding| {
        let open = match first.cause {
            None => match finding.status {
                Status::Fail => true,
                Status::Unknown => speaks(finding),
                _ => against(finding),
            },
            Some(cause) => finding.status == Status::Unknown && may_explain(finding.check, cause),
        };
        finding.vantage == Vantage::Azure && finding.check != first.check && open
    };
    for finding in report.findings.iter().filter(bears) {
        // One trouble keeps several from being read.
        let why = finding.message.split_once(": ").map_or(finding.message.as_str(), |(_, why)| why);
        if !told.contains(&why) {
            page.item(if told.is_empty() { "azure" } else { "" }, &finding.message);
            told.push(why);
        }
    }
}

/// Why what Azure says is not known, where nothing failed: one line for all of it.
fn unread(report: &Report, page: &mut Page<'_>) {
    let is_open = |finding: &&Finding| finding.vantage == Vantage::Azure && finding.status == Status::Unknown;
    let mut open = report.findings.iter().filter(is_open);
    if let Some(first) = open.next() {
        let more = match open.count() {
            0 => String::new(),
            more => format!(" ({more} more {} unknown)", if more == 1 { "check is" } else { "checks are" }),
        };
        page.item("azure", &format!("{}{more}", first.message));
    }
}

/// What was to be looked at beside, and could not be: it changes no verdict, and whoever wants to know more is told why.
fn unheard(report: &Report, page: &mut Page<'_>) {
    const BESIDE: [&str; 2] = [probe_pod::CHECK.id, service_account::CHECK.id];
    let open = |finding: &&Finding| BESIDE.contains(&finding.check) && finding.status == Status::Unknown;
    let mut places = BTreeSet::new();
    for finding in report.findings.iter().filter(open).filter(|finding| places.insert(&finding.vantage)) {
        page.item("open", &told(report, finding));
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
    let place = match &finding.vantage {
        // What is said of a kubelet names its node.
        place @ (Vantage::Pod(_) | Vantage::Node(_)) if report.verdict.nodes.is_some() => {
            format!("{place} ")
        }
        _ => String::new(),
    };
    format!("{place}{}{who}: {}", finding.check, finding.message)
}
