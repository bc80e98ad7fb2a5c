//! What Azure's settings leave of a failure's candidates.
//!
//! A setting makes no failure: it decides between the causes of one that was seen. What it says of an identity counts for
//! whoever pulls with that identity alone; what it says of the registry counts for everybody.

use probes::vantage::Vantage;

use super::{diagnosed, signed_in};
use crate::case::Case;
use crate::causes::CauseId;
use crate::checks::registry_rules::of_refused;
use crate::claim::Claim;
use crate::judge::Judged;
use crate::report::{Diagnosis, Says, Stance, Status, Verdict, VerdictStatus};

/// The checks that speak of the kubelets' identity.
const OF_IDENTITY: [&str; 2] = ["acrpull-role", "kubelet-identity"];

/// Whether a finding is of Azure's settings.
pub(super) fn is_azures(judged: &Judged) -> bool {
    judged.finding.vantage == Vantage::Azure
}

/// Makes warnings of settings that forbid what the claim is not about, or what was seen to work.
pub fn soften_azures(verdict: &Verdict, judged: &mut [Judged]) {
    let why = match (verdict.claim, verdict.status) {
        (Claim::NodeReaches | Claim::PartOfNodeReaches, VerdictStatus::Healthy) => {
            "the registry answers this node all the same"
        }
        (Claim::NodeReaches | Claim::PartOfNodeReaches, _) => return,
        _ => "that is of a cluster's nodes and not of this workstation",
    };
    for one in judged.iter_mut().filter(|j| is_azures(j) && j.finding.status == Status::Fail) {
        one.soften(why);
    }
}

/// The diagnoses with the candidates that the settings leave.
pub(super) fn narrowed(case: &Case, judged: &[Judged], diagnoses: Vec<Diagnosis>) -> Vec<Diagnosis> {
    if case.azure.is_none() {
        return diagnoses;
    }
    diagnoses.into_iter().map(|diagnosis| one(case, judged, diagnosis)).collect()
}

fn one(case: &Case, judged: &[Judged], diagnosis: Diagnosis) -> Diagnosis {
    let is_its = |j: &&Judged| {
        j.finding.check == diagnosis.check
            && diagnosis.vantages.contains(&j.finding.vantage)
            && j.finding.credential == diagnosis.credential
    };
    let Some(shown) = judged.iter().find(is_its) else { return diagnosis };
    let says = says(case, judged, shown);
    let left = left(&diagnosis.candidates, &says);
    if left == diagnosis.candidates {
        return diagnosis;
    }
    let new = diagnosed(case, shown, left);
    Diagnosis { vantages: diagnosis.vantages, nodes: diagnosis.nodes, message: diagnosis.message, ..new }
}

/// The candidates that are left: one that is confirmed, else those that are not refuted, else all.
fn left(candidates: &[CauseId], says: &[Says]) -> Vec<CauseId> {
    let said = |cause: CauseId, stance: Stance| says.iter().any(|s| s.cause == cause && s.stance == stance);
    if let Some(confirmed) =
        says.iter().find(|s| s.stance == Stance::Confirms && candidates.contains(&s.cause))
    {
        return vec![confirmed.cause];
    }
    let mut left: Vec<CauseId> =
        candidates.iter().copied().filter(|cause| !said(*cause, Stance::Refutes)).collect();
    // Stable: first what a setting makes likely.
    left.sort_by_key(|cause| !said(*cause, Stance::Allows));
    if left.is_empty() { candidates.to_vec() } else { left }
}

/// What the settings say to whom failed here.
fn says(case: &Case, judged: &[Judged], shown: &Judged) -> Vec<Says> {
    let identity = with_identity(case, shown);
    let counts = |j: &&Judged| is_azures(j) && (identity || !OF_IDENTITY.contains(&j.finding.check));
    let mut all: Vec<Says> = judged.iter().filter(counts).flat_map(|j| j.finding.says.clone()).collect();
    let refused = shown.at.client_ip.as_deref().and_then(|address| address.parse().ok());
    let registry = case.azure.as_ref().and_then(|azure| azure.registry.as_ref());
    if let (Some(registry), Some(address)) = (registry, refused) {
        all.extend(of_refused(registry, address));
    }
    all
}

/// Whether a failure may be one of the identity that Azure was asked about: a kubelet's, or that of a node whose token does
/// not name another one.
fn with_identity(case: &Case, shown: &Judged) -> bool {
    let asked = case.azure.as_ref().and_then(|azure| azure.grants.as_ref()?.principal.as_ref());
    match &shown.finding.vantage {
        Vantage::Kubelet(_) => true,
        Vantage::Node(_) => {
            let token = signed_in(case).and_then(|identity| identity.claims.as_ref()?.object_id.as_ref());
            token.zip(asked).is_none_or(|(token, asked)| token.as_str().eq_ignore_ascii_case(asked.as_str()))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
