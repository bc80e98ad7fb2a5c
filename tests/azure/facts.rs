//! What is read of registries, clusters, networks and zones.

use pullcheck::case::azure::{Mode, PrivateEndpoint, ZoneRecord};

use crate::asking::{OPERATOR, TENANT, run, secret};

const AKS: &str = "--aks contoso-rg/aks1";

fn texts(all: &[probes::foreign::Foreign]) -> Vec<&str> {
    all.iter().map(|text| text.as_str()).collect()
}

#[test]
fn a_registry_with_everything_set() {
    let world = format!(
        "{OPERATOR}
        [registry]
        anonymous = []
        role_mode = 'abac'
        arm_audience = false
        firewall.sees = '20.73.12.9'
        regions = ['westeurope', 'northeurope']
        regional_endpoints = true
        resource = {{ public_access = 'disabled', ip_rules = ['203.0.113.0/24'], admin_user = true, soft_delete_days = 7, \
         encryption_key = 'https://vault.contoso.com/keys/acr/1' }}"
    );
    let ran = run(&world, &secret(), "");
    let registry = ran.azure().registry.clone().expect("a registry");
    assert_eq!((registry.mode, registry.arm_audience), (Some(Mode::Repositories), Some(false)));
    assert_eq!((registry.public_access, registry.default_allow), (Some(false), Some(false)));
    assert_eq!(registry.ip_rules.as_deref().map(texts), Some(vec!["203.0.113.0/24"]));
    assert_eq!((registry.admin_user, registry.anonymous_pull), (Some(true), Some(false)));
    assert_eq!((registry.soft_delete, registry.quarantine), (Some(true), Some(false)));
    assert_eq!((registry.data_endpoints, registry.data_hosts.map(|all| all.len())), (Some(true), Some(2)));
    let regional = registry.regional_hosts.expect("hosts");
    assert!(texts(&regional).contains(&"contosoacr.northeurope.geo.azurecr.io"), "{regional:?}");
    assert_eq!(registry.customer_key, Some(true));
    assert_eq!(registry.key.as_ref().map(|key| key.as_str()), Some("https://vault.contoso.com/keys/acr/1"));
    assert_eq!(registry.location.as_ref().map(|region| region.as_str()), Some("westeurope"));
}

#[test]
fn what_is_left_out_is_not_known() {
    let world = format!(
        "{OPERATOR}\n[registry.resource]\nomit = ['properties/roleAssignmentMode', 'properties/policies']"
    );
    let registry = run(&world, &secret(), "").azure().registry.clone().expect("a registry");
    assert_eq!((registry.mode, registry.arm_audience, registry.soft_delete), (None, None, None));
    // A registry of a lower tier has no rules.
    let world = format!("{OPERATOR}\n[registry.resource]\nsku = 'standard'");
    let registry = run(&world, &secret(), "").azure().registry.clone().expect("a registry");
    assert_eq!((registry.default_allow, registry.ip_rules), (None, None));
}

#[test]
fn a_cluster_with_its_nodes() {
    let world = format!(
        "{OPERATOR}
        [[aks]]
        egress = ['203.0.113.7', '203.0.113.8']
        http_proxy = 'http://user:pass@proxy.contoso.com:3128/'
        no_proxy = ['.contoso.com']
        private = true
        image_cache = 'registry'
        [[aks.pool]]
        [[aks.pool]]
        name = 'gpu'
        identities = []
        [[aks.pool]]
        name = 'odd'
        omit = ['identity']"
    );
    let ran = run(&world, &secret(), AKS);
    let azure = ran.azure();
    assert_eq!(azure.troubles, []);
    let cluster = azure.cluster.as_ref().expect("a cluster");
    assert_eq!(cluster.egress.as_deref().map(texts), Some(vec!["203.0.113.7", "203.0.113.8"]));
    assert_eq!((cluster.private, cluster.service_principal.is_none()), (Some(true), true));
    assert_eq!(cluster.tenant.as_ref().map(|tenant| tenant.as_str()), Some(TENANT));
    assert_eq!(cluster.outbound.as_ref().map(|kind| kind.as_str()), Some("loadBalancer"));
    assert!(cluster.control_plane.is_some() && cluster.bootstrap_registry.is_some());
    let proxy = cluster.proxy.as_ref().expect("a proxy");
    assert_eq!(proxy.https.as_ref().map(|proxy| proxy.as_str()), Some("http://proxy.contoso.com:3128/"));
    assert_eq!(texts(&proxy.exempt), [".contoso.com"]);
    let subnets = cluster.subnets.as_ref().expect("subnets");
    assert!(subnets.len() == 1 && subnets[0].as_str().contains("/subnets/"), "{subnets:?}");
    let sets = azure.scale_sets.as_ref().expect("scale sets");
    let pools: Vec<_> = sets.iter().map(|set| set.pool.as_ref().map(|pool| pool.as_str())).collect();
    assert_eq!(pools, [Some("nodepool1"), Some("gpu"), Some("odd")]);
    let own = sets[0].identities.as_ref().expect("identities");
    let kubelet =
        cluster.kubelet.as_ref().and_then(|kubelet| kubelet.resource_id.as_ref()).expect("an identity");
    assert!(own.iter().any(|id| id.as_str().eq_ignore_ascii_case(kubelet.as_str())), "{own:?}");
    // Azure leaves the field out of a resource that has none.
    assert_eq!(sets[2].identities.as_deref(), Some(&[][..]));
}

