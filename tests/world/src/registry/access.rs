//! Who may pull what.

use std::sync::PoisonError;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Ask, Registry};
use crate::glob;
use crate::schema::{Flavour, User};

/// What a token was given for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// The repositories it may pull.
    pub(super) repositories: Vec<String>,
}

/// As whom a request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who<'a> {
    /// Nobody.
    Anonymous,
    /// A user with the right password.
    User(&'a User),
    /// A user that does not exist, or a wrong password.
    Wrong,
}

/// Why a request may not see a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// It has no credential.
    NoCredential,
    /// Its credential is not known.
    Unknown,
    /// Its credential gives no right here.
    Insufficient,
}

impl Registry {
    /// Whether the request may pull from the repository; without one, whether its credential is good at all.
    pub(super) fn allowed(&self, ask: &Ask, repository: Option<&str>) -> Result<(), Denied> {
        let flavour = self.rules.flavour;
        if flavour == Flavour::Plain {
            return Ok(());
        }
        match ask.authorization() {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && flavour != Flavour::Basic => {
                let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
                let grant = tokens.get(token).ok_or(Denied::Unknown)?;
                match repository {
                    Some(name) if !grant.repositories.iter().any(|known| known == name) => {
                        Err(Denied::Insufficient)
                    }
                    _ => Ok(()),
                }
            }
            Some((scheme, value)) if scheme.eq_ignore_ascii_case("basic") && self.takes_basic() => {
                let who = basic(value).map_or(Who::Wrong, |(name, password)| self.who(&name, &password));
                match (who, repository) {
                    (Who::Wrong, _) => Err(Denied::Unknown),
                    (who, Some(name)) if !self.may_pull(who, name) => Err(Denied::Insufficient),
                    _ => Ok(()),
                }
            }
            Some(_) => Err(Denied::Unknown),
            None => Err(Denied::NoCredential),
        }
    }

    /// ACR and a registry with a password file take user and password at the registry itself.
    fn takes_basic(&self) -> bool {
        matches!(self.rules.flavour, Flavour::Acr | Flavour::Basic | Flavour::Harbor)
    }

    /// As whom these credentials are.
    pub(super) fn who(&self, name: &str, password: &str) -> Who<'_> {
        self.users
            .iter()
            .find(|user| user.name == name && user.password == password)
            .map_or(Who::Wrong, Who::User)
    }

    /// Whether somebody may pull from a repository. Docker Hub gives no right to what does not exist.
    pub(super) fn may_pull(&self, who: Who<'_>, repository: &str) -> bool {
        if self.rules.flavour == Flavour::Hub && !self.content.contains_key(repository) {
            return false;
        }
        let anonymous = match (&self.rules.anonymous, self.rules.flavour) {
            (Some(patterns), _) => glob::any(patterns, repository),
            (None, flavour) => flavour != Flavour::Basic,
        };
        match who {
            Who::Anonymous => anonymous,
            Who::User(user) => anonymous || glob::any(&user.pull, repository),
            Who::Wrong => false,
        }
    }

    /// Whether anybody may pull anything.
    pub(super) fn is_open(&self) -> bool {
        self.rules.anonymous.as_ref().is_none_or(|patterns| !patterns.is_empty())
    }
}

/// User and password of a Basic credential.
pub(super) fn basic(value: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    text.split_once(':').map(|(name, password)| (name.to_owned(), password.to_owned()))
}
