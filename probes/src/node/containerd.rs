//! What containerd does for a registry: the directories that `config.toml` names, and `hosts.toml` in them, as
//! containerd's `core/remotes/docker/config/hosts.go` reads it.
//!
//! Where versions differ it is containerd 2.2 and later that is followed; the facts say what older ones take otherwise.

use super::root::HostRoot;
use super::unit::Service;
use crate::facts::node::{ContainerdConfig, HostsForm, RegistryHosts};
use crate::foreign::Foreign;
use crate::target::Target;

mod config;
mod directory;
mod document;
mod duration;
mod fields;
mod hosts_file;
mod legacy;
mod setting;
#[cfg(test)]
mod tests;

pub use setting::{Capabilities, HostSetting};

/// The hosts that containerd asks for images of a registry.
pub struct Hosts {
    /// Those that are asked first, in order.
    pub mirrors: Vec<HostSetting>,
    /// The one that is asked last: the registry itself, unless the configuration puts another in its place.
    pub server: HostSetting,
}

/// What containerd's configuration says.
pub struct Read {
    /// Its own settings.
    pub config: ContainerdConfig,
    /// What may be shown of the hosts.
    pub facts: RegistryHosts,
    /// The hosts as they are to be asked.
    pub hosts: Hosts,
}

/// Reads what containerd would read for the target's registry; `containerd` says which configuration it is started with.
pub fn read(root: &HostRoot, containerd: &Service, target: &Target) -> Read {
    let registry = target.registry.as_str();
    let config = config::read(root, &config::place(containerd));
    let mut facts = unread(root, registry);
    let built = match legacy::hosts(root, &config, registry) {
        Some(built) => {
            facts.form = HostsForm::Legacy;
            built
        }
        None => directory::hosts(root, &config.directories, registry, &mut facts),
    };
    let hosts = told(built, &mut facts);
    Read { config: config.facts, facts, hosts }
}

/// The facts before any file was looked at.
fn unread(root: &HostRoot, registry: &str) -> RegistryHosts {
    RegistryHosts {
        registry: Foreign::new(registry),
        directory: None,
        file: None,
        form: HostsForm::Default,
        rejected: None,
        unknown_keys: Vec::new(),
        passed_over: Vec::new(),
        mirrors: Vec::new(),
        server: setting::Built::of_registry(root, registry, fields::Fields::default(), "").facts,
    }
}

/// The hosts, and into `facts` what may be shown of them.
fn told(built: BuiltHosts, facts: &mut RegistryHosts) -> Hosts {
    facts.mirrors = built.mirrors.iter().map(|built| built.facts.clone()).collect();
    facts.server = built.server.facts.clone();
    Hosts {
        mirrors: built.mirrors.into_iter().map(|built| built.setting).collect(),
        server: built.server.setting,
    }
}

/// What the bytes of a `hosts.toml` say of a registry, on a node without any other file.
#[cfg(any(test, fuzzing))]
pub(crate) fn of_bytes(bytes: &[u8], registry: &str) -> (RegistryHosts, Hosts) {
    let root = HostRoot::new("/nonexistent");
    let mut facts = unread(&root, registry);
    let built = directory::of_bytes(&root, "/certs.d", registry, bytes, &mut facts);
    let hosts = told(built, &mut facts);
    (facts, hosts)
}

/// The hosts with what may be shown of them.
struct BuiltHosts {
    mirrors: Vec<setting::Built>,
    server: setting::Built,
}
