//! How an image is named: what a reference may look like and which registry it means.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the image reference does not follow the grammar of references
    ///
    /// Seen: nothing is sent on the network. In a cluster the container waits with InvalidImageName and the
    /// event's reason is InspectFailed, which sounds like a fault of the node and is not one.
    ///
    /// Why: a reference is `host[:port]/path[:tag][@sha256:hex]`. A blank, a quote, a trailing colon or
    /// newline, two slashes in a row, an IPv6 address as the host or a character outside the grammar makes
    /// it unreadable, so no registry is ever asked.
    ///
    /// Prove: print the string exactly as the cluster holds it; invisible characters show up in the second
    /// form.
    /// - `kubectl get pod POD -o jsonpath='{.spec.containers[*].image}'`
    /// - `kubectl get pod POD -o jsonpath='{.spec.containers[*].image}' | od -c`
    ///
    /// Alike: ImageRefUppercase, ImageRefHasScheme, ImageDigestMalformed and UnexpandedTemplateInImage are
    /// the same refusal with a known reason; this one is what is left when none of them fits.
    ///
    /// Fix: write the reference as the grammar wants it, in the manifest, the chart's values or the
    /// pipeline that produces them, and roll out again. Restarting nodes or pods changes nothing.
    ImageRefMalformed {
        layer: "image-reference",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path, Kubelet, Cluster],
        alike: [UnexpandedTemplateInImage, ImageRefUppercase, ImageRefHasScheme, ImageDigestMalformed],
        docs: Some("https://kubernetes.io/docs/concepts/containers/images/"),
    }

    /// the repository's path has upper-case letters
    ///
    /// Seen: the runtime refuses the reference with "repository name must be lowercase" before it asks any
    /// registry; the container waits with InvalidImageName.
    ///
    /// Why: the path of a repository may hold lower-case letters, digits, dots, underscores and dashes
    /// only. Upper case usually comes from a user, organisation or project name that a pipeline puts into
    /// the path. Tags may have upper-case letters, paths may not.
    ///
    /// Prove: look for a capital between the host and the tag.
    /// - `kubectl get deploy NAME -o jsonpath='{.spec.template.spec.containers[*].image}' | grep '[A-Z]'`
    ///
    /// Alike: UnexpandedTemplateInImage gives the same message when the capitals belong to a variable such
    /// as `${IMAGE}`; ImageRefMalformed has some other character that is not allowed.
    ///
    /// Fix: make the path lower-case where it is produced, and push the image under that name. In a shell
    /// that is `${NAME,,}` or `tr A-Z a-z`.
    ImageRefUppercase {
        layer: "image-reference",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path, Cluster],
        alike: [UnexpandedTemplateInImage, ImageRefMalformed],
        docs: Some("https://github.com/distribution/reference"),
    }

    /// the image is named by a variable or template that was never filled in
    ///
    /// Seen: the reference holds `$`, `{`, `}`, `<`, `>` or a bare `None` or `null`. The runtime complains
    /// of upper-case letters or of the format, which hides the real reason.
    ///
    /// Why: a step that should have replaced the placeholder did not run, ran with the variable unset, or
    /// was quoted so that nothing was replaced: envsubst, a Helm value, a kustomize replacement, a pipeline
    /// variable.
    ///
    /// Prove: compare what the cluster holds with what the template renders to.
    /// - `kubectl get deploy NAME -o jsonpath='{.spec.template.spec.containers[*].image}'`
    /// - `helm get manifest RELEASE | grep image:`
    ///
    /// Alike: ImageRefUppercase and ImageRefMalformed carry the same message; here a template character or
    /// an unset value stands in the string itself.
    ///
    /// Fix: set the value, or repair the step that fills it in, then render and look before applying. A
    /// pipeline that stops on unset variables (`set -u`, `helm lint --strict`) keeps it from coming back.
    UnexpandedTemplateInImage {
        layer: "image-reference",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path, Cluster],
        alike: [ImageRefUppercase, ImageRefMalformed],
        docs: Some("https://kubernetes.io/docs/concepts/containers/images/"),
    }

    /// the image reference starts with a scheme such as https://
    ///
    /// Seen: the runtime refuses the reference as malformed; the container waits with InvalidImageName. No
    /// request leaves the node.
    ///
    /// Why: a reference is a name and not an address for a browser. It starts with the registry's host; the
    /// runtime itself chooses https. Text copied from a portal or from `docker login` often brings the
    /// scheme along.
    ///
    /// Prove: print the reference and look at its start.
    /// - `kubectl get pod POD -o jsonpath='{.spec.containers[*].image}'`
    ///
    /// Alike: ImageRefMalformed is the same refusal without `://` in the string.
    ///
    /// Fix: take away `http://`, `https://` or `docker://` and keep the rest. If the registry really speaks
    /// plain HTTP, that belongs in the runtime's own configuration, not in the reference.
    ImageRefHasScheme {
        layer: "image-reference",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path, Cluster],
        alike: [ImageRefMalformed],
        docs: Some("https://kubernetes.io/docs/concepts/containers/images/"),
    }

    /// the digest after the @ is not sha256: and 64 hexadecimal digits
    ///
    /// Seen: the runtime refuses the reference before any request. Often the digest is one character short
    /// or has an ellipsis from a table that was cut to its width.
    ///
    /// Why: a digest names its algorithm and the whole hash; sha256 takes exactly 64 lower-case hexadecimal
    /// digits. A shortened image id, as `docker images` prints it, is no digest.
    ///
    /// Prove: count the digits after `sha256:`, and read the real digest from the registry.
    /// - `skopeo inspect --format '{{.Digest}}' docker://REGISTRY/REPOSITORY:TAG`
    /// - `az acr manifest list-metadata --registry ACR --name REPOSITORY -o table`
    ///
    /// Alike: DigestNotFound has a well-formed digest that the registry does not hold; ImageRefMalformed
    /// has its error elsewhere in the reference.
    ///
    /// Fix: copy the whole digest from the registry into the manifest, or name the tag instead.
    ImageDigestMalformed {
        layer: "image-reference",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path, Cluster],
        alike: [ImageRefMalformed, DigestNotFound],
        docs: Some("https://github.com/opencontainers/image-spec/blob/main/descriptor.md"),
    }

    /// no registry is named, so Docker Hub is asked
    ///
    /// Seen: the requests go to registry-1.docker.io and auth.docker.io, though the image lives in a
    /// registry of one's own. Hub answers as for a missing or private repository.
    ///
    /// Why: a reference without a host means docker.io, and one without a slash means docker.io/library.
    /// The first part counts as a host only if it has a dot or a colon or is `localhost`; `team/web:v1` is
    /// a repository on Docker Hub.
    ///
    /// Prove: see whether the image exists on Docker Hub, and whether it exists where you meant it to be.
    /// - `skopeo inspect --raw docker://docker.io/REPOSITORY:TAG`
    /// - `skopeo inspect --raw docker://REGISTRY/REPOSITORY:TAG`
    ///
    /// Alike: RepositoryNotFound and PrivateImageNoCredentials give the same reply when Docker Hub was
    /// meant; DockerHubRateLimit answers 429; ShortNameResolvedToWrongRegistry happens on nodes whose
    /// runtime searches several registries.
    ///
    /// Fix: write the registry's host in front of the path, `REGISTRY/REPOSITORY:TAG`. If the image was
    /// only built on a local machine, push it to a registry, or load it into the test cluster's nodes.
    ImplicitDockerHub {
        layer: "image-reference",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [RepositoryNotFound, PrivateImageNoCredentials, DockerHubRateLimit, ShortNameResolvedToWrongRegistry],
        docs: Some("https://kubernetes.io/docs/concepts/containers/images/#image-names"),
    }

    /// the registry's host is misspelt or has another cloud's suffix
    ///
    /// Seen: the host does not resolve anywhere, and it differs by a letter or a suffix from a well-known
    /// registry: `azureacr.io`, `azurecr.com`, `.azurecr.us` for a registry of the public cloud.
    ///
    /// Why: registries of the public Azure cloud end in azurecr.io, those of the clouds for the US
    /// government and for China in azurecr.us and azurecr.cn. A registry made with a domain name label has
    /// a hash in its host, which its resource name does not show.
    ///
    /// Prove: ask Azure for the host instead of building it from the name.
    /// - `az acr show --name ACR --query loginServer -o tsv`
    /// - `dig HOST`
    ///
    /// Alike: DnsNxDomain has a well-spelt host that is gone; AcrPrivateDnsNoRecord resolves in public and
    /// only fails inside the private zone; CredentialProviderNotConfigured has a host that works and that
    /// the node has no credentials for.
    ///
    /// Fix: replace the host by the registry's login server, in the image and in every pull secret made for
    /// the wrong host.
    WrongRegistryHost {
        layer: "image-reference",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path, Azure],
        alike: [DnsNxDomain, AcrPrivateDnsNoRecord, CredentialProviderNotConfigured],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-endpoint-reference"),
    }
}
