//! Private endpoints and private DNS.

use super::*;

const GROUP: &str = "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/resourceGroups/contoso-rg/providers";
const PRIVATE: &str = "name.registry.a = ['10.224.0.5']\nname.data.a = ['10.224.0.6']\n";
const ZONE: &str = "Microsoft.Network/privateDnsZones/privatelink.azurecr.io";

fn get_all(world: &str, target: &str) -> Vec<Value> {
    let (status, body) = told(&format!("{world}\n[[identity]]"), &format!("{GROUP}/{target}"));
    assert_eq!(status, 200, "{body}");
    body["value"].as_array().cloned().unwrap_or_default()
}

fn one(world: &str, target: &str) -> Value {
    let (status, body) = told(&format!("{world}\n[[identity]]"), &format!("{GROUP}/{target}"));
    assert_eq!(status, 200, "{target}: {body}");
    body
}

/// The A records of the zone: names and first addresses.
fn records(world: &str, kind: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = get_all(world, &format!("{ZONE}/{kind}"));
    all.iter()
        .map(|one| (text(&one["name"]), text(&one["properties"]["aRecords"][0]["ipv4Address"])))
        .collect()
}

#[test]
fn private_names_have_an_endpoint_and_a_zone() {
    let pair = |name: &str, address: &str| (name.to_owned(), address.to_owned());
    let expected = [pair("contosoacr", "10.224.0.5"), pair("contosoacr.westeurope.data", "10.224.0.6")];
    assert_eq!(records(PRIVATE, "A"), expected);
    assert_eq!(records(PRIVATE, "ALL"), expected);
    let registry = one(PRIVATE, "Microsoft.ContainerRegistry/registries/contosoacr");
    let connection = &registry["properties"]["privateEndpointConnections"][0];
    assert_eq!(connection["properties"]["privateLinkServiceConnectionState"]["status"], "Approved");
    let id = connection["properties"]["privateEndpoint"]["id"].as_str().expect("an id");
    let endpoint = one(PRIVATE, id.trim_start_matches(GROUP));
    let link = &endpoint["properties"]["privateLinkServiceConnections"][0]["properties"];
    assert_eq!(link["privateLinkServiceId"], registry["id"]);
    let interface = endpoint["properties"]["networkInterfaces"][0]["id"].as_str().expect("an id");
    let interface = one(PRIVATE, interface.trim_start_matches(GROUP));
    let configurations = interface["properties"]["ipConfigurations"].as_array().expect("a list");
    let names: Vec<_> = configurations
        .iter()
        .map(|one| &one["properties"]["privateLinkConnectionProperties"]["requiredMemberName"])
        .collect();
    assert_eq!(names, ["registry", "registry_data_westeurope"]);
    assert_eq!(configurations[0]["properties"]["privateIPAddress"], "10.224.0.5");
    let links = get_all(PRIVATE, &format!("{ZONE}/virtualNetworkLinks"));
    let network = links[0]["properties"]["virtualNetwork"]["id"].as_str().expect("an id");
    assert!(network.ends_with("/virtualNetworks/aks-vnet-12345678"));
    let group = one(PRIVATE, "Microsoft.Network/privateEndpoints/contosoacr-pe/privateDnsZoneGroups/default");
    assert_eq!(group["properties"]["privateDnsZoneConfigs"][0]["properties"]["recordSets"][1]["ttl"], 10);
    assert_eq!(
        get_all("", "Microsoft.Network/privateEndpoints"),
        Vec::<Value>::new(),
        "public names have none"
    );
}

#[test]
fn what_no_name_leads_to_is_missing_in_the_zone_alone() {
    let world = "name.registry.a = ['10.224.0.5']\nname.data = { cname = \
                 ['contosoacr.westeurope.data.privatelink.azurecr.io'], fault = 'nxdomain' }";
    assert_eq!(records(world, "A").len(), 1);
    let interface = get_all(world, "Microsoft.Network/networkInterfaces");
    assert_eq!(interface[0]["properties"]["ipConfigurations"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_page_says_it_otherwise() {
    let world = format!(
        "{PRIVATE}[[private_endpoint]]\nstatus = 'pending'\naddresses = {{ registry = '10.1.0.4' }}\nzones = []\n\
         [[private_zone]]\nlinks = ['/subscriptions/x/hub', 'cluster']\nrecords = {{ contosoacr = ['10.9.0.9'] }}"
    );
    assert_eq!(records(&world, "A"), [("contosoacr".to_owned(), "10.9.0.9".to_owned())]);
    let links = get_all(&world, &format!("{ZONE}/virtualNetworkLinks"));
    assert_eq!(
        (links.len(), &links[0]["properties"]["virtualNetwork"]["id"]),
        (2, &"/subscriptions/x/hub".into())
    );
    let endpoint = one(&world, "Microsoft.Network/privateEndpoints/contosoacr-pe");
    let asked = &endpoint["properties"]["manualPrivateLinkServiceConnections"][0]["properties"];
    assert_eq!(asked["privateLinkServiceConnectionState"]["status"], "Pending");
    assert_eq!(endpoint["properties"]["customDnsConfigs"][0]["ipAddresses"][0], "10.1.0.4");
    assert_eq!(
        get_all("private_zone = []\nname.registry.a = ['10.224.0.5']", "Microsoft.Network/privateDnsZones")
            .len(),
        0
    );
    for (text, expected) in [
        ("[[private_endpoint]]\nzones = ['x']", "'x'"),
        ("[[private_endpoint]]\naddresses = { 'other.contoso.com' = '10.0.0.1' }", "registry's hosts"),
        ("aks = []\n[[private_endpoint]]", "no cluster"),
        ("registry.flavour = 'harbor'\nprivate_zone = []", "only an ACR"),
    ] {
        let error = text.parse::<World>().expect_err(text).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_registry_that_is_closed_keeps_everybody_out_who_comes_from_outside() {
    let status = |world: &str| {
        let world: World = world.parse().expect("a world");
        let plan = Plan::new(&world);
        let directory = Arc::new(Directory::new(&world, &plan));
        let registry = crate::registry::Registry::new(&world, &plan, directory);
        let (method, path) = ("GET".to_owned(), "/v2/".to_owned());
        registry.answer(&Ask { method, path, ..Ask::default() }).status
    };
    let closed = "registry.resource.public_access = 'disabled'\n";
    assert_eq!(status(closed), 403);
    assert_eq!(status(&format!("{closed}{PRIVATE}")), 401);
    let registry = one(closed, "Microsoft.ContainerRegistry/registries/contosoacr");
    assert_eq!(registry["properties"]["publicNetworkAccess"], "Disabled");
}
