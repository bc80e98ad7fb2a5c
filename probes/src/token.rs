//! Asks the token service for a token that lets one pull, in containerd's order
//! (`core/remotes/docker/auth/fetch.go` and `authorizer.go`): with a credential first `POST` with the OAuth2 form,
//! then, on the answers that old services give to it, `GET` with basic authentication; without one a bare `GET`.

use std::collections::BTreeSet;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::auth::Bearer;
use crate::credential::{Login, Proof};
use crate::exchange::TOKEN_USER;
use crate::foreign::shown_url;
use crate::guard::{Home, may_have_password, may_have_refresh_token};
use crate::hosts::{Hosts, Origin};
use crate::http::{Answered, Ask, Wanted, exchange};
use crate::jwt;
use crate::log::Log;
use crate::observation::{Exchange, Fact, Granted, HttpOutcome, Role, Steered, Token, TokenForm};
use crate::scrub::Scrub;
use crate::secret::Secret;

/// The largest answer of a token service that is read, in bytes.
const TOKEN_LIMIT: u64 = 256 * 1024;

/// Who asks, and for what.
pub(crate) struct Errand<'a> {
    pub(crate) bearer: &'a Bearer,
    pub(crate) login: &'a Login,
    pub(crate) registry: &'a Origin,
    /// The repository; empty to sign in alone.
    pub(crate) repository: &'a str,
}

/// Asks for a token; `None` when none was had. The observation is written to the log.
pub(crate) async fn token(
    hosts: &mut Hosts<'_>,
    log: &mut Log<'_>,
    errand: &Errand<'_>,
) -> Option<Secret<String>> {
    let bearer = errand.bearer;
    let realm = &bearer.realm;
    let begun = log.begin("token", realm.host_str().unwrap_or_default());
    let plain_http = hosts.net.plain_http;
    let scopes = scopes(bearer, errand.repository);
    // The password of that user is a refresh token, too.
    let is_refresh_token = match &errand.login.proof {
        Some(Proof::RefreshToken(_)) => true,
        Some(Proof::Password { user, .. }) => user == TOKEN_USER,
        _ => false,
    };
    let for_another = is_refresh_token && !may_have_refresh_token(realm, errand.registry);
    let refused_by_guard = for_another || !may_have_password(realm, plain_http);
    let form = match &errand.login.proof {
        None => TokenForm::Anonymous,
        Some(Proof::RefreshToken(_)) => TokenForm::RefreshToken,
        // The form wants a scope, and who signs in alone names none.
        Some(_) if errand.repository.is_empty() => TokenForm::Basic,
        Some(_) => TokenForm::PasswordGrant,
    };
    let mut seen = Token {
        form,
        exchange: not_sent(realm, &hosts.home, plain_http, &log.scrub),
        granted: None,
        unscoped: None,
        presented_expires: presented_expires(errand.login),
    };
    let mut token = None;
    if !refused_by_guard {
        let mut answered = ask(hosts, log, errand, form, &scopes).await;
        if form == TokenForm::PasswordGrant && matches!(answered.status(), Some(400 | 401 | 404 | 405)) {
            seen.form = TokenForm::Basic;
            answered = ask(hosts, log, errand, TokenForm::Basic, &scopes).await;
        }
        if answered.status() == Some(200) {
            token = read(&answered.body, errand.repository, hosts, &mut seen);
            if let Some(token) = &token {
                log.scrub.learn_text(token.expose());
            }
        } else if matches!(answered.status(), Some(401 | 403)) && form == TokenForm::PasswordGrant {
            seen.unscoped = Some(ask(hosts, log, errand, TokenForm::Basic, &[]).await.exchange);
        }
        seen.exchange = answered.exchange;
    }
    log.end(begun, Role::TokenService, Some(&errand.login.credential), Fact::Token(seen));
    token
}

/// What is asked for: pulling from the repository, and what the challenge names besides (containerd's
/// `docker/scope.go`), sorted and each once.
fn scopes(bearer: &Bearer, repository: &str) -> Vec<String> {
    let named = bearer.scope.iter().flat_map(|scope| scope.split(' ')).filter(|scope| !scope.is_empty());
    let pull = (!repository.is_empty()).then(|| format!("repository:{repository}:pull"));
    let all: BTreeSet<String> = named.map(str::to_owned).chain(pull).collect();
    all.into_iter().collect()
}

