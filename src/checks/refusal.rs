//! What a registry's refusal means, wherever on the path it is met: the part that does not depend on what was asked.

use std::net::IpAddr;

use probes::cloud::{Family, family, is_azure_data_host};
use probes::facts::dns::is_private;
use probes::observation::{BodyKind, Exchange, HttpFailure, HttpOutcome, Reply, Role};

use super::reach::{Way, host_in, host_of};
use super::seen::{failure, outcome};
use super::{Answer, At, View, seen};
use crate::causes::{
    AcrCacheUpstreamThrottled, AcrIpNotAllowed, AcrPrivateDnsZoneNotLinked, AcrPublicAccessDisabled,
    AcrThrottled, AcrVnetRuleMissing, BlobEndpointBlocked, CauseId, ConnectionReset, DataEndpointDnsMissing,
    DockerHubRateLimit, FirewallFqdnBlocked, McrThrottled, MirrorReturnsHtml, ProxyDenied,
    ProxyMisconfigured, ProxyUnreachable, PullProgressTimeout, RedirectTargetBlocked, RedirectTargetRefused,
    RegistryGeoBlocked, RegistryOutage, RegistryServerError, RegistryThrottled,
};
use crate::report::Status;

/// The causes that every step which speaks http may meet.
pub(super) const COMMON: &[CauseId] = &[
    ProxyUnreachable,
    ProxyMisconfigured,
    ProxyDenied,
    FirewallFqdnBlocked,
    RegistryOutage,
    RegistryServerError,
    AcrThrottled,
    AcrCacheUpstreamThrottled,
    McrThrottled,
    DockerHubRateLimit,
    RegistryThrottled,
    MirrorReturnsHtml,
    AcrIpNotAllowed,
    AcrPublicAccessDisabled,
    AcrVnetRuleMissing,
    AcrPrivateDnsZoneNotLinked,
    RegistryGeoBlocked,
    ConnectionReset,
    PullProgressTimeout,
    RedirectTargetRefused,
    RedirectTargetBlocked,
    BlobEndpointBlocked,
    DataEndpointDnsMissing,
];

/// The answer for an exchange that got no reply; `None` where there is one.
pub(super) fn without_reply(view: &View<'_>, what: &str, exchange: &Exchange) -> Option<Answer> {
    let evidence = seen::exchange(exchange);
    let host = exchange.last_host().unwrap_or_else(|| view.registry_host()).to_owned();
    let redirected = !exchange.hops.is_empty();
    // Where a redirect must not lead is no place to look at; who sends it there is.
    let steered = matches!(exchange.outcome, HttpOutcome::Steered(_));
    let at_host = if steered { view.registry_host() } else { host_of(&host) };
    let at = At { host: Some(at_host.to_owned()), ..At::default() };
    let answer = match &exchange.outcome {
        HttpOutcome::Reply(_) => return None,
        HttpOutcome::OutOfTime | HttpOutcome::Unknown => {
            Answer::new(Status::Unknown, format!("{what}: {}", outcome(&exchange.outcome)))
        }
        HttpOutcome::NotReached { host } if redirected => {
            return Some(target_not_reached(view, what, exchange, host).evidence([evidence]));
        }
        HttpOutcome::NotReached { host } => {
            Answer::new(Status::Unknown, format!("{what}: {host} was not reached"))
        }
        HttpOutcome::Steered(steered) => {
            Answer::fail(format!("{what} leads to {}, which was {}", steered.to, outcome(&exchange.outcome)))
                .confirms(RedirectTargetRefused)
        }
        HttpOutcome::BadRedirect { error } => {
            Answer::fail(format!("{what}: {host} answers with {error}")).confirms(RegistryServerError)
        }
        HttpOutcome::Failed { failure: f } => {
            let answer = Answer::fail(format!("{what}: {host}: {}", failure(f)));
            match f {
                HttpFailure::Closed | HttpFailure::Reset => answer.confirms(ConnectionReset),
                HttpFailure::BodyTimedOut { .. } => answer.confirms(PullProgressTimeout),
                HttpFailure::HeadTimedOut { .. } if redirected || is_blob(exchange) => {
                    answer.confirms(PullProgressTimeout)
                }
                HttpFailure::HeadTimedOut { .. } => answer.confirms(RegistryServerError),
                HttpFailure::Malformed { .. } | HttpFailure::HttpsExpected => {
                    answer.allows(&[RegistryServerError, MirrorReturnsHtml])
                }
                HttpFailure::TooLarge { .. } => answer.confirms(RegistryServerError),
                HttpFailure::Unknown => Answer { status: Status::Unknown, ..answer },
            }
        }
    };
    Some(answer.evidence([evidence]).at(at))
}

