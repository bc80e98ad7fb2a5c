//! `wide`: the table, and every finding with its message, its evidence and its times.

use super::page::Page;
use super::text::Tone;
use super::{Style, answer, grid};
use crate::report::{Finding, Report};

pub(super) fn render(report: &Report, style: &Style) -> String {
    let mut page = Page::new(style);
    answer::write(report, style, &mut page);
    if style.quiet {
        return page.finish();
    }
    grid::write(report, style, grid::Times::Shown, &mut page);
    for finding in &report.findings {
        page.gap();
        tell(finding, &mut page);
    }
    page.gap();
    run(report, &mut page);
    page.finish()
}

fn tell(finding: &Finding, page: &mut Page<'_>) {
    let mut title = vec![finding.check.to_owned(), finding.vantage.to_string()];
    title.extend(finding.credential.as_ref().map(|credential| format!("as {credential}")));
    title.push(grid::words(finding));
    if finding.attempts.made > 1 {
        title.push(format!("{} of {} tries failed", finding.attempts.failed, finding.attempts.made));
    }
    page.line(&title.join(" · "), grid::tone(finding));
    page.item("", &finding.message);
    for evidence in &finding.evidence {
        page.item("", &answer::evidence(evidence));
    }
    if let Some(started_at) = finding.started_at {
        let took = finding.duration_ms.map(|ms| format!(", {ms} ms")).unwrap_or_default();
        page.toned("", &format!("at {started_at}{took}"), Tone::Faint);
    }
}

fn run(report: &Report, page: &mut Page<'_>) {
    let run = &report.metadata;
    page.item(
        "run",
        &format!(
            "{} · {} {} · {} · {} ms · tier {}",
            run.run_id, run.tool.name, run.tool.version, run.started_at, run.duration_ms, run.tier
        ),
    );
    if let Some(azure) = &run.azure {
        let who = azure.sign_in.as_ref().map_or_else(
            || "nobody signed in".to_owned(),
            |sign_in| format!("signed in as {} ({} ms)", sign_in.who, azure.sign_in_ms),
        );
        page.item("azure", &format!("{who} · cloud {}", azure.cloud));
        for trouble in &azure.troubles {
            let id = trouble.correlation_id.as_ref().map(|id| format!(" (correlation id {id})"));
            page.item("", &format!("{trouble}{}", id.unwrap_or_default()));
        }
    }
    if !run.variables.is_empty() {
        page.item("env", &run.variables.join(", "));
    }
    for (index, (name, value)) in run.settings.iter().enumerate() {
        page.item(if index == 0 { "set" } else { "" }, &format!("{name}: {value}"));
    }
    for created in &report.created {
        let place = format!("{}/", created.namespace);
        let end = match (created.removed, created.why_left()) {
            (true, _) => "removed again".to_owned(),
            (false, Some(why)) => format!("still there: {why}"),
            (false, None) => "still there".to_owned(),
        };
        page.item("made", &format!("{} {place}{}, {end}", created.kind, created.name));
    }
    for right in &report.rights {
        let place = right.namespace.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
        let there = match right.allowed {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not known",
        };
        page.item("right", &format!("{} {}{place}: {there}", right.verb, right.resource));
    }
}
