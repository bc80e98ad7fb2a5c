//! How hellos and their ends are put into words.

use probes::observation::{Handshake, HandshakeOutcome, HelloKind};

use super::super::seen::span;

/// What was sent, and to whom.
pub(super) fn hello(h: &Handshake) -> String {
    let kind = match h.hello.kind {
        HelloKind::Large | HelloKind::OtherName => "hello",
        HelloKind::LargeAgain => "hello once more",
        HelloKind::Small => "smaller hello",
        HelloKind::Unknown => "hello of a kind that this version does not know",
    };
    let bytes = h.hello.bytes.map(|b| format!(", {b} bytes")).unwrap_or_default();
    let name = h.hello.server_name.as_deref().unwrap_or("no name");
    format!("TLS {kind} for {name} to {}:{}{bytes}", h.address, h.port)
}

/// How it ended.
pub(super) fn ended(outcome: &HandshakeOutcome) -> String {
    match outcome {
        HandshakeOutcome::Completed => "completed".to_owned(),
        HandshakeOutcome::Certificate(_) => "answered; certificate not accepted".to_owned(),
        HandshakeOutcome::NotTls { http: true } => "answered with plain http".to_owned(),
        HandshakeOutcome::NotTls { http: false } => "answered with something that is not TLS".to_owned(),
        HandshakeOutcome::TooOld { .. } => "protocol version below TLS 1.2".to_owned(),
        HandshakeOutcome::Alert { name } => format!("ended by the server with the alert {name}"),
        HandshakeOutcome::TimedOut { after_ms } => {
            format!("no answer to the TLS hello within {}", span(*after_ms))
        }
        HandshakeOutcome::Reset => "connection reset after the TLS hello".to_owned(),
        HandshakeOutcome::Closed => "connection closed after the TLS hello".to_owned(),
        HandshakeOutcome::Failed { error } | HandshakeOutcome::NotSupported { error } => error.to_string(),
        HandshakeOutcome::Unknown => "an outcome that this version does not know".to_owned(),
    }
}
