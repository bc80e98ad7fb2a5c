//! `proxy`: whether the proxy that is in the way opens it.

use probes::node::unit::CONTAINERD;
use probes::observation::{
    BodyKind, Exchange, Fact, FileState, HttpFailure, HttpOutcome, Role, Tunnel, TunnelOutcome,
};

use super::reach::Way;
use super::{Answer, At, Check, EVERYWHERE, View, seen};
use crate::causes::{
    CauseId, FirewallFqdnBlocked, ProxyDenied, ProxyMisconfigured, ProxyUnreachable, RegistryOutage,
};
use crate::report::Status;

/// The causes that a proxy may be.
pub(super) const PROXY: &[CauseId] =
    &[ProxyUnreachable, ProxyMisconfigured, ProxyDenied, FirewallFqdnBlocked, RegistryOutage];

/// The check.
pub const CHECK: Check = Check {
    id: "proxy",
    title: "the proxy in the way opens it",
    explanation: "Go programs, and so container runtimes, go through the proxy that HTTPS_PROXY names, but for what NO_PROXY \
        exempts. The proxy is resolved, dialled and asked for the way (CONNECT) to the registry; where it does not open that to \
        a host of tokens or of layers, it is those that fail. 407 is a proxy that wants a user, 403 one that does not let the host through, 502 to 504 one that does not \
        get there itself.",
    at: EVERYWHERE,
    per_credential: false,
    needs: &[&["reference"]],
    causes: &[PROXY, super::tls::CERTIFICATE],
    judge,
};

