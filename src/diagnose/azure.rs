//! What Azure's settings leave of a failure's candidates.
//!
//! A setting makes no failure: it decides between the causes of one that was seen. What it says of an identity counts for
//! whoever pulls with that identity alone; what it says of the registry counts for everybody.

mod kin;

use std::net::IpAddr;

use probes::cloud::acr_host;
use probes::observation::{Fact, IdentityAsked};
use probes::vantage::Vantage;

use super::kubelet::{any_is, kubelet_of};
use super::{diagnosed, signed_in};
use crate::case::Case;
use crate::case::azure::{Azure, is_same_id};
use crate::causes::{
    self, AcrAbacConditionExcludesRepo, CauseId, Decider, ImdsUnreachable, KubeletIdentityDetachedFromVmss,
    NodeAzureJsonIdentityMisconfigured, PrivateImageNoCredentials, PublisherRegistryNotAnonymous,
    RegistryPermissionMissing, ScopeMapTokenLacksRepo,
};
use crate::checks;
use crate::checks::registry_rules::of_refused;
use crate::claim::Claim;
use crate::judge::Judged;
use crate::report::{Diagnosis, Says, Stance, Status, Verdict, VerdictStatus};

pub use kin::seen_as;
pub(super) use kin::user;

/// The checks that speak of the kubelets' identity, each with those whose failures that explains: a role matters only to who
/// has a token.
const OF_IDENTITY: [(&str, &[&str]); 2] = [
    ("acrpull-role", &["exchange", "token", "manifest", "platform", "blob", "kubelet-pull"]),
    ("kubelet-identity", &["identity", "kubelet-pull"]),
];

/// The checks whose words depend on who failed and of what.
const OF_FAILURE: [&str; 2] = ["registry-user", "cache-rule"];
/// What a client's own right is missing by, which a token that grants the pull refutes.
const OF_RIGHTS: [CauseId; 5] = [
    RegistryPermissionMissing,
    ScopeMapTokenLacksRepo,
    AcrAbacConditionExcludesRepo,
    PrivateImageNoCredentials,
    PublisherRegistryNotAnonymous,
];

/// Whether a check of Azure's settings may say where something comes from that was seen.
pub fn may_explain(check: &str, seen: CauseId) -> bool {
    let narrower = |cause: &CauseId| seen_as(*cause).contains(&seen);
    OF_FAILURE.contains(&check)
        && checks::find(check).is_some_and(|check| check.speaks_of().iter().any(narrower))
}

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
    let Some(azure) = &case.azure else { return diagnoses };
    diagnoses.into_iter().map(|diagnosis| one(case, azure, judged, diagnosis)).collect()
}

fn one(case: &Case, azure: &Azure, judged: &[Judged], diagnosis: Diagnosis) -> Diagnosis {
    let is_its = |j: &&Judged| {
        j.finding.check == diagnosis.check
            && diagnosis.vantages.contains(&j.finding.vantage)
            && j.finding.credential == diagnosis.credential
    };
    let Some(shown) = judged.iter().find(is_its) else { return diagnosis };
    let refused: Option<IpAddr> = shown.at.client_ip.as_deref().and_then(|address| address.parse().ok());
    let mut says = says(case, azure, judged, shown);
    if let (Some(registry), Some(address)) = (&azure.registry, refused) {
        let subnets = azure.cluster.as_ref().and_then(|cluster| cluster.subnets.as_deref());
        let Some(more) = of_refused(registry, subnets, address) else { return diagnosis };
        says.extend(more);
    }
    // Of a registry that the image is not in, nothing that follows says anything.
    let own = azure.registry.as_ref().filter(|_| acr_host(case.target.host()).is_some());
    says.extend(own.into_iter().flat_map(|own| kin::says(case, own, shown, &diagnosis.candidates)));
    let candidates = match own {
        Some(_) => kin::widened(&diagnosis.candidates, &says),
        None => diagnosis.candidates.clone(),
    };
    let explained = says.iter().any(|s| s.stance != Stance::Refutes && candidates.contains(&s.cause));
    if explained && shown.finding.check != "token" && kin::granted(case, shown) == Some(true) {
        says.extend(OF_RIGHTS.map(|cause| Says { cause, stance: Stance::Refutes }));
    }
    let left = match misspelt(case, azure, shown) {
        true => vec![NodeAzureJsonIdentityMisconfigured],
        false => left(&candidates, &says),
    };
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
        // What was waited for so long is a fault of its own.
        let waited = candidates.first().filter(|first| **first == ImdsUnreachable);
        return waited.copied().into_iter().chain([confirmed.cause]).collect();
    }
    let mut left: Vec<CauseId> =
        candidates.iter().copied().filter(|cause| !said(*cause, Stance::Refutes)).collect();
    // Stable: first what a setting makes likely.
    left.sort_by_key(|cause| !said(*cause, Stance::Allows));
    // That nothing else is left proves no cause that settings alone decide, unless they speak for it.
    let unproven = |cause: &CauseId| {
        causes::find(cause.as_str()).is_some_and(|known| known.decided_by == [Decider::Azure])
            && !said(*cause, Stance::Allows)
    };
    match left.as_slice() {
        [] => candidates.to_vec(),
        [one] if candidates.len() > 1 && unproven(one) => candidates.to_vec(),
        _ => left,
    }
}

