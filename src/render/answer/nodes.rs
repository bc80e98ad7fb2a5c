//! Which nodes the answer is about: how many were asked, who of them fails, and of whom it says nothing.

use super::super::page::Page;
use super::super::text::Tone;
use crate::report::{ClusterReport, Difference, DifferenceKind, Nodes, Report, VerdictStatus};

/// How many names a list has.
const NAMED: usize = 5;

pub(super) fn write(report: &Report, nodes: &Nodes, page: &mut Page<'_>) {
    let verdict = &report.verdict;
    page.line(&tested(verdict.status, nodes), Tone::Plain);
    if let Some(words) = verdict.difference.as_ref().and_then(difference) {
        page.line(&words, Tone::Plain);
    }
    if let Some(cluster) = &report.metadata.cluster {
        unspoken(cluster, page);
    }
}

/// How many nodes were asked, and how many others they stand for.
fn tested(status: VerdictStatus, nodes: &Nodes) -> String {
    let plural = |n: usize| if n == 1 { "node" } else { "nodes" };
    let of = |n: usize| format!("{n} of {} {} tested", nodes.tested, plural(nodes.tested));
    let pulled = nodes.selected.saturating_sub(nodes.failed + nodes.unknown);
    let unasked = nodes.selected.saturating_sub(nodes.tested);
    let mut text = match status {
        _ if nodes.tested == 0 => return "no node was tested".to_owned(),
        VerdictStatus::Unhealthy if nodes.failed > 0 => format!("fails on {}", of(nodes.failed)),
        VerdictStatus::Unhealthy if pulled == 0 => format!("not pulled in time on {}", of(nodes.unknown)),
        // The bytes failed elsewhere than where it was pulled.
        VerdictStatus::Unhealthy if pulled > 0 => {
            format!("pulled on {}, and a node that lacks its bytes could not", of(pulled))
        }
        _ => format!("pulled on {}", of(pulled)),
    };
    if unasked > 0 {
        text.push_str(&format!(
            "; {unasked} that should have been {} not",
            if unasked == 1 { "was" } else { "were" }
        ));
    }
    if nodes.represented > 0 {
        text.push_str(&format!("; {} more of the same kind not tested", nodes.represented));
    }
    text
}

/// Who fails beside whom, where that is not said by the number of nodes and by the warnings.
fn difference(difference: &Difference) -> Option<String> {
    let several = difference.nodes.len() > 1;
    Some(match difference.kind {
        DifferenceKind::KubeletOnly if several => {
            "only the kubelets fail: looks from their nodes get through".to_owned()
        }
        DifferenceKind::KubeletOnly => "only the kubelet fails: a look from its node gets through".to_owned(),
        DifferenceKind::OneNode => {
            let fail = if several { "fail" } else { "fails" };
            format!("only {} {fail}: others of the same kind pull", listed(&difference.nodes))
        }
        DifferenceKind::OneClass if difference.pools.is_empty() => {
            let fail = if several { "fail" } else { "fails" };
            format!("only {} {fail}: nodes of another kind pull", listed(&difference.nodes))
        }
        DifferenceKind::OneClass if difference.pools.len() == 1 => {
            format!("only pool {} fails: others pull", difference.pools[0])
        }
        DifferenceKind::OneClass => format!("only pools {} fail: others pull", listed(&difference.pools)),
        DifferenceKind::All | DifferenceKind::WorkstationOnly | DifferenceKind::PodOnly => return None,
    })
}

/// Some names, and how many more.
fn listed(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut text = names[..names.len() - more].join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more (-o json)"));
    }
    text
}

/// What the answer says nothing of: nodes that could not be asked, or that nobody may list.
fn unspoken(cluster: &ClusterReport, page: &mut Page<'_>) {
    let left: Vec<String> = cluster
        .left_out
        .iter()
        .filter_map(|left| Some(format!("{} ({})", left.name, left.why.short()?)))
        .collect();
    if !left.is_empty() {
        page.line(&format!("says nothing of {}", listed(&left)), Tone::Plain);
    }
    for trouble in cluster.troubles.iter().filter(|trouble| trouble.during == "list nodes") {
        page.line(&format!("says nothing of other nodes: {trouble}"), Tone::Plain);
    }
}
