//! What stands in the way: each failure is told by itself, and ends nothing else.

use pullcheck::case::azure::{Trouble, TroubleKind};

use crate::asking::{OPERATOR, run, secret};

const AKS: &str = "--aks contoso-rg/aks1";

/// A world whose resource manager has these faults.
fn faulty(faults: &str) -> String {
    format!("[arm]\nfaults = [{faults}]\n{OPERATOR}")
}

fn only<'a>(troubles: &'a [Trouble], during: &str) -> &'a Trouble {
    let mut own = troubles.iter().filter(|one| one.during == during);
    let one = own.next().unwrap_or_else(|| panic!("no trouble '{during}' among {troubles:?}"));
    assert_eq!(own.next(), None, "{troubles:?}");
    one
}

#[test]
fn a_missing_right_is_named_and_the_rest_is_read() {
    for (path, during, action) in [
        ("*/registries/contosoacr", "read the registry", "Microsoft.ContainerRegistry/registries/read"),
        ("*/managedClusters/aks1", "read the cluster", "Microsoft.ContainerService/managedClusters/read"),
        (
            "*/virtualMachineScaleSets",
            "list the scale sets of the nodes",
            "Microsoft.Compute/virtualMachineScaleSets/read",
        ),
        ("*/denyAssignments", "list deny assignments", "Microsoft.Authorization/denyAssignments/read"),
        ("*/roleAssignments", "list role assignments", "Microsoft.Authorization/roleAssignments/read"),
        ("*/roleDefinitions/*", "read role definitions", "Microsoft.Authorization/roleDefinitions/read"),
    ] {
        let ran = run(&faulty(&format!("{{ path = '{path}' }}")), &secret(), AKS);
        let azure = ran.azure();
        let trouble = only(&azure.troubles, during);
        assert_eq!((trouble.kind, trouble.status), (TroubleKind::Forbidden, Some(403)), "{path}");
        assert_eq!(trouble.code.as_ref().map(|code| code.as_str()), Some("AuthorizationFailed"), "{path}");
        assert_eq!(trouble.action.as_ref().map(|action| action.as_str()), Some(action), "{path}");
        assert!(trouble.correlation_id.is_some(), "{path}");
        assert_eq!(azure.registry.is_none(), during == "read the registry", "{path}");
        assert_eq!(azure.cluster.is_none(), during == "read the cluster", "{path}");
        assert_eq!(
            azure.scale_sets.is_none(),
            during == "read the cluster" || during.contains("scale sets"),
            "{path}"
        );
        if let Some(grants) = &azure.grants {
            assert_eq!(grants.denies.is_none(), during == "list deny assignments", "{path}");
            let whole = during != "list role assignments" && during != "read the cluster";
            assert_eq!(grants.complete, whole, "{path}");
            assert_eq!(
                grants.definitions.is_empty(),
                ["list role assignments", "read role definitions"].contains(&during),
                "{path}"
            );
        }
    }
}

#[test]
fn private_endpoints_and_zones_that_may_not_be_read() {
    let private = "name.registry.a = ['10.224.0.5']\nregistry.resource.public_access = 'disabled'";
    for (path, during) in [
        ("*/privateEndpoints/*", "read the private endpoints"),
        ("*/networkInterfaces/*", "read the private endpoints"),
        ("*/virtualNetworkLinks", "list the links of a private zone"),
        ("*/ALL", "list the records of a private zone"),
    ] {
        let world = format!("{private}\n{}", faulty(&format!("{{ path = '{path}' }}")));
        let ran = run(&world, &secret(), "");
        let azure = ran.azure();
        assert_eq!(only(&azure.troubles, during).kind, TroubleKind::Forbidden, "{path}");
        let zone = &azure.zones.as_ref().expect("zones")[0];
        assert_eq!(zone.networks.is_none(), path.contains("Links"), "{path}");
        assert_eq!(zone.records.is_none(), path.contains("ALL"), "{path}");
        match azure.private_endpoints.as_slice() {
            [] => assert!(path.contains("privateEndpoints")),
            [endpoint] => assert_eq!(endpoint.addresses.is_none(), path.contains("Interfaces"), "{path}"),
            more => panic!("{more:?}"),
        }
    }
}

#[test]
fn a_moment_that_is_asked_for_is_waited_and_no_more() {
    let passing = "{ path = '*/roleAssignments', status = 429, retry_after = 1, times = 2 }";
    let ran = run(&faulty(passing), &secret(), AKS);
    assert_eq!(ran.azure().troubles, []);
    assert!(ran.azure().grants.as_ref().is_some_and(|grants| grants.complete));
    let long = "{ path = '*/roleAssignments', status = 429, retry_after = 300 }";
    let ran = run(&faulty(long), &secret(), AKS);
    let trouble = only(&ran.azure().troubles, "list role assignments");
    assert_eq!((trouble.kind, trouble.status), (TroubleKind::Throttled, Some(429)));
    assert!(ran.took < std::time::Duration::from_secs(10), "{:?}", ran.took);
    assert!(
        ran.azure().grants.as_ref().is_none_or(|grants| !grants.complete && grants.assignments.is_empty())
    );
}

