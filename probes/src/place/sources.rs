//! The hosts that a node's runtime asks, as its settings name them.

use crate::facts::node::{HostsForm, NodeFacts};
use crate::node::{HostSetting, Hosts};
use crate::source::{Source, Sources};

/// The hosts of the runtime's settings, where they say anything of the registry.
pub(super) fn sources(facts: &NodeFacts, hosts: Hosts) -> Option<Sources> {
    if facts.registry.form == HostsForm::Default || facts.registry.rejected.is_some() {
        return None;
    }
    Some(Sources {
        server: source(hosts.server),
        mirrors: hosts.mirrors.into_iter().filter_map(source).collect(),
    })
}

/// A host as it is asked; `None` for an address that names no host.
fn source(setting: HostSetting) -> Option<Source> {
    let tls = setting.scheme != "http";
    let authority = setting.host.as_str();
    let bare = authority.rsplit_once(':').filter(|(host, port)| {
        !port.is_empty()
            && port.bytes().all(|b| b.is_ascii_digit())
            && (!host.contains(':') || host.ends_with(']'))
    });
    let (host, port) = match bare {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, if tls { 443 } else { 80 }),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    (!host.is_empty()).then(|| Source {
        shown: format!("{}://{}", setting.scheme, setting.host),
        host,
        port,
        tls,
        path: setting.path,
        resolves: setting.capabilities.resolve,
        pulls: setting.capabilities.pull,
        skip_verify: setting.skip_verify,
        authorities: setting.authorities,
        headers: setting.headers,
    })
}
