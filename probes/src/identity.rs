//! Asks for a token of Microsoft Entra: as the kubelet's credential provider does at the metadata service
//! (cloud-provider-azure `pkg/credentialprovider` with azidentity), and for a service principal at Entra itself, which
//! the provider never asks, to learn why a registry refuses it.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::credential::{Login, ManagedIdentity, Named, Proof, SignIn};
use crate::foreign::Foreign;
use crate::hosts::{Hosts, Origin};
use crate::http::{Answered, Ask, Wanted, exchange};
use crate::jwt;
use crate::log::Log;
use crate::observation::{Fact, Identity, IdentityAsked, IdentitySource, Role};
use crate::secret::Secret;

/// For whom the token is: the one audience of Azure's registries, in every cloud.
const AUDIENCE: &str = "https://containerregistry.azure.net";
const METADATA: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
const API_VERSION: &str = "2018-02-01";
/// The largest answer that is read, in bytes.
const LIMIT: u64 = 256 * 1024;
/// The statuses after which the provider asks again, and when, counted from its first request. (It would a fourth time
/// after some 55 s, and the kubelet ends it after 60 s.)
const AGAIN: [u16; 6] = [408, 429, 500, 502, 503, 504];
const AGAIN_AT: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(21)];

/// Asks the metadata service for the token of a managed identity.
pub(crate) async fn metadata(
    hosts: &mut Hosts<'_>,
    log: &mut Log<'_>,
    login: &Login,
    identity: &ManagedIdentity,
) -> Option<Secret<String>> {
    let mut url = Url::parse(METADATA).ok()?;
    let asked_for = {
        let mut query = url.query_pairs_mut();
        query.append_pair("api-version", API_VERSION);
        let asked_for = match &identity.named {
            Named::ClientId(id) => {
                query.append_pair("client_id", id);
                IdentityAsked::ClientId { id: Foreign::new(id) }
            }
            Named::ResourceId(id) => {
                query.append_pair("msi_res_id", id);
                IdentityAsked::ResourceId { id: Foreign::new(id) }
            }
            Named::Nothing => IdentityAsked::Nothing,
        };
        query.append_pair("resource", AUDIENCE);
        asked_for
    };
    let ask = Ask {
        headers: vec![("metadata", "true".to_owned())],
        ..Ask::get(Role::Metadata, url, Wanted::All(LIMIT))
    };
    let through = hosts.proxy_for("169.254.169.254", 80, false);
    let begun = log.begin("identity", "169.254.169.254");
    let since = Instant::now();
    let mut tries = 1;
    let mut answered = exchange(hosts, log, &ask).await;
    for at in AGAIN_AT {
        let again = since + at;
        let half = hosts.net.patience.half_is_left(again);
        // What a proxy answers in the service's place it will answer again.
        let proxied = through.is_some();
        if !answered.status().is_some_and(|status| AGAIN.contains(&status)) || !half || proxied {
            break;
        }
        tokio::time::sleep_until(again).await;
        answered = exchange(hosts, log, &ask).await;
        tries += 1;
    }
    let (fact, token) = read(log, answered, asked_for, IdentitySource::MetadataService, tries);
    let fact = Identity { tenant: identity.tenant.as_deref().map(Foreign::new), through, ..fact };
    log.end(begun, Role::Metadata, Some(&login.credential), Fact::Identity(fact));
    token
}

/// Signs a service principal in, to learn whether Entra takes its secret. The token is of no use here.
pub(crate) async fn entra(hosts: &mut Hosts<'_>, log: &mut Log<'_>, login: &Login, sign_in: &SignIn) {
    let Some(Proof::Password { user, password }) = &login.proof else { return };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let origin = Origin { host: sign_in.host.clone(), port: 443, tls: true };
    let path = format!("/{}/oauth2/v2.0/token", sign_in.tenant);
    let Some(url) = origin.url(&path).filter(|_| sign_in.tenant.chars().all(plain)) else { return };
    let scope = format!("{AUDIENCE}/.default");
    let mut form = Serializer::new(String::new());
    form.append_pair("client_id", user)
        .append_pair("client_secret", password.expose())
        .append_pair("grant_type", "client_credentials")
        .append_pair("scope", &scope);
    let ask = Ask {
        method: "POST",
        form: Some(Secret::new(form.finish())),
        headers: vec![("accept", "application/json".to_owned())],
        ..Ask::get(Role::SignIn, url, Wanted::All(LIMIT))
    };
    let begun = log.begin("identity", &sign_in.host);
    let answered = exchange(hosts, log, &ask).await;
    let asked_for = IdentityAsked::ServicePrincipal { id: Foreign::new(user) };
    let (fact, _) = read(log, answered, asked_for, IdentitySource::Entra, 1);
    let fact = Identity { tenant: Some(Foreign::new(&sign_in.tenant)), ..fact };
    log.end(begun, Role::SignIn, Some(&login.credential), Fact::Identity(fact));
}

fn read(
    log: &mut Log<'_>,
    answered: Answered,
    asked_for: IdentityAsked,
    source: IdentitySource,
    tries: u32,
) -> (Identity, Option<Secret<String>>) {
    #[derive(Deserialize)]
    struct Body {
        access_token: String,
    }
    let body = (answered.status() == Some(200)).then(|| serde_json::from_slice::<Body>(&answered.body));
    let token = body.and_then(Result::ok).map(|body| body.access_token).filter(|token| !token.is_empty());
    if let Some(token) = &token {
        log.scrub.learn_text(token);
    }
    let fact = Identity {
        source,
        asked_for,
        tenant: None,
        exchange: answered.exchange,
        through: None,
        tries,
        token: token.is_some(),
        claims: token.as_deref().and_then(jwt::identity_claims),
    };
    (fact, token.map(Secret::new))
}
