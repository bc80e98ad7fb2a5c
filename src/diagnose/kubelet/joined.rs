//! What a kubelet's words leave of causes, joined with what was seen from elsewhere.

use probes::observation::Platform;
use probes::vantage::Vantage;

use super::kubelet_of;
use super::local::{Local, without_operators};
use crate::case::pull::Pull;
use crate::case::{Case, Round};
use crate::causes::{
    self, AcrQuarantine, BadCredentialOnPublicImage, CauseId, Lasting, Place, PullSecretBadCredentials,
    RegistryMirrorMisconfigured, RegistryPermissionMissing,
};
use crate::checks::{self, CATALOGUE};
use crate::claim::Claim;
use crate::diagnose::{diagnose, verdict};
use crate::judge::{Judged, findings};
use crate::kubelet::{self, Outcome};
use crate::report::{Stance, Verdict, VerdictStatus};

/// The layers of which a registry says the same from one moment to the next.
const STEADY: [&str; 4] = ["token-service", "image-reference", "manifest-tag-digest", "platform"];

/// The causes that a kubelet's words and what was seen from elsewhere leave.
pub(super) fn left(
    case: &Case,
    round: &Round,
    judged: &Judged,
    (pull, locals): (Option<&Pull>, &[Local]),
) -> Vec<CauseId> {
    let finding = &judged.finding;
    let Some(name) = kubelet_of(judged) else { return Vec::new() };
    let said = |stance: Stance| -> Vec<CauseId> {
        finding.says.iter().filter(|s| s.stance == stance).map(|s| s.cause).collect()
    };
    if let Some(typed) = said(Stance::Confirms).first() {
        return vec![*typed];
    }
    let mut left = said(Stance::Allows);
    let near = |l: &&Local| l.node() == Some(name);
    let far = |l: &&Local| l.vantage == Vantage::Workstation;
    if let Some(node) = locals.iter().find(near) {
        left = without_passed(joined(&left, &node.verdict, true), node);
    }
    if left.len() != 1
        && let Some(workstation) = locals.iter().find(far)
    {
        let verdict = for_node(case, round, pull).unwrap_or_else(|| workstation.verdict.clone());
        left = joined(&left, &verdict, false);
    }
    without_right(as_nobody(left, locals), pull, locals)
}

/// The same where a registry that asks for a user and a password answered 401: that is its word for one that it does not know, and
/// 403 for one without the right (RFC 9110, 15.5.2 and 15.5.4).
fn without_right(mut left: Vec<CauseId>, pull: Option<&Pull>, locals: &[Local]) -> Vec<CauseId> {
    let status = pull.and_then(|pull| match kubelet::outcome(&pull.words) {
        Outcome::Failed(word) => kubelet::read(word.message.as_str()).deciding()?.status,
        _ => None,
    });
    let asks = locals.iter().any(|local| local.basic);
    if asks && status == Some(401) && left.contains(&PullSecretBadCredentials) {
        left.retain(|cause| *cause != RegistryPermissionMissing);
    }
    left
}

/// The same with what nobody was given, from wherever it was asked: an image that anybody may pull is spoiled by a credential, and
/// one that nobody may pull is not.
fn as_nobody(mut left: Vec<CauseId>, locals: &[Local]) -> Vec<CauseId> {
    let public = locals.iter().find_map(|local| local.public);
    // What is in quarantine is shown to nobody.
    if public == Some(true) && left.iter().any(|cause| *cause != AcrQuarantine) {
        left.retain(|cause| *cause != AcrQuarantine);
    }
    if left.contains(&PullSecretBadCredentials) && left.contains(&BadCredentialOnPublicImage) {
        match public {
            Some(true) => left.retain(|cause| *cause != PullSecretBadCredentials),
            Some(false) => left.retain(|cause| *cause != BadCredentialOnPublicImage),
            None => {}
        }
    }
    left
}

/// The same without what every check that speaks of it has seen to be well at the kubelet's own node, of what a registry does
/// not say otherwise a moment later.
fn without_passed(left: Vec<CauseId>, node: &Local) -> Vec<CauseId> {
    let steady = |id: &CauseId| {
        causes::find(id.as_str())
            .is_some_and(|cause| STEADY.contains(&cause.layer) && cause.lasting == Lasting::Permanent)
    };
    let well = |cause: &CauseId| {
        let speaking = CATALOGUE
            .iter()
            .filter(|check| check.at.contains(&checks::Place::Node) && check.speaks_of().contains(cause));
        // What a registry shows to everybody needs no credential to be seen.
        let shown = |check: &&checks::Check| !check.per_credential && node.passed.contains(&check.id);
        let well = |check: &checks::Check| match speaking.clone().any(|check| shown(&check)) {
            true => !node.failed.contains(&check.id),
            false => node.passed.contains(&check.id) || node.no_part.contains(&check.id),
        };
        steady(cause)
            && speaking.clone().any(|check| node.passed.contains(&check.id))
            && speaking.clone().all(well)
    };
    let still: Vec<CauseId> = left.iter().copied().filter(|cause| !well(cause)).collect();
    if still.is_empty() { left } else { still }
}

