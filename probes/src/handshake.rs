//! Speaking TLS as containerd's Go does, and when that fails, the few other ways that tell why.
//!
//! *Invariant:* no connection whose certificate Go would refuse ever carries a credential: the one stream that is
//! handed back is that of a completed handshake.

mod constraints;
mod der;
mod extensions;
mod first_bytes;
mod greeting;
mod hello;
mod key;
mod names;
mod outcome;
mod parse;
mod path;
mod server_date;
mod shown;
#[cfg(test)]
mod tests;
mod verify;
mod witness;

use std::net::IpAddr;

use tokio::task::JoinSet;
use tokio_rustls::client::TlsStream;

use self::greeting::Scene;
pub use self::verify::{Trusted, certificate_problem};
use self::witness::Trust;
use crate::line::Line;
use crate::net::Net;
use crate::observation::{Handshake, HandshakeOutcome, HelloKind};
use crate::tunnel::Through;

/// Names that any egress filter of an AKS cluster must let pass (AKS "outbound network rules"): a filter that stops
/// the registry's name lets one of these through.
const OTHER_NAMES: [&str; 3] = ["mcr.microsoft.com", "login.microsoftonline.com", "management.azure.com"];

/// Completes a TLS handshake on a connection to one address of a host. The first observation is that of the hello
/// that containerd sends; where it fails in a way that a filter on the path might have caused, others follow, made
/// at once on connections of their own. The stream is that of the first, when Go would accept it.
pub(crate) async fn handshake(
    net: &Net,
    host: &str,
    port: u16,
    address: IpAddr,
    through: &Through,
    tcp: Line,
) -> (Vec<Handshake>, Option<TlsStream<Line>>) {
    let trusted = net.roots.trusted();
    let scene =
        Scene { net: net.clone(), host: host.to_owned(), port, address, through: through.clone(), trusted };
    let (mut large, stream) = scene.greet(HelloKind::Large, host, Trust::AsGo, tcp).await;
    if matches!(&large.outcome, HandshakeOutcome::Certificate(problem) if problem.validity.is_some()) {
        large.server_date = server_date::ask(&scene).await;
    }
    let mut seen = vec![large];
    if seen.iter().any(|large| may_be_filtered(&large.outcome)) && !net.patience.is_over() {
        let (small, again, other) = tokio::join!(
            look(&scene, HelloKind::Small),
            look(&scene, HelloKind::LargeAgain),
            other_name(&scene)
        );
        seen.extend([small, again, other].into_iter().flatten());
    }
    (seen, stream)
}

/// The one handshake with a proxy that speaks TLS itself: nothing further tells more of it.
pub(crate) async fn greet_once(
    net: &Net,
    host: &str,
    port: u16,
    address: IpAddr,
    line: Line,
) -> (Handshake, Option<TlsStream<Line>>) {
    let trusted = net.roots.trusted();
    let through = Through::Nobody;
    let scene = Scene { net: net.clone(), host: host.to_owned(), port, address, through, trusted };
    scene.greet(HelloKind::Large, host, Trust::AsGo, line).await
}

/// Whether something between here and the server may have ended the handshake: silence and cut connections, and the
/// alerts that filters and front ends send for a name that they do not let pass.
fn may_be_filtered(outcome: &HandshakeOutcome) -> bool {
    match outcome {
        HandshakeOutcome::TimedOut { .. } | HandshakeOutcome::Reset | HandshakeOutcome::Closed => true,
        HandshakeOutcome::Alert { name } => {
            ["unrecognized_name", "access_denied", "internal_error", "handshake_failure"]
                .contains(&name.as_str())
        }
        _ => false,
    }
}

/// One more hello on a connection of its own; one that cannot even be dialled any more has ended like the first.
async fn look(scene: &Scene, kind: HelloKind) -> Option<Handshake> {
    match scene.dial().await {
        (_, Some(tcp)) => Some(scene.greet(kind, &scene.host, Trust::AsGo, tcp).await.0),
        (dial, None) => scene.not_dialled(kind, &scene.host, &dial),
    }
}

/// The large hello with other names, all at once; of those that are answered the first in order, else the first of all.
async fn other_name(scene: &Scene) -> Option<Handshake> {
    let mut running = JoinSet::new();
    let others = OTHER_NAMES.into_iter().filter(|name| !name.eq_ignore_ascii_case(&scene.host));
    for (at, name) in others.enumerate() {
        let scene = scene.clone();
        running.spawn(async move {
            let seen = match scene.dial().await {
                (_, Some(tcp)) => scene.greet(HelloKind::OtherName, name, Trust::Anyone, tcp).await.0,
                (dial, None) => scene.not_dialled(HelloKind::OtherName, name, &dial)?,
            };
            Some((at, seen))
        });
    }
    let ended = running.join_all().await.into_iter().flatten();
    ended.min_by_key(|(at, seen)| (seen.outcome != HandshakeOutcome::Completed, *at)).map(|(_, seen)| seen)
}
