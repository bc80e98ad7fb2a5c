//! Manifests: tags, digests, indexes and what they name.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the tag is not in the repository
    ///
    /// Seen: the registry answers the manifest request with 404 and MANIFEST_UNKNOWN, and the repository's
    /// list of tags, which can be read, lacks the tag. In a pod's events "not found" may be followed by a
    /// 401 of the last, anonymous attempt.
    ///
    /// Why: the tag is misspelt, was never pushed or was deleted; the push went to another registry; or no
    /// tag was written, so that `latest` is asked for and does not exist.
    ///
    /// Prove: list the tags that are there.
    /// - `skopeo list-tags docker://REGISTRY/REPOSITORY`
    /// - `az acr repository show-tags --name ACR --repository REPOSITORY --orderby time_desc --top 10 -o table`
    ///
    /// Alike: AcrManifestInconsistent has the tag in another region; AcrQuarantine hides it until it is
    /// released; ImageRemovedUpstream is a well-known image that moved; AcrCacheRepullAfterDelete was
    /// deleted from a cache and is not fetched again.
    ///
    /// Fix: name a tag that exists, or push the missing one. If the pipeline says it pushed, read its log
    /// for the full name it pushed to.
    TagNotFound {
        layer: "manifest-tag-digest",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [AcrManifestInconsistent, AcrQuarantine, ImageRemovedUpstream, AcrCacheRepullAfterDelete],
        docs: Some("https://learn.microsoft.com/troubleshoot/azure/azure-container-registry/manifest-tag-not-found"),
    }

    /// the registry has no repository of this name
    ///
    /// Seen: 404 with NAME_UNKNOWN, for a client that may read the registry's content.
    ///
    /// Why: the path is misspelt, lacks a folder or has one too many, or the image was pushed to another
    /// registry. On Docker Hub a missing folder means `library`.
    ///
    /// Prove: list the repositories, or ask for the tags.
    /// - `az acr repository list --name ACR -o table`
    /// - `skopeo list-tags docker://REGISTRY/REPOSITORY`
    ///
    /// Alike: TagNotFound has the repository and lacks the tag; PrivateImageNoCredentials and
    /// RegistryPermissionMissing cannot be told apart at registries that hide what you may not see;
    /// ImplicitDockerHub asks the wrong registry altogether.
    ///
    /// Fix: correct the path in the reference, or push the image under this name.
    RepositoryNotFound {
        layer: "manifest-tag-digest",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [TagNotFound, PrivateImageNoCredentials, RegistryPermissionMissing, ImplicitDockerHub],
        docs: Some("https://learn.microsoft.com/troubleshoot/azure/azure-container-registry/manifest-tag-not-found"),
    }

    /// the registry does not hold the manifest of this digest
    ///
    /// Seen: 404 with MANIFEST_UNKNOWN for a reference by digest.
    ///
    /// Why: the image was deleted or removed by a retention rule, since nothing tagged it any more; or the
    /// digest is of another registry's copy, which was built or compressed anew and so has another digest.
    ///
    /// Prove: list the digests that are there.
    /// - `az acr manifest list-metadata --registry ACR --name REPOSITORY -o table`
    /// - `skopeo inspect --format '{{.Digest}}' docker://REGISTRY/REPOSITORY:TAG`
    ///
    /// Alike: ChildManifestPurged has the index and lacks one platform's manifest; AcrManifestInconsistent
    /// has it in another region; AcrQuarantine hides it; TagNotFound is a reference by tag.
    ///
    /// Fix: pin the digest that the registry has, or push the image again. Protect pinned images from
    /// clean-up: lock them, or keep a tag on them.
    DigestNotFound {
        layer: "manifest-tag-digest",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [ChildManifestPurged, AcrManifestInconsistent, AcrQuarantine, TagNotFound],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-image-tag-version"),
    }

    /// the index is there, and the platform's own manifest in it is gone
    ///
    /// Seen: the tag answers with an index; the manifest that the index names for this platform answers
    /// 404. Portals still show the tag, and other platforms may pull it.
    ///
    /// Why: the manifests below an index have no tags of their own. A clean-up that deletes untagged
    /// manifests took them for rubbish; versions of `acr purge` before 0.11 did so.
    ///
    /// Prove: fetch the index, then the digest that it names for the platform.
    /// - `skopeo inspect --raw docker://REGISTRY/REPOSITORY:TAG`
    /// - `skopeo inspect --raw docker://REGISTRY/REPOSITORY@DIGEST`
    ///
    /// Alike: TagNotFound and DigestNotFound fail at the first request; PlatformMismatchArch has no entry
    /// for the platform in the index; BlobMissingInRegistry lacks a layer and has the manifest.
    ///
    /// Fix: build and push the image again for all its platforms. Then repair the clean-up: a recent `acr
    /// purge`, or a retention rule that spares what an index refers to.
    ChildManifestPurged {
        layer: "manifest-tag-digest",
        owner: Registry,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [TagNotFound, DigestNotFound, PlatformMismatchArch, BlobMissingInRegistry],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-auto-purge"),
    }

    /// the publisher has moved or withdrawn this public image
    ///
    /// Seen: 404, or a refusal, for an image that is known to have left this place, such as the versioned
    /// images of docker.io/bitnami or all that was on k8s.gcr.io.
    ///
    /// Why: publishers close registries, move images behind a subscription or stop keeping old versions.
    /// What nodes already hold keeps running, and the next new node fails.
    ///
    /// Prove: ask for the old name, then for the new one that the publisher gives.
    /// - `skopeo list-tags docker://REGISTRY/REPOSITORY`
    /// - `skopeo inspect --raw docker://registry.k8s.io/pause:3.10`
    ///
    /// Alike: TagNotFound, RepositoryNotFound and PrivateImageNoCredentials give the same replies for
    /// images that were never there or are merely private.
    ///
    /// Fix: use the new place (registry.k8s.io for k8s.gcr.io, bitnamilegacy for old Bitnami versions, for
    /// a while), and import what you depend on into a registry of your own.
    ImageRemovedUpstream {
        layer: "manifest-tag-digest",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [TagNotFound, RepositoryNotFound, PrivateImageNoCredentials],
        docs: Some("https://kubernetes.io/blog/2023/03/10/image-registry-redirect/"),
    }

    /// the image is in one region of the registry and not yet in this one
    ///
    /// Seen: the tag or digest answers 404 here, and is found when another region's endpoint is asked; or
    /// the same tag gives two digests within minutes.
    ///
    /// Why: a geo-replicated registry copies images between regions with a delay. What was just pushed in
    /// one region may be missing in another for minutes, or longer when a replica has a fault.
    ///
    /// Prove: read the state of the replicas, and wait for the copy.
    /// - `az acr replication list --registry ACR -o table`
    /// - `az acr repository show-tags --name ACR --repository REPOSITORY --orderby time_desc --top 10 -o table`
    ///
    /// Alike: TagNotFound and DigestNotFound lack it in every region; AcrQuarantine hides it in every
    /// region; Intermittent fails for other reasons now and then.
    ///
    /// Fix: wait for some minutes, and let a pipeline wait for the replica before it deploys. Pin by
    /// digest, so that two regions cannot disagree. If a replica stays behind, push again and open a
    /// request with Azure.
    AcrManifestInconsistent {
        layer: "manifest-tag-digest",
        owner: Azure,
        lasting: Transient { typical: "10m" },
        place: Bound,
        decided_by: [Path],
        alike: [TagNotFound, DigestNotFound, AcrQuarantine, Intermittent],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-geo-replication"),
    }

    /// the image is in a format that current runtimes no longer read
    ///
    /// Seen: the manifest's type is `application/vnd.docker.distribution.manifest.v1+prettyjws`, or it says
    /// `schemaVersion: 1`. Often an old image fails after the nodes moved to containerd 2.
    ///
    /// Why: Docker image manifest version 2, schema 1 was given up years ago; containerd turned it off in
    /// 2.0 and took it out in 2.1. Images pushed by very old tools still have it.
    ///
    /// Prove: read the manifest's schema version.
    /// - `skopeo inspect --raw docker://REGISTRY/REPOSITORY:TAG`
    ///
    /// Alike: ArtifactNotAnImage has a current manifest of something else; TagNotFound has none.
    ///
    /// Fix: build the image again, or convert it by a copy with a current tool (`skopeo copy --format
    /// oci`), and push it under a new tag.
    ManifestSchema1Unsupported {
        layer: "manifest-tag-digest",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Cluster],
        alike: [ArtifactNotAnImage, TagNotFound],
        docs: Some("https://github.com/containerd/containerd/blob/main/docs/containerd-2.0.md"),
    }

    /// what the reference names is no container image
    ///
    /// Seen: the manifest is there, and its config is of another kind: a Helm chart, a signature, an
    /// attestation, a WebAssembly module, a list of components.
    ///
    /// Why: registries hold more than images. The reference names a chart or the digest of something
    /// attached to an image, or a tool pushed both under the same tag and the last one won.
    ///
    /// Prove: read the media type of the config, or the artifact type.
    /// - `skopeo inspect --raw docker://REGISTRY/REPOSITORY:TAG`
    ///
    /// Alike: PlatformMismatchArch and PlatformMismatchOs have an image of the wrong platform;
    /// ManifestSchema1Unsupported is an image in an old format; LayerUnpackFailed is an image with a layer
    /// that cannot be opened.
    ///
    /// Fix: name the image's own tag or digest. Charts are installed with `helm install NAME
    /// oci://REGISTRY/REPOSITORY`; keep them in repositories of their own.
    ArtifactNotAnImage {
        layer: "manifest-tag-digest",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [PlatformMismatchArch, ManifestSchema1Unsupported, LayerUnpackFailed, PlatformMismatchOs],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-manage-artifact"),
    }

    /// the layers are encrypted, and the node has no key
    ///
    /// Seen: the manifest's layers have media types that end in `+encrypted`; the pull fails when they are
    /// unpacked, or the image never starts.
    ///
    /// Why: the image was encrypted for certain keys. The runtime needs a decryption helper and a private
    /// key on the node, and this one has neither or another key.
    ///
    /// Prove: read the layers' media types, then the node's configuration for decryption.
    /// - `skopeo inspect --raw docker://REGISTRY/REPOSITORY:TAG`
    ///
    /// Alike: LayerUnpackFailed is a layer that is damaged or compressed in a way the runtime does not
    /// know; ArtifactNotAnImage has layers of another kind altogether.
    ///
    /// Fix: set up the key provider and the key on the nodes that may run the image, or publish an image
    /// that is not encrypted for the others.
    ImageEncryptedNoKey {
        layer: "manifest-tag-digest",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Cluster],
        alike: [LayerUnpackFailed, ArtifactNotAnImage],
        docs: Some("https://github.com/containerd/containerd/blob/main/docs/cri/decryption.md"),
    }

    /// the manifest names a layer that the registry does not have
    ///
    /// Seen: the manifest is fetched; a layer or the config answers 404 with BLOB_UNKNOWN, or its storage
    /// host answers 404.
    ///
    /// Why: the registry's storage lost it: a garbage collection during a push, a storage account that was
    /// changed by hand, a copy that was cut off, or a cache whose upstream no longer has it.
    ///
    /// Prove: ask for the layer by its digest.
    /// - `curl -sI -H "Authorization: Bearer $TOKEN" https://REGISTRY/v2/REPOSITORY/blobs/DIGEST`
    /// - `skopeo copy docker://REGISTRY/REPOSITORY:TAG dir:/tmp/image`
    ///
    /// Alike: ContentStoreBlobMissing is a hole on one node, and the registry has the layer;
    /// ChildManifestPurged lacks a manifest; BlobSasRejected answers 403; AcrManifestInconsistent has it in
    /// another region.
    ///
    /// Fix: push the image again with all its layers, from a machine that does not believe they are there
    /// already (a fresh build, or `skopeo copy`). For a hosted registry, open a request with the
    /// correlation id.
    BlobMissingInRegistry {
        layer: "manifest-tag-digest",
        owner: Registry,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [ContentStoreBlobMissing, ChildManifestPurged, BlobSasRejected, AcrManifestInconsistent],
        docs: Some("https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs"),
    }
}