#[test]
fn a_cluster_goes_out_by_other_gates() {
    for (outbound, known) in [
        ("managed-nat-gateway", true),
        ("user-assigned-nat-gateway", true),
        ("user-defined-routing", false),
        ("none", false),
    ] {
        let subnet = "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/resourceGroups/contoso-rg/providers/\
                      Microsoft.Network/virtualNetworks/own/subnets/nodes";
        let egress = if known { "egress = ['203.0.113.9']" } else { "" };
        let world = format!("{OPERATOR}\n[[aks]]\noutbound = '{outbound}'\nsubnet = '{subnet}'\n{egress}");
        let ran = run(&world, &secret(), AKS);
        assert_eq!(ran.azure().troubles, [], "{outbound}");
        let cluster = ran.azure().cluster.as_ref().expect("a cluster");
        let expected = known.then(|| vec!["203.0.113.9"]);
        assert_eq!(cluster.egress.as_deref().map(texts), expected, "{outbound}");
        assert_eq!(cluster.subnets.as_deref().map(texts), Some(vec![subnet]), "{outbound}");
    }
}

#[test]
fn a_private_registry_with_its_endpoint_and_its_zone() {
    let world = format!(
        "{OPERATOR}
        name.registry.a = ['10.224.0.5']
        name.data = {{ a = ['10.224.0.6'] }}
        registry.resource.public_access = 'disabled'"
    );
    let world = world.replace(OPERATOR, "") + OPERATOR;
    let ran = run(&world, &secret(), "");
    let azure = ran.azure();
    assert_eq!(azure.troubles, []);
    let connections =
        azure.registry.as_ref().and_then(|registry| registry.connections.clone()).expect("connections");
    let [endpoint] = azure.private_endpoints.as_slice() else { panic!("one: {:?}", azure.private_endpoints) };
    assert_eq!((connections.len(), connections[0].status.as_str()), (1, "Approved"));
    assert_eq!(connections[0].endpoint, endpoint.id);
    assert!(endpoint.subnet.is_some());
    let addresses = |all: &Option<Vec<ZoneRecord>>| {
        let all = all.iter().flatten().map(|one| (one.name.to_string(), texts(&one.addresses).join(" ")));
        all.collect::<Vec<_>>()
    };
    let expected =
        [("contosoacr.azurecr.io", "10.224.0.5"), ("contosoacr.westeurope.data.azurecr.io", "10.224.0.6")];
    let mut own = addresses(&endpoint.addresses);
    own.sort();
    assert_eq!(own, expected.map(|(name, address)| (name.to_owned(), address.to_owned())));
    let zones = azure.zones.as_ref().expect("zones");
    let [zone] = zones.as_slice() else { panic!("one: {zones:?}") };
    assert_eq!(zone.name.as_str(), "privatelink.azurecr.io");
    assert_eq!(zone.networks.as_ref().map(Vec::len), Some(1));
    let mut records = addresses(&zone.records);
    records.sort();
    let expected = [("contosoacr", "10.224.0.5"), ("contosoacr.westeurope.data", "10.224.0.6")];
    assert_eq!(records, expected.map(|(name, address)| (name.to_owned(), address.to_owned())));
}

#[test]
fn an_endpoint_without_zones_tells_its_addresses_itself() {
    let world = "
        [[private_endpoint]]
        status = 'pending'
        addresses = { 'contosoacr.azurecr.io' = '10.1.0.4' }
        zones = []
        [[private_zone]]
        links = ['/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub']
        records = { contosoacr = ['10.1.0.4'] }
        [[private_zone]]
        name = 'privatelink.blob.core.windows.net'
        links = []
        records = { x = ['10.1.0.9'] }";
    let ran = run(&format!("{world}\n{OPERATOR}"), &secret(), "");
    let azure = ran.azure();
    let [PrivateEndpoint { addresses: Some(addresses), .. }] = azure.private_endpoints.as_slice() else {
        panic!("one: {:?} {:?}", azure.private_endpoints, azure.troubles)
    };
    assert_eq!(texts(&addresses[0].addresses), ["10.1.0.4"]);
    let zones = azure.zones.as_ref().expect("zones");
    assert_eq!(zones.len(), 1, "{zones:?}");
    assert!(zones[0].networks.as_ref().is_some_and(|all| all[0].as_str().ends_with("/virtualNetworks/hub")));
}
