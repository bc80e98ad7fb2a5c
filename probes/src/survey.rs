//! The path of a pull, step by step: a straight line from the name to the last blob.
//!
//! `resolve → connect → handshake → challenge → identity → exchange → token → manifest → platform → blob`
//!
//! Only the identity's token is asked for beside the way to the registry: neither needs the other.

mod mirror;
mod trying;
mod way;

use std::cell::{Cell, RefCell};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tokio::time::Instant;
use url::Url;

use self::trying::Trying;
pub(crate) use self::way::Asks;
use crate::attempt::Wish;
use crate::auth::{Asked, Bearer};
use crate::credential::{Login, ManagedIdentity, Proof};
use crate::exchange::{self, Goes, TOKEN_USER};
use crate::hosts::{Hosts, Origin};
use crate::identity;
use crate::log::{Lane, Log, Watch};
use crate::net::Net;
use crate::observation::{Fact, NodeFacts, NotTried, Observation, Platform, Role};
use crate::proxy::Proxies;
use crate::secret::Secret;
use crate::source::Sources;
use crate::target::Target;
use crate::token::{Errand, token};
use crate::vantage::Vantage;

/// What is to be looked at, from where, and as whom.
pub struct Assignment<'a> {
    /// The place.
    pub vantage: Vantage,
    /// The image or registry.
    pub target: &'a Target,
    /// The platform that an index is read for.
    pub platform: &'a Platform,
    /// The credentials in the order in which they are tried, until one has everything: on a workstation the one that
    /// counts, on a node those of the kubelet.
    pub logins: &'a [Login],
    /// A credential that somebody signs in for meanwhile; it is tried before the others.
    pub awaited: Cell<Option<oneshot::Receiver<Login>>>,
    /// What the place's files say, where they were read.
    pub files: Option<&'a NodeFacts>,
    /// The hosts that the place's runtime asks, where its settings name others than the registry.
    pub sources: Option<&'a Sources>,
    /// Whether the way is walked once more without a credential after one was refused, for comparison.
    pub compare: bool,
}

/// All that was seen from one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Survey {
    /// The place.
    pub vantage: Vantage,
    /// What was seen, in the order of looking.
    pub observations: Vec<Observation>,
}

/// Walks the path and returns what was seen, whatever happens on the way; it ends before the deadline of
/// `net.patience`.
pub async fn survey(net: &Net, assignment: &Assignment<'_>, watch: &mut dyn Watch) -> Survey {
    let watch = RefCell::new(watch);
    let mut log = Log::on(Lane::Way, net.clock, &watch);
    let mut beside = Log::on(Lane::Beside, net.clock, &watch);
    for log in [&mut log, &mut beside] {
        for login in assignment.logins {
            log.scrub.learn(login);
        }
        log.scrub.learn_proxies(net);
        let sources = assignment.sources.iter().flat_map(|s| s.mirrors.iter().chain(&s.server));
        for (_, value) in sources.flat_map(|source| &source.headers) {
            log.scrub.learn_text(value.expose());
        }
    }
    let mut before = Log::on(Lane::Mirrors, net.clock, &watch);
    before.scrub = log.scrub.clone();
    let server = assignment.sources.and_then(|sources| sources.server.as_ref());
    let of_server = server.map_or_else(|| net.clone(), |server| mirror::trusting(net, server));
    let walked = tokio::time::timeout_at(net.patience.deadline, async {
        // On the heap: what all steps need together is much for a small thread's stack.
        tokio::join!(
            Box::pin(walk(&of_server, assignment, &mut log, &mut beside)),
            Box::pin(mirror::mirrors(net, &mut before, assignment, &watch))
        )
    })
    .await;
    log.observations.append(&mut before.observations);
    log.observations.append(&mut beside.observations);
    if walked.is_err() {
        let during = log.during.to_owned();
        log.lane = Some(Lane::End);
        let begun = log.begin("end", "");
        log.end(begun, Role::Registry, None, Fact::OutOfTime { during });
    }
    Survey { vantage: assignment.vantage.clone(), observations: log.observations }
}

