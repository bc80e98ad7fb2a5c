//! Answers of the registry before any credential counts: network rules, server errors.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the registry's firewall does not admit the address this network leaves by
    ///
    /// Seen: 403 with code DENIED and "client with IP ... is not allowed access", on every request. The
    /// address in the text is the one the registry saw: that of the NAT gateway, load balancer, firewall or
    /// proxy.
    ///
    /// Why: the registry admits selected networks only, and its list of addresses lacks this one. It
    /// refuses before it looks at any credential, so roles play no part.
    ///
    /// Prove: compare the address in the reply with the registry's rules.
    /// - `curl -s https://REGISTRY/v2/`
    /// - `az acr network-rule list --name ACR`
    /// - `az acr show --name ACR --query publicNetworkAccess -o tsv`
    ///
    /// Alike: AcrPublicAccessDisabled refuses every public address, and adding one changes nothing;
    /// AcrVnetRuleMissing shows a private address; with AcrPrivateDnsZoneNotLinked the traffic should have
    /// gone to a private endpoint; AcrCmkKeyUnavailable gives 403 only after a good token.
    ///
    /// Fix: add the address to the registry's rules (`az acr network-rule add --name ACR --ip-address
    /// ADDRESS`); it must be one that stays, such as a NAT gateway's. A private endpoint makes the rule
    /// unnecessary.
    AcrIpNotAllowed {
        layer: "network-rules",
        owner: Registry,
        lasting: Permanent,
        place: Bound,
        decided_by: [Azure],
        alike: [AcrPublicAccessDisabled, AcrVnetRuleMissing, AcrPrivateDnsZoneNotLinked, AcrCmkKeyUnavailable],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-access-selected-networks"),
    }

    /// the registry takes no public traffic, and no private way leads there from here
    ///
    /// Seen: 403 with "client with IP ... is not allowed access", and the registry's public network access
    /// is off.
    ///
    /// Why: with public access off only private endpoints lead in. This network has none, or its DNS does
    /// not know of it, so it dials the public address and is refused. Address rules and service endpoints
    /// have no effect in this state.
    ///
    /// Prove: read the switch, then see whether the host resolves to a private address here.
    /// - `az acr show --name ACR --query publicNetworkAccess -o tsv`
    /// - `az acr private-endpoint-connection list --registry-name ACR -o table`
    /// - `dig +short HOST`
    ///
    /// Alike: AcrIpNotAllowed has public access on, with a list; AcrPrivateDnsZoneNotLinked has the
    /// endpoint and lacks the zone's link; AcrVnetRuleMissing belongs to service endpoints;
    /// AcrCmkKeyUnavailable gives 403 only after a good token.
    ///
    /// Fix: make a private endpoint for this network together with its zone and link; or, if the registry
    /// may be public again, turn on selected networks and add the address.
    AcrPublicAccessDisabled {
        layer: "network-rules",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Azure],
        alike: [AcrIpNotAllowed, AcrVnetRuleMissing, AcrPrivateDnsZoneNotLinked, AcrCmkKeyUnavailable],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-private-link"),
    }

    /// the registry's rules do not admit this subnet
    ///
    /// Seen: 403 with "client with IP ... is not allowed access", and the address in the text is a private
    /// one: the traffic came by a service endpoint.
    ///
    /// Why: the subnet has the service endpoint Microsoft.ContainerRegistry switched on, so that the
    /// registry sees the subnet and not a public address; the registry's rules do not list the subnet.
    ///
    /// Prove: list the rules, and the service endpoints of the subnet.
    /// - `az acr network-rule list --name ACR`
    /// - `az network vnet subnet show -g GROUP --vnet-name VNET -n SUBNET --query serviceEndpoints`
    ///
    /// Alike: AcrIpNotAllowed shows a public address; AcrPublicAccessDisabled turns service endpoints off
    /// as well; AcrPrivateDnsZoneNotLinked has a private endpoint that is passed by; AcrCmkKeyUnavailable
    /// gives 403 only after a good token.
    ///
    /// Fix: move the network to a private endpoint, which is what replaces service endpoints for
    /// registries; or add the subnet to the registry's rules.
    AcrVnetRuleMissing {
        layer: "network-rules",
        owner: Registry,
        lasting: Permanent,
        place: Bound,
        decided_by: [Azure],
        alike: [AcrIpNotAllowed, AcrPublicAccessDisabled, AcrPrivateDnsZoneNotLinked, AcrCmkKeyUnavailable],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-vnet"),
    }

    /// a service endpoint policy on the subnet forbids the registry's storage account
    ///
    /// Seen: the manifest is fetched; the layer's host, a storage account of Azure's, answers with an error
    /// in XML that speaks of authorization.
    ///
    /// Why: the subnet has a service endpoint for storage with a policy that admits named accounts only.
    /// The accounts behind a registry belong to Azure and are not on the list.
    ///
    /// Prove: look for a policy on the subnet.
    /// - `az network vnet subnet show -g GROUP --vnet-name VNET -n SUBNET --query serviceEndpointPolicies`
    ///
    /// Alike: BlobSasRejected has no policy and a stale signature or a wrong clock; BlobEndpointBlocked and
    /// RedirectTargetBlocked never reach the storage host.
    ///
    /// Fix: switch on dedicated data endpoints, so that layers no longer come from shared storage hosts
    /// (`az acr update --name ACR --data-endpoint-enabled true`, and allow the new hosts first); or add the
    /// alias for container registries to the policy.
    StorageServiceEndpointPolicyBlocksBlob {
        layer: "network-rules",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Azure],
        alike: [BlobSasRejected, BlobEndpointBlocked, RedirectTargetBlocked],
        docs: Some("https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoint-policies-overview"),
    }

    /// the registry answers with a server error
    ///
    /// Seen: status 500, 502, 503 or 504 from the registry. Newer runtimes try once more and then give up
    /// until the kubelet's next attempt.
    ///
    /// Why: a fault inside the registry or in what it stands on, an upstream that a cache cannot reach, or
    /// a reverse proxy in front of it that has lost its backend.
    ///
    /// Prove: ask again from here and from elsewhere, and note the correlation id of the reply.
    /// - `curl -si https://HOST/v2/`
    ///
    /// Alike: RegistryOutage is the same seen from everywhere and for long; TokenServiceError concerns the
    /// token host only; AcrCacheUpstreamWarming answers 502 for minutes after a push upstream; ProxyDenied
    /// and proxies in general answer in a registry's place, without its headers.
    ///
    /// Fix: wait a few minutes and try again. If it stays, look at the provider's status page and open a
    /// request with the correlation id and the time; for a registry of your own, read its log.
    RegistryServerError {
        layer: "registry-service",
        owner: Registry,
        lasting: Transient { typical: "15m" },
        place: Bound,
        decided_by: [Path],
        alike: [RegistryOutage, TokenServiceError, AcrCacheUpstreamWarming, ProxyDenied],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-support-policies"),
    }

    /// the registry's service is down for everybody
    ///
    /// Seen: server errors, refused connections or silence from several networks at once, and often a
    /// notice on the provider's status page.
    ///
    /// Why: an incident at the provider or in a region. Nodes that hold the image keep running; new nodes
    /// and moved pods are hit.
    ///
    /// Prove: try from a second network that shares nothing with this one, and read the status page.
    /// - `curl -si https://HOST/v2/`
    ///
    /// Alike: RegistryServerError is brief or partial; FirewallFqdnBlocked, TcpTimeout and TcpRefused are
    /// seen from one network only.
    ///
    /// Fix: wait, and avoid what makes nodes pull: no upgrades, no drains, no `imagePullPolicy: Always`. A
    /// geo-replicated registry, a cache or a second registry carries the next one.
    RegistryOutage {
        layer: "registry-service",
        owner: Registry,
        lasting: Transient { typical: "2h" },
        place: Anywhere,
        decided_by: [Path],
        alike: [RegistryServerError, FirewallFqdnBlocked, TcpTimeout, TcpRefused],
        docs: Some("https://azure.status.microsoft"),
    }

    /// the registry refuses clients from this country or address range
    ///
    /// Seen: 403 with a text about the location, or about an export rule, from the registry or the network
    /// in front of it; elsewhere the same image can be pulled.
    ///
    /// Why: the provider bars a country or a range of addresses, by law or by its own choice, and judges by
    /// the address the traffic leaves by, which may be registered elsewhere than the machine stands.
    ///
    /// Prove: look at the reply's text, and try from an address in another country.
    /// - `curl -si https://HOST/v2/`
    ///
    /// Alike: RegistryPermissionMissing depends on the credential and not on the place; FirewallFqdnBlocked
    /// and ProxyDenied are your own network's doing; RegistryOutage hits every place.
    ///
    /// Fix: copy the image into a registry of your own from a place that may pull it, and use it from
    /// there; or let the traffic leave by another address where that is lawful.
    RegistryGeoBlocked {
        layer: "registry-service",
        owner: Upstream,
        lasting: Permanent,
        place: Bound,
        decided_by: [Text],
        alike: [RegistryPermissionMissing, FirewallFqdnBlocked, ProxyDenied, RegistryOutage],
        docs: None,
    }

    /// some of the attempts failed and others did not
    ///
    /// Seen: of several equal attempts, some pass and some fail, with time-outs, resets or server errors.
    ///
    /// Why: something is shared and short: ports for translated addresses, one bad member behind a load
    /// balancer, one bad name server among several, one region of a replicated registry, or a line that
    /// loses packets.
    ///
    /// Prove: repeat, and look for what the failures have in common: address, name server, hour, load.
    /// - `for i in 1 2 3 4 5 6 7 8 9 10; do curl -s -o /dev/null -w '%{http_code} %{remote_ip} %{time_total}\n' https://HOST/v2/; done`
    ///
    /// Alike: SnatExhaustion fails with the load, and the load balancer's metrics show it; ConnectionReset
    /// and RegistryServerError fail each time; AcrManifestInconsistent depends on the region that answers.
    ///
    /// Fix: let the runtime try again for now. Then remove the bad member, add outbound addresses or a NAT
    /// gateway, or take the lossy way out of use.
    Intermittent {
        layer: "registry-service",
        owner: Network,
        lasting: Transient { typical: "10m" },
        place: Bound,
        decided_by: [Path],
        alike: [SnatExhaustion, ConnectionReset, AcrManifestInconsistent, RegistryServerError],
        docs: Some("https://learn.microsoft.com/azure/aks/load-balancer-standard"),
    }
}
