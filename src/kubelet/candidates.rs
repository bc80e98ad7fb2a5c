//! Which causes an error leaves: who was asked, and what came of it.

use std::net::IpAddr;

use probes::cloud::{Family, family, is_azure_data_host};
use probes::target::Target;

use super::form::{Form, Message};
use super::said::{Dialect, Phase};
use super::{Context, auth, content, wire, words};
use crate::causes::{
    ArtifactStreamingMirrorBroken, BlobEndpointBlocked, CauseId, ImdsUnreachable, RedirectTargetBlocked,
    RedirectTargetRefused, RegistryMirrorMisconfigured, TokenServiceUnreachable,
};

/// Who was asked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The registry.
    Registry,
    /// A token service on another host.
    Token,
    /// A host where Azure's registries keep their layers.
    AzureData,
    /// Another host that the registry sent the runtime to.
    Redirect,
    /// The node itself or what serves it alone, where no registry may send a runtime to.
    Forbidden,
    /// A mirror of the runtime's configuration.
    Mirror,
    /// The mirror by which AKS streams images.
    Streaming,
    /// The metadata service.
    Metadata,
}

/// Where AKS' artifact streaming listens on a node.
const STREAMING: [&str; 2] = ["localhost:8578", "127.0.0.1:8578"];

/// An error with all that is known beside it.
pub(super) struct Facts<'a> {
    /// The whole message.
    pub(super) message: &'a Message<'a>,
    /// The attempt that is judged.
    pub(super) form: &'a Form<'a>,
    /// What the caller knows.
    pub(super) context: &'a Context<'a>,
    /// The image, where it can be read.
    pub(super) target: Option<Target>,
    /// Whether its name has no registry, so that the runtime chose one.
    pub(super) implied: bool,
    /// The registry's family.
    pub(super) family: Family,
    /// Who was asked last.
    pub(super) role: Role,
    /// The innermost error in lower case, without addresses and names.
    pub(super) text: &'a str,
}

impl<'a> Facts<'a> {
    /// Joins an error with what is known.
    pub(super) fn new(message: &'a Message<'a>, form: &'a Form<'a>, context: &'a Context<'a>) -> Self {
        let read = |name: Option<&str>| Target::parse_image(name.filter(|name| !name.is_empty())?).ok();
        // The sandbox' image is not the pod's.
        let of_pod = Some(context.image).filter(|_| !message.sandbox);
        let named = read(of_pod).or_else(|| read(message.image));
        let runtimes = read(form.image);
        let implied = match (&named, &runtimes) {
            (Some(named), _) => named.implied_registry,
            // Nobody writes this part of a name.
            (None, Some(target)) => target.implied_library || is_library(target),
            (None, None) => false,
        };
        // Where the name leaves it open, the runtime tells the registry that it chose.
        let target = if implied { runtimes.or(named) } else { named.or(runtimes) };
        let asked = form.host.map(bare).unwrap_or_default();
        // Without the image's name the host that was asked for it stands for the registry.
        let registry = match &target {
            Some(target) => target.host(),
            None if form.phase == Phase::Authorize && family(asked) == Family::Other => "",
            None => asked,
        };
        // Azure's registries name a page of their own in what they say.
        let azure = (context.azure && !message.sandbox) || message.lower.contains("://aka.ms/acr/");
        let family = if azure { Family::Acr } else { family(registry) };
        let role = role(form, target.as_ref(), family);
        Self { message, form, context, target, implied, family, role, text: &form.text }
    }

    /// The same without what a registry said.
    fn itself(&self) -> Self {
        Self { target: self.target.clone(), text: &self.form.own, ..*self }
    }

    /// Whether the innermost error holds some words.
    pub(super) fn says(&self, words: &str) -> bool {
        self.text.contains(words)
    }

    /// Whether it holds any of them.
    pub(super) fn says_any(&self, words: &[&str]) -> bool {
        words.iter().any(|words| self.says(words))
    }

    /// Whether the image's name has no registry, so that it is Docker Hub's.
    pub(super) fn is_implied_hub(&self) -> bool {
        self.implied && self.target.as_ref().is_none_or(|target| family(target.host()) == Family::DockerHub)
    }

    /// What a host is, that could not be reached: the registry's own causes, or what its role makes of them.
    pub(super) fn unreached(&self, at_registry: &[CauseId]) -> Vec<CauseId> {
        match self.role {
            Role::Registry => at_registry.to_vec(),
            Role::Token => vec![TokenServiceUnreachable],
            Role::AzureData => vec![BlobEndpointBlocked],
            Role::Redirect => vec![RedirectTargetBlocked],
            Role::Forbidden => vec![RedirectTargetRefused],
            Role::Mirror => vec![RegistryMirrorMisconfigured],
            Role::Streaming => vec![ArtifactStreamingMirrorBroken],
            Role::Metadata => vec![ImdsUnreachable],
        }
    }

