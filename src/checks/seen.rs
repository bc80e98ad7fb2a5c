//! How observations are put into words, the same for every check.

use probes::observation::{BodyKind, Certificate, Exchange, HttpFailure, HttpOutcome};

use super::Answer;
use crate::case::pull::Refusal;
use crate::report::{Evidence, Status};

/// A request and its answer as evidence.
pub(super) fn exchange(exchange: &Exchange) -> Evidence {
    let mut action = format!("{} {}", exchange.method, exchange.url);
    for hop in &exchange.hops {
        action.push_str(&format!(" -> {} {}", hop.status, hop.host));
    }
    let reply = exchange.reply();
    let saw = match &exchange.outcome {
        HttpOutcome::Reply(reply) => {
            let mut saw = reply.status.to_string();
            if reply.body == BodyKind::Html {
                saw.push_str(", a web page");
            }
            for error in &reply.errors {
                saw.push_str(&match (error.code.is_empty(), error.message.is_empty()) {
                    (false, false) => format!(", {}: {}", error.code, error.message),
                    (false, true) => format!(", {}", error.code),
                    _ => format!(", {}", error.message),
                });
            }
            if let Some(code) = reply.header("x-ms-error-code") {
                saw.push_str(&format!(", {code}"));
            }
            for header in ["ratelimit-limit", "ratelimit-remaining", "docker-ratelimit-source"] {
                if let Some(value) = reply.header(header).filter(|_| reply.status == 429) {
                    saw.push_str(&format!(", {header}: {value}"));
                }
            }
            if let Some(after) = reply.header("retry-after") {
                saw.push_str(&format!(", Retry-After: {after}"));
            }
            saw
        }
        other => outcome(other),
    };
    Evidence { action, saw, correlation_id: reply.and_then(|r| r.correlation_id()).map(str::to_owned) }
}

/// What became of a request that has no answer.
pub(super) fn outcome(outcome: &HttpOutcome) -> String {
    match outcome {
        HttpOutcome::Reply(reply) => reply.status.to_string(),
        HttpOutcome::Failed { failure } => self::failure(failure),
        HttpOutcome::NotReached { host } => format!("{host} could not be reached"),
        HttpOutcome::Steered(steered) => match &steered.address {
            Some(address) => format!("not followed: it leads to {address}"),
            None if steered.downgrade => "not followed: it leads from https to http".to_owned(),
            None => "not sent: the credential was not issued for that host".to_owned(),
        },
        HttpOutcome::BadRedirect { error } => error.to_string(),
        HttpOutcome::OutOfTime => "no time was left".to_owned(),
        HttpOutcome::Unknown => "something that this version does not know".to_owned(),
    }
}

/// How a request failed, in words that follow a host's name.
pub(super) fn failure(failure: &HttpFailure) -> String {
    match failure {
        HttpFailure::Closed => "the connection was closed before the answer was complete".to_owned(),
        HttpFailure::Reset => "the connection was reset".to_owned(),
        HttpFailure::HeadTimedOut { after_ms } => format!("no answer within {}", span(*after_ms)),
        HttpFailure::BodyTimedOut { after_ms, bytes } => {
            format!("the body stopped coming after {bytes} bytes, given up after {}", span(*after_ms))
        }
        HttpFailure::Malformed { error } => format!("an answer that is no http: {error}"),
        HttpFailure::HttpsExpected => "an answer that is no plain http".to_owned(),
        HttpFailure::TooLarge { limit } => format!("a body of more than {limit} bytes"),
        HttpFailure::Unknown => "a failure that this version does not know".to_owned(),
    }
}

/// A duration as people read it.
pub(super) fn span(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        _ => match (ms + 50) / 100 {
            tenths if tenths % 10 == 0 => format!("{} s", tenths / 10),
            tenths => format!("{}.{} s", tenths / 10, tenths % 10),
        },
    }
}

/// A certificate as evidence.
pub(super) fn certificate(certificate: &Certificate) -> Evidence {
    let names: Vec<&str> = certificate.names.iter().map(|n| n.as_str()).take(6).collect();
    let more = if certificate.names.len() > 6 { ", ..." } else { "" };
    Evidence {
        action: format!("certificate {}", certificate.subject),
        saw: format!(
            "issued by {}, for {}{more}, valid {} to {}",
            certificate.issuer,
            if names.is_empty() { "no name".to_owned() } else { names.join(", ") },
            time(certificate.not_before),
            time(certificate.not_after)
        ),
        correlation_id: None,
    }
}

/// A point in time, to the second.
pub(super) fn time(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What a refusal of a pod of ours says: nothing of any image.
pub(super) fn refused(what: &str, namespace: &str, refusal: &Refusal) -> Answer {
    let message =
        format!("the API server refuses {what} ({} {}): {}", refusal.code, refusal.reason, refusal.message);
    Answer::new(Status::Unknown, message)
        .saw(format!("create the pod in {namespace}"), refusal.message.to_string())
}

/// Several things in one line.
pub(super) fn list<T: ToString>(things: impl IntoIterator<Item = T>) -> String {
    things.into_iter().map(|t| t.to_string()).collect::<Vec<_>>().join(", ")
}
