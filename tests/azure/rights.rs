//! Who may pull.

use pullcheck::case::azure::{Mode, TroubleKind};

use crate::asking::{CLIENT, KUBELET, OPERATOR, SUBSCRIPTION, TENANT, run, secret};

const REGISTRY: &str = "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/resourceGroups/contoso-rg/providers/\
                        Microsoft.ContainerRegistry/registries/contosoacr";
const ACR_PULL: &str = "7f951dda-4ed3-4680-a7ca-43fe172d538d";

#[test]
fn the_registry_is_found_by_its_login_server_and_read() {
    let ran = run(OPERATOR, &secret(), "");
    let azure = ran.azure();
    assert_eq!((azure.cloud.as_str(), &azure.troubles), ("public", &vec![]));
    let sign_in = azure.sign_in.as_ref().expect("a sign-in");
    assert_eq!(sign_in.who.as_str(), CLIENT);
    assert_eq!(sign_in.tenant.as_ref().map(|tenant| tenant.as_str()), Some(TENANT));
    assert_eq!(sign_in.subscriptions.iter().map(|id| id.as_str()).collect::<Vec<_>>(), [SUBSCRIPTION]);
    let registry = azure.registry.as_ref().expect("a registry");
    assert_eq!((registry.id.as_str(), registry.name.as_str()), (REGISTRY, "contosoacr"));
    assert_eq!(registry.login_server.as_str(), "contosoacr.azurecr.io");
    assert_eq!(registry.tenant.as_ref().map(|tenant| tenant.as_str()), Some(TENANT));
    assert_eq!(registry.sku.as_ref().map(|sku| sku.as_str()), Some("Premium"));
    assert_eq!((registry.mode, registry.public_access), (Some(Mode::Registry), Some(true)));
    assert_eq!(
        (registry.arm_audience, registry.quarantine, registry.default_allow),
        (Some(true), Some(false), Some(true))
    );
    assert_eq!(registry.connections, Some(vec![]));
    assert_eq!(azure.zones, Some(vec![]));
}

#[test]
fn without_a_cluster_everybodys_assignments_are_told() {
    let ran = run(&format!("registry.anonymous = []\n{OPERATOR}"), &secret(), "");
    let grants = ran.azure().grants.as_ref().expect("grants");
    assert_eq!((&grants.principal, &grants.assignments, grants.complete), (&None, &vec![], false));
    let pull = grants.others.iter().find(|one| one.role.as_str() == ACR_PULL).expect("the kubelet's role");
    assert_eq!((pull.principal.as_str(), pull.scope.as_str()), (KUBELET, REGISTRY));
    assert!(pull.created.is_some() && pull.condition.is_none());
    let role = grants.definitions.iter().find(|role| role.id.as_str() == ACR_PULL).expect("the role");
    assert_eq!((role.name.as_str(), role.custom), ("AcrPull", false));
    assert_eq!(role.permissions[0].actions[0].as_str(), "Microsoft.ContainerRegistry/registries/pull/read");
    assert_eq!(grants.denies, Some(vec![]));
}

#[test]
fn with_a_cluster_the_kubelets_own_are_told_apart() {
    let ran = run(&format!("registry.anonymous = []\n{OPERATOR}"), &secret(), "--aks contoso-rg/aks1");
    let azure = ran.azure();
    assert_eq!(
        azure.troubles.iter().filter(|one| one.kind != TroubleKind::NotFound).count(),
        0,
        "{:?}",
        azure.troubles
    );
    let cluster = azure.cluster.as_ref().expect("a cluster");
    let kubelet = cluster.kubelet.as_ref().expect("an identity");
    assert_eq!(kubelet.object_id.as_ref().map(|id| id.as_str()), Some(KUBELET));
    let grants = azure.grants.as_ref().expect("grants");
    assert_eq!(grants.principal.as_ref().map(|id| id.as_str()), Some(KUBELET));
    assert_eq!((grants.who.as_str(), grants.complete), ("kubelet identity", true));
    let own: Vec<&str> = grants.assignments.iter().map(|one| one.role.as_str()).collect();
    assert_eq!(own, [ACR_PULL]);
    assert!(!grants.others.is_empty() && grants.others.iter().all(|one| one.principal.as_str() != KUBELET));
}