/// The request that is not made: to an address to which no realm may lead, over plain http, or with a refresh token of
/// another host.
fn not_sent(realm: &Url, home: &Home, plain_http: bool, scrub: &Scrub) -> Exchange {
    let literal: Option<IpAddr> = Origin::of(realm).and_then(|origin| origin.host.parse().ok());
    let forbidden = literal.and_then(|address| home.forbidden(&[address]));
    let downgrade = forbidden.is_none() && !may_have_password(realm, plain_http);
    let to = shown_url(realm, scrub);
    let address = forbidden.map(|a| a.to_string());
    let outcome = HttpOutcome::Steered(Steered { to: to.clone(), address, downgrade });
    Exchange { method: "GET".to_owned(), url: to, hops: Vec::new(), outcome }
}

async fn ask(
    hosts: &mut Hosts<'_>,
    log: &mut Log<'_>,
    errand: &Errand<'_>,
    form: TokenForm,
    scopes: &[String],
) -> Answered {
    let mut fields: Vec<(&str, &str)> = Vec::new();
    fields.extend(errand.bearer.service.as_deref().map(|s| ("service", s)));
    // A form has all scopes in one field, an address one parameter for each.
    let joined = scopes.join(" ");
    let in_form = matches!(form, TokenForm::PasswordGrant | TokenForm::RefreshToken);
    match in_form && !scopes.is_empty() {
        true => fields.push(("scope", &joined)),
        false => fields.extend(scopes.iter().map(|scope| ("scope", scope.as_str()))),
    }
    let mut url = errand.bearer.realm.clone();
    let mut body = None;
    let mut authorization = None;
    match (form, &errand.login.proof) {
        (TokenForm::PasswordGrant, Some(Proof::Password { user, password })) => {
            body = Some(form_body(
                &fields,
                &[("grant_type", "password"), ("client_id", "containerd-client")],
                &[("username", user), ("password", password.expose())],
            ));
        }
        (TokenForm::RefreshToken, Some(Proof::RefreshToken(refresh))) => {
            body = Some(form_body(
                &fields,
                &[("grant_type", "refresh_token"), ("client_id", "containerd-client")],
                &[("refresh_token", refresh.expose())],
            ));
        }
        (_, proof) => {
            url.query_pairs_mut().extend_pairs(&fields);
            if let Some(Proof::Password { user, password }) = proof {
                authorization = Some(basic(user, password));
            }
        }
    }
    let ask = Ask {
        method: if body.is_some() { "POST" } else { "GET" },
        url,
        role: Role::TokenService,
        authorization,
        headers: vec![("accept", "application/json".to_owned())],
        form: body,
        wanted: Wanted::All(TOKEN_LIMIT),
    };
    exchange(hosts, log, &ask).await
}

fn form_body(fields: &[(&str, &str)], fixed: &[(&str, &str)], secret: &[(&str, &str)]) -> Secret<String> {
    let mut form = Serializer::new(String::new());
    form.extend_pairs(fixed).extend_pairs(fields).extend_pairs(secret);
    Secret::new(form.finish())
}

/// The value of `Authorization` for a user and a password (RFC 7617).
pub(crate) fn basic(user: &str, password: &Secret<String>) -> Secret<String> {
    Secret::new(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose()))))
}

#[derive(Deserialize)]
struct TokenBody {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<i64>,
}

fn read(body: &[u8], repository: &str, hosts: &Hosts<'_>, seen: &mut Token) -> Option<Secret<String>> {
    let body: TokenBody = serde_json::from_slice(body).ok()?;
    let token = [body.access_token, body.token].into_iter().flatten().find(|t| !t.is_empty())?;
    let claims = jwt::claims(&token);
    let now = (hosts.net.clock)();
    let lives = body.expires_in.and_then(|s| now.checked_add(jiff::SignedDuration::from_secs(s)).ok());
    seen.granted = Some(Granted {
        actions: claims.as_ref().and_then(|c| c.actions(repository)),
        expires: claims.and_then(|c| c.expires()).or(lives),
    });
    Some(Secret::new(token))
}

/// Until when the presented password is valid, where it is itself a token that says so: an ACR refresh token, or
/// Amazon ECR's, which is JSON in base64.
pub(crate) fn presented_expires(login: &Login) -> Option<jiff::Timestamp> {
    #[derive(Deserialize)]
    struct EcrToken {
        expiration: i64,
    }
    let secret = match login.proof.as_ref()? {
        Proof::Password { password, .. } => password,
        Proof::RefreshToken(token) | Proof::RegistryToken(token) => token,
        Proof::Managed(_) | Proof::Entra(_) => return None,
    };
    if let Some(claims) = jwt::claims(secret.expose()) {
        return claims.expires();
    }
    let ecr: EcrToken = serde_json::from_slice(&STANDARD.decode(secret.expose()).ok()?).ok()?;
    jiff::Timestamp::from_second(ecr.expiration).ok()
}
