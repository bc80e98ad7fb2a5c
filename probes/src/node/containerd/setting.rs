//! One host that containerd asks: its address, and how it is to be asked.

use std::net::IpAddr;
use std::time::Duration;

use rustls_pki_types::CertificateDer;

use super::fields::Fields;
use crate::facts::node::{AuthorityFile, Capability, HostFacts};
use crate::foreign::Foreign;
use crate::node::certificates;
use crate::node::matching;
use crate::node::root::HostRoot;
use crate::secret::Secret;

/// The most files of authorities of one host.
const MAX_FILES: usize = 64;

/// A host as it is to be asked.
pub struct HostSetting {
    /// `https` or `http`.
    pub scheme: String,
    /// The host, with its port where one is written; empty for an address that names none, which is asked in vain.
    pub host: String,
    /// What stands before the repository, usually `/v2`; without a slash at its end.
    pub path: String,
    /// What it is asked for.
    pub capabilities: Capabilities,
    /// Authorities that are trusted besides the system's.
    pub authorities: Vec<CertificateDer<'static>>,
    /// Whether its certificate need not be valid.
    pub skip_verify: bool,
    /// Headers that are sent to it, and to its token service.
    pub headers: Vec<(String, Secret<String>)>,
    /// Whether the path of its address is taken as it is.
    pub override_path: bool,
    /// How long is waited for a connection, instead of 30 seconds; zero is for ever.
    pub dial_timeout: Option<Duration>,
    /// Whether plain http is spoken when https fails.
    pub http_fallback: bool,
}

/// What a host is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Manifests by digest, and blobs.
    pub pull: bool,
    /// The digest of a tag.
    pub resolve: bool,
    /// Pushing.
    pub push: bool,
    /// What refers to a manifest.
    pub referrers: bool,
}

impl Capabilities {
    /// Everything.
    const ALL: Self = Self { pull: true, resolve: true, push: true, referrers: true };

    /// Those of a list, of an empty one all; `None` when it has one that containerd does not know.
    pub(super) fn named(list: &[String]) -> Option<Self> {
        if list.is_empty() {
            return Some(Self::ALL);
        }
        let mut named = Self { pull: false, resolve: false, push: false, referrers: false };
        for name in list {
            match name.to_lowercase().as_str() {
                "pull" => named.pull = true,
                "resolve" => named.resolve = true,
                "push" => named.push = true,
                "referrers" => named.referrers = true,
                _ => return None,
            }
        }
        Some(named)
    }

    fn facts(self) -> Vec<Capability> {
        [
            (self.pull, Capability::Pull),
            (self.resolve, Capability::Resolve),
            (self.push, Capability::Push),
            (self.referrers, Capability::Referrers),
        ]
        .into_iter()
        .filter_map(|(has, capability)| has.then_some(capability))
        .collect()
    }
}

/// A host, and what may be shown of it.
pub(super) struct Built {
    /// The host.
    pub(super) setting: HostSetting,
    /// What may be shown.
    pub(super) facts: HostFacts,
}

/// The parts of an address that count.
pub(super) struct Address {
    scheme: String,
    host: String,
    path: String,
}

impl Address {
    /// Reads an address as Go's `net/url` does after containerd has put `https://` before what does not start with
    /// `http`; `None` for what is none. Its user, query and fragment do not count. What has no host keeps it empty.
    pub(super) fn parse(text: &str, override_path: bool) -> Option<Self> {
        let with_scheme = if text.starts_with("http") { text.to_owned() } else { format!("https://{text}") };
        let (scheme, rest) = with_scheme.split_once("://").unwrap_or(("", ""));
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        matching::host_and_port(host)?;
        let mut path = cleaned(path);
        if !override_path && !path.ends_with("/v2") {
            path.push_str("/v2");
        }
        Some(Self { scheme: scheme.to_ascii_lowercase(), host: host.to_owned(), path })
    }

    /// Whether it is the registry itself.
    pub(super) fn is(&self, registry: &str) -> bool {
        self.host == registry
    }

