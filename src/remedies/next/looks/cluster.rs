//! Looks at the cluster: pods and their secrets, the kubelet's decisions, policies, cache rules of the registry.
//!
//! *Invariant:* only commands that change nothing.

use super::super::Look;
use crate::causes;
use crate::remedies::{azure, cri, image, kube, local};

/// The looks of this file.
pub(super) static LOOKS: &[Look] = &[
    Look {
        decides: &[
            causes::PullSecretNotFound,
            causes::PullSecretNotReferenced,
            causes::PullSecretServerMismatch,
            causes::PrivateImageNoCredentials,
            causes::MutatedByAdmission,
        ],
        text: |names| {
            format!(
                "Compare the pull secrets that {} and its service account name with those in {}.",
                names.the_pod(),
                names.the_namespace()
            )
        },
        commands: |names| {
            vec![
                kube::pod_images(names),
                kube::service_account(names),
                kube::secrets(names),
                kube::templates(names),
            ]
        },
    },
    Look {
        decides: &[
            causes::ImageNeverPullAbsent,
            causes::ImageNeverPullNotAuthorized,
            causes::PulledImageReverificationFailed,
            causes::ImageGarbageCollected,
        ],
        text: |names| {
            format!(
                "See whether {} holds the image, which version its kubelet is, and which secrets {} has.",
                names.the_node(),
                names.the_pod()
            )
        },
        commands: |names| {
            vec![
                kube::node_holds(names),
                kube::node_versions(names),
                kube::pod_images(names),
                cri::images(),
                kube::node_conditions(names),
            ]
        },
    },
    Look {
        decides: &[
            causes::AdmissionImagePolicyDenied,
            causes::MutatedByAdmission,
            causes::ShortNameResolvedToWrongRegistry,
        ],
        text: |names| {
            format!(
                "Compare the templates with the pods in {}, and read who refuses or changes them.",
                names.the_namespace()
            )
        },
        commands: |names| {
            vec![
                kube::refused_pods(names),
                kube::templates(names),
                kube::pod_images(names),
                kube::admission(),
                cri::registries(),
            ]
        },
    },
    Look {
        decides: &[
            causes::ShortNameAmbiguous,
            causes::ShortNameNoSearchRegistry,
            causes::ShortNameResolvedToWrongRegistry,
            causes::ImplicitDockerHub,
        ],
        text: |names| {
            format!(
                "Read the image as {} names it, and where {} looks for a name without a registry.",
                names.the_pod(),
                names.the_node()
            )
        },
        commands: |names| vec![kube::pod_images(names), cri::registries()],
    },
    Look {
        decides: &[
            causes::SignatureValidationFailed,
            causes::RegistryBlockedByRuntimePolicy,
            causes::RuntimeSignatureVerificationMisconfig,
        ],
        text: |names| {
            format!(
                "Read on {} which registries are blocked and which signatures it asks for.",
                names.the_node()
            )
        },
        commands: |names| {
            vec![cri::signature_policy(), cri::registries(), cri::docker_options(), kube::pod(names)]
        },
    },
    Look {
        decides: &[
            causes::ImageVolumePullFailed,
            causes::ImageVolumeMountFailed,
            causes::SandboxImagePullFailed,
        ],
        text: |names| {
            format!(
                "Read in the events of {} which image fails: a container's, a volume's or the pause image, and at which step.",
                names.the_pod()
            )
        },
        commands: |names| {
            vec![
                kube::pod(names),
                kube::pod_images(names),
                kube::node_versions(names),
                cri::sandbox(),
                cri::log(),
            ]
        },
    },
    Look {
        decides: &[
            causes::KubeletPullQpsExceeded,
            causes::DockerHubRateLimit,
            causes::RegistryThrottled,
            causes::AcrThrottled,
            causes::McrThrottled,
        ],
        text: |names| {
            format!(
                "Read in the events whether a registry refused or the kubelet of {} held the pull back, and its limits.",
                names.the_node()
            )
        },
        commands: |names| {
            // Without a pod or a node it decides nothing.
            if names.pod.is_none() && names.node.is_none() {
                return Vec::new();
            }
            vec![kube::pod(names), kube::kubelet_settings(names), kube::pods_of_node(names)]
        },
    },
    Look {
        decides: &[
            causes::CredentialProviderReturnedNothing,
            causes::KubeletIdentityDetachedFromVmss,
            causes::ImdsUnreachable,
        ],
        text: |names| {
            format!(
                "Read in the kubelet's log on {} what its credential provider said, and ask the metadata service there.",
                names.the_node()
            )
        },
        commands: |names| {
            vec![
                local::kubelet_log(),
                local::metadata(),
                local::metadata_token(names),
                local::provider_config(names),
            ]
        },
    },
    Look {
        decides: &[
            causes::AcrCacheUpstreamAuthFailed,
            causes::AcrCacheUpstreamIdentityMissing,
            causes::AcrCacheUpstreamNotFoundMasked,
            causes::AcrCacheRuleWrongMapping,
            causes::AcrCacheUpstreamWarming,
            causes::AcrCacheUpstreamThrottled,
            causes::AcrCacheRepullAfterDelete,
        ],
        text: |names| {
            format!(
                "Read which cache rule of {} {} falls under, its source and the health of its credentials; it takes Reader. \
                 Then ask the source itself.",
                names.the_registry(),
                names.the_repository()
            )
        },
        commands: |names| {
            if names.acr.is_none() {
                return Vec::new();
            }
            vec![
                azure::acr_cache_rules(names),
                azure::acr_credential_sets(names),
                image::source_manifest(names),
                azure::acr_identities(names),
                image::tags(names),
            ]
        },
    },
];
