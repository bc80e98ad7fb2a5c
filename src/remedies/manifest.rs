//! Fixes for tags, manifests, platforms and the policies that hide them.

use super::{Advice, Command, Names, azure, change, image, say, some};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    absent(id, names).or_else(|| unusable(id, names))
}

/// Builds the image for the platforms and pushes it under its name.
fn build(names: &Names, platforms: &str) -> Option<Command> {
    some(&names.registry)?;
    names.tag.as_deref()?;
    if names.digest.is_some() {
        return None;
    }
    change(
        [
            "docker",
            "buildx",
            "build",
            "--platform",
            platforms,
            "--tag",
            some(&names.reference)?,
            "--push",
            ".",
        ],
        format!(
            "docker with buildx, in the folder of the Dockerfile; the right to push to {}",
            names.registry
        ),
    )
}

/// The platform that is missing beside the usual ones of Linux; nothing for another system.
fn linux_platforms(names: &Names) -> Option<String> {
    match names.platform.as_str() {
        "linux/amd64" | "linux/arm64" => Some("linux/amd64,linux/arm64".to_owned()),
        other if other.starts_with("linux/") => Some(format!("linux/amd64,linux/arm64,{other}")),
        _ => None,
    }
}

/// What the registry does not have, or does not show.
fn absent(id: CauseId, names: &Names) -> Option<Advice> {
    let registry = names.the_registry();
    let repository = names.the_repository();
    match id {
        causes::TagNotFound => say(
            match names.tag.as_deref() {
                Some(tag) => format!("Name a tag that {repository} has, or push {tag}."),
                None => format!("Name a tag that {repository} has, or push the missing one."),
            },
            [image::tags(names)],
        ),
        causes::RepositoryNotFound => say(
            format!("Correct the path {repository}, or push the image to {registry} under it."),
            [azure::acr_repositories(names), image::tags(names)],
        ),
        causes::DigestNotFound => say(
            format!(
                "Pin a digest that {repository} has, or push the image again; keep clean-up away from pinned ones."
            ),
            [azure::acr_manifests(names), image::tags(names)],
        ),
        causes::ChildManifestPurged => say(
            "Build and push the image again for all its platforms; then keep the clean-up from deleting parts of an index.",
            [image::platforms(names), linux_platforms(names).and_then(|all| build(names, &all))],
        ),
        causes::ImageRemovedUpstream => say(
            "Use the place the publisher has moved the image to, and import what you depend on into your own registry.",
            [image::tags(names)],
        ),
        causes::AcrManifestInconsistent => say(
            format!(
                "Wait some minutes for the regions of {registry} to agree; if one stays behind, push again."
            ),
            [azure::acr_replicas(names), image::tags(names)],
        ),
        causes::BlobMissingInRegistry => say(
            "Push the image again with all its layers, from a machine that does not skip them as already there.",
            [image::manifest(names)],
        ),
        causes::AcrQuarantine => say(
            format!("Have the image released from the quarantine of {registry} by what scans it."),
            [azure::acr_quarantine(names)],
        ),
        causes::RegistryPolicyBlocksPull => say(
            format!(
                "Do what the policy of {registry} asks for, or have those who keep it grant an exception."
            ),
            [image::manifest(names)],
        ),
        _ => None,
    }
}

/// What is there and cannot be run.
fn unusable(id: CauseId, names: &Names) -> Option<Advice> {
    let platform = some(&names.platform).unwrap_or("this platform");
    match id {
        causes::ManifestSchema1Unsupported => say(
            "Build and push the image again with current tools, under a new tag; its format is no longer read.",
            [image::manifest(names)],
        ),
        causes::ArtifactNotAnImage => say(
            "Name the tag or digest of the image itself; this one is a chart, a signature or another artifact.",
            [image::manifest(names), image::tags(names)],
        ),
        causes::ImageEncryptedNoKey => say(
            "Put the decryption key and its helper on the nodes that may run the image, or publish it unencrypted.",
            [image::manifest(names)],
        ),
        causes::PlatformMismatchArch => say(
            format!("Build the image for {platform} too, or keep the pods on nodes of its architecture."),
            [
                image::platforms(names),
                image::nodes(),
                linux_platforms(names).and_then(|all| build(names, &all)),
            ],
        ),
        causes::PlatformMismatchOs => say(
            "Keep the pods on nodes of the image's operating system with nodeSelector kubernetes.io/os.",
            [image::platforms(names), image::nodes()],
        ),
        causes::PlatformMismatchWindowsVersion => say(
            "Use the image's tag for the node's Windows build, or choose the nodes by node.kubernetes.io/windows-build.",
            [image::platforms(names), image::nodes()],
        ),
        _ => None,
    }
}
