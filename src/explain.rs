//! `explain`: the catalogue's words on a screen, for one cause, for one check, or as a list of both.
//!
//! *Invariant:* offline, and no words of its own about any cause.

use std::fmt;

use crate::causes::{self, Cause, CauseId, Decider, Lasting, Place};
use crate::render::Style;
use crate::render::page::{Page, width};
use crate::render::text::Tone;

/// The narrowest screen on which names and summaries stand side by side.
const SIDE_BY_SIDE: usize = 72;

/// The sections of a cause's explanation, and what they are called here.
const SECTIONS: [(&str, &str); 5] = [
    ("Seen", "what is seen"),
    ("Why", "why it happens"),
    ("Prove", "how to prove it yourself"),
    ("Alike", "what looks alike"),
    ("Fix", "how it is fixed"),
];

/// A check, as far as its page needs it.
#[derive(Clone, Debug)]
pub struct CheckPage {
    /// Its id.
    pub id: &'static str,
    /// What it asserts.
    pub title: &'static str,
    /// What is looked at, and what each answer means.
    pub explanation: &'static str,
    /// The causes that it may speak of.
    pub causes: Vec<CauseId>,
}

/// A name that no cause and no check has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The name.
    pub id: String,
    /// The names that come near to it, the nearest first.
    pub near: Vec<&'static str>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no cause and no check is called {:?}", self.id)?;
        match self.near.as_slice() {
            [] => write!(f, "; 'pullcheck explain' lists them"),
            near => write!(f, "; did you mean {}?", near.join(" or ")),
        }
    }
}

impl std::error::Error for Unknown {}

/// The page of a cause or a check; the case of the letters does not matter.
pub fn page(id: &str, checks: &[CheckPage], style: &Style) -> Result<String, Unknown> {
    if let Some(cause) = causes::find(id) {
        return Ok(of_cause(cause, style));
    }
    if let Some(check) = checks.iter().find(|check| check.id.eq_ignore_ascii_case(id)) {
        return Ok(of_check(check, style));
    }
    let names = causes::all().map(|cause| cause.id.as_str()).chain(checks.iter().map(|check| check.id));
    Err(Unknown { id: id.to_owned(), near: crate::near::to(id, names) })
}

/// All causes by layer, and all checks, each with what it says in one line.
pub fn list(checks: &[CheckPage], style: &Style) -> String {
    let mut page = Page::new(style);
    page.line("pullcheck explain NAME tells more of a cause or a check.", Tone::Plain);
    page.gap();
    page.line("checks", Tone::Strong);
    entries(checks.iter().map(|check| (check.id, check.title)).collect(), style, &mut page);
    let mut layers: Vec<&str> = Vec::new();
    for cause in causes::all() {
        if !layers.contains(&cause.layer) {
            layers.push(cause.layer);
        }
    }
    for layer in layers {
        page.gap();
        page.line(&format!("causes: {layer}"), Tone::Strong);
        let causes = causes::all().filter(|cause| cause.layer == layer);
        entries(causes.map(|cause| (cause.id.as_str(), cause.summary)).collect(), style, &mut page);
    }
    page.finish()
}

fn of_cause(cause: &Cause, style: &Style) -> String {
    let mut page = Page::new(style);
    page.line(cause.id.as_str(), Tone::Strong);
    page.line(cause.summary, Tone::Plain);
    page.gap();
    page.item("layer", cause.layer);
    page.item("owner", cause.owner.as_str());
    page.item(
        "lasts",
        &match cause.lasting {
            Lasting::Permanent => "until somebody does something (permanent)".to_owned(),
            Lasting::Transient { typical } => {
                format!("{typical} as a rule, and passes by itself (transient)")
            }
        },
    );
    page.item(
        "place",
        match cause.place {
            Place::Anywhere => "the same from everywhere: a look from anywhere decides it",
            Place::Bound => "bound to the place it was seen from: only a look from there decides it",
        },
    );
    let deciders: Vec<&str> = cause.decided_by.iter().copied().map(decider).collect();
    page.item("proof", &deciders.join("; or "));
    for (name, heading) in SECTIONS {
        let text = cause.section(name);
        let alike: Vec<&Cause> = cause.alike.iter().filter_map(|id| causes::find(id)).collect();
        if text.is_none() && (name != "Alike" || alike.is_empty()) {
            continue;
        }
        page.gap();
        page.line(heading, Tone::Strong);
        prose(&text.unwrap_or_default(), &mut page);
        if name == "Alike" && !alike.is_empty() {
            page.gap();
            entries(alike.iter().map(|cause| (cause.id.as_str(), cause.summary)).collect(), style, &mut page);
        }
    }
    if let Some(docs) = cause.docs {
        page.gap();
        page.token("docs", docs);
    }
    page.finish()
}

fn of_check(check: &CheckPage, style: &Style) -> String {
    let mut page = Page::new(style);
    page.line(&format!("{} (a check)", check.id), Tone::Strong);
    page.line(check.title, Tone::Plain);
    page.gap();
    page.line("what is looked at", Tone::Strong);
    prose(check.explanation, &mut page);
    let causes: Vec<&Cause> = check.causes.iter().filter_map(|id| causes::find(id.as_str())).collect();
    if !causes.is_empty() {
        page.gap();
        page.line("which causes it can speak of", Tone::Strong);
        entries(causes.iter().map(|cause| (cause.id.as_str(), cause.summary)).collect(), style, &mut page);
    }
    page.finish()
}

fn decider(decider: Decider) -> &'static str {
    match decider {
        Decider::Path => "a look along the path of a pull",
        Decider::Azure => "what Azure's management interface says",
        Decider::Cluster => "what the cluster's interface says",
        Decider::Kubelet => "a pull by the kubelet",
        Decider::Text => "nothing: a message suggests it and never proves it",
    }
}

/// Paragraphs, wrapped, and the commands below them as they are.
fn prose(text: &str, page: &mut Page<'_>) {
    let mut paragraph = String::new();
    for line in text.lines() {
        if !line.starts_with("    ") && !line.is_empty() {
            paragraph.push(' ');
            paragraph.push_str(line);
            continue;
        }
        if !paragraph.is_empty() {
            page.indented("  ", "  ", &paragraph);
            paragraph.clear();
        }
        match line.strip_prefix("    ") {
            Some(command) => page.sample("    ", command),
            None => page.gap(),
        }
    }
    if !paragraph.is_empty() {
        page.indented("  ", "  ", &paragraph);
    }
}

/// Names and what they say, side by side where there is room.
fn entries(entries: Vec<(&str, &str)>, style: &Style, page: &mut Page<'_>) {
    let longest = entries.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    for (name, says) in entries {
        if style.columns() >= SIDE_BY_SIDE {
            page.indented(&format!("  {name:<longest$}  "), &" ".repeat(longest + 4), says);
        } else {
            page.indented("  ", "  ", name);
            page.indented("    ", "    ", says);
        }
    }
}

#[cfg(test)]
mod tests;
