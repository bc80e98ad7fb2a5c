//! Words that say what is wrong whatever is around them: of registries, sign-in services, kubelets and their runtimes.

mod nodes;
mod others;

use super::candidates::Facts;
use super::form::Form;
use super::said::Phase;
use crate::causes::*;

/// Words that stand together, and what they mean.
type Rows = &'static [(&'static [&'static str], &'static [CauseId])];

/// What may still be wrong with an image when the pull is over.
pub(super) const AFTER_PULL: &[CauseId] = &[
    ContentStoreBlobMissing,
    SnapshotStateCorrupt,
    SnapshotterMountFailed,
    ImageGarbageCollected,
    ArtifactStreamingMountFailed,
    LayerUnpackFailed,
    UserNamespaceIdRange,
    NodeDiskFull,
    ReadOnlyFilesystem,
    ImageEncryptedNoKey,
    ImageVolumeMountFailed,
    PlatformMismatchWindowsVersion,
];

/// What the words say that go before everything else.
pub(super) fn early(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    let said = |form: &Form<'_>| row(others::WORDS, &form.text).or_else(|| row(nodes::WORDS, &form.own));
    said(facts.form).or_else(|| {
        // A credential that was refused is worth more than that nobody is let in.
        let refusals = facts.message.attempts.iter().filter(|form| form.is_refusal());
        refusals.filter(|_| facts.form.is_refusal()).find_map(said)
    })
}

/// What the words say where nothing else does.
pub(super) fn late(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    const JSON: &[&str] = &["unexpected end of json input", "cannot unmarshal", "looking for beginning of"];
    if facts.says_any(JSON) && !facts.says("invalid character '<'") {
        // What the kubelet reads itself is a pull secret; what a runtime reads came from the registry.
        let is_kubelets = facts.form.phase == Phase::Unknown && facts.form.image.is_none();
        return Some(if is_kubelets {
            vec![PullSecretMalformed]
        } else {
            vec![MirrorReturnsHtml, LayerDigestMismatch, ArtifactNotAnImage]
        });
    }
    row(nodes::LATE, facts.text)
}

fn row(table: Rows, text: &str) -> Option<Vec<CauseId>> {
    let (_, causes) = table.iter().find(|(words, _)| words.iter().all(|word| text.contains(word)))?;
    Some(causes.to_vec())
}
