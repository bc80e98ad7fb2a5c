//! Policies of the registry that hide or refuse an image.
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
}
