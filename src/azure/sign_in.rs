//! Signing in as the operator: what there is to do it with, and the tokens that come of it.
//!
//! The ways are those of Azure's own libraries, in their order: a secret, a certificate, a federated token, the machine's
//! identity, azure-cli. A way that the variables name whole is the only one: where it is refused, nobody else is signed in in its
//! place. The machine's identity is asked for only where the variables say that there is one, since elsewhere its address
//! answers nobody for seconds.

mod certificate;
mod claims;
mod cli;
mod entra;
mod means;
mod metadata;
mod tokens;
mod workload;

use probes::credential::{Credential, EntraToken, Login, Proof};
use probes::foreign::Foreign;
use probes::secret::Secret;
use probes::service::Service;
use tokio::sync::OnceCell;
use url::Url;

pub use self::means::Means;
pub use self::tokens::Tokens;
use super::arm::Api;
use super::cloud::Cloud;
use super::{Ask, trouble};
use crate::case::azure::{SignIn, Trouble, TroubleKind, Way};

/// The one audience of Azure's registries, in every cloud (cloud-provider-azure's credential provider, azure-cli's
/// `acr login`).
pub(super) const REGISTRIES: &str = "https://containerregistry.azure.net";

/// Somebody who has signed in.
pub(super) struct Operator<'s, 'n> {
    service: &'s Service<'n>,
    ask: &'s Ask,
    login: Url,
    credential: &'s means::Credential,
    /// The credential's place among those that there are.
    way: usize,
    tokens: &'s Tokens,
    token: Secret<String>,
    graph: OnceCell<Result<Secret<String>, Trouble>>,
}

