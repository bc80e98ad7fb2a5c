//! What a place gives to look with: whom it asks for names, whom it trusts, its way out, its credentials.
//!
//! The node itself and the probe in a pod on it come by the same function to the same.
//!
//! *Invariant:* nothing here asks the network, and what a file of the node says is never an error.

mod provided;
mod sources;

use std::net::SocketAddr;
use std::path::Path;

use crate::credential::Login;
use crate::facts::node::NodeFacts;
use crate::net::{Resolver, Roots, Upstream};
use crate::node::{HostRoot, NodeFiles, Service};
use crate::proxy::Proxies;
use crate::roots::RootsSource;
use crate::source::Sources;
use crate::system;
use crate::target::Target;
use crate::vantage::Vantage;

/// All of it. It has no `Debug`, since it holds secrets.
pub struct Place {
    /// The place's name.
    pub vantage: Vantage,
    /// The credentials in the order in which they are tried; never none.
    pub logins: Vec<Login>,
    /// What a node's files say.
    pub files: Option<NodeFacts>,
    /// The hosts that a node's runtime asks, where its settings name others than the registry.
    pub sources: Option<Sources>,
    /// The resolver's settings.
    pub resolver: Resolver,
    /// Whom it trusts.
    pub roots: Roots,
    /// The proxies of whoever pulls there.
    pub proxies: Proxies,
    /// The proxies of the kubelet's credential provider; elsewhere the same.
    pub plugin_proxies: Proxies,
}

/// What was named in the place of what is found there.
#[derive(Default)]
pub struct Named {
    /// The nameservers of `--resolver`.
    pub nameservers: Vec<SocketAddr>,
    /// The authorities of `--ca-file`.
    pub roots: Option<Roots>,
    /// The proxies of whoever looks: a flag's, or the environment's.
    pub proxies: Proxies,
    /// Whether a flag names them: then they count whatever a node's files say.
    pub proxy_by_flag: bool,
}

/// As whom a place tries.
pub enum Tries {
    /// As nobody.
    Nobody,
    /// With these pull secrets, then as nobody.
    Secrets(Vec<Login>),
    /// As the kubelet would: these pull secrets, what the node's credential provider gives, nobody.
    AsKubelet(Vec<Login>),
}

impl Named {
    /// The resolver with the nameservers that were named, which replace those found; a hosts file stays.
    pub fn resolver(&self, found: Resolver) -> Resolver {
        match self.nameservers.is_empty() {
            true => found,
            false => Resolver {
                nameservers: self.nameservers.clone(),
                source: "--resolver".to_owned(),
                ndots: 1,
                hosts: found.hosts,
                ..Resolver::default()
            },
        }
    }
}

/// A node, by its files. `azure_json` is a file of this machine; without one it is what the node's files name.
pub fn node(
    root: &HostRoot,
    azure_json: Option<&Path>,
    target: &Target,
    tries: Tries,
    named: &Named,
) -> Place {
    let files = crate::node::read(root, azure_json, target);
    let logins = match tries {
        Tries::Nobody => Vec::new(),
        Tries::Secrets(secrets) => secrets,
        Tries::AsKubelet(secrets) => secrets.into_iter().chain(provided::login(&files, target)).collect(),
    };
    let logins = logins.into_iter().chain([Login::anonymous()]).collect();
    let of = |service: &Service| match !named.proxy_by_flag && service.is_there {
        true => of_service(service),
        false => named.proxies.clone(),
    };
    let (proxies, plugin_proxies) = (of(&files.containerd), of(&files.kubelet));
    let roots = roots(named, &files);
    let mut resolver = files.resolver;
    resolver.upstream = files
        .upstream
        .map(|behind| Upstream { source: behind.source, nameservers: behind.nameservers })
        .filter(|behind| !behind.nameservers.is_empty());
    Place {
        vantage: Vantage::Node(files.name),
        logins,
        sources: sources::sources(&files.facts, files.hosts),
        files: Some(files.facts),
        resolver: named.resolver(resolver),
        roots,
        proxies,
        plugin_proxies,
    }
}

/// A place that has no files but this machine's own: a workstation, a pod.
pub fn machine(vantage: Vantage, logins: Vec<Login>, named: &Named) -> Place {
    Place {
        vantage,
        logins,
        files: None,
        sources: None,
        resolver: named.resolver(system::resolver()),
        roots: named.roots.clone().unwrap_or_else(system::own_roots),
        proxies: named.proxies.clone(),
        plugin_proxies: named.proxies.clone(),
    }
}

/// The node's authorities, unless others were named. A root in which none are to be found is not the node's whole root,
/// and those of this machine stand in.
fn roots(named: &Named, files: &NodeFiles) -> Roots {
    let found = matches!(&files.roots.source, RootsSource::Node(read) if !read.is_empty());
    match &named.roots {
        Some(roots) => roots.clone(),
        None if found => files.roots.clone(),
        None => system::own_roots(),
    }
}

fn of_service(service: &Service) -> Proxies {
    let variables = service.proxies();
    Proxies::from_variables(|name| {
        variables
            .iter()
            .find(|variable| variable.name == name)
            .map(|variable| variable.value.expose().as_str())
    })
}
