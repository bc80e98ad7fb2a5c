//! Proxies: one that cannot be reached, one that is no proxy, and one that refuses.

use super::super::candidates::{Facts, Role};
use super::super::status::phrases;
use crate::causes::{
    BlobEndpointBlocked, CauseId, ProxyDenied, ProxyMisconfigured, ProxyUnreachable, RedirectTargetBlocked,
};

/// The causes, if a request failed of a proxy.
pub(super) fn causes(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    if facts.says("socks connect ") {
        return Some(socks(facts));
    }
    if facts.says_any(&["proxyconnect ", "error connecting to proxy"]) {
        // TLS with a proxy that speaks none: its address has the wrong scheme.
        let speaks_plainly = [
            "first record does not look like a tls handshake",
            "http response to https client",
            "malformed http response",
        ];
        // `http://http://proxy`: the scheme is written twice, and the first of them is looked up.
        let twice = ["lookup http:", "lookup https:", "lookup http on ", "lookup https on "];
        return Some(if facts.says_any(&speaks_plainly) || facts.says_any(&twice) {
            vec![ProxyMisconfigured]
        } else if facts.says_any(&["x509:", "certificate"]) {
            vec![ProxyMisconfigured, ProxyUnreachable]
        } else if facts.says("no such host") {
            // A name that nobody knows is written down wrong, or asked for where it is not served.
            vec![ProxyUnreachable, ProxyMisconfigured]
        } else {
            vec![ProxyUnreachable]
        });
    }
    answered(facts, |said, phrase| said.eq_ignore_ascii_case(phrase))
}

/// The causes, if a proxy answered `CONNECT` with a status: its phrase is the whole of Go's error then, as the proxy writes it.
/// Those in lower case look like a registry's own codes, which go first.
pub(in crate::kubelet) fn refused(facts: &Facts<'_>) -> Option<Vec<CauseId>> {
    answered(facts, |said, phrase| said == phrase)
}

fn answered(facts: &Facts<'_>, is: fn(&str, &str) -> bool) -> Option<Vec<CauseId>> {
    let said = facts.form.failure.trim().trim_end_matches([']', '.']);
    if said.is_empty() || facts.form.status.is_some() {
        return None;
    }
    let said_so = |status: u16| {
        let code = status.to_string();
        let said = said.strip_prefix(code.as_str()).unwrap_or(said).trim();
        phrases(status).iter().any(|phrase| is(said, phrase))
    };
    if [502, 503, 504].into_iter().any(said_so) {
        return Some(vec![ProxyDenied, ProxyUnreachable]);
    }
    if ![401, 403, 407].into_iter().any(said_so) && !is_phrase(said) {
        return None;
    }
    // Of the registry's own requests, or of the ones that it redirects: the name is not always that of the image.
    Some(match facts.role {
        Role::AzureData => vec![ProxyDenied, BlobEndpointBlocked],
        Role::Redirect => vec![ProxyDenied, RedirectTargetBlocked],
        _ if facts.target.is_none() => vec![ProxyDenied, RedirectTargetBlocked],
        _ => vec![ProxyDenied],
    })
}

/// Whether a failure is somebody's phrase: Go's errors are in lower case, and those that are not are one word.
fn is_phrase(said: &str) -> bool {
    let upper = said.starts_with(|c: char| c.is_ascii_uppercase());
    let word = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '\'' | '/' | '.' | ',' | '!');
    said == "unknown status code"
        || upper && !matches!(said, "EOF") && said.len() <= 100 && said.chars().all(word)
}

/// What Go's client of SOCKS says after the two addresses: its own errors, and `unknown error` with the proxy's reply.
fn socks(facts: &Facts<'_>) -> Vec<CauseId> {
    if facts.says_any(&["unexpected protocol version", "non-zero reserved field"]) {
        vec![ProxyMisconfigured]
    } else if facts.says_any(&["ruleset", "authentication", "username/password"]) {
        vec![ProxyDenied]
    } else if facts.says("unknown error ") {
        // It was asked, and could not or would not reach the host.
        vec![ProxyDenied, ProxyUnreachable]
    } else {
        vec![ProxyUnreachable]
    }
}