/// Signs in for an audience; what did not work is among the troubles.
pub(super) async fn sign_in<'s, 'n>(
    service: &'s Service<'n>,
    ask: &'s Ask,
    (tokens, audience): (&'s Tokens, &str),
    troubles: &mut Vec<Trouble>,
) -> Option<Operator<'s, 'n>> {
    let means = &ask.means;
    let told = |detail: &str| trouble::of(TroubleKind::NoSignIn, "sign in", detail);
    troubles.extend(means.missing.as_deref().map(told));
    let login = match login(&ask.cloud, means.authority.as_deref()) {
        Ok(login) => login,
        Err(detail) => {
            troubles.push(told(&detail));
            return None;
        }
    };
    if means.ways.is_empty() && means.missing.is_none() {
        troubles.push(told(
            "there is nothing to sign in with; use 'az login', or the variables of a service principal",
        ));
    }
    let signed_in = |way: usize, token: Secret<String>| {
        let credential = means.ways.get(way)?;
        service.learn(&token);
        let login = login.clone();
        Some(Operator { service, ask, login, credential, way, tokens, token, graph: OnceCell::new() })
    };
    if let Some((way, token)) = tokens.find(None, audience) {
        return signed_in(way, token);
    }
    for (way, credential) in means.ways.iter().enumerate() {
        match token(service, ask, &login, credential, audience).await {
            Ok(token) => {
                tokens.keep(way, audience, &token);
                return signed_in(way, token);
            }
            Err(trouble) => troubles.push(trouble),
        }
    }
    None
}

impl<'s, 'n> Operator<'s, 'n> {
    /// Who it is, as the token says.
    pub(super) fn facts(&self) -> SignIn {
        let claims = claims::of(self.token.expose());
        let text = |value: Option<String>| value.map(|value| Foreign::new(&value));
        SignIn {
            way: self.credential.way(),
            who: text(claims.user.or(claims.application)).unwrap_or_default(),
            object_id: text(claims.object_id),
            tenant: text(claims.tenant),
            subscriptions: Vec::new(),
            registries: None,
        }
    }

    /// The login by which the same person or application pulls from registries of the cloud; its token is sent to them
    /// alone.
    pub(super) async fn registries(&self) -> Result<Login, Trouble> {
        let token = self.token(REGISTRIES).await?;
        let user = self.facts().who.to_string();
        let tenant = claims::of(token.expose()).tenant;
        let suffix = format!(".{}", self.ask.cloud.registries);
        let proof = Proof::Entra(EntraToken { token, tenant, suffix });
        Ok(Login::new(Credential::Operator { user }, Some(proof)))
    }

    /// The resource manager.
    pub(super) fn manager(&self) -> Api<'s, 'n> {
        Api::manager(self.service, self.ask.cloud.manager.clone(), self.token.clone())
    }

    /// Microsoft Graph; its token is asked for once, when it is needed.
    pub(super) async fn graph(&self) -> Result<Api<'s, 'n>, Trouble> {
        let Some(base) = &self.ask.cloud.graph else {
            let detail = format!("the cloud '{}' names no Microsoft Graph", self.ask.cloud.name);
            return Err(trouble::of(TroubleKind::NoSignIn, "sign in for Microsoft Graph", detail));
        };
        let audience = base.as_str().trim_end_matches('/');
        let token = self.graph.get_or_init(|| self.token(audience)).await.clone()?;
        Ok(Api::graph(self.service, base.clone(), token))
    }

    /// A token for another audience, in the way that there is one for the resource manager.
    async fn token(&self, audience: &str) -> Result<Secret<String>, Trouble> {
        if let Some((_, token)) = self.tokens.find(Some(self.way), audience) {
            self.service.learn(&token);
            return Ok(token);
        }
        let token = token(self.service, self.ask, &self.login, self.credential, audience).await?;
        self.tokens.keep(self.way, audience, &token);
        Ok(token)
    }
}

/// The address of the sign-in: the cloud's, under the name that the environment gives it.
fn login(cloud: &Cloud, authority: Option<&str>) -> Result<Url, String> {
    let Some(host) = authority else { return Ok(cloud.login.clone()) };
    if !cloud.is_login(host) {
        let host = Foreign::new(host);
        return Err(format!(
            "AZURE_AUTHORITY_HOST names '{host}', which is not the sign-in of the cloud '{}'; unset it, or name the cloud \
             with --cloud",
            cloud.name
        ));
    }
    Url::parse(&format!("https://{host}")).map_err(|_| "AZURE_AUTHORITY_HOST is no address".to_owned())
}

/// A token for an audience.
async fn token(
    service: &Service<'_>,
    ask: &Ask,
    login: &Url,
    credential: &means::Credential,
    audience: &str,
) -> Result<Secret<String>, Trouble> {
    let token = match credential {
        means::Credential::Secret { tenant, client, secret } => {
            service.learn(secret);
            let proof = [("client_secret", secret)];
            entra::token(service, Way::Secret, login, (tenant, client), &proof, audience).await
        }
        means::Credential::Certificate { tenant, client, path } => {
            let assertion = certificate::assertion(path, login, (tenant, client), service.net().clock)?;
            entra::asserted(service, Way::Certificate, login, (tenant, client), &assertion, audience).await
        }
        means::Credential::WorkloadIdentity { tenant, client, file } => {
            let assertion = workload::assertion(file)?;
            entra::asserted(service, Way::WorkloadIdentity, login, (tenant, client), &assertion, audience)
                .await
        }
        means::Credential::ManagedIdentity { client } => {
            metadata::token(service, client.as_deref(), audience).await
        }
        means::Credential::AzureCli { program, variables } => {
            cli::token(program, variables, ask, audience, service.net().patience).await
        }
    }?;
    service.learn(&token);
    Ok(token)
}

/// Whether a sign-in was refused for what it was for, and not for who it was: another audience may be had. The numbers are those
/// of Microsoft's "AADSTS error codes": Conditional Access, a second factor, consent, an application that the tenant lacks.
pub(super) fn is_for_audience(trouble: &Trouble) -> bool {
    const CODES: [&str; 10] = [
        "AADSTS53000",
        "AADSTS53001",
        "AADSTS53002",
        "AADSTS53003",
        "AADSTS530032",
        "AADSTS50076",
        "AADSTS50079",
        "AADSTS50158",
        "AADSTS65001",
        "AADSTS500011",
    ];
    trouble.kind == TroubleKind::SignInRefused
        && trouble.code.as_ref().is_some_and(|code| CODES.contains(&code.as_str()))
}

/// What was being done, with the way.
fn during(way: Way) -> &'static str {
    match way {
        Way::Secret => "sign in (client secret)",
        Way::Certificate => "sign in (certificate)",
        Way::WorkloadIdentity => "sign in (workload identity)",
        Way::ManagedIdentity => "sign in (managed identity)",
        Way::AzureCli => "sign in (Azure CLI)",
        Way::Unknown => "sign in",
    }
}
