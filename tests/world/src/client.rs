//! A client of foreign make in a world: a process with the world's environment and nothing of ours, and what it said.
//!
//! *Invariant:* what a client said is shown only with its tokens and secrets masked.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::running::Running;

/// How long a client may take. Those of Azure ask again for about a minute before they give up.
const LIMIT: Duration = Duration::from_secs(180);
/// The longest word that is shown; what is longer may be a token of a form that nobody knows here.
const LONGEST: usize = 60;

/// The call of a client.
pub struct Call {
    client: String,
    command: Command,
    home: PathBuf,
    stdin: String,
    secrets: Vec<String>,
}

/// What a client said, and whether it succeeded. It may hold tokens; see [`Said::masked`].
pub struct Said {
    client: String,
    success: bool,
    stdout: String,
    stderr: String,
    secrets: Vec<String>,
}

/// A client that could not be called, or that said something else than it was to say.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It is not there, or its files could not be made.
    #[error("{client} cannot be started ({reason}); install it, CI promises that it is there")]
    Start {
        /// The client.
        client: String,
        /// Why.
        reason: io::Error,
    },
    /// It did not come to an end.
    #[error("{client} did not end within {} s", LIMIT.as_secs())]
    TimedOut {
        /// The client.
        client: String,
    },
    /// It said something else.
    #[error("{client}: expected {expected}, got success = {success}:\n{said}")]
    Unexpected {
        /// The client.
        client: String,
        /// What was expected of it.
        expected: String,
        /// Whether it succeeded.
        success: bool,
        /// What it said, masked.
        said: String,
    },
}

impl Call {
    /// The call of a program in a world. Of our environment it has the search path alone.
    pub fn new(running: &Running, program: impl AsRef<Path>) -> Self {
        let program = program.as_ref();
        let home = running.path("home");
        let mut command = Command::new(program);
        command.env_clear().envs(running.environment()).env("HOME", &home).env("LC_ALL", "C.UTF-8");
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        let client = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self { client, command, home, stdin: String::new(), secrets: Vec::new() }
    }

    /// skopeo's look at an image, for a usual machine.
    pub fn skopeo(running: &Running, image: &str) -> Self {
        let words = ["--override-os", "linux", "--override-arch", "amd64", "inspect", "--no-tags"];
        Self::new(running, "skopeo").args(words).args([format!("docker://{image}")])
    }

    /// Under another name than the program's.
    pub fn named(mut self, client: &str) -> Self {
        client.clone_into(&mut self.client);
        self
    }

    /// With these words.
    pub fn args(mut self, words: impl IntoIterator<Item: AsRef<OsStr>>) -> Self {
        self.command.args(words);
        self
    }

    /// With a variable.
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// With a secret on standard input.
    pub fn secret_on_stdin(mut self, secret: &str) -> Self {
        secret.clone_into(&mut self.stdin);
        self.knowing(secret)
    }

    /// With a secret that the client has by another way, and that is masked in what it says.
    pub fn knowing(mut self, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self
    }

    /// Calls it and waits for its end.
    pub async fn said(mut self) -> Result<Said, ClientError> {
        let client = self.client.clone();
        let failed = |reason| ClientError::Start { client: client.clone(), reason };
        std::fs::create_dir_all(&self.home).map_err(failed)?;
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = self.command.spawn().map_err(failed)?;
        if let Some(mut stdin) = child.stdin.take() {
            // A client that wants nothing to read may have closed it.
            let _sent = stdin.write_all(self.stdin.as_bytes()).await;
        }
        let output = tokio::time::timeout(LIMIT, child.wait_with_output())
            .await
            .map_err(|_| ClientError::TimedOut { client: client.clone() })?
            .map_err(failed)?;
        Ok(Said {
            client: self.client,
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            secrets: self.secrets,
        })
    }
}

impl Said {
    /// It succeeded, and said all these words.
    pub fn succeeded(self, words: &[&str]) -> Result<Self, ClientError> {
        self.ended(true, words)
    }

    /// It failed, and said all these words.
    pub fn failed(self, words: &[&str]) -> Result<Self, ClientError> {
        self.ended(false, words)
    }

