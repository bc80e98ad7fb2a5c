//! What happened to a pull, by everything that was said of its pod.
//!
//! Kubelet's `startContainer` pulls first, then makes and starts the container: whatever fails later was pulled. The
//! sandbox, its network and the volumes come before, so that their failures say nothing of a pull.

use super::Context;
use super::reason::{FAILED, is_after, is_before, is_sentence, stances};
use crate::case::pull::{Source, Word};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// The kubelet pulled the image.
    Pulled,
    /// The node had the image, and nothing was pulled.
    AlreadyPresent,
    /// The pull failed; the word that says most of it.
    Failed(&'a Word),
    /// The pull was begun, and nothing was said of its end.
    StillPulling,
    /// The pod did not get as far as a pull; the word that says why.
    NotStarted(&'a Word),
    /// Nothing that matters was said.
    Nothing,
}

/// What one word says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Begun,
    /// An event of the end of a pull, or of an image that was there.
    Ended,
    Present,
    After,
    Failed,
    NotStarted,
    Nothing,
}

/// Reasons of a pod that a kubelet did not take, or gave up.
const NOT_TAKEN: &[&str] = &[
    "Evicted",
    "Preempting",
    "NodeAffinity",
    "NodeShutdown",
    "NodeLost",
    "UnexpectedAdmissionError",
    "DeadlineExceeded",
    "Terminated",
    "Rejected",
    "AppArmor",
    "SysctlForbidden",
    "PodOSSelectorNodeLabelDoesNotMatch",
    "PodOSNotSupported",
    "InvalidNodeInfo",
    "TopologyAffinityError",
    "PodFeatureUnsupported",
];

/// What a container's failure is called after the pull (kubelet's `createContainer` and `startContainer`, the runtimes').
const LATER: &[&str] = &[
    "failed to resolve image \"",
    "failed to create containerd",
    "failed to start container",
    "failed to create container",
    "failed to create task",
    "failed to generate container",
    "failed to reserve container name",
    "container create failed",
    "container has runasnonroot",
    "container's runasuser",
    "cannot find volume",
    "failed to prepare subpath",
    "couldn't find key",
    "failed to sync configmap",
    "failed to sync secret",
    "configmap \"",
    "secret \"",
];

/// What happened to the pull, by words in the order in which they were said.
pub fn outcome(words: &[Word]) -> Outcome<'_> {
    let kinds: Vec<Kind> = words.iter().map(kind).collect();
    let is = |kind: Kind| move |k: &Kind| *k == kind;
    let begun = kinds.iter().any(is(Kind::Begun));
    let present = !begun && kinds.iter().any(is(Kind::Present));
    // What was said last counts: a pull is tried again, and a container that ran may have to be pulled for once more.
    let good = |kind: &Kind| *kind == Kind::After || (*kind == Kind::Ended && begun);
    let ended = kinds.iter().rposition(|kind| good(kind) || *kind == Kind::Failed);
    match ended {
        Some(at) if kinds[at] == Kind::Failed => {
            // Of failures, only those that no success has followed.
            let from = kinds[..at].iter().rposition(good).map_or(0, |before| before + 1);
            let failures = words.iter().zip(&kinds).skip(from).filter(|(_, kind)| **kind == Kind::Failed);
            let fullest = failures.map(|(word, _)| word).max_by_key(|word| telling(word));
            fullest.map_or(Outcome::Nothing, Outcome::Failed)
        }
        Some(_) if present => Outcome::AlreadyPresent,
        Some(_) => Outcome::Pulled,
        None if begun => Outcome::StillPulling,
        None if present => Outcome::AlreadyPresent,
        None => {
            let before = words.iter().zip(&kinds).rev().find(|(_, kind)| **kind == Kind::NotStarted);
            before.map_or(Outcome::Nothing, |(word, _)| Outcome::NotStarted(word))
        }
    }
}

fn kind(word: &Word) -> Kind {
    let reason = word.reason.as_str();
    match word.source {
        Source::Running => Kind::After,
        // A container that was never made has no exit of its own.
        Source::Terminated if is_after(reason) => Kind::After,
        Source::Terminated => failed_or(reason, Kind::Nothing),
        Source::Waiting if is_after(reason) => Kind::After,
        Source::Waiting => failed_or(reason, Kind::Nothing),
        Source::Event => event(word),
        Source::Condition if is_before(reason) => Kind::NotStarted,
        Source::Pod if NOT_TAKEN.contains(&reason) || reason.starts_with("OutOf") => Kind::NotStarted,
        Source::Pod | Source::Condition | Source::Unknown => Kind::Nothing,
    }
}

fn failed_or(reason: &str, other: Kind) -> Kind {
    if FAILED.contains(&reason) || is_sentence(reason) { Kind::Failed } else { other }
}

fn event(word: &Word) -> Kind {
    let reason = word.reason.as_str();
    if is_before(reason) || NOT_TAKEN.contains(&reason) {
        return Kind::NotStarted;
    }
    // Anybody who may write events can write one; the kubelet's are the ones that count.
    if word.by.as_ref().is_some_and(|by| !by.as_str().starts_with("kubelet")) {
        return Kind::Nothing;
    }
    let message = word.message.as_str();
    match reason {
        "Pulling" => Kind::Begun,
        "Pulled" if message.contains("already present") => Kind::Present,
        "Pulled" => Kind::Ended,
        "Created" | "Started" => Kind::After,
        "BackOff" if message.starts_with("Back-off pulling image") => Kind::Failed,
        "Failed" => failure(message),
        _ => failed_or(reason, Kind::Nothing),
    }
}

/// `Failed` is the reason of failures before the container was made, and after.
fn failure(message: &str) -> Kind {
    let Some(error) = message.strip_prefix("Error: ") else {
        return if message.starts_with("Failed to pull image") { Kind::Failed } else { Kind::Nothing };
    };
    let lower = error.to_ascii_lowercase();
    if FAILED.iter().any(|reason| error.starts_with(reason)) || is_sentence(error) {
        Kind::Failed
    } else if LATER.iter().any(|words| lower.starts_with(words)) {
        Kind::After
    } else {
        Kind::Nothing
    }
}

/// How much a word says of a failure: a typed reason that needs no text, then text that leads to causes and is whole.
fn telling(word: &Word) -> (bool, bool, bool) {
    let reason = word.reason.as_str();
    let typed = ["InvalidImageName", "ErrImageNeverPull", "SignatureValidationFailed"].contains(&reason)
        || is_sentence(reason);
    let text = word.message.as_str();
    let causes = stances(reason, text, &Context::default());
    (typed, !causes.is_empty(), !(text.ends_with('…') || text.contains(" … ")))
}
