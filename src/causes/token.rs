//! The token service: the challenge that names it, and its answers.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the registry's 401 does not say where to get a token
    ///
    /// Seen: status 401 without a `WWW-Authenticate` header, or with one that cannot be read: no realm,
    /// missing quotes, several headers where one is expected. Some clients crash on it, others report a
    /// plain 401.
    ///
    /// Why: a reverse proxy in front of the registry strips or rewrites the header, a web front end asks
    /// for its own login, or the registry is misconfigured. Without the realm a client cannot know whom to
    /// ask for a token.
    ///
    /// Prove: the header should read `Bearer realm="https://...",service="..."`, or `Basic realm="..."`.
    /// - `curl -si https://HOST/v2/ | grep -i '^www-authenticate'`
    ///
    /// Alike: MirrorReturnsHtml answers with a page; ProxyDenied is a proxy's demand for a login (407);
    /// CredentialProviderReturnedNothing is how it looks from the kubelet's side alone.
    ///
    /// Fix: let the proxy pass the header through unchanged, and make the registry's configured realm its
    /// public https address.
    AuthChallengeMalformed {
        layer: "token-service",
        owner: Registry,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [MirrorReturnsHtml, ProxyDenied, CredentialProviderReturnedNothing],
        docs: Some("https://distribution.github.io/distribution/spec/auth/token/"),
    }

    /// the host that issues the registry's tokens cannot be reached
    ///
    /// Seen: the registry answers 401 and names a token service; that host does not resolve, cannot be
    /// dialled or does not complete the handshake.
    ///
    /// Why: the token service has a host of its own (auth.docker.io, a GitLab server, Microsoft's sign-in
    /// host) which the firewall or the DNS here does not know, though the registry's host is allowed.
    ///
    /// Prove: read the realm, then dial it.
    /// - `curl -si https://REGISTRY/v2/ | grep -i '^www-authenticate'`
    /// - `curl -v --connect-timeout 10 https://TOKEN-HOST/`
    ///
    /// Alike: TokenServiceError reaches the host and gets an error; RedirectTargetBlocked comes later, with
    /// the layers; FirewallFqdnBlocked is the likely reason when the connection ends right after the hello.
    ///
    /// Fix: allow the host of the realm on TCP port 443, and make it resolvable. For ACR the realm is the
    /// registry itself, so that nothing more is needed there.
    TokenServiceUnreachable {
        layer: "token-service",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [TokenServiceError, RedirectTargetBlocked, FirewallFqdnBlocked],
        docs: Some("https://distribution.github.io/distribution/spec/auth/token/"),
    }

    /// the token service answers with an error of its own
    ///
    /// Seen: the realm answers with a status of 500 and above, with a web page, or with a reply that holds
    /// no token.
    ///
    /// Why: a fault or overload of the token service, or a proxy that answers in its place.
    ///
    /// Prove: ask the realm as the runtime does, without a credential; 200 or 401 in JSON is a healthy
    /// answer.
    /// - `curl -si "https://TOKEN-HOST/token?service=SERVICE&scope=repository:REPOSITORY:pull"`
    ///
    /// Alike: TokenServiceUnreachable gets no answer at all; RegistryServerError is the registry's own
    /// host; ProxyDenied and MirrorReturnsHtml are somebody else answering.
    ///
    /// Fix: wait and try again; then the provider's status page or the log of the token service. If a page
    /// comes back, take the proxy that sends it out of the way.
    TokenServiceError {
        layer: "token-service",
        owner: Registry,
        lasting: Transient { typical: "15m" },
        place: Bound,
        decided_by: [Path],
        alike: [TokenServiceUnreachable, RegistryServerError, ProxyDenied, MirrorReturnsHtml],
        docs: Some("https://distribution.github.io/distribution/spec/auth/token/"),
    }
}
