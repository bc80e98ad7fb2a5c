//! The node's disk and the runtime's store on it: content, snapshots and the unpacking of layers.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the node has no room left for the image
    ///
    /// Seen: "no space left on device" while a layer is written or unpacked, or the node has the condition
    /// DiskPressure and evicts pods. Other nodes pull the same image.
    ///
    /// Why: images, logs and writable layers filled the disk that the runtime stores them on, or used up
    /// its inodes, which shows while there seem to be bytes left. A layer takes its room twice for a while:
    /// packed and unpacked.
    ///
    /// Prove: read the condition, then bytes and inodes of the runtime's disk.
    /// - `kubectl describe node NODE`
    /// - `df -h /var/lib/containerd /tmp`
    /// - `df -i /var/lib/containerd`
    ///
    /// Alike: ReadOnlyFilesystem cannot be written at all; ImageGarbageCollected is what a nearly full disk
    /// leads to; LayerUnpackFailed and SnapshotStateCorrupt fail with room left.
    ///
    /// Fix: remove what is not in use (`crictl rmi --prune`) and find what grows. Give the pool a larger OS
    /// disk, or the pods limits on ephemeral storage, so that it does not come back.
    NodeDiskFull {
        layer: "node-runtime",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Cluster],
        alike: [ReadOnlyFilesystem, ImageGarbageCollected, LayerUnpackFailed, SnapshotStateCorrupt],
        docs: Some("https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/"),
    }

    /// the node's disk can be read and no longer written
    ///
    /// Seen: "read-only file system" while a layer is written, for every image on this node.
    ///
    /// Why: the kernel mounted the disk again as read-only after errors of the disk or its file system; or
    /// the runtime's folder lies on a mount that is read-only by design.
    ///
    /// Prove: see how the folder is mounted, and what the kernel said.
    /// - `findmnt --target /var/lib/containerd`
    /// - `journalctl -k --grep 'remount|I/O error'`
    ///
    /// Alike: NodeDiskFull can be written until it is full; SnapshotterMountFailed fails when a layer is
    /// mounted; SnapshotStateCorrupt has a disk that works.
    ///
    /// Fix: move the pods away and reimage or replace the node; a disk that the kernel gave up on is not to
    /// be trusted. If the mount is meant to be so, set the runtime's root to another folder.
    ReadOnlyFilesystem {
        layer: "node-runtime",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Cluster],
        alike: [NodeDiskFull, SnapshotterMountFailed, SnapshotStateCorrupt],
        docs: None,
    }

    /// the node's content store lacks a part of an image that it counts as present
    ///
    /// Seen: the message ends in "not found", though the registry has everything; it names a digest and the
    /// node's content store, and no request to a registry.
    ///
    /// Why: a manifest, config or layer was dropped from the store while the image's record stayed: after a
    /// crash, a clean-up by hand, or with `discard_unpacked_layers` where another snapshotter or a push
    /// needs the packed layers again.
    ///
    /// Prove: the registry has the digest, and the node's own check calls the image incomplete.
    /// - `ctr -n k8s.io images check`
    /// - `skopeo inspect --raw docker://REGISTRY/REPOSITORY:TAG`
    ///
    /// Alike: TagNotFound and BlobMissingInRegistry lack it in the registry; SnapshotStateCorrupt misses an
    /// unpacked layer; ImageGarbageCollected removed the whole image.
    ///
    /// Fix: remove the image on this node (`crictl rmi IMAGE`) and pull it again. With several snapshotters
    /// set `discard_unpacked_layers = false`.
    ContentStoreBlobMissing {
        layer: "node-runtime",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Text],
        alike: [SnapshotStateCorrupt, BlobMissingInRegistry, TagNotFound, ImageGarbageCollected],
        docs: Some("https://github.com/containerd/containerd/blob/main/docs/content-flow.md"),
    }

    /// the runtime lost track of the image's unpacked layers on this node
    ///
    /// Seen: "failed to prepare extraction snapshot", or a snapshot that is "not found" or "already
    /// exists", at the end of the pull. Only this node is affected; a second try may work.
    ///
    /// Why: the records of the snapshotter and what lies on the disk disagree: two pulls at once, a runtime
    /// that was killed while it unpacked, or a folder that was cleaned by hand.
    ///
    /// Prove: the same image unpacks on another node, and the runtime's log here names the snapshot.
    /// - `journalctl -u containerd --since -1h --grep snapshot`
    /// - `kubectl get pods -A -o wide --field-selector spec.nodeName=OTHER-NODE`
    ///
    /// Alike: ContentStoreBlobMissing misses a packed part; SnapshotterMountFailed cannot mount what is
    /// there; TagNotFound ends in the same words, before anything was fetched; NodeDiskFull names the space.
    ///
    /// Fix: try again by deleting the pod. If it stays, remove the image on this node (`crictl rmi IMAGE`),
    /// restart the runtime, and at last reimage the node.
    SnapshotStateCorrupt {
        layer: "node-runtime",
        owner: Node,
        lasting: Transient { typical: "10m" },
        place: Bound,
        decided_by: [Text],
        alike: [ContentStoreBlobMissing, SnapshotterMountFailed, TagNotFound, NodeDiskFull],
        docs: Some("https://github.com/containerd/containerd/tree/main/docs/snapshotters"),
    }

    /// the node cannot mount the layers that it has unpacked
    ///
    /// Seen: "failed to mount" with the snapshotter's name or `overlay`, and a word of the kernel's, such as
    /// "invalid argument" or "operation not permitted".
    ///
    /// Why: the kernel lacks the file system or an option that the snapshotter uses, the runtime lacks the
    /// rights to mount, or the runtime's folder itself lies on an overlay, as in a cluster within a
    /// container.
    ///
    /// Prove: see the file system below the runtime's folder, and what the kernel said.
    /// - `findmnt --target /var/lib/containerd`
    /// - `journalctl -k --grep overlay`
    ///
    /// Alike: SnapshotStateCorrupt has lost the layer; LayerUnpackFailed fails while the layer is written;
    /// ArtifactStreamingMountFailed is the snapshotter of artifact streaming; ReadOnlyFilesystem cannot be
    /// written.
    ///
    /// Fix: give the runtime a folder on a file system that the kernel can stack (ext4 or xfs), or another
    /// snapshotter in its configuration, and renew nodes whose kernel lacks what it needs.
    SnapshotterMountFailed {
        layer: "node-runtime",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Text],
        alike: [SnapshotStateCorrupt, LayerUnpackFailed, ArtifactStreamingMountFailed, ReadOnlyFilesystem],
        docs: Some("https://github.com/containerd/containerd/tree/main/docs/snapshotters"),
    }

    /// another pull on this node is writing the same layer
    ///
    /// Seen: a message that a reference is "locked", with a layer's digest and the code Unavailable; the
    /// next try usually passes.
    ///
    /// Why: two pulls of images that share a layer run at once, and the store lets one of them write it. If
    /// the lock stays, the first pull hangs, or a download that was given up was not cleared.
    ///
    /// Prove: see what the store is writing, and whether it grows.
    /// - `ctr -n k8s.io content active`
    ///
    /// Alike: SnapshotStateCorrupt fails after the layer was fetched; PullProgressTimeout is the pull that
    /// hangs, and ends after five minutes.
    ///
    /// Fix: wait for the other pull to end; the kubelet tries again by itself. If nothing grows for ten
    /// minutes, restart the runtime on this node.
    ContentIngestLocked {
        layer: "node-runtime",
        owner: Node,
        lasting: Transient { typical: "10m" },
        place: Bound,
        decided_by: [Text],
        alike: [SnapshotStateCorrupt, PullProgressTimeout],
        docs: Some("https://github.com/containerd/containerd/blob/main/docs/content-flow.md"),
    }

    /// a layer was fetched whole and cannot be unpacked
    ///
    /// Seen: "failed to extract layer" or "failed to unpack image", with a reason from the archive: an
    /// unknown compression, a broken header, a path that may not be written. Every node with this runtime
    /// fails.
    ///
    /// Why: the layer is compressed in a way that the runtime does not know (zstd on an old one), is no
    /// archive at all, or was made by a broken builder. Its bytes are what the digest names.
    ///
    /// Prove: read the layers' types, then unpack one elsewhere.
    /// - `skopeo inspect --raw docker://REGISTRY/REPOSITORY:TAG`
    /// - `kubectl get nodes -o wide`
    ///
    /// Alike: UserNamespaceIdRange fails at the owner of a file; LayerDigestMismatch has other bytes than
    /// the digest says; SnapshotterMountFailed cannot mount; NodeDiskFull runs out of space meanwhile.
    ///
    /// Fix: build and push the image again with current tools and gzip, or renew nodes whose runtime is too
    /// old for the layer.
    LayerUnpackFailed {
        layer: "node-runtime",
        owner: Workload,
        lasting: Permanent,
        place: Bound,
        decided_by: [Text],
        alike: [UserNamespaceIdRange, LayerDigestMismatch, SnapshotterMountFailed, NodeDiskFull],
        docs: Some("https://github.com/opencontainers/image-spec/blob/main/layer.md"),
    }

    /// the image has files of users that the runtime's user namespace does not have
    ///
    /// Seen: unpacking ends at `lchown` or with a word on insufficient UIDs or GIDs, on nodes whose runtime
    /// runs without root or maps users; other nodes unpack the same image.
    ///
    /// Why: a file in a layer belongs to a user or group whose number lies above the range that is mapped
    /// for the runtime, so it cannot be given to its owner.
    ///
    /// Prove: read the ranges, and look for large numbers in the image.
    /// - `cat /etc/subuid /etc/subgid`
    /// - `docker run --rm --entrypoint find REGISTRY/REPOSITORY:TAG / -xdev -uid +65535`
    ///
    /// Alike: LayerUnpackFailed fails at the archive itself, on every node; SnapshotterMountFailed comes
    /// when the layer is mounted.
    ///
    /// Fix: extend the range in /etc/subuid and /etc/subgid and restart the runtime, or build the image so
    /// that its files belong to users below 65536.
    UserNamespaceIdRange {
        layer: "node-runtime",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Text],
        alike: [LayerUnpackFailed, SnapshotterMountFailed],
        docs: Some("https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/"),
    }

    /// the image was removed from the node before its container could start
    ///
    /// Seen: the pull succeeded or the image was present, and moments later the container cannot be made
    /// because the image is not there. It comes with a disk that is nearly full.
    ///
    /// Why: above its threshold of disk use the kubelet removes images that no container uses, and one that
    /// was just pulled is not in use yet. A clean-up job on the node can do the same.
    ///
    /// Prove: read the node's conditions and events, and its disk.
    /// - `kubectl describe node NODE`
    /// - `df -h /var/lib/containerd`
    ///
    /// Alike: NodeDiskFull fails while the image is written; ContentStoreBlobMissing lacks only a part of
    /// it; ImageNeverPullAbsent never had it, and does not pull.
    ///
    /// Fix: wait for the next try, which pulls it again. Give the pool a larger OS disk or fewer images,
    /// and keep clean-up jobs away from images of the last hours.
    ImageGarbageCollected {
        layer: "node-runtime",
        owner: Node,
        lasting: Transient { typical: "5m" },
        place: Bound,
        decided_by: [Text],
        alike: [NodeDiskFull, ContentStoreBlobMissing, ImageNeverPullAbsent],
        docs: Some("https://kubernetes.io/docs/concepts/architecture/garbage-collection/#container-image-lifecycle"),
    }
}
