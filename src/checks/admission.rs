//! `admission`: whether the API server let the canary in, and let it be what was asked for.

use super::seen::refused;
use super::{Answer, Check, Place, View};
use crate::case::pull::Change;
use crate::causes::MutatedByAdmission;
use crate::report::Status;

/// The check.
pub const CHECK: Check = Check {
    id: "admission",
    title: "the cluster lets the canary in as it is",
    explanation: "The pod whose only work is to be pulled for is sent to the API server and read back. A refusal of it says nothing \
        of any workload: the answer is unknown then, with the policy's own words. Where the tag latest is refused the canary goes by \
        the digest that the workstation saw for it; the kubelet proves the bytes then, and not the name. What admission changed of it that a pull depends \
        on (image, pull policy, pull secrets, node) it may change of every other pod as well.",
    at: &[Place::Kubelet],
    per_credential: false,
    needs: &[],
    causes: &[&[MutatedByAdmission]],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let pull = view.pull?;
    if let Some(refusal) = &pull.refused {
        return Some(refused("the canary", &pull.namespace, refusal));
    }
    if pull.pod.is_empty() {
        return None;
    }
    let answer = match pull.changed.first() {
        None if pull.tag_refused.is_some() => Answer::new(
            Status::Warn,
            format!(
                "the API server refuses a pod with {}; the kubelet was asked for {}, which the workstation saw by that name: what it \
                 says is of these bytes, and not of the name",
                view.case.target.given, pull.image
            ),
        ),
        None => Answer::pass(format!("{}/{} came back as it was sent", pull.namespace, pull.pod)),
        Some(change) => Answer::new(Status::Warn, changed(change)).allows(&[MutatedByAdmission]),
    };
    let answer = match &pull.tag_refused {
        Some(refusal) => answer.saw(
            format!("create the pod with {} in {}", view.case.target.given, pull.namespace),
            format!("{} {}: {}", refusal.code, refusal.reason, refusal.message),
        ),
        None => answer,
    };
    Some(pull.changed.iter().fold(answer, |answer, change| {
        let found = if change.found.as_str().is_empty() { "nothing" } else { change.found.as_str() };
        let wanted = if change.wanted.as_str().is_empty() { "nothing" } else { change.wanted.as_str() };
        answer.saw(format!("read {} back", change.field), format!("{found}, not {wanted}"))
    }))
}

fn changed(change: &Change) -> String {
    let Change { field, wanted, found } = change;
    match (wanted.as_str(), found.as_str()) {
        ("", _) => format!("admission added {field} to the canary: {found}"),
        (_, "") => format!("admission removed {field} of the canary, which was {wanted}"),
        _ => format!("admission changed {field} of the canary from {wanted} to {found}"),
    }
}
