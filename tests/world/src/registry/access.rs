//! Who may pull what.

use std::sync::PoisonError;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::exchange::NULL_USER;
use super::{Ask, Registry};
use crate::glob;
use crate::plan::Principal;
use crate::schema::{Flavour, User};

/// What a request wants of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted<'a> {
    /// `repository` or `registry`.
    pub(super) kind: &'static str,
    /// The repository, or `catalog`.
    pub(super) name: &'a str,
    /// The action.
    pub(super) action: &'static str,
}

impl<'a> Wanted<'a> {
    /// The list of repositories.
    pub(super) const CATALOG: Wanted<'static> = Wanted { kind: "registry", name: "catalog", action: "*" };

    /// To pull from a repository.
    pub(super) fn pull(name: &'a str) -> Self {
        Self { kind: "repository", name, action: "pull" }
    }

    /// To see what a repository has (ACR).
    pub(super) fn metadata(name: &'a str) -> Self {
        Self { kind: "repository", name, action: "metadata_read" }
    }
}

/// What a token was given for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Grant {
    /// For each thing the actions.
    pub(super) access: Vec<Access>,
}

impl Grant {
    fn gives(&self, wanted: Wanted<'_>) -> bool {
        let one = |access: &&Access| access.kind == wanted.kind && access.name == wanted.name;
        self.access.iter().find(one).is_some_and(|access| access.actions.iter().any(|a| a == wanted.action))
    }
}

/// What a token says of one repository, or of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// `repository` or `registry`.
    pub(super) kind: String,
    /// Its name.
    pub(super) name: String,
    /// What is asked for, and then what is given.
    pub(super) actions: Vec<String>,
}

/// As whom a request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who<'a> {
    /// Nobody.
    Anonymous,
    /// A user with the right password.
    User(&'a User),
    /// An identity of the directory.
    Identity(&'a Principal),
    /// A service principal of another tenant.
    Stranger,
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
    /// Whether the request may have what it wants; without that, whether its credential is good at all.
    pub(super) fn allowed(&self, ask: &Ask, wanted: Option<Wanted<'_>>) -> Result<(), Denied> {
        let flavour = self.rules.flavour;
        if flavour == Flavour::Plain {
            return Ok(());
        }
        match ask.authorization() {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && flavour != Flavour::Basic => {
                let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
                let grant = tokens.get(token).ok_or(Denied::Unknown)?;
                match wanted {
                    Some(wanted) if !grant.gives(wanted) => Err(Denied::Insufficient),
                    _ => Ok(()),
                }
            }
            Some((scheme, value)) if scheme.eq_ignore_ascii_case("basic") && self.takes_basic() => {
                let who = basic(value).map_or(Who::Wrong, |(name, password)| self.who(&name, &password));
                match (who, wanted) {
                    (Who::Wrong | Who::Stranger, _) => Err(Denied::Unknown),
                    (who, Some(wanted)) if !self.may(who, wanted) => Err(Denied::Insufficient),
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
        let acr = self.rules.flavour == Flavour::Acr;
        if acr && name == self.plan.acr.name && self.rules.resource.admin_user == Some(false) {
            return Who::Wrong;
        }
        if let Some(user) = self.users.iter().find(|user| user.name == name && user.password == password) {
            return Who::User(user);
        }
        let identity = match self.rules.flavour {
            Flavour::Acr if name == NULL_USER => self.bearer_of_refresh(password),
            Flavour::Acr => self.service_principal(name, password),
            _ => None,
        };
        identity.unwrap_or(Who::Wrong)
    }

    fn may(&self, who: Who<'_>, wanted: Wanted<'_>) -> bool {
        match wanted.kind {
            "repository" => self.may_pull(who, wanted.name),
            _ => self.may_list(who),
        }
    }

    /// What somebody is given of the actions that are asked for.
    pub(super) fn given(&self, who: Who<'_>, asked: Access) -> Access {
        let acr = self.rules.flavour == Flavour::Acr;
        let able: &[&str] = match (asked.kind.as_str(), who) {
            ("repository", Who::Identity(known)) if acr => return self.given_to(known, asked),
            ("repository", Who::User(user)) if self.metadata.contains_key(&user.name) => {
                let sees = glob::any(&self.metadata[&user.name], &asked.name);
                match (self.may_pull(who, &asked.name), sees) {
                    (true, true) => &["pull", "metadata_read"],
                    (true, false) => &["pull"],
                    (false, true) => &["metadata_read"],
                    (false, false) => &[],
                }
            }
            ("repository", who) if self.may_pull(who, &asked.name) => {
                if acr {
                    &["pull", "metadata_read"]
                } else {
                    &["pull"]
                }
            }
            ("registry", who) if acr && asked.name == "catalog" && self.may_list(who) => &["*"],
            _ => &[],
        };
        let all = asked.actions.iter().any(|action| action == "*");
        let wanted = |one: &&&str| all || asked.actions.iter().any(|action| action == **one);
        let actions = able.iter().filter(wanted).map(|&action| action.to_owned()).collect();
        Access { actions, ..asked }
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
            Who::Identity(known) => anonymous || self.has_right(known, "pull", Some(repository)),
            Who::Wrong | Who::Stranger => false,
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
