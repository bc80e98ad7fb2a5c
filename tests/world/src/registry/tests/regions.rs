//! An ACR in several regions.

use super::*;

const NORTH: &str = "contosoacr.northeurope.geo.azurecr.io";
const REGIONS: &str = "registry = { regions = ['westeurope', 'northeurope'], regional_endpoints = true }";

fn at(host: &str, mut ask: Ask) -> Ask {
    ask.host = host.to_owned();
    ask
}

/// The host that a layer's blob is redirected to.
fn target(registry: &Registry, host: &str) -> String {
    let token = bearer(registry, at(host, get(SCOPE)));
    let digest = registry.content()["team/web"].blobs.keys().next().expect("a blob").clone();
    let reply = registry.answer(&at(host, with(get(&format!("/v2/team/web/blobs/{digest}")), &token)));
    let url = url::Url::parse(reply.value("location").expect("a redirect")).expect("an address");
    url.host_str().expect("a host").to_owned()
}

#[test]
fn a_region_answers_for_itself() {
    let registry = registry(REGIONS);
    let reply = registry.answer(&at(&format!("{NORTH}:443"), get("/v2/")));
    let expected = format!("Bearer realm=\"https://{NORTH}/oauth2/token\",service=\"{NORTH}\"");
    assert_eq!(reply.value("www-authenticate"), Some(expected.as_str()));
    assert_eq!(target(&registry, NORTH), "contosoacr.northeurope.data.azurecr.io");
    assert_eq!(target(&registry, "contosoacr.azurecr.io"), "contosoacr.westeurope.data.azurecr.io");
}

#[test]
fn hosts_follow_from_the_regions() {
    let hosts = |world: &str| -> Vec<String> {
        let world: World = world.parse().expect("a world");
        Plan::new(&world).servers.into_keys().filter(|name| name.starts_with("contosoacr.")).collect()
    };
    assert_eq!(hosts(""), ["contosoacr.azurecr.io", "contosoacr.westeurope.data.azurecr.io"]);
    assert_eq!(
        hosts(REGIONS),
        [
            "contosoacr.azurecr.io",
            "contosoacr.northeurope.data.azurecr.io",
            NORTH,
            "contosoacr.westeurope.data.azurecr.io",
            "contosoacr.westeurope.geo.azurecr.io",
        ]
    );
    assert_eq!(hosts("registry = { regions = ['northeurope'], data_host = '' }"), ["contosoacr.azurecr.io"]);
    assert_eq!(hosts("cloud = 'usgov'")[1], "contosoacr.usgovvirginia.data.azurecr.us");
}
