//! The registry: its answer to a request, computed from accounts, rights, images and rules.
//!
//! *Invariant:* no socket here; a request is data and so is its answer.

mod access;
mod challenge;
pub(crate) mod errors;
mod exchange;
mod metadata;
pub(crate) mod pull;
mod rights;
mod rules;
mod sources;
mod token;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use crate::content::{Content, content};
use crate::directory::Directory;
use crate::plan::Plan;
use crate::reply::Reply;
use crate::schema::{
    CacheRule, CredentialSet, Flavour, Operation, PublicAccess, Registry as Rules, User, World,
};
use access::Grant;
use exchange::Refresh;
pub(crate) use sources::SCOPE_MAPS;

/// A request, as the registry and the storage see it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ask {
    /// The method.
    pub(crate) method: String,
    /// The host it is for, with the port where it names one.
    pub(crate) host: String,
    /// The path.
    pub(crate) path: String,
    /// The fields of the query, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// The fields of a form body, decoded.
    pub(crate) form: Vec<(String, String)>,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
    /// Tags and digests that the replica asked has not.
    pub(crate) lacks: Vec<String>,
}

impl Ask {
    /// A header as text.
    pub(crate) fn header(&self, name: impl hyper::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The host without its port.
    pub(crate) fn host_name(&self) -> &str {
        self.host.rsplit_once(':').map_or(&*self.host, |(name, _)| name)
    }

    /// The Authorization header: scheme and value.
    pub(crate) fn authorization(&self) -> Option<(&str, &str)> {
        self.header(AUTHORIZATION)?.split_once(' ')
    }

    /// A field of the form, or of the query.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let named = |fields: &'_ [(String, String)]| fields.iter().position(|(known, _)| known == name);
        match named(&self.form) {
            Some(at) => Some(&self.form[at].1),
            None => named(&self.query).map(|at| self.query[at].1.as_str()),
        }
    }
}

/// The registry.
pub(crate) struct Registry {
    plan: Plan,
    rules: Rules,
    users: Vec<User>,
    /// The repositories whose metadata each token may see.
    metadata: BTreeMap<String, Vec<String>>,
    cache_rules: Vec<CacheRule>,
    credential_sets: Vec<CredentialSet>,
    content: Content,
    skew: i64,
    directory: Arc<Directory>,
    tokens: Mutex<BTreeMap<String, Grant>>,
    refresh_tokens: Mutex<BTreeMap<String, Refresh>>,
    requests: AtomicU64,
    counted: AtomicU64,
}

impl Registry {
    /// The registry of a world.
    pub(crate) fn new(world: &World, plan: &Plan, directory: Arc<Directory>) -> Self {
        Self {
            plan: plan.clone(),
            rules: rules(world, plan),
            users: world.users.iter().cloned().chain(sources::users(world)).collect(),
            metadata: sources::metadata(world),
            cache_rules: world.cache_rules.clone(),
            credential_sets: world.credential_sets.clone(),
            content: content(world),
            skew: world.clock_skew_s,
            directory,
            tokens: Mutex::default(),
            refresh_tokens: Mutex::default(),
            requests: AtomicU64::new(0),
            counted: AtomicU64::new(0),
        }
    }

    /// Counts from the start again, for the next run in the same world.
    pub(crate) fn rewind(&self) {
        self.counted.store(0, Ordering::Relaxed);
    }

    /// The answer to a request.
    pub(crate) fn answer(&self, ask: &Ask) -> Reply {
        let id = self.correlation_id();
        let path = ask.path.as_str();
        let reply = if self.is_token_path(path) {
            self.ruled(Operation::Token, &id, || self.token(ask, &id))
        } else if path == "/oauth2/exchange" && self.rules.flavour == Flavour::Acr {
            self.ruled(Operation::Exchange, &id, || self.exchange(ask, &id))
        } else if path == "/v2/" || path == "/v2" {
            self.ruled(Operation::Challenge, &id, || self.ping(ask))
        } else if let Some((repository, reference)) = between(path, "/manifests/") {
            self.ruled(Operation::Manifest, &id, || self.manifest(ask, repository, reference, &id))
        } else if let Some((repository, digest)) = between(path, "/blobs/") {
            self.ruled(Operation::Blob, &id, || self.blob(ask, repository, digest))
        } else if let Some((repository, "")) = between(path, "/tags/list") {
            self.ruled(Operation::Tags, &id, || self.tags(ask, repository))
        } else if path == "/v2/_catalog" {
            self.ruled(Operation::Tags, &id, || self.catalog(ask))
        } else if let Some(rest) =
            path.strip_prefix("/acr/v1/").filter(|_| self.rules.flavour == Flavour::Acr)
        {
            self.ruled(Operation::Tags, &id, || self.metadata(ask, rest))
        } else {
            Reply::status(404).body("text/plain; charset=utf-8", "404 page not found\n")
        };
        self.signed(reply, &id)
    }

