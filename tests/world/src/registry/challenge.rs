//! The challenge: `GET /v2/`, and the 401 of everything else.

use super::access::{Denied, Wanted};
use super::errors::{error, json};
use super::{Ask, Registry};
use crate::reply::Reply;
use crate::schema::{ChallengeForm, Flavour};

const GATEWAY: &str = "Basic realm=\"Contoso Secure Gateway\"";
const AZURE: &str = "authentication required, visit https://aka.ms/acr/authorization for more information.";

impl Registry {
    /// `GET /v2/`.
    pub(super) fn ping(&self, ask: &Ask) -> Reply {
        if self.rules.challenge.form == ChallengeForm::Open {
            return json("{}");
        }
        if self.rules.challenge.form == ChallengeForm::Healthy
            || matches!(ask.authorization(), Some((scheme, _)) if scheme.eq_ignore_ascii_case("bearer"))
        {
            match self.allowed(ask, None) {
                Ok(()) => return json("{}"),
                Err(denied) => return self.denied(ask, denied, None),
            }
        }
        self.denied(ask, Denied::NoCredential, None)
    }

    /// 401, with the challenge in its form.
    pub(super) fn denied(&self, ask: &Ask, denied: Denied, wanted: Option<Wanted<'_>>) -> Reply {
        let detail = wanted.map_or_else(
            || "null".to_owned(),
            |Wanted { kind, name, action }| {
                let class = match self.rules.flavour {
                    Flavour::Hub | Flavour::Plain | Flavour::Basic => "\"Class\":\"\",",
                    _ => "",
                };
                format!("[{{\"Type\":\"{kind}\",{class}\"Name\":\"{name}\",\"Action\":\"{action}\"}}]")
            },
        );
        let harbor = wanted.map(|Wanted { name, action, .. }| {
            format!("unauthorized to access repository: {name}, action: {action}")
        });
        let reply = match self.rules.flavour {
            Flavour::Acr => error(401, "UNAUTHORIZED", AZURE, Some(&detail)),
            Flavour::Harbor => {
                error(401, "UNAUTHORIZED", &harbor.unwrap_or_else(|| "unauthorized".to_owned()), None)
            }
            _ => error(401, "UNAUTHORIZED", "authentication required", Some(&detail)),
        };
        let reply = match self.challenge(ask, denied, wanted) {
            Some(value) => reply.header("www-authenticate", value),
            None => reply,
        };
        match self.rules.challenge.form {
            ChallengeForm::Two => reply.header("www-authenticate", GATEWAY),
            _ => reply,
        }
    }

    /// The value of `WWW-Authenticate`.
    fn challenge(&self, ask: &Ask, denied: Denied, wanted: Option<Wanted<'_>>) -> Option<String> {
        let said = &self.rules.challenge;
        let service = said.service.clone().unwrap_or_else(|| self.service(ask));
        match said.form {
            ChallengeForm::Missing => return None,
            ChallengeForm::Unparsable => return Some("please=sign,in\"".to_owned()),
            ChallengeForm::NoRealm => return Some(format!("Bearer service=\"{service}\"")),
            ChallengeForm::Basic => return Some(GATEWAY.to_owned()),
            ChallengeForm::Bare => return Some("Bearer".to_owned()),
            ChallengeForm::Negotiate => return Some("Negotiate".to_owned()),
            ChallengeForm::Healthy | ChallengeForm::Two | ChallengeForm::Unquoted | ChallengeForm::Open => {}
        }
        if self.rules.flavour == Flavour::Basic {
            return Some("Basic realm=\"Registry Realm\"".to_owned());
        }
        let realm = said.realm.clone().unwrap_or_else(|| self.realm(ask));
        let mut value = format!("Bearer realm=\"{realm}\",service=\"{service}\"");
        if let Some(Wanted { kind, name, action }) = wanted {
            value.push_str(&format!(",scope=\"{kind}:{name}:{action}\""));
        }
        match denied {
            Denied::NoCredential => {}
            Denied::Unknown => value.push_str(",error=\"invalid_token\""),
            Denied::Insufficient => value.push_str(",error=\"insufficient_scope\""),
        }
        if said.form == ChallengeForm::Unquoted {
            value.retain(|c| c != '"');
        }
        Some(value)
    }

    fn realm(&self, ask: &Ask) -> String {
        let host = if self.plan.token == self.plan.registry { self.asked_at(ask) } else { &self.plan.token };
        format!("{}://{}{}", self.plan.scheme(host), self.plan.authority(host), self.token_path())
    }

    pub(super) fn service(&self, ask: &Ask) -> String {
        match self.rules.flavour {
            Flavour::Acr => self.plan.authority(self.asked_at(ask)),
            Flavour::Hub => "registry.docker.io".to_owned(),
            Flavour::Harbor => "harbor-registry".to_owned(),
            Flavour::Plain | Flavour::Basic => self.plan.registry.clone(),
        }
    }
}
