//! `private-endpoint`: whether a private way leads to the registry, and its names are known there, by what Azure says.

use std::net::IpAddr;

use probes::facts::dns::is_private;
use probes::foreign::Foreign;

use super::registry_rules::{approved, unread};
use super::{Answer, Check, Place, View};
use crate::case::azure::{Azure, PrivateEndpoint, PrivateZone, Registry, ZoneRecord, network_of};
use crate::causes::{
    AcrPrivateDnsNoRecord, AcrPrivateDnsWrongRecord, AcrPrivateDnsZoneNotLinked, AcrPublicAccessDisabled,
    CauseId, DataEndpointDnsMissing, PrivateEndpointUnreachable,
};
use crate::report::{Says, Stance, Status};

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
    causes: &[NAMES, &[AcrPublicAccessDisabled]],
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
    Some(seen_from(azure, azure.cluster.as_ref().and_then(|cluster| cluster.subnets.as_deref())))
}

/// What there is for nodes in these subnets.
pub(crate) fn seen_from(azure: &Azure, subnets: Option<&[Foreign]>) -> Answer {
    let Some(registry) = &azure.registry else { return unread(azure, "the registry") };
    let name = &registry.name;
    let Some(approved) = approved(registry) else {
        return Answer::new(Status::Unknown, format!("the private endpoints of {name} were not returned"));
    };
    let connections = registry.connections.as_deref().unwrap_or_default();
    if connections.is_empty() {
        let answer = Answer::new(Status::NotApplicable, format!("{name} has no private endpoint"));
        return NAMES.iter().fold(answer, |answer, cause| answer.refutes(*cause));
    }
    let networks: Vec<String> =
        subnets.into_iter().flatten().filter_map(|subnet| network_of(subnet.as_str())).collect();
    let answer = if approved == 0 {
        let state = &connections[0].status;
        Answer::new(Status::Warn, format!("no private endpoint of {name} is approved: {state}"))
            .allows(&[PrivateEndpointUnreachable])
    } else {
        match &azure.zones {
            _ if networks.is_empty() => {
                Answer::new(Status::Unknown, "in which network the nodes are was not returned")
            }
            None => unread(azure, "the private zones"),
            Some(zones) => names(azure, registry, zones, &networks),
        }
    };
    // A way there is for whoever is in the endpoint's own network; whether its name is, only the zones tell.
    let beside = azure.zones.is_some()
        && approved == connections.len()
        && azure
            .private_endpoints
            .iter()
            .any(|endpoint| endpoint.network().is_some_and(|own| networks.contains(&own)));
    let answer = if beside { answer.refutes(AcrPublicAccessDisabled) } else { answer };
    connections.iter().fold(answer, |answer, connection| {
        answer.saw(format!("read the connection of {}", connection.endpoint), connection.status.to_string())
    })
}

/// What the endpoints say of an address that was dialled from these subnets, and where nobody answered.
pub(crate) fn of_dialled(azure: &Azure, subnets: Option<&[Foreign]>, address: IpAddr) -> Vec<Says> {
    let connections = azure.registry.as_ref().and_then(|registry| registry.connections.as_ref());
    let is_at = |endpoint: &&PrivateEndpoint| {
        let own = endpoint.addresses.iter().flatten().flat_map(|record| &record.addresses);
        own.filter_map(|own| own.as_str().parse::<IpAddr>().ok()).any(|own| own == address)
    };
    let says = |cause, stance| Says { cause, stance };
    let networks: Vec<String> =
        subnets.into_iter().flatten().filter_map(|subnet| network_of(subnet.as_str())).collect();
    let is_near = |endpoint: &PrivateEndpoint| endpoint.network().is_some_and(|own| networks.contains(&own));
    let endpoints = &azure.private_endpoints;
    match endpoints.iter().find(is_at) {
        // Another one is in the nodes' own network: the names are those of an endpoint elsewhere.
        Some(at) if !is_near(at) && endpoints.iter().any(is_near) => {
            vec![says(AcrPrivateDnsWrongRecord, Stance::Confirms)]
        }
        Some(_) => vec![
            says(PrivateEndpointUnreachable, Stance::Confirms),
            says(AcrPrivateDnsWrongRecord, Stance::Refutes),
        ],
        None => {
            let known =
                endpoints.iter().filter(|e| e.addresses.as_ref().is_some_and(|all| !all.is_empty())).count();
            let known = connections.filter(|all| all.len() == known && known > 0 && is_private(&address));
            let all_approved = azure.registry.as_ref().and_then(approved) == connections.map(Vec::len);
            match known.map(|_| all_approved) {
                Some(true) => vec![says(AcrPrivateDnsWrongRecord, Stance::Confirms)],
                // At its right address it would answer nobody either.
                Some(false) => [AcrPrivateDnsWrongRecord, PrivateEndpointUnreachable]
                    .map(|c| says(c, Stance::Allows))
                    .into(),
                None => Vec::new(),
            }
        }
    }
}

