//! What kubelets did, joined with what was seen from elsewhere.
//!
//! The nearer witness counts: a kubelet before its node, a node before a workstation. A failure that a nearer witness
//! refutes becomes a warning that tells the difference. A cause that is bound to no place is decided from anywhere; one
//! that is bound to a place only there, unless the kubelet's own words leave it open and both saw it.

use probes::credential::Credential;
use probes::vantage::Vantage;

use self::joined::{is_anywhere, is_same, left};
use self::local::{Local, is_refusal, locals};
use super::azure::{is_azures, narrowed};
use super::diagnosed;
use crate::case::pull::Pull;
use crate::case::{Case, Round};
use crate::causes::{self, CauseId, Decider};
use crate::judge::Judged;
use crate::report::{Diagnosis, Nodes, Stance, Status, Verdict, VerdictStatus};

mod difference;
mod joined;
mod local;

/// The check that asks a kubelet.
const PULL: &str = "kubelet-pull";

/// What was asked of kubelets.
fn asked(judged: &[Judged]) -> impl Iterator<Item = &Judged> {
    judged.iter().filter(|j| j.finding.check == PULL)
}

/// The node whose kubelet a finding is about.
pub(super) fn kubelet_of(judged: &Judged) -> Option<&str> {
    match &judged.finding.vantage {
        Vantage::Kubelet(name) => Some(name),
        _ => None,
    }
}

/// What the kubelet of a finding was asked to pull.
fn pull_of<'a>(round: &'a Round, judged: &Judged) -> Option<&'a Pull> {
    round.pulls.iter().find(|pull| kubelet_of(judged) == Some(pull.place()))
}

/// Whether the kubelet of a node pulled.
fn pulled_on(judged: &[Judged], name: &str) -> bool {
    asked(judged).any(|j| j.finding.status == Status::Pass && kubelet_of(j) == Some(name))
}

/// Whether the kubelet of a node failed.
fn failed_on(judged: &[Judged], name: &str) -> bool {
    asked(judged).any(|j| j.finding.status == Status::Fail && kubelet_of(j) == Some(name))
}

/// Whether kubelets were asked, and every one pulled.
fn all_pulled(judged: &[Judged]) -> bool {
    asked(judged).next().is_some() && asked(judged).all(|j| j.finding.status == Status::Pass)
}

/// A node that was named and not asked, or one of the cluster that was neither asked, nor is of the class of one that was,
/// nor was left out for a reason.
fn unspoken<'a>(case: &'a Case, round: &Round) -> Option<&'a str> {
    let named =
        case.settings.get("nodes").map(|names| names.split(',').collect::<Vec<_>>()).unwrap_or_default();
    let choice = |name: &str| ["all", "one-per-class"].contains(&name);
    let mut unasked = named.into_iter().filter(|name| !choice(name));
    if let Some(name) = unasked.find(|name| !round.pulls.iter().any(|pull| pull.is_on(name))) {
        return Some(name);
    }
    let cluster = case.cluster.as_ref()?;
    let known = |name: &str| {
        round.pulls.iter().any(|pull| pull.is_on(name) || pull.represents.iter().any(|other| other == name))
            || cluster.left_out.iter().any(|left| left.name == name)
    };
    // Without a node's name the pod went where the scheduler put it.
    let anywhere = round.pulls.iter().any(|pull| pull.node.is_none());
    cluster.nodes.iter().map(|node| node.name.as_str()).find(|name| !anywhere && !known(name))
}

/// Whether a kubelet did not come to an end in its time, and a look from its node, as it, tells why.
fn out_of_reach(round: &Round, judged: &[Judged], locals: &[Local]) -> bool {
    let late = |name: &str| round.pulls.iter().any(|pull| pull.is_on(name) && pull.out_of_time);
    asked(judged)
        .filter(|j| j.finding.status == Status::Unknown)
        .filter_map(kubelet_of)
        .filter(|name| late(name))
        .any(|name| {
            locals.iter().any(|l| l.node() == Some(name) && l.verdict.status == VerdictStatus::Unhealthy)
        })
}

