//! What is not there: tags, repositories, what an index or a manifest names.

use probes::cloud::Family;

use super::super::candidates::Facts;
use super::super::said::Phase;
use crate::causes::{
    AcrManifestInconsistent, BlobMissingInRegistry, CauseId, ChildManifestPurged, DigestNotFound,
    ImageRemovedUpstream, ImplicitDockerHub, RepositoryNotFound, ShortNameResolvedToWrongRegistry,
    TagNotFound, TokenServiceError,
};

/// The causes, if something is not there.
pub(super) fn causes(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    let form = facts.form;
    if facts.says("could not fetch content descriptor ") && facts.says("not found") {
        return Some(vec![match form.phase {
            Phase::Manifest => ChildManifestPurged,
            _ => BlobMissingInRegistry,
        }]);
    }
    // The node's own store has blobs too.
    if facts.says("expected at") {
        return None;
    }
    let of_store = form.phase == Phase::Unpack;
    let in_words = ["blob unknown", "unknown blob", "blob not found"];
    if (facts.says_any(&in_words) && !of_store) || (form.status == Some(404) && super::is_fetch(facts)) {
        return Some(vec![BlobMissingInRegistry]);
    }
    if form.status == Some(404) && form.phase == Phase::Authorize {
        return Some(vec![TokenServiceError]);
    }
    let gone = form.status == Some(404) || facts.says("not found") || facts.says("manifest unknown");
    if (form.status == Some(404) && form.phase == Phase::Manifest) || (gone && is_listed(facts)) {
        // The tag was found, and what it names or lists is not there.
        return Some(match facts.family {
            Family::Acr => vec![ChildManifestPurged, AcrManifestInconsistent],
            _ => vec![ChildManifestPurged],
        });
    }
    let repository = [
        "name unknown",
        "name_unknown",
        "repository name not known",
        "repository not found",
        "project not found",
    ];
    let manifest = [
        "manifest unknown",
        "manifest_unknown",
        "failed to fetch \"",
        "no such manifest",
        "was deleted or has expired",
    ];
    let is_resolved = form.phase <= Phase::Resolve || form.code == Some("NotFound");
    // A registry that has words of its own for it, and no code.
    let is_told = |code: Option<&str>, said: &str| {
        code.is_some_and(|code| code.eq_ignore_ascii_case("unknown")) && said.ends_with("not found")
    };
    let told = is_resolved
        && matches!(form.status, None | Some(404))
        && form.registry_words().is_some_and(|(code, said)| is_told(code, said));
    // The code alone, where the rest was cut off.
    let coded = form.code == Some("NotFound") && form.phase == Phase::Resolve && form.status.is_none();
    let bare =
        is_resolved && (facts.text.trim() == "not found" || facts.text.trim().ends_with(": not found"));
    let in_store =
        facts.says_any(&["content digest", "snapshot", "content sha256", "platform", "media type", "image "]);
    if facts.says_any(&repository) {
        return Some(vec![RepositoryNotFound]);
    }
    let known = facts.says_any(&manifest)
        || (facts.says("manifest for ")
            && facts.says("not found")
            && !facts.says("no matching manifest for "));
    let bare = (bare && !in_store && form.phase != Phase::Unpack) || told || coded;
    if !known && form.status != Some(404) && !bare {
        return None;
    }
    Some(named(facts, known))
}

/// Whether a manifest was asked for by a digest that the image's name does not have: one that an index lists, or a tag names.
fn is_listed(facts: &Facts<'_>) -> bool {
    let before = ["/manifests/sha256:", "reading manifest sha256:"];
    let asked = before.iter().find_map(|before| facts.form.lower.split_once(before));
    let Some((_, asked)) = asked else { return false };
    let end = asked.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(asked.len());
    let own = facts.target.as_ref().map(|target| target.digest.as_deref().unwrap_or_default());
    own.is_some_and(|own| own.strip_prefix("sha256:") != Some(&asked[..end]))
}

/// What was named is not there.
fn named(facts: &Facts<'_>, only_manifest: bool) -> Vec<CauseId> {
    let target = facts.target.as_ref();
    let by_digest = match target {
        Some(target) => target.digest.is_some(),
        None => facts.form.url.is_some_and(|url| url.contains("/manifests/sha256:")),
    };
    let mut causes = Vec::new();
    if target.is_some_and(|target| crate::checks::manifest::moved(target).is_some()) {
        causes.push(ImageRemovedUpstream);
    }
    causes.push(if by_digest { DigestNotFound } else { TagNotFound });
    if facts.is_implied_hub() {
        causes.push(ImplicitDockerHub);
    } else if facts.implied {
        causes.push(ShortNameResolvedToWrongRegistry);
    } else if !only_manifest && !matches!(facts.family, Family::DockerHub) {
        // A registry that has the repository says so only in words.
        causes.push(RepositoryNotFound);
    }
    causes
}
