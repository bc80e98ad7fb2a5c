//! What stands in a node's files and in its environment.

use super::{assert_facts, text};
use crate::facts::node::{FileState, NodeFile};
use crate::node::{HostSetting, azure_json as azure, containerd, provider};
use crate::proxy::{Exempt, Proxies, Proxy, ProxyKind};
use crate::target::Target;

/// What stands in the place of a secret in the corpora.
const CANARY: &str = "c4n4ry";

fn target() -> Target {
    Target::parse("contosoacr.azurecr.io/team/web:v1").expect("a target")
}

/// `azure.json`: no secret is in what may be shown, and one that is named is there.
pub fn azure_json(bytes: &[u8]) {
    let text = text(bytes);
    let read = azure::parse(NodeFile::new(azure::DEFAULT, FileState::Read), &text);
    assert_facts(&read.facts);
    // The same facts with another secret: what may be shown does not depend on it.
    let Some(secret) =
        read.secret.map(|secret| secret.expose().clone()).filter(|secret| secret.contains(CANARY))
    else {
        return;
    };
    if text.matches(CANARY).count() == 1 {
        let shown = serde_json::to_string(&read.facts).expect("facts have a JSON form");
        assert!(!shown.contains(CANARY), "{} bytes of a secret are shown", secret.len());
    }
}

/// `hosts.toml`: what may be shown agrees with what is to be asked, and has no header's value.
pub fn hosts_toml(bytes: &[u8]) {
    for registry in ["contosoacr.azurecr.io", "localhost:5000", "docker.io"] {
        let (facts, hosts) = containerd::of_bytes(bytes, registry);
        let shown = assert_facts(&facts).to_string();
        assert_eq!(facts.mirrors.len(), hosts.mirrors.len());
        let pairs = facts.mirrors.iter().zip(&hosts.mirrors).chain([(&facts.server, &hosts.server)]);
        for (fact, setting) in pairs {
            let HostSetting { path, headers, skip_verify, http_fallback, .. } = setting;
            assert!(path.is_empty() || path.starts_with('/') && !path.ends_with('/'), "{path:?}");
            assert_eq!(fact.skip_verify.unwrap_or(false), *skip_verify);
            assert_eq!(fact.http_fallback, *http_fallback);
            let values = headers.iter().map(|(_, value)| value.expose()).filter(|v| v.contains(CANARY));
            if text(bytes).matches(CANARY).count() == 1 && values.count() > 0 {
                assert!(!shown.contains(CANARY), "the value of a header is shown");
            }
        }
    }
}

/// The configuration of credential providers: what may be shown is clean, and bounded.
pub fn provider_config(bytes: &[u8]) {
    if let Some(config) = provider::of_text(&text(bytes), &target()) {
        assert!(config.providers.len() <= 256 && config.unknown_keys.len() <= 256);
        assert_facts(&config);
    }
}

/// A proxy's address, and after a line's end what goes direct: what is shown has no user and is read as the same place, and
/// this machine never goes through one.
pub fn proxy(bytes: &[u8]) {
    let text = text(bytes);
    let (address, exempt) = text.split_once('\n').unwrap_or((&text, ""));
    let exempt = Exempt::read(exempt);
    let again = Exempt::read(&exempt.entries().join(","));
    assert_eq!(again, exempt);
    let Some(proxy) = Proxy::read(address, "HTTPS_PROXY") else { return };
    let shown = proxy.shown();
    // The hosts of other schemes are no names that HTTP knows.
    if matches!(proxy.kind, ProxyKind::Http | ProxyKind::Https) {
        let read = Proxy::read(&shown, "HTTPS_PROXY").expect("what is shown is an address");
        assert_eq!((&read.host, read.port), (&proxy.host, proxy.port), "{shown}");
        assert!(read.user.is_none(), "a user in what is shown");
    }
    let proxies = Proxies { https: Some(proxy), http: None, exempt };
    for own in ["localhost", "127.0.0.1", "::1"] {
        assert!(proxies.for_host(own, 443, true).is_none(), "{own}");
    }
    let _ = proxies.for_host("contosoacr.azurecr.io", 443, true);
    let _ = proxies.for_host("10.1.2.3", 443, true);
}
