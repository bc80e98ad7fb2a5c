//! The token endpoint.

use std::sync::PoisonError;

use super::access::{Access, Grant, Who, basic};
use super::errors::{error, json, text};
use super::exchange::{self, signed};
use super::{Ask, Registry};
use crate::reply::Reply;
use crate::schema::{Flavour, TokenKind};
use crate::trouble::instead;
use crate::{content, time};

impl Registry {
    /// The token endpoint.
    pub(super) fn token(&self, ask: &Ask, id: &str) -> Reply {
        let acr = self.rules.flavour == Flavour::Acr;
        if !matches!(ask.method.as_str(), "GET" | "POST") || (ask.method == "POST" && self.refuses_post()) {
            return Reply::status(405).body("text/plain; charset=utf-8", "Method Not Allowed\n");
        }
        let grant_type = ask.field("grant_type").unwrap_or_default();
        if acr && grant_type == "password" && ask.field("username").is_some() && ask.field("scope").is_none()
        {
            return Reply::status(400);
        }
        let who = self.applicant(ask, grant_type);
        let refused = match who {
            Who::Wrong => true,
            Who::Stranger => {
                return error(401, "UNAUTHORIZED", "Application not registered with AAD.", None);
            }
            Who::Anonymous => acr && !self.is_open(),
            Who::User(_) => false,
            Who::Identity(known) => !self.has_a_right(known),
        };
        if refused {
            return self.refusal(id);
        }
        let empty = if acr { "{\"access_token\":\"\"}" } else { "{\"token\":\"\",\"expires_in\":300}" };
        if let Some(reply) = instead(self.rules.token_answer, "{\"expires_in\":300}", empty) {
            return reply;
        }
        let asked = scopes(ask);
        let access: Vec<Access> = asked.into_iter().map(|one| self.given(who, one)).collect();
        let token = self.issue(ask, who, &access, id);
        self.granted(&token)
    }

    /// Docker Hub and the CNCF registry's own token server take GET; ACR and Docker Hub take POST too.
    fn refuses_post(&self) -> bool {
        !matches!(self.rules.flavour, Flavour::Acr | Flavour::Hub)
    }

    fn applicant(&self, ask: &Ask, grant_type: &str) -> Who<'_> {
        if let Some((scheme, value)) = ask.authorization() {
            let known = if scheme.eq_ignore_ascii_case("basic") { basic(value) } else { None };
            return known.map_or(Who::Wrong, |(name, password)| self.who(&name, &password));
        }
        let password = ask.field("password").filter(|_| grant_type == "password");
        let refresh = ask.field("refresh_token").filter(|token| !token.is_empty());
        match (password, refresh) {
            (Some(password), _) => self.who(ask.field("username").unwrap_or_default(), password),
            // A refresh token is the password of the user that stands for "whom the token names".
            (None, Some(token)) => self.who(exchange::NULL_USER, token),
            (None, None) => Who::Anonymous,
        }
    }

    pub(super) fn refusal(&self, id: &str) -> Reply {
        match self.rules.flavour {
            Flavour::Hub => Reply::status(401)
                .body("application/json", "{\"details\":\"incorrect username or password\"}\n"),
            Flavour::Acr => {
                let words =
                    "authentication required, visit https://aka.ms/acr/authorization for more information.";
                error(401, "UNAUTHORIZED", &format!("{words} CorrelationId: {id}"), None)
            }
            _ => error(401, "UNAUTHORIZED", "unauthorized", None),
        }
    }

    /// A token for what is granted; what is not granted is left out (ACR, Docker Hub) or has no actions (Harbor).
    fn issue(&self, ask: &Ask, who: Who<'_>, access: &[Access], id: &str) -> String {
        let subject = match who {
            Who::User(user) => user.name.as_str(),
            Who::Identity(known) => known.object_id.as_str(),
            _ => "",
        };
        let token = match self.rules.tokens {
            TokenKind::Opaque => {
                let seed = content::digest(format!("{id} {subject} {access:?}").as_bytes());
                format!("opaque-{}", seed.trim_start_matches("sha256:"))
            }
            TokenKind::Jwt => self.jwt(ask, subject, access, id),
        };
        let grant = Grant { access: access.to_vec() };
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), grant);
        token
    }

    fn jwt(&self, ask: &Ask, subject: &str, access: &[Access], id: &str) -> String {
        let harbor = self.rules.flavour == Flavour::Harbor;
        let items: Vec<String> = access
            .iter()
            .filter(|one| harbor || !one.actions.is_empty())
            .map(|one| {
                let actions: Vec<String> = one.actions.iter().map(|action| text(action)).collect();
                let (kind, name) = (text(&one.kind), text(&one.name));
                format!("{{\"type\":{kind},\"name\":{name},\"actions\":[{}]}}", actions.join(","))
            })
            .collect();
        let now = time::seconds(self.skew);
        let (issuer, life) = match self.rules.flavour {
            Flavour::Acr => ("Azure Container Registry", 4500),
            Flavour::Hub => ("auth.docker.io", 300),
            _ => ("harbor-token-issuer", 1800),
        };
        let body = format!(
            "{{\"jti\":\"{id}\",\"sub\":{},\"nbf\":{},\"exp\":{},\"iat\":{now},\"iss\":\"{issuer}\",\"aud\":\"{}\",\
             \"version\":\"2.0\",\"rid\":\"0123456789abcdef0123456789abcdef\",\"access\":[{}],\"roles\":[],\
             \"grant_type\":\"access_token\"}}",
            text(subject),
            now - 900,
            now + life,
            self.service(ask),
            items.join(",")
        );
        signed(&body, id)
    }

    fn granted(&self, token: &str) -> Reply {
        let issued = time::rfc3339(self.skew);
        match self.rules.flavour {
            Flavour::Acr => json(format!("{{\"access_token\":\"{token}\"}}"))
                .header("x-ms-ratelimit-remaining-calls-per-second", "166.65"),
            Flavour::Hub => json(format!(
                "{{\"token\":\"{token}\",\"access_token\":\"{token}\",\"expires_in\":300,\"issued_at\":\"{issued}\"}}\n"
            )),
            _ => json(format!(
                "{{\"token\":\"{token}\",\"access_token\":\"\",\"expires_in\":1800,\"issued_at\":\"{issued}\"}}"
            )),
        }
    }
}

/// What the request asks for, each thing once.
fn scopes(ask: &Ask) -> Vec<Access> {
    let fields = ask.form.iter().chain(&ask.query).filter(|(name, _)| name == "scope");
    let mut asked: Vec<Access> = Vec::new();
    for scope in fields.flat_map(|(_, value)| value.split(' ')) {
        let parts = scope.split_once(':').and_then(|(kind, rest)| Some((kind, rest.rsplit_once(':')?)));
        let Some((kind, (name, actions))) = parts else { continue };
        let actions = actions.split(',').map(str::to_owned);
        match asked.iter_mut().find(|known| known.kind == kind && known.name == name) {
            Some(known) => known.actions.extend(actions),
            None => {
                let actions = actions.collect();
                asked.push(Access { kind: kind.to_owned(), name: name.to_owned(), actions });
            }
        }
    }
    asked
}
