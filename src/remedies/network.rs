//! Fixes for names, addresses, routes and the clock.

use super::{Advice, Names, aks, azure, local, say, wire};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    let host = names.the_host();
    let registry = names.the_registry();
    let port = names.port();
    match id {
        causes::DnsNxDomain => say(
            format!(
                "Correct the host {host}, or restore its record or the registry; see first which servers know it."
            ),
            [wire::dig(names), wire::dig_public(names), azure::acr_name_taken(names)],
        ),
        causes::AcrPrivateDnsNoRecord => say(
            format!(
                "Give the private endpoint of {registry} a DNS zone group, which writes the missing records."
            ),
            [azure::private_zone(names), azure::private_endpoints(names)],
        ),
        causes::AcrPrivateDnsZoneNotLinked => say(
            format!(
                "Link the zone {} to this network; where it has its own DNS servers, forward there to 168.63.129.16.",
                names.private_zone()
            ),
            [azure::private_zone(names), wire::dig(names)],
        ),
        causes::AcrPrivateDnsWrongRecord => say(
            format!(
                "Correct the private record of {host}: it must name an address of the registry's own endpoint."
            ),
            [wire::dig(names), azure::private_endpoints(names)],
        ),
        causes::DnsServerUnreachable => say(
            format!(
                "Bring {} back, or open UDP and TCP port 53 to it; nodes keep their servers until they restart.",
                names.nameserver.as_deref().unwrap_or("the name servers")
            ),
            [wire::dig(names), wire::dig_over_tcp(names)],
        ),
        causes::LocalDnsStale => say(
            format!(
                "Wait for the cache's answer for {host} to run out, or restart localdns on the node; then pull again."
            ),
            [
                wire::dig(names),
                wire::dig_upstream(names),
                names
                    .nameserver
                    .as_deref()
                    .is_some_and(|server| server.starts_with("169.254.10."))
                    .then(|| local::restart("localdns"))
                    .flatten(),
            ],
        ),
        causes::LocalDnsUpstreamFailing => say(
            format!(
                "Bring {} back, and open UDP and TCP port 53 from the nodes; renew nodes that have an old list.",
                names.upstream.as_deref().unwrap_or("the cache's upstream servers")
            ),
            [
                local::cache_upstreams(),
                wire::dig_upstream(names),
                wire::dig_upstream_over_tcp(names),
                aks::upgrade_node_image(names),
            ],
        ),
        causes::DataEndpointDnsMissing => say(
            match names.acr.as_deref().zip(names.region.as_deref()) {
                Some((acr, region)) => format!(
                    "Add the record {acr}.{region}.data to {}, best by the endpoint's DNS zone group.",
                    names.private_zone()
                ),
                None => format!(
                    "Add the record of {host} to the private zone, best by the endpoint's DNS zone group."
                ),
            },
            [wire::dig(names), azure::private_zone(names), azure::private_endpoints(names)],
        ),
        causes::TcpTimeout => say(
            format!(
                "Allow TCP port {port} to {host} in the firewall, security group and routes of this network."
            ),
            [wire::dial(names)],
        ),
        causes::PrivateEndpointUnreachable => say(
            format!(
                "Restore the peering or route to {}, and allow TCP port {port} there; the endpoint must be approved.",
                names.address.as_deref().unwrap_or("the private endpoint")
            ),
            [azure::acr_private_connections(names), azure::private_endpoints(names), wire::dial(names)],
        ),
        causes::TcpRefused => say(
            format!(
                "Correct the port in the reference, or start what should listen at {host} on port {port}."
            ),
            [wire::dial(names)],
        ),
        causes::ConnectionReset => say(
            format!(
                "Try again; if it stays, look for the device that cuts connections to {host} and correct it."
            ),
            [wire::dial(names)],
        ),
        causes::FirewallFqdnBlocked => say(
            format!(
                "Allow {host} by name in the firewall on port {port}, and the hosts that the layers come from."
            ),
            [wire::dial(names), azure::acr_endpoints(names)],
        ),
        causes::NoIpv6Route => say(
            format!("Give this network a way out over IPv6, or repair the IPv4 answer for {host}."),
            [wire::dial_family(names, "-4"), wire::dial_family(names, "-6")],
        ),
        causes::NoIpv4Route => say(
            "Give the subnet its way out again: a NAT gateway, a load balancer rule or a route to the firewall.",
            [wire::dial_family(names, "-4")],
        ),
        causes::SnatExhaustion => say(
            "Add outgoing addresses or a NAT gateway, find the pods that open the connections, and use a private endpoint.",
            [azure::snat(names), aks::outbound(names), wire::dial(names)],
        ),
        causes::RedirectTargetBlocked => say(
            format!("Allow TCP port {port} to {host}, where the registry keeps its layers."),
            [wire::dig(names), wire::dial(names)],
        ),
        causes::NodeClockSkew => say(
            "Repair time synchronisation on this machine and let it step the clock; compare with a server's Date header.",
            [wire::headers(names)],
        ),
        _ => None,
    }
}
