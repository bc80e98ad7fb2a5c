//! `tls`: whether a TLS handshake completes with a certificate that Go accepts.

use probes::cloud::is_public_service;
use probes::observation::{CertificateProblem, Fact, Handshake, HandshakeOutcome, HelloKind, Validity};
use probes::vantage::Vantage;

use super::seen::{certificate, list, time};
use super::{Answer, At, Check, EVERYWHERE, View};
use crate::causes::{
    CauseId, ConnectionReset, FirewallFqdnBlocked, HttpsRegistryOnHttp, NodeClockSkew, PlainHttpRegistry,
    TlsCertificateExpired, TlsCertificateNoSan, TlsHandshakeTimeout, TlsHostnameMismatch,
    TlsInterceptingProxy, TlsLargeHelloDropped, TlsProtocolTooOld, TlsUnknownAuthority,
};
use crate::report::Stance;

mod words;

use words::{ended, hello};

/// The causes of a certificate that is not accepted.
pub(super) const CERTIFICATE: &[CauseId] = &[
    TlsUnknownAuthority,
    TlsInterceptingProxy,
    TlsHostnameMismatch,
    TlsCertificateNoSan,
    TlsCertificateExpired,
    NodeClockSkew,
];

/// The causes that this check alone speaks of, or for others in its place.
pub(super) const OWN: &[CauseId] = &[
    TlsLargeHelloDropped,
    TlsHandshakeTimeout,
    FirewallFqdnBlocked,
    ConnectionReset,
    TlsProtocolTooOld,
    PlainHttpRegistry,
    HttpsRegistryOnHttp,
];

/// The check.
pub const CHECK: Check = Check {
    id: "tls",
    title: "a TLS handshake completes with a certificate that Go accepts",
    explanation: "The first hello is as large as containerd's of today (over one network segment, for its post-quantum key \
        share). Where it gets no answer, a small one, the large one once more and one with another server name are sent to \
        the same address: what passes and what does not tells a middlebox that drops large hellos or filters by name from a \
        server that is down. Certificates are judged as Go judges them: validity, name, chain, in this order.",
    at: EVERYWHERE,
    per_credential: false,
    needs: &[&["reference", "dns", "tcp", "proxy"]],
    causes: &[CERTIFICATE, OWN],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let handshakes: Vec<&Handshake> = view
        .registry()
        .filter_map(|o| match &o.fact {
            Fact::Handshake(handshake) => Some(handshake),
            _ => None,
        })
        .collect();
    // Whether TLS is meant at all stands in the node's files.
    if matches!(view.survey.vantage, Vantage::Node(_)) {
        view.node_files()?;
    }
    if view.is_plain_http() {
        return Some(plain(&handshakes));
    }
    let answer = shaken(&handshakes)?;
    let large = handshakes.iter().find(|h| h.hello.kind == HelloKind::Large);
    let answer = large.map_or(answer.clone(), |h| compared(view, h, answer));
    let is_not_tls = handshakes.iter().any(|h| matches!(h.outcome, HandshakeOutcome::NotTls { .. }));
    let plain_answer = view.registry().find_map(|o| match &o.fact {
        Fact::PlainHttp(plain) => Some(plain),
        _ => None,
    });
    Some(match plain_answer.filter(|_| is_not_tls) {
        Some(plain) => {
            let asked = format!("GET http://{}:{}/v2/", plain.host, plain.port);
            match plain.status {
                Some(status) => Answer {
                    message: format!(
                        "{}:{} answers plain http where TLS is expected",
                        plain.host, plain.port
                    ),
                    says: Vec::new(),
                    ..answer
                }
                .confirms(PlainHttpRegistry)
                .saw(asked, status.to_string()),
                None => answer.saw(asked, "no http answer"),
            }
        }
        None => answer,
    })
}

