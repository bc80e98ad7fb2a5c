//! What Azure's settings leave of a failure's candidates.
//!
//! A setting makes no failure: it decides between the causes of one that was seen. What it says of an identity counts for
//! whoever pulls with that identity alone; what it says of the registry counts for everybody.

mod kin;

use std::net::IpAddr;

use probes::cloud::acr_host;
use probes::foreign::Foreign;
use probes::observation::IdentityAsked;
use probes::vantage::Vantage;

use super::kubelet::{any_is, kubelet_of};
use super::{diagnosed, signed_in};
use crate::case::Case;
use crate::case::azure::{Azure, Grants, Registry, is_same_id};
use crate::causes::{
    self, AcrAbacConditionExcludesRepo, AcrAbacModeLegacyRole, AcrIpNotAllowed, AcrPrivateDnsWrongRecord,
    AcrPullRoleMissing, AcrPullRoleOnWrongIdentity, AcrVnetRuleMissing, CauseId, Decider, DnsNxDomain,
    ImdsUnreachable, KubeletIdentityDetachedFromVmss, NodeAzureJsonIdentityMisconfigured,
    PrivateImageNoCredentials, PublisherRegistryNotAnonymous, RegistryPermissionMissing,
    ScopeMapTokenLacksRepo, ServicePrincipalNotInTenant, TcpRefused, TlsHostnameMismatch, WrongRegistryHost,
};
use crate::checks;
use crate::checks::private_endpoint::{of_dialled, seen_from};
use crate::checks::registry_rules::of_refused;
use crate::claim::Claim;
use crate::judge::Judged;
use crate::report::{Diagnosis, Says, Stance, Status, Verdict, VerdictStatus};

pub use kin::seen_as;
pub(super) use kin::{granted, user};

/// The checks that speak of the kubelets' identity, each with those whose failures that explains: a role matters only to who
/// has a token.
const OF_IDENTITY: [(&str, &[&str]); 2] = [
    ("acrpull-role", &["exchange", "token", "manifest", "platform", "blob", "kubelet-pull"]),
    ("kubelet-identity", &["identity", "kubelet-pull"]),
];

/// What is wrong with a role.
const ROLE: [CauseId; 4] =
    [AcrPullRoleMissing, AcrPullRoleOnWrongIdentity, AcrAbacModeLegacyRole, AcrAbacConditionExcludesRepo];
/// The checks whose words depend on who failed and of what.
const OF_FAILURE: [&str; 2] = ["registry-user", "cache-rule"];
/// What whoever has an old address of the registry's may answer with.
const ANSWERED: [CauseId; 2] = [TcpRefused, TlsHostnameMismatch];
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
pub fn soften_azures(case: &Case, verdict: &Verdict, judged: &mut [Judged]) {
    let healthy = verdict.status == VerdictStatus::Healthy;
    let on_node = matches!(verdict.claim, Claim::NodeReaches | Claim::PartOfNodeReaches);
    let operators = of_operator(case);
    for one in judged.iter_mut().filter(|j| is_azures(j) && j.finding.status == Status::Fail) {
        let own = on_node || operators && one.finding.check == OF_IDENTITY[0].0;
        one.soften(match (own, healthy) {
            (true, false) => continue,
            (true, true) if on_node => "the registry answers this node all the same",
            (true, true) => "the registry answers all the same",
            (false, _) => "that is of a cluster's nodes and not of this workstation",
        });
    }
}

/// Whether it is the operator whose rights Azure was asked about.
fn of_operator(case: &Case) -> bool {
    let grants = case.azure.as_ref().and_then(|azure| azure.grants.as_ref());
    grants.is_some_and(Grants::is_operators)
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
    let subnets = subnets(case, azure, shown);
    let subnets = subnets.as_deref();
    let mut says = says(case, azure, judged, (shown, subnets));
    if let (Some(registry), Some(address)) = (&azure.registry, refused) {
        let Some(more) = of_refused(registry, subnets, address) else { return diagnosis };
        says.extend(more);
    }
    if let Some(address) = shown.at.address.filter(|_| azure.registry.is_some()) {
        let dialled = of_dialled(azure, subnets, address);
        // Somebody else may answer at an old address; who was not seen to go to one has not met them.
        let wrong = |s: &Says| s.cause == AcrPrivateDnsWrongRecord;
        let answered = diagnosis.candidates.iter().any(|cause| ANSWERED.contains(cause));
        if answered && !dialled.iter().any(|s| wrong(s) && s.stance == Stance::Confirms) {
            says.retain(|s| !wrong(s));
        }
        says.extend(dialled);
    }
    // Of a registry that the image is not in, nothing that follows says anything.
    let own = azure.registry.as_ref().filter(|_| acr_host(case.target.host()).is_some());
    says.extend(own.into_iter().flat_map(|own| kin::says(case, own, shown, &diagnosis.candidates)));
    let candidates = with_unseen(azure, &diagnosis.candidates, &says);
    let candidates = match own {
        Some(_) => kin::widened(&candidates, &says),
        None => candidates,
    };
    let explained = says.iter().any(|s| s.stance != Stance::Refutes && candidates.contains(&s.cause));
    if explained && shown.finding.check != "token" && kin::granted(case, shown) == Some(true) {
        says.extend(OF_RIGHTS.map(|cause| Says { cause, stance: Stance::Refutes }));
    }
    let left = match misspelt(case, azure, shown, &says) {
        true => vec![NodeAzureJsonIdentityMisconfigured],
        false => left(&candidates, &says),
    };
    if left == diagnosis.candidates {
        return diagnosis;
    }
    let new = diagnosed(case, shown, left);
    Diagnosis { vantages: diagnosis.vantages, nodes: diagnosis.nodes, message: diagnosis.message, ..new }
}

