//! The exchange of an Entra token for a refresh token of the registry's own, and who comes with one.

use std::sync::PoisonError;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::access::Who;
use super::errors::{error, json, text};
use super::{Ask, Registry};
use crate::cloud::REGISTRY_AUDIENCE;
use crate::plan::Principal;
use crate::reply::Reply;
use crate::schema::{IdentityKind, RightsCheckedAt, TokenAnswer};
use crate::time;
use crate::trouble::instead;

/// The user that stands for "whom the token names".
pub(super) const NULL_USER: &str = "00000000-0000-0000-0000-000000000000";
/// How long a refresh token lives: three hours and a quarter.
const LIFE: i64 = 11_700;

/// A refresh token that was given.
#[derive(Clone, Debug)]
pub(super) struct Refresh {
    /// The identity's object id.
    object_id: String,
    /// When it ends.
    until: i64,
}

impl Registry {
    /// The exchange.
    pub(super) fn exchange(&self, ask: &Ask, id: &str) -> Reply {
        if ask.method != "POST" {
            return Reply::status(404).body("text/plain; charset=utf-8", "404 page not found\n");
        }
        match ask.field("grant_type") {
            Some("access_token" | "access_token_refresh_token") => {}
            _ => return error(400, "UNSUPPORTED", "the grant type is not supported", None),
        }
        let Some(known) = self.bearer_of(ask.field("access_token").unwrap_or_default(), ask.field("tenant"))
        else {
            return self.refusal(id);
        };
        let able = self.has_a_right(known);
        self.directory.rights().exchanged();
        if self.rules.rights_checked_at == RightsCheckedAt::Exchange && !able {
            return self.refusal(id);
        }
        let token = match self.rules.exchange_answer {
            TokenAnswer::Token => self.refresh_token(ask, known, id),
            _ => String::new(),
        };
        instead(self.rules.exchange_answer, "{}", "{\"refresh_token\":\"\"}")
            .unwrap_or_else(|| json(format!("{{\"refresh_token\":\"{token}\"}}")))
            .header("x-ms-ratelimit-remaining-calls-per-second", "166.65")
    }

    /// The identity whose Entra token this is, where the registry takes it.
    fn bearer_of(&self, token: &str, tenant: Option<&str>) -> Option<&Principal> {
        let claims = self.directory.read(token)?;
        let mut audiences = vec![REGISTRY_AUDIENCE];
        if self.rules.arm_audience.unwrap_or(true) {
            audiences.extend(self.plan.cloud.management_audiences());
        }
        let now = time::seconds(self.skew);
        let taken = audiences.iter().any(|known| known.eq_ignore_ascii_case(&claims.audience))
            && claims.validity.from <= now
            && now < claims.validity.until
            && claims.tenant == self.plan.registry_tenant
            && tenant.is_none_or(|named| named.eq_ignore_ascii_case(&claims.tenant));
        self.directory.by_object(&claims.object_id).filter(|_| taken)
    }

    fn refresh_token(&self, ask: &Ask, known: &Principal, id: &str) -> String {
        let now = time::seconds(self.skew);
        let until = now + LIFE;
        let actions = if self.has_a_right(known) { "\"read\"" } else { "" };
        let body = format!(
            "{{\"jti\":\"{id}\",\"sub\":{},\"nbf\":{},\"exp\":{until},\"iat\":{now},\"iss\":\"Azure Container Registry\",\
             \"aud\":{},\"version\":\"1.0\",\"rid\":\"0123456789abcdef0123456789abcdef\",\"grant_type\":\"refresh_token\",\
             \"appid\":{},\"tenant\":{},\"permissions\":{{\"Actions\":[{actions}],\"NotActions\":null}},\"roles\":[]}}",
            text(&known.object_id),
            now - 900,
            text(&self.service(ask)),
            text(&known.client_id),
            text(&known.tenant),
        );
        let token = signed(&body, id);
        let refresh = Refresh { object_id: known.object_id.clone(), until };
        self.refresh_tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), refresh);
        token
    }

    /// As whom a refresh token of this registry is.
    pub(super) fn bearer_of_refresh(&self, token: &str) -> Option<Who<'_>> {
        let given = self.refresh_tokens.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()?;
        let known = self.directory.by_object(&given.object_id)?;
        (time::seconds(self.skew) < given.until).then_some(Who::Identity(known))
    }

    /// As whom a service principal's id and secret are; the registry asks Entra itself.
    pub(super) fn service_principal(&self, name: &str, secret: &str) -> Option<Who<'_>> {
        let known = self.directory.by_client(name)?;
        if known.said.kind != IdentityKind::ServicePrincipal {
            return None;
        }
        if known.tenant != self.plan.registry_tenant || known.cloud != self.plan.cloud {
            return Some(Who::Stranger);
        }
        let right = known.said.secret.as_deref() == Some(secret) && !known.said.secret_expired;
        Some(match self.directory.lets(known) {
            Ok(()) if right => Who::Identity(known),
            _ => Who::Wrong,
        })
    }
}

/// A token of three parts. Nobody but the registry can verify it, and this one looks its tokens up.
pub(super) fn signed(body: &str, id: &str) -> String {
    let head = "{\"alg\":\"RS256\",\"typ\":\"JWT\",\
                \"kid\":\"I65Y:TECS:AAAA:BBBB:CCCC:DDDD:EEEE:FFFF:GGGG:HHHH:IIII:JJJJ\"}";
    let [head, body, signature] = [head, body, id].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{head}.{body}.{signature}")
}
