//! One credential's way from the challenge to the last blob.

use url::Url;

use crate::auth::{self, Asked, Bearer};
use crate::blob::blob;
use crate::credential::{Credential, Login, Proof};
use crate::foreign::Foreign;
use crate::hosts::{Hosts, Origin};
use crate::http::{Answered, Ask, Wanted, exchange};
use crate::log::Log;
use crate::manifest;
use crate::observation::{BlobKind, Fact, HttpOutcome, ManifestKind, Platform, Role, Token, TokenForm};
use crate::secret::Secret;
use crate::token::{Errand, basic, token};
use crate::{platform, tags};

/// How deep indexes may lie in each other.
const DEEPEST_INDEX: usize = 4;
/// How much of an image's layers is read whole and verified, in bytes: the smaller ones, while there is room.
const WHOLE_IN_ALL: u64 = 4 * 1024 * 1024;

/// One credential, on its way.
pub(crate) struct Attempt<'h, 'n> {
    pub(crate) hosts: &'h mut Hosts<'n>,
    pub(crate) origin: Origin,
    pub(crate) login: &'h Login,
    pub(crate) repository: &'h str,
    /// The path before the repository.
    path: String,
    /// The registry that a mirror is asked for.
    namespace: Option<String>,
    /// What the registry is shown with each request, once it is known.
    pub(crate) authorization: Option<Secret<String>>,
    /// The challenge that was answered, so that no second token is asked for the same one.
    answered: Option<Bearer>,
    /// How many bytes may still be read to verify whole layers.
    pub(crate) whole_left: u64,
}

/// The image that an attempt is after.
pub(crate) struct Wish<'a> {
    pub(crate) reference: &'a str,
    pub(crate) platform: &'a Platform,
}

impl<'h, 'n> Attempt<'h, 'n> {
    pub(crate) fn new(
        hosts: &'h mut Hosts<'n>,
        origin: Origin,
        login: &'h Login,
        repository: &'h str,
    ) -> Self {
        Self {
            hosts,
            origin,
            login,
            repository,
            path: "/v2".to_owned(),
            namespace: None,
            authorization: None,
            answered: None,
            whole_left: WHOLE_IN_ALL,
        }
    }

    pub(crate) fn credential(&self) -> &Credential {
        &self.login.credential
    }

    pub(crate) fn registry_host(&self) -> &str {
        &self.origin.host
    }

    /// Asks under another path than the usual one.
    pub(crate) fn asks_in(&mut self, path: &str) {
        path.trim_end_matches('/').clone_into(&mut self.path);
    }

    /// Asks a mirror in the place of a registry.
    pub(crate) fn asks_for(&mut self, registry: &str) {
        self.namespace = Some(registry.to_owned());
    }

    /// The address of something in the repository.
    pub(crate) fn url(&self, rest: &str) -> Option<Url> {
        let mut url = self.origin.url(&format!("{}/{}/{rest}", self.path, self.repository))?;
        if let Some(namespace) = &self.namespace {
            url.query_pairs_mut().append_pair("ns", namespace);
        }
        Some(url)
    }

    /// The answer to a request that cannot be put into words.
    pub(crate) fn unaskable(&self, method: &str) -> Answered {
        Answered::none(
            method,
            Foreign::default(),
            HttpOutcome::BadRedirect { error: Foreign::new("no valid address") },
        )
    }

    /// Walks the whole way; whether every piece of it was had.
    pub(crate) async fn walk(&mut self, log: &mut Log<'_>, asked: Option<&Asked>, wish: &Wish<'_>) -> bool {
        log.scrub.learn(self.login);
        let ready = match asked {
            Some(_) if matches!(self.login.proof, Some(Proof::RegistryToken(_))) => self.sign_in(log).await,
            // What `/v2/` names as a scope is nobody's repository; containerd never asks there.
            Some(Asked::Bearer(bearer)) => {
                self.authorize(log, &Bearer { scope: None, ..bearer.clone() }).await
            }
            Some(Asked::Basic { .. }) => self.sign_in(log).await,
            _ => true,
        };
        if !ready {
            return false;
        }
        let Some(had) = manifest::named(self, log, wish.reference).await else {
            if tags::worth_asking(log) {
                tags::list(self, log, wish.reference).await;
            }
            return false;
        };
        let Some(ManifestKind::Image { config, layers, .. }) = self.image(log, had, wish.platform).await
        else {
            return false;
        };
        let mut all = blob(self, log, BlobKind::Config, &config).await;
        for layer in &layers {
            // After a failure the other blobs of the same image add nothing but time.
            if !all || self.hosts.net.patience.is_over() {
                return false;
            }
            all &= blob(self, log, BlobKind::Layer, layer).await;
        }
        all
    }

