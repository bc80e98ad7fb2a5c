//! `private-endpoint`: whether a private way leads to the registry, and its names are known there, by what Azure says.

use probes::foreign::Foreign;

use super::registry_rules::{approved, unread};
use super::{Answer, Check, Place, View};
use crate::case::azure::{Azure, PrivateZone, Registry, ZoneRecord};
use crate::causes::{
    AcrPrivateDnsNoRecord, AcrPrivateDnsWrongRecord, AcrPrivateDnsZoneNotLinked, CauseId,
    DataEndpointDnsMissing, PrivateEndpointUnreachable,
};
use crate::report::Status;

/// The check.
pub const CHECK: Check = Check {
    id: "private-endpoint",
    title: "the registry's private endpoints have their names",
    explanation: "The registry's private endpoints, their state and their addresses are compared with the private zones for \
        registries: whether one is linked to a network of the cluster, and whether its records name the registry and its data \
        hosts with the endpoints' addresses. A network may have its names from elsewhere, so that what is wrong here is a warning, \
        and counts where a pull has failed of it.",
    at: &[Place::Azure],
    per_credential: false,
    needs: &[],
    causes: &[NAMES],
    judge,
};

/// What is refuted where there is no private endpoint.
const NAMES: &[CauseId] = &[
    AcrPrivateDnsZoneNotLinked,
    AcrPrivateDnsNoRecord,
    AcrPrivateDnsWrongRecord,
    DataEndpointDnsMissing,
    PrivateEndpointUnreachable,
];

fn judge(view: &View<'_>) -> Option<Answer> {
    let azure = view.case.azure.as_ref()?;
    let Some(registry) = &azure.registry else { return Some(unread(azure, "the registry")) };
    let name = &registry.name;
    let Some(approved) = approved(registry) else {
        return Some(Answer::new(
            Status::Unknown,
            format!("the private endpoints of {name} were not returned"),
        ));
    };
    let connections = registry.connections.as_deref().unwrap_or_default();
    if connections.is_empty() {
        let answer = Answer::new(Status::NotApplicable, format!("{name} has no private endpoint"));
        return Some(NAMES.iter().fold(answer, |answer, cause| answer.refutes(*cause)));
    }
    let answer = if approved == 0 {
        let state = &connections[0].status;
        Answer::new(Status::Warn, format!("no private endpoint of {name} is approved: {state}"))
            .allows(&[PrivateEndpointUnreachable])
    } else {
        match &azure.zones {
            None => unread(azure, "the private zones"),
            Some(zones) => names(azure, registry, zones),
        }
    };
    Some(connections.iter().fold(answer, |answer, connection| {
        answer.saw(format!("read the connection of {}", connection.endpoint), connection.status.to_string())
    }))
}

/// Whether the zones that the cluster's networks see have the names of the registry.
fn names(azure: &Azure, registry: &Registry, zones: &[PrivateZone]) -> Answer {
    let networks: Option<Vec<String>> = azure.cluster.as_ref().and_then(|cluster| {
        let subnets = cluster.subnets.as_ref()?;
        Some(subnets.iter().filter_map(|subnet| network_of(subnet.as_str())).collect())
    });
    let Some(networks) = networks.filter(|networks| !networks.is_empty()) else {
        return Answer::new(Status::Unknown, "in which network the nodes are was not returned");
    };
    if zones.iter().any(|zone| zone.networks.is_none()) {
        return Answer::new(Status::Unknown, "the links of the private zones could not be read");
    }
    let linked = |zone: &&PrivateZone, network: &String| {
        zone.networks.iter().flatten().any(|link| link.as_str().eq_ignore_ascii_case(network))
    };
    for network in &networks {
        let seen: Vec<&PrivateZone> = zones.iter().filter(|zone| linked(zone, network)).collect();
        if seen.is_empty() {
            let network = network.rsplit('/').next().unwrap_or(network);
            let answer = Answer::new(
                Status::Warn,
                format!(
                    "no private zone for registries is seen to be linked to {network}, the network of the nodes"
                ),
            );
            // Whoever may not read a zone does not see it: only the registry's own zone shows where it is linked.
            return match zones.iter().any(|zone| is_own(zone, registry)) {
                true => answer.confirms(AcrPrivateDnsZoneNotLinked),
                false => answer.allows(&[AcrPrivateDnsZoneNotLinked]),
            };
        }
        let answer = records(azure, registry, &seen);
        if answer.status != Status::Pass {
            return answer;
        }
    }
    Answer::pass(
        "the zones that the nodes' networks see name the registry with its private endpoint's addresses",
    )
    .refutes(AcrPrivateDnsZoneNotLinked)
    .refutes(AcrPrivateDnsNoRecord)
    .refutes(AcrPrivateDnsWrongRecord)
    .refutes(DataEndpointDnsMissing)
}