    fn ended(self, success: bool, words: &[&str]) -> Result<Self, ClientError> {
        let said = |word: &&str| self.stdout.contains(word) || self.stderr.contains(word);
        if self.success == success && words.iter().all(said) {
            return Ok(self);
        }
        Err(self.unexpected(&format!("success = {success} and '{}'", words.join("', '"))))
    }

    /// The JSON that it wrote to standard output, where it succeeded.
    pub fn json(&self) -> Result<Value, ClientError> {
        let value = serde_json::from_str(&self.stdout).ok().filter(|_| self.success);
        value.ok_or_else(|| self.unexpected("JSON"))
    }

    /// What it wrote to standard output; where that holds a token, it is for another client alone.
    pub fn stdout(&self) -> &str {
        &self.stdout
    }

    /// The error of a client that said something else than expected.
    pub fn unexpected(&self, expected: &str) -> ClientError {
        ClientError::Unexpected {
            client: self.client.clone(),
            expected: expected.to_owned(),
            success: self.success,
            said: self.masked(),
        }
    }

    /// What it said, for people.
    pub fn masked(&self) -> String {
        masked(&format!("{}{}", self.stdout, self.stderr), &self.secrets)
    }
}

/// A text without the secrets, and without what looks like a token.
fn masked(text: &str, secrets: &[String]) -> String {
    let known = secrets.iter().filter(|secret| !secret.is_empty());
    let text = known.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"));
    let inside = |c: char| c.is_ascii_alphanumeric() || "-_.+=".contains(c);
    let mut shown = String::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find(inside) {
        let (before, word) = rest.split_at(start);
        let (word, after) = word.split_at(word.find(|c| !inside(c)).unwrap_or(word.len()));
        let digest = word.chars().all(|c| c.is_ascii_hexdigit());
        shown.push_str(before);
        // A JWT begins so, and a base64 of one longer than anything that people write.
        shown.push_str(if word.contains("eyJ") || (word.len() > LONGEST && !digest) { "***" } else { word });
        rest = after;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::World;

    #[test]
    fn tokens_and_secrets_are_not_shown() {
        let long = "MDAwMDAw".repeat(10);
        let digest = "0123456789abcdef".repeat(4);
        let text = format!("user s3cret: {{\"t\":\"eyJhbGci.eyJhdWQi.c2ln\"}} {long} sha256:{digest}\nend");
        let shown = masked(&text, &["s3cret".to_owned(), String::new()]);
        assert_eq!(shown, format!("user ***: {{\"t\":\"***\"}} *** sha256:{digest}\nend"));
    }

    #[tokio::test]
    async fn a_client_has_the_worlds_environment_and_nothing_else() {
        let world = "".parse::<World>().expect("a world").start().await.expect("a running world");
        let said = Call::new(&world, "env").said().await.expect("a call").succeeded(&[]).expect("success");
        let mut names: Vec<&str> =
            said.stdout().lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        let environment = world.environment();
        let mut known: Vec<&str> =
            environment.keys().map(String::as_str).chain(["HOME", "LC_ALL", "PATH"]).collect();
        names.sort_unstable();
        known.sort_unstable();
        assert_eq!(names, known);
        assert!(world.path("home").is_dir());
    }

    #[tokio::test]
    async fn what_is_expected_is_told_and_what_was_said_is_masked() {
        let world = "".parse::<World>().expect("a world").start().await.expect("a running world");
        let call = || Call::new(&world, "cat").named("a cat").secret_on_stdin("{\"token\":\"s3cret\"}");
        let said = call().said().await.expect("a call").succeeded(&["token"]).expect("success");
        assert_eq!(said.json().expect("JSON")["token"], "s3cret");
        let error = said.failed(&["purr"]).err().expect("an error").to_string();
        assert_eq!(error, "a cat: expected success = false and 'purr', got success = true:\n***");
        let missing = Call::new(&world, "no-such-client").said().await.err().expect("an error").to_string();
        assert!(missing.starts_with("no-such-client cannot be started"), "{missing}");
    }
}
