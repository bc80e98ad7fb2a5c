//! What `--on-node` means: this machine is the node, and looks with the node's files, as its kubelet and its runtime would.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use probes::facts::node::{FileState, NodeFacts};
use probes::node::HostRoot;
use probes::target::Target;

use super::CheckArgs;
use super::plan::{Place, Usage, named};
use crate::login::node::tries;

/// Reads the node's files, and what they make of the flags.
pub(super) fn place(
    args: &CheckArgs,
    target: &Target,
    env: &BTreeMap<String, String>,
    stdin: &mut dyn Read,
) -> Result<Place, Usage> {
    let root = root(args.host_root.as_deref())?;
    let named = named(args, env)?;
    let tries = tries(args, target, stdin)?;
    let place = probes::place::node(&HostRoot::new(&root), args.azure_json.as_deref(), target, tries, &named);
    if let Some(facts) = &place.files {
        named_file(args, facts)?;
    }
    let mut settings = BTreeMap::new();
    if let Some(path) = &args.azure_json {
        settings.insert("azureJson".to_owned(), path.display().to_string());
    }
    if let Some(path) = &args.host_root {
        settings.insert("hostRoot".to_owned(), path.display().to_string());
    }
    Ok(Place { place, login_note: None, variables: Vec::new(), settings })
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
        FileState::Failed | FileState::Unseen | FileState::Unknown => "cannot be read",
    };
    Err(Usage(format!(
        "--azure-json '{}' {why}; name the node's azure.json, which is /etc/kubernetes/azure.json on AKS",
        path.display()
    )))
}
