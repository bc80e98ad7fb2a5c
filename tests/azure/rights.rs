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
    let ran = run(&format!("registry.anonymous = []\n{OPERATOR}"), &secret(), "--anonymous");
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

#[test]
fn rights_by_a_group_and_at_a_higher_scope_are_the_principals_own() {
    let world = format!(
        "registry.anonymous = []
        {OPERATOR}
        [[group]]
        name = 'pullers'
        members = ['nodes']
        [[group]]
        name = 'nodes'
        members = ['aks1-agentpool']
        [[role]]
        to = 'pullers'
        role = 'AcrPull'
        scope = 'group'
        [[role]]
        to = 'ffffffff-0000-4000-8000-000000000001'
        role = 'AcrPull'
        [[role_definition]]
        name = 'Own Puller'
        actions = ['Microsoft.ContainerRegistry/registries/*/read']
        not_actions = ['Microsoft.ContainerRegistry/registries/metadata/read']
        [[role]]
        to = 'aks1-agentpool'
        role = 'Own Puller'"
    );
    let ran = run(&world, &secret(), "--aks contoso-rg/aks1");
    assert_eq!(ran.azure().troubles, []);
    let grants = ran.azure().grants.as_ref().expect("grants");
    assert!(grants.complete);
    let own: Vec<(&str, Option<&str>)> = grants
        .assignments
        .iter()
        .map(|one| (one.principal.as_str(), one.principal_type.as_ref().map(|kind| kind.as_str())))
        .collect();
    assert_eq!(own.len(), 2, "{own:?}");
    assert!(own.iter().any(|(_, kind)| *kind == Some("Group")), "{own:?}");
    let by_group =
        grants.assignments.iter().find(|one| one.principal.as_str() != KUBELET).expect("the group's");
    assert!(by_group.scope.as_str().ends_with("/resourceGroups/contoso-rg"));
    assert!(grants.others.iter().any(|one| one.principal.as_str().starts_with("ffffffff")));
    let custom = grants.definitions.iter().find(|role| role.custom).expect("a role of the customer's");
    assert_eq!(custom.name.as_str(), "Own Puller");
    assert_eq!(custom.permissions[0].not_actions.len(), 1);
}

#[test]
fn a_condition_is_kept_whole() {
    let world = format!(
        "registry = {{ anonymous = [], role_mode = 'abac' }}\n{}",
        OPERATOR.replacen("[[identity]]", "[[identity]]\npull = ['team/*']", 1)
    );
    let ran = run(&world, &secret(), "--aks contoso-rg/aks1");
    let grants = ran.azure().grants.as_ref().expect("grants");
    let [own] = grants.assignments.as_slice() else { panic!("one: {grants:?}") };
    let condition = own.condition.as_ref().expect("a condition").as_str();
    assert!(condition.contains("repositories:name") && condition.contains("team/"), "{condition}");
    assert_eq!(own.condition_version.as_ref().map(|version| version.as_str()), Some("2.0"));
}

#[test]
fn denials_that_apply_are_told_and_others_are_not() {
    let deny = |lines: &str| {
        format!(
            "registry.anonymous = []
            {OPERATOR}
            [[group]]
            name = 'pullers'
            members = ['aks1-agentpool']
            [[deny]]
            name = 'freeze'
            actions = ['Microsoft.ContainerRegistry/registries/pull/read']
            {lines}"
        )
    };
    for (lines, applies) in [
        ("", true),
        ("to = ['aks1-agentpool']", true),
        ("to = ['pullers']", true),
        ("except = ['aks1-agentpool']", false),
        ("except = ['pullers']", false),
        ("to = ['ops']", false),
    ] {
        let ran = run(&deny(lines), &secret(), "--aks contoso-rg/aks1");
        assert_eq!(ran.azure().troubles, [], "{lines}");
        let denies = ran.azure().grants.as_ref().and_then(|grants| grants.denies.clone()).expect("denials");
        assert_eq!(denies.len(), usize::from(applies), "{lines}: {denies:?}");
        assert!(denies.iter().all(|one| one.name.as_str() == "freeze"));
    }
    // Whether a group is meant cannot be told without the directory.
    let world = format!("graph.faults = [{{ path = '*', status = 403 }}]\n{}", deny("except = ['pullers']"));
    let ran = run(&world, &secret(), "--aks contoso-rg/aks1");
    let grants = ran.azure().grants.as_ref().expect("grants");
    assert_eq!((&grants.denies, grants.complete), (&None, true));
    assert_eq!(ran.troubles(), [(TroubleKind::Forbidden, "read the groups of who pulls")]);
}

#[test]
fn a_clusters_service_principal_is_looked_up() {
    let world = "
        registry.anonymous = []
        [[identity]]
        name = 'aks1-sp'
        kind = 'service-principal'
        secret = 'right-secret-of-the-cluster'
        reader = false
        [[identity]]
        name = 'ops'
        kind = 'service-principal'
        secret = 's3cret-of-the-operator'
        [[role]]
        to = 'aks1-sp'
        role = 'AcrPull'";
    let ran = run(world, &secret(), "--aks contoso-rg/aks1");
    let azure = ran.azure();
    assert_eq!(azure.troubles, []);
    let cluster = azure.cluster.as_ref().expect("a cluster");
    assert_eq!(
        cluster.service_principal.as_ref().map(|id| id.as_str()),
        Some("11111111-0000-4000-8000-000000000001")
    );
    assert_eq!(cluster.service_principal_object.as_ref().map(|id| id.as_str()), Some(KUBELET));
    let grants = azure.grants.as_ref().expect("grants");
    assert_eq!(
        (grants.who.as_str(), grants.assignments.len(), grants.complete),
        ("service principal", 1, true)
    );
    let blind = format!("graph.faults = [{{ path = '*', status = 403 }}]\n{world}");
    let ran = run(&blind, &secret(), "--aks contoso-rg/aks1");
    assert_eq!(ran.troubles(), [(TroubleKind::Forbidden, "look the cluster's service principal up")]);
    let grants = ran.azure().grants.as_ref().expect("grants");
    assert_eq!((&grants.principal, grants.complete), (&None, false));
    assert!(!grants.others.is_empty());
}
