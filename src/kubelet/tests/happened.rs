//! What happened to a pull.

use probes::foreign::Foreign;

use crate::case::pull::{Source, Word};
use crate::kubelet::{Outcome, outcome};

fn word(source: Source, reason: &str, message: &str) -> Word {
    Word {
        by: (source == Source::Event).then(|| Foreign::new("kubelet")),
        ..Word::state(source, reason, message, None)
    }
}

fn event(reason: &str, message: &str) -> Word {
    word(Source::Event, reason, message)
}

const IMAGE: &str = "r.example/a:v1";
const MISSING: &str = "rpc error: code = NotFound desc = failed to pull and unpack image \"r.example/a:v1\": failed to resolve image: \
     r.example/a:v1: not found";

fn pulling() -> Word {
    event("Pulling", &format!("Pulling image \"{IMAGE}\""))
}

fn pulled() -> Word {
    event(
        "Pulled",
        &format!(
            "Successfully pulled image \"{IMAGE}\" in 227ms (227ms including waiting). Image size: 20313033 bytes."
        ),
    )
}

fn present() -> Word {
    event("Pulled", &format!("Container image \"{IMAGE}\" already present on machine"))
}

fn failed() -> Word {
    event("Failed", &format!("Failed to pull image \"{IMAGE}\": {MISSING}"))
}

#[test]
fn a_pull_counts_only_after_it_was_begun() {
    assert_eq!(outcome(&[pulling(), pulled()]), Outcome::Pulled);
    // Events of the same second have no order.
    assert_eq!(outcome(&[pulled(), pulling()]), Outcome::Pulled);
    assert_eq!(outcome(&[present()]), Outcome::AlreadyPresent);
    assert_eq!(outcome(&[present(), event("Created", "Created container a")]), Outcome::AlreadyPresent);
    assert_eq!(outcome(&[pulled()]), Outcome::Nothing);
    assert_eq!(outcome(&[pulling()]), Outcome::StillPulling);
    assert_eq!(outcome(&[]), Outcome::Nothing);
    assert_eq!(outcome(&[word(Source::Waiting, "ContainerCreating", "")]), Outcome::Nothing);
}

#[test]
fn whatever_fails_after_the_pull_was_pulled() {
    for (source, reason) in [
        (Source::Terminated, "StartError"),
        (Source::Terminated, "ContainerCannotRun"),
        (Source::Terminated, "Completed"),
        (Source::Terminated, "Error"),
        (Source::Waiting, "CreateContainerConfigError"),
        (Source::Waiting, "CreateContainerError"),
        (Source::Waiting, "RunContainerError"),
        (Source::Waiting, "CrashLoopBackOff"),
        (Source::Running, ""),
    ] {
        assert_eq!(outcome(&[word(source, reason, "x")]), Outcome::Pulled, "{reason}");
    }
    let task = event(
        "Failed",
        "Error: failed to create containerd task: failed to create shim task: exec: \"/x\": no such file",
    );
    assert_eq!(outcome(&[pulling(), task.clone()]), Outcome::Pulled);
    assert_eq!(outcome(&[task]), Outcome::Pulled);
    // A state that nobody saw the container in is none.
    assert_eq!(outcome(&[word(Source::Terminated, "ContainerStatusUnknown", "x")]), Outcome::Nothing);
    assert_eq!(outcome(&[pulling(), event("Failed", "Error: something new")]), Outcome::StillPulling);
}

