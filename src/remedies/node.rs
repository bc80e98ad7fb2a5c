//! Fixes for the node's side of signing in: metadata service, cloud configuration, service principal, credential
//! provider.

use super::{Advice, Names, aks, entra, image, local, say};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    managed(id, names).or_else(|| principals(id, names)).or_else(|| providers(id, names))
}

/// Managed identities.
fn managed(id: CauseId, names: &Names) -> Option<Advice> {
    match id {
        causes::KubeletIdentityDetachedFromVmss => say(
            format!(
                "Attach the identity to {} again; on AKS, az aks update without any other option does it.",
                names.scale_set.as_deref().unwrap_or("the node's scale set")
            ),
            [
                aks::scale_set_identities(names),
                aks::identity_by_client_id(names),
                aks::reconcile(names).or_else(|| aks::assign_identity(names)),
            ],
        ),
        causes::MultipleIdentitiesNoClientId => say(
            format!(
                "Name the kubelet's identity by its client id as userAssignedIdentityID in {}; on AKS renew the node.",
                the_config(names)
            ),
            [aks::scale_set_identities(names), aks::cluster(names), aks::upgrade_node_image(names)],
        ),
        causes::ImdsUnreachable => say(
            "Let the node's own processes reach 169.254.169.254 on TCP port 80, and take what catches it out of the way.",
            [local::metadata(), local::kubelet_log()],
        ),
        causes::NodeAzureJsonIdentityMisconfigured => say(
            format!(
                "Renew {}: a new node image writes {} anew, with the cluster's present identity.",
                names.node.as_deref().unwrap_or("the node"),
                the_config(names)
            ),
            [local::cloud_config(names), aks::cluster(names), aks::upgrade_node_image(names)],
        ),
        _ => None,
    }
}

/// Service principals.
fn principals(id: CauseId, names: &Names) -> Option<Advice> {
    let principal = names.the_principal();
    match id {
        causes::ServicePrincipalSecretExpired => say(
            format!("Give {principal} a new secret and hand it to the cluster; or use a managed identity."),
            [
                entra::secrets_end(names),
                entra::add_secret(names),
                entra::hand_over(names),
                aks::enable_managed_identity(names),
            ],
        ),
        causes::ServicePrincipalSecretInvalid => say(
            format!("Hand a valid secret of {principal} to the cluster, an old one or a new one."),
            [entra::secrets_end(names), entra::add_secret(names), entra::hand_over(names)],
        ),
        causes::ServicePrincipalNotInTenant if names.managed => say(
            format!(
                "The managed identity was deleted: give the cluster another one (az aks update --assign-kubelet-identity), and \
                 grant that one the pull role on {}.",
                names.the_registry()
            ),
            [entra::principal(names), aks::cluster(names)],
        ),
        causes::ServicePrincipalNotInTenant => say(
            format!(
                "Restore {principal} in {}, or give the cluster another identity.",
                names.tenant_id.as_deref().unwrap_or("its tenant")
            ),
            [
                entra::principal(names),
                aks::cluster(names),
                entra::admit(names),
                aks::enable_managed_identity(names),
            ],
        ),
        causes::ConditionalAccessBlocksAcr => say(
            match names.operator {
                Some(_) => format!(
                    "Ask from a place that the policy admits, or take {} out of it.",
                    names.the_puller()
                ),
                None => format!(
                    "Admit the address that the nodes leave by, or take {principal} out of the policy."
                ),
            },
            [entra::policies(names), names.operator.is_none().then(|| entra::principal(names)).flatten()],
        ),
        _ => None,
    }
}

/// What the kubelet asks for a credential, and for which hosts.
fn providers(id: CauseId, names: &Names) -> Option<Advice> {
    let login_server = names.login_server();
    let login_server = login_server.as_deref().unwrap_or("the login server");
    match id {
        causes::CredentialProviderNotConfigured => say(
            format!(
                "Name the registry by a host of the provider's list, or give the pod a pull secret for {}.",
                names.the_host()
            ),
            [
                local::provider_config(names),
                local::kubelet_flags(),
                local::kubelet_log(),
                aks::upgrade_node_image(names),
            ],
        ),
        causes::CredentialProviderReturnedNothing => say(
            format!(
                "Read in the kubelet's log on {} which step failed, and follow its cause: pullcheck check --on-node walks them all.",
                names.the_node()
            ),
            [local::kubelet_log(), local::metadata(), local::metadata_token(names)],
        ),
        causes::RegionalEndpointNodeImageTooOld => say(
            format!("Upgrade the node image to 202607.29 or later; until then pull by {login_server}."),
            [image::node_images(names), local::provider_config(names), aks::upgrade_node_image(names)],
        ),
        causes::RegionalEndpointServicePrincipal => say(
            format!("Pull by {login_server}, or move the cluster to a managed identity."),
            [
                aks::cluster(names),
                aks::enable_managed_identity(names),
                aks::upgrade_node_image(names),
                aks::attach(names),
            ],
        ),
        _ => None,
    }
}

/// The node's cloud configuration.
fn the_config(names: &Names) -> &str {
    names.file_like(&[".json"]).unwrap_or("the node's azure.json")
}
