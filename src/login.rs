//! Which credential counts: the one named, else the docker configuration's entry for the registry, else none.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use probes::credential::{Credential, Login, Proof};
use probes::secret::Secret;
use probes::target::Target;

use crate::cli::{CheckArgs, Usage};

pub(crate) mod node;

pub use probes::docker_config;
use probes::docker_config::{DockerConfig, Entry};

/// The longest password and configuration that are read, in bytes.
const LIMIT: u64 = 4 * 1024 * 1024;

/// Chooses the login, with a note where the reader may wonder about it, and the variables that had a say.
pub(crate) fn choose(
    args: &CheckArgs,
    target: &Target,
    env: &BTreeMap<String, String>,
    stdin: &mut dyn Read,
) -> Result<(Login, Option<String>, Vec<String>), Usage> {
    if args.anonymous {
        return Ok((Login::anonymous(), None, Vec::new()));
    }
    if let Some(login) = from_standard_input(args, stdin)? {
        return Ok((login, None, Vec::new()));
    }
    if let Some(path) = &args.docker_config {
        let (login, note) = from_file(path, target, true)?;
        return Ok((login, note, Vec::new()));
    }
    let (path, variables) = match (env.get("DOCKER_CONFIG").filter(|d| !d.is_empty()), env.get("HOME")) {
        (Some(folder), _) => (PathBuf::from(folder).join("config.json"), vec!["DOCKER_CONFIG".to_owned()]),
        (None, Some(home)) => (PathBuf::from(home).join(".docker/config.json"), Vec::new()),
        (None, None) => return Ok((Login::anonymous(), None, Vec::new())),
    };
    if !path.exists() {
        return Ok((Login::anonymous(), None, variables));
    }
    // A configuration that nobody named is used where it can be; what is wrong with it is told, and no reason to stop.
    match from_file(&path, target, false) {
        Ok((login, note)) => Ok((login, note, variables)),
        Err(usage) => Ok((Login::anonymous(), Some(usage.to_string()), variables)),
    }
}

/// The user that the command line names, with the password on standard input.
fn from_standard_input(args: &CheckArgs, stdin: &mut dyn Read) -> Result<Option<Login>, Usage> {
    let Some(user) = &args.username else { return Ok(None) };
    let password = password(stdin)?;
    let credential = Credential::GivenUser { user: user.clone() };
    let proof = Proof::Password { user: user.clone(), password };
    Ok(Some(Login::new(credential, Some(proof))))
}

fn password(stdin: &mut dyn Read) -> Result<Secret<String>, Usage> {
    let mut text = String::new();
    stdin
        .take(LIMIT)
        .read_to_string(&mut text)
        .map_err(|_| Usage("the password on standard input cannot be read as text".to_owned()))?;
    // As docker login does: one line end is the pipe's, not the password's.
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(Usage(
            "--password-stdin found nothing on standard input; pipe the password in".to_owned(),
        ));
    }
    Ok(Secret::new(text.to_owned()))
}

fn from_file(path: &Path, target: &Target, named: bool) -> Result<(Login, Option<String>), Usage> {
    let shown = path.display();
    let text = read(path)
        .map_err(|e| Usage(format!("the docker configuration '{shown}' cannot be read: {e}; name one with --docker-config, or use --anonymous")))?;
    let config = DockerConfig::read(&text)
        .map_err(|e| Usage(format!("the docker configuration '{shown}' is not one: {e}; make one with 'docker login', or use --anonymous")))?;
    Ok(match config.entry(target) {
        Entry::Found(login) => (*login, None),
        Entry::Helper(helper) => (
            Login::anonymous(),
            Some(format!(
                "the credential for {} is kept by docker-credential-{helper}, which is not run: pass it with --username and --password-stdin",
                target.registry
            )),
        ),
        Entry::Unusable(why) => (
            Login::anonymous(),
            Some(format!("the entry for {} in {shown} cannot be used: {why}", target.registry)),
        ),
        Entry::Absent(others) if named || !others.is_empty() => {
            let others = if others.is_empty() { "none".to_owned() } else { others.join(", ") };
            let note = format!("{shown} has no credential for {} (it has: {others})", target.registry);
            (Login::anonymous(), Some(note))
        }
        Entry::Absent(_) => (Login::anonymous(), None),
    })
}

fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(LIMIT).read_to_string(&mut text)?;
    Ok(text)
}
