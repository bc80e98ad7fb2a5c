//! Words that say what is wrong whatever is around them: of registries, sign-in services, kubelets and their runtimes.

use super::candidates::Facts;
use super::said::Phase;
use crate::causes::*;

/// Words that go before everything else. All of a row's words must be there.
const EARLY: &[(&[&str], &[CauseId])] = &[
    // The kubelet's own.
    (&["pull qps exceeded"], &[KubeletPullQpsExceeded]),
    (&["is not present with pull policy of never"], &[ImageNeverPullAbsent, ImageNeverPullNotAuthorized]),
    (&["unable to parse auth field"], &[PullSecretMalformed]),
    (&["invalid decoded auth"], &[PullSecretMalformed]),
    (&["missing username or secret"], &[PullSecretMalformed]),
    (&["unable to retrieve some image pull secrets"], &[PullSecretNotFound]),
    (&["image volume", "mount"], &[ImageVolumeMountFailed]),
    (&["because of no progress"], &[PullProgressTimeout]),
    // The node's sign-in at Azure: its credential provider's log, Entra, the metadata service.
    (&["aadsts7000222"], &[ServicePrincipalSecretExpired]),
    (&["aadsts7000215"], &[ServicePrincipalSecretInvalid]),
    (&["aadsts700016"], &[ServicePrincipalNotInTenant]),
    (&["aadsts90002"], &[ServicePrincipalNotInTenant]),
    (&["aadsts53003"], &[ConditionalAccessBlocksAcr]),
    (&["application not registered with aad"], &[ServicePrincipalNotInTenant]),
    (&["client id must be guid"], &[PullSecretBadCredentials, NodeAzureJsonIdentityMisconfigured]),
    (&["multiple user assigned identities"], &[MultipleIdentitiesNoClientId]),
    (&["requested identity isn't assigned"], &[KubeletIdentityDetachedFromVmss]),
    (&["identity not found"], &[KubeletIdentityDetachedFromVmss, MultipleIdentitiesNoClientId]),
    (&["401 from exchange"], &[AcrPullRoleMissing, CrossTenantIdentity]),
    (&["error getting credentials from acr"], &[CredentialProviderReturnedNothing, TcpTimeout]),
    // Azure's registries.
    (&["encryption key"], &[AcrCmkKeyUnavailable]),
    (&["failed to access keyid"], &[AcrCmkKeyUnavailable]),
    (&["wrap key, unwrap key"], &[AcrCmkKeyUnavailable]),
    // Other registries.
    (&["authorization token has expired"], &[EcrTokenExpired]),
    (&["cannot be pulled due to configured policy"], &[RegistryPolicyBlocksPull]),
    (&["prevent images with vulnerability"], &[RegistryPolicyBlocksPull]),
    (&["blocked by policy"], &[RegistryPolicyBlocksPull]),
    (&["blocking policy"], &[RegistryPolicyBlocksPull]),
    (&["is quarantined"], &[RegistryPolicyBlocksPull, AcrQuarantine]),
    (&["in quarantine"], &[AcrQuarantine, RegistryPolicyBlocksPull]),
    (&["vulnerabilit", "polic"], &[RegistryPolicyBlocksPull]),
    (&["is not signed"], &[RegistryPolicyBlocksPull, SignatureValidationFailed]),
    (&["trust data"], &[SignatureValidationFailed]),
    (&["does not match bearer token resource"], &[RegistryMirrorMisconfigured]),
    (&["export control"], &[RegistryGeoBlocked]),
    (&["not available in your location"], &[RegistryGeoBlocked]),
    (&["not available in your country"], &[RegistryGeoBlocked]),
    (&["from your country"], &[RegistryGeoBlocked]),
    (&["ecr:", "is not authorized to perform"], &[RegistryPermissionMissing, RepositoryNotFound]),
    // Those who admit pods.
    (&["admission webhook", "denied"], &[AdmissionImagePolicyDenied]),
    (&["validatingadmissionpolicy", "denied request"], &[AdmissionImagePolicyDenied]),
    (&["image policy webhook"], &[AdmissionImagePolicyDenied]),
    // Time.
    (&["requesttimetooskewed"], &[NodeClockSkew]),
    (&["token used before issued"], &[NodeClockSkew]),
    (&["token is not valid yet"], &[NodeClockSkew]),
    // Signing in.
    (&["no realm specified for token auth challenge"], &[AuthChallengeMalformed]),
    (&["unable to parse realm"], &[AuthChallengeMalformed]),
    (&["invalid token auth challenge realm"], &[AuthChallengeMalformed]),
    (&["failed to find supported auth scheme"], &[AuthChallengeMalformed]),
    (&["missing realm in bearer auth challenge"], &[AuthChallengeMalformed]),
    (&["unable to decode token response"], &[TokenServiceError]),
    (&["decoding bearer token"], &[TokenServiceError]),
    (&["did not include a token in the response"], &[TokenServiceError]),
    // Policies of runtimes.
    (&["source image rejected"], &[SignatureValidationFailed]),
    (&["is rejected by policy"], &[SignatureValidationFailed]),
    (&["a signature was required"], &[SignatureValidationFailed]),
    (&["no signature exists"], &[SignatureValidationFailed]),
    (&["signature verification failed"], &[SignatureValidationFailed]),
    (&["image verifier", "blocked pull of"], &[SignatureValidationFailed]),
    (
        &["blocking pull of", "image verifier"],
        &[SignatureValidationFailed, RuntimeSignatureVerificationMisconfig],
    ),
    (&["signature-verification"], &[RuntimeSignatureVerificationMisconfig]),
    (&["policy.json"], &[RuntimeSignatureVerificationMisconfig]),
    (&["is blocked in", "registries.conf"], &[RegistryBlockedByRuntimePolicy]),
    (&["registries.conf.d", "blocked"], &[RegistryBlockedByRuntimePolicy]),
    (&["is blocked by configuration"], &[RegistryBlockedByRuntimePolicy]),
    // Short names.
    (&["returns ambiguous list"], &[ShortNameAmbiguous]),
    (&["short-name resolution enforced"], &[ShortNameAmbiguous]),
    (&["no unqualified-search registries"], &[ShortNameNoSearchRegistry]),
    (&["did not resolve to an alias"], &[ShortNameNoSearchRegistry]),
    // What a runtime was told of a registry's hosts (containerd's `docker/config`, CRI's mirrors).
    (&["no pull hosts"], &[RegistryMirrorMisconfigured]),
    (&["no resolve hosts"], &[RegistryMirrorMisconfigured]),
    (&["get registry endpoints"], &[RegistryMirrorMisconfigured]),
    (&["unable to parse server "], &[RegistryMirrorMisconfigured]),
    (&["unknown capability "], &[RegistryMirrorMisconfigured]),
    (&["invalid host name format"], &[RegistryMirrorMisconfigured]),
    (&["unable to load ca cert"], &[RegistryMirrorMisconfigured]),
    (&["unable to read ca cert"], &[RegistryMirrorMisconfigured]),
    (&["unable to read cert file"], &[RegistryMirrorMisconfigured]),
    (&["failed to load x509 key pair"], &[RegistryMirrorMisconfigured]),
    (&["registries configuration"], &[RegistryMirrorMisconfigured]),
    // The runtime itself.
    (&["containerd.sock"], &[ContainerRuntimeDown]),
    (&["crio.sock"], &[ContainerRuntimeDown]),
    (&["cri-dockerd.sock"], &[ContainerRuntimeDown]),
    (&["containerd-containerd"], &[ContainerRuntimeDown]),
    (&["cannot connect to the docker daemon"], &[ContainerRuntimeDown]),
    (&["error while dialing"], &[ContainerRuntimeDown]),
    (&["dial unix "], &[ContainerRuntimeDown]),
    (&["transport is closing"], &[ContainerRuntimeDown]),
    (&["container runtime is down"], &[ContainerRuntimeDown]),
    (&["server is not initialized yet"], &[ContainerRuntimeDown]),
    (&["unknown service runtime.v1"], &[ContainerRuntimeDown]),
    (&["grpc: the client connection is closing"], &[ContainerRuntimeDown]),
    (&["error reading from server"], &[ContainerRuntimeDown]),
    // The node's disk.
    (&["no space left on device"], &[NodeDiskFull]),
    (&["disk quota exceeded"], &[NodeDiskFull]),
    (&["not enough space on the disk"], &[NodeDiskFull]),
    (&["insufficient space"], &[NodeDiskFull]),
    (&["read-only file system"], &[ReadOnlyFilesystem]),
    (&["overlaybd"], &[ArtifactStreamingMountFailed]),
    (&["failed to attach and mount for snapshot"], &[ArtifactStreamingMountFailed]),
    // What is pulled.
    (&["text/html"], &[MirrorReturnsHtml]),
    (&["schema 1 image"], &[ManifestSchema1Unsupported]),
    (&["manifest.v1+prettyjws"], &[ManifestSchema1Unsupported]),
    (&["manifest.v1+json", "supported"], &[ManifestSchema1Unsupported]),
    (&["manifest version 2, schema 1"], &[ManifestSchema1Unsupported]),
    (&["schema1"], &[ManifestSchema1Unsupported]),
    (&["byte manifest for"], &[ArtifactNotAnImage, RegistryServerError]),
    (&["in header not a valid digest"], &[RegistryServerError, RegistryMirrorMisconfigured]),
    (&["schemaversion 1"], &[ManifestSchema1Unsupported]),
    (&["missing private key needed for decryption"], &[ImageEncryptedNoKey]),
    (&["no suitable key"], &[ImageEncryptedNoKey]),
    (&["failed to unwrap key"], &[ImageEncryptedNoKey]),
    (&["ctd-decoder"], &[ImageEncryptedNoKey]),
    (&["ocicrypt"], &[ImageEncryptedNoKey]),
    (&["decrypt"], &[ImageEncryptedNoKey]),
    (&["+encrypted"], &[ImageEncryptedNoKey]),
];