fn plain(handshakes: &[&Handshake]) -> Answer {
    let spoke = handshakes
        .iter()
        .find(|h| matches!(h.outcome, HandshakeOutcome::Completed | HandshakeOutcome::Certificate(_)));
    match spoke {
        Some(h) => Answer::fail(format!("{}:{} speaks TLS, and was asked in plain http", h.host, h.port))
            .confirms(HttpsRegistryOnHttp)
            .saw(hello(h), ended(&h.outcome))
            .at(at(h)),
        None => Answer::new(crate::report::Status::NotApplicable, "plain http was asked for"),
    }
}

fn at(h: &Handshake) -> At {
    At { host: Some(h.host.clone()), port: Some(h.port), address: Some(h.address), ..At::default() }
}

/// What the handshakes with one host say.
pub(super) fn shaken(handshakes: &[&Handshake]) -> Option<Answer> {
    let of = |kind: HelloKind| handshakes.iter().find(|h| h.hello.kind == kind).copied();
    let first = of(HelloKind::Large)?;
    let evidence = |answer: Answer| {
        let answer = handshakes.iter().fold(answer, |a, h| a.saw(hello(h), ended(&h.outcome)));
        let chain = first.chain.iter().take(3).map(certificate);
        answer.evidence(chain).at(at(first))
    };
    let place = format!("{} ({}:{})", first.host, first.address, first.port);
    let answer = match &first.outcome {
        HandshakeOutcome::Completed => {
            let version = first.version.as_deref().unwrap_or("TLS");
            Answer::pass(format!("{version}, certificate accepted (roots: {})", first.roots))
        }
        HandshakeOutcome::Certificate(problem) => not_accepted(first, problem, &place),
        HandshakeOutcome::NotTls { http: true } => {
            Answer::fail(format!("{place} answers TLS with plain http")).confirms(PlainHttpRegistry)
        }
        HandshakeOutcome::NotTls { http: false } => {
            Answer::fail(format!("{place} answers TLS with something that is neither TLS nor http"))
                .allows(&[PlainHttpRegistry, FirewallFqdnBlocked])
        }
        HandshakeOutcome::TooOld { offered } => {
            let offered = offered.as_deref().map(|o| format!(" ({o})")).unwrap_or_default();
            Answer::fail(format!("{place} speaks only protocol versions below TLS 1.2{offered}"))
                .confirms(TlsProtocolTooOld)
        }
        HandshakeOutcome::NotSupported { error } => Answer::new(
            crate::report::Status::Unknown,
            format!("{place} uses TLS in a way that is not looked at, and that Go may take: {error}"),
        ),
        outcome if !first.chain.is_empty() => ended_after_certificate(outcome, &place),
        outcome => silent_or_cut(outcome, &place, of),
    };
    Some(evidence(answer))
}

