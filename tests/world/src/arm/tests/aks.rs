//! Clusters and their machines.

use super::*;

const GROUP: &str = "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/resourceGroups";
const KUBELET: &str = "22222222-0000-4000-8000-000000000001";

fn cluster(world: &str) -> Value {
    let target = format!("{GROUP}/contoso-rg/providers/Microsoft.ContainerService/managedClusters/aks1");
    let (status, body) = told(world, &target);
    assert_eq!(status, 200, "{body}");
    body
}

fn scale_set(world: &str, name: &str) -> Value {
    let group = "mc_contoso_aks1_westeurope";
    told(world, &format!("{GROUP}/{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}")).1
}

#[test]
fn a_cluster_names_the_identity_that_pulls_and_its_machines_have_it() {
    let aks = cluster("[[identity]]");
    let kubelet = &aks["properties"]["identityProfile"]["kubeletidentity"];
    assert_eq!(kubelet["objectId"], KUBELET);
    let id = kubelet["resourceId"].as_str().expect("an id");
    assert_ne!(aks["identity"]["principalId"], KUBELET, "the cluster's own identity is another");
    assert_eq!(aks["properties"]["servicePrincipalProfile"]["clientId"], "msi");
    let set = scale_set("[[identity]]", "aks-nodepool1-12345678-vmss");
    assert_eq!(set["identity"]["userAssignedIdentities"][id]["principalId"], KUBELET);
    let (status, identity) = told("[[identity]]", id);
    assert_eq!((status, &identity["properties"]["principalId"]), (200, &KUBELET.into()));
    assert_eq!(
        aks["properties"]["agentPoolProfiles"][0]["vnetSubnetID"],
        Value::Null,
        "a network of AKS' own"
    );
    let subnet = &set["properties"]["virtualMachineProfile"]["networkProfile"]["networkInterfaceConfigurations"]
        [0]["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"];
    let network = subnet.as_str().and_then(|id| id.split_once("/subnets/")).expect("a subnet").0;
    assert_eq!(told("[[identity]]", network).1["properties"]["subnets"][0]["id"], *subnet);
}

#[test]
fn machines_may_have_another_identity_than_the_cluster_says() {
    let gone = "[[identity]]\nattached = false\n[[identity]]\nname = 'old'";
    let set = scale_set(gone, "aks-nodepool1-12345678-vmss");
    let has = |set: &Value, name: &str| {
        let all = set["identity"]["userAssignedIdentities"].as_object().cloned().unwrap_or_default();
        all.keys().any(|id| id.ends_with(name))
    };
    assert!(has(&set, "/old") && !has(&set, "/aks1-agentpool"));
    assert_eq!(cluster(gone)["properties"]["identityProfile"]["kubeletidentity"]["objectId"], KUBELET);
    let pools = "[[aks]]\n[[aks.pool]]\n[[aks.pool]]\nname = 'gpu'\nidentities = []\n[[identity]]";
    assert_eq!(scale_set(pools, "aks-gpu-12345678-vmss")["identity"], Value::Null);
    let own = "[[identity]]\nkind = 'system-assigned'";
    assert_eq!(scale_set(own, "aks-nodepool1-12345678-vmss")["identity"]["type"], "SystemAssigned");
}

#[test]
fn clusters_differ_as_the_page_says() {
    let principal = "[[identity]]\nkind = 'service-principal'\nname = 'sp'\nsecret = 's'";
    let aks = cluster(principal);
    assert_eq!(
        aks["properties"]["servicePrincipalProfile"]["clientId"],
        "11111111-0000-4000-8000-000000000001"
    );
    assert_eq!((&aks["properties"]["identityProfile"], &aks["identity"]), (&Value::Null, &Value::Null));
    let aks = cluster(
        "[[aks]]\noutbound = 'user-defined-routing'\nprivate = true\nhttp_proxy = 'http://proxy:3128'\nimage_cache = \
         'registry'\nsubnet = '/subscriptions/x/s'\nomit = ['properties/powerState']\n[[identity]]",
    );
    let properties = &aks["properties"];
    assert_eq!(properties["networkProfile"]["outboundType"], "userDefinedRouting");
    assert_eq!(properties["apiServerAccessProfile"]["enablePrivateCluster"], true);
    assert_eq!(properties["httpProxyConfig"]["httpsProxy"], "http://proxy:3128");
    assert!(
        properties["bootstrapProfile"]["containerRegistryId"]
            .as_str()
            .is_some_and(|id| id.ends_with("contosoacr"))
    );
    assert_eq!(properties["agentPoolProfiles"][0]["vnetSubnetID"], "/subscriptions/x/s");
    assert_eq!((&properties["powerState"], &properties["fqdn"]), (&Value::Null, &Value::Null));
    let none = "aks = []\n[[identity]]";
    let target = format!("{GROUP}/contoso-rg/providers/Microsoft.ContainerService/managedClusters");
    assert_eq!(told(none, &format!("{target}/aks1")).1["error"]["code"], "ResourceNotFound");
    assert_eq!(
        told("[[aks]]\n[[aks]]\nname = 'aks2'\n[[identity]]", &target).1["value"].as_array().map(Vec::len),
        Some(2)
    );
    let empty = cluster("[[aks]]\nkubelet = ''\n[[identity]]");
    assert_eq!(empty["properties"]["identityProfile"], Value::Null);
}

