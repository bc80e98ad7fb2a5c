//! Fixes for what a registry or a token service answers: pages, network rules, limits, server errors.

use super::{Advice, Names, azure, change, say, wire};
use crate::case::azure::name_in;
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    rules(id, names).or_else(|| limits(id, names)).or_else(|| answers(id, names))
}

/// The registry's network rules.
fn rules(id: CauseId, names: &Names) -> Option<Advice> {
    let registry = names.the_registry();
    match id {
        causes::AcrIpNotAllowed => {
            let add = names.acr.as_deref().zip(names.client_ip.as_deref()).and_then(|(acr, ip)| {
                change(
                    ["az", "acr", "network-rule", "add", "--name", acr, "--ip-address", ip],
                    format!("az; Microsoft.ContainerRegistry/registries/write on {acr}"),
                )
            });
            say(
                format!(
                    "Add {} to the firewall rules of {registry}, if it is an address that stays.",
                    names.client_ip.as_deref().unwrap_or("the address this network leaves by")
                ),
                [add, azure::acr_networks(names)],
            )
        }
        causes::AcrPublicAccessDisabled => say(
            format!(
                "Give this network a private endpoint to {registry}, with its DNS zone; address rules have no effect."
            ),
            [azure::acr_private_connections(names), wire::dig(names)],
        ),
        causes::AcrVnetRuleMissing => {
            let subnet = names.subnet.as_deref();
            let add = names.acr.as_deref().zip(subnet).and_then(|(acr, subnet)| {
                change(
                    ["az", "acr", "network-rule", "add", "--name", acr, "--subnet", subnet],
                    format!(
                        "az; Microsoft.ContainerRegistry/registries/write on {acr}; \
                         Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action on the subnet"
                    ),
                )
            });
            let which = subnet.map_or("this subnet".to_owned(), |id| format!("the subnet {}", name_in(id)));
            say(
                format!(
                    "Add {which} to the network rules of {registry}, once it has the service endpoint Microsoft.ContainerRegistry, or use a private endpoint instead."
                ),
                [add, azure::acr_networks(names)],
            )
        }
        causes::StorageServiceEndpointPolicyBlocksBlob => say(
            format!(
                "Turn on dedicated data endpoints of {registry}, or admit its storage in the subnet's endpoint policy."
            ),
            [azure::endpoint_policies(), azure::acr_endpoints(names)],
        ),
        _ => None,
    }
}

/// Too many requests.
fn limits(id: CauseId, names: &Names) -> Option<Advice> {
    let registry = names.the_registry();
    match id {
        causes::DockerHubRateLimit => say(
            "Pull with a Docker account, or import the image into a registry of your own; waiting helps for a while only.",
            [],
        ),
        causes::AcrThrottled => say(
            format!(
                "Wait for the time the reply names; then pull less at once, or move {registry} to a higher tier."
            ),
            [azure::acr_tier(names), wire::headers(names)],
        ),
        causes::McrThrottled => say(
            "Wait some minutes and pull again; then cache or import these images in a registry of your own.",
            [wire::headers(names)],
        ),
        causes::RegistryThrottled => say(
            format!(
                "Wait for the time {} names; then pull with a credential, or through a cache of your own.",
                names.the_host()
            ),
            [wire::headers(names)],
        ),
        _ => None,
    }
}

/// Answers that are none, or not the registry's own.
fn answers(id: CauseId, names: &Names) -> Option<Advice> {
    let host = names.the_host();
    match id {
        causes::AuthChallengeMalformed => say(
            format!(
                "Let the proxy in front of {host} pass WWW-Authenticate unchanged; its realm must be an https address."
            ),
            [wire::reply(names)],
        ),
        causes::RegistryServerError => say(
            format!(
                "Wait some minutes and try again; if it stays, report it to those who run {host}, with the correlation id."
            ),
            [wire::reply(names)],
        ),
        causes::RegistryOutage => say(
            "Wait for the provider, follow its status page, and keep nodes from pulling: no upgrades, drains or restarts.",
            [wire::reply(names)],
        ),
        causes::RegistryGeoBlocked => say(
            "Copy the image into a registry of your own from a place that may pull it, and use it from there.",
            [wire::reply(names)],
        ),
        causes::Intermittent => say(
            "Repeat the check and note what the failures share; then take that address, server or route out of use.",
            [wire::dig(names), wire::dial(names)],
        ),
        causes::TokenServiceUnreachable => say(
            format!(
                "Let this place reach {host}, which issues the registry's tokens: its name, TCP port {}, and TLS.",
                names.port()
            ),
            [wire::dig(names), wire::dial(names)],
        ),
        causes::TokenServiceError => say(
            format!(
                "Wait and try again; if it stays, read the status page or the log of the token service at {host}."
            ),
            [wire::reply(names)],
        ),
        _ => None,
    }
}
