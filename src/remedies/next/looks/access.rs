//! Looks at roles, network rules, permissions and users.
//!
//! *Invariant:* only commands that change nothing.

use super::super::Look;
use crate::causes;
use crate::remedies::{azure, image, wire};

/// The looks of this file.
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
        text: |names| match names.object_id.as_deref() {
            Some(object) => format!(
                "Compare what {object} may do on {} with its mode and its tenant; it takes Reader on it.",
                names.the_registry()
            ),
            None => format!(
                "Compare the role assignments that reach {} with the kubelet's object id, then its mode; \
                 it takes Reader on both subscriptions.",
                names.the_registry()
            ),
        },
        commands: |names| {
            if names.acr.is_none() {
                return Vec::new();
            }
            let identity =
                if names.object_id.is_some() { azure::tenants(names) } else { azure::kubelet_identities() };
            vec![
                identity,
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
];
