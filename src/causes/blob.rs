//! Layers: the hosts they come from and the bytes that come.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the registry's data host, which holds the layers, cannot be reached
    ///
    /// Seen: the manifest is fetched from the registry; the layer is redirected to a data host, and that
    /// one cannot be resolved, dialled or shaken hands with. The pull fails at its very last step.
    ///
    /// Why: ACR keeps layers at `*.blob.core.windows.net` or, with dedicated data endpoints, at
    /// `ACR.REGION.data.azurecr.io`; MCR at `*.data.mcr.microsoft.com`. A firewall that was opened for the
    /// registry's host alone stops them.
    ///
    /// Prove: ask for the registry's hosts, then dial the data host.
    /// - `az acr show-endpoints --name ACR`
    /// - `curl -v --connect-timeout 10 https://DATA-HOST/`
    ///
    /// Alike: DataEndpointDnsMissing lacks only the name; RedirectTargetBlocked is another registry;
    /// StorageServiceEndpointPolicyBlocksBlob reaches the host and is refused in XML;
    /// PrivateEndpointUnreachable fails at the registry already.
    ///
    /// Fix: allow the data hosts on TCP port 443. Dedicated data endpoints make the list short and your
    /// own: allow the new names first, then `az acr update --name ACR --data-endpoint-enabled true`.
    BlobEndpointBlocked {
        layer: "blob-data-endpoint",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [DataEndpointDnsMissing, RedirectTargetBlocked, StorageServiceEndpointPolicyBlocksBlob, PrivateEndpointUnreachable],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-firewall-access-rules"),
    }

    /// the private zone lacks the record of the registry's data host
    ///
    /// Seen: the registry's host resolves to a private address; `ACR.REGION.data.azurecr.io` does not
    /// resolve at all. Manifests come and layers do not.
    ///
    /// Why: a private endpoint has an address for the registry and one for the data host of each region.
    /// Records written by hand often have the first only; a new replica adds one more.
    ///
    /// Prove: resolve both hosts at the same server, then list the zone's records.
    /// - `dig @NAMESERVER ACR.REGION.data.azurecr.io`
    /// - `az network private-dns record-set a list -g GROUP -z privatelink.azurecr.io -o table`
    ///
    /// Alike: AcrPrivateDnsNoRecord lacks the registry's own record; BlobEndpointBlocked has the name and
    /// no way to it; RedirectTargetBlocked is another registry; DnsServerUnreachable answers nothing at
    /// all.
    ///
    /// Fix: let the endpoint write its records by a DNS zone group, or add the record `ACR.REGION.data` for
    /// every region with the address that the endpoint shows. After adding a replica, do it again.
    DataEndpointDnsMissing {
        layer: "blob-data-endpoint",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path, Azure],
        alike: [BlobEndpointBlocked, AcrPrivateDnsNoRecord, RedirectTargetBlocked, DnsServerUnreachable],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-private-link"),
    }

    /// the storage host refuses the signed address of the layer
    ///
    /// Seen: the layer's host is reached and answers 403, often in XML with `AuthenticationFailed`. In an
    /// event the registry's own address stands next to the 403, which misleads.
    ///
    /// Why: the signed address was used too late (it lives for 20 to 30 minutes), a caching proxy replays
    /// an old redirect or alters the address, or the clock is wrong by more than a few minutes.
    ///
    /// Prove: fetch a fresh redirect and use it at once, once through the usual way and once around the
    /// proxy. Do not post the address: it carries a signature.
    /// - `curl -sI -H "Authorization: Bearer $TOKEN" https://REGISTRY/v2/REPOSITORY/blobs/DIGEST`
    /// - `date -u`
    ///
    /// Alike: StorageServiceEndpointPolicyBlocksBlob has a policy on the subnet; NodeClockSkew shows in the
    /// `Date` header; BlobMissingInRegistry is 404; RedirectTargetBlocked does not reach the host.
    ///
    /// Fix: keep proxies from caching redirects and from changing their queries, correct the clock, and
    /// pull again.
    BlobSasRejected {
        layer: "blob-data-endpoint",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [StorageServiceEndpointPolicyBlocksBlob, NodeClockSkew, BlobMissingInRegistry, RedirectTargetBlocked],
        docs: Some("https://learn.microsoft.com/rest/api/storageservices/service-sas-error-codes"),
    }

    /// the registry sends clients to an address that must not be followed
    ///
    /// Seen: the token service or the layer's redirect leads to a loopback, link-local or metadata address,
    /// and was not followed.
    ///
    /// Why: the registry is misconfigured, with an internal address as its realm or storage, or somebody
    /// wants clients to reach into their own machine. Such an address means another machine to every
    /// client.
    ///
    /// Prove: read the header of the reply, and resolve the host in it.
    /// - `curl -si https://REGISTRY/v2/ | grep -i '^www-authenticate'`
    /// - `curl -sI -H "Authorization: Bearer $TOKEN" https://REGISTRY/v2/REPOSITORY/blobs/DIGEST | grep -i '^location'`
    ///
    /// Alike: RedirectTargetBlocked and BlobEndpointBlocked are proper hosts that cannot be reached;
    /// RegistryMirrorMisconfigured is the node's own configuration naming a wrong host.
    ///
    /// Fix: set the registry's public https address as its realm and as the base of its redirects. If the
    /// registry is not yours, be wary of it.
    RedirectTargetRefused {
        layer: "blob-data-endpoint",
        owner: Registry,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [RedirectTargetBlocked, BlobEndpointBlocked, RegistryMirrorMisconfigured],
        docs: Some("https://github.com/opencontainers/distribution-spec/blob/main/spec.md"),
    }

    /// the key that encrypts the registry cannot be used
    ///
    /// Seen: the token is issued, and the manifest is refused with 403; the body of a GET, unlike that of a
    /// HEAD, speaks of the key. Older runtimes show a bare 403.
    ///
    /// Why: the registry is encrypted with a key of your own. The key was disabled, deleted or has expired,
    /// the vault's firewall shuts the registry out, or the registry's identity lost its right to the key.
    ///
    /// Prove: read which key and identity the registry uses, then the key's state.
    /// - `az acr encryption show --name ACR`
    /// - `az keyvault key show --id KEY-ID --query attributes`
    ///
    /// Alike: AcrIpNotAllowed refuses every request, the first one too; RegistryPermissionMissing and
    /// AcrAbacConditionExcludesRepo depend on the identity; RegistryPolicyBlocksPull names a policy.
    ///
    /// Fix: restore the key or the identity's access to it: recover a deleted key, let trusted services
    /// through the vault's firewall, grant get, wrap and unwrap. Access comes back by itself after that.
    AcrCmkKeyUnavailable {
        layer: "blob-data-endpoint",
        owner: Registry,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrIpNotAllowed, RegistryPermissionMissing, AcrAbacConditionExcludesRepo, RegistryPolicyBlocksPull],
        docs: Some("https://learn.microsoft.com/azure/container-registry/tutorial-troubleshoot-customer-managed-keys"),
    }

    /// the bytes that came are not the ones the digest names
    ///
    /// Seen: "unexpected commit digest" in an event, or a manifest, config or layer whose sha256 differs
    /// from its name. The digest beginning e3b0c442 is that of nothing: the body was empty.
    ///
    /// Why: a proxy or mirror serves a stale, cut or altered copy, a web page came in place of the layer,
    /// or the registry's storage is damaged. The runtime is right to refuse.
    ///
    /// Prove: fetch the layer here and elsewhere, and compare.
    /// - `curl -sL -H "Authorization: Bearer $TOKEN" https://REGISTRY/v2/REPOSITORY/blobs/DIGEST | sha256sum`
    ///
    /// Alike: PullProgressTimeout stops before the end; MirrorReturnsHtml is a page at every address;
    /// LayerUnpackFailed has the right bytes and cannot open them; BlobMissingInRegistry has no bytes.
    ///
    /// Fix: purge the cache of the proxy or mirror for this layer, or go around it. If every place gets the
    /// wrong bytes, push the image again.
    LayerDigestMismatch {
        layer: "node-runtime",
        owner: Network,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [PullProgressTimeout, MirrorReturnsHtml, LayerUnpackFailed, BlobMissingInRegistry],
        docs: Some("https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests"),
    }

    /// the layer's bytes stopped coming
    ///
    /// Seen: the download begins and then nothing more arrives; containerd cancels a pull that makes no
    /// progress for five minutes, and the event says "context canceled".
    ///
    /// Why: a slow or lossy line, a device that holds large bodies back to scan them, a storage host that
    /// limits this address, or a packet size that lets small replies through and not large ones.
    ///
    /// Prove: measure the download of the layer.
    /// - `curl -sL -o /dev/null -w '%{size_download} bytes, %{speed_download} bytes/s\n' -H "Authorization: Bearer $TOKEN" https://REGISTRY/v2/REPOSITORY/blobs/DIGEST`
    ///
    /// Alike: PullDeadlineExceeded makes progress and runs out of time; ConnectionReset is cut and not
    /// stalled; BlobEndpointBlocked does not begin; LayerDigestMismatch arrives, altered.
    ///
    /// Fix: try again; then take the data hosts out of content scanning, mend the line or its packet size,
    /// or bring the image nearer with a replica in the nodes' region.
    PullProgressTimeout {
        layer: "node-runtime",
        owner: Network,
        lasting: Transient { typical: "10m" },
        place: Bound,
        decided_by: [Path],
        alike: [PullDeadlineExceeded, ConnectionReset, BlobEndpointBlocked, LayerDigestMismatch],
        docs: Some("https://github.com/containerd/containerd/blob/main/docs/cri/config.md"),
    }
}
