//! The kinds of resources, as Azure writes them.

/// A registry.
pub(super) const REGISTRY: &str = "Microsoft.ContainerRegistry/registries";
/// A registry in one of its regions.
pub(super) const REPLICATION: &str = "Microsoft.ContainerRegistry/registries/replications";
/// A token of a registry.
pub(super) const TOKEN: &str = "Microsoft.ContainerRegistry/registries/tokens";
/// A scope map of a registry.
pub(super) const SCOPE_MAP: &str = "Microsoft.ContainerRegistry/registries/scopeMaps";
/// A cache rule of a registry.
pub(super) const CACHE_RULE: &str = "Microsoft.ContainerRegistry/registries/cacheRules";
/// The credentials of cache rules.
pub(super) const CREDENTIAL_SET: &str = "Microsoft.ContainerRegistry/registries/credentialSets";
/// A private endpoint's connection to a registry.
pub(super) const CONNECTION: &str = "Microsoft.ContainerRegistry/registries/privateEndpointConnections";
/// A managed cluster.
pub(super) const CLUSTER: &str = "Microsoft.ContainerService/managedClusters";
/// A scale set.
pub(super) const SCALE_SET: &str = "Microsoft.Compute/virtualMachineScaleSets";
/// A managed identity that stands by itself.
pub(super) const IDENTITY: &str = "Microsoft.ManagedIdentity/userAssignedIdentities";
/// A network.
pub(super) const NETWORK: &str = "Microsoft.Network/virtualNetworks";
/// A private endpoint.
pub(super) const ENDPOINT: &str = "Microsoft.Network/privateEndpoints";
/// A network interface.
pub(super) const INTERFACE: &str = "Microsoft.Network/networkInterfaces";
/// The zones that keep the records of a private endpoint.
pub(super) const ZONE_GROUP: &str = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups";
/// A private DNS zone.
pub(super) const ZONE: &str = "Microsoft.Network/privateDnsZones";
/// A zone's link to a network.
pub(super) const ZONE_LINK: &str = "Microsoft.Network/privateDnsZones/virtualNetworkLinks";
/// Addresses of a name in a zone.
pub(super) const RECORD: &str = "Microsoft.Network/privateDnsZones/A";
/// A public address.
pub(super) const ADDRESS: &str = "Microsoft.Network/publicIPAddresses";
/// A subnet.
pub(super) const SUBNET: &str = "Microsoft.Network/virtualNetworks/subnets";
/// A NAT gateway.
pub(super) const GATEWAY: &str = "Microsoft.Network/natGateways";
/// All record sets of a zone, of whichever type; nothing is of this kind.
pub(super) const RECORDS: &str = "Microsoft.Network/privateDnsZones/ALL";
/// What was done in a subscription; nothing is of this kind.
pub(super) const EVENTS: &str = "Microsoft.Insights/eventtypes/values";
/// Whether a name is free; nothing is of this kind.
pub(super) const NAMES: &str = "Microsoft.ContainerRegistry/checkNameAvailability";

/// All of these.
pub(super) const ALL: [&str; 23] = [
    REGISTRY,
    REPLICATION,
    TOKEN,
    SCOPE_MAP,
    CACHE_RULE,
    CREDENTIAL_SET,
    EVENTS,
    CONNECTION,
    CLUSTER,
    SCALE_SET,
    IDENTITY,
    NETWORK,
    ENDPOINT,
    INTERFACE,
    ZONE_GROUP,
    ZONE,
    ZONE_LINK,
    RECORD,
    ADDRESS,
    SUBNET,
    GATEWAY,
    RECORDS,
    NAMES,
];

/// A kind as Azure writes it, where the world has it.
pub(super) fn written(kind: &str) -> String {
    let known = ALL.into_iter().find(|known| known.eq_ignore_ascii_case(kind));
    known.map_or_else(|| kind.to_owned(), str::to_owned)
}
