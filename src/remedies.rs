//! What to do about a cause: sentences, and argument lists with the reader's own names in them.
//!
//! When one candidate is left, [`remedy`] is its fix, and a command may change something. While several are left,
//! [`next_look`] is what decides between them, and nothing it names changes anything. A command whose names are not
//! known is left out: there is never a gap for the reader to fill in.
//!
//! The fixes are in the files of their layers, the read-only looks they share in `azure`, `wire` and `image`.
//!
//! *Invariant:* no secret is ever part of an argument list, and nothing here is run.

mod auth;
mod azure;
mod blob;
mod http;
mod image;
mod manifest;
mod network;
mod next;
pub mod quote;
mod reference;
mod tls;
mod wire;

#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};

use schemars::JsonSchema;
use serde::Serialize;

use crate::causes::{Cause, CauseId};

pub use next::next_look;
pub use quote::{Shell, quote};

/// The names of the reader's own things, for sentences and commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The whole image reference, as the kubelet reads it.
    pub reference: String,
    /// The registry's host, with its port where one was given.
    pub registry: String,
    /// The host at which it failed: the registry's, the token service's or that of the layers.
    pub host: String,
    /// The port at that host.
    pub port: u16,
    /// The registry's name in Azure, when the registry's host is a login server of ACR.
    pub acr: Option<String>,
    /// The repository.
    pub repository: Option<String>,
    /// The tag.
    pub tag: Option<String>,
    /// The digest that the reference names.
    pub digest: Option<String>,
    /// The platform asked for, such as `linux/amd64`.
    pub platform: String,
    /// The address that was dialled.
    pub address: Option<String>,
    /// The client's address as the registry named it in its refusal.
    pub client_ip: Option<String>,
    /// The Azure region of a data endpoint.
    pub region: Option<String>,
    /// The user of the credential that was presented.
    pub user: Option<String>,
    /// The name server that was asked, as `ADDRESS` or `ADDRESS:PORT`.
    pub nameserver: Option<String>,
    /// The name that was meant, where another one was found in its place.
    pub instead: Option<String>,
}

/// One command, as its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// The program and its arguments, unquoted.
    pub argv: Vec<String>,
    /// Whether it changes anything.
    pub mutates: bool,
    /// The tool and the right it takes, where it takes more than the program itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Remedy {
    /// One or two sentences in the imperative.
    pub text: String,
    /// A page of official documentation.
    pub docs: Option<String>,
    /// Commands that do it or help to do it, in order.
    pub commands: Vec<Command>,
}

/// The fix for a cause, when it is the one candidate that is left.
pub fn remedy(cause: &Cause, names: &Names) -> Remedy {
    let names = names.checked();
    let Advice { text, commands } = advice(cause.id, &names).unwrap_or_else(|| Advice {
        text: "Read the explanation of this cause and follow its last section.".to_owned(),
        commands: Vec::new(),
    });
    // Azure's own pages help nobody whose registry is another.
    let is_azure = |url: &&str| url.contains("container-registry") || url.contains("azure-resource");
    let docs = cause.docs.filter(|url| names.acr.is_some() || !is_azure(url));
    Remedy { text, docs: docs.map(str::to_owned), commands: usable(commands) }
}

/// What the files of this folder answer: the text, and each command whose names are known.
struct Advice {
    text: String,
    commands: Vec<Option<Command>>,
}

/// Shorthand for an answer.
fn say(text: impl Into<String>, commands: impl IntoIterator<Item = Option<Command>>) -> Option<Advice> {
    Some(Advice { text: text.into(), commands: commands.into_iter().collect() })
}

/// A command that changes nothing.
fn look<const N: usize>(argv: [&str; N], needs: Option<String>) -> Option<Command> {
    Some(Command { argv: argv.map(str::to_owned).to_vec(), mutates: false, needs })
}

/// A command that changes something.
fn change<const N: usize>(argv: [&str; N], needs: impl Into<String>) -> Option<Command> {
    Some(Command { argv: argv.map(str::to_owned).to_vec(), mutates: true, needs: Some(needs.into()) })
}

/// The first file that knows the cause.
fn advice(id: CauseId, names: &Names) -> Option<Advice> {
    [reference::fix, network::fix, tls::fix, http::fix, auth::fix, manifest::fix, blob::fix]
        .iter()
        .find_map(|fix| fix(id, names))
}

/// The commands that can be typed: known names, no duplicates, nothing that a shell could take for something else.
fn usable(commands: Vec<Option<Command>>) -> Vec<Command> {
    let mut kept: Vec<Command> = Vec::new();
    for command in commands.into_iter().flatten() {
        let typed =
            command.argv.iter().all(|word| !word.is_empty() && !word.contains(['<', '>', '\0', '\n', '\r']));
        if typed && !kept.contains(&command) {
            kept.push(command);
        }
    }
    kept
}

/// Whether a name can stand in a command: one visible word that is no option.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name
            .chars()
            .all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\'' | '`' | '$' | '{' | '}'))
}

impl Names {
    /// The same names without those that cannot stand in a command; some of them are strangers' text.
    fn checked(&self) -> Self {
        let must = |name: &String| if is_plain(name) { name.clone() } else { String::new() };
        let may = |name: &Option<String>| name.clone().filter(|name| is_plain(name));
        Self {
            reference: must(&self.reference),
            registry: must(&self.registry),
            host: must(&self.host),
            port: self.port,
            acr: may(&self.acr).filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric())),
            repository: may(&self.repository),
            tag: may(&self.tag),
            digest: may(&self.digest),
            platform: must(&self.platform),
            address: may(&self.address),
            client_ip: may(&self.client_ip).filter(|ip| ip.parse::<IpAddr>().is_ok()),
            region: may(&self.region),
            user: may(&self.user),
            nameserver: may(&self.nameserver),
            instead: may(&self.instead),
        }
    }

    /// What the registry is called in a sentence.
    fn the_registry(&self) -> &str {
        self.acr.as_deref().or(some(&self.registry)).unwrap_or("the registry")
    }

    /// What the failing host is called in a sentence.
    fn the_host(&self) -> &str {
        some(&self.host).or(some(&self.registry)).unwrap_or("the host")
    }

    /// What the image is called in a sentence.
    fn the_image(&self) -> &str {
        some(&self.reference).unwrap_or("the image")
    }

    /// What the repository is called in a sentence.
    fn the_repository(&self) -> &str {
        self.repository.as_deref().unwrap_or("the repository")
    }

    /// The port at the failing host; https where it is not known.
    fn port(&self) -> u16 {
        if self.port == 0 { 443 } else { self.port }
    }

    /// The dialled address without a port.
    fn ip(&self) -> Option<IpAddr> {
        let text = self.address.as_deref()?;
        text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|both| both.ip()))
    }

    /// The private DNS zone of ACR in the cloud that the registry is in.
    fn private_zone(&self) -> &'static str {
        let host = self.registry.split(':').next().unwrap_or_default();
        match host.rsplit('.').next() {
            Some("cn") => "privatelink.azurecr.cn",
            Some("us") => "privatelink.azurecr.us",
            _ => "privatelink.azurecr.io",
        }
    }
}

/// The text, unless it is empty.
fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
