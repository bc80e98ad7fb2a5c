//! Limits: too many requests, at the registry or on the node itself.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// Docker Hub allows no more pulls from this address or account for now
    ///
    /// Seen: status 429 with "toomanyrequests" from Docker Hub. All nodes that leave by one address share
    /// one allowance when they pull without an account.
    ///
    /// Why: Docker Hub counts pulls by account, or by address for those without one. Base images, charts
    /// and sidecars from Docker Hub add up quickly behind one NAT address.
    ///
    /// Prove: a HEAD request costs nothing and shows the limit and what is left.
    /// - `TOKEN=$(curl -s "https://auth.docker.io/token?service=registry.docker.io&scope=repository:ratelimitpreview/test:pull" | jq -r .token)`
    /// - `curl -sI -H "Authorization: Bearer $TOKEN" https://registry-1.docker.io/v2/ratelimitpreview/test/manifests/latest`
    ///
    /// Alike: AcrCacheUpstreamThrottled is the same met by a cache; RegistryThrottled is another registry;
    /// KubeletPullQpsExceeded is the kubelet's own limit, and no request left the node.
    ///
    /// Fix: pull with an account (a pull secret for docker.io), or import the images once into a registry
    /// of your own or an ACR cache rule. Waiting helps until the next wave of pulls.
    DockerHubRateLimit {
        layer: "throttling",
        owner: Cluster,
        lasting: Transient { typical: "6h" },
        place: Bound,
        decided_by: [Path],
        alike: [AcrCacheUpstreamThrottled, RegistryThrottled, KubeletPullQpsExceeded],
        docs: Some("https://docs.docker.com/docker-hub/usage/"),
    }

    /// the container registry limits the requests of this registry or identity
    ///
    /// Seen: status 429 from the registry with "Too many requests" and a `Retry-After` of at most a minute.
    ///
    /// Why: each tier allows a number of requests a minute for the registry and for one identity. All nodes
    /// of a cluster share one kubelet identity, and all anonymous clients count as one.
    ///
    /// Prove: read the tier, and the reply's `Retry-After`.
    /// - `az acr show --name ACR --query sku.name -o tsv`
    /// - `curl -si https://REGISTRY/v2/`
    ///
    /// Alike: AcrCacheUpstreamThrottled names a cache rule and its source; KubeletPullQpsExceeded never
    /// leaves the node.
    ///
    /// Fix: wait for the time the reply names. Then spread the pulls (`imagePullPolicy: IfNotPresent`,
    /// fewer nodes at once), add a replica in the nodes' region, or move the registry to a higher tier.
    AcrThrottled {
        layer: "throttling",
        owner: Registry,
        lasting: Transient { typical: "1m" },
        place: Anywhere,
        decided_by: [Path],
        alike: [AcrCacheUpstreamThrottled, KubeletPullQpsExceeded],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-skus"),
    }

    /// Microsoft's registry allows no more pulls from here for now
    ///
    /// Seen: status 429 from mcr.microsoft.com or its data hosts.
    ///
    /// Why: MCR limits what is drawn from it where very much is drawn. Many nodes, agents and build
    /// machines that fetch the same images over and over add up. A 429 for everybody can also be part of an
    /// incident at MCR.
    ///
    /// Prove: ask again after a minute, and from a network that leaves by another address.
    /// - `curl -si https://mcr.microsoft.com/v2/`
    ///
    /// Alike: RegistryOutage is seen from everywhere; RegistryThrottled is another registry;
    /// KubeletPullQpsExceeded never leaves the node.
    ///
    /// Fix: wait some minutes. For the future, keep the images in a registry of your own: an ACR cache rule
    /// for mcr.microsoft.com, or an import.
    McrThrottled {
        layer: "throttling",
        owner: Cluster,
        lasting: Transient { typical: "10m" },
        place: Bound,
        decided_by: [Path],
        alike: [RegistryOutage, RegistryThrottled, KubeletPullQpsExceeded],
        docs: Some("https://github.com/microsoft/containerregistry/blob/main/docs/egress-limits.md"),
    }

    /// the registry allows no more requests for now
    ///
    /// Seen: status 429 from the registry or its token service, perhaps with a `Retry-After`.
    ///
    /// Why: public registries limit by address, account or project. Many nodes that start together, or a
    /// pull loop that never succeeds, use the allowance up.
    ///
    /// Prove: read the headers of the reply; many registries tell the limit and when it is reset.
    /// - `curl -si https://HOST/v2/`
    ///
    /// Alike: DockerHubRateLimit and McrThrottled are the same for these two; KubeletPullQpsExceeded is the
    /// kubelet's own limit, and no request left the node.
    ///
    /// Fix: wait, pull with a credential if the allowance is then larger, and put a cache or a registry of
    /// your own between the cluster and this one.
    RegistryThrottled {
        layer: "throttling",
        owner: Cluster,
        lasting: Transient { typical: "10m" },
        place: Bound,
        decided_by: [Path],
        alike: [DockerHubRateLimit, McrThrottled, KubeletPullQpsExceeded],
        docs: Some("https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes"),
    }

    /// the kubelet's own limit on image pulls held this one back
    ///
    /// Seen: ErrImagePull with "pull QPS exceeded", and no registry in the message: no request left the
    /// node. Seconds later the pull is tried again, and usually works.
    ///
    /// Why: many containers start on the node at once, and the kubelet begins no more pulls a second than
    /// `registryPullQPS` allows (5 by default, `registryBurst` 10). Images that the node holds do not count,
    /// unless `imagePullPolicy: Always` has them asked for again.
    ///
    /// Prove: read the kubelet's limits, and how many pods started on this node together.
    /// - `kubectl get --raw /api/v1/nodes/NODE/proxy/configz | jq '.kubeletconfig|{registryPullQPS,registryBurst,serializeImagePulls}'`
    /// - `kubectl get pods -A --field-selector spec.nodeName=NODE --sort-by .status.startTime`
    ///
    /// Alike: RegistryThrottled, DockerHubRateLimit, AcrThrottled and McrThrottled are refused by a
    /// registry: a status 429 and its host stand in the message.
    ///
    /// Fix: wait for the next try. For the future use `imagePullPolicy: IfNotPresent` with tags that do not
    /// move, start fewer pods at once, or raise `registryPullQPS` and `registryBurst` where the nodes'
    /// kubelet is configured.
    KubeletPullQpsExceeded {
        layer: "throttling",
        owner: Cluster,
        lasting: Transient { typical: "1m" },
        place: Bound,
        decided_by: [Text],
        alike: [RegistryThrottled, DockerHubRateLimit, AcrThrottled, McrThrottled],
        docs: Some("https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/"),
    }
}