    /// Whether it names a host.
    pub(super) fn has_host(&self) -> bool {
        !self.host.is_empty()
    }
}

/// A path without empty parts, `.` and `..`, and without a slash at its end.
fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.iter().fold(String::new(), |path, part| path + "/" + part)
}

impl Built {
    /// The host at an address.
    pub(super) fn at(root: &HostRoot, address: Address, fields: Fields, directory: &str) -> Self {
        let list = fields.capabilities.as_deref().unwrap_or_default();
        // A list with another name does not get so far.
        let capabilities = Capabilities::named(list).unwrap_or(Capabilities::ALL);
        Self::new(root, address, capabilities, fields, directory)
    }

    /// The registry itself, with what is set for it in a directory.
    pub(super) fn of_registry(root: &HostRoot, registry: &str, mut fields: Fields, directory: &str) -> Self {
        let port = port(registry);
        let (scheme, host) = match registry {
            "docker.io" => ("https", "registry-1.docker.io"),
            local if is_localhost(local) => {
                // With most ports it is tried with https first, and its certificate is nobody's business.
                if port != "80" {
                    fields.skip_verify = Some(true);
                }
                (if ["", "443"].contains(&port) { "https" } else { "http" }, local)
            }
            other => ("https", other),
        };
        let address = Address { scheme: scheme.to_owned(), host: host.to_owned(), path: "/v2".to_owned() };
        Self::new(root, address, Capabilities::ALL, fields, directory)
    }

    fn new(
        root: &HostRoot,
        address: Address,
        capabilities: Capabilities,
        fields: Fields,
        directory: &str,
    ) -> Self {
        let http_fallback = address.scheme == "http" && fields.is_about_tls() && port(&address.host) != "80";
        let scheme = if http_fallback { "https".to_owned() } else { address.scheme };
        let (files, authorities) = authorities(root, directory, &fields.authorities.unwrap_or_default());
        let mut names: Vec<Foreign> = fields.headers.iter().map(|(name, _)| Foreign::new(name)).collect();
        names.dedup();
        let facts = HostFacts {
            address: Foreign::new(&format!("{scheme}://{}", address.host)),
            path: Foreign::new(&address.path),
            capabilities: capabilities.facts(),
            skip_verify: fields.skip_verify,
            override_path: fields.override_path,
            authorities: files,
            client_certificates: fields.client_certificates.unwrap_or_default(),
            headers: names,
            dial_timeout_ms: fields.dial_timeout.map(|wait| wait.as_millis().try_into().unwrap_or(u64::MAX)),
            http_fallback,
        };
        let setting = HostSetting {
            scheme,
            host: address.host,
            path: address.path,
            capabilities,
            authorities,
            skip_verify: fields.skip_verify.unwrap_or(false),
            headers: fields.headers,
            override_path: fields.override_path,
            dial_timeout: fields.dial_timeout,
            http_fallback,
        };
        Self { setting, facts }
    }
}

/// The certificates of files, those of a relative name beside `hosts.toml`.
fn authorities(
    root: &HostRoot,
    directory: &str,
    files: &[String],
) -> (Vec<AuthorityFile>, Vec<CertificateDer<'static>>) {
    let mut found = (Vec::new(), Vec::new());
    for name in files.iter().take(MAX_FILES) {
        let path = if name.starts_with('/') { name.clone() } else { format!("{directory}/{name}") };
        let (file, certificates) = certificates::load(root, &path);
        found.0.push(AuthorityFile { file, certificates: certificates.len() });
        found.1.extend(certificates);
    }
    found
}

/// Whether containerd takes a registry for one of this machine.
pub(super) fn is_localhost(registry: &str) -> bool {
    let is_loopback = |host: &str| host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    matching::host_and_port(registry).is_some_and(|(host, _)| host == "localhost" || is_loopback(host))
}

/// The port that is written, else nothing.
fn port(host: &str) -> &str {
    matching::host_and_port(host).map(|(_, port)| port).unwrap_or_default()
}
