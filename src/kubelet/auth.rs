//! Answers: refusals, what is not there, limits and faults, by the status or by the registry's own words.

mod missing;
mod refusal;
mod sign_in;

use std::net::IpAddr;

use probes::cloud::Family;
use probes::facts::dns::is_private;

use super::candidates::{Facts, Role};
use super::said::Phase;
use crate::causes::{
    AcrCacheRuleWrongMapping, AcrCacheUpstreamAuthFailed, AcrCacheUpstreamNotFoundMasked,
    AcrCacheUpstreamThrottled, AcrIpNotAllowed, AcrPrivateDnsZoneNotLinked, AcrPublicAccessDisabled,
    AcrThrottled, AcrVnetRuleMissing, ArtifactStreamingMirrorBroken, BlobSasRejected, CauseId,
    DockerHubRateLimit, HttpsRegistryOnHttp, McrThrottled, MirrorReturnsHtml, ProxyDenied,
    RedirectTargetRefused, RegistryGeoBlocked, RegistryMirrorMisconfigured, RegistryOutage,
    RegistryPermissionMissing, RegistryPolicyBlocksPull, RegistryServerError, RegistryThrottled,
    RepositoryNotFound, StorageServiceEndpointPolicyBlocksBlob, TokenServiceError,
};

/// Azure's registries of what they fetch from others.
const UPSTREAM: &[&str] =
    &["cache rule", "upstream registry", "credential set", "source registry", "artifact cache"];

/// Limits, in words.
const THROTTLED: &[&str] = &["toomanyrequests", "too many requests", "rate limit"];

/// The causes, if it is about an answer.
pub(super) fn causes(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    let form = facts.form;
    if facts.role == Role::Streaming && form.status.is_some() {
        return Some(vec![ArtifactStreamingMirrorBroken]);
    }
    let is_throttled = form.status == Some(429) || facts.says_any(THROTTLED);
    if facts.family == Family::Acr && !is_throttled && facts.says_any(UPSTREAM) {
        return Some(vec![
            AcrCacheUpstreamAuthFailed,
            AcrCacheUpstreamNotFoundMasked,
            AcrCacheRuleWrongMapping,
        ]);
    }
    if form.status == Some(404) && form.phase != Phase::Authorize && is_page(facts) {
        // Who answers so serves no registry here, or not under this path.
        return Some(vec![MirrorReturnsHtml, RepositoryNotFound]);
    }
    if let Some(causes) = missing::causes(facts) {
        return Some(causes);
    }
    let code = form.registry_words().and_then(|(code, _)| code).map(str::to_ascii_lowercase);
    let status = form.status.or(match code.as_deref() {
        Some("toomanyrequests" | "too many requests") => Some(429),
        Some("unavailable") => Some(503),
        Some("unsupported") => Some(405),
        Some("unknown") => Some(500),
        _ => None,
    });
    if let Some(status) = status
        && let Some(causes) = answered(facts, status)
    {
        return Some(causes);
    }
    if is_throttled {
        return Some(throttled(facts));
    }
    let is_denial =
        matches!(code.as_deref(), Some("denied" | "unauthorized")) || matches!(status, Some(401 | 403));
    (form.is_refusal() || is_denial).then(|| refusal::causes(facts))
}

fn answered(facts: &Facts<'_>, status: u16) -> Option<Vec<CauseId>> {
    let plain = facts.form.url.is_some_and(|url| url.starts_with("http://"));
    let at_token = facts.form.phase == Phase::Authorize;
    Some(match status {
        _ if facts.role == Role::Forbidden => vec![RedirectTargetRefused],
        407 => vec![ProxyDenied],
        429 => throttled(facts),
        451 => vec![RegistryGeoBlocked],
        511 => vec![MirrorReturnsHtml, ProxyDenied],
        400 if plain || facts.says("http request to an https server") => vec![HttpsRegistryOnHttp],
        // A port that speaks TLS answers so to a request that does not.
        400 if facts.form.url.is_none() && !at_token => vec![HttpsRegistryOnHttp, RegistryServerError],
        _ if facts.role == Role::Mirror && !matches!(status, 401 | 403) => {
            vec![RegistryMirrorMisconfigured, RegistryServerError]
        }
        _ if at_token && !matches!(status, 401 | 403) => vec![TokenServiceError],
        403 if is_page(facts) => vec![ProxyDenied, MirrorReturnsHtml],
        200..300 | 404 if is_page(facts) => vec![MirrorReturnsHtml],
        500..600 if !matches!(facts.family, Family::Acr | Family::Other) => {
            vec![RegistryServerError, RegistryOutage]
        }
        500..600 => vec![RegistryServerError],
        // What no client follows is no answer of a registry's.
        300..400 => vec![RegistryServerError, RegistryMirrorMisconfigured],
        403 if is_fetch(facts) => forbidden_blob(facts),
        // Harbor's, for what its policies keep back; nobody asks for a pull with a condition.
        412 => vec![RegistryPolicyBlocksPull],
        // Azure's, for what its own request to a cache rule's source has failed of.
        424 if facts.family == Family::Acr => {
            vec![AcrCacheUpstreamAuthFailed, AcrCacheUpstreamNotFoundMasked, AcrCacheRuleWrongMapping]
        }
        // What a client of the specification is never answered.
        401 | 403 | 404 => return None,
        400..500 => vec![RegistryServerError, RegistryMirrorMisconfigured],
        _ => return None,
    })
}

