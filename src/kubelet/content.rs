//! What came, and what the node made of it: manifests, platforms, bytes, layers, snapshots.

use super::candidates::Facts;
use super::said::Phase;
use crate::causes::{
    ArtifactNotAnImage, BlobMissingInRegistry, CauseId, ConnectionReset, ContentIngestLocked,
    ContentStoreBlobMissing, ImageGarbageCollected, LayerDigestMismatch, LayerUnpackFailed,
    ManifestSchema1Unsupported, MirrorReturnsHtml, PlatformMismatchArch, PlatformMismatchOs,
    PlatformMismatchWindowsVersion, SnapshotStateCorrupt, SnapshotterMountFailed, UserNamespaceIdRange,
};

/// The causes, if it is about what came.
pub(super) fn causes(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    // What a registry said of something is an answer.
    facts.form.registry_words().is_none().then_some(())?;
    platform(facts)
        .or_else(|| manifest(facts))
        .or_else(|| bytes(facts))
        .or_else(|| store(facts))
        .or_else(|| unpack(facts))
}

fn platform(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    const NONE_FITS: &[&str] = &[
        "no match for platform in manifest",
        "no matching manifest for ",
        "no image found in manifest list for architecture",
        "no image found in image index for architecture",
        "no child with platform",
        "does not match the specified platform",
        "does not provide the specified platform",
    ];
    if facts.says_any(&["a windows version", "windows version", "hcsshim"])
        && facts.says_any(&["incompatible", "does not match"])
    {
        return Some(vec![PlatformMismatchWindowsVersion]);
    }
    if facts.says("container operating system does not match") {
        return Some(vec![PlatformMismatchWindowsVersion]);
    }
    if facts.says_any(&[
        "image operating system",
        "cannot be used on this platform",
        "cannot download image with operating system",
    ]) {
        return Some(vec![PlatformMismatchOs]);
    }
    if !facts.says_any(NONE_FITS) {
        return None;
    }
    // Docker names what it looked for; containerd does not, nor does a Windows node of another build.
    Some(
        if facts.says_any(&["windows/", "for unknown in the manifest list", "os \"windows\"", "os windows"]) {
            vec![PlatformMismatchWindowsVersion, PlatformMismatchOs]
        } else {
            vec![PlatformMismatchArch, PlatformMismatchOs]
        },
    )
}

fn manifest(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    const NO_IMAGE: &[&str] = &[
        "mismatched image rootfs and manifest layers",
        "unknown rootfs type",
        "unsupported rootfs",
        "no processor for media-type",
        "unsupported image-specific operation on artifact",
        "unsupported media type",
        "unsupported mediatype",
        "unsupported config media type",
        "unexpected media type",
        "encountered unknown type",
        "encountered remote ",
        "media-type: expected ",
        "is not an image",
        "invalid rootfs",
        "diffids don't match",
        "layers from manifest don't match",
        "rejecting ambiguous manifest",
        "unmarshal image config",
        "failed to get image config",
        "artifact cannot be",
        "invalid mixed oci image",
    ];
    if facts.text.trim() == "no signatures" || facts.says("no signatures found") {
        // What containerd 1.x says of a manifest of schema 1 with a broken signature, before it converts it.
        return Some(vec![ManifestSchema1Unsupported]);
    }
    if facts.says("no processor for media-type") && facts.form.phase == Phase::Unpack {
        // A layer's compression that the runtime does not know yet, or something that is no layer.
        let layer = ["vnd.oci.image.layer.", "vnd.docker.image.rootfs."];
        let is_layer = layer.iter().any(|kind| facts.form.lower.contains(kind));
        return Some(vec![if is_layer { LayerUnpackFailed } else { ArtifactNotAnImage }]);
    }
    if facts.says_any(NO_IMAGE) {
        return Some(if facts.says_any(&["text/", "octet-stream"]) {
            vec![MirrorReturnsHtml, ArtifactNotAnImage]
        } else {
            vec![ArtifactNotAnImage]
        });
    }
    None
}

