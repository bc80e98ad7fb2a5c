//! What `--on-node` means: this machine is the node, and looks with the node's files, as its kubelet and its runtime would.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use probes::cloud::{Family, family};
use probes::facts::node::{FileState, HostsForm, NodeFacts};
use probes::net::{Roots, Upstream};
use probes::node::{HostRoot, HostSetting, NodeFiles, Service};
use probes::proxy::Proxies;
use probes::roots::RootsSource;
use probes::source::{Source, Sources};
use probes::target::Target;
use probes::vantage::Vantage;

use super::CheckArgs;
use super::plan::{Place, Usage, proxies};
use crate::login::node::{Provider, logins};

/// Reads the node's files, and what they make of the flags.
pub(super) fn place(
    args: &CheckArgs,
    target: &Target,
    env: &BTreeMap<String, String>,
    stdin: &mut dyn Read,
) -> Result<Place, Usage> {
    let root = root(args.host_root.as_deref())?;
    let files = probes::node::read(&HostRoot::new(&root), args.azure_json.as_deref(), target);
    named_file(args, &files.facts)?;
    let provider = Provider {
        azure: &files.facts.azure_json,
        secret: files.secret.clone(),
        is_asked: is_asked(&files.facts, target),
    };
    let logins = logins(args, target, provider, stdin)?;
    let mut settings = BTreeMap::new();
    if let Some(path) = &args.azure_json {
        settings.insert("azureJson".to_owned(), path.display().to_string());
    }
    if let Some(path) = &args.host_root {
        settings.insert("hostRoot".to_owned(), path.display().to_string());
    }
    let roots = roots(args, &files)?;
    let given = proxies(args, env)?;
    let of = |service: &Service| match args.proxy.is_none() && service.is_there {
        true => of_service(service),
        false => given.clone(),
    };
    let (runtime, plugin) = (of(&files.containerd), of(&files.kubelet));
    let mut resolver = files.resolver;
    resolver.upstream = files
        .upstream
        .map(|behind| Upstream { source: behind.source, nameservers: behind.nameservers })
        .filter(|behind| !behind.nameservers.is_empty());
    Ok(Place {
        vantage: Vantage::Node(files.name),
        logins,
        login_note: None,
        sources: sources(&files.facts, files.hosts),
        files: Some(files.facts),
        resolver,
        roots,
        proxies: runtime,
        plugin_proxies: plugin,
        variables: Vec::new(),
        settings,
    })
}

fn root(given: Option<&Path>) -> Result<PathBuf, Usage> {
    let root = given.unwrap_or(Path::new("/"));
    if root.is_dir() {
        return Ok(root.to_owned());
    }
    Err(Usage(format!(
        "--host-root '{}' is no folder; name where the node's root is mounted, /host under 'kubectl debug node'",
        root.display()
    )))
}

/// A file that the user names must be there; what stands in it is a finding.
fn named_file(args: &CheckArgs, facts: &NodeFacts) -> Result<(), Usage> {
    let Some(path) = &args.azure_json else { return Ok(()) };
    let why = match facts.azure_json.file.state {
        FileState::Read => return Ok(()),
        FileState::Missing => "is not there",
        FileState::Denied => "may not be read by this user",
        FileState::TooLarge => "is too large for such a file",
        FileState::NotAFile => "is no file",
        FileState::Failed | FileState::Unknown => "cannot be read",
    };
    Err(Usage(format!(
        "--azure-json '{}' {why}; name the node's azure.json, which is /etc/kubernetes/azure.json on AKS",
        path.display()
    )))
}

/// Whether the kubelet asks Azure's credential provider for the registry: by its configuration, or where that was not
/// found by the one that AKS writes.
fn is_asked(facts: &NodeFacts, target: &Target) -> bool {
    let providers = &facts.providers;
    let was_read = providers.files.iter().any(|file| file.state == FileState::Read);
    if !was_read && providers.malformed.is_none() {
        let none = providers.source != probes::facts::node::ProviderSource::Assumed;
        return !none && family(target.host()) == Family::Acr;
    }
    providers.malformed.is_none()
        && providers.unknown_keys.is_empty()
        && providers.providers.iter().any(|provider| {
            let missing = provider.program.state == FileState::Missing;
            let useless = provider.program.state == FileState::Read && !provider.executable;
            provider.matches && !missing && !useless
        })
}

/// The node's authorities; `--ca-file` replaces them. A root in which none are to be found is not the node's whole root,
/// and those of this machine stand in.
fn roots(args: &CheckArgs, files: &NodeFiles) -> Result<Roots, Usage> {
    let found = matches!(&files.roots.source, RootsSource::Node(read) if !read.is_empty());
    if args.ca_file.is_none() && found {
        return Ok(files.roots.clone());
    }
    probes::system::roots(args.ca_file.as_deref()).map_err(|e| Usage(e.to_string()))
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

/// The hosts of the runtime's settings, where they say anything of the registry.
fn sources(facts: &NodeFacts, hosts: probes::node::Hosts) -> Option<Sources> {
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
