//! What stood in the way of an answer, by its kind and never by its words.

use probes::foreign::Foreign;
use probes::observation::{
    BodyKind, DialOutcome, DnsOutcome, Fact, HandshakeOutcome, HttpFailure, HttpOutcome, Reply,
};
use probes::service::{Answer, Service};
use serde_json::Value;

use super::read;
use crate::case::azure::{Trouble, TroubleKind};

impl From<Box<Trouble>> for Trouble {
    fn from(trouble: Box<Trouble>) -> Self {
        *trouble
    }
}

/// A trouble without an answer.
pub(super) fn of(kind: TroubleKind, during: &str, detail: impl AsRef<str>) -> Trouble {
    Trouble {
        kind,
        during: during.to_owned(),
        status: None,
        code: None,
        action: None,
        detail: Foreign::new(detail.as_ref()),
        correlation_id: None,
    }
}

/// The body of an answer that is a success, or what is wrong with it.
pub(super) fn body(service: &Service<'_>, during: &str, answer: Answer) -> Result<Vec<u8>, Box<Trouble>> {
    match &answer.outcome {
        HttpOutcome::Reply(reply) if (200..300).contains(&reply.status) => Ok(answer.body.to_vec()),
        HttpOutcome::Reply(reply) => Err(Box::new(refused(service, during, reply, &answer.body))),
        outcome => {
            let (kind, detail) = unanswered(outcome, &answer);
            Err(Box::new(of(kind, during, detail)))
        }
    }
}

/// An answer that is a success by its status and is not what was asked for.
pub(super) fn odd(during: &str, reply: Option<&Reply>) -> Trouble {
    let what = match reply.map(|reply| reply.body) {
        Some(BodyKind::Html) => "a web page",
        Some(BodyKind::Empty) => "nothing",
        _ => "something else",
    };
    let status = reply.map_or(200, |reply| reply.status);
    Trouble {
        status: Some(status),
        ..of(
            TroubleKind::Answer,
            during,
            format!("{status}, but what came is {what}; is there a proxy or a portal in the way?"),
        )
    }
}

/// A refusal, in the words of the resource manager or of Microsoft Graph, which have the same form.
fn refused(service: &Service<'_>, during: &str, reply: &Reply, body: &[u8]) -> Trouble {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = read::raw(&said, "error.code");
    let message = read::raw(&said, "error.message");
    // What is not said in Azure's form is somebody else's: a proxy's, a portal's.
    let kind = match (reply.status, code) {
        (429, _) => TroubleKind::Throttled,
        (_, None) => TroubleKind::Answer,
        (401, _) => TroubleKind::Unauthenticated,
        (403, _) => TroubleKind::Forbidden,
        (404, _) => TroubleKind::NotFound,
        _ => TroubleKind::Answer,
    };
    let detail = match (message, code) {
        (Some(message), _) => service.told(message),
        (None, Some(code)) => service.told(code),
        (None, None) => Foreign::new(&format!("{}, and not in Azure's words", reply.status)),
    };
    Trouble {
        kind,
        during: during.to_owned(),
        status: Some(reply.status),
        code: code.map(|code| service.told(code)),
        action: message.and_then(action).map(|action| service.told(action)),
        detail,
        correlation_id: correlation(reply),
    }
}

/// The id under which Microsoft's support finds a request.
pub(super) fn correlation(reply: &Reply) -> Option<Foreign> {
    reply.correlation_id().map(Foreign::new)
}

/// The action that a refusal names: `... to perform action 'Microsoft.X/y/read' over scope ...`.
fn action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("action '")?;
    let (action, _) = rest.split_once('\'')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '-' | '_' | '*');
    (action.contains('/') && action.chars().all(plain)).then_some(action)
}