    /// The runtime's version, as far as it is known: `containerd://1.6.20` is `(1, 6)`.
    pub(super) fn containerd(&self) -> Option<(u32, u32)> {
        let version = self.context.runtime.strip_prefix("containerd://")?;
        let mut parts = version.trim_start_matches('v').split('.').map(|part| part.parse().ok());
        Some((parts.next()??, parts.next()??))
    }

    /// Whether the runtime is containerd of before 1.7, which says less of sign-in.
    pub(super) fn is_old_containerd(&self) -> Option<bool> {
        match (self.containerd(), self.message.dialect) {
            (Some(version), _) => Some(version < (1, 7)),
            (None, Dialect::Containerd2) => Some(false),
            (None, _) => None,
        }
    }
}

fn is_library(target: &Target) -> bool {
    family(target.host()) == Family::DockerHub
        && target.repository.as_deref().is_some_and(|repository| repository.starts_with("library/"))
}

/// A host without its port.
fn bare(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or(address),
        None => host.split(':').next().unwrap_or(host),
    }
}

fn role(form: &Form<'_>, target: Option<&Target>, of: Family) -> Role {
    let Some(host) = form.host else {
        // The registry has answered already: what cannot be dialled now is where it sent the runtime to.
        let is_fetch = matches!(form.phase, Phase::Config | Phase::Layer);
        return match of {
            _ if !is_fetch || dialled(&form.own).is_none() => Role::Registry,
            Family::Acr => Role::AzureData,
            _ => Role::Redirect,
        };
    };
    let name = bare(host);
    let path = form.url.unwrap_or_default();
    let is_api = path.contains("/v2/");
    let is_registrys = |target: &Target| {
        host.eq_ignore_ascii_case(&target.registry)
            || name.eq_ignore_ascii_case(target.host())
            // Docker Hub's services have other names than the registry.
            || (of == Family::DockerHub && form.phase != Phase::Authorize && name.ends_with(".docker.io"))
    };
    if STREAMING.contains(&host) && is_api {
        Role::Streaming
    } else if name == "169.254.169.254" && target.is_none() {
        Role::Metadata
    } else if target.is_some_and(is_registrys) {
        Role::Registry
    } else if is_azure_data_host(name) || name.ends_with(".cdn.mscr.io") {
        Role::AzureData
    } else if form.phase == Phase::Authorize {
        // A registry of Azure is its own token service.
        if target.is_none()
            && (of != Family::Other || path.contains("/oauth2/token"))
            && is_own_token_service(name)
        {
            Role::Registry
        } else {
            Role::Token
        }
    } else if target.is_none() {
        Role::Registry
    } else if is_api && (path.contains("?ns=") || path.contains("&ns=")) {
        // So containerd tells a mirror whose image it wants.
        Role::Mirror
    } else if !is_api && is_nodes_own(name) {
        Role::Forbidden
    } else if !is_api || form.phase > Phase::Manifest || is_redirecting(target) {
        Role::Redirect
    } else {
        Role::Mirror
    }
}

/// Whether a host is an address of the node itself or of its link alone.
fn is_nodes_own(host: &str) -> bool {
    match host.parse() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.is_unicast_link_local(),
        Err(_) => host == "localhost",
    }
}

fn is_own_token_service(host: &str) -> bool {
    matches!(family(host), Family::Acr | Family::Public)
}

/// Whether a registry sends its clients to other registries.
fn is_redirecting(target: Option<&Target>) -> bool {
    target.is_some_and(|target| matches!(target.host(), "registry.k8s.io" | "k8s.gcr.io"))
}

/// The address that was dialled, or written to, in the words of Go's `net.OpError`.
pub fn dialled(text: &str) -> Option<IpAddr> {
    let (_, rest) = text.split_once("dial tcp ")?;
    let end = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
    let socket = rest[..end].trim_end_matches(':');
    // A source address may stand before it: `dial tcp 10.0.0.4:0->20.62.128.10:443`.
    let socket = socket.rsplit("->").next().unwrap_or(socket);
    socket.parse::<std::net::SocketAddr>().map(|socket| socket.ip()).or_else(|_| bare(socket).parse()).ok()
}

/// The causes that an error leaves, likeliest first.
pub(super) fn causes(facts: &Facts<'_>) -> Vec<CauseId> {
    let itself = &facts.itself();
    // Names of hosts and of certificates hold any word, so what Go says of a connection goes before words.
    let found = wire::proxy::refused(facts)
        .or_else(|| wire::causes(itself).filter(|_| facts.form.is_of_transport()))
        .or_else(|| words::early(facts))
        .or_else(|| auth::causes(facts))
        .or_else(|| wire::causes(itself))
        .or_else(|| content::causes(itself))
        .or_else(|| words::late(facts));
    found.unwrap_or_default()
}