/// A redirect's host that could not be resolved, dialled or shaken hands with.
fn target_not_reached(view: &View<'_>, what: &str, exchange: &Exchange, host: &str) -> Answer {
    let way = Way::to(view, Role::Redirect, host);
    // Azure's registries redirect blobs, and nothing else, to their data hosts.
    let azure = is_blob(exchange) && view.is_azure() && is_azure_data_host(host_of(host));
    let Some(failed) = way.failure() else {
        let open = if azure {
            [BlobEndpointBlocked, DataEndpointDnsMissing].as_slice()
        } else {
            &[RedirectTargetBlocked]
        };
        return Answer::fail(format!("{what} leads to {host}, which could not be reached"))
            .allows(open)
            .allows(super::proxy::possible(view));
    };
    if failed.proxy {
        let message = format!("{what} leads to {host}: {}", failed.answer.message);
        return Answer { message, ..failed.answer };
    }
    let cause = match (azure, failed.name_missing) {
        (true, true) => DataEndpointDnsMissing,
        (true, false) => BlobEndpointBlocked,
        (false, _) => RedirectTargetBlocked,
    };
    let at = if failed.answer.at.host.is_some() { failed.answer.at.clone() } else { way.at() };
    Answer::fail(format!("{what} leads to {host}, which cannot be reached: {}", failed.answer.message))
        .confirms(cause)
        .evidence(failed.answer.evidence)
        .at(at)
}

fn is_blob(exchange: &Exchange) -> bool {
    exchange.url.as_str().contains("/blobs/")
}

/// The answer for a reply that means the same at every step: throttling, a broken service, a page for browsers, a
/// registry's firewall. `None` for all others.
pub(super) fn common(view: &View<'_>, what: &str, exchange: &Exchange, reply: &Reply) -> Option<Answer> {
    let host = host_of(exchange.last_host().unwrap_or_else(|| host_in(exchange.url.as_str())));
    let fail = |message: String| Answer::fail(message).evidence([seen::exchange(exchange)]);
    let at = At { host: Some(host.to_owned()), ..At::default() };
    let answer = match reply.status {
        429 => {
            let after = reply
                .header("retry-after")
                .map(|a| format!(", to be asked again after {a} s"))
                .unwrap_or_default();
            fail(format!("{what}: {host} answers that there were too many requests (429){after}"))
                .confirms(throttled(view, host, reply))
        }
        // 511 is the answer of a network that wants a sign-in first (RFC 6585), never of the registry.
        500..=599 if reply.status != 511 => {
            fail(format!("{what}: {host} fails (status {})", reply.status)).confirms(RegistryServerError)
        }
        451 => fail(format!("{what}: {host} refuses for legal reasons (451)")).confirms(RegistryGeoBlocked),
        // A refusal that asks for a credential is one, whatever page comes with it.
        401 if reply.header("www-authenticate").is_some() => return None,
        _ if reply.body == BodyKind::Html || reply.status == 511 => {
            // Whose page it is matters less than that the registry's name leads to it.
            let at = At { host: Some(view.registry_host().to_owned()), ..At::default() };
            return Some(
                fail(format!("{what}: {host} answers with a web page (status {})", reply.status))
                    .confirms(MirrorReturnsHtml)
                    .at(at),
            );
        }
        403 if family(view.registry_host()) == Family::Acr && exchange.hops.is_empty() => {
            return acr_forbids(view, what, exchange, reply);
        }
        _ => return None,
    };
    Some(answer.at(at))
}

