//! Which directory is for a registry, and the certificates in it where there is no usable `hosts.toml`.

use super::BuiltHosts;
use super::fields::Fields;
use super::hosts_file::{self, Parsed};
use super::setting::Built;
use crate::facts::node::{FileState, HostsForm, NodeFile, RegistryHosts};
use crate::node::root::{HostRoot, Kind, MAX_SETTINGS, Unread};

/// The most hosts of one file.
const MAX_HOSTS: usize = 64;

/// The hosts of a registry by the directories of `config_path`, and into `facts` what was looked at.
pub(super) fn hosts(
    root: &HostRoot,
    directories: &[String],
    registry: &str,
    facts: &mut RegistryHosts,
) -> BuiltHosts {
    let itself = || Built::of_registry(root, registry, Fields::default(), "");
    let found =
        directories.iter().flat_map(|directory| candidates(directory, registry)).find_map(|path| match root
            .kind(&path)
        {
            Ok(_) => Some((path, FileState::Read)),
            Err(Unread::Missing) => None,
            Err(why) => Some((path, why.into())),
        });
    let Some((directory, state)) = found else { return BuiltHosts { mirrors: Vec::new(), server: itself() } };
    facts.directory = Some(NodeFile::new(&directory, state));
    if state != FileState::Read {
        return BuiltHosts { mirrors: Vec::new(), server: itself() };
    }
    let path = format!("{directory}/hosts.toml");
    let bytes = root.read(&path, MAX_SETTINGS);
    facts.file = Some(NodeFile::new(&path, FileState::of(&bytes)));
    of_bytes(root, &directory, registry, &bytes.unwrap_or_default(), facts)
}

/// The hosts by the bytes of `hosts.toml`. A file without anything is as good as none.
pub(super) fn of_bytes(
    root: &HostRoot,
    directory: &str,
    registry: &str,
    bytes: &[u8],
    facts: &mut RegistryHosts,
) -> BuiltHosts {
    let parsed = if bytes.is_empty() { Ok(None) } else { hosts_file::parse(bytes) };
    match parsed {
        Ok(Some(parsed)) => {
            facts.form = HostsForm::HostsToml;
            of_file(root, directory, registry, parsed, facts)
        }
        nothing => {
            facts.rejected = nothing.err();
            of_certificates(root, directory, registry, facts)
        }
    }
}

/// The places of a registry's directory below one of `config_path`, in containerd's order.
fn candidates(directory: &str, registry: &str) -> Vec<String> {
    let port = registry.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    let with_port = port.map(|(host, port)| format!("{host}_{port}_"));
    let names = with_port.into_iter().chain([registry.to_owned(), "_default".to_owned()]);
    names.map(|name| format!("{}/{name}", directory.trim_end_matches('/'))).collect()
}

fn of_file(
    root: &HostRoot,
    directory: &str,
    registry: &str,
    parsed: Parsed,
    facts: &mut RegistryHosts,
) -> BuiltHosts {
    facts.unknown_keys = parsed.unknown_keys;
    facts.passed_over = parsed.passed_over;
    let mirrors = parsed.hosts.into_iter().take(MAX_HOSTS);
    let mirrors = mirrors.map(|(address, fields)| Built::at(root, address, fields, directory)).collect();
    let server = match parsed.server {
        (Some(address), fields) if address.has_host() => Built::at(root, address, fields, directory),
        (_, fields) => Built::of_registry(root, registry, fields, directory),
    };
    BuiltHosts { mirrors, server }
}

/// The registry itself with docker's certificates: `*.crt` are authorities, `*.cert` are shown to it.
fn of_certificates(
    root: &HostRoot,
    directory: &str,
    registry: &str,
    facts: &mut RegistryHosts,
) -> BuiltHosts {
    let names: Vec<String> = root.names(directory).unwrap_or_default();
    let is_file = |name: &&String| root.kind(&format!("{directory}/{name}")) != Ok(Kind::Directory);
    let ending =
        |end: &str| names.iter().filter(|name| name.ends_with(end)).filter(is_file).cloned().collect();
    let (authorities, clients): (Vec<String>, Vec<String>) = (ending(".crt"), ending(".cert"));
    let mut fields = Fields::default();
    if !authorities.is_empty() || !clients.is_empty() {
        facts.form = HostsForm::Certificates;
    }
    fields.authorities = (!authorities.is_empty()).then_some(authorities);
    fields.client_certificates = (!clients.is_empty()).then_some(clients.len());
    BuiltHosts { mirrors: Vec::new(), server: Built::of_registry(root, registry, fields, directory) }
}
