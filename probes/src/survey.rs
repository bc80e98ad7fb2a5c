//! The path of a pull, step by step: a straight line from the name to the last blob.
//!
//! `resolve → connect → handshake → challenge → token → manifest → platform → blob`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::attempt::{Attempt, Wish};
use crate::auth::{self, Asked};
use crate::cloud::{Family, family};
use crate::credential::Login;
use crate::hosts::{Hosts, Origin, Reached};
use crate::http::{Answered, Ask, Wanted, exchange};
use crate::log::{Log, Watch};
use crate::net::Net;
use crate::observation::{
    BodyKind, Challenge, ChallengeForm, Fact, HandshakeOutcome, HttpFailure, HttpOutcome, Observation,
    Platform, Role,
};
use crate::target::Target;
use crate::vantage::Vantage;

/// What is to be looked at, and as whom.
pub struct Assignment<'a> {
    /// The image or registry.
    pub target: &'a Target,
    /// The platform that an index is read for.
    pub platform: &'a Platform,
    /// The credential that counts. After its failure the way is walked once more without any, for comparison.
    pub login: &'a Login,
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
    let mut log = Log::new(net.clock, watch);
    let walked = tokio::time::timeout_at(net.patience.deadline, walk(net, assignment, &mut log)).await;
    if walked.is_err() {
        let during = log.during.to_owned();
        let begun = log.begin("end", "");
        log.end(begun, Role::Registry, None, Fact::OutOfTime { during });
    }
    Survey { vantage: Vantage::Workstation, observations: log.observations }
}

async fn walk(net: &Net, assignment: &Assignment<'_>, log: &mut Log<'_>) {
    let target = assignment.target;
    let mut hosts = Hosts::new(net);
    let origin = Origin {
        host: api_host_name(&target.api_host()),
        port: target.port(net.plain_http),
        tls: !net.plain_http,
    };
    if hosts.reach(log, Role::Registry, &origin).await != Reached::Yes {
        look_for_plain_http(&mut hosts, log, &origin).await;
        return;
    }
    let Some((asked, answered)) = challenge(&mut hosts, log, &origin).await else { return };
    if !answered {
        look_for_tls(&hosts, log, &origin).await;
        return;
    }
    let (Some(repository), Some(reference)) = (target.repository.as_deref(), target.manifest_reference())
    else {
        return;
    };
    let wish = Wish { reference, platform: assignment.platform };
    let mut attempt = Attempt::new(&mut hosts, origin.clone(), assignment.login, repository);
    let had = attempt.walk(log, asked.as_ref(), &wish).await;
    let compare = !had && assignment.login.proof.is_some() && was_refused(log);
    if compare && !net.patience.is_over() {
        let nobody = Login::anonymous();
        let mut attempt = Attempt::new(&mut hosts, origin, &nobody, repository);
        attempt.walk(log, asked.as_ref(), &wish).await;
    }
}

/// Whether a credential met a refusal: then the same way without one tells whether it was needed at all.
fn was_refused(log: &Log<'_>) -> bool {
    let exchanges = log.observations.iter().flat_map(|o| match &o.fact {
        Fact::Token(t) => vec![Some(&t.exchange)],
        Fact::Manifest(m) => vec![m.head.as_ref(), m.get.as_ref()],
        Fact::Blob(b) => vec![Some(&b.exchange)],
        _ => Vec::new(),
    });
    exchanges.flatten().any(|e| matches!(e.status(), Some(401 | 403)))
        || log.observations.iter().any(|o| match &o.fact {
            Fact::Token(t) => t.granted.as_ref().and_then(|g| g.pull()) == Some(false),
            _ => false,
        })
}

fn api_host_name(api_host: &str) -> String {
    match Url::parse(&format!("https://{api_host}/")).ok().as_ref().and_then(Origin::of) {
        Some(origin) => origin.host,
        None => api_host.to_owned(),
    }
}

/// Asks the registry what it wants. The first of the pair is what the registry's own host asks for: a challenge that
/// came from elsewhere, after a redirect, is left to the manifest's own answer, as containerd leaves it.
async fn challenge(
    hosts: &mut Hosts<'_>,
    log: &mut Log<'_>,
    origin: &Origin,
) -> Option<(Option<Asked>, bool)> {
    let url = origin.url("/v2/")?;
    let begun = log.begin("challenge", &origin.host);
    let ask = Ask {
        headers: vec![("docker-distribution-api-version", "registry/2.0".to_owned())],
        ..Ask::get(Role::Registry, url, Wanted::All(64 * 1024))
    };
    let answered: Answered = exchange(hosts, log, &ask).await;
    let status = answered.status();
    let asked = (status == Some(401)).then(|| auth::asked(&answered.challenges));
    let form = asked.as_ref().map_or(ChallengeForm::NotAsked, Asked::form);
    let html = answered.exchange.reply().is_some_and(|r| r.body == BodyKind::Html);
    let usable = match &asked {
        Some(Asked::Bearer(_)) => true,
        // Azure's registries ask for tokens always: whoever asks for a password there is somebody else.
        Some(Asked::Basic { .. }) => family(&origin.host) != Family::Acr,
        Some(Asked::Missing | Asked::Malformed { .. }) => false,
        None => status == Some(200) && !html,
    };
    let at_home = answered.origin.as_ref() == Some(origin);
    log.end(begun, Role::Registry, None, Fact::Challenge(Challenge { exchange: answered.exchange, form }));
    Some((asked.filter(|_| at_home), usable))
}

/// A port that answers something else than TLS may speak plain http.
async fn look_for_plain_http(hosts: &mut Hosts<'_>, log: &mut Log<'_>, origin: &Origin) {
    let not_tls = log.observations.iter().any(
        |o| matches!(&o.fact, Fact::Handshake(h) if matches!(h.outcome, HandshakeOutcome::NotTls { .. })),
    );
    let Some(address) = hosts.address(origin).filter(|_| not_tls) else { return };
    let begun = log.begin("tls", &origin.host);
    let plain = Origin { tls: false, ..origin.clone() };
    let status = match plain.url("/v2/") {
        Some(url) => {
            let ask = Ask::get(Role::Registry, url, Wanted::All(0));
            crate::http::status_at(hosts, &ask, address).await
        }
        None => None,
    };
    let seen = crate::observation::PlainAnswer { host: origin.host.clone(), port: origin.port, status };
    log.end(begun, Role::Registry, None, Fact::PlainHttp(seen));
}

/// A port that was asked in plain http and gave no usable answer may speak TLS.
async fn look_for_tls(hosts: &Hosts<'_>, log: &mut Log<'_>, origin: &Origin) {
    let suspicious = log.observations.iter().any(|o| match &o.fact {
        Fact::Challenge(c) => match &c.exchange.outcome {
            HttpOutcome::Failed { failure } => {
                matches!(failure, HttpFailure::HttpsExpected | HttpFailure::Closed | HttpFailure::Reset)
            }
            HttpOutcome::Reply(reply) => reply.status == 400,
            _ => false,
        },
        _ => false,
    });
    let Some(address) = hosts.address(origin).filter(|_| suspicious && !origin.tls) else { return };
    let begun = log.begin("tls", &origin.host);
    let (_, stream) = crate::connect::dial(hosts.net, &origin.host, address, origin.port).await;
    if let Some(stream) = stream {
        let (looks, _) =
            crate::handshake::handshake(hosts.net, &origin.host, origin.port, address, stream).await;
        if let Some(look) = looks.into_iter().next() {
            log.end(begun, Role::Registry, None, Fact::Handshake(look));
        }
    }
}