#[test]
fn silence_ends_in_time() {
    let ran = run(
        &faulty("{ path = '*/roleAssignments', stall = true }"),
        &secret(),
        &format!("{AKS} --step-timeout 1s"),
    );
    let trouble = only(&ran.azure().troubles, "list role assignments");
    assert_eq!(trouble.kind, TroubleKind::TimedOut);
    assert!(
        ran.azure().scale_sets.is_some() && ran.took < std::time::Duration::from_secs(10),
        "{:?}",
        ran.took
    );
    let ran = run(&format!("host.arm.tcp = 'blackhole'\n{OPERATOR}"), &secret(), "--step-timeout 1s");
    assert_eq!(ran.troubles(), [(TroubleKind::Unreachable, "list the subscriptions")]);
    assert!(ran.azure().sign_in.is_some());
}

#[test]
fn a_web_page_is_no_answer() {
    let ran = run(
        &faulty("{ path = '*/registries/contosoacr', status = 503, body = 'html', retry_after = 60 }"),
        &secret(),
        "",
    );
    let trouble = only(&ran.azure().troubles, "read the registry");
    assert_eq!(
        (trouble.kind, trouble.status, trouble.code.is_none()),
        (TroubleKind::Answer, Some(503), true)
    );
    let ran = run(&format!("host.arm.page = {{}}\n{OPERATOR}"), &secret(), "");
    assert_eq!(ran.troubles(), [(TroubleKind::Answer, "list the subscriptions")]);
    assert!(ran.azure().troubles[0].detail.as_str().contains("a web page"));
    // It may not be a portal's: what it says under a status of Azure's is not Azure's word.
    let portal = "host.arm.page = { status = 403, body = '<html>blocked</html>' }";
    let ran = run(&format!("{portal}\n{OPERATOR}"), &secret(), "");
    assert_eq!(ran.troubles(), [(TroubleKind::Answer, "list the subscriptions")]);
}

#[test]
fn no_redirect_is_followed() {
    let world = "host.arm.page = { status = 302, location = 'https://login.contoso.com/' }\n[host.'login.contoso.com']\npage = {}";
    let ran = run(&format!("{world}\n{OPERATOR}"), &secret(), "");
    assert_eq!(ran.troubles(), [(TroubleKind::Answer, "list the subscriptions")]);
    assert_eq!(ran.asked("login.contoso.com"), Vec::<&str>::new());
}

#[test]
fn lists_with_pages_are_read_to_their_end() {
    let paged = format!("registry.anonymous = []\n[arm]\npage_size = 1\n{OPERATOR}");
    let ran = run(&paged, &secret(), AKS);
    let azure = ran.azure();
    assert_eq!(azure.troubles, []);
    let grants = azure.grants.as_ref().expect("grants");
    assert!(grants.complete && grants.assignments.len() == 1 && !grants.others.is_empty());
    let pages =
        ran.asked("management.azure.com").iter().filter(|path| path.ends_with("$filter=atScope()")).count();
    assert!(pages > 3, "denials, and each of the assignments: {pages}");
}

#[test]
fn whoever_may_read_nothing_is_told_so() {
    let blind = OPERATOR.replace("name = 'ops'", "name = 'ops'\nreader = false");
    let ran = run(&blind, &secret(), AKS);
    assert_eq!(ran.troubles(), [(TroubleKind::NotFound, "list the subscriptions")]);
    let id = "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/resourceGroups/contoso-rg/providers/\
              Microsoft.ContainerRegistry/registries/contosoacr";
    let ran = run(&blind, &secret(), &format!("--acr {id}"));
    let trouble = only(&ran.azure().troubles, "read the registry");
    assert_eq!(
        trouble.action.as_ref().map(|action| action.as_str()),
        Some("Microsoft.ContainerRegistry/registries/read")
    );
}

#[test]
fn a_registry_of_another_tenant_is_told_with_its_tenant() {
    let tenant = "eeeeeeee-0000-4000-8000-000000000001";
    let other = "bbbbbbbb-0000-4000-8000-000000000009";
    let world = format!(
        "[arm]
        subscriptions = [{{ id = '{other}', name = 'Elsewhere', tenant = '{tenant}' }}]
        {OPERATOR}
        [entra]
        tenants = ['{tenant}']"
    );
    let id = format!(
        "/subscriptions/{other}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/contosoacr"
    );
    let ran = run(&world, &secret(), &format!("--acr {id}"));
    let trouble = only(&ran.azure().troubles, "read the registry");
    assert_eq!((trouble.kind, trouble.status), (TroubleKind::Unauthenticated, Some(401)));
    assert_eq!(trouble.code.as_ref().map(|code| code.as_str()), Some("InvalidAuthenticationTokenTenant"));
    assert!(trouble.detail.as_str().contains(tenant), "{trouble:?}");
}