#[test]
fn the_word_that_says_most_decides() {
    let state = word(Source::Waiting, "ErrImagePull", MISSING);
    let short = word(Source::Waiting, "ImagePullBackOff", &format!("Back-off pulling image \"{IMAGE}\""));
    let full = word(
        Source::Waiting,
        "ImagePullBackOff",
        &format!("Back-off pulling image \"{IMAGE}\": ErrImagePull: {MISSING}"),
    );
    let back_off = event("BackOff", &format!("Back-off pulling image \"{IMAGE}\""));
    let error = event("Failed", "Error: ErrImagePull");
    for (words, decides) in [
        (vec![pulling(), failed(), error.clone(), back_off.clone(), short.clone()], 1),
        (vec![pulling(), error.clone(), back_off.clone(), full.clone(), short.clone()], 3),
        (vec![pulling(), failed(), error.clone(), state.clone(), short.clone()], 3),
        (vec![pulling(), error.clone(), back_off.clone()], 2),
        // The kubelet keeps little of a message, and an earlier one may be whole.
        (
            vec![
                state,
                word(Source::Waiting, "ImagePullBackOff", &format!("{MISSING}{}", "x".repeat(3_000))),
            ],
            0,
        ),
    ] {
        assert_eq!(outcome(&words), Outcome::Failed(&words[decides]));
    }
}

#[test]
fn a_name_or_a_policy_fails_without_a_pull() {
    for word in [
        event(
            "InspectFailed",
            "Failed to apply default image tag \"A\": couldn't parse image name \"A\": invalid reference format",
        ),
        word(
            Source::Waiting,
            "InvalidImageName",
            "couldn't parse image name \"A\": invalid reference format",
        ),
        word(
            Source::Waiting,
            "ErrImageNeverPull",
            "Container image \"a\" is not present with pull policy of Never",
        ),
        word(Source::Waiting, "ImageInspectError", "Failed to inspect image \"a\""),
        word(
            Source::Waiting,
            "unable to parse auth field, must be formatted as base64(username:password)",
            "x",
        ),
        event("Failed", "Error: unable to parse auth field, must be formatted as base64(username:password)"),
        word(Source::Waiting, "SignatureValidationFailed", "x"),
        word(Source::Waiting, "ImageVolumeMountFailed", "x"),
    ] {
        let words = [word];
        assert_eq!(outcome(&words), Outcome::Failed(&words[0]));
    }
}

#[test]
fn what_was_said_last_counts() {
    assert_eq!(outcome(&[pulling(), failed(), pulling(), pulled()]), Outcome::Pulled);
    let again = [pulling(), pulled(), word(Source::Running, "", ""), pulling(), failed()];
    assert_eq!(outcome(&again), Outcome::Failed(&again[4]));
    // One more try is no answer yet, and takes none away.
    let trying = [pulling(), failed(), pulling()];
    assert_eq!(outcome(&trying), Outcome::Failed(&trying[1]));
}

#[test]
fn what_stands_before_a_pull_is_not_its_failure() {
    for before in [
        event(
            "FailedCreatePodSandBox",
            "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network",
        ),
        event("FailedMount", "MountVolume.SetUp failed for volume \"a\": secret \"b\" not found"),
        event("NetworkNotReady", "network is not ready: container runtime network not ready"),
        Word {
            by: Some(Foreign::new("default-scheduler")),
            ..event("FailedScheduling", "0/1 nodes are available")
        },
        word(Source::Condition, "Unschedulable", "0/1 nodes are available"),
        word(Source::Pod, "OutOfcpu", "Node didn't have enough resource: cpu"),
        word(Source::Pod, "Evicted", "The node was low on resource: ephemeral-storage"),
    ] {
        let words = [word(Source::Waiting, "ContainerCreating", ""), before.clone()];
        assert_eq!(outcome(&words), Outcome::NotStarted(&words[1]));
        // Once the pull was begun, it is over.
        assert_eq!(outcome(&[before, pulling()]), Outcome::StillPulling);
    }
    let warning = event("FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (a)");
    assert_eq!(outcome(&[warning]), Outcome::Nothing);
}

#[test]
fn only_the_kubelets_events_count() {
    let somebodys = Word { by: Some(Foreign::new("somebody")), ..pulled() };
    assert_eq!(outcome(&[pulling(), somebodys]), Outcome::StillPulling);
}
