//! What to do about a cause: sentences, and argument lists with the reader's own names in them.
//!
//! When one candidate is left, [`remedy`] is its fix, and a command may change something. While several are left,
//! [`next_look`] is what decides between them, and nothing it names changes anything. A command whose names are not
//! known is left out: there is never a gap for the reader to fill in.
//!
//! The fixes are in the files of their layers; the looks they share in `azure`, `aks`, `entra`, `kube`, `wire`, `local`,
//! `cri` and `image`, by who is asked.
//!
//! *Invariant:* no secret is ever part of an argument list, and nothing here is run.

mod acr_cache;
mod aks;
mod auth;
mod azure;
mod blob;
mod cri;
mod entra;
mod http;
mod image;
mod kube;
mod kubelet;
mod local;
mod manifest;
mod mirror;
mod names;
mod network;
mod next;
mod node;
mod proxy;
pub mod quote;
mod reference;
mod runtime;
mod tls;
mod wire;

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Serialize;

use crate::causes::{Cause, CauseId};

use names::some;

pub use names::{Names, PULL_ROLE, PULL_ROLE_ABAC};
pub use next::next_look;
pub use quote::{Shell, quote};

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
    let fixes = [
        reference::fix,
        network::fix,
        tls::fix,
        proxy::fix,
        mirror::fix,
        http::fix,
        acr_cache::fix,
        node::fix,
        auth::fix,
        manifest::fix,
        blob::fix,
        runtime::fix,
        kubelet::fix,
    ];
    fixes.iter().find_map(|fix| fix(id, names))
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
