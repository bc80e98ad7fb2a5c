//! `probe-pod`: whether a probe could be sent to the place, and all that it saw was heard.

use probes::foreign::Foreign;

use super::seen::refused;
use super::{Answer, Check, Place, View};
use crate::case::probe::Probe;
use crate::report::Status;

/// The check.
pub const CHECK: Check = Check {
    id: "probe-pod",
    title: "a probe looks from the place and is heard",
    explanation: "With --tier pod and --tier host a pod with the probe is bound to each node that is tested: on the pod network, or on \
        the host's with the node's files. What it sees stands under its place. A pod that is refused, does not start or is not heard \
        says nothing of the image: the answer is unknown then, with the words of whoever kept it, and never a failure.",
    at: &[Place::Pod, Place::Node],
    per_credential: false,
    needs: &[],
    causes: &[],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let Some(probe) = view.probe else {
        return Some(Answer::new(Status::NotApplicable, "no pod was needed to look from here"));
    };
    if let Some(refusal) = &probe.refused {
        let what = format!("the probe in namespace {}", probe.namespace);
        return Some(refused(&what, &probe.namespace, refusal));
    }
    let heard = probe.heard;
    let answer = match &probe.trouble {
        Some(trouble) if heard == 0 => Answer::new(
            Status::Unknown,
            format!("no probe looked from here: {}", Foreign::new(trouble.as_str())),
        ),
        Some(trouble) => Answer::new(
            Status::Unknown,
            format!("not all that the probe saw counts ({heard} observations were heard): {trouble}"),
        ),
        None if probe.whole => Answer::pass(whole(probe)),
        None => Answer::new(Status::Unknown, format!("only {heard} of the probe's observations were heard")),
    };
    Some(probe.words.iter().filter(|word| !word.message.is_empty()).fold(answer, |answer, word| {
        let by = word.by.as_ref().map_or("the pod's status", |by| by.as_str());
        // A termination message is not written for readers.
        let message = match word.source {
            crate::case::pull::Source::Terminated => Foreign::new("its program ended"),
            _ => word.shown(),
        };
        answer.saw(format!("{by}: {}", word.reason), message.to_string())
    }))
}

fn whole(probe: &Probe) -> String {
    let missing = match probe.absent.as_slice() {
        [] => String::new(),
        absent => format!("; the node has no {}", absent.join(", ")),
    };
    format!("{}/{} was heard to its end: {} observations{missing}", probe.namespace, probe.pod, probe.heard)
}
