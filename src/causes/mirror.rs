//! Mirrors: what stands on the node or beside it in a registry's place.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the mirror for artifact streaming on the node does not work
    ///
    /// Seen: the address in the error is localhost:8578 on the node: refused, 503, or another answer that
    /// the registry would not give. Other nodes pull the same image; other registries may fail on this one.
    ///
    /// Why: on a node pool with artifact streaming the runtime asks a service on the node first. If it has
    /// stopped, or answers wrongly, the runtime goes on to the registry and, if that fails too, often
    /// reports the mirror's error, so that the registry's own is hidden behind it.
    ///
    /// Prove: look at the service, ask the mirror, and find what points to it.
    /// - `systemctl status acr-mirror overlaybd-snapshotter overlaybd-tcmu`
    /// - `curl -si http://localhost:8578/v2/`
    /// - `grep -rn 8578 /etc/containerd/certs.d`
    ///
    /// Alike: RegistryMirrorMisconfigured is a mirror that somebody set up; TcpRefused is the registry's
    /// own address; RegistryServerError comes from the registry and is the same on every node;
    /// ArtifactStreamingMountFailed comes after the pull, when the container is made.
    ///
    /// Fix: reimage the node or restart the service (`systemctl restart acr-mirror`). If it comes back,
    /// turn streaming off for the pool (`az aks nodepool update --disable-artifact-streaming`).
    ArtifactStreamingMirrorBroken {
        layer: "acr-streaming",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path, Cluster],
        alike: [TcpRefused, RegistryMirrorMisconfigured, RegistryServerError, ArtifactStreamingMountFailed],
        docs: Some("https://learn.microsoft.com/azure/aks/artifact-streaming"),
    }

    /// the node cannot mount an image that is streamed
    ///
    /// Seen: the pull ends at once, and then the container cannot be made: CreateContainerError, with the
    /// name of the streaming snapshotter, `overlaybd`, or of its device in the message.
    ///
    /// Why: with artifact streaming the layers are attached as a device and read as they are needed. The
    /// services for that do not run on the node, its kernel refuses the device, or the streaming copy of
    /// the image is damaged.
    ///
    /// Prove: look at the services, and see whether the image starts on a pool without streaming.
    /// - `systemctl status acr-mirror overlaybd-snapshotter overlaybd-tcmu`
    /// - `journalctl -u overlaybd-snapshotter -u overlaybd-tcmu --since -1h`
    ///
    /// Alike: ArtifactStreamingMirrorBroken fails before that, when the image is asked for;
    /// SnapshotterMountFailed is the ordinary snapshotter; ImageVolumeMountFailed is the image of a volume.
    ///
    /// Fix: restart the services or reimage the node. If one image alone fails, name it by its digest, which
    /// is pulled in the ordinary way; if all fail, turn streaming off for the pool (`az aks nodepool update
    /// --disable-artifact-streaming`).
    ArtifactStreamingMountFailed {
        layer: "acr-streaming",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Text],
        alike: [SnapshotterMountFailed, ArtifactStreamingMirrorBroken, ImageVolumeMountFailed],
        docs: Some("https://learn.microsoft.com/azure/aks/artifact-streaming"),
    }

    /// a mirror that is configured on the node does not serve this image
    ///
    /// Seen: the host in the error is not the image's, and the request carries `?ns=` with the image's
    /// host: the mirror cannot be reached, presents another certificate, refuses, or does not have the
    /// image. A node without the mirror pulls.
    ///
    /// Why: a hosts.toml names a mirror that is gone, has the wrong scheme or path, lacks the authority for
    /// its certificate, or asks for a login. With the mirror as `server` the registry itself is never asked;
    /// otherwise it is asked last, and its own error may be hidden behind the mirror's.
    ///
    /// Prove: read the file, ask the mirror as the runtime does, then the registry itself.
    /// - `cat /etc/containerd/certs.d/HOST/hosts.toml /etc/containerd/certs.d/_default/hosts.toml`
    /// - `curl -si "MIRROR/v2/REPOSITORY/manifests/TAG?ns=HOST"`
    /// - `curl -si https://HOST/v2/`
    ///
    /// Alike: MirrorReturnsHtml answers with a web page; ArtifactStreamingMirrorBroken is the node's own
    /// mirror for streaming; HttpsRegistryOnHttp is a wrong scheme in the same file;
    /// ShortNameResolvedToWrongRegistry asks another registry for want of a host.
    ///
    /// Fix: correct or remove the mirror in hosts.toml, and let `server` name the registry itself, so that
    /// it is asked when the mirror fails. containerd reads the file at each pull and needs no restart.
    RegistryMirrorMisconfigured {
        layer: "mirror-config",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path, Cluster],
        alike: [MirrorReturnsHtml, ArtifactStreamingMirrorBroken, HttpsRegistryOnHttp, ShortNameResolvedToWrongRegistry],
        docs: Some("https://github.com/containerd/containerd/blob/main/docs/hosts.md"),
    }

    /// a web page came where a registry should answer
    ///
    /// Seen: status 200 with `text/html`, or a login page, at an address of the registry's interface. The
    /// runtime reports a parse error, a missing digest or "not found".
    ///
    /// Why: the name leads to something that is no registry: a captive portal, a firewall's block page, a
    /// web front end, a mirror configured with the address of its user interface, or a path that a reverse
    /// proxy does not forward.
    ///
    /// Prove: a registry answers 200 or 401 here, with `Docker-Distribution-Api-Version` or JSON, never
    /// with a page.
    /// - `curl -si https://HOST/v2/ | head -20`
    ///
    /// Alike: RegistryMirrorMisconfigured has a mirror that is not a registry for these images; ProxyDenied
    /// is a page in answer to CONNECT; AuthChallengeMalformed is a 401 without a usable challenge;
    /// TagNotFound is a 404 in JSON.
    ///
    /// Fix: point the mirror at the registry's interface (for Docker Hub `https://registry-1.docker.io`,
    /// not hub.docker.com), forward `/v2/` in the reverse proxy, or let the host through the portal.
    MirrorReturnsHtml {
        layer: "mirror-config",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [RegistryMirrorMisconfigured, ProxyDenied, AuthChallengeMalformed, TagNotFound],
        docs: Some("https://github.com/containerd/containerd/blob/main/docs/hosts.md"),
    }
}
