//! `tcp`: whether an address of the registry takes a connection.

use std::net::IpAddr;

use probes::cloud::{Family, family};
use probes::facts::dns::is_private;
use probes::observation::{Connect, Dial, DialOutcome, Fact};

use super::seen::{list, span};
use super::{Answer, At, Check, EVERYWHERE, View};
use crate::causes::{
    AcrPrivateDnsWrongRecord, CauseId, ConnectionReset, LocalDnsStale, NoIpv4Route, NoIpv6Route,
    PrivateEndpointUnreachable, TcpRefused, TcpTimeout,
};
use crate::report::Status;

/// The causes that this check alone speaks of, or for others in its place.
pub(super) const OWN: &[CauseId] = &[
    TcpTimeout,
    TcpRefused,
    ConnectionReset,
    NoIpv4Route,
    NoIpv6Route,
    PrivateEndpointUnreachable,
    AcrPrivateDnsWrongRecord,
    LocalDnsStale,
];

/// The check.
pub const CHECK: Check = Check {
    id: "tcp",
    title: "an address of the registry takes a connection",
    explanation: "All addresses of the name are dialled at once. One that takes a connection is enough, as it is for Go; \
        others that refuse, stay silent or have no route are a warning then.",
    at: EVERYWHERE,
    per_credential: false,
    needs: &[&["reference", "dns"]],
    causes: &[OWN],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    if view.tunnel().is_some() {
        return Some(Answer::new(Status::NotApplicable, "the proxy makes the connection"));
    }
    let connect = view.registry().find_map(|o| match &o.fact {
        Fact::Connect(connect) => Some(connect),
        _ => None,
    })?;
    let answer = connected(connect)?;
    // Whoever reads of an address asks the name servers where it comes from, and they know nothing of this one.
    let named =
        view.resolve().filter(|resolve| answer.status == Status::Fail && !resolve.hosts_file.is_empty());
    let answer = match named {
        Some(resolve) => {
            answer.saw("look at the hosts file", format!("{}: {}", resolve.name, list(&resolve.hosts_file)))
        }
        None => answer,
    };
    Some(if view.may_have_stale_names() { answer.not_proven(&[LocalDnsStale]) } else { answer })
}

/// What dialling the addresses of a name says.
pub(super) fn connected(connect: &Connect) -> Option<Answer> {
    let evidence = |answer: Answer| {
        connect.dials.iter().fold(answer, |a, dial| a.saw(action(dial, connect.port), outcome(dial)))
    };
    let taken: Vec<&Dial> = connect.dials.iter().filter(|d| d.outcome == DialOutcome::Connected).collect();
    let lost: Vec<&Dial> = connect.dials.iter().filter(|d| d.outcome != DialOutcome::Connected).collect();
    if let Some(first) = taken.first() {
        let message = format!("{} takes connections on port {}", first.address, connect.port);
        // A family that this machine has no route for is what dual-stack names look like from a single-stack network.
        let odd: Vec<String> = lost
            .iter()
            .filter(|d| d.outcome != DialOutcome::Unreachable)
            .map(|d| format!("{} {}", d.address, outcome(d)))
            .collect();
        return Some(evidence(if odd.is_empty() {
            Answer::pass(message)
        } else {
            Answer::new(Status::Warn, format!("{message}, but {}", odd.join("; ")))
        }));
    }
    // What has no route says least: it is what dual-stack names look like where only one stack is.
    let worst = *lost.iter().find(|d| d.outcome != DialOutcome::Unreachable).or(lost.first())?;
    let at = At {
        host: Some(connect.host.clone()),
        port: Some(connect.port),
        address: Some(worst.address),
        ..At::default()
    };
    let where_to = format!("{}:{} ({})", bracketed(&worst.address), connect.port, connect.host);
    let private_acr = family(&connect.host) == Family::Acr && is_private(&worst.address);
    let answer = match &worst.outcome {
        DialOutcome::TimedOut { after_ms } if private_acr => Answer::fail(format!(
            "{where_to} does not answer within {}; it is a private address",
            span(*after_ms)
        ))
        .allows(&[PrivateEndpointUnreachable, AcrPrivateDnsWrongRecord]),
        DialOutcome::TimedOut { after_ms } => {
            Answer::fail(format!("{where_to} does not answer within {}", span(*after_ms)))
                .confirms(TcpTimeout)
        }
        DialOutcome::Refused => {
            Answer::fail(format!("{where_to} refuses the connection")).confirms(TcpRefused)
        }
        DialOutcome::Reset => {
            Answer::fail(format!("{where_to} resets the connection")).confirms(ConnectionReset)
        }
        DialOutcome::Unreachable => {
            let cause = if worst.address.is_ipv4() { NoIpv4Route } else { NoIpv6Route };
            Answer::fail(format!("there is no route to {where_to}")).confirms(cause)
        }
        DialOutcome::Failed { error } => {
            Answer::fail(format!("{where_to} cannot be dialled: {error}")).allows(&[TcpTimeout, TcpRefused])
        }
        DialOutcome::Connected | DialOutcome::Unknown => {
            return Some(Answer::new(
                Status::Unknown,
                format!("dialling {where_to} ended in a way that this version does not know"),
            ));
        }
    };
    Some(evidence(answer).at(at))
}

fn bracketed(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

fn action(dial: &Dial, port: u16) -> String {
    match dial.routed_to {
        Some(to) => format!("dial {}:{port} (as {to})", bracketed(&dial.address)),
        None => format!("dial {}:{port}", bracketed(&dial.address)),
    }
}

fn outcome(dial: &Dial) -> String {
    match &dial.outcome {
        DialOutcome::Connected => "connected".to_owned(),
        DialOutcome::Refused => "refused".to_owned(),
        DialOutcome::TimedOut { after_ms } => format!("no answer within {}", span(*after_ms)),
        DialOutcome::Unreachable => "no route".to_owned(),
        DialOutcome::Reset => "reset".to_owned(),
        DialOutcome::Failed { error } => error.to_string(),
        DialOutcome::Unknown => "an outcome that this version does not know".to_owned(),
    }
}