/// Whether the zones that the cluster's networks see have the names of the registry.
fn names(azure: &Azure, registry: &Registry, zones: &[PrivateZone], networks: &[String]) -> Answer {
    if zones.iter().any(|zone| zone.networks.is_none()) {
        return Answer::new(Status::Unknown, "the links of the private zones could not be read");
    }
    let linked = |zone: &&PrivateZone, network: &String| {
        zone.networks.iter().flatten().any(|link| link.as_str().eq_ignore_ascii_case(network))
    };
    let read = azure.cluster.as_ref().and_then(|cluster| cluster.networks.as_deref());
    let known = |network: &String| read?.iter().find(|known| known.id.as_str().eq_ignore_ascii_case(network));
    // Zones that may not be listed in some subscription may be those that are linked.
    let all_listed = !azure.troubles.iter().any(|trouble| trouble.during.contains("private zone"));
    for network in networks {
        let seen: Vec<&PrivateZone> = zones.iter().filter(|zone| linked(zone, network)).collect();
        let own_servers = known(network).map(|known| known.nameservers.as_slice()).unwrap_or_default();
        let short = network.rsplit('/').next().unwrap_or(network);
        if seen.is_empty() {
            let answer = Answer::new(
                Status::Warn,
                format!(
                    "no private zone for registries is seen to be linked to {short}, the network of the nodes"
                ),
            );
            // Whoever may not read a zone does not see it: only the registry's own zone shows where it is linked.
            return match zones.iter().any(|zone| is_own(zone, registry))
                && all_listed
                && own_servers.is_empty()
            {
                true => answer.confirms(AcrPrivateDnsZoneNotLinked),
                false => answer.allows(&[AcrPrivateDnsZoneNotLinked]),
            };
        }
        let answer = records(azure, registry, &seen);
        if answer.status != Status::Pass {
            return answer;
        }
        if !own_servers.is_empty() {
            let message = format!(
                "the machines of {short} ask its own nameservers ({}), which know the registry's private addresses only if they \
                 forward to Azure's",
                super::seen::list(own_servers)
            );
            return Answer::new(Status::Warn, message)
                .allows(&[AcrPrivateDnsZoneNotLinked])
                .refutes(AcrPrivateDnsNoRecord)
                .refutes(AcrPrivateDnsWrongRecord)
                .refutes(DataEndpointDnsMissing);
        }
    }
    let answer = Answer::pass(
        "the zones that the nodes' networks see name the registry with its private endpoint's addresses",
    );
    // Without the networks it is not known whether their machines ask Azure.
    let answer = match networks.iter().all(|network| known(network).is_some()) {
        true => answer.refutes(AcrPrivateDnsZoneNotLinked),
        false => answer,
    };
    answer.refutes(AcrPrivateDnsNoRecord).refutes(AcrPrivateDnsWrongRecord).refutes(DataEndpointDnsMissing)
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

#[cfg(test)]
#[path = "private-endpoint/tests.rs"]
mod tests;