/// The hello got no answer, or none that goes on: which of the further hellos got one tells why.
fn silent_or_cut<'h>(
    outcome: &HandshakeOutcome,
    place: &str,
    of: impl Fn(HelloKind) -> Option<&'h Handshake>,
) -> Answer {
    let passed =
        |h: &Handshake| matches!(h.outcome, HandshakeOutcome::Completed | HandshakeOutcome::Certificate(_));
    let small = of(HelloKind::Small);
    let again = of(HelloKind::LargeAgain);
    let other = of(HelloKind::OtherName);
    let how = ended(outcome);
    let flaky = [ConnectionReset, TlsHandshakeTimeout];
    if again.is_some_and(passed) {
        return Answer::fail(format!("{place}: {how}; the same hello passed when sent again")).allows(&flaky);
    }
    if small.is_some_and(passed) {
        let answer = Answer::fail(format!("{place}: {how}; a smaller hello passes"));
        return match again {
            Some(_) => answer.confirms(TlsLargeHelloDropped),
            None => answer.allows(&[TlsLargeHelloDropped]).allows(&flaky),
        };
    }
    if other.is_some_and(passed) {
        let name = other.and_then(|h| h.hello.server_name.as_deref()).unwrap_or("another name");
        let answer = Answer::fail(format!("{place}: {how}; a hello for {name} passes at the same address"));
        return match (small.is_some() && again.is_some(), outcome) {
            // A server that has no certificate for the name says so with this alert; a filter does not.
            (true, HandshakeOutcome::Alert { name }) if name == "unrecognized_name" => {
                answer.confirms(TlsHostnameMismatch)
            }
            (true, _) => answer.confirms(FirewallFqdnBlocked),
            (false, _) => answer
                .allows(&[FirewallFqdnBlocked, TlsHostnameMismatch, TlsLargeHelloDropped])
                .allows(&flaky),
        };
    }
    let further = [small, again, other];
    let not_tls = further.iter().flatten().any(|h| matches!(h.outcome, HandshakeOutcome::NotTls { .. }));
    let looked_further = further.iter().all(Option::is_some) && !not_tls;
    let answer = Answer::fail(format!("{place}: {how}"));
    let all = [
        PlainHttpRegistry,
        TlsLargeHelloDropped,
        FirewallFqdnBlocked,
        ConnectionReset,
        TlsHandshakeTimeout,
        TlsHostnameMismatch,
    ];
    match outcome {
        HandshakeOutcome::TimedOut { .. } if looked_further => answer.confirms(TlsHandshakeTimeout),
        HandshakeOutcome::TimedOut { .. } => answer.allows(&[TlsHandshakeTimeout]).allows(&all),
        HandshakeOutcome::Reset | HandshakeOutcome::Closed if looked_further => {
            answer.confirms(ConnectionReset)
        }
        HandshakeOutcome::Reset | HandshakeOutcome::Closed => answer.allows(&[ConnectionReset]).allows(&all),
        // We offer HTTP/1.1 alone, Go HTTP/2 as well: a server of HTTP/2 alone is nothing that we have looked at.
        HandshakeOutcome::Alert { name } if name == "no_application_protocol" => Answer::new(
            crate::report::Status::Unknown,
            format!("{place} speaks HTTP/2 alone, which is not looked at"),
        ),
        HandshakeOutcome::Alert { name } => match name.as_str() {
            "unrecognized_name" => answer.confirms(TlsHostnameMismatch),
            "protocol_version" => answer.confirms(TlsProtocolTooOld),
            "handshake_failure" | "insufficient_security" => {
                answer.allows(&[TlsProtocolTooOld, FirewallFqdnBlocked])
            }
            _ => answer.allows(&[FirewallFqdnBlocked, TlsProtocolTooOld, TlsHostnameMismatch]),
        },
        HandshakeOutcome::Failed { .. } => {
            answer.allows(&[ConnectionReset, TlsProtocolTooOld, FirewallFqdnBlocked])
        }
        _ => Answer::new(crate::report::Status::Unknown, format!("{place}: {how}")),
    }
}

/// The server showed its certificate and then ended the handshake: it answers this hello, whatever others it answers.
fn ended_after_certificate(outcome: &HandshakeOutcome, place: &str) -> Answer {
    let how = ended(outcome);
    Answer::fail(format!(
        "{place}: {how}, after it had shown its certificate; it may demand one of the client"
    ))
    .allows(&[ConnectionReset, TlsProtocolTooOld])
}