/// Whether the answer was made for a browser.
fn is_page(facts: &Facts<'_>) -> bool {
    facts.says_any(&["<html", "<!doctype", "character '<'"]) && !facts.says_any(&["<?xml", "<error>"])
}

/// Whether layers or configurations were being fetched.
fn is_fetch(facts: &Facts<'_>) -> bool {
    matches!(facts.form.phase, Phase::Config | Phase::Layer)
}

/// A layer's address is signed by the registry and honoured by its storage.
fn forbidden_blob(facts: &Facts<'_>) -> Vec<CauseId> {
    /// Of storage services, in codes and sentences.
    const SIGNED: [&str; 5] = [
        "authenticationfailed",
        "signaturedoesnotmatch",
        "request signature",
        "signature not valid",
        "signature fields",
    ];
    let lower = &facts.form.lower;
    if facts.says("not allowed access") {
        return network_rules(facts);
    }
    match () {
        () if lower.contains("failed to authenticate the request") => vec![BlobSasRejected],
        () if lower.contains("is not authorized to perform this operation") => {
            vec![StorageServiceEndpointPolicyBlocksBlob]
        }
        () if lower.contains("authorizationfailure") => vec![StorageServiceEndpointPolicyBlocksBlob],
        () if SIGNED.iter().any(|words| lower.contains(words)) => vec![BlobSasRejected],
        () if facts.family == Family::Acr => vec![BlobSasRejected, StorageServiceEndpointPolicyBlocksBlob],
        () if facts.role == Role::Redirect => vec![BlobSasRejected, ProxyDenied],
        () => vec![BlobSasRejected, RegistryPermissionMissing],
    }
}

fn throttled(facts: &Facts<'_>) -> Vec<CauseId> {
    let lower = &facts.form.lower;
    vec![match facts.family {
        Family::Acr if lower.contains("cache rule") || lower.contains("upstream") => {
            AcrCacheUpstreamThrottled
        }
        Family::Acr => AcrThrottled,
        Family::Mcr => McrThrottled,
        Family::DockerHub => DockerHubRateLimit,
        // Docker Hub's own words, also where it is somebody's upstream.
        _ if lower.contains("pull rate limit") => DockerHubRateLimit,
        Family::Public | Family::Other => RegistryThrottled,
    }]
}

/// Azure's firewall, which names the address that it saw.
pub(super) fn network_rules(facts: &Facts<'_>) -> Vec<CauseId> {
    match client(facts.text) {
        Some(address) if is_private(&address) => {
            vec![AcrVnetRuleMissing, AcrPublicAccessDisabled, AcrPrivateDnsZoneNotLinked]
        }
        _ => vec![AcrIpNotAllowed, AcrPublicAccessDisabled, AcrPrivateDnsZoneNotLinked],
    }
}

/// The address in `client with IP '203.0.113.7' is not allowed access`.
fn client(text: &str) -> Option<IpAddr> {
    let (_, rest) = text.split_once("client with ip ")?;
    // Some clients show the registry's JSON as it came, with the quotes as escapes.
    let rest = rest.trim_start_matches(['\'', '"', '\\']).trim_start_matches("u0027");
    let end = rest.find(|c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':'))).unwrap_or(rest.len());
    rest[..end].parse().ok()
}
