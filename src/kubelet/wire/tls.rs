//! TLS and certificates.

use probes::cloud::{Family, family, is_public_service};

use super::super::candidates::{Facts, Role};
use crate::causes::{
    AcrPrivateDnsWrongRecord, BlobEndpointBlocked, CauseId, ConnectionReset, FirewallFqdnBlocked,
    HttpsRegistryOnHttp, MirrorReturnsHtml, NodeClockSkew, PlainHttpRegistry, ProxyMisconfigured,
    RedirectTargetBlocked, RegistryMirrorMisconfigured, RegistryServerError, TlsCertificateExpired,
    TlsCertificateNoSan, TlsHandshakeTimeout, TlsHostnameMismatch, TlsInterceptingProxy,
    TlsLargeHelloDropped, TlsProtocolTooOld, TlsUnknownAuthority, TokenServiceUnreachable,
};

/// Go's `crypto/x509`.
pub(super) fn certificate(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    if !facts.says_any(&["x509:", "certificate"]) {
        return None;
    }
    // What Go guesses of an authority that it did not take names it by the authority's own words.
    let text = facts.text.split(" (possibly because of ").next().unwrap_or(facts.text);
    let says_any = |words: &[&str]| words.iter().any(|words| text.contains(words));
    let host = facts.form.host.unwrap_or_default();
    let host = host.split(':').next().unwrap_or(host);
    let mut causes = match () {
        () if says_any(&["has expired or is not yet valid", "certificate has expired"]) => {
            // A certificate from the future is rarer than a clock from the past.
            if text.contains(" is before ") {
                vec![NodeClockSkew, TlsCertificateExpired]
            } else {
                vec![TlsCertificateExpired, NodeClockSkew]
            }
        }
        // Certificates of X.509 v1 have no names but the subject's.
        () if says_any(&["legacy common name", "not valid for any names", "have a san extension"]) => {
            vec![TlsCertificateNoSan]
        }
        () if says_any(&["certificate is valid for", "doesn't contain any ip sans", "is not valid for"]) => {
            match facts.role {
                // A public service has its own names: another server was reached, or somebody on the way shows a page.
                Role::Registry if family(host) == Family::Acr => {
                    vec![TlsHostnameMismatch, AcrPrivateDnsWrongRecord]
                }
                _ if is_public_service(host) => vec![TlsHostnameMismatch, TlsInterceptingProxy],
                _ => vec![TlsHostnameMismatch],
            }
        }
        // Nobody is trusted where there are no authorities at all.
        () if text.contains("failed to load system roots") => vec![TlsUnknownAuthority],
        () if says_any(&[
            "x509:",
            "certificate is not trusted",
            "self-signed",
            "self signed",
            "unable to verify",
        ]) || text.contains("failed to verify certificate") =>
        {
            // What signs in the name of a public service is mostly a proxy, and its authority is one that the node lacks.
            if is_public_service(host) {
                vec![TlsInterceptingProxy, TlsUnknownAuthority]
            } else {
                vec![TlsUnknownAuthority, TlsInterceptingProxy]
            }
        }
        () => return None,
    };
    match facts.role {
        Role::AzureData => causes.push(BlobEndpointBlocked),
        Role::Redirect => causes.push(RedirectTargetBlocked),
        Role::Mirror => causes.insert(0, RegistryMirrorMisconfigured),
        Role::Token => causes.insert(0, TokenServiceUnreachable),
        _ => {}
    }
    causes.truncate(3);
    Some(causes)
}

/// Go's `crypto/tls`, and answers of somebody who speaks another protocol.
pub(super) fn handshake(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    let old = [
        "protocol version",
        "no supported versions",
        "no cipher suite supported",
        "insufficient security level",
        "unconfigured cipher suite",
        "no supported elliptic curves",
        "unsupported compression format",
    ];
    if facts.says("tls handshake timeout") {
        // Only a Go of 1.24 or later sends a hello that may be too large.
        let small = facts.is_old_containerd() == Some(true);
        let both = [TlsHandshakeTimeout, TlsLargeHelloDropped];
        Some(facts.unreached(if small { &both[..1] } else { &both }))
    } else if facts.says("http response to https client") {
        Some(match facts.role {
            Role::Mirror => vec![RegistryMirrorMisconfigured, PlainHttpRegistry],
            Role::Token => vec![TokenServiceUnreachable, PlainHttpRegistry],
            _ => vec![PlainHttpRegistry],
        })
    } else if facts.says_any(&["first record does not look like a tls handshake", "tls: oversized record"]) {
        Some(facts.unreached(&[PlainHttpRegistry, ProxyMisconfigured]))
    } else if facts.says("malformed http response") || facts.says("malformed http status") {
        // The alert of a server that speaks TLS.
        let tls = facts.says_any(&["\\x15\\x03", "\u{15}\u{3}"]);
        Some(facts.unreached(if tls {
            &[HttpsRegistryOnHttp]
        } else {
            &[MirrorReturnsHtml, RegistryServerError]
        }))
    } else if facts.says("tls:") && facts.says_any(&old) {
        Some(vec![TlsProtocolTooOld])
    } else if facts.says("tls: handshake failure") {
        Some(facts.unreached(&[TlsProtocolTooOld, FirewallFqdnBlocked]))
    } else if facts.says("tls: unrecognized name") {
        Some(facts.unreached(&[TlsHostnameMismatch, FirewallFqdnBlocked]))
    } else if facts.says("remote error: tls:") {
        Some(facts.unreached(&[FirewallFqdnBlocked, TlsProtocolTooOld]))
    } else if facts.says("tls: ") {
        // Records or answers that no server sends: somebody on the way makes or changes them.
        Some(facts.unreached(&[TlsInterceptingProxy, ConnectionReset, FirewallFqdnBlocked]))
    } else {
        None
    }
}
