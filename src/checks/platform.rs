//! `platform`: whether the image is there for the platform that is wanted.

use probes::observation::{Blob, BlobKind, Fact, Manifest, ManifestKind, Platform, PlatformEntry};
use probes::platform::{Mismatch, choose, matches, mismatch};

use super::manifest::content::no_image;
use super::manifest::elsewhere;
use super::refusal::{self, common, without_reply};
use super::token::{Refused, credential_refused_here};
use super::{Answer, Check, EVERYWHERE, View, seen};
use crate::causes::{
    AcrManifestInconsistent, ArtifactNotAnImage, CauseId, ChildManifestPurged, ImageEncryptedNoKey,
    LayerDigestMismatch, PlatformMismatchArch, PlatformMismatchOs, PlatformMismatchWindowsVersion,
    RegistryPermissionMissing,
};
use crate::report::Status;

/// The causes that this check alone speaks of, or for others in its place.
pub(super) const OWN: &[CauseId] = &[
    PlatformMismatchArch,
    PlatformMismatchOs,
    PlatformMismatchWindowsVersion,
    ChildManifestPurged,
    AcrManifestInconsistent,
    ArtifactNotAnImage,
    ImageEncryptedNoKey,
    LayerDigestMismatch,
    RegistryPermissionMissing,
];

/// The check.
pub const CHECK: Check = Check {
    id: "platform",
    title: "the image is there for the platform",
    explanation: "An index is read as containerd reads it: the entry for the platform is chosen, variants and Windows builds \
        included, and its manifest is fetched. An image without an index is pulled whatever it is for; when its own \
        configuration names another platform, that is a warning: it is pulled, and does not start.",
    at: EVERYWHERE,
    per_credential: true,
    needs: &[super::TO_REGISTRY, super::TO_PRESENT, &["token", "manifest"]],
    causes: &[refusal::COMMON, super::token::REFUSED, OWN],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let manifests = || {
        view.own().filter_map(|o| match &o.fact {
            Fact::Manifest(manifest) => Some(manifest),
            _ => None,
        })
    };
    let top = manifests().find(|m| m.child_of.is_none())?;
    if top.digests.disagree() == Some(true) {
        return None;
    }
    let mut index = match top.content.as_ref()? {
        ManifestKind::Index { entries } => entries,
        ManifestKind::Image { config, .. } if no_image(config) => return None,
        ManifestKind::Image { .. } => return Some(single(view, top)),
        _ => return None,
    };
    // An index may name another index; each is a manifest that was fetched, so there is an end.
    for _ in 0..manifests().count() {
        let Some(entry) = choose(&view.case.platform, index) else { return Some(not_offered(view, index)) };
        let digest = &entry.descriptor.digest;
        let child = manifests().find(|m| m.child_of.is_some() && m.reference == *digest)?;
        match &child.content {
            Some(ManifestKind::Index { entries }) if child.digests.disagree() == Some(false) => {
                index = entries
            }
            _ => return Some(fetched(view, child, entry)),
        }
    }
    None
}

fn cause_of(mismatch: Mismatch) -> crate::causes::CauseId {
    match mismatch {
        Mismatch::Os => PlatformMismatchOs,
        Mismatch::Architecture => PlatformMismatchArch,
        Mismatch::WindowsVersion => PlatformMismatchWindowsVersion,
    }
}

fn not_offered(view: &View<'_>, entries: &[PlatformEntry]) -> Answer {
    let wanted = &view.case.platform;
    let offered: Vec<&Platform> = entries
        .iter()
        .filter_map(|e| e.platform.as_ref())
        .filter(|p| p.os != "unknown" && !p.os.is_empty())
        .collect();
    let list = seen::list(&offered);
    if offered.is_empty() {
        return Answer::fail(format!("the index names no platform, {wanted} neither"))
            .confirms(ArtifactNotAnImage)
            .saw("read the index", format!("{} entries, none with a platform", entries.len()));
    }
    Answer::fail(format!("the image is not there for {wanted}; it is there for {list}"))
        .confirms(cause_of(mismatch(wanted, offered.iter().copied())))
        .saw("read the index", list)
}