#[test]
fn the_addresses_with_which_machines_go_out_are_resources() {
    let seen = |world: &str, profile: &str| -> Vec<Value> {
        let aks = cluster(&format!("{world}\n[[identity]]"));
        let all = aks["properties"]["networkProfile"][profile]["effectiveOutboundIPs"].as_array().cloned();
        let ids = all.unwrap_or_default();
        let text = |one: &Value| one["id"].as_str().expect("an id").to_owned();
        ids.iter().map(|one| told("[[identity]]", &text(one)).1["properties"]["ipAddress"].clone()).collect()
    };
    assert_eq!(seen("", "loadBalancerProfile"), ["203.0.113.7"]);
    let many = cluster(
        "[[aks]]\negress = ['203.0.113.1', '203.0.113.2']\noutbound = 'managed-nat-gateway'\n[[identity]]",
    );
    let all = &many["properties"]["networkProfile"]["natGatewayProfile"]["effectiveOutboundIPs"];
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    let wall = "[[identity]]\n[registry.firewall]\nsees = '20.73.12.9'\n[registry.resource]\nsubnet_rules = ['cluster']";
    let group = "MC_contoso_aks1_westeurope/providers/Microsoft.Network/publicIPAddresses/outbound-1";
    assert_eq!(told(wall, &format!("{GROUP}/{group}")).1["properties"]["ipAddress"], "20.73.12.9");
    let registry = "contoso-rg/providers/Microsoft.ContainerRegistry/registries/contosoacr";
    let rules = &told(wall, &format!("{GROUP}/{registry}")).1["properties"]["networkRuleSet"];
    let subnet =
        rules["virtualNetworkRules"][0]["virtualNetworkSubnetResourceId"].as_str().expect("a subnet");
    assert!(subnet.ends_with("/subnets/aks-subnet") && rules["defaultAction"] == "Deny", "{rules}");
}

#[test]
fn a_gateway_of_the_users_is_found_by_the_subnet() {
    let subnet = "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/resourceGroups/net/providers/Microsoft.Network/\
                  virtualNetworks/hub/subnets/nodes";
    let world = format!(
        "[[aks]]\noutbound = 'user-assigned-nat-gateway'\negress = ['203.0.113.9']\nsubnet = '{subnet}'\n[[identity]]"
    );
    let id = |value: &Value| value["id"].as_str().unwrap_or_else(|| panic!("{value}")).to_owned();
    let gateway = id(&told(&world, subnet).1["properties"]["natGateway"]);
    let address = id(&told(&world, &gateway).1["properties"]["publicIpAddresses"][0]);
    assert_eq!(told(&world, &address).1["properties"]["ipAddress"], "203.0.113.9");
    let network = subnet.split_once("/subnets/").expect("a network").0;
    assert_eq!(told(&world, network).1["properties"]["subnets"][0]["id"], subnet);
    assert_eq!(told(&world, &format!("{network}/subnets")).1["value"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_clusters_own_identity_may_be_one_of_the_worlds() {
    let world = "[[identity]]\n[[identity]]\nname = 'aks1'\nattached = false\n[[aks]]\nidentity = 'aks1'";
    let aks = cluster(world);
    let all = aks["identity"]["userAssignedIdentities"].as_object().expect("identities");
    let own = all.values().next().expect("an identity");
    assert_eq!(own["principalId"], "22222222-0000-4000-8000-000000000002");
    assert_eq!(aks["properties"]["identityProfile"]["kubeletidentity"]["objectId"], KUBELET);
}

#[test]
fn what_a_cluster_names_must_be_there() {
    for (text, expected) in [
        ("[[aks]]\nkubelet = 'nobody'", "'nobody'"),
        ("[[aks]]\nidentity = 'nobody'", "'nobody'"),
        ("[[aks]]\n[[aks.pool]]\nidentities = ['nobody']", "'nobody'"),
        ("[[aks]]\npool = []", "one at least"),
        ("[[aks]]\n[[aks]]", "another cluster"),
        ("[[aks]]\noutbound = 'none'\negress = []", "no addresses"),
        ("[[aks]]\nsubscription = 'x'", "arm.subscriptions"),
        ("[[aks]]\nomit = ['properties/x']", "properties/x"),
    ] {
        let error = text.parse::<World>().expect_err(text).to_string();
        assert!(error.contains(expected), "{error}");
    }
}
