//! What the kubelet decides around a pull: whether to pull, whose the image is, and images as volumes.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the pod forbids pulling, and the node does not have the image
    ///
    /// Seen: the container waits with ErrImageNeverPull, "is not present with pull policy of Never". No
    /// registry is asked.
    ///
    /// Why: `imagePullPolicy: Never` takes only what the node holds. The image was never loaded there, was
    /// loaded on other nodes, under another name, or into docker's store, which the kubelet's runtime does
    /// not look into.
    ///
    /// Prove: look for the image under exactly this name in what the node reports and in the runtime's own
    /// store.
    /// - `kubectl get node NODE -o jsonpath='{.status.images[*].names}'`
    /// - `crictl images`
    ///
    /// Alike: ImageNeverPullNotAuthorized has the image on the node, and the same words;
    /// ImageGarbageCollected had it until a moment ago.
    ///
    /// Fix: set `imagePullPolicy: IfNotPresent` so that the kubelet may pull, or load the image into the
    /// runtime's store on every node that may run the pod (`ctr -n k8s.io images import FILE`).
    ImageNeverPullAbsent {
        layer: "kubelet",
        owner: Workload,
        lasting: Permanent,
        place: Bound,
        decided_by: [Kubelet, Cluster],
        alike: [ImageNeverPullNotAuthorized, ImageGarbageCollected],
        docs: Some("https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy"),
    }

    /// the node has the image, and this pod may not use it without pulling
    ///
    /// Seen: ErrImageNeverPull, "is not present with pull policy of Never", on a node that lists the image.
    /// The kubelet says on purpose what it would say of an image that is not there.
    ///
    /// Why: from Kubernetes 1.35 the kubelet remembers with which credential an image was pulled, and lets
    /// other pods use it only if they have that credential. With `imagePullPolicy: Never` it cannot ask the
    /// registry, so it refuses.
    ///
    /// Prove: the image is on the node, the kubelet is 1.35 or later, and the pod lacks the secret that it
    /// was pulled with.
    /// - `kubectl get node NODE -o jsonpath='{.status.nodeInfo.kubeletVersion} {.status.images[*].names}'`
    /// - `kubectl get pod POD -n NAMESPACE -o jsonpath='{.spec.imagePullSecrets[*].name}'`
    ///
    /// Alike: ImageNeverPullAbsent does not have the image; PulledImageReverificationFailed may ask the
    /// registry, and is refused there.
    ///
    /// Fix: give the pod the pull secret that the image was pulled with, or let it pull
    /// (`imagePullPolicy: IfNotPresent`). Which images all pods may use is set by the kubelet's
    /// `imagePullCredentialsVerificationPolicy`.
    ImageNeverPullNotAuthorized {
        layer: "kubelet",
        owner: Workload,
        lasting: Permanent,
        place: Bound,
        decided_by: [Kubelet, Cluster],
        alike: [ImageNeverPullAbsent, PulledImageReverificationFailed],
        docs: Some("https://kubernetes.io/docs/concepts/containers/images/#ensureimagepullcredentialverification"),
    }

    /// the node has the image, and the registry does not let this pod have it
    ///
    /// Seen: `imagePullPolicy` is IfNotPresent and the node lists the image, yet the pod waits in
    /// ImagePullBackOff with a refusal of the registry. "It worked yesterday, and the image is cached."
    ///
    /// Why: from Kubernetes 1.35 a pod that comes with another credential than the image was pulled with
    /// must prove that it may have it, by a pull. It has none, a bad one, or the registry cannot be reached.
    ///
    /// Prove: the image is on the node, the kubelet is 1.35 or later, and another pod with it runs there.
    /// - `kubectl get node NODE -o jsonpath='{.status.nodeInfo.kubeletVersion} {.status.images[*].names}'`
    /// - `kubectl describe pod POD -n NAMESPACE`
    ///
    /// Alike: ImageNeverPullNotAuthorized does not ask the registry; PullSecretBadCredentials and
    /// PrivateImageNoCredentials are the refusal itself, and the same on a node without the image.
    ///
    /// Fix: give the pod a credential that may pull the image. If all pods of the cluster may use what a
    /// node holds, set the kubelet's `imagePullCredentialsVerificationPolicy`, a decision for those who run
    /// the cluster.
    PulledImageReverificationFailed {
        layer: "kubelet",
        owner: Workload,
        lasting: Permanent,
        place: Bound,
        decided_by: [Kubelet, Cluster],
        alike: [ImageNeverPullNotAuthorized, PullSecretBadCredentials, PrivateImageNoCredentials],
        docs: Some("https://kubernetes.io/docs/concepts/containers/images/#ensureimagepullcredentialverification"),
    }

    /// the image of a volume cannot be pulled
    ///
    /// Seen: a container waits with ErrImagePull or ImagePullBackOff, and the image in the message is none
    /// of a container's: it stands in `spec.volumes[].image.reference`. Every container that mounts it
    /// waits.
    ///
    /// Why: an image volume is pulled before any container starts, with the pod's pull secrets and a pull
    /// policy of its own. What keeps any image from being pulled keeps this one too.
    ///
    /// Prove: compare the image in the event with those of the volumes; then check that image by itself.
    /// - `kubectl get pod POD -o jsonpath='{.spec.volumes[*].image.reference}'`
    /// - `kubectl describe pod POD`
    ///
    /// Alike: TagNotFound and its like are what the rest of the message says of this image;
    /// ImageVolumeMountFailed has pulled it; SandboxImagePullFailed is no image of the pod's spec.
    ///
    /// Fix: correct the reference in `spec.volumes`, or give the pod a pull secret for its registry; then
    /// create the pod again.
    ImageVolumePullFailed {
        layer: "kubelet",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Kubelet, Cluster],
        alike: [TagNotFound, ImageVolumeMountFailed, SandboxImagePullFailed],
        docs: Some("https://kubernetes.io/docs/concepts/storage/volumes/#image"),
    }

    /// the image of a volume was pulled, and the runtime cannot mount it
    ///
    /// Seen: the reason ImageVolumeMountFailed, or an error at the making of the container that names the
    /// image volume. The pull itself succeeded.
    ///
    /// Why: the node's runtime does not know image volumes or is too old for them, or it knows them and
    /// fails at the mount. Azure Linux with Kubernetes 1.35 has been reported to fail with an empty path.
    ///
    /// Prove: read the node's runtime and its versions, then its log.
    /// - `kubectl get node NODE -o wide`
    /// - `journalctl -u containerd --since -1h`
    ///
    /// Alike: ImageVolumePullFailed has not got the image; SnapshotterMountFailed fails for images of
    /// containers too; ArtifactStreamingMountFailed is the mount of a streamed image.
    ///
    /// Fix: run the pod on nodes with a newer runtime or another node image, or copy the files with an init
    /// container instead of mounting the image.
    ImageVolumeMountFailed {
        layer: "kubelet",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Kubelet],
        alike: [ImageVolumePullFailed, SnapshotterMountFailed, ArtifactStreamingMountFailed],
        docs: Some("https://kubernetes.io/docs/tasks/configure-pod-container/image-volumes/"),
    }
}
