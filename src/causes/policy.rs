//! Policies that hide, change or refuse an image: of the registry, of the cluster and of the node.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the registry holds new images in quarantine until they are released
    ///
    /// Seen: a tag that was pushed answers 404 to those who may only pull, and is visible to those who may
    /// read the quarantine.
    ///
    /// Why: the registry's quarantine policy is on: every new image is hidden until a scanner or a person
    /// marks it as passed. If that step is gone or slow, nothing new can be pulled.
    ///
    /// Prove: read the policy.
    /// - `az acr show --name ACR --query policies.quarantinePolicy.status -o tsv`
    ///
    /// Alike: TagNotFound and DigestNotFound are hidden from everybody; AcrManifestInconsistent depends on
    /// the region; RegistryPolicyBlocksPull says openly that a policy refused.
    ///
    /// Fix: have the image released by what scans it, or find out why that no longer runs. Turning the
    /// policy off is a decision for those who turned it on.
    AcrQuarantine {
        layer: "policy",
        owner: Registry,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [TagNotFound, DigestNotFound, AcrManifestInconsistent, RegistryPolicyBlocksPull],
        docs: Some("https://github.com/Azure/acr/tree/main/docs/preview/quarantine"),
    }

    /// a policy of the registry forbids pulling this image
    ///
    /// Seen: 403 or 412 for the manifest, with a text that names a policy: vulnerabilities above a limit, a
    /// missing signature, a download that is blocked.
    ///
    /// Why: registries such as Harbor, Artifactory, Nexus or Quay can refuse images by rule. The credential
    /// is good and the image exists; the rule says no.
    ///
    /// Prove: the registry gives its reason in the body of the reply.
    /// - `curl -s -H "Authorization: Bearer $TOKEN" https://REGISTRY/v2/REPOSITORY/manifests/TAG`
    ///
    /// Alike: RegistryPermissionMissing says nothing of a policy; AcrQuarantine answers 404;
    /// RegistryBlockedByRuntimePolicy and AdmissionImagePolicyDenied are refusals of the node and of the
    /// cluster.
    ///
    /// Fix: do what the policy asks for: rebuild on a patched base, sign the image, or have an exception
    /// granted by those who keep the rule.
    RegistryPolicyBlocksPull {
        layer: "policy",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [RegistryPermissionMissing, AcrQuarantine, RegistryBlockedByRuntimePolicy, AdmissionImagePolicyDenied],
        docs: None,
    }

    /// a policy of the cluster does not admit pods with this image
    ///
    /// Seen: there is no pod. The ReplicaSet, Job or other controller has the event FailedCreate, with the
    /// name of a policy or webhook and "denied the request" or "denied request".
    ///
    /// Why: an admission policy holds images to a rule: registries that are allowed, a tag other than
    /// `latest`, a signature, a digest. The pod is refused before any node is asked. AKS Automatic enforces
    /// such rules by default.
    ///
    /// Prove: read the refusal, and find the policy that it names.
    /// - `kubectl get events -n NAMESPACE --field-selector reason=FailedCreate`
    /// - `kubectl get validatingadmissionpolicybindings,validatingwebhookconfigurations`
    ///
    /// Alike: MutatedByAdmission lets the pod through, changed; SignatureValidationFailed is the node's own
    /// refusal, of a pod that exists; RegistryPolicyBlocksPull is the registry's.
    ///
    /// Fix: make the image what the policy asks for: from an allowed registry, with a version as its tag or
    /// a digest, signed. Otherwise have those who keep the policy except this namespace.
    AdmissionImagePolicyDenied {
        layer: "policy",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Cluster],
        alike: [MutatedByAdmission, SignatureValidationFailed, RegistryPolicyBlocksPull],
        docs: Some("https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/"),
    }

    /// the cluster changed the pod on its way in: image, secret, pull policy or node
    ///
    /// Seen: the pod's spec differs from the template it was made from. It pulls another image, with
    /// another secret or policy, or on another node than was asked for.
    ///
    /// Why: a mutating webhook or policy rewrites pods: it puts a mirror in place of a registry, sets
    /// `imagePullPolicy: Always`, adds or drops pull secrets, or spreads pods over nodes.
    ///
    /// Prove: compare template and pod, then list what may change pods.
    /// - `kubectl get deploy NAME -n NAMESPACE -o jsonpath='{.spec.template.spec.containers[*].image}'`
    /// - `kubectl get pod POD -n NAMESPACE -o jsonpath='{.spec.containers[*].image}'`
    /// - `kubectl get mutatingwebhookconfigurations`
    ///
    /// Alike: AdmissionImagePolicyDenied lets no pod through; RegistryMirrorMisconfigured and
    /// ShortNameResolvedToWrongRegistry change the registry on the node, and the pod's spec keeps its
    /// image; PullSecretNotReferenced was never given the secret.
    ///
    /// Fix: correct the rule of the webhook or policy that changes the pod, or except the namespace from
    /// it; or meet it: put the image where it points to, and give the pods a secret for that registry.
    MutatedByAdmission {
        layer: "policy",
        owner: Cluster,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Cluster],
        alike: [AdmissionImagePolicyDenied, RegistryMirrorMisconfigured, ShortNameResolvedToWrongRegistry, PullSecretNotReferenced],
        docs: Some("https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/"),
    }

    /// the node's runtime refuses the image because of its signature
    ///
    /// Seen: the container waits with SignatureValidationFailed. The registry gave the manifest, and the
    /// runtime rejects it: no signature, one by another key, or one for another name.
    ///
    /// Why: CRI-O holds images against the node's policy.json, which an operator may write from objects such
    /// as ClusterImagePolicy. The image is not signed as the rule for its registry or repository wants.
    ///
    /// Prove: read the rule for this image, and see whether it has signatures.
    /// - `cat /etc/containers/policy.json`
    /// - `cosign tree REGISTRY/REPOSITORY:TAG`
    ///
    /// Alike: AdmissionImagePolicyDenied refuses before a node is chosen; RegistryBlockedByRuntimePolicy
    /// refuses the registry as a whole; RuntimeSignatureVerificationMisconfig has a policy that fits no
    /// image.
    ///
    /// Fix: sign the image with the key that the policy names, and keep its signatures when it is copied to
    /// another registry; or have the policy trust its key or except its repository.
    SignatureValidationFailed {
        layer: "policy",
        owner: Workload,
        lasting: Permanent,
        place: Bound,
        decided_by: [Kubelet],
        alike: [AdmissionImagePolicyDenied, RegistryBlockedByRuntimePolicy, RuntimeSignatureVerificationMisconfig],
        docs: Some("https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md"),
    }

    /// the node's runtime is told not to use this registry
    ///
    /// Seen: the message says that the registry is blocked in registries.conf; it is not asked. Where it has
    /// mirrors, what they answered stands beside that, and is then the reason to read first.
    ///
    /// Why: an entry for the registry, or for a part of its path, has `blocked = true` in the node's
    /// registries.conf. In OpenShift it is written from the cluster's own image configuration, where a list
    /// of allowed registries blocks all others.
    ///
    /// Prove: find the entry on the node.
    /// - `grep -rn -B 4 'blocked *= *true' /etc/containers/registries.conf /etc/containers/registries.conf.d`
    ///
    /// Alike: SignatureValidationFailed allows the registry and refuses the image;
    /// AdmissionImagePolicyDenied refuses the pod; RegistryPolicyBlocksPull is the registry's own answer.
    ///
    /// Fix: take the image from a registry that is allowed, or have those who run the nodes unblock this
    /// one where the file is made; what is changed on one node by hand does not stay.
    RegistryBlockedByRuntimePolicy {
        layer: "policy",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Cluster],
        alike: [SignatureValidationFailed, RegistryPolicyBlocksPull, AdmissionImagePolicyDenied],
        docs: Some("https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md"),
    }
}
