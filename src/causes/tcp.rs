//! Connections: whether an address can be reached and stays reachable.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// no answer from the registry's address within the time allowed
    ///
    /// Seen: the name resolves to a public address and the connection is never answered; containerd says
    /// "dial tcp ADDRESS:443: i/o timeout".
    ///
    /// Why: something on the way drops the packets: a network security group, a route to a firewall without
    /// a rule for this host, a subnet without a way out. A registry that is down refuses or resets far more
    /// often than it keeps silent.
    ///
    /// Prove: dial from the same place, then look at the rules and routes in effect for that network card.
    /// - `curl -v --connect-timeout 10 https://HOST/v2/`
    /// - `az network nic show-effective-route-table -g GROUP -n NIC -o table`
    /// - `az network nic list-effective-nsg -g GROUP -n NIC`
    ///
    /// Alike: PrivateEndpointUnreachable dials a private address; TlsHandshakeTimeout connects first and
    /// then hears nothing; DnsServerUnreachable never gets an address; SnatExhaustion fails only now and
    /// then.
    ///
    /// Fix: allow TCP port 443 out to the registry's host (and to its data host, which carries the layers)
    /// in the security group, the firewall and the route table of the subnet.
    TcpTimeout {
        layer: "tcp-tls",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [PrivateEndpointUnreachable, TlsHandshakeTimeout, DnsServerUnreachable, SnatExhaustion],
        docs: Some("https://learn.microsoft.com/azure/aks/outbound-rules-control-egress"),
    }

    /// the private endpoint's address cannot be reached from this network
    ///
    /// Seen: the name resolves to the registry's private endpoint and the connection to that address times
    /// out.
    ///
    /// Why: the two networks are not peered, or the peering is disconnected on one side; a route sends the
    /// address to an appliance that lacks a network rule for it; a security group on the endpoint's subnet
    /// refuses; or the endpoint's connection is not approved.
    ///
    /// Prove: check the endpoint's state first, then the peering, then the route of the node's network
    /// card.
    /// - `az acr private-endpoint-connection list --registry-name ACR -o table`
    /// - `az network vnet peering list -g GROUP --vnet-name VNET -o table`
    /// - `az network nic show-effective-route-table -g GROUP -n NIC -o table`
    ///
    /// Alike: AcrPrivateDnsWrongRecord names an address that is no endpoint of this registry at all;
    /// TcpTimeout dials a public address; LocalDnsStale dials one that has been replaced;
    /// BlobEndpointBlocked reaches the registry and fails at the data host.
    ///
    /// Fix: restore the peering on both sides, or route and allow TCP port 443 to the endpoint. A firewall
    /// needs a network rule for private addresses; an application rule alone may not match.
    PrivateEndpointUnreachable {
        layer: "tcp-tls",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Azure],
        alike: [AcrPrivateDnsWrongRecord, TcpTimeout, LocalDnsStale, BlobEndpointBlocked],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-private-link"),
    }

    /// the registry's address refuses the connection
    ///
    /// Seen: the connection is answered at once with a reset: "connection refused". Something is alive at
    /// the address and nothing listens on that port.
    ///
    /// Why: the port is wrong, the registry process is down, a load balancer has no healthy member, or a
    /// local mirror that the runtime was told to use is not running. A well-known public registry hardly
    /// ever refuses; then a device on the way answers in its place.
    ///
    /// Prove: dial the same address and port, then another port or address of the same host.
    /// - `curl -v --connect-timeout 10 https://HOST:PORT/v2/`
    /// - `dig +short HOST`
    ///
    /// Alike: ArtifactStreamingMirrorBroken refuses at localhost:8578 on the node; ProxyUnreachable names
    /// the proxy; BlobEndpointBlocked names the data host; ContainerRuntimeDown names a socket file and no
    /// address.
    ///
    /// Fix: correct the port in the reference, or start the registry or its mirror again. If a firewall
    /// refuses on the registry's behalf, allow the host there.
    TcpRefused {
        layer: "tcp-tls",
        owner: Registry,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [ArtifactStreamingMirrorBroken, ProxyUnreachable, BlobEndpointBlocked, ContainerRuntimeDown],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access"),
    }

    /// the connection was cut while it was in use
    ///
    /// Seen: the connection was made and then reset or closed in the middle, without a reply: "connection
    /// reset by peer", "unexpected EOF", "EOF".
    ///
    /// Why: a firewall or load balancer forgot the connection, ran out of ports for translated addresses or
    /// has a smaller packet size than both ends believe; a device inspects and cuts; or the server itself
    /// restarted.
    ///
    /// Prove: try several times and note at which point it is cut; then try with smaller packets.
    /// - `curl -v --retry 0 https://HOST/v2/`
    /// - `ping -M do -s 1372 HOST`
    ///
    /// Alike: FirewallFqdnBlocked is cut right after the hello, each time, for this name only;
    /// TlsLargeHelloDropped passes with a small hello; SnatExhaustion comes and goes with the load;
    /// Intermittent succeeds in some attempts.
    ///
    /// Fix: try again first. If it stays, fix the device that cuts: its idle time-out, its port allocation,
    /// its packet size (1350 is a common safe value behind a VPN), or its rule for this host.
    ConnectionReset {
        layer: "tcp-tls",
        owner: Network,
        lasting: Transient { typical: "5m" },
        place: Bound,
        decided_by: [Path],
        alike: [FirewallFqdnBlocked, TlsLargeHelloDropped, SnatExhaustion, Intermittent],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access"),
    }

    /// a firewall on the way lets other names through and cuts this one
    ///
    /// Seen: TCP connects; the connection ends as soon as the client has named the host in its TLS hello.
    /// The same address lets a hello with another name through.
    ///
    /// Why: a firewall reads the server name in the hello and has no rule that allows this one. It must
    /// accept the connection before it can read the name, so the port looks open.
    ///
    /// Prove: send two hellos to the same address, one with the registry's name and one with a name that is
    /// allowed.
    /// - `openssl s_client -connect ADDRESS:443 -servername HOST </dev/null`
    /// - `openssl s_client -connect ADDRESS:443 -servername ALLOWED </dev/null`
    ///
    /// Alike: ConnectionReset cuts whatever the name; TlsLargeHelloDropped depends on the size and not on
    /// the name; TlsProtocolTooOld ends with an alert; RegistryOutage is seen from everywhere.
    ///
    /// Fix: allow the registry's host in the firewall's application rules, and with it the hosts the layers
    /// come from: the registry's data hosts or `*.blob.core.windows.net`, for MCR
    /// `*.data.mcr.microsoft.com`.
    FirewallFqdnBlocked {
        layer: "tcp-tls",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [ConnectionReset, TlsLargeHelloDropped, TlsProtocolTooOld, RegistryOutage],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-firewall-access-rules"),
    }

    /// an IPv6 address was dialled and there is no route for IPv6
    ///
    /// Seen: "network is unreachable" or a time-out for an address with colons, while IPv4 was not offered
    /// or was tried later.
    ///
    /// Why: the host has an IPv6 address and this network has no, or only half a, way out over IPv6; or the
    /// query for the IPv4 address failed, so that only the other one was left.
    ///
    /// Prove: force each family in turn.
    /// - `curl -4 -v --connect-timeout 10 https://HOST/v2/`
    /// - `curl -6 -v --connect-timeout 10 https://HOST/v2/`
    /// - `dig HOST A HOST AAAA`
    ///
    /// Alike: NoIpv4Route is the same for an IPv4 address; TcpTimeout has a route and gets no answer.
    ///
    /// Fix: repair the IPv4 answer if it is missing; else give the network a working IPv6 route, or keep
    /// IPv6 addresses from being handed out where there is none.
    NoIpv6Route {
        layer: "tcp-tls",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [NoIpv4Route, TcpTimeout],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-ipv6-dual-stack"),
    }

    /// there is no route to the registry's IPv4 address
    ///
    /// Seen: "network is unreachable" or "no route to host" at once, without a wait.
    ///
    /// Why: the subnet has no way out: a route table sends the default route to nowhere, the cluster was
    /// made with outbound type `none` or `userDefinedRouting` and nothing provides the way, or the gateway
    /// was taken away.
    ///
    /// Prove: read the routes in effect for the network card.
    /// - `ip route get ADDRESS`
    /// - `az network nic show-effective-route-table -g GROUP -n NIC -o table`
    ///
    /// Alike: NoIpv6Route is the same for an IPv6 address; TcpTimeout has a route and gets no answer; a
    /// refusal would be TcpRefused.
    ///
    /// Fix: give the subnet its way out again (NAT gateway, load balancer rule or firewall), or reach the
    /// registry by a private endpoint and keep the network closed.
    NoIpv4Route {
        layer: "tcp-tls",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [NoIpv6Route, TcpTimeout],
        docs: Some("https://learn.microsoft.com/azure/aks/egress-outboundtype"),
    }

    /// the nodes' way out has no ports left for new connections
    ///
    /// Seen: connections to public hosts time out or are reset now and then, from several nodes at once and
    /// to any host, most of all when many pods start; connections that are open go on.
    ///
    /// Why: behind a load balancer or a NAT gateway every connection to the same host and port takes a port
    /// of the outgoing address, and each node has a share of them. Pods that open many short connections
    /// use the share up, and pulls suffer with them.
    ///
    /// Prove: read the metrics of the nodes' load balancer; failed connections above zero are the proof.
    /// - `az monitor metrics list --resource LB-ID --metrics SnatConnectionCount UsedSnatPorts AllocatedSnatPorts -o table`
    /// - `az monitor metrics list --resource LB-ID --metrics SnatConnectionCount --dimension ConnectionState -o table`
    ///
    /// Alike: TcpTimeout fails every time, for one host; ConnectionReset is a device that cuts one host;
    /// TlsHandshakeTimeout connects; Intermittent is the same without the metrics that prove it.
    ///
    /// Fix: add outgoing addresses (`az aks update --load-balancer-managed-outbound-ip-count`) or move to a
    /// NAT gateway, find the pods that open the connections, and reach the registry by a private endpoint,
    /// which takes no such port.
    SnatExhaustion {
        layer: "tcp-tls",
        owner: Network,
        lasting: Transient { typical: "5m" },
        place: Bound,
        decided_by: [Azure],
        alike: [TcpTimeout, ConnectionReset, Intermittent, TlsHandshakeTimeout],
        docs: Some("https://learn.microsoft.com/azure/load-balancer/troubleshoot-outbound-connection"),
    }

    /// the host that holds the layers cannot be reached
    ///
    /// Seen: the registry answers and redirects the layer to another host; that host cannot be resolved,
    /// dialled or shaken hands with. The manifest was fetched without trouble.
    ///
    /// Why: many registries keep layers in a storage service or a content network under another name.
    /// Firewalls that were opened for the registry's host alone stop the pull at its last step.
    ///
    /// Prove: ask for a layer, read the `Location` of the redirect, and dial that host. Do not post the
    /// whole address: it carries a signature.
    /// - `curl -sI -H "Authorization: Bearer $TOKEN" https://REGISTRY/v2/REPOSITORY/blobs/DIGEST`
    /// - `curl -v --connect-timeout 10 https://LAYER-HOST/`
    ///
    /// Alike: BlobEndpointBlocked is the same for the data hosts of ACR and MCR; RedirectTargetRefused is
    /// an address that no client should follow; BlobSasRejected reaches the host and gets 403, which is no
    /// permission of the registry's; RegistryPermissionMissing is a 403 of the registry itself.
    ///
    /// Fix: allow the redirect's host, and the others that the registry's documentation lists, on TCP port
    /// 443.
    RedirectTargetBlocked {
        layer: "tcp-tls",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [BlobEndpointBlocked, RedirectTargetRefused, BlobSasRejected, RegistryPermissionMissing],
        docs: Some("https://github.com/opencontainers/distribution-spec/blob/main/spec.md"),
    }
}