pub(super) fn any_is(judged: &[Judged], status: Status) -> bool {
    asked(judged).any(|j| j.finding.status == status)
}

/// The answer of one round about kubelets. What the nearest witnesses refute is a warning from here on.
pub fn of_kubelets(case: &Case, round: &Round, judged: &mut [Judged]) -> Verdict {
    let locals = locals(case, round, judged);
    let diagnoses = narrowed(case, judged, diagnoses(case, round, judged, &locals));
    let diagnoses: Vec<Diagnosis> = diagnoses.into_iter().map(|d| with_look(d, &locals)).collect();
    let only_there = soften(judged);
    let failed = any_is(judged, Status::Fail);
    let dropped: Vec<&'static str> =
        case.claim.requires().iter().filter(|id| case.leaves_out(id)).copied().collect();
    let unspoken = unspoken(case, round);
    let pulled = all_pulled(judged) && unspoken.is_none();
    let bytes = bytes(judged, &locals);
    let needs_bytes = case.claim.is_of_new_nodes() && !dropped.contains(&"blob");
    let needs_pull = !dropped.contains(&PULL);
    let refuted = (needs_pull && (failed || out_of_reach(round, judged, &locals))) || bytes == Bytes::Failed;
    let status = if refuted {
        VerdictStatus::Unhealthy
    } else if (pulled || !needs_pull) && (bytes == Bytes::Proved || !needs_bytes) {
        VerdictStatus::Healthy
    } else {
        VerdictStatus::Undecided
    };
    let diagnoses: Vec<Diagnosis> =
        diagnoses.into_iter().filter(|_| status != VerdictStatus::Healthy).collect();
    let first = diagnoses.first();
    let holds = [(PULL, pulled), ("blob", bytes == Bytes::Proved)];
    let named = |wanted: bool| holds.iter().filter(|(_, is)| *is == wanted).map(|(id, _)| *id).collect();
    let open = asked(judged).find(|j| j.finding.status != Status::Pass);
    let blocked = |j: &Judged| {
        let blocker = j.finding.blocked_by?;
        judged.iter().find(|b| b.finding.check == blocker && b.finding.vantage == j.finding.vantage)
    };
    Verdict {
        status,
        claim: if dropped.is_empty() { case.claim } else { case.claim.lowered() },
        cause: first.and_then(|d| d.cause),
        owner: first.and_then(|d| d.owner),
        lasting: first.and_then(|d| d.lasting),
        check: first.map(|d| d.check),
        vantage: first.and_then(|d| d.vantages.first().cloned()),
        credential: None,
        summary: match (status, first) {
            (VerdictStatus::Healthy, _) => format!("{} {}", case.target.reference(), case.claim.proven()),
            (VerdictStatus::Unhealthy, Some(first)) => first.message.clone(),
            _ => match (open.map(|j| blocked(j).unwrap_or(j)), unspoken) {
                (Some(j), _) => format!("{}: {}", j.finding.check, j.finding.message),
                (None, Some(name)) => {
                    format!("{PULL}: {name} was not asked, and no other node stands for it")
                }
                (None, None) => {
                    "the bytes of a new node are not proven: no look from the nodes was made; --tier host --probe-image REF --probe-namespace NAMESPACE makes one".to_owned()
                }
            },
        },
        dropped,
        warnings: judged.iter().filter(|j| j.finding.status == Status::Warn).count(),
        proved: named(true),
        not_proved: named(false),
        attempts: None,
        nodes: Some(nodes(round, judged)),
        difference: difference::difference(round, judged, &locals, &only_there),
        diagnoses,
    }
}

/// What is known of the bytes on a node that holds none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bytes {
    Proved,
    Failed,
    Open,
}

