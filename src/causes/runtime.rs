//! The container runtime on the node: whether it runs, what it lets start and how long it waits.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the container runtime on the node does not answer
    ///
    /// Seen: the error names the runtime's own socket, such as `containerd.sock`, and no registry; the node
    /// is NotReady, or its condition Ready says that the runtime is down. Nothing can start on this node.
    ///
    /// Why: the runtime crashed, hangs on a full or slow disk, is being restarted or updated, or a bad
    /// configuration file keeps it from starting.
    ///
    /// Prove: read the node's condition, then the service on the node.
    /// - `kubectl describe node NODE`
    /// - `systemctl status containerd kubelet`
    /// - `journalctl -u containerd --since -1h`
    ///
    /// Alike: TcpRefused is a host and a port, and no socket of the node; SandboxImagePullFailed has a
    /// runtime that works and lacks one image; PullDeadlineExceeded waits for bytes.
    ///
    /// Fix: wait if an update is under way. Else restart it (`systemctl restart containerd`), read in its
    /// log why it stopped, or reimage the node. Pods that have a controller can be moved meanwhile.
    ContainerRuntimeDown {
        layer: "node-runtime",
        owner: Node,
        lasting: Transient { typical: "5m" },
        place: Bound,
        decided_by: [Cluster],
        alike: [TcpRefused, SandboxImagePullFailed, PullDeadlineExceeded],
        docs: Some("https://kubernetes.io/docs/tasks/debug/debug-cluster/"),
    }

    /// the node cannot pull the pause image that every pod starts from
    ///
    /// Seen: the event FailedCreatePodSandBox with "failed to get sandbox image"; the pod stays in
    /// ContainerCreating and never reaches ImagePullBackOff. Pods with any image are stopped on this node.
    ///
    /// Why: the runtime makes each pod's sandbox from an image of its own configuration. That image is not
    /// on the node, or was removed, and its registry cannot be reached from here or refuses. No pull secret
    /// of the pod is used for it.
    ///
    /// Prove: see which image it is, and pull that one on the node; the rest of the event says what fails.
    /// - `kubectl describe pod POD`
    /// - `grep -n -i sandbox /etc/containerd/config.toml`
    /// - `crictl pull SANDBOX-IMAGE`
    ///
    /// Alike: ContainerRuntimeDown has no runtime that could pull; ImageVolumePullFailed is a volume's
    /// image, after the sandbox was made; BlobEndpointBlocked is often what stops this image too: read the
    /// end of the message.
    ///
    /// Fix: let the node reach that image's registry (on AKS mcr.microsoft.com and
    /// `*.data.mcr.microsoft.com`), or name an image in the runtime's configuration that it can pull, and
    /// restart the runtime. A new node image brings its own.
    SandboxImagePullFailed {
        layer: "node-runtime",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Kubelet],
        alike: [ContainerRuntimeDown, ImageVolumePullFailed, BlobEndpointBlocked],
        docs: Some("https://github.com/containerd/containerd/blob/main/docs/cri/config.md"),
    }

    /// the pull was making progress and ran out of time
    ///
    /// Seen: "context deadline exceeded" while layers were still coming; each try begins anew and ends the
    /// same way, or one succeeds at last.
    ///
    /// Why: the image is large or the line to its data host slow, and a limit on the whole request ran out
    /// first: one of the runtime's, or that of a proxy on the way. The kubelet's `runtimeRequestTimeout`
    /// does not count pulls.
    ///
    /// Prove: add up the sizes of the layers, and hold them against the speed of one of them.
    /// - `skopeo inspect --format '{{range .LayersData}}{{.Size}} {{end}}' docker://REGISTRY/REPOSITORY:TAG`
    /// - `curl -sL -o /dev/null -w '%{speed_download} bytes/s\n' -H "Authorization: Bearer $TOKEN" https://REGISTRY/v2/REPOSITORY/blobs/DIGEST`
    ///
    /// Alike: PullProgressTimeout is a download that stands still; DnsServerUnreachable and TcpTimeout show
    /// the same words at `/v2/`, before any layer; ContainerRuntimeDown never began.
    ///
    /// Fix: make the image smaller, bring it nearer (a replica in the nodes' region), or raise the limit.
    /// On AKS artifact streaming lets a container start before all of the image is there.
    PullDeadlineExceeded {
        layer: "node-runtime",
        owner: Workload,
        lasting: Transient { typical: "30m" },
        place: Bound,
        decided_by: [Text],
        alike: [PullProgressTimeout, DnsServerUnreachable, TcpTimeout, ContainerRuntimeDown],
        docs: Some("https://learn.microsoft.com/azure/aks/artifact-streaming"),
    }

    /// docker on the node checks signatures and is not set up for it
    ///
    /// Seen: docker as Red Hat and Fedora build it ends a pull from ACR with "unauthorized: authentication
    /// required", though the login works; nodes with another runtime pull the same image.
    ///
    /// Why: that build of docker verifies signatures unless it is told `--signature-verification=false`, and
    /// neither the registry nor a policy on the node is set up for that.
    ///
    /// Prove: read the options of the service and the policy.
    /// - `grep -n signature-verification /etc/sysconfig/docker`
    /// - `cat /etc/containers/policy.json`
    ///
    /// Alike: SignatureValidationFailed has a policy that works, and the image does not satisfy it.
    ///
    /// Fix: set `--signature-verification=false` in the OPTIONS of /etc/sysconfig/docker, if nobody relies on
    /// the verification, and restart docker. Better, move to a runtime that is still maintained.
    RuntimeSignatureVerificationMisconfig {
        layer: "node-runtime",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Text],
        alike: [SignatureValidationFailed],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-faq"),
    }
}
