//! Who fails beside whom: the closed list of differences between places.

use std::collections::BTreeSet;

use probes::vantage::Vantage;

use super::local::Local;
use super::{asked, kubelet_of, pull_of};
use crate::case::Round;
use crate::case::cluster::Node;
use crate::judge::Judged;
use crate::report::{Difference, DifferenceKind, Status, VerdictStatus};

/// The difference, where there is one: of the kubelets before all else, since they are the nearest witnesses. `refuted` are
/// the places of failures that kubelets refute.
pub(super) fn difference(
    round: &Round,
    judged: &[Judged],
    locals: &[Local],
    refuted: &[Vantage],
) -> Option<Difference> {
    let of =
        |status: Status| -> Vec<&Judged> { asked(judged).filter(|j| j.finding.status == status).collect() };
    let (failed, passed) = (of(Status::Fail), of(Status::Pass));
    let names = |of: &[&Judged]| of.iter().filter_map(|j| kubelet_of(j)).map(str::to_owned).collect();
    let kind = match (failed.as_slice(), passed.as_slice()) {
        ([], []) => return None,
        ([], _) => return farther(refuted),
        (failed, []) if failed.iter().all(|j| gets_through(j, locals)) => DifferenceKind::KubeletOnly,
        (_, []) => DifferenceKind::All,
        (failed, passed) => among(round, failed, passed)?,
    };
    Some(Difference { kind, nodes: names(&failed), pools: pools(round, &failed, kind) })
}

/// Whether a look from a kubelet's own node found all that a pull takes.
fn gets_through(judged: &Judged, locals: &[Local]) -> bool {
    let own = |local: &&Local| local.node().is_some() && local.node() == kubelet_of(judged);
    locals.iter().find(own).is_some_and(|local| local.verdict.status == VerdictStatus::Healthy)
}

/// Among kubelets of which some pull: whether one class fails as a whole. Nothing is told where the nodes are not known.
fn among(round: &Round, failed: &[&Judged], passed: &[&Judged]) -> Option<DifferenceKind> {
    let classes = |of: &[&Judged]| {
        let known = |j: &&Judged| node(round, j).filter(|node| node.platform.is_some()).map(Node::class);
        of.iter().map(known).collect::<Option<BTreeSet<_>>>()
    };
    let (ill, well) = (classes(failed)?, classes(passed)?);
    Some(match ill.is_disjoint(&well) {
        true => DifferenceKind::OneClass,
        false => DifferenceKind::OneNode,
    })
}

fn node<'a>(round: &'a Round, judged: &Judged) -> Option<&'a Node> {
    pull_of(round, judged)?.node.as_ref()
}

/// The pools of a class that fails as a whole, where other pools do not.
fn pools(round: &Round, failed: &[&Judged], kind: DifferenceKind) -> Vec<String> {
    if kind != DifferenceKind::OneClass {
        return Vec::new();
    }
    let pools: BTreeSet<String> = failed.iter().filter_map(|j| node(round, j)?.pool.clone()).collect();
    let pulls = |pool: &String| {
        let others =
            round.pulls.iter().filter(|pull| !failed.iter().any(|j| kubelet_of(j) == Some(pull.place())));
        others.filter_map(|pull| pull.node.as_ref()?.pool.as_ref()).any(|other| other == pool)
    };
    pools.into_iter().filter(|pool| !pulls(pool)).collect()
}

/// What failed where no kubelet did.
fn farther(refuted: &[Vantage]) -> Option<Difference> {
    let kind = match refuted {
        places if places.contains(&Vantage::Workstation) => DifferenceKind::WorkstationOnly,
        places if places.iter().any(|place| matches!(place, Vantage::Pod(_))) => DifferenceKind::PodOnly,
        _ => return None,
    };
    Some(Difference { kind, nodes: Vec::new(), pools: Vec::new() })
}
