//! Users: a token for a password, and for the refresh token that came with one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::grant::required;
use super::{Asked, Entra, JSON, Version};
use crate::directory::{CLIENT, Proof, Refusal, Validity};
use crate::plan::Principal;
use crate::registry::Ask;
use crate::reply::Reply;
use crate::schema::Cloud;

/// How long a user's token lives.
const LIFE: i64 = 3_599;

/// Whether a request is a user's.
pub(super) fn grants(ask: &Ask) -> bool {
    matches!(ask.field("grant_type"), Some("password" | "refresh_token"))
}

impl Entra {
    /// Whose users a name is: those of the world have their passwords here.
    pub(super) fn realm(&self, name: &str, cloud: Cloud) -> Reply {
        let domain = name.rsplit('@').next().unwrap_or_default();
        let known = self.directory.user(name).is_some();
        let mut body = json!({"ver": "1.0", "account_type": if known { "Managed" } else { "Unknown" }});
        if known {
            body["domain_name"] = domain.into();
            body["cloud_instance_name"] = cloud.logins()[0].trim_start_matches("login.").into();
            body["cloud_audience_urn"] = "urn:federation:MicrosoftOnline".into();
        }
        Reply::status(200).body(JSON, body.to_string())
    }

    /// A user's token, in the tenant of the path, or in the user's own.
    pub(super) fn user_token(&self, asked: Asked<'_>, tenant: Option<&str>) -> Result<Reply, Refusal> {
        let ask = asked.ask;
        let app = required(ask, "client_id")?;
        if !app.eq_ignore_ascii_case(CLIENT) && self.directory.by_client(app).is_none() {
            return Err(Refusal::ApplicationNotFound { app: app.to_owned() });
        }
        let wanted = required(ask, if asked.version == Version::Two { "scope" } else { "resource" })?;
        let known = match ask.field("grant_type") {
            Some("password") => self.by_password(asked, tenant)?,
            _ => {
                let token = self.directory.unsealed(required(ask, "refresh_token")?);
                let id = token.as_ref().and_then(|token| token["refreshes"].as_str());
                id.and_then(|id| self.directory.by_object(id)).ok_or(Refusal::RefreshTokenInvalid)?
            }
        };
        let tenant = tenant.unwrap_or(&known.tenant);
        if known.tenant != tenant || known.cloud != asked.cloud {
            return Err(stranger(known.sign_in.as_deref().unwrap_or_default(), tenant));
        }
        self.directory.lets(known)?;
        let audience = self.served(&asked, wanted, tenant)?;
        self.directory.lets_for(known, &audience)?;
        Ok(self.user_granted(app, known, &audience))
    }

    fn by_password(&self, asked: Asked<'_>, tenant: Option<&str>) -> Result<&Principal, Refusal> {
        let name = required(asked.ask, "username")?;
        let known = self.directory.user(name).filter(|known| !known.said.deleted);
        let known = known.ok_or_else(|| stranger(name, tenant.unwrap_or(&self.tenant)))?;
        match known.said.secret.as_deref() == Some(required(asked.ask, "password")?) {
            true => Ok(known),
            false => Err(Refusal::PasswordInvalid),
        }
    }

    fn user_granted(&self, app: &str, known: &Principal, audience: &str) -> Reply {
        let now = self.directory.now();
        let validity = Validity { from: now, until: now + LIFE };
        let name = known.sign_in.as_deref().unwrap_or_default();
        let issuer = format!("https://{}/{}/v2.0", known.cloud.logins()[0], known.tenant);
        let identity = json!({
            "aud": app, "iss": issuer, "iat": now, "nbf": now, "exp": validity.until, "name": known.name,
            "oid": known.object_id, "preferred_username": name, "sub": known.object_id, "tid": known.tenant, "ver": "2.0",
        });
        let client = json!({"uid": known.object_id, "utid": known.tenant}).to_string();
        let body = json!({
            "token_type": "Bearer",
            "scope": format!("{audience}/user_impersonation {audience}/.default"),
            "expires_in": LIFE,
            "ext_expires_in": LIFE,
            "access_token": self.directory.issue(known, audience, Proof::Secret, validity),
            "refresh_token": self.directory.sealed(&json!({"refreshes": known.object_id})),
            "id_token": self.directory.sealed(&identity),
            "client_info": URL_SAFE_NO_PAD.encode(client),
        });
        Reply::status(200)
            .body(JSON, body.to_string())
            .header("cache-control", "no-store, no-cache")
            .header("pragma", "no-cache")
    }
}

fn stranger(name: &str, tenant: &str) -> Refusal {
    Refusal::UserNotFound { name: name.to_owned(), tenant: tenant.to_owned() }
}
