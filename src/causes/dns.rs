//! Names into addresses: what a resolver says of the registry's host.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the name server says that the registry's host does not exist
    ///
    /// Seen: the resolver answers NXDOMAIN, or answers with no address at all; containerd reports "no such
    /// host". The message says which of the two it was and which server said so.
    ///
    /// Why: the registry was deleted or renamed, the host is misspelt, or the zone that the resolver uses
    /// does not hold it. On a node the resolver is the node's own (the virtual network's DNS or a cache on
    /// the node), not the cluster's CoreDNS.
    ///
    /// Prove: ask the same server, then a public one; an answer from only one of them points at the zone.
    /// - `dig @NAMESERVER HOST`
    /// - `dig @1.1.1.1 HOST`
    /// - `az acr check-name --name ACR`
    ///
    /// Alike: WrongRegistryHost is a near-miss of a known suffix; AcrPrivateDnsNoRecord has a public answer
    /// that leads to a privatelink name; DnsServerUnreachable is silence or SERVFAIL, not a clear no;
    /// LocalDnsStale is a cache on the node that disagrees with its upstream.
    ///
    /// Fix: correct the host, or restore the record or the registry. If only the private resolver lacks the
    /// name, add the record there or forward the zone to the server that has it.
    DnsNxDomain {
        layer: "name-resolution",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [WrongRegistryHost, AcrPrivateDnsNoRecord, DnsServerUnreachable, LocalDnsStale],
        docs: Some("https://learn.microsoft.com/troubleshoot/azure/azure-container-registry/troubleshoot-issues-pull-container-registry"),
    }

    /// the private zone is linked but has no record for this registry
    ///
    /// Seen: in public DNS the host is an alias of `ACR.privatelink.azurecr.io`; the resolver used here
    /// follows the alias into a private zone and finds nothing.
    ///
    /// Why: a private zone linked to the network hides the public one of the same name entirely. If the
    /// record is missing, because the endpoint was recreated by hand, its zone group was never made or the
    /// zone belongs to another registry, the name does not exist here.
    ///
    /// Prove: look at the alias, then at the records of the zone.
    /// - `dig @NAMESERVER HOST`
    /// - `az network private-dns zone list --query "[?name=='privatelink.azurecr.io'].resourceGroup" -o tsv`
    /// - `az network private-dns record-set a list -g GROUP -z privatelink.azurecr.io -o table`
    ///
    /// Alike: DnsNxDomain fails in public too; DataEndpointDnsMissing lacks only the record of the data
    /// host; with AcrPrivateDnsZoneNotLinked the name does resolve, to a public address; WrongRegistryHost
    /// has no alias at all.
    ///
    /// Fix: let the private endpoint write its own records with a DNS zone group (`az network
    /// private-endpoint dns-zone-group create`). Both kinds are needed: the registry's and one
    /// `ACR.REGION.data` for each region.
    AcrPrivateDnsNoRecord {
        layer: "name-resolution",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path, Azure],
        alike: [DnsNxDomain, WrongRegistryHost, DataEndpointDnsMissing, AcrPrivateDnsZoneNotLinked],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-private-link"),
    }

    /// the private zone is not used here, so the registry's public address is dialled
    ///
    /// Seen: the host resolves through a privatelink alias to a public address, and the registry answers
    /// 403 with the public address this network leaves by. It reads like a missing permission and is a
    /// matter of routing.
    ///
    /// Why: the private zone is not linked to this virtual network, or the network's own DNS servers do not
    /// forward the zone to Azure's resolver 168.63.129.16. The alias then leads on to the public record.
    ///
    /// Prove: an answer that is not a private address is the proof; then list the links of the zone.
    /// - `dig @NAMESERVER HOST`
    /// - `az network private-dns link vnet list -g GROUP -z privatelink.azurecr.io -o table`
    ///
    /// Alike: AcrIpNotAllowed, AcrPublicAccessDisabled and AcrVnetRuleMissing give the same 403: in those
    /// cases there is no private endpoint that this network was meant to use. LocalDnsStale gives the old
    /// answer for a while after the link was made.
    ///
    /// Fix: link the zone to the network (`az network private-dns link vnet create`); where the network has
    /// its own DNS servers, forward azurecr.io there to 168.63.129.16. Restart nothing; wait for caches to
    /// expire.
    AcrPrivateDnsZoneNotLinked {
        layer: "name-resolution",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Azure],
        alike: [AcrIpNotAllowed, AcrPublicAccessDisabled, AcrVnetRuleMissing, LocalDnsStale],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-private-link"),
    }

    /// the private record names an address that is not this registry's endpoint
    ///
    /// Seen: the host resolves to a private address, and either nothing answers there or another server
    /// does, with a certificate for another name.
    ///
    /// Why: one private zone is shared by several endpoints of the registry and the last one made wrote its
    /// address over the first; or the endpoint was recreated and a record written by hand stayed behind.
    ///
    /// Prove: compare the resolved address with the addresses of the registry's endpoints.
    /// - `dig +short @NAMESERVER HOST`
    /// - `az network private-endpoint list --query "[].{name:name,dns:customDnsConfigs}" -o json`
    ///
    /// Alike: PrivateEndpointUnreachable has the right address and no way to it; TlsHostnameMismatch is
    /// what a wrong server behind the record looks like; LocalDnsStale holds a record that has since been
    /// corrected; AcrPrivateDnsZoneNotLinked gives a public address.
    ///
    /// Fix: correct the record, best by recreating the endpoint's DNS zone group. Keep one private zone for
    /// each network, or one endpoint that all the networks reach.
    AcrPrivateDnsWrongRecord {
        layer: "name-resolution",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Azure],
        alike: [PrivateEndpointUnreachable, TlsHostnameMismatch, LocalDnsStale, AcrPrivateDnsZoneNotLinked],
        docs: Some("https://learn.microsoft.com/azure/private-link/private-endpoint-dns"),
    }

    /// no configured name server gives a usable answer
    ///
    /// Seen: every name server is silent, refuses, or answers SERVFAIL. In a pull it shows as "server
    /// misbehaving", "i/o timeout" on port 53, or as a deadline exceeded on the registry's `/v2/`.
    ///
    /// Why: the virtual network's own DNS servers are down or were changed, a rule blocks port 53, or a
    /// forwarder cannot reach its upstream. Nodes take their servers from the network when they start and
    /// keep them until they are renewed.
    ///
    /// Prove: ask each server by itself, over UDP and over TCP.
    /// - `dig @NAMESERVER HOST +tries=1`
    /// - `dig +tcp @NAMESERVER HOST +tries=1`
    /// - `az network vnet show -g GROUP -n VNET --query dhcpOptions.dnsServers`
    ///
    /// Alike: LocalDnsUpstreamFailing is a cache on the node that answers and cannot reach its upstream;
    /// DnsNxDomain is a clear no; TcpTimeout has an address already; PullDeadlineExceeded names no DNS
    /// server.
    ///
    /// Fix: open UDP and TCP port 53 to the servers, or bring them back; a custom server must forward to
    /// 168.63.129.16 for Azure's private zones. After a change of the network's servers, reimage or restart
    /// the nodes.
    DnsServerUnreachable {
        layer: "name-resolution",
        owner: Network,
        lasting: Transient { typical: "5m" },
        place: Bound,
        decided_by: [Path],
        alike: [LocalDnsUpstreamFailing, DnsNxDomain, TcpTimeout, PullDeadlineExceeded],
        docs: Some("https://learn.microsoft.com/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances"),
    }

    /// the node's DNS cache answers from old data and disagrees with its upstream
    ///
    /// Seen: the cache on the node (169.254.10.10 on AKS) gives an address, or a no, for the registry's
    /// host; the servers that it forwards to answer otherwise.
    ///
    /// Why: AKS LocalDNS keeps answers for up to an hour, and with `serveStale` it goes on giving them
    /// while it asks again. Some hosts it takes from `/etc/localdns/hosts`, which is renewed every quarter
    /// of an hour. A record that was made, moved or removed a moment ago is seen late.
    ///
    /// Prove: ask the cache, then each server of the second command's list; two answers are the proof.
    /// - `dig @169.254.10.10 HOST`
    /// - `cat /etc/localdns/upstream-dns`
    /// - `dig @UPSTREAM HOST`
    ///
    /// Alike: with DnsNxDomain, AcrPrivateDnsZoneNotLinked and AcrPrivateDnsWrongRecord the upstream gives
    /// the same answer as the cache; with LocalDnsUpstreamFailing the upstream gives none.
    ///
    /// Fix: wait until the kept answer has run out, or restart the cache on the node (`systemctl restart
    /// localdns`). Where records change often, lower `cacheDurationInSeconds` in the node pool's LocalDNS
    /// configuration, and set `serveStale` to `Verify`.
    LocalDnsStale {
        layer: "name-resolution",
        owner: Cluster,
        lasting: Transient { typical: "1h" },
        place: Bound,
        decided_by: [Path],
        alike: [DnsNxDomain, AcrPrivateDnsZoneNotLinked, AcrPrivateDnsWrongRecord, LocalDnsUpstreamFailing],
        docs: Some("https://learn.microsoft.com/azure/aks/localdns-custom"),
    }

    /// the node's DNS cache gets no usable answer from the servers it forwards to
    ///
    /// Seen: the cache on the node answers SERVFAIL ("lookup HOST on 169.254.10.10:53: server
    /// misbehaving"), and so do its upstream servers, or they are silent or refuse.
    ///
    /// Why: the virtual network's DNS servers are down or were replaced after the node had started, or a
    /// rule lets UDP pass to them and not TCP. The cache holds long TCP connections; a server with a limit
    /// on them turns nodes away.
    ///
    /// Prove: ask the upstream servers themselves, over UDP and over TCP.
    /// - `cat /etc/localdns/upstream-dns`
    /// - `dig @UPSTREAM HOST +tries=1`
    /// - `dig +tcp @UPSTREAM HOST +tries=1`
    /// - `journalctl -u localdns --since -1h`
    ///
    /// Alike: DnsServerUnreachable is the same without a cache in between; LocalDnsStale gives an answer,
    /// an old one; DnsNxDomain is a clear no.
    ///
    /// Fix: bring the upstream servers back, open UDP and TCP port 53 from the nodes to them, and lift
    /// their limit on TCP connections. After a change of the network's servers, renew the nodes (`az aks
    /// nodepool upgrade --node-image-only`): they keep the old list until then.
    LocalDnsUpstreamFailing {
        layer: "name-resolution",
        owner: Network,
        lasting: Transient { typical: "5m" },
        place: Bound,
        decided_by: [Path],
        alike: [DnsServerUnreachable, LocalDnsStale, DnsNxDomain],
        docs: Some("https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/troubleshoot-localdns"),
    }
}