/// The certificate is not accepted; of several reasons the one that Go reports comes first.
fn not_accepted(h: &Handshake, problem: &CertificateProblem, place: &str) -> Answer {
    let mut reasons = Vec::new();
    if let Some(Validity { subject, not_before, not_after, now }) = &problem.validity {
        reasons.push(if now < not_before {
            format!("{subject} is not valid before {} (our clock: {})", time(*not_before), time(*now))
        } else {
            format!("{subject} expired at {} (our clock: {})", time(*not_after), time(*now))
        });
    }
    if problem.no_san {
        reasons.push("it names no host (no subject alternative name)".to_owned());
    } else if let Some(names) = &problem.wrong_name {
        reasons.push(format!("it is for {}, not for {}", list(names), h.host));
    }
    if let Some(issuer) = &problem.unknown_issuer {
        reasons.push(format!("its issuer {issuer} is not trusted (roots: {})", h.roots));
    }
    reasons.extend(problem.other.as_ref().map(ToString::to_string));
    let answer = Answer::fail(format!("the certificate of {place} is not accepted: {}", reasons.join("; ")));
    if let Some(validity) = &problem.validity {
        return match h.server_date {
            Some(date) if in_validity(date, validity) => answer
                .saw(format!("the server's own clock at {}", h.host), time(date))
                .confirms(NodeClockSkew),
            Some(date) => answer
                .saw(format!("the server's own clock at {}", h.host), time(date))
                .confirms(TlsCertificateExpired),
            None => answer.allows(&[TlsCertificateExpired, NodeClockSkew]),
        };
    }
    if problem.unverified && !problem.no_san && problem.wrong_name.is_none() {
        Answer { status: crate::report::Status::Unknown, ..answer }
    } else if problem.no_san {
        answer.confirms(TlsCertificateNoSan)
    } else if problem.wrong_name.is_some() && problem.unknown_issuer.is_some() && is_public_service(&h.host) {
        // Neither the service nor a proxy that makes certificates in its name: both ways to put it right are open.
        answer.allows(&[TlsInterceptingProxy, TlsHostnameMismatch])
    } else if problem.wrong_name.is_some() {
        answer.confirms(TlsHostnameMismatch)
    } else if problem.unknown_issuer.is_none() {
        // A trusted issuer, and still not a certificate for servers: neither of the two is shown by that.
        answer.allows(&[TlsUnknownAuthority, TlsInterceptingProxy])
    } else if is_public_service(&h.host) {
        answer.confirms(TlsInterceptingProxy)
    } else {
        answer.confirms(TlsUnknownAuthority)
    }
}

/// The same, where a certificate in the name of a public service may be its own, and its authority is missing here.
fn compared(view: &View<'_>, h: &Handshake, answer: Answer) -> Answer {
    if !answer.says.iter().any(|s| s.cause == TlsInterceptingProxy && s.stance == Stance::Confirms) {
        return answer;
    }
    let again = |answer: Answer| Answer { says: Vec::new(), ..answer };
    match same_elsewhere(view, h) {
        None | Some(Some(false)) => answer,
        Some(Some(true)) => again(answer).confirms(TlsUnknownAuthority),
        Some(None) => again(answer).allows(&[TlsInterceptingProxy, TlsUnknownAuthority]),
    }
}

/// Whether the workstation accepted the very same certificate: then it is the service's own, and what is missing is its
/// authority here. `Some(None)` where the workstation saw none; `None` where nobody has looked from elsewhere.
fn same_elsewhere(view: &View<'_>, h: &Handshake) -> Option<Option<bool>> {
    if view.survey.vantage == Vantage::Workstation {
        return None;
    }
    let mut surveys = view.case.rounds.iter().flat_map(|round| &round.surveys);
    let survey = surveys.find(|survey| survey.vantage == Vantage::Workstation)?;
    let leaf = |h: &Handshake| h.chain.first().map(|certificate| certificate.sha256.clone());
    let accepted = survey.observations.iter().filter_map(|o| match &o.fact {
        Fact::Handshake(other) if other.outcome == HandshakeOutcome::Completed && other.host == h.host => {
            leaf(other)
        }
        _ => None,
    });
    let accepted: Vec<String> = accepted.collect();
    Some(match leaf(h) {
        Some(own) if !accepted.is_empty() => Some(accepted.contains(&own)),
        _ => None,
    })
}

/// Whether a certificate that is outside its validity by our clock is inside it by the server's.
fn in_validity(date: jiff::Timestamp, validity: &Validity) -> bool {
    validity.not_before <= date && date <= validity.not_after
}

#[cfg(test)]
mod tests;
