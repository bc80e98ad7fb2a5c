//! azure-cli: whoever is signed in there. It is run once for an audience, bounded, and no shell has a part in it.
//!
//! *Invariant:* what it prints on standard output is secret and leaves this file only as a token.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use probes::foreign::Foreign;
use probes::net::Patience;
use probes::secret::Secret;
use serde::Deserialize;
use tokio::process::Command;
use tokio::time::Instant;

use super::during;
use crate::azure::{Ask, trouble};
use crate::case::azure::{Trouble, TroubleKind, Way};
use crate::child::{self, Lost};
use crate::cluster::first_line;

/// The longest that it may take: it is a large program, and may ask Microsoft Entra first.
const LIMIT: Duration = Duration::from_secs(20);

/// The token of whoever is signed in.
pub(super) async fn token(
    program: &Path,
    variables: &BTreeMap<String, String>,
    ask: &Ask,
    audience: &str,
    patience: Patience,
) -> Result<Secret<String>, Trouble> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Printed {
        access_token: String,
    }
    let none = |detail: String| trouble::of(TroubleKind::NoSignIn, during(Way::AzureCli), detail);
    let mut command = Command::new(program);
    command.args(["account", "get-access-token", "--output", "json", "--resource", audience]);
    // It takes one of them: a subscription is in one tenant.
    if let Some(subscription) = &ask.subscription {
        command.arg(format!("--subscription={subscription}"));
    } else if let Some(tenant) = &ask.tenant {
        command.arg(format!("--tenant={tenant}"));
    }
    command.env_clear().envs(variables);
    let limit = LIMIT.min(patience.deadline.saturating_duration_since(Instant::now()));
    let ended = child::run(&mut command, limit).await.map_err(|lost| match lost {
        Lost::NotStarted(error) => none(format!("'{}' cannot be started: {error}", program.display())),
        Lost::TimedOut => trouble::of(
            TroubleKind::TimedOut,
            during(Way::AzureCli),
            format!("'az account get-access-token' was not done within {} s", limit.as_secs()),
        ),
        Lost::Failed(error) => none(format!("'az' was lost: {error}")),
    })?;
    if !ended.status.success() {
        let said = error_line(&String::from_utf8_lossy(&ended.stderr), variables);
        return Err(refused(&said, &ended.status.to_string()));
    }
    // The parser's words may quote a token.
    match serde_json::from_slice::<Printed>(&ended.stdout) {
        Ok(printed) if !printed.access_token.is_empty() => Ok(Secret::new(printed.access_token)),
        _ => Err(none("what 'az account get-access-token' printed is no token".to_owned())),
    }
}

/// The line that tells the error, behind warnings about everything else.
fn error_line(said: &str, variables: &BTreeMap<String, String>) -> String {
    let error = said.lines().find_map(|line| line.trim().strip_prefix("ERROR:"));
    let secret = |name: &str| name.contains("SECRET") || name.contains("PASSWORD") || name.contains("TOKEN");
    let given: Vec<&str> =
        variables.iter().filter(|(name, _)| secret(name)).map(|(_, value)| value.as_str()).collect();
    first_line(error.unwrap_or(said), &given)
}

/// What it says instead of a token. Here the code stands in the text alone.
fn refused(said: &str, status: &str) -> Trouble {
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let code = said.split_once("AADSTS").map(|(_, rest)| digits(rest)).filter(|code| !code.is_empty());
    let kind = if code.is_some() { TroubleKind::SignInRefused } else { TroubleKind::NoSignIn };
    let told = match said {
        "" => format!("'az account get-access-token' ended with {status} and said nothing"),
        said => format!("'az account get-access-token' says: {said}"),
    };
    Trouble {
        code: code.map(|code| Foreign::new(&format!("AADSTS{code}"))),
        ..trouble::of(kind, during(Way::AzureCli), told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_told_and_no_warning() {
        let said = "WARNING: a new version is there\nERROR: Please run 'az login' to setup account.\n";
        let line = error_line(said, &BTreeMap::new());
        assert_eq!(line, "Please run 'az login' to setup account.");
        assert_eq!(refused(&line, "exit status: 1").kind, TroubleKind::NoSignIn);
        let expired = refused("AADSTS700082: The refresh token has expired due to inactivity.", "");
        assert_eq!(expired.kind, TroubleKind::SignInRefused);
        assert_eq!(expired.code.map(|code| code.to_string()).as_deref(), Some("AADSTS700082"));
        assert!(refused("", "exit status: 2").detail.as_str().contains("exit status: 2"));
    }
}
