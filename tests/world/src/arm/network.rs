//! Private endpoints with their network interfaces, private DNS zones with their links and records.

use serde_json::{Value, json};

use super::kind;
use super::resource::Resource;
use crate::plan::{Endpoint, Member, Plan, Zone};
use crate::schema::ConnectionStatus;

/// All of them.
pub(super) fn resources(plan: &Plan) -> Vec<Resource> {
    let mut all = Vec::new();
    for endpoint in &plan.private_endpoints {
        all.push(Resource::new(
            endpoint.id.clone(),
            kind::ENDPOINT,
            body(endpoint, plan),
            &endpoint.said.omit,
        ));
        all.push(Resource::new(interface_id(endpoint), kind::INTERFACE, interface(endpoint, plan), &[]));
        if !endpoint.zones.is_empty() {
            let id = format!("{}/privateDnsZoneGroups/default", endpoint.id);
            all.push(Resource::new(id, kind::ZONE_GROUP, zone_group(endpoint, plan), &[]));
        }
    }
    for zone in &plan.private_zones {
        zoned(zone, &mut all);
    }
    all
}

/// The connections of the registry.
pub(super) fn connections(plan: &Plan) -> Vec<Resource> {
    let one = |endpoint: &Endpoint| {
        let id = format!("{}/privateEndpointConnections/{}.0001", plan.acr.id, endpoint.said.name);
        let body = json!({"properties": {
            "privateEndpoint": {"id": endpoint.id},
            "privateLinkServiceConnectionState": state(endpoint),
            "provisioningState": "Succeeded",
        }});
        Resource::new(id, kind::CONNECTION, body, &[])
    };
    plan.private_endpoints.iter().map(one).collect()
}

fn state(endpoint: &Endpoint) -> Value {
    let status = match endpoint.said.status {
        ConnectionStatus::Approved => "Approved",
        ConnectionStatus::Pending => "Pending",
        ConnectionStatus::Rejected => "Rejected",
        ConnectionStatus::Disconnected => "Disconnected",
    };
    json!({"status": status, "description": "", "actionsRequired": "None"})
}

fn interface_id(endpoint: &Endpoint) -> String {
    let before = endpoint.id.rsplit_once("/privateEndpoints/").map_or("", |(before, _)| before);
    format!("{before}/networkInterfaces/{}.nic.0001", endpoint.said.name)
}

fn body(endpoint: &Endpoint, plan: &Plan) -> Value {
    // A registry that does not approve by itself was asked, not told.
    let asked = endpoint.said.status == ConnectionStatus::Pending;
    let connection = json!([{
        "name": endpoint.said.name,
        "properties": {
            "privateLinkServiceId": plan.acr.id, "groupIds": ["registry"],
            "privateLinkServiceConnectionState": state(endpoint), "provisioningState": "Succeeded",
        },
    }]);
    let dns = |member: &Member| json!({"fqdn": member.host, "ipAddresses": [member.address]});
    json!({
        "location": plan.cloud.region(),
        "properties": {
            "provisioningState": "Succeeded",
            "subnet": {"id": endpoint.subnet},
            "networkInterfaces": [{"id": interface_id(endpoint)}],
            "privateLinkServiceConnections": if asked { json!([]) } else { connection.clone() },
            "manualPrivateLinkServiceConnections": if asked { connection } else { json!([]) },
            "customDnsConfigs": if endpoint.zones.is_empty() {
                endpoint.members.iter().map(dns).collect::<Vec<_>>()
            } else {
                Vec::new()
            },
        },
    })
}

fn interface(endpoint: &Endpoint, plan: &Plan) -> Value {
    let configurations = endpoint.members.iter().enumerate().map(|(at, member)| {
        json!({
            "name": format!("privateEndpointIpConfig.{at:04}"),
            "properties": {
                "primary": at == 0,
                "privateIPAddress": member.address,
                "privateIPAllocationMethod": "Dynamic",
                "subnet": {"id": endpoint.subnet},
                "privateLinkConnectionProperties": {
                    "groupId": "registry", "requiredMemberName": member.name, "fqdns": [member.host],
                },
            },
        })
    });
    json!({
        "location": plan.cloud.region(),
        "properties": {
            "provisioningState": "Succeeded",
            "privateEndpoint": {"id": endpoint.id},
            "ipConfigurations": configurations.collect::<Vec<_>>(),
        },
    })
}

fn zone_group(endpoint: &Endpoint, plan: &Plan) -> Value {
    let zones = plan.private_zones.iter().filter(|zone| endpoint.zones.contains(&zone.id));
    let configurations = zones.map(|zone| {
        let sets = zone.records.iter().map(|(name, all)| {
            json!({
                "recordType": "A", "recordSetName": name, "fqdn": format!("{name}.{}", zone.name), "ttl": 10,
                "ipAddresses": all, "provisioningState": "Succeeded",
            })
        });
        json!({
            "name": zone.name.replace('.', "-"),
            "properties": {"privateDnsZoneId": zone.id, "recordSets": sets.collect::<Vec<_>>()},
        })
    });
    json!({"properties": {
        "provisioningState": "Succeeded", "privateDnsZoneConfigs": configurations.collect::<Vec<_>>(),
    }})
}

/// A zone, its links and its records.
fn zoned(zone: &Zone, all: &mut Vec<Resource>) {
    let body = json!({"location": "global", "properties": {
        "provisioningState": "Succeeded",
        // Its own record of authority is among them.
        "numberOfRecordSets": zone.records.len() + 1,
        "numberOfVirtualNetworkLinks": zone.links.len(),
    }});
    all.push(Resource::new(zone.id.clone(), kind::ZONE, body, &zone.said.omit));
    for (number, link) in zone.links.iter().enumerate() {
        let id = format!("{}/virtualNetworkLinks/link-{}", zone.id, number + 1);
        let body = json!({"location": "global", "properties": {
            "provisioningState": "Succeeded", "registrationEnabled": false, "virtualNetwork": {"id": link},
            "virtualNetworkLinkState": "Completed",
        }});
        all.push(Resource::new(id, kind::ZONE_LINK, body, &[]));
    }
    for (name, addresses) in &zone.records {
        let id = format!("{}/A/{name}", zone.id);
        let records: Vec<Value> = addresses.iter().map(|address| json!({"ipv4Address": address})).collect();
        let body = json!({"properties": {
            "fqdn": format!("{name}.{}.", zone.name), "ttl": 10, "isAutoRegistered": false, "aRecords": records,
        }});
        all.push(Resource::new(id, kind::RECORD, body, &[]));
    }
}