/// Why nothing came.
fn unanswered(outcome: &HttpOutcome, answer: &Answer) -> (TroubleKind, String) {
    match outcome {
        HttpOutcome::NotReached { host } => (TroubleKind::Unreachable, unreached(host, answer)),
        HttpOutcome::OutOfTime => (TroubleKind::TimedOut, "there was no time left to ask".to_owned()),
        HttpOutcome::Failed { failure } => match failure {
            HttpFailure::HeadTimedOut { after_ms } | HttpFailure::BodyTimedOut { after_ms, .. } => {
                (TroubleKind::TimedOut, format!("no answer within {:.1} s", *after_ms as f64 / 1000.0))
            }
            HttpFailure::Closed => (TroubleKind::Answer, "the connection ended before the answer".to_owned()),
            HttpFailure::Reset => (TroubleKind::Answer, "the connection was reset".to_owned()),
            HttpFailure::TooLarge { limit } => {
                (TroubleKind::Answer, format!("the answer is longer than {limit} bytes"))
            }
            _ => (TroubleKind::Answer, "what came is no http".to_owned()),
        },
        _ => (TroubleKind::Answer, "no answer came".to_owned()),
    }
}

/// Where the way to a host ended: the last step that was seen.
fn unreached(host: &str, answer: &Answer) -> String {
    // After a handshake that failed come looks at why; the first of them is the one that counts.
    let shaken = answer.way.iter().find_map(|seen| match &seen.fact {
        Fact::Handshake(handshake) => Some(&handshake.outcome),
        _ => None,
    });
    if let Some(outcome) = shaken {
        return format!("{host}: {}", handshake(outcome));
    }
    let last = answer.way.iter().rev().find_map(|seen| match &seen.fact {
        Fact::Tunnel(tunnel) => Some(format!("the proxy {} does not open the way to {host}", tunnel.proxy)),
        Fact::Connect(connect) => Some(match connect.dials.first() {
            Some(dial) => format!("{host}: {} at {}:{}", dialled(&dial.outcome), dial.address, connect.port),
            None => format!("{host}: no address was dialled"),
        }),
        Fact::Resolve(resolve) => {
            let said = resolve.nameservers.iter().map(|server| &server.a.outcome).next();
            Some(format!("{} has no address{}", resolve.name, said.map(named).unwrap_or_default()))
        }
        Fact::OutOfTime { .. } => Some(format!("{host}: there was no time left")),
        _ => None,
    });
    last.unwrap_or_else(|| format!("{host} could not be reached"))
}

fn named(outcome: &DnsOutcome) -> String {
    let word = match outcome {
        DnsOutcome::NxDomain => "NXDOMAIN",
        DnsOutcome::NoData => "no such record",
        DnsOutcome::ServFail => "SERVFAIL",
        DnsOutcome::Refused => "REFUSED",
        DnsOutcome::TimedOut { .. } => "the nameserver is silent",
        DnsOutcome::PortClosed | DnsOutcome::Unreachable => "no nameserver is there",
        _ => return String::new(),
    };
    format!(" ({word})")
}

fn dialled(outcome: &DialOutcome) -> &'static str {
    match outcome {
        DialOutcome::Refused => "the connection is refused",
        DialOutcome::TimedOut { .. } => "no connection within the time for it",
        DialOutcome::Unreachable => "there is no way",
        DialOutcome::Reset => "the connection is reset",
        _ => "no connection",
    }
}

fn handshake(outcome: &HandshakeOutcome) -> String {
    match outcome {
        HandshakeOutcome::Certificate(problem) => {
            let what = match problem {
                problem if problem.validity.is_some() => "is out of its time",
                problem if problem.wrong_name.is_some() || problem.no_san => "is of another name",
                problem if problem.unknown_issuer.is_some() => "is of an authority that is not trusted",
                _ => "is not trusted",
            };
            format!("its certificate {what}")
        }
        HandshakeOutcome::TimedOut { .. } => "TLS is not answered".to_owned(),
        HandshakeOutcome::Reset | HandshakeOutcome::Closed => {
            "the connection ended in the TLS handshake".to_owned()
        }
        _ => "TLS is not spoken".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_of_a_refusal_is_read() {
        let words = "The client 'x' with object id 'y' does not have authorization to perform action \
                     'Microsoft.ContainerRegistry/registries/read' over scope '/subscriptions/S' or the scope is invalid.";
        assert_eq!(action(words), Some("Microsoft.ContainerRegistry/registries/read"));
        for none in ["", "to perform action 'x", "perform action 'no slash' over", "action 'a/b c'"] {
            assert_eq!(action(none), None, "{none}");
        }
    }
}
