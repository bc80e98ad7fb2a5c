//! What Azure's settings leave of a failure's candidates.
//!
//! A setting makes no failure: it decides between the causes of one that was seen. What it says of an identity counts for
//! whoever pulls with that identity alone; what it says of the registry counts for everybody.

mod kin;
mod pool;

use std::net::IpAddr;

use probes::cloud::acr_host;
use probes::foreign::Foreign;
use probes::observation::IdentityAsked;
use probes::vantage::Vantage;

use super::kubelet::any_is;
use super::{diagnosed, signed_in};
use crate::case::Case;
use crate::case::azure::{Azure, Grants, is_same_id};
use crate::causes::{
    self, AcrAbacConditionExcludesRepo, AcrAbacModeLegacyRole, AcrPrivateDnsWrongRecord, AcrPullRoleMissing,
    AcrPullRoleOnWrongIdentity, CauseId, Decider, ImdsUnreachable, KubeletIdentityDetachedFromVmss,
    NodeAzureJsonIdentityMisconfigured, PrivateImageNoCredentials, PublisherRegistryNotAnonymous,
    PullSecretNotFound, RegistryPermissionMissing, RoleAssignmentPropagation, ScopeMapTokenLacksRepo,
    TcpRefused, TlsHostnameMismatch, WrongRegistryHost,
};
use crate::checks::kubelet_pull::may_have_secret;
use crate::checks::private_endpoint::{of_dialled, seen_from};
use crate::checks::registry_rules::of_refused;
use crate::checks::{self, acrpull_role};
use crate::claim::Claim;
use crate::judge::Judged;
use crate::report::{Diagnosis, Says, Stance, Status, Verdict, VerdictStatus};

pub use kin::seen_as;
pub(super) use kin::{granted, user};
pub(super) use pool::subnet;

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
    let operators = azure.operator.as_ref().and_then(|_| of_operator_alone(case, azure, judged));
    let operator = case.operator();
    let is_operators = |d: &Diagnosis| {
        d.vantages == [Vantage::Workstation] && operator.is_some() && d.credential == operator
    };
    let narrow = |diagnosis: Diagnosis| match &operators {
        Some((case, judged, why)) if is_operators(&diagnosis) => {
            let open = diagnosis.candidates.clone();
            let Some(azure) = &case.azure else { return diagnosis };
            let new = one(case, azure, judged, diagnosis);
            let message =
                if new.candidates == open { new.message } else { format!("{}; {why}", new.message) };
            Diagnosis { message, ..new }
        }
        _ => one(case, azure, judged, diagnosis),
    };
    diagnoses.into_iter().map(narrow).collect()
}

/// The case and its findings as they are about the operator, where what Azure was asked for first is a cluster's; and what
/// there is to say of the operator's roles.
fn of_operator_alone(case: &Case, azure: &Azure, judged: &[Judged]) -> Option<(Case, Vec<Judged>, String)> {
    let alone = acrpull_role::for_operator(azure)?;
    let case = Case { azure: Some(alone), ..case.clone() };
    let answer = acrpull_role::of(&case, case.azure.as_ref()?)?;
    let mut judged = judged.to_vec();
    for own in judged.iter_mut().filter(|j| j.finding.check == acrpull_role::CHECK.id) {
        own.finding.status = answer.status;
        own.finding.message.clone_from(&answer.message);
        own.finding.says.clone_from(&answer.says);
    }
    Some((case, judged, answer.message))
}

