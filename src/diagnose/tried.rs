//! How far each credential got, and which one speaks for the verdict.
//!
//! One credential that works is enough, as it is for the kubelet, which tries them in turn. Where none works, the one
//! that got furthest tells what stands in the way: what an earlier one failed of is not what is missing.

use crate::case::Case;
use crate::causes::{PrivateImageNoCredentials, PullSecretMalformed};
use crate::checks;
use crate::diagnose::azure::granted;
use crate::judge::Judged;
use crate::report::Status;

/// What became of one credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All that the claim requires of it was seen to hold.
    Holds,
    /// Something was seen not to.
    Failed,
    /// Something is not known.
    Open,
}

/// One credential that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tried {
    /// Its name, as findings carry it.
    pub(super) name: String,
    /// What became of it.
    pub(super) outcome: Outcome,
    /// How many of the required checks it had passed before the first that failed.
    reached: usize,
    /// Whether its failure is only that it is nobody.
    is_nobody: bool,
}

/// What became of each credential that counts, in the order in which they are tried.
pub(super) fn tried(case: &Case, judged: &[Judged], required: &[&str]) -> Vec<Tried> {
    let advice = case.claim.may_refute();
    let per_credential: Vec<&str> = advice
        .iter()
        .chain(required)
        .copied()
        .filter(|id| checks::find(id).is_some_and(|c| c.per_credential))
        .collect();
    // A secret that cannot be read ends the kubelet's pull before any credential is tried.
    let spoils = |j: &Judged| {
        j.finding.status == Status::Fail && j.finding.says.iter().any(|s| s.cause == PullSecretMalformed)
    };
    let spoiling = judged.iter().find(|j| j.finding.check == "pull-secret" && spoils(j));
    let unread = |j: &Judged| !j.answered && j.finding.status == Status::Unknown;
    let may_be_spoilt = judged.iter().any(|j| j.finding.check == "pull-secret" && unread(j));
    let only = spoiling.and_then(|j| j.finding.credential.as_deref());
    // Of a registry alone only a sign-in can be asked about.
    let signs_in = case.target.is_registry() && case.tried().iter().any(|c| !c.is_anonymous());
    case.tried()
        .iter()
        .filter(|credential| !(signs_in && credential.is_anonymous()))
        .filter(|credential| only.is_none_or(|only| credential.to_string() == only))
        .filter_map(|credential| {
            let name = credential.to_string();
            let own: Vec<&Judged> =
                judged.iter().filter(|j| j.finding.credential.as_deref() == Some(&name)).collect();
            if own.iter().any(|j| j.beside) {
                return None;
            }
            let of = |id: &&&str| own.iter().find(|j| j.finding.check == **id).copied();
            let failed = per_credential
                .iter()
                .position(|id| of(&id).is_some_and(|j| j.finding.status == Status::Fail));
            // What was looked for and is not there need not be known; what nobody has looked for must.
            let seen = |id: &&&str| of(id).is_some_and(|j| j.answered);
            let needed = per_credential.iter().filter(|id| !advice.contains(id) || !seen(id));
            let statuses: Vec<Status> = needed.filter_map(|id| of(&id)).map(|j| j.finding.status).collect();
            let holds = |status: &Status| matches!(status, Status::Pass | Status::Warn);
            let moot = |status: &Status| *status == Status::NotApplicable;
            let outcome = if failed.is_some() {
                Outcome::Failed
            } else if !may_be_spoilt
                && statuses.iter().all(|s| holds(s) || moot(s))
                && (statuses.iter().any(holds) || case.target.is_registry())
            {
                Outcome::Holds
            } else {
                Outcome::Open
            };
            // Whom the token service lets pull is not refused for being nobody.
            let granted = own.first().and_then(|j| granted(case, j)) == Some(true);
            let is_nobody = credential.is_anonymous()
                && !granted
                && failed.and_then(|at| per_credential.get(at)).is_some_and(|id| {
                    let refused =
                        |j: &Judged| j.finding.says.iter().any(|s| s.cause == PrivateImageNoCredentials);
                    *id == "token" || of(&id).is_some_and(refused)
                });
            Some(Tried { name, outcome, reached: failed.unwrap_or(per_credential.len()), is_nobody })
        })
        .collect()
}

/// The credential that speaks for the verdict: the first that works, else the first that is not known to fail, else the
/// one that got furthest.
pub(super) fn leading(tried: &[Tried]) -> Option<&Tried> {
    let first = |outcome: Outcome| tried.iter().find(|t| t.outcome == outcome);
    first(Outcome::Holds).or_else(|| first(Outcome::Open)).or_else(|| {
        let somebody = tried.iter().any(|t| !t.is_nobody);
        // The first of those that got equally far.
        tried.iter().filter(|t| !(somebody && t.is_nobody)).rev().max_by_key(|t| t.reached)
    })
}

/// The credential that the answer names. Where what all share has failed, how far the `leading` one got says nothing of
/// it, and the first that would be tried is the one that the reader knows.
pub(super) fn named<'a>(tried: &'a [Tried], shared_failed: bool, leading: &'a str) -> &'a str {
    let first = tried.first().filter(|_| shared_failed && tried.iter().all(|t| t.outcome != Outcome::Holds));
    first.map_or(leading, |t| &t.name)
}

/// Whether what a credential failed of is worth telling: that nobody is refused says nothing beside somebody's failure.
pub(super) fn is_told(tried: &[Tried], name: &str) -> bool {
    let somebody = tried.iter().any(|t| !t.is_nobody);
    tried.iter().any(|t| t.name == name && !(somebody && t.is_nobody))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, outcome: Outcome, reached: usize, is_nobody: bool) -> Tried {
        Tried { name: name.to_owned(), outcome, reached, is_nobody }
    }

    #[test]
    fn the_credential_that_got_furthest_speaks() {
        use Outcome::{Failed, Holds, Open};
        let secret = |outcome, reached| one("secret", outcome, reached, false);
        let node = |outcome, reached| one("node", outcome, reached, false);
        let nobody = |outcome, reached, refused| one("anonymous", outcome, reached, refused);
        for (tried, expected) in [
            // One that works is enough, wherever it stands.
            (vec![secret(Failed, 3), node(Holds, 9), nobody(Failed, 3, true)], "node"),
            (vec![secret(Failed, 3), node(Failed, 1), nobody(Holds, 9, false)], "anonymous"),
            // One that is not known to fail keeps the answer open.
            (vec![secret(Failed, 5), node(Open, 9)], "node"),
            // Else the furthest, and of equals the first.
            (vec![secret(Failed, 3), node(Failed, 4)], "node"),
            (vec![secret(Failed, 3), node(Failed, 3)], "secret"),
            // That nobody is refused says nothing beside somebody.
            (vec![node(Failed, 1), nobody(Failed, 3, true)], "node"),
            (vec![node(Failed, 1), nobody(Failed, 4, false)], "anonymous"),
            (vec![nobody(Failed, 3, true)], "anonymous"),
        ] {
            assert_eq!(leading(&tried).map(|t| t.name.as_str()), Some(expected), "{tried:?}");
        }
        let both = [node(Failed, 1), nobody(Failed, 3, true)];
        assert!(is_told(&both, "node") && !is_told(&both, "anonymous") && !is_told(&both, "another"));
    }
}
