//! Cache rules of ACR: images that the registry itself fetches from another one.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the upstream of the registry's cache rule allows no more pulls for now
    ///
    /// Seen: status 429 from the container registry with a text that names a cache rule and its source
    /// registry.
    ///
    /// Why: the image is not yet in the cache, so the registry pulls it from upstream, and upstream
    /// refuses. Without credentials on the rule, the registry's outgoing address is shared with many
    /// others.
    ///
    /// Prove: list the rules and see whether this one has credentials.
    /// - `az acr cache list --registry ACR -o table`
    ///
    /// Alike: AcrThrottled is a limit of the container registry's own tier; DockerHubRateLimit is met
    /// without a cache in between; AcrCacheUpstreamWarming is 502 and not 429.
    ///
    /// Fix: put a credential set for the upstream account on the cache rule, or import the image once (`az
    /// acr import`). Images that are in the cache are not affected.
    AcrCacheUpstreamThrottled {
        layer: "acr-cache",
        owner: Registry,
        lasting: Transient { typical: "6h" },
        place: Anywhere,
        decided_by: [Path],
        alike: [AcrThrottled, DockerHubRateLimit, AcrCacheUpstreamWarming],
        docs: Some("https://learn.microsoft.com/azure/container-registry/artifact-cache-overview"),
    }

    /// the registry's credential for the upstream of its cache rule is refused
    ///
    /// Seen: the repository belongs to a cache rule, and the pull ends with 401 or as if the image were
    /// missing, though the client's own credential is good. Images that are in the cache are pulled.
    ///
    /// Why: the rule's credential set names two secrets in a key vault. They are gone, expired or hold an
    /// old password, or the set's identity may not read them; then the upstream refuses the registry, and
    /// the client sees no more than a refusal.
    ///
    /// Prove: find the rule's credential set and read its health.
    /// - `az acr cache list --registry ACR -o table`
    /// - `az acr credential-set show --registry ACR --name SET --query "authCredentials[].credentialHealth"`
    ///
    /// Alike: AcrCacheUpstreamNotFoundMasked has healthy credentials and a path that upstream does not
    /// have; AcrCacheUpstreamIdentityMissing is a rule whose upstream is a container registry of Azure, with
    /// an identity and no secrets; AcrPullRoleMissing is refused for every repository;
    /// AcrCacheRuleWrongMapping maps to another path than was meant.
    ///
    /// Fix: put the present user and password into the key vault's secrets, and let the credential set's
    /// identity read them (Key Vault Secrets User). Until then import the image (`az acr import`).
    AcrCacheUpstreamAuthFailed {
        layer: "acr-cache",
        owner: Registry,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrCacheUpstreamNotFoundMasked, AcrCacheUpstreamIdentityMissing, AcrPullRoleMissing, AcrCacheRuleWrongMapping],
        docs: Some("https://learn.microsoft.com/azure/container-registry/artifact-cache-overview"),
    }

    /// the cache rule has no identity that may read the upstream registry
    ///
    /// Seen: the cache rule's source is another container registry of Azure, and what is not yet in the
    /// cache cannot be pulled.
    ///
    /// Why: between two registries of Azure the cache signs in with a user-assigned identity in place of
    /// secrets. It is missing on the registry or on the rule, or it lacks Container Registry Repository
    /// Reader on the upstream, which must be in ABAC mode.
    ///
    /// Prove: read the rule, the registry's identities, and what they may do upstream.
    /// - `az acr cache show --registry ACR --name RULE`
    /// - `az acr identity show --name ACR`
    /// - `az role assignment list --scope UPSTREAM-ID --query "[].{principal:principalId,role:roleDefinitionName}"`
    ///
    /// Alike: AcrCacheUpstreamAuthFailed uses a credential set with secrets;
    /// AcrCacheUpstreamNotFoundMasked may read upstream, and the image is not there; AcrPullRoleMissing is
    /// about the client's identity, and for every repository.
    ///
    /// Fix: assign the identity to the registry (`az acr identity assign`), grant it Container Registry
    /// Repository Reader on the upstream, and name it on the rule. It takes az 2.85 or later.
    AcrCacheUpstreamIdentityMissing {
        layer: "acr-cache",
        owner: Registry,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrCacheUpstreamAuthFailed, AcrCacheUpstreamNotFoundMasked, AcrPullRoleMissing],
        docs: Some("https://learn.microsoft.com/azure/container-registry/artifact-cache-acr-to-acr-cli"),
    }

    /// the image is not at the cache rule's upstream, and the registry hides that
    ///
    /// Seen: the repository belongs to a cache rule, the pull is refused or not found, and the registry's
    /// reply does not say that it is the upstream which lacks the image.
    ///
    /// Why: the path or the tag does not exist upstream. Most often `library/` is missing: Docker Hub's
    /// official images live below it, and a rule's path is taken as it stands.
    ///
    /// Prove: read the rule's source, and ask upstream for exactly that path and tag.
    /// - `az acr cache list --registry ACR -o table`
    /// - `skopeo inspect --raw docker://UPSTREAM/REPOSITORY:TAG`
    ///
    /// Alike: AcrCacheRuleWrongMapping maps to a path that nobody meant; AcrCacheUpstreamAuthFailed has an
    /// unhealthy credential set; TagNotFound and RepositoryNotFound belong to no cache rule.
    ///
    /// Fix: name a path and tag that upstream has, with `library/` for official images of Docker Hub; for
    /// that the rule is deleted and made again, or the image's name corrected.
    AcrCacheUpstreamNotFoundMasked {
        layer: "acr-cache",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrCacheRuleWrongMapping, AcrCacheUpstreamAuthFailed, TagNotFound, RepositoryNotFound],
        docs: Some("https://learn.microsoft.com/azure/container-registry/troubleshoot-artifact-cache"),
    }

    /// the cache rule leads this repository to another upstream path than was meant
    ///
    /// Seen: the error prints an upstream path that is not the image's, or the wrong image comes.
    ///
    /// Why: a rule with a wildcard puts whatever stands in place of `*` behind its source. With a source or
    /// a target that is one level too short or too long, or with a second rule whose target fits too, the
    /// path that results is another.
    ///
    /// Prove: list sources and targets side by side, and put the repository in by hand.
    /// - `az acr cache list --registry ACR --query "[].{name:name,source:sourceRepository,target:targetRepository}" -o table`
    ///
    /// Alike: AcrCacheUpstreamNotFoundMasked leads to the path that was meant, and upstream does not have
    /// it; AcrCacheUpstreamAuthFailed is refused upstream; RepositoryNotFound belongs to no rule;
    /// AcrCacheRepullAfterDelete has the right path, and the image was deleted from the cache.
    ///
    /// Fix: delete the rule and make it again with the source and target that were meant. What is in the
    /// cache stays.
    AcrCacheRuleWrongMapping {
        layer: "acr-cache",
        owner: Registry,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrCacheUpstreamNotFoundMasked, AcrCacheUpstreamAuthFailed, RepositoryNotFound, AcrCacheRepullAfterDelete],
        docs: Some("https://learn.microsoft.com/azure/container-registry/artifact-cache-overview"),
    }

    /// the registry's cache does not yet serve what was just pushed upstream
    ///
    /// Seen: 502 from the container registry for a repository of a cache rule, minutes after a push at its
    /// source; older tags are pulled. It has been reported to last 20 to 50 minutes.
    ///
    /// Why: the cache fetches the new content from upstream and answers with a server error until it has
    /// it. Nothing is wrong with the rule, the credential or the image.
    ///
    /// Prove: upstream has the tag, the registry answers 502, and an older tag of the repository works.
    /// - `skopeo inspect --raw docker://UPSTREAM/REPOSITORY:TAG`
    /// - `skopeo inspect --raw docker://REGISTRY/REPOSITORY:TAG`
    ///
    /// Alike: RegistryServerError and RegistryOutage are not limited to one rule's repositories;
    /// AcrCacheUpstreamAuthFailed is a refusal, and stays; AcrCacheUpstreamThrottled is 429.
    ///
    /// Fix: wait an hour, or pull the older tag meanwhile. Where a new image must run at once, import it
    /// (`az acr import`) into a repository without a rule.
    AcrCacheUpstreamWarming {
        layer: "acr-cache",
        owner: Azure,
        lasting: Transient { typical: "50m" },
        place: Anywhere,
        decided_by: [Azure],
        alike: [RegistryServerError, AcrCacheUpstreamAuthFailed, AcrCacheUpstreamThrottled, RegistryOutage],
        docs: Some("https://learn.microsoft.com/azure/container-registry/artifact-cache-overview"),
    }

    /// a cached image was deleted here, and the cache does not fetch it again
    ///
    /// Seen: the registry says that the tag is not there, the repository belongs to a cache rule, and
    /// upstream has the tag. It was pulled from here before.
    ///
    /// Why: the image was deleted from the cache, by hand or by a purge task; a later pull has been seen
    /// not to fetch it anew.
    ///
    /// Prove: the tag is at the rule's source, and not here.
    /// - `skopeo inspect --raw docker://UPSTREAM/REPOSITORY:TAG`
    /// - `az acr repository show-tags --name ACR --repository REPOSITORY -o table`
    ///
    /// Alike: TagNotFound is in no cache rule's repository; AcrCacheUpstreamNotFoundMasked is missing
    /// upstream too; AcrCacheRuleWrongMapping asks upstream for another path; AcrManifestInconsistent
    /// passes, and depends on the region.
    ///
    /// Fix: delete the cache rule and make it again, or import the image from upstream (`az acr import`).
    /// Take repositories of cache rules out of purge tasks.
    AcrCacheRepullAfterDelete {
        layer: "acr-cache",
        owner: Registry,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [TagNotFound, AcrCacheUpstreamNotFoundMasked, AcrCacheRuleWrongMapping, AcrManifestInconsistent],
        docs: Some("https://learn.microsoft.com/azure/container-registry/artifact-cache-overview"),
    }
}