/// What a proxy may be the cause of, where it was not seen how a host was tried.
pub(super) fn possible(view: &View<'_>) -> &'static [CauseId] {
    if view.case.proxy.is_some() { PROXY } else { &[] }
}

fn judge(view: &View<'_>) -> Option<Answer> {
    // Other hosts' way through a proxy is the trouble of what leads there, as with their addresses and certificates.
    let tunnels: Vec<&Tunnel> = view
        .survey
        .observations
        .iter()
        .filter(|o| o.role == Role::Registry)
        .filter_map(|o| match &o.fact {
            Fact::Tunnel(tunnel) => Some(tunnel),
            _ => None,
        })
        .collect();
    let Some(first) = tunnels.first() else {
        if let Some(unseen) = unseen(view).filter(|_| view.case.proxy.is_none()) {
            return Some(unseen);
        }
        return Some(Answer::new(
            Status::NotApplicable,
            match &view.case.proxy {
                Some(_) => "NO_PROXY exempts the registry",
                None => "no proxy is named",
            },
        ));
    };
    if let Some(answer) = tunnels.iter().find_map(|tunnel| trouble(view, tunnel)) {
        return Some(answer);
    }
    let mut hosts: Vec<&str> = tunnels.iter().map(|tunnel| tunnel.host.as_str()).collect();
    hosts.dedup();
    Some(
        Answer::pass(format!("{} ({}) opens the way to {}", first.proxy, first.named_by, hosts.join(", ")))
            .evidence(tunnels.iter().map(|tunnel| evidence(tunnel, "open".to_owned()))),
    )
}

/// Files of the runtime's environment that could not be read: a proxy may be named in them.
fn unseen(view: &View<'_>) -> Option<Answer> {
    let runtime = view.node_files()?.environments.iter().find(|e| e.service == CONTAINERD)?;
    let known =
        |state: FileState| matches!(state, FileState::Read | FileState::Missing | FileState::NotAFile);
    let file = runtime.files.iter().find(|file| !known(file.state))?;
    let (service, path) = (&runtime.service, &file.path);
    Some(Answer::new(
        Status::Unknown,
        format!(
            "whether {service} goes by a proxy is not known: {path}, which makes its environment, could not be read"
        ),
    ))
}

fn evidence(tunnel: &Tunnel, saw: String) -> crate::report::Evidence {
    let action = format!("CONNECT {}:{} through {}", tunnel.host, tunnel.port, tunnel.proxy);
    crate::report::Evidence { action, saw, correlation_id: None }
}

/// Why a proxy did not open the way; `None` where it did.
pub(super) fn trouble(view: &View<'_>, tunnel: &Tunnel) -> Option<Answer> {
    let proxy = format!("the proxy {} ({})", tunnel.proxy, tunnel.named_by);
    let host = &tunnel.host;
    let answer = match &tunnel.outcome {
        TunnelOutcome::Open | TunnelOutcome::Forwards => return None,
        TunnelOutcome::NotReached | TunnelOutcome::TlsFailed => {
            let way = Way::to(view, Role::Proxy, &tunnel.proxy_host);
            match way.failure() {
                Some(failed) => {
                    let message = format!("{proxy} cannot be reached: {}", failed.answer.message);
                    let says = failed.answer.says.clone();
                    let answer = Answer::fail(message).evidence(failed.answer.evidence);
                    // A plain proxy that is greeted with TLS may say so, or end the connection, or wait for more.
                    let greeted = tunnel.outcome == TunnelOutcome::TlsFailed;
                    match (failed.certificate, greeted) {
                        (true, _) => Answer { says, ..answer },
                        (false, true) => answer.allows(&[ProxyMisconfigured, ProxyUnreachable]),
                        (false, false) => answer.confirms(ProxyUnreachable),
                    }
                }
                None => Answer::fail(format!("{proxy} could not be reached")).allows(&[ProxyUnreachable]),
            }
        }
        TunnelOutcome::NoTls { http } => Answer::fail(format!(
            "{proxy} is named with https:// and {}",
            if *http { "speaks plain http" } else { "does not speak TLS" }
        ))
        .confirms(ProxyMisconfigured),
        TunnelOutcome::UnknownScheme => {
            Answer::fail(format!("{proxy} is named with a scheme that no client speaks"))
                .confirms(ProxyMisconfigured)
        }
        TunnelOutcome::NotSpoken => Answer::new(
            Status::Unknown,
            format!(
                "{proxy} speaks SOCKS, which this version does not; give a way without it to look further"
            ),
        ),
        TunnelOutcome::Refused(exchange) => refused(&proxy, host, exchange),
        TunnelOutcome::Unknown => {
            Answer::new(Status::Unknown, format!("{proxy} did something that this version does not know"))
        }
    };
    let file = named_in(view, &tunnel.named_by);
    let at = At {
        host: Some(host.clone()),
        port: Some(tunnel.port),
        file: file.clone(),
        proxy: Some(tunnel.proxy.clone()),
        variable: Some(tunnel.named_by.clone()),
        ..At::default()
    };
    let saw = match &tunnel.outcome {
        TunnelOutcome::Refused(exchange) => seen::exchange(exchange).saw,
        _ => answer.message.clone(),
    };
    let told = !answer.evidence.is_empty();
    let answer = if told { answer } else { answer.evidence([evidence(tunnel, saw)]) };
    Some(
        match file {
            Some(file) => answer.saw(format!("read {file}"), format!("{} names the proxy", tunnel.named_by)),
            None => answer,
        }
        .at(at),
    )
}

/// The file of the node that sets the variable for the container runtime.
pub(super) fn named_in(view: &View<'_>, variable: &str) -> Option<String> {
    let runtime = view.node_files()?.environments.iter().find(|e| e.service == "containerd.service")?;
    let setting = runtime.variables.iter().find(|setting| setting.variable == variable)?;
    Some(setting.file.as_str().to_owned())
}

/// What an answer to `CONNECT` means that is no success.
fn refused(proxy: &str, host: &str, exchange: &Exchange) -> Answer {
    match &exchange.outcome {
        HttpOutcome::Reply(reply) => match reply.status {
            407 => Answer::fail(format!("{proxy} wants a user and a password for {host} (407)"))
                .confirms(ProxyDenied),
            // No proxy answers so: a web server, or a proxy for plain http alone.
            400 | 404 | 405 | 501 if reply.body != BodyKind::Html => {
                Answer::fail(format!("{proxy} does not know CONNECT to {host} ({})", reply.status))
                    .allows(&[ProxyMisconfigured, ProxyDenied])
            }
            500..=599 if reply.status != 511 => {
                Answer::fail(format!("{proxy} does not get to {host} ({})", reply.status)).allows(&[
                    ProxyDenied,
                    FirewallFqdnBlocked,
                    RegistryOutage,
                    ProxyMisconfigured,
                ])
            }
            status => {
                Answer::fail(format!("{proxy} does not let {host} through ({status})")).confirms(ProxyDenied)
            }
        },
        HttpOutcome::Failed { failure } => {
            let answer = Answer::fail(format!("{proxy}, asked for {host}: {}", seen::failure(failure)));
            match failure {
                HttpFailure::Malformed { .. } | HttpFailure::HttpsExpected => {
                    answer.confirms(ProxyMisconfigured)
                }
                HttpFailure::Closed | HttpFailure::Reset => {
                    answer.allows(&[ProxyDenied, ProxyMisconfigured, ProxyUnreachable])
                }
                _ => answer.allows(&[ProxyUnreachable, ProxyDenied]),
            }
        }
        other => Answer::new(Status::Unknown, format!("{proxy}, asked for {host}: {}", seen::outcome(other))),
    }
}