/// A pull proves only bytes that its node lacked, so only a look from a node proves those of another.
fn bytes(judged: &[Judged], locals: &[Local]) -> Bytes {
    let nodes = || locals.iter().filter(|l| l.node().is_some());
    let failed = |l: &Local| {
        l.verdict.status == VerdictStatus::Unhealthy && l.verdict.diagnoses.iter().any(|d| d.check == "blob")
    };
    // Beside a proxy that may be there the direct way proves nothing.
    let blind = |place: &Vantage| {
        judged.iter().any(|j| {
            j.finding.vantage == *place && j.finding.check == "proxy" && j.finding.status == Status::Unknown
        })
    };
    let looked = |j: &Judged| {
        nodes().any(|l| l.node() == kubelet_of(j) && l.verdict.proved.contains(&"blob") && !blind(&l.vantage))
    };
    if nodes().any(failed) {
        Bytes::Failed
    } else if asked(judged).next().is_some() && asked(judged).all(looked) {
        Bytes::Proved
    } else {
        Bytes::Open
    }
}

/// What fails farther away and is refuted by the kubelets that pulled: a warning from here on. Gives the places of what fails
/// there alone.
fn soften(judged: &mut [Judged]) -> Vec<Vantage> {
    let all = all_pulled(judged);
    let nodes: Vec<String> = asked(judged)
        .filter(|j| j.finding.status == Status::Pass)
        .filter_map(|j| kubelet_of(j).map(str::to_owned))
        .collect();
    let nobody = Some(Credential::Anonymous.to_string());
    let mut places = Vec::new();
    for j in judged.iter_mut().filter(|j| j.finding.status == Status::Fail) {
        let refuted = match &j.finding.vantage {
            // A pull says nothing of bytes that the node had.
            Vantage::Node(name) => j.finding.check != "blob" && nodes.contains(name),
            Vantage::Pod(name) => nodes.contains(name),
            Vantage::Workstation | Vantage::Azure => all,
            _ => false,
        };
        if !refuted {
            continue;
        }
        // Nobody is no kubelet, so that it tells nothing of them, and no fault of the workstation's.
        if j.finding.vantage == Vantage::Workstation && j.finding.credential == nobody && is_refusal(j) {
            j.set_aside("the kubelets have a credential of their own");
            continue;
        }
        let same = confirmed(j).any(is_anywhere);
        let lacked = j.finding.check == "blob" && same;
        if !same {
            places.push(j.finding.vantage.clone());
        }
        j.soften(match j.finding.vantage {
            _ if lacked => {
                "the kubelets pull it all the same: their nodes may hold it, and a new node lacks it"
            }
            // What is the same from everywhere is no matter of the place.
            Vantage::Workstation if same => "the kubelets pull it all the same",
            Vantage::Workstation => "only from this workstation: the kubelets pull it",
            Vantage::Pod(_) => "only from a pod: the kubelet of its node pulls it",
            Vantage::Azure => "the kubelets pull it all the same",
            _ => "the kubelet of this node pulls it all the same",
        });
    }
    places
}

fn confirmed(judged: &Judged) -> impl Iterator<Item = CauseId> {
    judged.finding.says.iter().filter(|s| s.stance == Stance::Confirms).map(|s| s.cause)
}

fn nodes(round: &Round, judged: &[Judged]) -> Nodes {
    let of = |status: Status| asked(judged).filter(|j| j.finding.status == status).count();
    let (selected, failed) = (round.pulls.len(), of(Status::Fail));
    Nodes {
        selected,
        tested: round.pulls.iter().filter(|pull| !pull.pod.is_empty()).count(),
        failed,
        unknown: selected.saturating_sub(failed + of(Status::Pass)),
        represented: round.pulls.iter().map(|pull| pull.represents.len()).sum(),
    }
}