/// Words that say something only where nothing else did.
const LATE: &[(&[&str], &[CauseId])] = &[
    (&["illegal base64 data"], &[PullSecretMalformed]),
    (&["secrets \"", "not found"], &[PullSecretNotFound]),
    (&["secret \"", "not found"], &[PullSecretNotFound]),
    (&["couldn't find key .dockerc"], &[PullSecretMalformed]),
    (&["tag ", "not found in repository"], &[TagNotFound]),
    (&["error: image", "not found"], &[RepositoryNotFound, TagNotFound]),
    (&["unknown scheme"], &[ProxyMisconfigured]),
    (&["invalid proxy"], &[ProxyMisconfigured]),
    (&["open /etc/docker/certs.d"], &[TlsUnknownAuthority]),
    (&["invalid character '<'"], &[MirrorReturnsHtml]),
    (&["strconv.parseint: parsing"], &[PrivateEndpointUnreachable, ProxyMisconfigured]),
    (&["unsupported protocol scheme"], &[RegistryMirrorMisconfigured]),
    (&["invalid host"], &[RegistryMirrorMisconfigured]),
    (&["location header"], &[RegistryServerError, RegistryMirrorMisconfigured]),
    (&["stopped after 10 redirects"], &[RegistryServerError, RegistryMirrorMisconfigured]),
    (&["failed to parse hosts.toml"], &[RegistryMirrorMisconfigured]),
    (&["hosts.toml"], &[RegistryMirrorMisconfigured]),
    (&["registry is unavailable"], &[RegistryOutage, RegistryServerError]),
    (&["registryunavailable"], &[RegistryOutage, RegistryServerError]),
    (&["signature validation failed"], &[SignatureValidationFailed]),
    (&["signaturevalidationfailed"], &[SignatureValidationFailed]),
];

