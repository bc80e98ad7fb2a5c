//! Words of those whom a node asks: registries, sign-in services, those who admit pods.

use super::Rows;
use crate::causes::*;

/// The words, in whatever an error says. All of a row's words must be there.
pub(super) const WORDS: Rows = &[
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
    (&["key vault"], &[AcrCmkKeyUnavailable]),
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
    (&["geo-ip blocked"], &[RegistryGeoBlocked]),
    (&["geo-blocked"], &[RegistryGeoBlocked]),
    (&["geoblocked"], &[RegistryGeoBlocked]),
    (&["region from which you are"], &[RegistryGeoBlocked]),
    (&["not available in your location"], &[RegistryGeoBlocked]),
    (&["not available in your country"], &[RegistryGeoBlocked]),
    (&["from your country"], &[RegistryGeoBlocked]),
    (&["ecr:", "is not authorized to perform"], &[RegistryPermissionMissing, RepositoryNotFound]),
    (&["deprecated", "shutting down"], &[ImageRemovedUpstream]),
    // Those who admit pods.
    (&["admission webhook", "denied"], &[AdmissionImagePolicyDenied]),
    (&["validatingadmissionpolicy", "denied request"], &[AdmissionImagePolicyDenied]),
    (&["image policy webhook"], &[AdmissionImagePolicyDenied]),
    // Time.
    (&["requesttimetooskewed"], &[NodeClockSkew]),
    (&["token used before issued"], &[NodeClockSkew]),
    (&["token is not valid yet"], &[NodeClockSkew]),
];
