//! The credential that a node's credential provider gives, as its `azure.json` names it.

use crate::cloud::{Family, family, login_host};
use crate::credential::{Credential, Flaw, Login, ManagedIdentity, Named, Proof, SignIn};
use crate::facts::node::{AzureJson, FileState, NodeFacts, NodeIdentity, ProviderSource};
use crate::foreign::Foreign;
use crate::node::NodeFiles;
use crate::secret::Secret;
use crate::target::Target;

/// What the credential provider gives for the registry; nothing where it would not be asked for such a host.
pub(super) fn login(files: &NodeFiles, target: &Target) -> Option<Login> {
    let is_acr = family(target.host()) == Family::Acr;
    if !is_asked(&files.facts, target) {
        let credential = Credential::NodeIdentity { id: String::new() };
        return is_acr.then(|| Login::flawed(credential, Flaw::NotAsked));
    }
    let azure = &files.facts.azure_json;
    let text =
        |value: &Option<Foreign>| value.as_ref().map(|v| v.as_str().to_owned()).filter(|v| !v.is_empty());
    let tenant = text(&azure.tenant_id);
    let named = match &azure.identity {
        Some(NodeIdentity::ManagedByClientId { client_id }) => Named::ClientId(client_id.as_str().to_owned()),
        Some(NodeIdentity::ManagedByResourceId { resource_id }) => {
            Named::ResourceId(resource_id.as_str().to_owned())
        }
        Some(NodeIdentity::ManagedUnnamed) => Named::Nothing,
        Some(NodeIdentity::ServicePrincipal { client_id, .. }) => {
            // What is handed over for it is for `*.azurecr.io` and its like, which the kubelet compares label by label
            // (cloud-provider-azure's `pkg/credentialprovider`, Kubernetes' `pkg/credentialprovider`).
            if is_acr && target.host().split('.').count() > 3 {
                let credential = Credential::NodeServicePrincipal { client_id: client_id.to_string() };
                return Some(Login::flawed(credential, Flaw::NotAsked));
            }
            return Some(principal(client_id.as_str(), files.secret.clone(), azure, tenant));
        }
        Some(NodeIdentity::Unknown) | None => {
            let credential = Credential::NodeIdentity { id: String::new() };
            return Some(Login::flawed(credential, Flaw::NoIdentity));
        }
    };
    let id = match &named {
        Named::ClientId(id) | Named::ResourceId(id) => id.clone(),
        Named::Nothing => String::new(),
    };
    let identity = ManagedIdentity { named, tenant, suffixes: Vec::new() };
    Some(Login::new(Credential::NodeIdentity { id }, Some(Proof::Managed(identity))))
}

/// A service principal's secret is handed over as it is. Without one there is nothing that a runtime would present.
fn principal(
    client_id: &str,
    secret: Option<Secret<String>>,
    azure: &AzureJson,
    tenant: Option<String>,
) -> Login {
    let credential = Credential::NodeServicePrincipal { client_id: client_id.to_owned() };
    let Some(password) = secret.filter(|_| !client_id.is_empty()) else {
        return Login::flawed(credential, Flaw::NoIdentity);
    };
    let proof = Proof::Password { user: client_id.to_owned(), password };
    let cloud = azure.cloud.as_ref().map(|cloud| cloud.as_str()).unwrap_or_default();
    // 'msi' stands there where no service principal is meant: Entra has nothing to say of it.
    let tenant = tenant.filter(|_| !client_id.eq_ignore_ascii_case("msi"));
    let sign_in = tenant.map(|tenant| SignIn { host: login_host(cloud).to_owned(), tenant });
    Login { sign_in, ..Login::new(credential, Some(proof)) }
}

/// Whether the kubelet asks Azure's credential provider for the registry: by its configuration, or where that was not
/// found by the one that AKS writes.
fn is_asked(facts: &NodeFacts, target: &Target) -> bool {
    let providers = &facts.providers;
    let was_read = providers.files.iter().any(|file| file.state == FileState::Read);
    if !was_read && providers.malformed.is_none() {
        let none = match providers.source {
            ProviderSource::Flags => providers.all_missing(),
            ProviderSource::NotInFlags => true,
            ProviderSource::Assumed | ProviderSource::Unknown => false,
        };
        return !none && family(target.host()) == Family::Acr;
    }
    providers.malformed.is_none()
        && providers.unknown_keys.is_empty()
        && providers.providers.iter().any(|provider| {
            let missing = provider.program.state == FileState::Missing;
            let useless = provider.program.state == FileState::Read && !provider.executable;
            provider.matches && !missing && !useless
        })
}
