//! Looks from the node: identities, service principals, proxies, caches, mirrors and what the kubelet presents.
//!
//! *Invariant:* only commands that change nothing.

use super::super::Look;
use crate::causes;
use crate::remedies::{aks, azure, entra, image, local, wire};

/// The looks of this file.
pub(super) static LOOKS: &[Look] = &[
    Look {
        decides: &[
            causes::ServicePrincipalSecretExpired,
            causes::ServicePrincipalSecretInvalid,
            causes::ServicePrincipalNotInTenant,
            causes::AcrPullRoleMissing,
            causes::AcrPullRoleOnWrongIdentity,
            causes::AcrAbacModeLegacyRole,
            causes::CrossTenantIdentity,
            causes::AcrAuthAsArmDisabled,
            causes::RoleAssignmentPropagation,
        ],
        text: |names| {
            format!(
                "Ask Entra whether {} is there and when its secrets end, then what it may do on {}.",
                names.the_principal(),
                names.the_registry()
            )
        },
        commands: |names| {
            if names.acr.is_none() && names.client_id.is_none() {
                return Vec::new();
            }
            vec![
                entra::secrets_end(names),
                entra::principal(names),
                aks::cluster(names),
                azure::acr_roles(names),
                azure::acr_role_mode(names),
            ]
        },
    },
    Look {
        decides: &[
            causes::ConditionalAccessBlocksAcr,
            causes::ServicePrincipalSecretInvalid,
            causes::ServicePrincipalNotInTenant,
        ],
        text: |names| {
            format!(
                "Read which Conditional Access policies cover {}, and whether it is there.",
                names.the_principal()
            )
        },
        commands: |names| vec![entra::policies(names), entra::principal(names)],
    },
    Look {
        decides: &[
            causes::KubeletIdentityDetachedFromVmss,
            causes::NodeAzureJsonIdentityMisconfigured,
            causes::MultipleIdentitiesNoClientId,
        ],
        text: |_| {
            "Hold the identity in the node's azure.json against those that its scale set has and the one that the cluster means."
                .to_owned()
        },
        commands: |names| {
            vec![
                local::cloud_config(names),
                local::metadata_token(names),
                aks::scale_set_identities(names),
                aks::identity_by_client_id(names),
                aks::cluster(names),
            ]
        },
    },
    Look {
        decides: &[
            causes::ProxyDenied,
            causes::ProxyMisconfigured,
            causes::ProxyUnreachable,
            causes::FirewallFqdnBlocked,
            causes::RegistryOutage,
        ],
        text: |names| {
            format!(
                "Ask {} through {} and past it, from the node: who answers, and which of the two fails, decides.",
                names.the_host(),
                names.the_proxy()
            )
        },
        commands: |names| {
            // Without a proxy it decides nothing.
            if names.proxy.is_none() {
                return Vec::new();
            }
            let [all, services] = local::proxy_of_services();
            vec![wire::through_proxy(names), wire::past_proxy(names), all, services]
        },
    },
    Look {
        decides: &[causes::ImdsUnreachable, causes::ProxyMisconfigured],
        text: |_| {
            "Ask the metadata service past any proxy, on the node itself, and read which proxy the kubelet is told to use."
                .to_owned()
        },
        commands: |_| {
            let [all, services] = local::proxy_of_services();
            vec![local::metadata(), all, services, local::kubelet_log()]
        },
    },
    Look {
        decides: &[causes::LocalDnsUpstreamFailing, causes::DnsServerUnreachable, causes::LocalDnsStale],
        text: |names| {
            format!(
                "Ask the node's cache and the server behind it for {}: two answers, one or none decide.",
                names.the_host()
            )
        },
        commands: |names| {
            vec![
                wire::dig(names),
                local::cache_upstreams(),
                wire::dig_upstream(names),
                wire::dig_upstream_over_tcp(names),
            ]
        },
    },
    Look {
        decides: &[
            causes::RegistryMirrorMisconfigured,
            causes::ArtifactStreamingMirrorBroken,
            causes::MirrorReturnsHtml,
        ],
        text: |names| {
            format!(
                "Ask {} and the registry itself, from the node, and read what names the mirror.",
                names.the_mirror()
            )
        },
        commands: |names| {
            vec![wire::mirror(names), wire::reply(names), local::mirrors(names), local::streaming_services()]
        },
    },
    Look {
        decides: &[
            causes::CredentialProviderNotConfigured,
            causes::RegionalEndpointNodeImageTooOld,
            causes::RegionalEndpointServicePrincipal,
        ],
        text: |names| {
            format!(
                "Read for which hosts the kubelet asks its provider, and whether {} is one of them.",
                names.the_host()
            )
        },
        commands: |names| {
            vec![
                local::provider_config(names),
                local::kubelet_flags(),
                local::kubelet_log(),
                image::node_images(names),
                aks::cluster(names),
            ]
        },
    },
    Look {
        decides: &[
            causes::PullSecretServerMismatch,
            causes::PullSecretMalformed,
            causes::PullSecretBadCredentials,
            causes::PrivateImageNoCredentials,
        ],
        text: |names| {
            format!(
                "See whether the pull secret can be read and has an entry for {}, and what that entry's user gets.",
                names.the_registry()
            )
        },
        commands: |names| {
            vec![
                local::entries(names),
                local::user_for_registry(names),
                image::pull_secrets(),
                image::pods_secrets(),
                image::manifest_anonymously(names),
            ]
        },
    },
];
