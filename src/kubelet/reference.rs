//! What is wrong with an image's name, when the kubelet cannot read it.
//!
//! The name is the workload's own and is read by the grammar of the registry's clients; the kubelet's sentence alone
//! misleads, as it says "must be lowercase" of a variable that was not filled in.

use probes::target::{Target, TargetError};

use super::split::named;
use crate::causes::{
    CauseId, ImageDigestMalformed, ImageRefHasScheme, ImageRefMalformed, ImageRefUppercase,
    UnexpandedTemplateInImage,
};

/// What the kubelet says of a name that it cannot read, before the name (`applyDefaultImageTag`, CRI-O's own form).
const BEFORE: &[&str] = &[
    "couldn't parse image reference ",
    "couldn't parse image name ",
    "Failed to apply default image tag ",
    "failed to parse image name ",
    "parsing image reference ",
];

/// What only a kubelet says.
const KUBELETS: &[&str] = &[
    "is not present with pull policy of Never",
    "pull QPS exceeded",
    "Failed to apply default image tag ",
    "couldn't parse image ",
    "Back-off pulling image ",
    "unable to parse auth field",
    "Unable to retrieve some image pull secrets",
];

/// The image that a sentence of the kubelet's names.
pub(super) fn in_message(message: &str) -> Option<&str> {
    BEFORE.iter().chain(&["Container image "]).find_map(|before| {
        let (_, rest) = message.split_once(before)?;
        match named(rest) {
            Some((image, _)) => Some(image),
            None => Some(rest.strip_prefix('"')?.split_once('"')?.0),
        }
    })
}

/// Whether a sentence is the kubelet's own.
pub(super) fn is_kubelets(message: &str) -> bool {
    KUBELETS.iter().any(|words| message.contains(words))
}

/// Whether the kubelet speaks of another image than the container's.
pub(super) fn is_another(containers: &str, told: Option<&str>) -> bool {
    let reference = |name: &str| Target::parse_image(name).map(|target| target.reference()).ok();
    match (reference(containers), told.and_then(reference)) {
        (Some(containers), Some(told)) => containers != told,
        _ => false,
    }
}

/// Whether a message about a sandbox is about its image.
pub(super) fn is_sandbox_image(lower: &str) -> bool {
    ["sandbox image", "failed to pull image", "failed pulling image", "failed to pull and unpack image"]
        .iter()
        .any(|words| lower.contains(words))
}

/// Whether a message about a sandbox is about its network, or about the process in it.
pub(super) fn is_sandbox_process(lower: &str) -> bool {
    const WORDS: &[&str] = &[
        "network for sandbox",
        "network sandbox",
        "cni ",
        "plugin type=",
        "networkplugin",
        "oci runtime",
        "cgroup",
        "inotify",
    ];
    WORDS.iter().any(|words| lower.contains(words))
}

/// Whether a message is about a name that cannot be read.
pub(super) fn is_unreadable(lower: &str) -> bool {
    lower.contains("invalid reference format")
        || lower.contains("couldn't parse image ")
        || lower.contains("failed to apply default image tag")
}

/// What is wrong with a name; several where the name does not show it.
pub(super) fn causes(image: &str, lower: &str) -> Vec<CauseId> {
    let said = || match () {
        () if lower.contains("must be lowercase") => vec![ImageRefUppercase, UnexpandedTemplateInImage],
        () if lower.contains("unsupported digest") || lower.contains("invalid checksum digest") => {
            vec![ImageDigestMalformed]
        }
        () => vec![ImageRefMalformed],
    };
    if image.is_empty() {
        return said();
    }
    match Target::parse_image(image) {
        Ok(_) => said(),
        Err(error) => vec![match error {
            TargetError::UnexpandedTemplate { .. } => UnexpandedTemplateInImage,
            TargetError::HasScheme { .. } => ImageRefHasScheme,
            TargetError::DigestMalformed { .. } => ImageDigestMalformed,
            TargetError::Uppercase { .. } => ImageRefUppercase,
            TargetError::Malformed { .. } => ImageRefMalformed,
        }],
    }
}
