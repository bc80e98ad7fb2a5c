//! Handshakes: certificates, versions and the devices in between.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the connection is made, and the server's part of the handshake does not come
    ///
    /// Seen: TCP connects quickly; no TLS reply arrives in the time allowed: "net/http: TLS handshake
    /// timeout". A small hello fares no better than a large one.
    ///
    /// Why: the packets come back by another way than they went (asymmetric routes through a firewall), a
    /// device that inspects TLS is overloaded, large packets are lost on the way back, or the server is too
    /// busy.
    ///
    /// Prove: watch where the handshake stops, and whether packets of full size get through.
    /// - `openssl s_client -connect ADDRESS:443 -servername HOST -msg </dev/null`
    /// - `ping -M do -s 1372 HOST`
    ///
    /// Alike: TlsLargeHelloDropped passes with a small hello; TcpTimeout does not even connect;
    /// FirewallFqdnBlocked ends the connection instead of hanging; SnatExhaustion hits some connections
    /// only.
    ///
    /// Fix: try again; if it stays, make the route symmetric, lower the packet size on the tunnel, or take
    /// the registry's hosts out of TLS inspection.
    TlsHandshakeTimeout {
        layer: "tcp-tls",
        owner: Network,
        lasting: Transient { typical: "5m" },
        place: Bound,
        decided_by: [Path],
        alike: [TlsLargeHelloDropped, TcpTimeout, SnatExhaustion, FirewallFqdnBlocked],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access"),
    }

    /// a device on the way drops a TLS hello that is larger than one packet
    ///
    /// Seen: a handshake with the hello that current runtimes send (about 1,500 bytes) hangs or is reset;
    /// the same handshake with a hello of some 300 bytes to the same address passes. `curl` on an older
    /// system works and the node does not.
    ///
    /// Why: programs built with Go 1.24 or later offer the post-quantum key exchange X25519MLKEM768, so the
    /// hello spans two segments. Some firewalls, NAT devices and server-name rules read the first segment
    /// only and drop what they cannot understand.
    ///
    /// Prove: two handshakes to the same address with OpenSSL 3.5 or later; the first hangs and the second
    /// passes.
    /// - `openssl s_client -connect ADDRESS:443 -servername HOST -groups X25519MLKEM768:X25519 </dev/null`
    /// - `openssl s_client -connect ADDRESS:443 -servername HOST -groups X25519 </dev/null`
    ///
    /// Alike: TlsHandshakeTimeout and ConnectionReset fail with either size; FirewallFqdnBlocked depends on
    /// the name in the hello.
    ///
    /// Fix: update the device or change its rule so that it puts a hello together from several segments.
    /// `GODEBUG=tlsmlkem=0` for the runtime shrinks the hello and proves the point; it is no cure.
    TlsLargeHelloDropped {
        layer: "tcp-tls",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [TlsHandshakeTimeout, FirewallFqdnBlocked, ConnectionReset],
        docs: Some("https://go.dev/doc/go1.24#cryptotlspkgcryptotls"),
    }

    /// the certificate comes from an authority that is not trusted here
    ///
    /// Seen: "x509: certificate signed by unknown authority" for a registry of one's own.
    ///
    /// Why: the registry's certificate was issued by a private authority, or the server does not send the
    /// intermediate certificate. The runtime trusts what the node's own store holds, not what a pod or a
    /// laptop trusts.
    ///
    /// Prove: print the chain and see who signed the last certificate, and whether the chain is complete.
    /// - `openssl s_client -connect HOST:443 -servername HOST -showcerts </dev/null`
    ///
    /// Alike: TlsInterceptingProxy is the same message for a public registry, whose real certificate any
    /// system trusts; TlsHostnameMismatch and TlsCertificateExpired have a trusted authority and another
    /// fault.
    ///
    /// Fix: put the authority's certificate on the nodes: a `ca` entry in
    /// `/etc/containerd/certs.d/HOST/hosts.toml`, or on AKS the cluster's custom trusted authorities. If
    /// only the intermediate is missing, make the server send it.
    TlsUnknownAuthority {
        layer: "tcp-tls",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [TlsInterceptingProxy, TlsHostnameMismatch, TlsCertificateExpired],
        docs: Some("https://github.com/containerd/containerd/blob/main/docs/hosts.md"),
    }

    /// a device on the way replaces the registry's certificate by its own
    ///
    /// Seen: a public registry presents a certificate that no public authority issued; its issuer often
    /// names a firewall maker or the organisation itself.
    ///
    /// Why: the traffic goes through a device that opens TLS in order to inspect it. Machines that trust
    /// the device's authority do not notice; nodes and containers that do not trust it refuse.
    ///
    /// Prove: read the issuer, and compare with what another network gets.
    /// - `openssl s_client -connect HOST:443 -servername HOST -showcerts </dev/null | openssl x509 -noout -issuer -subject`
    ///
    /// Alike: TlsUnknownAuthority is a private registry with its own authority; TlsHostnameMismatch
    /// presents another host's certificate; ProxyDenied refuses instead of opening; TlsCertificateExpired
    /// can be the device's own certificate running out.
    ///
    /// Fix: take the registry's hosts out of inspection, which also spares the large layers; or install the
    /// device's authority on every node (on AKS `httpProxyConfig.trustedCa` or the custom trusted
    /// authorities).
    TlsInterceptingProxy {
        layer: "tcp-tls",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [TlsUnknownAuthority, TlsHostnameMismatch, ProxyDenied, TlsCertificateExpired],
        docs: Some("https://learn.microsoft.com/azure/aks/http-proxy"),
    }

    /// the certificate is for other names than the registry's host
    ///
    /// Seen: "x509: certificate is valid for A, B, not HOST". The authority is trusted; the name is not in
    /// the list.
    ///
    /// Why: the name leads to another server (a wrong private record, a captive portal, a hosts file), or
    /// the registry is asked by a name its certificate lacks: a private alias such as
    /// `ACR.privatelink.azurecr.io`, an address, a custom domain.
    ///
    /// Prove: print the names in the certificate, and the address that answered.
    /// - `openssl s_client -connect HOST:443 -servername HOST </dev/null | openssl x509 -noout -ext subjectAltName`
    /// - `dig HOST`
    ///
    /// Alike: AcrPrivateDnsWrongRecord is the reason when the address is private; TlsInterceptingProxy has
    /// the right name and a foreign issuer; TlsCertificateNoSan has no list of names at all;
    /// MirrorReturnsHtml would come after a good handshake.
    ///
    /// Fix: use the name that the certificate holds (the login server, for ACR), correct the record that
    /// leads astray, or have the certificate issued again with this name.
    TlsHostnameMismatch {
        layer: "tcp-tls",
        owner: Registry,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [TlsInterceptingProxy, AcrPrivateDnsWrongRecord, TlsCertificateNoSan, MirrorReturnsHtml],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-private-link"),
    }

    /// the certificate has a common name only, which is no longer accepted
    ///
    /// Seen: "x509: certificate relies on legacy Common Name field, use SANs instead". Older tools may
    /// still accept the same server.
    ///
    /// Why: the host must stand in the certificate's list of subject alternative names. Programs built with
    /// Go 1.15 or later ignore the common name; certificates made by hand with old recipes lack the list.
    ///
    /// Prove: an empty list of names is the proof.
    /// - `openssl s_client -connect HOST:443 -servername HOST </dev/null | openssl x509 -noout -subject -ext subjectAltName`
    ///
    /// Alike: TlsHostnameMismatch has a list, without this host; TlsInterceptingProxy may have made such a
    /// certificate on the fly, and then the issuer gives it away.
    ///
    /// Fix: issue the registry's certificate again with its host as a subject alternative name (`openssl
    /// req -addext subjectAltName=DNS:HOST`), and restart the registry with it.
    TlsCertificateNoSan {
        layer: "tcp-tls",
        owner: Registry,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [TlsHostnameMismatch, TlsInterceptingProxy],
        docs: Some("https://go.dev/doc/go1.15#commonname"),
    }

    /// the certificate is outside its time of validity
    ///
    /// Seen: "x509: certificate has expired or is not yet valid", with the time on this machine and the
    /// limit that was passed.
    ///
    /// Why: the registry's certificate was not renewed in time, or a certificate that is valid from a later
    /// moment was put in place too early. The clock here agrees with the servers' own, so the clock is not
    /// at fault.
    ///
    /// Prove: print the dates of the certificate and the time.
    /// - `openssl s_client -connect HOST:443 -servername HOST </dev/null | openssl x509 -noout -dates -issuer`
    /// - `date -u`
    ///
    /// Alike: NodeClockSkew shows the same text when the clock is wrong: compare it with the `Date` header
    /// of any server. TlsInterceptingProxy may present its own certificate that ran out;
    /// TlsUnknownAuthority has dates that hold and a root that is not trusted.
    ///
    /// Fix: renew the certificate and restart what serves it. Registries of the cloud providers renew by
    /// themselves; then the expired certificate belongs to a device on the way.
    TlsCertificateExpired {
        layer: "tcp-tls",
        owner: Registry,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [NodeClockSkew, TlsInterceptingProxy, TlsUnknownAuthority],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access"),
    }

    /// the two sides have no TLS version in common
    ///
    /// Seen: the handshake ends with an alert such as "protocol version not supported". The runtime offers
    /// TLS 1.2 and 1.3 only.
    ///
    /// Why: the server, or a device that opens TLS on the way, speaks nothing newer than TLS 1.1. Azure's
    /// registries ask for TLS 1.2 or later and offer it themselves, so for them the old side is a device.
    ///
    /// Prove: try each version by itself.
    /// - `openssl s_client -connect HOST:443 -servername HOST -tls1_2 </dev/null`
    /// - `openssl s_client -connect HOST:443 -servername HOST -tls1_1 </dev/null`
    ///
    /// Alike: FirewallFqdnBlocked and ConnectionReset cut without an alert; TlsInterceptingProxy completes
    /// the handshake with a certificate of its own.
    ///
    /// Fix: turn on TLS 1.2 on the registry, or update the device that stands in between or take the
    /// registry out of its inspection.
    TlsProtocolTooOld {
        layer: "tcp-tls",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [FirewallFqdnBlocked, TlsInterceptingProxy, ConnectionReset],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access"),
    }

    /// the port speaks plain HTTP, where https is expected
    ///
    /// Seen: "http: server gave HTTP response to HTTPS client". The server reads the hello as a bad request
    /// and answers in clear text.
    ///
    /// Why: a registry inside a network was set up without a certificate. The runtime uses https for every
    /// host that is not the machine itself, unless its own configuration says otherwise.
    ///
    /// Prove: the first command fails and the second answers.
    /// - `curl -v https://HOST:PORT/v2/`
    /// - `curl -v http://HOST:PORT/v2/`
    ///
    /// Alike: TagNotFound behind a mirror with plain HTTP shows the same text, because the last attempt is
    /// the one reported; RegistryMirrorMisconfigured names the mirror's host; HttpsRegistryOnHttp is the
    /// reverse; ProxyMisconfigured has `https://` in the address of an HTTP proxy.
    ///
    /// Fix: give the registry a certificate. Where that cannot be, declare it in
    /// `/etc/containerd/certs.d/HOST/hosts.toml` with `server = "http://HOST:PORT"` on every node;
    /// credentials and images then cross the network in clear text.
    PlainHttpRegistry {
        layer: "tcp-tls",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [HttpsRegistryOnHttp, TagNotFound, RegistryMirrorMisconfigured, ProxyMisconfigured],
        docs: Some("https://github.com/containerd/containerd/blob/main/docs/hosts.md"),
    }

    /// the port speaks TLS and was asked in plain HTTP
    ///
    /// Seen: status 400 with a text such as "client sent an HTTP request to an HTTPS server", or a closed
    /// connection.
    ///
    /// Why: the registry or mirror is declared with `http://` in the node's runtime configuration, and its
    /// port serves https only; often the registry got a certificate later and the configuration stayed.
    ///
    /// Prove: the first command is refused and the second answers.
    /// - `curl -v http://HOST:PORT/v2/`
    /// - `curl -v https://HOST:PORT/v2/`
    ///
    /// Alike: PlainHttpRegistry is the reverse; RegistryMirrorMisconfigured has a wrong host or path in the
    /// same file.
    ///
    /// Fix: write `https://` for this host in `/etc/containerd/certs.d/HOST/hosts.toml`, or in whatever
    /// writes that file, on every node.
    HttpsRegistryOnHttp {
        layer: "tcp-tls",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path, Cluster],
        alike: [PlainHttpRegistry, RegistryMirrorMisconfigured],
        docs: Some("https://github.com/containerd/containerd/blob/main/docs/hosts.md"),
    }
}