/// What may still be wrong with an image when the pull is over.
pub(super) const AFTER_PULL: &[CauseId] = &[
    ContentStoreBlobMissing,
    SnapshotStateCorrupt,
    SnapshotterMountFailed,
    ImageGarbageCollected,
    ArtifactStreamingMountFailed,
    LayerUnpackFailed,
    UserNamespaceIdRange,
    NodeDiskFull,
    ReadOnlyFilesystem,
    ImageEncryptedNoKey,
    ImageVolumeMountFailed,
    PlatformMismatchWindowsVersion,
];

/// What the words say that go before everything else.
pub(super) fn early(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    row(EARLY, facts.text).or_else(|| {
        // A credential that was refused is worth more than that nobody is let in.
        let refusals = facts.message.attempts.iter().filter(|form| form.is_refusal());
        refusals.filter(|_| facts.form.is_refusal()).find_map(|form| row(EARLY, &form.text))
    })
}

/// What the words say where nothing else does.
pub(super) fn late(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    const JSON: &[&str] = &["unexpected end of json input", "cannot unmarshal", "looking for beginning of"];
    if facts.says_any(JSON) && !facts.says("invalid character '<'") {
        // What the kubelet reads itself is a pull secret; what a runtime reads came from the registry.
        let is_kubelets = facts.form.phase == Phase::Unknown && facts.form.image.is_none();
        return Some(if is_kubelets {
            vec![PullSecretMalformed]
        } else {
            vec![MirrorReturnsHtml, LayerDigestMismatch, ArtifactNotAnImage]
        });
    }
    row(LATE, facts.text)
        .or_else(|| row(EARLY, &facts.message.lower))
        .or_else(|| row(LATE, &facts.message.lower))
}

fn row(table: &[(&[&str], &[CauseId])], text: &str) -> Option<Vec<CauseId>> {
    let (_, causes) = table.iter().find(|(words, _)| words.iter().all(|word| text.contains(word)))?;
    Some(causes.to_vec())
}