    /// The image's manifest: what an index names for the platform; an index may name another one.
    async fn image(
        &mut self,
        log: &mut Log<'_>,
        named: manifest::Had,
        wanted: &Platform,
    ) -> Option<ManifestKind> {
        let mut had = named;
        for _ in 0..DEEPEST_INDEX {
            let ManifestKind::Index { entries } = &had.content else { break };
            let entry = platform::choose(wanted, entries)?.descriptor.clone();
            had = manifest::child(self, log, &entry, &had.digest).await?;
        }
        Some(had.content)
    }

    /// Makes a request of the registry; a challenge that it meets is answered once, and the request made again, as
    /// containerd does on every request.
    pub(crate) async fn ask(
        &mut self,
        log: &mut Log<'_>,
        request: impl Fn(&Self) -> Option<Ask>,
    ) -> Answered {
        let Some(ask) = request(self) else { return self.unaskable("GET") };
        let answered = exchange(self.hosts, log, &ask).await;
        if answered.status() != Some(401) || !self.answer_challenge(log, &answered).await {
            return answered;
        }
        match request(self) {
            Some(again) => exchange(self.hosts, log, &again).await,
            None => answered,
        }
    }

    /// Answers a challenge that a request met, unless it is the one that was answered already, or came from a host that
    /// the registry redirected to: that host has no claim to the registry's credential.
    async fn answer_challenge(&mut self, log: &mut Log<'_>, answered: &Answered) -> bool {
        if answered.origin.as_ref() != Some(&self.origin) && self.login.proof.is_some() {
            return false;
        }
        match auth::asked(&answered.challenges) {
            Asked::Bearer(bearer) if self.is_new(&bearer) => self.authorize(log, &bearer).await,
            Asked::Basic { .. } if self.authorization.is_none() && self.login.proof.is_some() => {
                self.sign_in(log).await
            }
            _ => false,
        }
    }

    /// Whether a challenge asks for something else than the one that was answered. A missing scope is filled in with
    /// pulling from the repository, so that a challenge which names just that asks for nothing new.
    fn is_new(&self, bearer: &Bearer) -> bool {
        let pull = format!("repository:{}:pull", self.repository);
        self.answered.as_ref().is_none_or(|old| {
            let scope = |b: &Bearer| b.scope.clone().unwrap_or_else(|| pull.clone());
            old.realm != bearer.realm || old.service != bearer.service || scope(old) != scope(bearer)
        })
    }

    async fn authorize(&mut self, log: &mut Log<'_>, bearer: &Bearer) -> bool {
        self.answered = Some(bearer.clone());
        let registry = self.origin.clone();
        let errand = Errand { bearer, login: self.login, registry: &registry, repository: self.repository };
        match token(self.hosts, log, &errand).await {
            Some(token) => {
                self.authorization = Some(bearer_value(&token));
                true
            }
            None => false,
        }
    }

    /// Presents the credential to the registry itself: whether it takes the user and the password, or the token that
    /// was made for it. Without any, the way goes on as it is, since a registry may ask and still let everyone read.
    async fn sign_in(&mut self, log: &mut Log<'_>) -> bool {
        let value = match &self.login.proof {
            Some(Proof::Password { user, password }) => basic(user, password),
            Some(Proof::RegistryToken(token)) => bearer_value(token),
            Some(Proof::RefreshToken(_) | Proof::Managed(_) | Proof::Entra(_)) | None => return true,
        };
        let begun = log.begin("token", &self.origin.host);
        let Some(url) = self.origin.url("/v2/") else { return false };
        let ask = Ask {
            authorization: Some(value.clone()),
            ..Ask::get(Role::Registry, url, Wanted::All(64 * 1024))
        };
        let answered = exchange(self.hosts, log, &ask).await;
        let accepted = answered.status() == Some(200);
        let seen = Token {
            form: if matches!(self.login.proof, Some(Proof::RegistryToken(_))) {
                TokenForm::RegistryToken
            } else {
                TokenForm::Basic
            },
            exchange: answered.exchange,
            granted: None,
            unscoped: None,
            presented_expires: crate::token::presented_expires(self.login),
        };
        log.end(begun, Role::Registry, Some(&self.login.credential), Fact::Token(seen));
        self.authorization = accepted.then_some(value);
        accepted
    }
}

fn bearer_value(token: &Secret<String>) -> Secret<String> {
    Secret::new(format!("Bearer {}", token.expose()))
}
