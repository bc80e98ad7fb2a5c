//! What a node's files say, below a host root: `/` on the node itself, `/host` in a debugging pod.
//!
//! *Invariants:* only files that are named here, or by a file that is, are read, and all of them below the root ·
//! everything is bounded · nothing is judged · no content of a file gets into the facts but the fields named there.

use std::path::Path;

use crate::facts::node::NodeFacts;
use crate::foreign::Foreign;
use crate::net::{Resolver, Roots};
use crate::secret::Secret;
use crate::target::Target;

pub mod azure_json;
mod bare;
mod certificates;
pub mod containerd;
mod glob;
pub mod matching;
pub mod name;
pub mod provider;
pub mod resolver;
pub mod root;
pub mod roots;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tree;
pub mod unit;
mod yaml;

pub use containerd::{Capabilities, HostSetting, Hosts};
pub use resolver::Upstream;
pub use root::{HostRoot, Unread};
pub use unit::Service;

/// What a node's files say: the facts, and what is needed to look as the node would. It has no `Debug`, since it holds
/// secrets.
pub struct NodeFiles {
    /// What may be shown.
    pub facts: NodeFacts,
    /// The node's name, `node` where it cannot be told.
    pub name: String,
    /// `aadClientSecret` of `azure.json`, where it is not empty.
    pub secret: Option<Secret<String>>,
    /// The hosts that containerd asks for the target.
    pub hosts: Hosts,
    /// containerd's environment with its proxies.
    pub containerd: Service,
    /// kubelet's environment, which its credential providers have too.
    pub kubelet: Service,
    /// How names are resolved.
    pub resolver: Resolver,
    /// The nameservers behind a cache on the node.
    pub upstream: Option<Upstream>,
    /// The authorities that containerd trusts.
    pub roots: Roots,
}

/// Reads all that a node's files say about pulling `target`. It blocks on the disk, and on nothing else.
///
/// `azure_json` is a file that the user names, on this machine. Without one it is the file that is named to the
/// credential provider which is asked for the target, else the one of the first provider that names any, else
/// [`azure_json::DEFAULT`]; these are below the root.
pub fn read(root: &HostRoot, azure_json: Option<&Path>, target: &Target) -> NodeFiles {
    let containerd = Service::read(root, unit::CONTAINERD);
    let kubelet = Service::read(root, unit::KUBELET);
    let providers = provider::read(root, &kubelet, target);
    let named = |matching: bool| {
        let mut asked = providers.providers.iter().filter(|provider| provider.matches || !matching);
        asked.find_map(|provider| provider.azure_json.as_ref())
    };
    let named = named(true).or_else(|| named(false)).map_or(azure_json::DEFAULT, Foreign::as_str);
    let azure = azure_json::read(root, azure_json, named);
    let registry = containerd::read(root, &containerd, target);
    let name = name::name(root);
    let resolver = resolver::read(root, &name, &target.api_host());
    let (roots, trust) = roots::read(root, &containerd);
    let facts = NodeFacts {
        root: Foreign::new(&root.path().display().to_string()),
        name: name.clone(),
        azure_json: azure.facts,
        providers,
        containerd: registry.config,
        registry: registry.facts,
        environments: vec![containerd.facts(), kubelet.facts()],
        resolver: resolver.facts,
        trust,
        authorities: roots.certificates.len(),
    };
    NodeFiles {
        facts,
        name,
        secret: azure.secret,
        hosts: registry.hosts,
        containerd,
        kubelet,
        resolver: resolver.resolver,
        upstream: resolver.upstream,
        roots,
    }
}
