//! The looks there are, and between which causes each decides.
//!
//! *Invariant:* only commands that change nothing.

use super::Look;
use crate::causes;
use crate::remedies::{azure, image, wire};

/// The looks; where two decide as many candidates, the first one leads.
pub(super) static LOOKS: &[Look] = &[
    Look {
        decides: &[
            causes::AcrPullRoleMissing,
            causes::AcrPullRoleOnWrongIdentity,
            causes::AcrAbacModeLegacyRole,
            causes::CrossTenantIdentity,
            causes::AcrAuthAsArmDisabled,
            causes::RoleAssignmentPropagation,
        ],
        text: |names| {
            format!(
                "Compare the role assignments that reach {} with the kubelet's object id, then its mode; \
                 it takes Reader on both subscriptions.",
                names.the_registry()
            )
        },
        commands: |names| {
            if names.acr.is_none() {
                return Vec::new();
            }
            vec![
                azure::kubelet_identities(),
                azure::acr_roles(names),
                azure::acr_role_mode(names),
                azure::acr_arm_tokens(names),
                azure::acr_id(names),
            ]
        },
    },
    Look {
        decides: &[
            causes::AcrIpNotAllowed,
            causes::AcrPublicAccessDisabled,
            causes::AcrVnetRuleMissing,
            causes::AcrPrivateDnsZoneNotLinked,
        ],
        text: |names| {
            format!(
                "Read the network settings of {}: public access, rules and private endpoints decide; it takes Reader on it.",
                names.the_registry()
            )
        },
        commands: |names| vec![azure::acr_networks(names), wire::dig(names), azure::private_zone(names)],
    },
    Look {
        decides: &[
            causes::AcrAbacConditionExcludesRepo,
            causes::RegistryPermissionMissing,
            causes::ScopeMapTokenLacksRepo,
            causes::AcrCmkKeyUnavailable,
            causes::RegistryPolicyBlocksPull,
        ],
        text: |names| {
            format!(
                "Read the whole reply for {} once signed in, then roles, scope maps and key; it takes Reader on {}.",
                names.the_repository(),
                names.the_registry()
            )
        },
        commands: |names| {
            vec![
                image::manifest(names),
                azure::acr_roles(names),
                azure::acr_token(names),
                azure::acr_encryption(names),
            ]
        },
    },
    Look {
        decides: &[
            causes::PullSecretBadCredentials,
            causes::AcrAdminCredentialsRegenerated,
            causes::AcrAdminUserDisabled,
            causes::ScopeMapTokenExpired,
        ],
        text: |names| {
            format!(
                "See what kind of user {} is at {}: admin switch, token state and end dates decide; it takes Reader.",
                names.user.as_deref().unwrap_or("this"),
                names.the_registry()
            )
        },
        commands: |names| {
            vec![azure::acr_admin_user(names), azure::acr_token(names), azure::acr_activity(names)]
        },
    },
    Look {
        decides: &[
            causes::TagNotFound,
            causes::DigestNotFound,
            causes::RepositoryNotFound,
            causes::AcrQuarantine,
            causes::AcrManifestInconsistent,
            causes::ImageRemovedUpstream,
            causes::ChildManifestPurged,
        ],
        text: |names| {
            format!(
                "List what {} really has, then its replicas and quarantine; it takes a sign-in that may read it.",
                names.the_repository()
            )
        },
        commands: |names| {
            vec![
                image::tags(names),
                azure::acr_repositories(names),
                azure::acr_quarantine(names),
                azure::acr_replicas(names),
            ]
        },
    },
    Look {
        decides: &[
            causes::PrivateImageNoCredentials,
            causes::RepositoryNotFound,
            causes::PublisherRegistryNotAnonymous,
            causes::BadCredentialOnPublicImage,
            causes::PullSecretBadCredentials,
            causes::RegistryPermissionMissing,
            causes::ImplicitDockerHub,
            causes::EcrTokenExpired,
            causes::TagNotFound,
        ],
        text: |names| {
            format!(
                "Ask {} once without a credential and once signed in; only a sign-in with rights tells private from missing.",
                names.the_registry()
            )
        },
        commands: |names| {
            vec![image::manifest_anonymously(names), image::manifest(names), image::pods_secrets()]
        },
    },
    Look {
        decides: &[
            causes::DnsNxDomain,
            causes::WrongRegistryHost,
            causes::AcrPrivateDnsNoRecord,
            causes::DnsServerUnreachable,
            causes::DataEndpointDnsMissing,
        ],
        text: |names| {
            format!(
                "Ask the same name server and a public one for {}; a privatelink alias in the public answer points at the zone.",
                names.the_host()
            )
        },
        commands: |names| vec![wire::dig(names), wire::dig_public(names), azure::private_zone(names)],
    },
    Look {
        decides: &[
            causes::AcrPrivateDnsWrongRecord,
            causes::PrivateEndpointUnreachable,
            causes::TlsHostnameMismatch,
        ],
        text: |names| {
            format!(
                "Compare the address of {} with those of the registry's endpoints; it takes Reader on their subscription.",
                names.the_host()
            )
        },
        commands: |names| {
            vec![wire::dig(names), azure::private_endpoints(names), azure::acr_private_connections(names)]
        },
    },
    Look {
        decides: &[
            causes::TlsLargeHelloDropped,
            causes::TlsHandshakeTimeout,
            causes::FirewallFqdnBlocked,
            causes::ConnectionReset,
            causes::TlsProtocolTooOld,
        ],
        text: |_| {
            "Shake hands twice from here, with a large and with a small hello: only the size of the hello may make a difference."
                .to_owned()
        },
        commands: |names| vec![wire::large_hello(names), wire::small_hello(names)],
    },
    Look {
        decides: &[
            causes::TlsUnknownAuthority,
            causes::TlsInterceptingProxy,
            causes::TlsHostnameMismatch,
            causes::TlsCertificateNoSan,
            causes::TlsCertificateExpired,
            causes::NodeClockSkew,
        ],
        text: |names| {
            format!(
                "Read the certificates that {} presents: issuer, names and dates decide.",
                names.the_host()
            )
        },
        commands: |names| vec![wire::chain(names), wire::headers(names)],
    },
    Look {
        decides: &[
            causes::PlatformMismatchArch,
            causes::PlatformMismatchOs,
            causes::PlatformMismatchWindowsVersion,
            causes::ArtifactNotAnImage,
            causes::ManifestSchema1Unsupported,
            causes::ImageEncryptedNoKey,
            causes::ChildManifestPurged,
        ],
        text: |names| {
            format!(
                "Compare the platforms and types in the manifest of {} with the nodes.",
                names.the_image()
            )
        },
        commands: |names| vec![image::manifest(names), image::platforms(names), image::nodes()],
    },
    Look {
        decides: &[
            causes::BlobEndpointBlocked,
            causes::BlobSasRejected,
            causes::StorageServiceEndpointPolicyBlocksBlob,
            causes::BlobMissingInRegistry,
            causes::RedirectTargetBlocked,
            causes::RedirectTargetRefused,
            causes::LayerDigestMismatch,
            causes::PullProgressTimeout,
        ],
        text: |names| {
            format!(
                "Dial {} from here, and see whether an endpoint policy is on the subnet; it takes Reader on the network.",
                names.the_host()
            )
        },
        commands: |names| vec![wire::dial(names), azure::endpoint_policies(), azure::acr_endpoints(names)],
    },
    Look {
        decides: &[
            causes::AcrThrottled,
            causes::AcrCacheUpstreamThrottled,
            causes::DockerHubRateLimit,
            causes::McrThrottled,
            causes::RegistryThrottled,
        ],
        text: |names| {
            format!("Read the headers of {}: they say who limits and for how long.", names.the_host())
        },
        commands: |names| vec![wire::headers(names), azure::acr_cache_rules(names), azure::acr_tier(names)],
    },
    Look {
        decides: &[
            causes::TcpTimeout,
            causes::TcpRefused,
            causes::NoIpv4Route,
            causes::NoIpv6Route,
            causes::PrivateEndpointUnreachable,
            causes::ConnectionReset,
            causes::TokenServiceUnreachable,
            causes::RegistryOutage,
            causes::Intermittent,
        ],
        text: |names| {
            format!(
                "Dial {} from here and from another network; what fails in one place only belongs to that network.",
                names.the_host()
            )
        },
        commands: |names| {
            vec![wire::dial(names), wire::dial_family(names, "-4"), wire::dial_family(names, "-6")]
        },
    },
    Look {
        decides: &[
            causes::PlainHttpRegistry,
            causes::HttpsRegistryOnHttp,
            causes::MirrorReturnsHtml,
            causes::AuthChallengeMalformed,
            causes::RegistryServerError,
            causes::RegistryOutage,
            causes::RegistryGeoBlocked,
            causes::RegistryPolicyBlocksPull,
            causes::TokenServiceError,
            causes::Intermittent,
        ],
        text: |names| {
            format!(
                "Read the whole reply of {} from here and from another network: the status, the headers and who answers.",
                names.the_host()
            )
        },
        commands: |names| vec![wire::reply(names), wire::plain_reply(names)],
    },
    Look {
        decides: &[
            causes::ImageRefMalformed,
            causes::ImageRefUppercase,
            causes::UnexpandedTemplateInImage,
            causes::ImageRefHasScheme,
            causes::ImageDigestMalformed,
        ],
        text: |_| "Read the image's name where it is set, character by character.".to_owned(),
        commands: |_| vec![image::pods_images()],
    },
];
