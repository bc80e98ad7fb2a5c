//! The grid: a row a check, a column a place and a credential. A blocked check names its blocker and is never red.

use probes::vantage::Vantage;

use super::Style;
use super::page::{Page, width};
use super::text::{Tone, paint, shown};
use crate::report::{Finding, Report, Status};

/// Whether durations stand beside the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Times {
    Left,
    Shown,
}

/// The room for an operator's name.
const ROOM: usize = 24;
/// The space between two columns.
const GAP: usize = 2;

struct Cell {
    text: String,
    tone: Tone,
}

struct Column {
    head: [String; 2],
    cells: Vec<Cell>,
}

impl Column {
    fn width(&self) -> usize {
        self.cells
            .iter()
            .map(|cell| width(&cell.text))
            .chain(self.head.iter().map(|head| width(head)))
            .max()
            .unwrap_or(0)
    }
}

/// Writes the grid; columns for which there is no room go into a grid of their own below.
pub(super) fn write(report: &Report, style: &Style, times: Times, page: &mut Page<'_>) {
    let checks = checks(report);
    let labels = Column {
        head: ["check".to_owned(), String::new()],
        cells: checks.iter().map(|check| Cell { text: (*check).to_owned(), tone: Tone::Plain }).collect(),
    };
    let mut groups: Vec<Vec<Column>> = Vec::new();
    let mut used = usize::MAX;
    for place in places(report) {
        let columns = columns(report, &place, &checks, style, times);
        let needed: usize = columns.iter().map(|column| GAP + column.width()).sum();
        match groups.last_mut() {
            Some(group) if used + needed <= style.columns() => {
                group.extend(columns);
                used += needed;
            }
            _ => {
                groups.push(columns);
                used = labels.width() + needed;
            }
        }
    }
    for group in &groups {
        page.gap();
        let columns: Vec<&Column> = std::iter::once(&labels).chain(group).collect();
        for line in 0..2 {
            if columns.iter().any(|column| !column.head[line].is_empty()) {
                let cells: Vec<(&str, Tone)> =
                    columns.iter().map(|column| (column.head[line].as_str(), Tone::Strong)).collect();
                row(&columns, &cells, style, page);
            }
        }
        // Of several grids each has the rows that it says something of.
        let said = |line: &usize| groups.len() == 1 || group.iter().any(|c| !c.cells[*line].text.is_empty());
        for line in (0..checks.len()).filter(said) {
            let cells: Vec<(&str, Tone)> = columns
                .iter()
                .map(|column| (column.cells[line].text.as_str(), column.cells[line].tone))
                .collect();
            row(&columns, &cells, style, page);
        }
    }
}

fn row(columns: &[&Column], cells: &[(&str, Tone)], style: &Style, page: &mut Page<'_>) {
    let mut line = String::new();
    let mut owed = 0;
    for (column, (text, tone)) in columns.iter().zip(cells) {
        if !text.is_empty() {
            line.push_str(&" ".repeat(owed));
            line.push_str(&paint(text, *tone, style));
            owed = 0;
        }
        owed += column.width() - width(text) + GAP;
    }
    page.push(&line);
}

/// The checks in order; what applies nowhere is left out.
fn checks(report: &Report) -> Vec<&'static str> {
    let mut checks = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.status != Status::NotApplicable) {
        if !checks.contains(&finding.check) {
            checks.push(finding.check);
        }
    }
    checks
}

/// The places in order, each once for every credential that was tried there.
fn places(report: &Report) -> Vec<(Vantage, Option<String>)> {
    let mut places: Vec<(Vantage, Option<String>)> = Vec::new();
    let mut vantages: Vec<&Vantage> = report.vantages.iter().map(|vantage| &vantage.id).collect();
    vantages.extend(report.findings.iter().map(|finding| &finding.vantage));
    for vantage in vantages {
        if places.iter().any(|(known, _)| known == vantage) {
            continue;
        }
        let mut credentials: Vec<Option<String>> = Vec::new();
        for finding in report.findings.iter().filter(|finding| finding.vantage == *vantage) {
            if finding.credential.is_some() && !credentials.contains(&finding.credential) {
                credentials.push(finding.credential.clone());
            }
        }
        // One of which there is nothing to say, because an earlier one had everything or nobody got that far, has no
        // column; the first keeps it.
        let told = |name: &Option<String>| {
            report.findings.iter().any(|finding| {
                finding.vantage == *vantage
                    && finding.credential == *name
                    && !matches!(finding.status, Status::NotApplicable | Status::Skip)
            })
        };
        let first = credentials.first().cloned();
        let any = credentials.iter().any(&told);
        credentials.retain(|name| told(name) || (!any && Some(name) == first.as_ref()));
        if credentials.is_empty() {
            credentials.push(None);
        }
        places.extend(credentials.into_iter().map(|credential| (vantage.clone(), credential)));
    }
    places
}

fn columns(
    report: &Report,
    (vantage, credential): &(Vantage, Option<String>),
    checks: &[&str],
    style: &Style,
    times: Times,
) -> Vec<Column> {
    let found: Vec<Option<&Finding>> = checks
        .iter()
        .map(|check| {
            report.findings.iter().find(|finding| {
                finding.check == *check
                    && finding.vantage == *vantage
                    && (finding.credential.is_none() || finding.credential == *credential)
                    && finding.status != Status::NotApplicable
            })
        })
        .collect();
    let who = credential.as_deref().map(|credential| format!("as {}", short(credential))).unwrap_or_default();
    let answers = found.iter().map(|finding| match finding {
        Some(finding) => Cell { text: words(finding), tone: tone(finding) },
        None => Cell { text: String::new(), tone: Tone::Plain },
    });
    let mut columns =
        vec![Column { head: [vantage.to_string(), shown(&who, style.ascii)], cells: answers.collect() }];
    if times == Times::Shown {
        let times: Vec<String> = found
            .iter()
            .map(|finding| {
                finding.and_then(|finding| finding.duration_ms).map(|ms| ms.to_string()).unwrap_or_default()
            })
            .collect();
        let room = times.iter().map(String::len).max().unwrap_or(0).max(2);
        let right = |text: &str| if text.is_empty() { String::new() } else { format!("{text:>room$}") };
        let cells = times.iter().map(|time| Cell { text: right(time), tone: Tone::Faint }).collect();
        columns.push(Column { head: [right("ms"), String::new()], cells });
    }
    columns
}

/// A credential's name as there is room for it: an operator's is told above, and there is one of them.
fn short(credential: &str) -> &str {
    const OPERATOR: &str = "operator";
    match credential.strip_prefix(OPERATOR) {
        Some(rest) if rest.starts_with(' ') && width(credential) > ROOM => OPERATOR,
        _ => credential,
    }
}

/// How a finding ended, in a cell's words.
pub(super) fn words(finding: &Finding) -> String {
    let word = match finding.status {
        Status::Pass => "pass",
        Status::NotApplicable => "not applicable",
        Status::Skip => "skip",
        Status::Warn => "warn",
        Status::Unknown => "unknown",
        Status::Fail => "FAIL",
    };
    match finding.blocked_by {
        Some(blocker) => format!("{word} ({blocker})"),
        None => word.to_owned(),
    }
}

/// How a finding ended, in colour.
pub(super) fn tone(finding: &Finding) -> Tone {
    match finding.status {
        Status::Fail => Tone::Bad,
        Status::Pass => Tone::Good,
        _ if finding.blocked_by.is_some() => Tone::Faint,
        Status::Warn | Status::Unknown => Tone::Odd,
        Status::NotApplicable | Status::Skip => Tone::Faint,
    }
}