fn one(case: &Case, azure: &Azure, judged: &[Judged], diagnosis: Diagnosis) -> Diagnosis {
    let is_its = |j: &&Judged| {
        j.finding.check == diagnosis.check
            && diagnosis.vantages.contains(&j.finding.vantage)
            && j.finding.credential == diagnosis.credential
    };
    let Some(shown) = judged.iter().find(is_its) else { return diagnosis };
    let refused: Option<IpAddr> = shown.at.client_ip.as_deref().and_then(|address| address.parse().ok());
    let subnets = pool::subnets(case, azure, shown);
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
    let is_acr = acr_host(case.target.host()).is_some();
    let own = azure.registry.as_ref().filter(|_| is_acr);
    says.extend(own.into_iter().flat_map(|own| kin::says(case, own, shown, &diagnosis.candidates)));
    let candidates = kin::widened(azure, &diagnosis.candidates, &says);
    let explained = says.iter().any(|s| s.stance != Stance::Refutes && candidates.contains(&s.cause));
    if explained && shown.finding.check != "token" && kin::granted(case, shown) == Some(true) {
        says.extend(OF_RIGHTS.map(|cause| Says { cause, stance: Stance::Refutes }));
    }
    let candidates = match is_acr && azure.sign_in.is_some() {
        true => kin::with_unread(case, azure, shown, &candidates),
        false => candidates,
    };
    let left = match misspelt(case, azure, shown, &says) {
        true => vec![NodeAzureJsonIdentityMisconfigured],
        false => left(&candidates, &says),
    };
    if left == diagnosis.candidates {
        return diagnosis;
    }
    let elsewhere = if left == [AcrPullRoleMissing] { of_like_name(azure) } else { String::new() };
    let is_role = matches!(left.as_slice(), [one] if ROLE.contains(one));
    let at_kubelet = matches!(shown.finding.vantage, Vantage::Kubelet(_));
    let still = match is_role && at_kubelet && any_is(judged, Status::Pass) {
        true => "; what still pulls elsewhere may have a token from before",
        false => "",
    };
    let message = format!("{}{elsewhere}{still}", diagnosis.message);
    let new = diagnosed(case, shown, left);
    Diagnosis { vantages: diagnosis.vantages, nodes: diagnosis.nodes, message, ..new }
}

/// The registry of nearly the same name at which the role is, which was probably meant.
fn of_like_name(azure: &Azure) -> String {
    let other = checks::acrpull_role::elsewhere(azure).into_iter().find(|other| other.alike);
    other.map(|other| format!("; the role is at {}", other.registry)).unwrap_or_default()
}

/// The candidates that are left: one that is confirmed, else those that are not refuted, else all.
fn left(candidates: &[CauseId], says: &[Says]) -> Vec<CauseId> {
    let said = |cause: CauseId, stance: Stance| says.iter().any(|s| s.cause == cause && s.stance == stance);
    if let Some(confirmed) =
        says.iter().find(|s| s.stance == Stance::Confirms && candidates.contains(&s.cause))
    {
        // What was waited for so long, and a secret that was looked for and is not there, are faults of their own.
        let own = candidates.first().filter(|first| [ImdsUnreachable, PullSecretNotFound].contains(first));
        return own.copied().into_iter().chain([confirmed.cause]).collect();
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
        // Assignments that admit what was refused are not in effect, or not what the registry goes by; the rest is not theirs.
        [] => {
            let of_role = |cause: &&CauseId| ROLE.contains(cause) || **cause == RoleAssignmentPropagation;
            let mut roles: Vec<CauseId> = candidates.iter().filter(of_role).copied().collect();
            roles.sort_by_key(|cause| *cause != RoleAssignmentPropagation);
            if roles.is_empty() { candidates.to_vec() } else { roles }
        }
        [one] if candidates.len() > 1 && unproven(one) => candidates.to_vec(),
        _ => left,
    }
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
    // Who pulls elsewhere with the same identity is not kept from it by what it lacks, but for a role: with a token that was
    // given before the role went one still pulls for hours.
    let weak = |cause: CauseId| at_kubelet && any_is(judged, Status::Pass) && !ROLE.contains(&cause);
    let weaker = |j: &Judged, says: &Says| match says.stance {
        Stance::Confirms if says.cause == KubeletIdentityDetachedFromVmss => {
            pool::of_pool(case, azure, shown, says)
        }
        Stance::Confirms if weak(says.cause) && of_identity(j).is_some() => {
            Says { stance: Stance::Allows, ..*says }
        }
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
        // A pull secret that the pod names goes before the kubelet's own, unless it is not there.
        Vantage::Kubelet(name) => !case.pulls().any(|pull| pull.is_on(name) && may_have_secret(pull)),
        Vantage::Node(_) => {
            let here = case.from_place(&shown.finding.vantage);
            let named = shown.finding.credential.as_deref();
            let is_nodes = |name: &str| here.tried().iter().any(|c| c.is_nodes() && c.to_string() == name);
            if !named.is_none_or(is_nodes) {
                return false;
            }
            let token = signed_in(case).and_then(|identity| identity.claims.as_ref()?.object_id.as_ref());
            token.zip(asked).is_none_or(|(token, asked)| is_same_id(token, asked))
        }
        Vantage::Workstation => of_operator(case) && super::credential(case, shown).is_operators(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
