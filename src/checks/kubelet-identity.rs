//! `kubelet-identity`: whether the identity that the cluster's kubelets pull with is on its nodes, by what Azure says.

use super::registry_rules::unread;
use super::{Answer, Check, Place, View, seen};
use crate::case::azure::{Azure, ManagedCluster, name_in};
use crate::causes::{
    AcrAuthAsArmDisabled, CauseId, CrossTenantIdentity, ImdsUnreachable, KubeletIdentityDetachedFromVmss,
    MultipleIdentitiesNoClientId, RegionalEndpointNodeImageTooOld, RegionalEndpointServicePrincipal,
};
use crate::report::Status;

/// What only a managed identity can fail of.
const OF_MANAGED: &[CauseId] = &[
    KubeletIdentityDetachedFromVmss,
    MultipleIdentitiesNoClientId,
    ImdsUnreachable,
    RegionalEndpointNodeImageTooOld,
    CrossTenantIdentity,
    AcrAuthAsArmDisabled,
];

/// The check.
pub const CHECK: Check = Check {
    id: "kubelet-identity",
    title: "the kubelets' identity is on the nodes",
    explanation: "The identity in the cluster's profile is compared with those that are really on each scale set of its nodes: a \
        scale set that was not upgraded since the identity changed, or from which it was taken, gets no token for it. A cluster \
        with a service principal has none. That a cluster is stopped is told, too.",
    at: &[Place::Azure],
    per_credential: false,
    needs: &[],
    causes: &[OF_MANAGED, &[RegionalEndpointServicePrincipal]],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let azure = view.case.azure.as_ref()?;
    let Some(cluster) = &azure.cluster else {
        let asked = azure.troubles.iter().any(|trouble| trouble.during.contains("cluster"));
        return Some(match asked {
            true => unread(azure, "the cluster"),
            false => Answer::new(Status::NotApplicable, "no cluster was named with --aks"),
        });
    };
    let answer = of_cluster(view, azure, cluster);
    let stopped = cluster.power.as_ref().is_some_and(|power| power.as_str().eq_ignore_ascii_case("Stopped"));
    if !stopped {
        return Some(answer);
    }
    let name = name_in(cluster.id.as_str());
    let message =
        format!("the cluster {name} is stopped, and has no node that could pull; {}", answer.message);
    let status = if answer.status == Status::Fail { Status::Fail } else { Status::Warn };
    Some(Answer { status, message, ..answer }.saw(format!("read the power state of {name}"), "Stopped"))
}

fn of_cluster(view: &View<'_>, azure: &Azure, cluster: &ManagedCluster) -> Answer {
    if let Some(principal) = &cluster.service_principal {
        let message =
            format!("the cluster pulls with the service principal {principal}, and has no such identity");
        let answer = Answer::new(Status::NotApplicable, message);
        let answer = OF_MANAGED.iter().fold(answer, |answer, cause| answer.refutes(*cause));
        // The kubelet is handed something for `*.azurecr.io`, whatever its name of the registry.
        let labels = view.registry_host().split('.').count();
        return if labels > 3 { answer.confirms(RegionalEndpointServicePrincipal) } else { answer };
    }
    let Some(wanted) = cluster.kubelet.as_ref().and_then(|kubelet| kubelet.resource_id.as_ref()) else {
        return Answer::new(Status::Unknown, "the cluster's profile names no identity of its kubelets");
    };
    let Some(sets) = &azure.scale_sets else { return unread(azure, "the scale sets of the nodes") };
    let known = sets.iter().filter_map(|set| Some((set, set.identities.as_ref()?)));
    let lacking: Vec<&str> =
        sets.iter().filter(|set| set.has(wanted) == Some(false)).map(|set| set.name.as_str()).collect();
    let answer = if !lacking.is_empty() {
        Answer::fail(format!("the kubelets' identity {wanted} is not on {}", seen::list(&lacking)))
            .confirms(KubeletIdentityDetachedFromVmss)
    } else if sets.is_empty() {
        Answer::new(Status::Unknown, "the resource group of the nodes has no scale set")
    } else if known.clone().count() < sets.len() {
        Answer::new(Status::Unknown, "which identities are on the scale sets was not returned")
    } else {
        Answer::pass(format!("the kubelets' identity is on {}", seen::list(sets.iter().map(|set| &set.name))))
            .refutes(KubeletIdentityDetachedFromVmss)
    };
    known.fold(answer, |answer, (set, ids)| {
        let ids = if ids.is_empty() { "none".to_owned() } else { seen::list(ids) };
        answer.saw(format!("read the identities of {}", set.name), ids)
    })
}

#[cfg(test)]
#[path = "kubelet-identity/tests.rs"]
mod tests;
