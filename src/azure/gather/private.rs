//! The private endpoints of the registry, and the private zones that give their addresses.

use probes::foreign::Foreign;
use serde_json::Value;

use super::Place;
use crate::azure::arm::Api;
use crate::azure::together::all;
use crate::azure::{Ask, read};
use crate::case::azure::{PrivateEndpoint, PrivateZone, Registry, Trouble, ZoneRecord};

const ENDPOINTS: &str = "read the private endpoints";
const ZONES: &str = "find the private zones";
const LINKS: &str = "list the links of a private zone";
const RECORDS: &str = "list the records of a private zone";
const NETWORK_VERSIONS: [&str; 1] = ["2024-05-01"];
const ZONE_VERSION: &str = "2020-06-01";
const LIST_VERSION: &str = "2024-11-01";
const KIND: &str = "Microsoft.Network/privateDnsZones";
/// The most endpoints and zones that are read.
const MOST: usize = 32;

/// The private endpoints that could be read. They may be in subscriptions of others.
pub(super) async fn endpoints(
    manager: &Api<'_, '_>,
    registry: Option<&Registry>,
) -> (Vec<PrivateEndpoint>, Vec<Trouble>) {
    let connections = registry.and_then(|registry| registry.connections.as_ref()).into_iter().flatten();
    let ids: Vec<&str> =
        connections.map(|one| one.endpoint.as_str()).filter(|id| !id.is_empty()).take(MOST).collect();
    let (mut endpoints, mut troubles) = (Vec::new(), Vec::new());
    for said in all(ids.iter().map(|id| endpoint(manager, id))).await {
        match said {
            Ok((endpoint, trouble)) => {
                endpoints.push(endpoint);
                troubles.extend(trouble);
            }
            Err(trouble) => troubles.push(trouble),
        }
    }
    (endpoints, troubles)
}

async fn endpoint(manager: &Api<'_, '_>, id: &str) -> Result<(PrivateEndpoint, Option<Trouble>), Trouble> {
    let said = manager.resource(ENDPOINTS, id, &NETWORK_VERSIONS).await?;
    let mut endpoint = PrivateEndpoint {
        id: Foreign::new(id),
        subnet: read::text(&said, "properties.subnet.id"),
        addresses: read::list(&said, "properties.customDnsConfigs")
            .map(|all| all.iter().map(configured).collect()),
    };
    // Where zones are kept for it, its addresses stand with its network interfaces alone.
    if endpoint.addresses.as_ref().is_none_or(Vec::is_empty) {
        match interfaces(manager, &said).await {
            Ok(Some(addresses)) => endpoint.addresses = Some(addresses),
            Ok(None) => {}
            Err(trouble) => {
                endpoint.addresses = None;
                return Ok((endpoint, Some(trouble)));
            }
        }
    }
    Ok((endpoint, None))
}

fn configured(said: &Value) -> ZoneRecord {
    ZoneRecord {
        name: read::text(said, "fqdn").unwrap_or_default(),
        addresses: read::texts(said, "ipAddresses").unwrap_or_default(),
    }
}

/// The names and addresses of an endpoint's network interfaces; `None` where it has none.
async fn interfaces(manager: &Api<'_, '_>, said: &Value) -> Result<Option<Vec<ZoneRecord>>, Trouble> {
    let all_ids = read::list(said, "properties.networkInterfaces").unwrap_or_default();
    let ids: Vec<&str> = all_ids.iter().filter_map(|one| read::raw(one, "id")).take(MOST).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let mut records: Vec<ZoneRecord> = Vec::new();
    for said in all(ids.iter().map(|id| manager.resource(ENDPOINTS, id, &NETWORK_VERSIONS))).await {
        let said = said?;
        for one in read::list(&said, "properties.ipConfigurations").unwrap_or_default() {
            let address = read::text(one, "properties.privateIPAddress");
            let names =
                read::texts(one, "properties.privateLinkConnectionProperties.fqdns").unwrap_or_default();
            for name in names {
                match records.iter_mut().find(|known| known.name == name) {
                    Some(known) => known.addresses.extend(address.clone()),
                    None => {
                        records.push(ZoneRecord { name, addresses: address.clone().into_iter().collect() })
                    }
                }
            }
        }
    }
    Ok(Some(records))
}

/// The private zones for the cloud's registries; `None` where they were not looked for, or nothing is known of whether there
/// are any.
pub(super) async fn zones(
    ask: &Ask,
    manager: &Api<'_, '_>,
    places: &[Place],
) -> (Option<Vec<PrivateZone>>, Vec<Trouble>) {
    let mut troubles = Vec::new();
    if ask.registry.is_none() || places.is_empty() {
        return (None, troubles);
    }
    let name = format!("privatelink.{}", ask.cloud.registries);
    let filter = format!("resourceType eq '{KIND}'");
    let query = [("$filter", filter.as_str()), ("api-version", LIST_VERSION)];
    let paths: Vec<String> =
        places.iter().map(|place| format!("/subscriptions/{}/resources", place.subscription)).collect();
    let mut ids = Vec::new();
    for list in all(paths.iter().map(|path| manager.list(ZONES, path, &query))).await {
        let items = list.items(&mut troubles);
        let own = items
            .iter()
            .filter(|item| read::raw(item, "name").is_some_and(|own| own.eq_ignore_ascii_case(&name)));
        ids.extend(own.filter_map(|item| read::raw(item, "id")).map(str::to_owned));
    }
    if ids.is_empty() && !troubles.is_empty() {
        return (None, troubles);
    }
    ids.truncate(MOST);
    let mut zones = Vec::new();
    for (zone, mut found) in all(ids.iter().map(|id| zone(manager, id, &name))).await {
        zones.push(zone);
        troubles.append(&mut found);
    }
    (Some(zones), troubles)
}

async fn zone(manager: &Api<'_, '_>, id: &str, name: &str) -> (PrivateZone, Vec<Trouble>) {
    let (links, records) = (format!("{id}/virtualNetworkLinks"), format!("{id}/ALL"));
    let query = [("api-version", ZONE_VERSION)];
    let (links, records) =
        tokio::join!(manager.list(LINKS, &links, &query), manager.list(RECORDS, &records, &query));
    let mut troubles = Vec::new();
    let whole = |list: crate::azure::arm::List, troubles: &mut Vec<Trouble>| {
        let is_whole = list.trouble.is_none();
        let items = list.items(troubles);
        is_whole.then_some(items)
    };
    let (links, records) = (whole(links, &mut troubles), whole(records, &mut troubles));
    let zone = PrivateZone {
        id: Foreign::new(id),
        name: Foreign::new(name),
        networks: links.map(|all| {
            all.iter().filter_map(|one| read::text(one, "properties.virtualNetwork.id")).collect()
        }),
        records: records.map(|all| all.iter().filter_map(record).collect()),
    };
    (zone, troubles)
}

/// An address record; records of other types are none.
fn record(said: &Value) -> Option<ZoneRecord> {
    let four = read::each(said, "properties.aRecords", "ipv4Address");
    let six = read::each(said, "properties.aaaaRecords", "ipv6Address");
    if four.is_none() && six.is_none() {
        return None;
    }
    let addresses = four.into_iter().chain(six).flatten().collect();
    Some(ZoneRecord { name: read::text(said, "name")?, addresses })
}
