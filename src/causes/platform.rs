//! Platforms: architecture, operating system, Windows build.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the image is not built for this processor architecture
    ///
    /// Seen: the index has no entry for the architecture: "no match for platform in manifest: not found".
    /// An image without an index is pulled and then fails to start with "exec format error".
    ///
    /// Why: the image was built on a machine of one architecture and runs on nodes of another; arm64
    /// laptops and amd64 nodes, or a new arm64 pool, are the usual pair.
    ///
    /// Prove: list the platforms of the image, then those of the nodes.
    /// - `docker buildx imagetools inspect REGISTRY/REPOSITORY:TAG`
    /// - `kubectl get nodes -L kubernetes.io/arch -L kubernetes.io/os`
    ///
    /// Alike: PlatformMismatchOs has the architecture for another system; PlatformMismatchWindowsVersion
    /// differs in the Windows build; ChildManifestPurged has the entry and lacks its manifest;
    /// ArtifactNotAnImage has no platform at all.
    ///
    /// Fix: build for all the architectures you run (`docker buildx build --platform
    /// linux/amd64,linux/arm64 --push`), or keep the pods on matching nodes with `nodeSelector:
    /// kubernetes.io/arch`.
    PlatformMismatchArch {
        layer: "platform",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [PlatformMismatchOs, ArtifactNotAnImage, ChildManifestPurged, PlatformMismatchWindowsVersion],
        docs: Some("https://docs.docker.com/build/building/multi-platform/"),
    }

    /// the image is for another operating system than the node's
    ///
    /// Seen: "no match for platform in manifest", and the image's platforms have the other system only.
    ///
    /// Why: in a cluster with Linux and Windows nodes the scheduler does not look into images. A pod that
    /// does not say where it belongs may land on a node that cannot run it.
    ///
    /// Prove: compare the systems of the image and the nodes.
    /// - `docker buildx imagetools inspect REGISTRY/REPOSITORY:TAG`
    /// - `kubectl get nodes -L kubernetes.io/os`
    ///
    /// Alike: PlatformMismatchArch has the system for another processor; PlatformMismatchWindowsVersion is
    /// Windows with another build; ArtifactNotAnImage has no platform at all.
    ///
    /// Fix: add `nodeSelector: kubernetes.io/os` to the workload, and taint the Windows nodes.
    PlatformMismatchOs {
        layer: "platform",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [PlatformMismatchArch, PlatformMismatchWindowsVersion, ArtifactNotAnImage],
        docs: Some("https://kubernetes.io/docs/concepts/windows/user-guide/"),
    }

    /// the image is for another build of Windows than the node's
    ///
    /// Seen: the image has Windows entries, and the build in their `os.version` is not the node's;
    /// containerd says only that no platform matches.
    ///
    /// Why: a Windows container shares the node's kernel, and with process isolation the builds must match:
    /// 10.0.17763 is Server 2019, 10.0.20348 is Server 2022, 10.0.26100 is Server 2025.
    ///
    /// Prove: compare the third number of both versions.
    /// - `docker buildx imagetools inspect --raw REGISTRY/REPOSITORY:TAG`
    /// - `kubectl get nodes -L node.kubernetes.io/windows-build -L kubernetes.io/os`
    ///
    /// Alike: PlatformMismatchOs has no Windows entry; PlatformMismatchArch has another processor.
    ///
    /// Fix: use the tag for the node's build (such as `ltsc2022`), publish an index with an entry for each
    /// build, or choose the pool with `nodeSelector: node.kubernetes.io/windows-build`.
    PlatformMismatchWindowsVersion {
        layer: "platform",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Cluster],
        alike: [PlatformMismatchOs, PlatformMismatchArch],
        docs: Some("https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility"),
    }
}
