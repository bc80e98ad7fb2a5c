//! Proxies: what the node is told to send its requests through.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the proxy that clients are told to use cannot be reached
    ///
    /// Seen: the error begins with "proxyconnect tcp": the proxy's name does not resolve, or its address
    /// is silent or refuses. The registry itself was never dialled.
    ///
    /// Why: the proxy is down or has moved, the nodes' network has no rule or route to it, or its address
    /// holds only where it was written down, such as a loopback address of another machine.
    ///
    /// Prove: read what the runtime was told, then dial it. What is set for all services is in the second
    /// list.
    /// - `systemctl show containerd kubelet --property Environment,EnvironmentFiles`
    /// - `systemctl show-environment`
    /// - `curl -v --connect-timeout 10 --proxy http://PROXY https://HOST/v2/`
    ///
    /// Alike: ProxyMisconfigured is reached and is no proxy for this request; ProxyDenied is reached and
    /// says no; TcpRefused and TcpTimeout dial the registry itself.
    ///
    /// Fix: bring the proxy back, or open the way to it. If it has moved, name the new one: on AKS with `az
    /// aks update --http-proxy-config FILE`, which reimages all node pools; elsewhere in the drop-ins of
    /// containerd and the kubelet, and restart both.
    ProxyUnreachable {
        layer: "proxy",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [ProxyMisconfigured, TcpRefused, TcpTimeout, ProxyDenied],
        docs: Some("https://learn.microsoft.com/azure/aks/http-proxy"),
    }

    /// the proxy settings are wrong, or lack an exception that a pull needs
    ///
    /// Seen: the proxy's URL begins with https:// and the proxy speaks plain HTTP ("proxyconnect tcp: tls:
    /// first record does not look like a TLS handshake"); or it cannot be read, and is passed over in
    /// silence; or a request that must go directly, such as one to 169.254.169.254, is answered by the
    /// proxy.
    ///
    /// Why: HTTPS_PROXY says which requests go to the proxy, not how to speak to it: its value usually
    /// begins with http://. NO_PROXY is read by Go's rules: a name stands for itself and all below it, and
    /// a range of addresses matches an address in the URL, never the address that a name resolves to.
    ///
    /// Prove: read the settings, then try past the proxy.
    /// - `systemctl show containerd kubelet --property Environment,EnvironmentFiles`
    /// - `systemctl show-environment`
    /// - `curl -v --noproxy '*' https://HOST/v2/`
    ///
    /// Alike: ProxyUnreachable gets no answer from the proxy; ProxyDenied understands the request and
    /// refuses it; ImdsUnreachable has no proxy in between; PlainHttpRegistry is a registry that speaks
    /// plain HTTP.
    ///
    /// Fix: correct the proxy's URL, and add to the exceptions 169.254.169.254, 168.63.129.16 and every
    /// registry that is reached privately, by name. On AKS that is `noProxy` in the file for `az aks update
    /// --http-proxy-config`; elsewhere the drop-ins of containerd and the kubelet, and a restart of both.
    ProxyMisconfigured {
        layer: "proxy",
        owner: Cluster,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path, Cluster],
        alike: [ProxyUnreachable, ProxyDenied, ImdsUnreachable, PlainHttpRegistry],
        docs: Some("https://learn.microsoft.com/azure/aks/http-proxy"),
    }

    /// the proxy refuses to connect to the registry
    ///
    /// Seen: the proxy answers CONNECT with 403, 407 or a page of its own. The error then is a bare
    /// "Forbidden" or "Proxy Authentication Required", without anything of the registry's.
    ///
    /// Why: the proxy's rules do not know the registry's host, or know it and not the host of its layers;
    /// or the proxy wants a login (407) that was not given. The proxy settings of AKS take no user and no
    /// password.
    ///
    /// Prove: ask for both hosts through the proxy, and read who answers.
    /// - `curl -v --proxy http://PROXY https://HOST/v2/`
    /// - `curl -v --proxy http://PROXY https://DATA-HOST/`
    ///
    /// Alike: AcrIpNotAllowed is the registry's own 403, with an address in it; RegistryPermissionMissing
    /// comes after a token; with ProxyMisconfigured the request should never have come to the proxy;
    /// TlsInterceptingProxy connects, and presents a certificate of its own.
    ///
    /// Fix: allow the registry's host and the hosts of its layers in the proxy, without a login for the
    /// nodes; or, where there is a direct way, add the registry's name to NO_PROXY.
    ProxyDenied {
        layer: "proxy",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [AcrIpNotAllowed, RegistryPermissionMissing, ProxyMisconfigured, TlsInterceptingProxy],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-firewall-access-rules"),
    }
}
