//! The private endpoints and private DNS zones of a world, with what follows from its names filled in.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::Plan;
use crate::schema::{Cloud, Flavour, PrivateEndpoint, PrivateZone, World};

/// A host of the registry at a private endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// What it is: `registry`, or `registry_data_REGION`.
    pub(crate) name: String,
    /// The host.
    pub(crate) host: String,
    /// Its address there.
    pub(crate) address: Ipv4Addr,
}

/// A private endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Its ARM id.
    pub(crate) id: String,
    /// Its subnet's ARM id.
    pub(crate) subnet: String,
    /// Its hosts.
    pub(crate) members: Vec<Member>,
    /// The ARM ids of the zones that keep its records.
    pub(crate) zones: Vec<String>,
    /// What the page says of it.
    pub(crate) said: PrivateEndpoint,
}

/// A private DNS zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    /// Its ARM id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// The ARM ids of the networks that it is linked to.
    pub(crate) links: Vec<String>,
    /// Its A records by their names in the zone.
    pub(crate) records: BTreeMap<String, Vec<Ipv4Addr>>,
    /// What the page says of it.
    pub(crate) said: PrivateZone,
}

/// Endpoints and zones.
pub(super) fn network(world: &World, plan: &Plan) -> (Vec<Endpoint>, Vec<Zone>) {
    if world.registry.flavour != Flavour::Acr {
        return (Vec::new(), Vec::new());
    }
    let led = led(plan);
    let is_private = !led.is_empty();
    let usual_zones = is_private.then(PrivateZone::default);
    let zones: Vec<Zone> = match &world.private_zones {
        Some(said) => said.iter().map(|said| zone(said, plan, &led)).collect(),
        None => usual_zones.iter().map(|said| zone(said, plan, &led)).collect(),
    };
    let usual = is_private.then(PrivateEndpoint::default);
    let endpoints = match &world.private_endpoints {
        Some(said) => said.iter().map(|said| endpoint(said, plan, &led, &zones)).collect(),
        None => usual.iter().map(|said| endpoint(said, plan, &led, &zones)).collect(),
    };
    (endpoints, zones)
}

/// The registry's hosts, and what they are at a private endpoint.
fn hosts(plan: &Plan) -> Vec<(String, String)> {
    let suffix = Cloud::of_registry(&plan.registry).unwrap_or(plan.cloud).registry_suffix();
    let mut hosts = vec![("registry".to_owned(), plan.registry.clone())];
    let data = plan.regions.iter().filter_map(|region| region.data.as_ref()).chain(&plan.data);
    for host in data {
        let region =
            host.strip_suffix(suffix).and_then(|rest| rest.strip_suffix(".data.")?.split('.').nth(1));
        if let Some(region) = region.filter(|_| !hosts.iter().any(|(_, known)| known == host)) {
            hosts.push((format!("registry_data_{region}"), host.clone()));
        }
    }
    hosts
}

/// The private addresses that the world's nameservers lead to.
fn led(plan: &Plan) -> BTreeMap<String, Vec<Ipv4Addr>> {
    let mut led = BTreeMap::new();
    for (_, host) in hosts(plan) {
        let mut all: Vec<Ipv4Addr> = Vec::new();
        for records in plan.zones.iter().filter_map(|zone| zone.get(&host)) {
            let private = records.a.iter().filter(|a| a.is_private() && records.fault.is_none());
            all.extend(private.filter(|a| !all.contains(a)).copied().collect::<Vec<_>>());
        }
        if !all.is_empty() {
            led.insert(host, all);
        }
    }
    led
}

fn endpoint(
    said: &PrivateEndpoint,
    plan: &Plan,
    led: &BTreeMap<String, Vec<Ipv4Addr>>,
    zones: &[Zone],
) -> Endpoint {
    let subscription = said.subscription.as_deref().unwrap_or(&plan.acr.subscription).to_ascii_lowercase();
    let id = format!(
        "/subscriptions/{subscription}/resourceGroups/{}/providers/Microsoft.Network/privateEndpoints/{}",
        said.group, said.name
    );
    let given: Option<BTreeMap<String, Ipv4Addr>> = said
        .addresses
        .as_ref()
        .map(|all| all.iter().map(|(key, address)| (plan.name_of(key), *address)).collect());
    // Every host has an address at the endpoint, also where no name leads to it.
    let mut free = (0..=u8::MAX).map(|number| Ipv4Addr::new(10, 224, 1, number)).skip(4);
    let members = hosts(plan).into_iter().filter_map(|(name, host)| {
        let address = match &given {
            Some(given) => *given.get(&host)?,
            None => led.get(&host).and_then(|all| all.first().copied()).or_else(|| free.next())?,
        };
        Some(Member { name, host, address })
    });
    let own = plan.clusters.first().and_then(|cluster| cluster.pools.first());
    let kept = |zone: &&Zone| match &said.zones {
        Some(names) => names.contains(&zone.name),
        None => true,
    };
    Endpoint {
        id,
        subnet: said.subnet.clone().or_else(|| own.map(|pool| pool.subnet.clone())).unwrap_or_default(),
        members: members.collect(),
        zones: zones.iter().filter(kept).map(|zone| zone.id.clone()).collect(),
        said: said.clone(),
    }
}

fn zone(said: &PrivateZone, plan: &Plan, led: &BTreeMap<String, Vec<Ipv4Addr>>) -> Zone {
    let subscription = said.subscription.as_deref().unwrap_or(&plan.acr.subscription).to_ascii_lowercase();
    let group = said.group.as_deref().unwrap_or("contoso-rg");
    let suffix = Cloud::of_registry(&plan.registry).unwrap_or(plan.cloud).registry_suffix();
    let name = said.name.clone().unwrap_or_else(|| format!("privatelink.{suffix}"));
    let own = plan.clusters.first().and_then(|cluster| cluster.pools.first());
    let own = own.map(|pool| pool.subnet.split("/subnets/").next().unwrap_or_default().to_owned());
    let links = match &said.links {
        Some(links) => links
            .iter()
            .filter_map(|link| if link == "cluster" { own.clone() } else { Some(link.clone()) })
            .collect(),
        None => own.into_iter().collect(),
    };
    let records = said.records.clone().unwrap_or_else(|| {
        let label = |host: &String| Some(host.strip_suffix(suffix)?.strip_suffix('.')?.to_owned());
        led.iter().filter_map(|(host, all)| Some((label(host)?, all.clone()))).collect()
    });
    Zone {
        id: format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/privateDnsZones/{name}"
        ),
        name,
        links,
        records,
        said: said.clone(),
    }
}