/// The subnets of the node that failed: its own pool's, where that is told; else those of all.
fn subnets(case: &Case, azure: &Azure, shown: &Judged) -> Option<Vec<Foreign>> {
    let cluster = azure.cluster.as_ref()?;
    let pool = pool_of(case, shown);
    let own = cluster.pools.iter().flatten().find(|known| pool == Some(known.name.as_str()));
    match own.and_then(|pool| pool.subnet.clone()) {
        Some(own) => Some(vec![own]),
        None => cluster.subnets.clone(),
    }
}

/// The pool of the kubelet that failed.
fn pool_of<'a>(case: &'a Case, shown: &Judged) -> Option<&'a str> {
    let pull = kubelet_of(shown).and_then(|name| case.pulls().find(|pull| pull.is_on(name)))?;
    pull.node.as_ref()?.pool.as_deref()
}

/// The candidates with those that only Azure brings up: it alone knows which registries there are, and as whom nodes should pull.
fn with_unseen(azure: &Azure, candidates: &[CauseId], says: &[Says]) -> Vec<CauseId> {
    let mut all = candidates.to_vec();
    let is_role = candidates.contains(&AcrPullRoleMissing);
    let confirmed = |cause: CauseId| says.iter().any(|s| s.cause == cause && s.stance == Stance::Confirms);
    let alike = azure.alike.as_deref();
    let more = [
        // Of a registry that the operator does not see somebody else is the owner.
        (PublisherRegistryNotAnonymous, is_role && alike.is_some_and(<[Foreign]>::is_empty)),
        (WrongRegistryHost, candidates.contains(&DnsNxDomain) && alike.is_some_and(|all| !all.is_empty())),
        // Rules of subnets alone, and an address that nobody told.
        (
            AcrVnetRuleMissing,
            candidates.contains(&AcrIpNotAllowed) && azure.registry.as_ref().is_some_and(by_subnets),
        ),
        (NodeAzureJsonIdentityMisconfigured, is_role && confirmed(NodeAzureJsonIdentityMisconfigured)),
        (ServicePrincipalNotInTenant, is_role && confirmed(ServicePrincipalNotInTenant)),
    ];
    all.extend(
        more.into_iter().filter(|(cause, is)| *is && !candidates.contains(cause)).map(|(cause, _)| cause),
    );
    all
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

/// Whether a registry lets subnets in, and no address.
fn by_subnets(registry: &Registry) -> bool {
    let none = |rules: &Option<Vec<Foreign>>| rules.as_ref().is_some_and(Vec::is_empty);
    registry.public_access == Some(true)
        && registry.default_allow == Some(false)
        && none(&registry.ip_rules)
        && registry.subnet_rules.as_ref().is_some_and(|rules| !rules.is_empty())
}

/// What the settings say to whom failed here.
fn says(
    case: &Case,
    azure: &Azure,
    judged: &[Judged],
    (shown, subnets): (&Judged, Option<&[Foreign]>),
) -> Vec<Says> {
    let identity = with_identity(case, azure, shown);
    let at_kubelet = matches!(shown.finding.vantage, Vantage::Kubelet(_));
    let of_identity = |j: &Judged| OF_IDENTITY.iter().find(|(check, _)| *check == j.finding.check);
    let counts = |j: &&Judged| {
        let explains =
            |(_, failed): &(&str, &[&str])| (identity || at_kubelet) && failed.contains(&shown.finding.check);
        let own = !OF_FAILURE.contains(&j.finding.check);
        is_azures(j) && own && of_identity(j).is_none_or(explains)
    };
    // Who pulls elsewhere with the same identity is not kept from it by what it lacks.
    let weak = at_kubelet && any_is(judged, Status::Pass);
    let weaker = |j: &Judged, says: &Says| match says.stance {
        Stance::Confirms if says.cause == KubeletIdentityDetachedFromVmss => {
            of_pool(case, azure, shown, says)
        }
        Stance::Confirms if weak && of_identity(j).is_some() => Says { stance: Stance::Allows, ..*says },
        _ => *says,
    };
    let of_network = seen_from(azure, subnets).says;
    let said = |j: &Judged| match j.finding.check {
        "private-endpoint" => of_network.clone(),
        // Where a pull secret may have been what failed, the identity is at least no reason for what it does not lack.
        _ if !identity && of_identity(j).is_some() => {
            j.finding.says.iter().filter(|says| says.stance == Stance::Refutes).copied().collect()
        }
        _ => j.finding.says.iter().map(|says| weaker(j, says)).collect(),
    };
    let named = says_of_names(azure, case);
    judged.iter().filter(counts).flat_map(said).chain(named).collect()
}

/// What the registries that there are say of a name that leads nowhere: one of the same name at another host is meant, one of a
/// like name may be.
fn says_of_names(azure: &Azure, case: &Case) -> Option<Says> {
    let label = |host: &str| host.split(['.', '-']).next().unwrap_or_default().to_ascii_lowercase();
    let asked = label(case.target.host());
    let alike = azure.alike.as_ref().filter(|all| !all.is_empty())?;
    let same = alike.iter().any(|server| label(server.as_str()) == asked);
    let stance = if same { Stance::Confirms } else { Stance::Allows };
    Some(Says { cause: WrongRegistryHost, stance })
}

/// The same of the pool of the node that failed, where scale sets tell their pools: others have identities of their own.
fn of_pool(case: &Case, azure: &Azure, shown: &Judged, says: &Says) -> Says {
    let kubelet = azure.cluster.as_ref().and_then(|cluster| cluster.kubelet.as_ref());
    let wanted = kubelet.and_then(|kubelet| kubelet.resource_id.as_ref());
    let (Some(wanted), Some(pool)) = (wanted, pool_of(case, shown)) else { return *says };
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

/// Whether the node's file is what is wrong: it names another identity than the cluster's, and the metadata service has none of
/// that id; or another tenant than the token's, where the registry is in the token's own.
fn misspelt(case: &Case, azure: &Azure, shown: &Judged, says: &[Says]) -> bool {
    let profile = azure.cluster.as_ref().and_then(|cluster| cluster.kubelet.as_ref()?.client_id.as_ref());
    let Some(identity) = signed_in(case) else { return false };
    let named = match &identity.asked_for {
        IdentityAsked::ClientId { id } => Some(id),
        _ => None,
    };
    let detached = shown.finding.says.iter().any(|s| s.cause == KubeletIdentityDetachedFromVmss);
    let other = named.zip(profile).is_some_and(|(named, own)| !is_same_id(named, own));
    if shown.finding.check == "identity" && detached {
        return other;
    }
    let token = identity.claims.as_ref().and_then(|claims| claims.tenant.as_ref());
    let registry = azure.registry.as_ref().and_then(|registry| registry.tenant.as_ref());
    let confirmed = says.iter().any(|s| s.stance == Stance::Confirms && ROLE.contains(&s.cause));
    shown.finding.check == "exchange"
        && !confirmed
        && token.zip(registry).is_some_and(|(token, registry)| is_same_id(token, registry))
        && identity.tenant.as_ref().zip(token).is_some_and(|(file, token)| !is_same_id(file, token))
}

/// Whether a failure may be one of the identity that Azure was asked about: a kubelet's, that of a node whose token does
/// not name another one, or the operator's own.
fn with_identity(case: &Case, azure: &Azure, shown: &Judged) -> bool {
    let asked = azure.grants.as_ref().and_then(|grants| grants.principal.as_ref());
    match &shown.finding.vantage {
        // A pull secret that the pod names goes before the kubelet's own.
        Vantage::Kubelet(name) => !case.pulls().any(|pull| pull.is_on(name) && !pull.secrets.is_empty()),
        Vantage::Node(_) => {
            let token = signed_in(case).and_then(|identity| identity.claims.as_ref()?.object_id.as_ref());
            token.zip(asked).is_none_or(|(token, asked)| is_same_id(token, asked))
        }
        Vantage::Workstation => of_operator(case) && super::credential(case, shown).is_operators(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
