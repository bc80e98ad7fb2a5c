//! Looks at the image: its name, its tags, its platforms and its layers.
//!
//! *Invariant:* only commands that change nothing.

use super::super::Look;
use crate::causes;
use crate::remedies::{azure, image, wire};

/// The looks of this file.
pub(super) static LOOKS: &[Look] = &[
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
