//! Fixes for credentials, identities and roles.

use super::{
    Advice, Command, Names, PULL_ROLE, PULL_ROLE_ABAC, aks, azure, change, image, kube, local, say, some,
};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    roles(id, names).or_else(|| identities(id, names)).or_else(|| secrets(id, names))
}

/// What the identity may do.
fn roles(id: CauseId, names: &Names) -> Option<Advice> {
    let (registry, who) = (names.the_registry(), names.the_puller());
    let attach = || names.application.is_none().then(|| aks::attach(names)).flatten();
    match id {
        causes::AcrPullRoleMissing if names.denied => say(
            format!(
                "Have the deny assignment on {registry} spare {who}, or remove it: while it counts no role helps."
            ),
            [azure::acr_roles(names)],
        ),
        causes::AcrPullRoleMissing => {
            let role = names.pull_role.as_deref();
            let known = role.unwrap_or(PULL_ROLE);
            let either =
                if role.is_none() { format!(" (in ABAC mode {PULL_ROLE_ABAC})") } else { String::new() };
            let word = if role.is_some() { "the role " } else { "" };
            let grant = format!("Grant {who} {word}{known} on {registry}{either}");
            let text = match (names.other_acr.as_deref(), role) {
                (Some(other), _) => format!("{grant}; or pull from {other}, where it has the role."),
                (None, Some(PULL_ROLE)) if names.application.is_none() && names.operator.is_none() => {
                    format!("{grant}, by its object id: az aks update --attach-acr.")
                }
                (None, _) if names.application.is_some() => {
                    format!("{grant}, by the object id of its service principal.")
                }
                (None, _) => format!("{grant}, by its object id."),
            };
            say(text, grants(names).into_iter().chain([attach(), aks::grant(names)]))
        }
        causes::AcrPullRoleOnWrongIdentity if names.operator.is_some() => say(
            format!(
                "Grant the pull role on {registry} to the object id of {who}, not to the application's id."
            ),
            [azure::acr_roles(names), aks::grant(names)],
        ),
        causes::AcrPullRoleOnWrongIdentity => say(
            format!(
                "Grant the pull role on {registry} to the kubelet's object id, not to the control plane's or an add-on's."
            ),
            grants(names).into_iter().take(1).chain([azure::acr_roles(names), aks::grant(names)]),
        ),
        causes::AcrAbacModeLegacyRole => say(
            format!(
                "Grant {who} Container Registry Repository Reader on {registry}; AcrPull has no effect there."
            ),
            grants(names).into_iter().chain([aks::grant(names)]),
        ),
        causes::AcrAbacConditionExcludesRepo => say(
            format!(
                "Widen the condition of the role assignment on {registry} to {}.",
                names.the_repository()
            ),
            [azure::acr_roles(names)],
        ),
        causes::RoleAssignmentPropagation => say(
            match names.operator {
                Some(_) => "Wait a quarter of an hour and ask again; the role is there.",
                None => {
                    "Wait a quarter of an hour and delete the pod, so that the kubelet tries again; the role is there."
                }
            },
            [azure::acr_roles(names)],
        ),
        causes::RegistryPermissionMissing => say(
            format!("Grant this credential the right to read {} at {registry}.", names.the_repository()),
            [azure::acr_roles(names), image::manifest(names)],
        ),
        _ => None,
    }
}

/// The looks for what a grant names, as far as it is not known: the kubelet's object id, and the registry's id.
fn grants(names: &Names) -> [Option<Command>; 2] {
    [
        (names.object_id.is_none() && names.application.is_none()).then(azure::kubelet_identities).flatten(),
        names.registry_id.is_none().then(|| azure::acr_id(names)).flatten(),
    ]
}

/// As whom it was asked.
fn identities(id: CauseId, names: &Names) -> Option<Advice> {
    let registry = names.the_registry();
    match id {
        causes::CrossTenantIdentity => say(
            format!(
                "Use a credential of the tenant of {registry}, or cache or import the image in a registry of your own."
            ),
            [azure::kubelet_identities(), azure::tenants(names)],
        ),
        causes::AcrAuthAsArmDisabled => {
            let enable = names.acr.as_deref().and_then(|acr| {
                change(
                    [
                        "az",
                        "acr",
                        "config",
                        "authentication-as-arm",
                        "update",
                        "--registry",
                        acr,
                        "--status",
                        "enabled",
                    ],
                    format!("az; Microsoft.ContainerRegistry/registries/write on {acr}"),
                )
            });
            say(
                format!(
                    "Upgrade the nodes, whose tokens are for Resource Manager; or let {registry} take such tokens again."
                ),
                [azure::acr_arm_tokens(names), enable],
            )
        }
        causes::PublisherRegistryNotAnonymous => say(
            format!(
                "Ask the publisher of {registry} for access, or take a version of the chart that names a public registry."
            ),
            [azure::acr_list(), image::manifest_anonymously(names)],
        ),
        causes::PrivateImageNoCredentials => say(
            format!(
                "Make a docker-registry secret for {registry} in the pod's namespace, and name it in imagePullSecrets."
            ),
            [image::manifest_anonymously(names), image::pods_secrets()],
        ),
        causes::EcrTokenExpired => say(
            "Renew the login for ECR, which lasts twelve hours; let the kubelet's ECR credential provider do it from now on.",
            [image::pods_secrets()],
        ),
        _ => None,
    }
}

