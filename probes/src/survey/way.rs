//! The way to the registry, and what it asks for.

use crate::auth::{self, Asked};
use crate::cloud::{Family, family};
use crate::hosts::{Hosts, Origin, Reached};
use crate::http::{Answered, Ask, Wanted, exchange};
use crate::log::Log;
use crate::observation::{
    BodyKind, Challenge, ChallengeForm, Fact, HandshakeOutcome, HttpFailure, HttpOutcome, PlainAnswer, Role,
};
use crate::tunnel::Through;

/// What the registry asks for before it answers.
pub(crate) struct Asks {
    /// What the registry's own host asks for: a challenge that came from elsewhere, after a redirect, is left to the
    /// manifest's own answer, as containerd leaves it.
    pub(crate) asked: Option<Asked>,
    /// The status of the answer.
    pub(crate) status: Option<u16>,
    /// `WWW-Authenticate`, each.
    pub(crate) headers: Vec<String>,
    usable: bool,
}

/// Goes to the registry; `None` where the way, or what it asks for, lets nothing follow.
pub(super) async fn way(hosts: &mut Hosts<'_>, log: &mut Log<'_>, origin: &Origin) -> Option<Asks> {
    if hosts.reach(log, Role::Registry, origin).await != Reached::Yes {
        look_for_plain_http(hosts, log, origin).await;
        return None;
    }
    let asks = challenge(hosts, log, origin).await?;
    if !asks.usable {
        look_for_tls(hosts, log, origin).await;
        return None;
    }
    Some(asks)
}

async fn challenge(hosts: &mut Hosts<'_>, log: &mut Log<'_>, origin: &Origin) -> Option<Asks> {
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
    Some(Asks { asked: asked.filter(|_| at_home), status, headers: answered.challenges, usable })
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
    let seen = PlainAnswer { host: origin.host.clone(), port: origin.port, status };
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
        let nobody = Through::Nobody;
        let (looks, _) = crate::handshake::handshake(
            hosts.net,
            &origin.host,
            origin.port,
            address,
            &nobody,
            stream.into(),
        )
        .await;
        if let Some(look) = looks.into_iter().next() {
            log.end(begun, Role::Registry, None, Fact::Handshake(look));
        }
    }
}