    /// The answer of a host that serves the token endpoint alone, under any path.
    pub(crate) fn answer_token(&self, ask: &Ask) -> Reply {
        let id = self.correlation_id();
        let reply = self.ruled(Operation::Token, &id, || self.token(ask, &id));
        self.signed(reply, &id)
    }

    /// The registry's host by which it was asked: its login server, or the endpoint of a region.
    fn asked_at<'a>(&'a self, ask: &'a Ask) -> &'a str {
        let name = ask.host_name();
        if self.plan.region_of(name).is_some() { name } else { &self.plan.registry }
    }

    /// The names under which clients know the registry.
    pub(crate) fn namespaces(&self) -> Vec<String> {
        let own = self.plan.authority(&self.plan.registry);
        match self.rules.flavour {
            Flavour::Hub => vec![own, "docker.io".to_owned()],
            _ => vec![own],
        }
    }

    /// What the registry holds.
    pub(crate) fn content(&self) -> &Content {
        &self.content
    }

    fn is_token_path(&self, path: &str) -> bool {
        let own = self.plan.token == self.plan.registry && path == self.token_path();
        own || self.rules.challenge.realm.as_deref().is_some_and(|realm| {
            url::Url::parse(realm).is_ok_and(|realm| {
                realm.host_str() == Some(&self.plan.registry) && realm.path() == path && path != "/"
            })
        })
    }

    fn token_path(&self) -> &'static str {
        match self.rules.flavour {
            Flavour::Acr => "/oauth2/token",
            Flavour::Harbor => "/service/token",
            _ => "/token",
        }
    }

    /// An id like those that Azure gives to requests; only the count differs between two.
    fn correlation_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        format!("5c1a9c37-4e2b-4d0f-9c55-{number:012x}")
    }

    /// With the headers that every answer of the flavour has.
    fn signed(&self, reply: Reply, id: &str) -> Reply {
        let hsts = "max-age=31536000; includeSubDomains";
        match self.rules.flavour {
            Flavour::Acr => reply
                .header("server", "openresty")
                .header("access-control-expose-headers", "Docker-Content-Digest")
                .header("access-control-expose-headers", "WWW-Authenticate")
                .header("access-control-expose-headers", "Link")
                .header("access-control-expose-headers", "X-Ms-Correlation-Request-Id")
                .header("docker-distribution-api-version", "registry/2.0")
                .header("strict-transport-security", hsts)
                .header("strict-transport-security", hsts)
                .header("x-content-type-options", "nosniff")
                .header("x-ms-correlation-request-id", id),
            Flavour::Hub => reply
                .header("docker-distribution-api-version", "registry/2.0")
                .header("strict-transport-security", "max-age=31536000"),
            Flavour::Harbor => reply
                .header("server", "nginx")
                .header("x-request-id", id)
                .header("docker-distribution-api-version", "registry/2.0"),
            Flavour::Plain | Flavour::Basic => reply
                .header("docker-distribution-api-version", "registry/2.0")
                .header("x-content-type-options", "nosniff"),
        }
    }
}

/// The registry's rules. One that is closed to the outside and has no private address keeps everybody out.
fn rules(world: &World, plan: &Plan) -> Rules {
    let mut rules = world.registry.clone();
    let inside = |address: &IpAddr| match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_loopback(),
    };
    let closed = rules.resource.public_access == PublicAccess::Disabled;
    if closed && !plan.addresses(&plan.registry).iter().any(inside) {
        rules.firewall.get_or_insert_default();
    }
    rules
}

/// Repository and reference of `/v2/REPOSITORY<what>REFERENCE`.
pub(crate) fn between<'a>(path: &'a str, what: &str) -> Option<(&'a str, &'a str)> {
    let (repository, reference) = path.strip_prefix("/v2/")?.rsplit_once(what)?;
    (!repository.is_empty()).then_some((repository, reference))
}

#[cfg(test)]
mod tests;