/// Whether a zone has a record of the registry.
fn is_own(zone: &PrivateZone, registry: &Registry) -> bool {
    let Some(short) = relative(registry.login_server.as_str()) else { return false };
    zone.records.iter().flatten().any(|record| record.name.as_str().eq_ignore_ascii_case(short))
}

/// Whether the records of these zones are those of the registry's endpoints.
fn records(azure: &Azure, registry: &Registry, zones: &[&PrivateZone]) -> Answer {
    let Some(records) = zones.iter().map(|zone| zone.records.as_ref()).collect::<Option<Vec<_>>>() else {
        return Answer::new(Status::Unknown, "the records of the private zones could not be read");
    };
    let records: Vec<&ZoneRecord> = records.into_iter().flatten().collect();
    let meant: Vec<&ZoneRecord> =
        azure.private_endpoints.iter().filter_map(|e| e.addresses.as_ref()).flatten().collect();
    let own = std::iter::once((registry.login_server.as_str(), false));
    let data = registry.data_hosts.iter().flatten().map(|host| (host.as_str(), true));
    for (host, is_data) in own.chain(data) {
        let Some(short) = relative(host) else { continue };
        let Some(found) = records.iter().find(|record| record.name.as_str().eq_ignore_ascii_case(short))
        else {
            let cause = if is_data { DataEndpointDnsMissing } else { AcrPrivateDnsNoRecord };
            return Answer::new(
                Status::Warn,
                format!("the private zone that the nodes see has no record of {host}"),
            )
            .confirms(cause);
        };
        let should: Vec<&Foreign> = meant
            .iter()
            .filter(|record| record.name.as_str().eq_ignore_ascii_case(host))
            .flat_map(|record| &record.addresses)
            .collect();
        if should.is_empty() {
            return Answer::new(
                Status::Unknown,
                format!("which address the private endpoint has for {host} could not be read"),
            );
        }
        if !found.addresses.iter().all(|address| should.contains(&address)) {
            return Answer::new(
                Status::Warn,
                format!(
                    "the private zone names {host} with {}, and its endpoint has {}",
                    super::seen::list(&found.addresses),
                    super::seen::list(should)
                ),
            )
            .confirms(AcrPrivateDnsWrongRecord);
        }
    }
    Answer::pass("")
}

/// A registry's host as its zone's records name it: without the suffix of its cloud.
fn relative(host: &str) -> Option<&str> {
    ["azurecr.io", "azurecr.cn", "azurecr.us"].iter().find_map(|suffix| {
        let short = host.len().checked_sub(suffix.len())?;
        let (short, rest) = host.split_at_checked(short)?;
        rest.eq_ignore_ascii_case(suffix).then(|| short.trim_end_matches('.'))
    })
}

/// The virtual network that a subnet is in.
fn network_of(subnet: &str) -> Option<String> {
    let at = subnet.to_ascii_lowercase().rfind("/subnets/")?;
    subnet.get(..at).map(str::to_owned)
}

#[cfg(test)]
#[path = "private-endpoint/tests.rs"]
mod tests;