/// Users and passwords.
fn secrets(id: CauseId, names: &Names) -> Option<Advice> {
    let registry = names.the_registry();
    let user = names.user.as_deref();
    match id {
        causes::PullSecretBadCredentials => {
            let login = user.zip(some(&names.registry)).and_then(|(user, host)| {
                change(
                    ["docker", "login", "--username", user, "--password-stdin", host],
                    "docker; the password on standard input; it is kept in docker's own configuration",
                )
            });
            say(
                format!(
                    "Get a valid password for {} at {registry}, try it, and replace the secret with it.",
                    user.unwrap_or("this user")
                ),
                [login, image::pods_secrets()],
            )
        }
        causes::PullSecretNotFound => say(
            format!(
                "Make the pull secret for {registry} in {}, or correct its name in the pod.",
                names.the_namespace()
            ),
            [kube::pod_images(names), kube::secrets(names), kube::service_account(names)],
        ),
        causes::PullSecretNotReferenced => say(
            format!(
                "Name the secret in imagePullSecrets of the pod template, or in {}, and create the pods again.",
                names.service_account.as_deref().map_or_else(
                    || "its service account".to_owned(),
                    |account| format!("the service account {account}")
                )
            ),
            [kube::pod_images(names), kube::service_account(names), kube::secrets(names)],
        ),
        causes::PullSecretServerMismatch => say(
            format!(
                "Make the pull secret again for exactly {}, with the port if the image names one.",
                some(&names.registry).unwrap_or("the image's host")
            ),
            [local::entries(names), image::pull_secrets(), image::pods_secrets(), sign_in(names)],
        ),
        causes::PullSecretMalformed => say(
            format!(
                "Make the pull secret again from a file that a login wrote, for {}.",
                some(&names.registry).unwrap_or("the image's host")
            ),
            [local::entries(names), image::pull_secrets(), image::pods_secrets()],
        ),
        causes::BadCredentialOnPublicImage => say(
            format!(
                "Renew the credential for {registry}, or take it out of the secret: the image needs none."
            ),
            [image::manifest_anonymously(names), image::pods_secrets()],
        ),
        causes::AcrAdminCredentialsRegenerated => say(
            format!(
                "Replace the secret with the present admin password of {registry}; better, use AcrPull and no secret."
            ),
            [azure::acr_activity(names), image::pods_secrets()],
        ),
        causes::AcrAdminUserDisabled => {
            let enable = names.acr.as_deref().and_then(|acr| {
                change(
                    ["az", "acr", "update", "--name", acr, "--admin-enabled", "true"],
                    format!("az; Microsoft.ContainerRegistry/registries/write on {acr}"),
                )
            });
            say(
                format!(
                    "Grant the kubelet's identity AcrPull and drop the secret; or, weaker, enable the admin user of {registry}."
                ),
                [azure::acr_admin_user(names), enable],
            )
        }
        causes::ScopeMapTokenExpired => say(
            match (user, names.token_disabled) {
                (Some(user), true) => {
                    format!("Enable the token {user} of {registry}; its passwords stay as they are.")
                }
                _ => format!(
                    "Enable the token {} or generate a new password for it, and replace the secret.",
                    user.unwrap_or("of this secret")
                ),
            },
            [azure::acr_token(names), renew(names)],
        ),
        causes::ScopeMapTokenLacksRepo => say(
            match names.scope_map.as_deref() {
                // Azure's own maps are for all repositories alike, and cannot be changed.
                Some(map) if map.starts_with('_') => format!(
                    "Give the token {} a scope map that lets it pull; {map} is Azure's own and cannot be changed.",
                    user.unwrap_or("of this secret")
                ),
                Some(map) => {
                    format!("Add {} with content/read to the scope map {map}.", names.the_repository())
                }
                None => format!("Add {} with content/read to the token's scope map.", names.the_repository()),
            },
            [azure::acr_token(names), azure::acr_scope_maps(names), widen(names)],
        ),
        _ => None,
    }
}

/// Makes a token good again: a disabled one is enabled, one whose passwords are over gets another.
fn renew(names: &Names) -> Option<Command> {
    let (acr, user) = (names.acr.as_deref()?, names.user.as_deref()?);
    if names.token_disabled {
        return change(
            ["az", "acr", "token", "update", "--name", user, "--registry", acr, "--status", "enabled"],
            format!("az; Microsoft.ContainerRegistry/registries/tokens/write on {acr}"),
        );
    }
    change(
        ["az", "acr", "token", "credential", "generate", "--name", user, "--registry", acr, "--password1"],
        format!(
            "az; Microsoft.ContainerRegistry/registries/generateCredentials/action on {acr}; \
             it prints the new password and ends the old one"
        ),
    )
}

/// Adds the repository to the token's scope map.
fn widen(names: &Names) -> Option<Command> {
    let (acr, map) = (names.acr.as_deref()?, names.scope_map.as_deref()?);
    if map.starts_with('_') {
        return None;
    }
    let repository = names.repository.as_deref()?;
    change(
        [
            "az",
            "acr",
            "scope-map",
            "update",
            "--name",
            map,
            "--registry",
            acr,
            "--add-repository",
            repository,
            "content/read",
        ],
        format!("az; Microsoft.ContainerRegistry/registries/scopeMaps/write on {acr}"),
    )
}

/// Writes a login for the registry into the docker configuration.
fn sign_in(names: &Names) -> Option<Command> {
    let file = names.docker_config()?;
    change(
        ["skopeo", "login", "--authfile", file, some(&names.registry)?],
        "skopeo; it asks for user and password, and writes the file",
    )
}
