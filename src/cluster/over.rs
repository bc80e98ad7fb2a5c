//! Is a pull over? A pure question to what was said of it so far.
//!
//! It reads reasons, which are the kubelet's constants, and no messages: what they mean is for the check to say.

use super::words::Words;
use crate::case::pull::{Source, Word};
use crate::kubelet::{is_after, is_before};

/// How a pull stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// No kubelet has taken the pod yet.
    Before,
    /// A kubelet has it and has said nothing of its image yet: it may be asking for credentials.
    Taken,
    /// The image is being pulled.
    Pulling,
    /// It came to an end, and a second witness is still to come: the status after the event, or the other way round.
    Nearly,
    /// Something before the pull does not come about: sandbox, volumes, a place.
    Stuck,
    /// Nothing more is to be learnt.
    Over,
}

/// Reasons of `state.waiting` from before the pull.
const BEFORE: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// How the pull of these words stands.
pub(super) fn stand(words: &Words) -> Stand {
    let all = words.all();
    let has = |source: Source, reason: &dyn Fn(&str) -> bool| {
        all.iter().any(|word| word.source == source && reason(word.reason.as_str()))
    };
    let event = |name: &str| has(Source::Event, &|reason| reason == name);
    if words.gone || matches!(words.phase.as_str(), "Failed" | "Succeeded") {
        return Stand::Over;
    }
    // A container that ran or ended has its image, and so has one that the kubelet names with an id.
    if has(Source::Running, &|_| true) || has(Source::Terminated, &|_| true) || words.image_id.is_some() {
        return Stand::Over;
    }
    if has(Source::Waiting, &is_after) {
        return Stand::Over;
    }
    // "Pulled" alone also says that the image was there; with the policy Always a pull comes before it.
    // The status, which names what was pulled, follows within a second.
    let pulling = event("Pulling");
    if pulling && event("Pulled") {
        return Stand::Nearly;
    }
    // Any other reason to wait is the pull's own: ErrImagePull, a back-off, or the sentence of a parser.
    let waits = has(Source::Waiting, &|reason| !BEFORE.contains(&reason) && !reason.is_empty());
    let failed = event("Failed") || event("InspectFailed");
    match (waits, failed) {
        (true, true) => Stand::Over,
        (true, false) | (false, true) => Stand::Nearly,
        _ if pulling => Stand::Pulling,
        _ if all.iter().any(is_stuck) => Stand::Stuck,
        _ if has(Source::Waiting, &|reason| BEFORE.contains(&reason)) => Stand::Taken,
        _ => Stand::Before,
    }
}

/// Whether a word tells of something that a pod does not get past on its way to a pull. The kubelet says it again and again while
/// it tries. A pull secret that cannot be read is none of it: the kubelet goes on without it.
fn is_stuck(word: &Word) -> bool {
    matches!(word.source, Source::Event | Source::Condition) && is_before(word.reason.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::mirror::{Event, Pod};

    fn words(events: &[&str], state: serde_json::Value, image_id: &str, phase: &str) -> Words {
        let mut words = Words::default();
        for (index, reason) in events.iter().enumerate() {
            let event: Event = serde_json::from_value(serde_json::json!({
                "metadata": { "uid": index.to_string() }, "involvedObject": { "uid": "u" }, "reason": reason,
            }))
            .expect("an event");
            words.event(&event, "u");
        }
        let pod: Pod = serde_json::from_value(serde_json::json!({
            "status": { "phase": phase, "containerStatuses": [
                { "name": "canary", "imageID": image_id, "state": state }
            ] }
        }))
        .expect("a pod");
        words.pod(&pod);
        words
    }

    #[test]
    fn a_pull_is_over_when_nothing_more_is_to_be_learnt() {
        let waiting = |reason: &str| serde_json::json!({ "waiting": { "reason": reason } });
        let creating = || waiting("ContainerCreating");
        for (events, state, image_id, phase, expected) in [
            (&[][..], creating(), "", "Pending", Stand::Taken),
            (&["Scheduled"], creating(), "", "Pending", Stand::Taken),
            (&["Pulling"], creating(), "", "Pending", Stand::Pulling),
            // Already there: no pull.
            (&["Pulled"], creating(), "", "Pending", Stand::Taken),
            (&["Pulling", "Pulled"], creating(), "", "Pending", Stand::Nearly),
            (
                &["Pulling", "Pulled", "Failed"],
                waiting("CreateContainerConfigError"),
                "",
                "Pending",
                Stand::Over,
            ),
            (&["Pulling", "Failed"], creating(), "", "Pending", Stand::Nearly),
            (&["Pulling"], waiting("ErrImagePull"), "", "Pending", Stand::Nearly),
            (&["Pulling", "Failed"], waiting("ErrImagePull"), "", "Pending", Stand::Over),
            (&["Failed"], waiting("InvalidImageName"), "", "Pending", Stand::Over),
            (&["InspectFailed"], waiting("InvalidImageName"), "", "Pending", Stand::Over),
            // The parser of a pull secret's auth field speaks where a reason should stand.
            (
                &["Pulling", "Failed"],
                waiting("illegal base64 data at input byte 4"),
                "",
                "Pending",
                Stand::Over,
            ),
            (&[], waiting("CreateContainerConfigError"), "", "Pending", Stand::Over),
            (&[], creating(), "sha256:1", "Pending", Stand::Over),
            (
                &[],
                serde_json::json!({ "terminated": { "reason": "StartError" } }),
                "sha256:1",
                "Failed",
                Stand::Over,
            ),
            (&[], serde_json::json!({ "running": {} }), "sha256:1", "Running", Stand::Over),
            (&["FailedCreatePodSandBox"], creating(), "", "Pending", Stand::Stuck),
            (&["FailedCreatePodSandBox", "Pulling"], creating(), "", "Pending", Stand::Pulling),
            (&["FailedToRetrieveImagePullSecret"], creating(), "", "Pending", Stand::Taken),
            (&[], serde_json::json!({}), "", "Failed", Stand::Over),
        ] {
            let words = words(events, state.clone(), image_id, phase);
            assert_eq!(stand(&words), expected, "{events:?} {state} {image_id} {phase}");
        }
        let mut gone = words(&[], serde_json::json!({}), "", "Pending");
        gone.gone = true;
        assert_eq!(stand(&gone), Stand::Over);
    }
}
