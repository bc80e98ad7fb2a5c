//! What a manifest that was had is.

use probes::observation::{BodyKind, Descriptor, Manifest, ManifestKind, Reply};

use super::super::Answer;
use crate::causes::{ArtifactNotAnImage, LayerDigestMismatch, ManifestSchema1Unsupported, MirrorReturnsHtml};
use crate::report::Status;

/// What a manifest holds, and whether its bytes are what they were said to be.
pub(super) fn held(manifest: &Manifest, reply: &Reply) -> Answer {
    let what = &manifest.reference;
    if reply.body == BodyKind::Html {
        return Answer::fail(format!("the answer for {what} is a web page")).confirms(MirrorReturnsHtml);
    }
    if manifest.content == Some(ManifestKind::Schema1) {
        // Its digest is that of the signed payload, not of the bytes that came.
        return Answer::fail(format!(
            "{what} has a manifest of schema version 1, which containerd 2.1 and later do not read"
        ))
        .confirms(ManifestSchema1Unsupported);
    }
    let digests = &manifest.digests;
    if digests.disagree() == Some(true) {
        let said = digests.expected.as_ref().or(digests.announced.as_ref()).map_or("unknown", String::as_str);
        let computed = digests.computed.as_deref().unwrap_or("unknown");
        let empty = if reply.bytes == 0 { "; the body is empty" } else { "" };
        return Answer::fail(format!("the manifest {what} should be {said} and is {computed}{empty}"))
            .confirms(LayerDigestMismatch);
    }
    let Some(computed) = &digests.computed else {
        return Answer::new(Status::Unknown, format!("the manifest {what} was not read"));
    };
    match &manifest.content {
        Some(ManifestKind::Index { entries }) => {
            let count = entries.len();
            let plural = if count == 1 { "" } else { "s" };
            Answer::pass(format!("{what} is {computed}, an index of {count} manifest{plural}"))
        }
        Some(ManifestKind::Image { config, artifact_type, .. }) => match no_image(config) {
            true => {
                let kind = artifact_type.as_ref().unwrap_or(&config.media_type);
                Answer::fail(format!("{what} is an artifact of type {kind}, no image"))
                    .confirms(ArtifactNotAnImage)
            }
            false => Answer::pass(format!("{what} is {computed}")),
        },
        Some(ManifestKind::Unreadable { error }) => {
            let answer = Answer::fail(format!("{what} is {computed}, and no manifest: {error}"));
            answer.confirms(ArtifactNotAnImage)
        }
        Some(ManifestKind::Schema1 | ManifestKind::Unknown) | None => {
            Answer::new(Status::Unknown, format!("{what} is of a kind that this version does not know"))
        }
    }
}

/// Whether a configuration is that of something else than an image (OCI image specification; Docker's schema 2).
pub(in crate::checks) fn no_image(config: &Descriptor) -> bool {
    !matches!(
        config.media_type.as_str(),
        "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json"
    )
}