/// The manifest of the platform, named by the index.
fn fetched(view: &View<'_>, child: &Manifest, entry: &PlatformEntry) -> Answer {
    let name = entry
        .platform
        .as_ref()
        .map_or_else(|| "the entry without a platform".to_owned(), ToString::to_string);
    let what = format!("the manifest for {name}");
    let Some(exchange) = &child.get else {
        return Answer::new(Status::Unknown, format!("{what} was not asked for"));
    };
    if let Some(answer) = without_reply(view, &what, exchange) {
        return answer;
    }
    let Some(reply) = exchange.reply() else {
        return Answer::new(Status::Unknown, format!("{what}: no answer is known"));
    };
    let digest = &child.reference;
    let answer = match reply.status {
        200 if child.digests.disagree() == Some(true) => {
            let computed = child.digests.computed.as_deref().unwrap_or("unknown");
            Answer::fail(format!("{what} should be {digest} and is {computed}")).confirms(LayerDigestMismatch)
        }
        200 if child.has_wrong_size() == Some(true) => Answer::fail(format!(
            "{what} has {} bytes, and the index says {}",
            reply.bytes,
            child.expected_size.unwrap_or_default()
        ))
        .confirms(LayerDigestMismatch),
        200 => match &child.content {
            Some(ManifestKind::Image { config, .. }) if no_image(config) => {
                Answer::fail(format!("{what} is an artifact of type {}, no image", config.media_type))
                    .confirms(ArtifactNotAnImage)
            }
            Some(ManifestKind::Image { .. }) => encrypted(child, format!("{what} is there ({digest})")),
            Some(ManifestKind::Unknown) | None => {
                Answer::new(Status::Unknown, format!("{what} is of an unknown kind"))
            }
            Some(_) => {
                Answer::fail(format!("{what} is no manifest of an image")).confirms(ArtifactNotAnImage)
            }
        },
        404 => match child.elsewhere.iter().find(|e| e.status == 200) {
            Some(other) => elsewhere(view, other, &what, ChildManifestPurged),
            None => Answer::fail(format!(
                "the index names {digest} for {name}, and the registry does not have it (404)"
            ))
            .confirms(ChildManifestPurged),
        },
        401 | 403 if common(view, &what, exchange, reply).is_none() => credential_refused_here(
            view,
            Refused::Child,
            &format!("the registry does not show {what} ({})", reply.status),
        ),
        status => match common(view, &what, exchange, reply) {
            Some(answer) => return answer,
            None => Answer::fail(format!("the registry answers the request for {what} with status {status}"))
                .allows(&[ChildManifestPurged, RegistryPermissionMissing]),
        },
    };
    answer.evidence([seen::exchange(exchange)])
}

/// An image without an index: containerd pulls it whatever it is for.
fn single(view: &View<'_>, top: &Manifest) -> Answer {
    let wanted = &view.case.platform;
    let configured = view.own().find_map(|o| match &o.fact {
        Fact::Blob(Blob { blob: BlobKind::Config, platform, .. }) => Some(platform.as_ref()),
        _ => None,
    });
    match configured {
        Some(Some(is)) if matches(wanted, is) => encrypted(top, format!("the image is for {is}")),
        Some(Some(is)) => Answer::new(
            Status::Warn,
            format!("the image is for {is} alone: it is pulled, and does not start on {wanted}"),
        )
        .allows(&[cause_of(mismatch(wanted, std::iter::once(is)))])
        .saw("read the image's configuration", is.to_string()),
        Some(None) | None => {
            Answer::new(Status::NotApplicable, "the image has no index: it is pulled whatever it is for")
        }
    }
}

fn encrypted(manifest: &Manifest, message: String) -> Answer {
    let layers = match &manifest.content {
        Some(ManifestKind::Image { layers, .. }) => layers.as_slice(),
        _ => &[],
    };
    match layers.iter().find(|l| l.media_type.as_str().ends_with("+encrypted")) {
        Some(layer) => Answer::new(
            Status::Warn,
            format!("{message}; its layers are encrypted ({}): a node needs their key", layer.media_type),
        )
        .allows(&[ImageEncryptedNoKey]),
        None => Answer::pass(message),
    }
}