fn throttled(view: &View<'_>, host: &str, reply: &Reply) -> CauseId {
    // A redirect's host throttles for itself; the registry's family tells the limits that apply.
    let family = match family(view.registry_host()) {
        Family::Other | Family::Public => family(host),
        known => known,
    };
    match family {
        // Which of its two limits an ACR means it says only in words, its own and not a stranger's.
        Family::Acr if reply.errors.iter().any(|e| e.message.as_str().contains("cache rule")) => {
            AcrCacheUpstreamThrottled
        }
        Family::Acr => AcrThrottled,
        Family::Mcr => McrThrottled,
        Family::DockerHub => DockerHubRateLimit,
        Family::Public | Family::Other => RegistryThrottled,
    }
}

/// ACR's firewall: it names the address that it saw. Which of its rules it is, only ARM knows.
fn acr_forbids(view: &View<'_>, what: &str, exchange: &Exchange, reply: &Reply) -> Option<Answer> {
    let client_ip = reply.errors.iter().find_map(|e| client_ip(e.message.as_str()));
    // Before anyone has signed in, an Azure registry forbids by its network rules alone, whatever its words.
    let signed_in = ["/manifests/", "/blobs/"].iter().any(|step| exchange.url.as_str().contains(step));
    if client_ip.is_none() && signed_in {
        return None;
    }
    let resolve = view.resolve();
    let private_address = resolve.is_some_and(|r| r.addresses.iter().any(is_private));
    // Azure puts this alias in the way only of a registry that has a private endpoint.
    let has_endpoint = resolve.is_some_and(|r| {
        r.nameservers
            .iter()
            .flat_map(|s| s.a.cnames.iter().chain(&s.aaaa.cnames))
            .any(|c| c.contains(".privatelink."))
    });
    let through = if private_address { "a private address" } else { "its public address" };
    let private_client =
        client_ip.as_deref().and_then(|ip| ip.parse().ok()).is_some_and(|ip| is_private(&ip));
    let candidates = if private_client {
        [AcrVnetRuleMissing, AcrPublicAccessDisabled, AcrIpNotAllowed, AcrPrivateDnsZoneNotLinked]
    } else if has_endpoint && !private_address {
        [AcrPrivateDnsZoneNotLinked, AcrPublicAccessDisabled, AcrIpNotAllowed, AcrVnetRuleMissing]
    } else {
        [AcrIpNotAllowed, AcrPublicAccessDisabled, AcrPrivateDnsZoneNotLinked, AcrVnetRuleMissing]
    };
    Some(
        Answer::fail(format!(
            "{what}: the registry does not let {} in (403); it was asked at {through}",
            client_ip.as_deref().unwrap_or("us")
        ))
        .allows(&candidates)
        .evidence([seen::exchange(exchange)])
        .at(At { host: Some(view.registry_host().to_owned()), client_ip, ..At::default() }),
    )
}

/// The address in ACR's `client with IP '1.2.3.4' is not allowed access`.
pub(super) fn client_ip(message: &str) -> Option<String> {
    message
        .split(|c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':')))
        .find_map(|word| word.trim_matches(|c| matches!(c, '.' | ':')).parse::<IpAddr>().ok())
        .map(|ip| ip.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_that_acr_names() {
        let said = "client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.";
        assert_eq!(client_ip(said).as_deref(), Some("203.0.113.7"));
        assert_eq!(
            client_ip("client with IP '2603:1020::1' is not allowed").as_deref(),
            Some("2603:1020::1")
        );
        assert_eq!(client_ip("requested access to the resource is denied"), None);
    }
}
