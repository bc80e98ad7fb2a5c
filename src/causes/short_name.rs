//! Names without a registry on nodes that have a list of registries to look in.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the image names no registry, and the node's runtime refuses to guess one
    ///
    /// Seen: the container waits with ImageInspectError or ErrImagePull: "short name mode is enforcing, but
    /// image name ... returns ambiguous list". The kubelet may print an empty name in front of it; the true
    /// one is in the pod's spec.
    ///
    /// Why: the runtime is CRI-O, 1.34 or later, which by default takes a name without a host only where
    /// one registry can be meant. The node's registries.conf lists several to search, and no alias.
    ///
    /// Prove: print the image, and what the node does with such names.
    /// - `kubectl get pod POD -o jsonpath='{.spec.containers[*].image}'`
    /// - `grep -rn -e unqualified-search -e short-name-mode /etc/containers/registries.conf /etc/containers/registries.conf.d`
    /// - `grep -rn short_name_mode /etc/crio`
    ///
    /// Alike: ShortNameNoSearchRegistry has nowhere to search; ShortNameResolvedToWrongRegistry found an
    /// image somewhere else; ImplicitDockerHub is the rule of containerd, which always means Docker Hub.
    ///
    /// Fix: write the registry's host in front of the path, `docker.io/library/nginx:1.27` for one of
    /// Docker Hub's. An alias in registries.conf does the same on these nodes only.
    ShortNameAmbiguous {
        layer: "image-reference",
        owner: Workload,
        lasting: Permanent,
        place: Bound,
        decided_by: [Cluster],
        alike: [ShortNameNoSearchRegistry, ShortNameResolvedToWrongRegistry, ImplicitDockerHub],
        docs: Some("https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md"),
    }

    /// the image names no registry, and the node has none to search
    ///
    /// Seen: the container waits with ImageInspectError or ErrImagePull; the message says that the short
    /// name was not resolved and that no registries were found. No request left the node.
    ///
    /// Why: the runtime is CRI-O or another of the same libraries. Without a host in the image it looks for
    /// an alias and then for `unqualified-search-registries`; the node's registries.conf is missing, or has
    /// neither.
    ///
    /// Prove: print the image, and see what the node has to search.
    /// - `kubectl get pod POD -o jsonpath='{.spec.containers[*].image}'`
    /// - `grep -rn unqualified-search /etc/containers/registries.conf /etc/containers/registries.conf.d`
    ///
    /// Alike: ShortNameAmbiguous has several registries to search and may not choose;
    /// ShortNameResolvedToWrongRegistry has one that was not meant; ImplicitDockerHub is asked by containerd
    /// without any search.
    ///
    /// Fix: write the registry's host in front of the path. If short names shall work on these nodes, give
    /// them a registries.conf with the search registries or with aliases.
    ShortNameNoSearchRegistry {
        layer: "image-reference",
        owner: Workload,
        lasting: Permanent,
        place: Bound,
        decided_by: [Cluster],
        alike: [ShortNameAmbiguous, ShortNameResolvedToWrongRegistry, ImplicitDockerHub],
        docs: Some("https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md"),
    }

    /// the node looked for a name without a registry in one that was not meant
    ///
    /// Seen: the host in the error is not in the pod's spec, and the spec names no host at all. The other
    /// registry does not have the image, refuses it, or has another one of that name.
    ///
    /// Why: the node's registries.conf has an alias or a search list for names without a host, and it leads
    /// elsewhere than the author of the manifest thought. Nodes with another runtime or another file go
    /// elsewhere again.
    ///
    /// Prove: hold the image in the spec against the host in the event, then read the node's lists.
    /// - `kubectl get pod POD -o jsonpath='{.spec.containers[*].image}'`
    /// - `kubectl describe pod POD`
    /// - `grep -rn -e unqualified-search -e aliases /etc/containers/registries.conf /etc/containers/registries.conf.d`
    ///
    /// Alike: ImplicitDockerHub went to Docker Hub as containerd always does; RegistryMirrorMisconfigured
    /// asks a mirror for a host that is named; MutatedByAdmission has another image in the pod than in its
    /// template; ShortNameAmbiguous asked nobody.
    ///
    /// Fix: write the registry's host in front of the path, so that every node means the same image.
    ShortNameResolvedToWrongRegistry {
        layer: "image-reference",
        owner: Workload,
        lasting: Permanent,
        place: Bound,
        decided_by: [Cluster],
        alike: [ImplicitDockerHub, RegistryMirrorMisconfigured, MutatedByAdmission, ShortNameAmbiguous],
        docs: Some("https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md"),
    }
}
