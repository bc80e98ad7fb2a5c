//! The credentials that the command line names for a node, which its kubelet would try first: pull secrets.

use std::path::Path;

use probes::credential::Login;
use probes::docker_config::kubelet_tries;
use probes::place::Tries;
use probes::target::Target;

use super::{from_standard_input, read};
use crate::cli::{CheckArgs, Usage};

/// As whom the node tries, as far as the command line says.
pub(crate) fn tries(
    args: &CheckArgs,
    target: &Target,
    stdin: &mut dyn std::io::Read,
) -> Result<Tries, Usage> {
    if args.anonymous {
        return Ok(Tries::Nobody);
    }
    let mut logins = Vec::new();
    if let Some(path) = &args.docker_config {
        logins.extend(secrets(path, target)?);
    }
    logins.extend(from_standard_input(args, stdin)?);
    Ok(Tries::AsKubelet(logins))
}

fn secrets(path: &Path, target: &Target) -> Result<Vec<Login>, Usage> {
    let shown = path.display().to_string();
    let text = read(path).map_err(|e| {
        Usage(format!(
            "the docker configuration '{shown}' cannot be read: {e}; name one with --docker-config"
        ))
    })?;
    Ok(kubelet_tries(&text, &shown, target))
}
