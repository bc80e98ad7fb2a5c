//! The token endpoint, and the exchange.

use std::sync::PoisonError;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::access::{Grant, Who, basic};
use super::errors::{error, json, text};
use super::{Ask, Registry};
use crate::portal::html;
use crate::reply::Reply;
use crate::schema::{Flavour, TokenAnswer, TokenKind};
use crate::{content, time};

const NULL_USER: &str = "00000000-0000-0000-0000-000000000000";

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
            Who::Anonymous => acr && !self.is_open(),
            Who::User(_) => false,
        };
        if refused {
            return self.refusal(id);
        }
        match self.rules.token_answer {
            TokenAnswer::Html => {
                return Reply::status(200)
                    .body("text/html; charset=utf-8", html("Sign in", "Contoso Single Sign-On"));
            }
            TokenAnswer::NoToken => return json("{\"expires_in\":300}"),
            TokenAnswer::EmptyToken if acr => return json("{\"access_token\":\"\"}"),
            TokenAnswer::EmptyToken => return json("{\"token\":\"\",\"expires_in\":300}"),
            TokenAnswer::Empty => return Reply::status(200),
            TokenAnswer::Token => {}
        }
        let asked = scopes(ask);
        let access: Vec<(String, bool)> =
            asked.into_iter().map(|name| (name.clone(), self.may_pull(who, &name))).collect();
        let token = self.issue(who, &access, id);
        self.granted(&token)
    }

    /// The exchange of an Entra token: this world knows no identity yet.
    pub(super) fn exchange(&self, ask: &Ask, id: &str) -> Reply {
        if ask.method != "POST" {
            return Reply::status(404).body("text/plain; charset=utf-8", "404 page not found\n");
        }
        self.refusal(id)
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
            (None, Some(token)) => self.who(NULL_USER, token),
            (None, None) => Who::Anonymous,
        }
    }

    fn refusal(&self, id: &str) -> Reply {
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
    fn issue(&self, who: Who<'_>, access: &[(String, bool)], id: &str) -> String {
        let repositories: Vec<String> =
            access.iter().filter(|(_, granted)| *granted).map(|(name, _)| name.clone()).collect();
        let subject = match who {
            Who::User(user) => user.name.as_str(),
            _ => "",
        };
        let token = match self.rules.tokens {
            TokenKind::Opaque => {
                let seed = content::digest(format!("{id} {subject} {repositories:?}").as_bytes());
                format!("opaque-{}", seed.trim_start_matches("sha256:"))
            }
            TokenKind::Jwt => self.jwt(subject, access, id),
        };
        let grant = Grant { repositories };
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), grant);
        token
    }

    fn jwt(&self, subject: &str, access: &[(String, bool)], id: &str) -> String {
        let harbor = self.rules.flavour == Flavour::Harbor;
        let items: Vec<String> = access
            .iter()
            .filter(|(_, granted)| *granted || harbor)
            .map(|(name, granted)| {
                let actions = if *granted { "\"pull\"" } else { "" };
                format!("{{\"type\":\"repository\",\"name\":{},\"actions\":[{actions}]}}", text(name))
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
            self.service(),
            items.join(",")
        );
        let head = "{\"alg\":\"RS256\",\"typ\":\"JWT\",\
                    \"kid\":\"I65Y:TECS:AAAA:BBBB:CCCC:DDDD:EEEE:FFFF:GGGG:HHHH:IIII:JJJJ\"}";
        // Nobody but the registry can verify it, and this one looks its tokens up.
        let [head, body, signature] = [head, &body, id].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{head}.{body}.{signature}")
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

/// The repositories that the request asks to pull from.
fn scopes(ask: &Ask) -> Vec<String> {
    let fields = ask.form.iter().chain(&ask.query).filter(|(name, _)| name == "scope");
    let mut names: Vec<String> = Vec::new();
    for scope in fields.flat_map(|(_, value)| value.split(' ')) {
        let Some((name, actions)) = scope.strip_prefix("repository:").and_then(|rest| rest.rsplit_once(':'))
        else {
            continue;
        };
        if actions.split(',').any(|action| action == "pull" || action == "*")
            && !names.iter().any(|n| n == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}
