//! The challenge: `GET /v2/`, and the 401 of everything else.

use super::access::Denied;
use super::errors::{error, json};
use super::{Ask, Registry};
use crate::reply::Reply;
use crate::schema::{ChallengeForm, Flavour};

const AZURE: &str = "authentication required, visit https://aka.ms/acr/authorization for more information.";

impl Registry {
    /// `GET /v2/`.
    pub(super) fn ping(&self, ask: &Ask) -> Reply {
        if self.rules.challenge.form == ChallengeForm::Healthy
            || matches!(ask.authorization(), Some((scheme, _)) if scheme.eq_ignore_ascii_case("bearer"))
        {
            match self.allowed(ask, None) {
                Ok(()) => return json("{}"),
                Err(denied) => return self.denied(denied, None),
            }
        }
        self.denied(Denied::NoCredential, None)
    }

    /// 401, with the challenge in its form.
    pub(super) fn denied(&self, denied: Denied, repository: Option<&str>) -> Reply {
        let detail = match (repository, self.rules.flavour) {
            (Some(name), Flavour::Hub | Flavour::Plain | Flavour::Basic) => {
                format!(
                    "[{{\"Type\":\"repository\",\"Class\":\"\",\"Name\":\"{name}\",\"Action\":\"pull\"}}]"
                )
            }
            (Some(name), _) => {
                format!("[{{\"Type\":\"repository\",\"Name\":\"{name}\",\"Action\":\"pull\"}}]")
            }
            (None, _) => "null".to_owned(),
        };
        let harbor =
            repository.map(|name| format!("unauthorized to access repository: {name}, action: pull"));
        let reply = match self.rules.flavour {
            Flavour::Acr => error(401, "UNAUTHORIZED", AZURE, Some(&detail)),
            Flavour::Harbor => {
                error(401, "UNAUTHORIZED", &harbor.unwrap_or_else(|| "unauthorized".to_owned()), None)
            }
            _ => error(401, "UNAUTHORIZED", "authentication required", Some(&detail)),
        };
        match self.challenge(denied, repository) {
            Some(value) => reply.header("www-authenticate", value),
            None => reply,
        }
    }

    /// The value of `WWW-Authenticate`.
    fn challenge(&self, denied: Denied, repository: Option<&str>) -> Option<String> {
        let said = &self.rules.challenge;
        let service = said.service.clone().unwrap_or_else(|| self.service());
        match said.form {
            ChallengeForm::Missing => return None,
            ChallengeForm::Unparsable => return Some("please=sign,in\"".to_owned()),
            ChallengeForm::NoRealm => return Some(format!("Bearer service=\"{service}\"")),
            ChallengeForm::Basic => return Some("Basic realm=\"Contoso Secure Gateway\"".to_owned()),
            ChallengeForm::Negotiate => return Some("Negotiate".to_owned()),
            ChallengeForm::Healthy => {}
        }
        if self.rules.flavour == Flavour::Basic {
            return Some("Basic realm=\"Registry Realm\"".to_owned());
        }
        let realm = said.realm.clone().unwrap_or_else(|| self.realm());
        let mut value = format!("Bearer realm=\"{realm}\",service=\"{service}\"");
        if let Some(name) = repository {
            value.push_str(&format!(",scope=\"repository:{name}:pull\""));
        }
        match denied {
            Denied::NoCredential => {}
            Denied::Unknown => value.push_str(",error=\"invalid_token\""),
            Denied::Insufficient => value.push_str(",error=\"insufficient_scope\""),
        }
        Some(value)
    }

    fn realm(&self) -> String {
        let host = &self.plan.token;
        format!("{}://{}{}", self.plan.scheme(host), self.plan.authority(host), self.token_path())
    }

    pub(super) fn service(&self) -> String {
        match self.rules.flavour {
            Flavour::Acr => self.plan.authority(&self.plan.registry),
            Flavour::Hub => "registry.docker.io".to_owned(),
            Flavour::Harbor => "harbor-registry".to_owned(),
            Flavour::Plain | Flavour::Basic => self.plan.registry.clone(),
        }
    }
}
