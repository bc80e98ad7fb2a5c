//! From a reason and its message to causes. A reason is typed, and may confirm; a message only suggests.

use super::candidates::{self, Facts};
use super::form::{Form, Message};
use super::plain::plain;
use super::said::Phase;
use super::{Context, reference, words};
use crate::causes::{
    CauseId, ContainerRuntimeDown, ContentIngestLocked, ContentStoreBlobMissing, ImageNeverPullAbsent,
    ImageNeverPullNotAuthorized, ImageRefMalformed, ImageVolumeMountFailed, ImageVolumePullFailed,
    NodeDiskFull, PullSecretMalformed, PullSecretNotFound, ReadOnlyFilesystem, RegistryOutage,
    RegistryServerError, SandboxImagePullFailed, SignatureValidationFailed, SnapshotStateCorrupt,
    SnapshotterMountFailed,
};
use crate::report::{Says, Stance};

/// Causes that are the same whatever image is pulled, the sandbox' or the pod's, and whether one is pulled at all.
const OF_THE_NODE: &[CauseId] = &[
    ContainerRuntimeDown,
    NodeDiskFull,
    ReadOnlyFilesystem,
    ContentStoreBlobMissing,
    ContentIngestLocked,
    SnapshotStateCorrupt,
    SnapshotterMountFailed,
];

/// What the kubelet calls a disk that is full, of a pod that it does not take or gives up (its `eviction` package).
const DISK_PRESSURE: &[&str] =
    &["ephemeral-storage", "diskpressure", "nodefs", "imagefs", "containerfs", "inodes"];

/// Reasons of a container's state, or of an event, that say that an image was asked for and is not there.
pub(super) const FAILED: &[&str] = &[
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "ImageInspectError",
    "InvalidImageName",
    "RegistryUnavailable",
    "SignatureValidationFailed",
    "ImageVolumeMountFailed",
    "InspectFailed",
];

/// Reasons of events and conditions before a pull.
const BEFORE: &[&str] = &[
    "FailedCreatePodSandBox",
    "FailedPodSandBoxStatus",
    "FailedMount",
    "FailedMapVolume",
    "FailedAttachVolume",
    "FailedScheduling",
    "NetworkNotReady",
    "FailedCreatePodContainer",
    "FailedBinding",
    "FailedPrepareDynamicResources",
    "Unschedulable",
    "SchedulerError",
    "NodeNotReady",
    "InspectNetworkFailed",
];

/// Reasons that come after the pull: kubelet's `startContainer` pulls before it makes and starts the container.
const AFTER: &[&str] = &[
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "PreCreateHookError",
    "PreStartHookError",
    "PostStartHookError",
    "CrashLoopBackOff",
    "StartError",
    "ContainerCannotRun",
    "Completed",
    "Error",
    "OOMKilled",
    // Of a container that runs.
    "Unhealthy",
    "FailedPostStartHook",
    "FailedPreStopHook",
];

/// Whether an event or a condition of this reason tells of what stands before a pull.
pub(crate) fn is_before(reason: &str) -> bool {
    BEFORE.contains(&reason)
}

/// Whether a container's state of this reason comes after the pull.
pub(crate) fn is_after(reason: &str) -> bool {
    AFTER.contains(&reason)
}