/// What is wrong: first what kubelets failed of, alike ones together; then the bytes of a node; then, where no kubelet
/// answered, what was seen from elsewhere; last what kept a kubelet from a pull, which says nothing of the image.
fn diagnoses(case: &Case, round: &Round, judged: &[Judged], locals: &[Local]) -> Vec<Diagnosis> {
    let mut all: Vec<Diagnosis> = Vec::new();
    for one in asked(judged).filter(|j| j.finding.status == Status::Fail) {
        let diagnosis = of_pull(case, round, one, locals);
        match all.iter_mut().find(|d| d.candidates == diagnosis.candidates) {
            Some(known) => {
                known.vantages.extend(diagnosis.vantages);
                if let (Some(sum), Some(more)) = (&mut known.nodes, diagnosis.nodes) {
                    sum.selected += more.selected;
                    sum.tested += more.tested;
                    sum.failed += more.failed;
                    sum.represented += more.represented;
                }
            }
            None => all.push(diagnosis),
        }
    }
    let any_failed = !all.is_empty();
    let any_passed = any_is(judged, Status::Pass);
    let near = locals.iter().any(|l| l.node().is_some() && l.verdict.status != VerdictStatus::Undecided);
    let bears = |local: &Local, d: &Diagnosis| match local.node() {
        // Its kubelet has told of the same.
        Some(name) if failed_on(judged, name) => false,
        Some(name) => d.check == "blob" || (!pulled_on(judged, name) && !any_failed),
        // What a node has decided, with the kubelet's own credential, is nearer.
        None => !any_failed && !any_passed && !near,
    };
    let of_locals = |at_nodes: bool| {
        let ill = locals.iter().filter(|l| l.verdict.status == VerdictStatus::Unhealthy);
        ill.filter(move |l| l.node().is_some() == at_nodes)
            .flat_map(|l| l.verdict.diagnoses.iter().filter(move |d| bears(l, d)))
            .cloned()
    };
    // What a kubelet met before any pull is nearer than what a workstation saw.
    let kept = asked(judged).filter(|j| j.finding.status == Status::Unknown && !j.finding.says.is_empty());
    let kept = kept.map(|one| of_pull(case, round, one, &[]));
    for diagnosis in of_locals(true).chain(kept).chain(of_locals(false)) {
        if !all.iter().any(|d| d.candidates == diagnosis.candidates) {
            all.push(diagnosis);
        }
    }
    // What Azure forbids nobody has tried.
    let alone = !any_failed && !any_passed && !near;
    for one in judged.iter().filter(|j| alone && is_azures(j) && j.finding.status == Status::Fail) {
        let diagnosis = diagnosed(case, one, confirmed(one).collect());
        if !all.iter().any(|d| d.candidates == diagnosis.candidates) {
            all.push(diagnosis);
        }
    }
    all
}

fn of_pull(case: &Case, round: &Round, judged: &Judged, locals: &[Local]) -> Diagnosis {
    let pull = pull_of(round, judged);
    let failed = usize::from(judged.finding.status == Status::Fail);
    let represented = pull.map_or(0, |pull| pull.represents.len());
    let nodes = Nodes { selected: 1, tested: 1, failed, unknown: 1 - failed, represented };
    let left = left(case, round, judged, (pull, locals));
    // The remedy names the platform of the node.
    let platform = pull.and_then(|pull| pull.node.as_ref()?.platform.clone());
    let case = match platform.filter(|platform| !is_same(platform, &case.platform)) {
        Some(platform) => &Case { platform, ..case.clone() },
        None => case,
    };
    Diagnosis { nodes: Some(nodes), ..diagnosed(case, judged, left) }
}

/// The next look, where one from the node would tell the candidates of a failed pull apart and none was made.
fn with_look(mut diagnosis: Diagnosis, locals: &[Local]) -> Diagnosis {
    let failed = diagnosis.nodes.is_some_and(|nodes| nodes.failed > 0);
    let looked = |place: &Vantage| match place {
        Vantage::Kubelet(name) => locals.iter().any(|l| l.node() == Some(name.as_str())),
        _ => false,
    };
    let looked = diagnosis.vantages.iter().all(looked);
    if failed && !looked && diagnosis.candidates.len() > 1 && diagnosis.candidates.iter().any(is_seen) {
        diagnosis.remedy.text.insert_str(
            0,
            "Look from the node as well, which tells most of these apart: --tier host --probe-image REF --probe-namespace NAMESPACE. ",
        );
    }
    diagnosis
}

/// Whether a look along the path decides a cause.
fn is_seen(id: &CauseId) -> bool {
    causes::find(id.as_str()).is_some_and(|cause| cause.decided_by.contains(&Decider::Path))
}

#[cfg(test)]
mod tests;