/// What the settings say to whom failed here.
fn says(case: &Case, azure: &Azure, judged: &[Judged], shown: &Judged) -> Vec<Says> {
    let identity = with_identity(case, azure, shown);
    // A secret that is refused and one that has no role are told by the same words.
    let has_secret = azure.cluster.as_ref().is_some_and(|cluster| cluster.service_principal.is_some());
    let of_identity = |j: &Judged| OF_IDENTITY.iter().find(|(check, _)| *check == j.finding.check);
    let counts = |j: &&Judged| {
        let explains = |(_, failed): &(&str, &[&str])| identity && failed.contains(&shown.finding.check);
        let own = !OF_FAILURE.contains(&j.finding.check);
        is_azures(j) && own && of_identity(j).is_none_or(explains)
    };
    let at_kubelet = matches!(shown.finding.vantage, Vantage::Kubelet(_));
    // Who pulls elsewhere with the same identity is not kept from it by what it lacks.
    let weak = at_kubelet && (has_secret || any_is(judged, Status::Pass));
    let weaker = |j: &Judged, says: &Says| match says.stance {
        Stance::Confirms if says.cause == KubeletIdentityDetachedFromVmss => {
            of_pool(case, azure, shown, says)
        }
        Stance::Confirms if weak && of_identity(j).is_some() => Says { stance: Stance::Allows, ..*says },
        _ => *says,
    };
    let counting = judged.iter().filter(counts);
    counting.flat_map(|j| j.finding.says.iter().map(move |says| weaker(j, says))).collect()
}

/// The same of the pool of the node that failed, where scale sets tell their pools: others have identities of their own.
fn of_pool(case: &Case, azure: &Azure, shown: &Judged, says: &Says) -> Says {
    let kubelet = azure.cluster.as_ref().and_then(|cluster| cluster.kubelet.as_ref());
    let wanted = kubelet.and_then(|kubelet| kubelet.resource_id.as_ref());
    let pull = kubelet_of(shown).and_then(|name| case.pulls().find(|pull| pull.is_on(name)));
    let pool = pull.and_then(|pull| pull.node.as_ref()?.pool.as_deref());
    let (Some(wanted), Some(pool)) = (wanted, pool) else { return *says };
    let sets = azure.scale_sets.as_deref().unwrap_or_default();
    let own = sets.iter().find(|set| set.pool.as_ref().is_some_and(|own| own.as_str() == pool));
    match own.map(|own| own.has(wanted)) {
        Some(Some(true)) => Says { stance: Stance::Refutes, ..*says },
        Some(Some(false)) => *says,
        // Not told of this pool: what all lack it lacks, too.
        _ if sets.iter().all(|set| set.has(wanted) == Some(false)) => *says,
        _ => Says { stance: Stance::Allows, ..*says },
    }
}

/// Whether the cluster that was read is another one than the node's, whose file names the group of its nodes.
fn is_foreign(case: &Case, azure: &Azure) -> bool {
    let group = azure.cluster.as_ref().and_then(|cluster| cluster.node_resource_group.as_ref());
    let own = case.observations().filter_map(|o| match &o.fact {
        Fact::NodeFiles(files) => files.azure_json.resource_group.as_ref(),
        _ => None,
    });
    own.zip(group).any(|(own, group)| !is_same_id(own, group))
}

/// Whether the node's file names another identity than the cluster's, and the metadata service has none of that id.
fn misspelt(case: &Case, azure: &Azure, shown: &Judged) -> bool {
    let profile = azure.cluster.as_ref().and_then(|cluster| cluster.kubelet.as_ref()?.client_id.as_ref());
    let named = signed_in(case).and_then(|identity| match &identity.asked_for {
        IdentityAsked::ClientId { id } => Some(id),
        _ => None,
    });
    let detached = shown.finding.says.iter().any(|s| s.cause == KubeletIdentityDetachedFromVmss);
    shown.finding.check == "identity"
        && detached
        && !is_foreign(case, azure)
        && named.zip(profile).is_some_and(|(named, own)| !is_same_id(named, own))
}

/// Whether a failure may be one of the identity that Azure was asked about: a kubelet's, or that of a node whose token does
/// not name another one.
fn with_identity(case: &Case, azure: &Azure, shown: &Judged) -> bool {
    let asked = azure.grants.as_ref().and_then(|grants| grants.principal.as_ref());
    match &shown.finding.vantage {
        // A pull secret that the pod names goes before the kubelet's own.
        Vantage::Kubelet(name) => !case.pulls().any(|pull| pull.is_on(name) && !pull.secrets.is_empty()),
        Vantage::Node(_) if is_foreign(case, azure) => false,
        Vantage::Node(_) => {
            let token = signed_in(case).and_then(|identity| identity.claims.as_ref()?.object_id.as_ref());
            token.zip(asked).is_none_or(|(token, asked)| is_same_id(token, asked))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