/// What a reason and its message say of causes: what confirms, then what is allowed, likeliest first.
pub fn stances(reason: &str, message: &str, context: &Context<'_>) -> Vec<Says> {
    if let Some(state) = bare_state(reason, message) {
        // A state that only an event's message names confirms nothing.
        let said = stances(state, "", context).into_iter();
        return said.map(|says| Says { stance: Stance::Allows, ..says }).collect();
    }
    let message = plain(message);
    let read = Message::parse(&message);
    let says = |stance: Stance, causes: Vec<CauseId>| {
        let mut said: Vec<Says> = Vec::new();
        for cause in causes {
            if !said.iter().any(|says| says.cause == cause) {
                said.push(Says { cause, stance });
            }
        }
        said
    };
    // What a node has of an image when it cannot make a container of it is no pull any more, with few exceptions.
    let may_be_pull = !AFTER.contains(&reason);
    match reason {
        "SignatureValidationFailed" => says(Stance::Confirms, vec![SignatureValidationFailed]),
        "ImageVolumeMountFailed" => says(Stance::Confirms, vec![ImageVolumeMountFailed]),
        "InvalidImageName" => {
            let causes = named(&read, context);
            // The API's reason says that the name cannot be read; which mistake it is, the name itself.
            let stance = if causes.len() == 1 { Stance::Confirms } else { Stance::Allows };
            says(stance, causes)
        }
        // Which of the two it is, the kubelet does not tell on purpose.
        "ErrImageNeverPull" => says(Stance::Allows, vec![ImageNeverPullAbsent, ImageNeverPullNotAuthorized]),
        "FailedToRetrieveImagePullSecret" => says(Stance::Allows, vec![PullSecretNotFound]),
        "Evicted" if DISK_PRESSURE.iter().any(|words| read.lower.contains(words)) => {
            says(Stance::Allows, vec![NodeDiskFull])
        }
        // Of what stands before a pull only a sandbox has an image.
        _ if BEFORE.contains(&reason) && reason != "FailedCreatePodSandBox" => Vec::new(),
        // The reason is the parser's own sentence where a pull secret cannot be read.
        _ if is_sentence(reason) => says(Stance::Allows, vec![PullSecretMalformed]),
        _ => says(Stance::Allows, told(&read, context, reason, may_be_pull)),
    }
}

/// The state that `Error: ErrImageNeverPull` names, which is all that such an event says.
fn bare_state<'a>(reason: &str, message: &'a str) -> Option<&'a str> {
    let state = message.strip_prefix("Error: ")?;
    (reason == "Failed" && FAILED.contains(&state)).then_some(state)
}

/// Whether a reason is none, but a sentence of the parser of pull secrets.
pub(super) fn is_sentence(reason: &str) -> bool {
    reason.contains(' ')
        && ["auth field", "base64", "json", "invalid character", "unmarshal"]
            .iter()
            .any(|words| reason.to_ascii_lowercase().contains(words))
}

fn named(read: &Message<'_>, context: &Context<'_>) -> Vec<CauseId> {
    let image = if context.image.is_empty() { read.image.unwrap_or_default() } else { context.image };
    let causes = reference::causes(image, &read.lower);
    if causes.is_empty() { vec![ImageRefMalformed] } else { causes }
}

/// What a sandbox failed of: its image, or what the node lacks for any container. Its network and its process have no cause here,
/// and what they say of files and sockets is about their own.
fn of_sandbox(read: &Message<'_>, form: &Form<'_>, inner: &[CauseId]) -> Vec<CauseId> {
    let first = inner.first().copied();
    let is_pull = reference::is_sandbox_image(&read.lower)
        || form.phase >= Phase::Resolve && form.phase < Phase::Create;
    let node = first.filter(|cause| OF_THE_NODE.contains(cause));
    match node {
        _ if reference::is_sandbox_process(&read.lower) => Vec::new(),
        // Whose fix it is does not depend on what the pull failed of; what the node lacks does.
        Some(cause) if is_pull => vec![cause, SandboxImagePullFailed],
        Some(cause) => vec![cause],
        None if is_pull => [Some(SandboxImagePullFailed), first].into_iter().flatten().collect(),
        None => Vec::new(),
    }
}

fn told(read: &Message<'_>, context: &Context<'_>, reason: &str, may_be_pull: bool) -> Vec<CauseId> {
    let Some(form) = read.deciding() else { return Vec::new() };
    if reference::is_unreadable(&form.own) && !read.sandbox {
        return named(read, context);
    }
    let facts = Facts::new(read, form, context);
    let inner = candidates::causes(&facts);
    if read.sandbox {
        return of_sandbox(read, form, &inner);
    }
    let of_content = |cause: &CauseId| words::AFTER_PULL.contains(cause);
    if !may_be_pull {
        return inner.into_iter().filter(of_content).collect();
    }
    if reference::is_another(context.image, read.image) {
        // A pod names images for its volumes too, and the container that mounts one waits for it.
        return [Some(ImageVolumePullFailed), inner.first().copied()].into_iter().flatten().collect();
    }
    if inner.is_empty() && reason == "RegistryUnavailable" {
        return vec![RegistryOutage, RegistryServerError];
    }
    inner
}