/// Whether two platforms are one as far as nodes tell: they name no variant.
pub(super) fn is_same(a: &Platform, b: &Platform) -> bool {
    a.os == b.os && a.architecture == b.architecture
}

/// What a workstation saw of an image, read for the platform of a node; `None` where it was read for that one anyway.
fn for_node(case: &Case, round: &Round, pull: Option<&Pull>) -> Option<Verdict> {
    let platform = pull?.node.as_ref()?.platform.clone()?;
    if is_same(&platform, &case.platform) {
        return None;
    }
    let survey = round.surveys.iter().find(|survey| survey.vantage == Vantage::Workstation)?;
    let round = Round { surveys: vec![survey.clone()], pulls: Vec::new(), probes: Vec::new() };
    let case = Case { claim: Claim::WorkstationPulls, platform, ..case.clone() };
    let judged = findings(&case, &round);
    Some(without_operators(&case, verdict(&case, &judged, diagnose(&case, &judged))))
}

/// What a kubelet's words leave open, with what another place saw.
fn joined(words: &[CauseId], seen: &Verdict, same_place: bool) -> Vec<CauseId> {
    let decides = |c: &CauseId| same_place || is_anywhere(*c);
    let unhealthy = seen.status == VerdictStatus::Unhealthy;
    if seen.status == VerdictStatus::Healthy {
        // What is the same from everywhere and was seen to be well is not it.
        let left: Vec<CauseId> = words.iter().copied().filter(|c| !is_refuted(*c, same_place)).collect();
        return if left.is_empty() { words.to_vec() } else { left };
    }
    let Some(first) = seen.diagnoses.first().filter(|_| unhealthy) else { return words.to_vec() };
    let mut both: Vec<CauseId> = first.candidates.iter().copied().filter(|c| words.contains(c)).collect();
    if same_place {
        // What no place sees, but only the cluster's objects tell, is as open as before where no more than its like was seen.
        let of_objects =
            |c: &CauseId| first.candidates.iter().any(|seen| is_told(*seen) && is_like(*seen, *c));
        both.extend(words.iter().filter(|c| !first.candidates.contains(c) && is_told(**c) && of_objects(c)));
    }
    match first.candidates.as_slice() {
        // Both saw it.
        _ if both.len() == 1 && first.candidates.len() == 1 => both,
        [one]
            if both.len() < 2
                && decides(one)
                && (words.is_empty() || same_place && words.len() > 1 || akin(*one, words)) =>
        {
            vec![*one]
        }
        several if words.is_empty() && same_place => several.to_vec(),
        // The same credential at the same place got to see more than the words tell.
        several if same_place && both.is_empty() && several.iter().all(|c| near(*c, words)) => {
            several.to_vec()
        }
        // One in common is no proof, where the nearer one leaves more that looks like the words.
        several
            if same_place
                && both.len() == 1
                && words.len() > 1
                && several.iter().all(|c| words.contains(c) || near(*c, words)) =>
        {
            several.to_vec()
        }
        _ if !both.is_empty() && same_place => both,
        // Who met the same elsewhere and saw more: what is wrong with the image itself would have been left open there too.
        several if both.len() == several.len() && dropped(words, &both).all(is_needless) => both,
        // What another place leaves open, with another credential, decides nothing.
        _ => words.to_vec(),
    }
}

/// Whether a cause is none where the registry itself was seen to fail: one of the image, which was left open there, or of a
/// mirror's.
fn is_needless(id: CauseId) -> bool {
    is_refuted(id, false) || id == RegistryMirrorMisconfigured
}

/// The words' causes that another place does not leave.
fn dropped(words: &[CauseId], both: &[CauseId]) -> impl Iterator<Item = CauseId> {
    words.iter().copied().filter(|c| !both.contains(c))
}

pub(super) fn is_anywhere(id: CauseId) -> bool {
    causes::find(id.as_str()).is_some_and(|cause| cause.place == Place::Anywhere)
}

/// Whether a look that found all well refutes a cause: those of the image itself, which no credential changes.
fn is_refuted(id: CauseId, same_place: bool) -> bool {
    const OF_THE_IMAGE: [&str; 4] =
        ["image-reference", "manifest-tag-digest", "platform", "blob-data-endpoint"];
    causes::find(id.as_str()).is_some_and(|cause| {
        cause.decided_by.contains(&causes::Decider::Path)
            && (same_place || cause.place == Place::Anywhere && OF_THE_IMAGE.contains(&cause.layer))
    })
}

/// Whether a cause looks like all of those that the words allow.
fn akin(id: CauseId, words: &[CauseId]) -> bool {
    words.iter().all(|word| *word == id || is_like(id, *word))
}

/// Whether it looks like one of them.
fn near(id: CauseId, words: &[CauseId]) -> bool {
    words.iter().any(|word| is_like(id, *word))
}

/// Whether only the cluster's objects tell a cause.
fn is_told(id: CauseId) -> bool {
    causes::find(id.as_str()).is_some_and(|cause| cause.decided_by == [causes::Decider::Cluster])
}

fn is_like(a: CauseId, b: CauseId) -> bool {
    let names = |a: CauseId, b: CauseId| {
        causes::find(a.as_str()).is_some_and(|cause| cause.alike.contains(&b.as_str()))
    };
    names(a, b) || names(b, a)
}