/// Bytes that are not the ones that the digest names, or too few of them.
fn bytes(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    const OTHERS: &[&str] = &[
        "unexpected commit digest",
        "unexpected commit size",
        "failed size validation",
        "read past expected size",
        "digest did not match",
        "verification failed for digest",
        "digest mismatch",
        "does not match digest",
        "does not match expected",
        "does not match provided manifest digest",
        ", config claims ",
        "blob size mismatch",
        "wrong diff id ",
        "unexpected content size",
    ];
    if facts.says_any(OTHERS) {
        return Some(vec![LayerDigestMismatch]);
    }
    if facts.says("short read: expected ") && facts.says("bytes but got 0") {
        return Some(vec![LayerDigestMismatch]);
    }
    let short = [
        "short read: expected ",
        "failed to read expected number of bytes",
        "happened during read: unexpected eof",
    ];
    let is_cut =
        facts.says_any(&short) || (facts.form.phase != Phase::Unpack && ends(facts.text, "unexpected eof"));
    // The bytes ended: the connection was cut, or the answer was whole and too short.
    is_cut.then(|| vec![ConnectionReset, LayerDigestMismatch])
}

fn ends(text: &str, words: &str) -> bool {
    text.trim().trim_end_matches(']').ends_with(words)
}

/// What the node holds.
fn store(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    // Prefixes that were taken off tell what was not found.
    let whole = &facts.form.lower;
    let missing = ends(facts.text, "not found") || facts.says(": not found");
    if facts.says_any(&["locked: unavailable", "locked for", "failed to lock ref", "locking ref"]) {
        return Some(vec![ContentIngestLocked]);
    }
    if facts.says_any(&["content digest ", "expected at"])
        || facts.says("failed to get reader from content store")
    {
        return missing.then(|| vec![ContentStoreBlobMissing]);
    }
    let snapshots = [
        "parent snapshot",
        "failed to prepare extraction snapshot",
        "failed to stat snapshot",
        "failed to stat parent",
        "target snapshot",
        "missing parent",
        "metadata.db",
        "failed to commit snapshot",
        "snapshot does not exist",
        "layer not known",
        "layer does not exist",
        "getting image size",
        "locating item named",
        "structure needs cleaning",
        "input/output error",
    ];
    // Where docker's overlay2 keeps the short names of its own layers, and CRI-O's storage the layers.
    let of_driver = whole.contains("/overlay2/l/")
        || whole.contains("/storage/overlay") && ends(facts.text, "no such file or directory");
    if of_driver || snapshots.iter().any(|words| whole.contains(words)) {
        let is_mount = facts.says("input/output error") && whole.contains("failed to mount");
        return Some(if is_mount {
            vec![SnapshotterMountFailed, SnapshotStateCorrupt]
        } else {
            vec![SnapshotStateCorrupt]
        });
    }
    if whole.contains("failed to get image from containerd")
        || whole.contains("failed to resolve image \"")
        || whole.contains("from containerd image store")
        || facts.says_any(&["no such image", "image not known"])
    {
        return Some(vec![ImageGarbageCollected]);
    }
    if facts.form.phase == Phase::Layer && missing && facts.says("content ") {
        return Some(vec![BlobMissingInRegistry, ContentStoreBlobMissing]);
    }
    None
}

/// What unpacking meets.
fn unpack(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    let ids = [
        "insufficient uids or gids",
        "subordinate ids",
        "subuid",
        "remap",
        "cannot be mapped to a host id",
        "id mapping",
    ];
    let is_chown = facts.says_any(&["lchown", "failed to chown"])
        && facts.says_any(&["invalid argument", "operation not permitted"]);
    if is_chown || facts.says_any(&ids) {
        return Some(vec![UserNamespaceIdRange]);
    }
    let mount = [
        "failed to mount ",
        "failed to mount:",
        "error creating overlay mount",
        "snapshotter not loaded",
        "snapshotter is not",
        "no unpack platforms defined",
        "no such device",
    ];
    if facts.says_any(&mount) || facts.form.lower.contains("failed to mount /") {
        return Some(vec![SnapshotterMountFailed]);
    }
    let broken = [
        "archive/tar:",
        "gzip:",
        "invalid tar header",
        "unpigz",
        "zstd",
        "magic number mismatch",
        "processing tar file",
        "whiteout",
        "flate:",
        "corrupt input",
    ];
    (facts.form.phase == Phase::Unpack || facts.says_any(&broken)).then(|| vec![LayerUnpackFailed])
}
