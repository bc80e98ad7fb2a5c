//! The token endpoint: `client_credentials` by a secret, a certificate or a federated token.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{Asked, Entra, JSON, Version};
use crate::directory::{Proof, Refusal, Validity};
use crate::plan::Principal;
use crate::registry::Ask;
use crate::reply::Reply;
use crate::trouble::instead;

/// Scopes that clients send along and that mean nothing for an application.
const ALONG: [&str; 4] = ["openid", "offline_access", "profile", "email"];

impl Entra {
    /// A token, or why there is none.
    pub(super) fn token(&self, asked: Asked<'_>, tenant: &str) -> Result<Reply, Refusal> {
        let ask = asked.ask;
        match required(ask, "grant_type")? {
            "client_credentials" => {}
            other => return Err(Refusal::GrantUnsupported(other.to_owned())),
        }
        let basic = basic(ask);
        let app = match &basic {
            Some((app, _)) => app.as_str(),
            None => required(ask, "client_id")?,
        };
        let wanted = required(ask, if asked.version == Version::Two { "scope" } else { "resource" })?;
        let unknown = || Refusal::ApplicationNotFound { app: app.to_owned() };
        let known = self
            .directory
            .by_client(app)
            .filter(|known| known.cloud == asked.cloud && known.tenant == tenant)
            .ok_or_else(unknown)?;
        let lets = self.directory.lets(known);
        if let Err(Refusal::ApplicationNotFound { .. } | Refusal::NoServicePrincipal { .. }) = lets {
            lets?;
        }
        let secret = basic.as_ref().map(|(_, secret)| secret.as_str()).or_else(|| ask.field("client_secret"));
        let proof = match (secret, ask.field("client_assertion")) {
            (Some(secret), _) => by_secret(known, secret)?,
            (None, Some(assertion)) => self.by_assertion(asked, known, assertion)?,
            (None, None) => return Err(Refusal::NoCredential),
        };
        self.directory.lets(known)?;
        let audience = self.served(&asked, wanted, tenant)?;
        self.directory.lets_for(known, &audience)?;
        Ok(self.granted(asked, known, &audience, proof))
    }

    fn granted(&self, asked: Asked<'_>, known: &Principal, audience: &str, proof: Proof) -> Reply {
        let now = self.directory.now();
        let life = if known.is_managed() { 86_399 } else { 3_599 };
        let validity = Validity { from: now, until: now + life };
        let token = self.directory.issue(known, audience, proof, validity);
        let without = match asked.version {
            Version::One => json!({
                "token_type": "Bearer", "expires_in": life.to_string(), "ext_expires_in": life.to_string(),
                "expires_on": validity.until.to_string(), "not_before": now.to_string(), "resource": audience,
            }),
            Version::Two => json!({"token_type": "Bearer", "expires_in": life, "ext_expires_in": life}),
        };
        let mut empty = without.clone();
        empty["access_token"] = "".into();
        let mut body = without.clone();
        body["access_token"] = token.into();
        instead(self.answer, &without.to_string(), &empty.to_string())
            .unwrap_or_else(|| Reply::status(200).body(JSON, body.to_string()))
            .header("cache-control", "no-store, no-cache")
            .header("pragma", "no-cache")
    }
}

pub(super) fn required<'a>(ask: &'a Ask, name: &'static str) -> Result<&'a str, Refusal> {
    ask.field(name).filter(|value| !value.is_empty()).ok_or(Refusal::ParameterMissing(name))
}

/// Client id and secret of a Basic header; both are encoded as in a form.
fn basic(ask: &Ask) -> Option<(String, String)> {
    let (scheme, value) = ask.authorization()?;
    let text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let (app, secret) = text.split_once(':').filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let decoded = |text: &str| {
        url::form_urlencoded::parse(format!("x={text}").as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    };
    Some((decoded(app)?, decoded(secret)?))
}

fn by_secret(known: &Principal, secret: &str) -> Result<Proof, Refusal> {
    if known.said.secret.as_deref() != Some(secret) {
        return Err(Refusal::SecretInvalid(known.client_id.clone()));
    }
    if known.said.secret_expired {
        return Err(Refusal::SecretExpired(known.client_id.clone()));
    }
    Ok(Proof::Secret)
}

impl Entra {
    /// The audience that is wanted, which a tenant must know.
    pub(super) fn served(&self, asked: &Asked<'_>, wanted: &str, tenant: &str) -> Result<String, Refusal> {
        let audience = match asked.version {
            Version::One => wanted.to_owned(),
            Version::Two => audience(wanted)?,
        };
        if !self.directory.serves(asked.cloud, &audience) {
            return Err(Refusal::ResourceNotFound { resource: audience, tenant: tenant.to_owned() });
        }
        Ok(audience)
    }
}

/// The audience of a scope; one that ends with two slashes keeps one of them, as a version 1 audience does.
fn audience(scope: &str) -> Result<String, Refusal> {
    let mut asked = scope.split_whitespace().filter(|scope| !ALONG.contains(scope));
    match (asked.next().and_then(|scope| scope.strip_suffix("/.default")), asked.next()) {
        (Some(audience), None) if !audience.is_empty() => Ok(audience.to_owned()),
        _ => Err(Refusal::ScopeInvalid(scope.to_owned())),
    }
}
