//! The networks of clusters, and the addresses with which their machines go out.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::kind;
use super::resource::Resource;
use crate::plan::{Cluster, Plan};
use crate::schema::Outbound;

/// Networks, subnets, gateways and public addresses of a cluster.
pub(super) fn resources(cluster: &Cluster, plan: &Plan) -> Vec<Resource> {
    let mut networks: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut all = addresses(cluster, plan);
    let gateway = (cluster.said.outbound == Outbound::UserAssignedNatGateway).then(|| gateway_id(cluster));
    for pool in &cluster.pools {
        let Some((network, name)) = pool.subnet.split_once("/subnets/") else { continue };
        let subnets = networks.entry(network).or_default();
        let mut body =
            json!({"id": pool.subnet, "name": name, "properties": {"addressPrefix": "10.224.0.0/16"}});
        if let Some(id) = &gateway {
            body["properties"]["natGateway"] = json!({"id": id});
        }
        if !subnets.contains(&body) {
            all.push(Resource::new(pool.subnet.clone(), kind::SUBNET, body.clone(), &[]));
            subnets.push(body);
        }
    }
    for (network, subnets) in networks {
        let body = json!({
            "location": plan.cloud.region(),
            "properties": {
                "provisioningState": "Succeeded",
                "addressSpace": {"addressPrefixes": ["10.224.0.0/12"]},
                "dhcpOptions": {"dnsServers": cluster.said.dns_servers},
                "subnets": subnets,
            },
        });
        all.push(Resource::new(network.to_owned(), kind::NETWORK, body, &[]));
    }
    if let Some(id) = gateway {
        let body = json!({
            "location": plan.cloud.region(),
            "sku": {"name": "Standard"},
            "properties": {"provisioningState": "Succeeded", "publicIpAddresses": references(cluster)},
        });
        all.push(Resource::new(id, kind::GATEWAY, body, &[]));
    }
    all
}

/// The addresses as the cluster, or a gateway, names them.
pub(super) fn references(cluster: &Cluster) -> Vec<Value> {
    (1..=cluster.egress.len()).map(|number| json!({"id": address_id(cluster, number)})).collect()
}

fn address_id(cluster: &Cluster, number: usize) -> String {
    format!("{}/providers/Microsoft.Network/publicIPAddresses/outbound-{number}", cluster.node_group)
}

fn gateway_id(cluster: &Cluster) -> String {
    format!("{}/providers/Microsoft.Network/natGateways/outbound", cluster.node_group)
}

fn addresses(cluster: &Cluster, plan: &Plan) -> Vec<Resource> {
    let one = |(address, number): (&Ipv4Addr, usize)| {
        let body = json!({
            "location": plan.cloud.region(),
            "sku": {"name": "Standard", "tier": "Regional"},
            "properties": {
                "provisioningState": "Succeeded", "ipAddress": address, "publicIPAddressVersion": "IPv4",
                "publicIPAllocationMethod": "Static",
            },
        });
        Resource::new(address_id(cluster, number), kind::ADDRESS, body, &[])
    };
    cluster.egress.iter().zip(1..).map(one).collect()
}
