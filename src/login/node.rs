//! The credentials that a node's kubelet would try, in its order: pull secrets, what the credential provider gives, and
//! nobody.

use std::path::Path;

use probes::cloud::{Family, family, login_host};
use probes::credential::{Credential, Flaw, Login, ManagedIdentity, Named, Proof, SignIn};
use probes::facts::node::{AzureJson, NodeIdentity};
use probes::foreign::Foreign;
use probes::secret::Secret;
use probes::target::Target;

use super::docker_config::kubelet_logins;
use super::{from_standard_input, read};
use crate::cli::{CheckArgs, Usage};

/// What the node's files give to sign in with.
pub(crate) struct Provider<'a> {
    /// Its `azure.json`.
    pub(crate) azure: &'a AzureJson,
    /// The secret in it.
    pub(crate) secret: Option<Secret<String>>,
    /// Whether the kubelet asks the credential provider for the registry.
    pub(crate) is_asked: bool,
}

/// All logins, in order.
pub(crate) fn logins(
    args: &CheckArgs,
    target: &Target,
    provider: Provider<'_>,
    stdin: &mut dyn std::io::Read,
) -> Result<Vec<Login>, Usage> {
    if args.anonymous {
        return Ok(vec![Login::anonymous()]);
    }
    let mut logins = Vec::new();
    if let Some(path) = &args.docker_config {
        logins.extend(secrets(path, target)?);
    }
    logins.extend(from_standard_input(args, stdin)?);
    logins.extend(provided(target, provider));
    logins.push(Login::anonymous());
    Ok(logins)
}

fn secrets(path: &Path, target: &Target) -> Result<Vec<Login>, Usage> {
    let shown = path.display().to_string();
    let text = read(path).map_err(|e| {
        Usage(format!(
            "the docker configuration '{shown}' cannot be read: {e}; name one with --docker-config"
        ))
    })?;
    Ok(kubelet_logins(&text, &shown, target).unwrap_or_else(|flaw| {
        let credential = Credential::DockerConfig { user: String::new(), key: String::new(), several: false };
        vec![Login::flawed(credential, flaw)]
    }))
}

/// What the credential provider gives for the registry; nothing where it would not be asked for such a host.
fn provided(target: &Target, provider: Provider<'_>) -> Option<Login> {
    let is_acr = family(target.host()) == Family::Acr;
    if !provider.is_asked {
        let credential = Credential::NodeIdentity { id: String::new() };
        return is_acr.then(|| Login::flawed(credential, Flaw::NotAsked));
    }
    let azure = provider.azure;
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
            return Some(principal(client_id.as_str(), provider.secret, azure, tenant));
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