async fn walk(net: &Net, assignment: &Assignment<'_>, log: &mut Log<'_>, beside: &mut Log<'_>) {
    let target = assignment.target;
    if let Some(files) = assignment.files {
        let begun = log.begin("node-config", "");
        log.end(begun, Role::Registry, None, Fact::NodeFiles(Box::new(files.clone())));
    }
    for login in assignment.logins {
        if let Some(flaw) = &login.flaw {
            let begun = log.begin("pull-secret", "");
            log.end(begun, Role::Registry, Some(&login.credential), Fact::Flawed(flaw.clone()));
        }
    }
    let mut hosts = Hosts::new(net);
    let server = assignment.sources.and_then(|sources| sources.server.as_ref());
    let origin = match server {
        Some(server) => {
            hosts.configure(server);
            server.origin()
        }
        None => Origin {
            host: api_host_name(&target.api_host()),
            port: target.port(net.plain_http),
            tls: !net.plain_http,
        },
    };
    let (asks, token, given) = tokio::join!(
        Box::pin(way::way(&mut hosts, log, &origin)),
        Box::pin(identity_token(net, beside, assignment.logins)),
        awaited(net, assignment.awaited.take())
    );
    let Some(asks) = asks else { return };
    if let Some(login) = &given {
        log.scrub.learn(login);
    }
    let logins: Vec<&Login> = given.iter().chain(assignment.logins).collect();
    let exchanged = Box::pin(exchanged(&mut hosts, log, &origin, &logins, &asks, token)).await;
    let (Some(repository), Some(reference)) = (target.repository.as_deref(), target.manifest_reference())
    else {
        if let Some(login) = &exchanged {
            Box::pin(signed_in(&mut hosts, log, &origin, &asks, login)).await;
        }
        return;
    };
    let wish = Wish { reference, platform: assignment.platform };
    let path = server.map(|server| server.path.as_str());
    let mut trying = Trying { hosts, origin, path, repository, asks: &asks, wish };
    Box::pin(trying.all(log, (&logins, assignment.compare), exchanged)).await;
}

/// The credential that is signed in for meanwhile. A sign-in that takes too long must leave time for the others.
async fn awaited(net: &Net, login: Option<oneshot::Receiver<Login>>) -> Option<Login> {
    let now = Instant::now();
    let half = now + net.patience.deadline.saturating_duration_since(now) / 2;
    tokio::time::timeout_at(half, login?).await.ok()?.ok()
}

/// Whether the token service of a registry alone takes what the registry gave: a token without any right, as
/// `docker login` asks for it.
async fn signed_in(hosts: &mut Hosts<'_>, log: &mut Log<'_>, origin: &Origin, asks: &Asks, login: &Login) {
    let Some(Asked::Bearer(bearer)) = &asks.asked else { return };
    if login.credential.is_operators() {
        let bearer = Bearer { scope: None, ..bearer.clone() };
        token(hosts, log, &Errand { bearer: &bearer, login, registry: origin, repository: "" }).await;
    }
}

/// The token of the first managed identity among the logins, asked for beside the way to the registry.
async fn identity_token(net: &Net, log: &mut Log<'_>, logins: &[Login]) -> Option<Secret<String>> {
    let (login, identity) = managed(logins)?;
    identity::metadata(&mut Hosts::of_plugin(net), log, login, identity).await
}

fn managed(logins: &[Login]) -> Option<(&Login, &ManagedIdentity)> {
    logins.iter().find_map(|login| match &login.proof {
        Some(Proof::Managed(identity)) => Some((login, identity)),
        _ => None,
    })
}

/// The login with what a token of Microsoft Entra was exchanged for: over the runtime's connection where the credential
/// provider would go the same way, else over one of its own.
async fn exchanged(
    hosts: &mut Hosts<'_>,
    log: &mut Log<'_>,
    origin: &Origin,
    logins: &[&Login],
    asks: &Asks,
    token: Option<Secret<String>>,
) -> Option<Login> {
    let (login, token, tenant, goes) = logins.iter().find_map(|login| match &login.proof {
        Some(Proof::Managed(identity)) => {
            let goes = Goes::AnyCloud(&identity.suffixes);
            Some((login, token.as_ref()?, identity.tenant.as_deref(), goes))
        }
        Some(Proof::Entra(own)) => {
            Some((login, &own.token, own.tenant.as_deref(), Goes::OneCloud(&own.suffix)))
        }
        _ => None,
    })?;
    let credential = &login.credential;
    if credential.is_operators() && !matches!(asks.asked, Some(Asked::Bearer(_))) {
        let begun = log.begin("exchange", "");
        log.end(begun, Role::Registry, Some(credential), Fact::NotTried(NotTried::NotAsked));
        return None;
    }
    let errand = exchange::Errand { asks, credential, token, tenant, goes, registry: origin };
    let net = hosts.net;
    let through = |proxies: &Proxies| {
        proxies.for_host(&origin.host, origin.port, origin.tls).map(|proxy| (proxy.shown(), proxy.kind))
    };
    let refresh = match through(&net.proxies) == through(&net.plugin_proxies) {
        true => exchange::refresh_token(hosts, log, &errand).await,
        false => exchange::refresh_token(&mut Hosts::of_plugin(net), log, &errand).await,
    };
    let proof = Proof::Password { user: TOKEN_USER.to_owned(), password: refresh? };
    Some(Login::new(credential.clone(), Some(proof)))
}

fn api_host_name(api_host: &str) -> String {
    match Url::parse(&format!("https://{api_host}/")).ok().as_ref().and_then(Origin::of) {
        Some(origin) => origin.host,
        None => api_host.to_owned(),
    }
}
