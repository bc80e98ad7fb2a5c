//! The program that gives the operator's credential (`exec` in a kubeconfig): run once, bounded, with nobody to talk to.
//!
//! *Invariant:* what it prints on standard output is secret and leaves this file only as a credential.

mod said;

use std::time::Duration;

use kube::config::{AuthInfo, ExecConfig, ExecInteractiveMode};
use probes::foreign::Foreign;
use serde::Deserialize;
use tokio::process::Command;
use tokio::time::Instant;

pub(crate) use self::said::first_line;
use crate::case::cluster::{Trouble, TroubleKind};
use crate::child::{self, Lost};

/// The longest that a plugin may take.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// Plugins that are run without being asked for, by the name of their file: the providers' own.
pub(super) const KNOWN: [&str; 14] = [
    "kubelogin",
    "aws",
    "aws-iam-authenticator",
    "gke-gcloud-auth-plugin",
    "gcloud",
    "az",
    "oci",
    "doctl",
    "ibmcloud",
    "linode-cli",
    "kubectl-oidc_login",
    "tsh",
    "openstack",
    "client-keystone-auth",
];

/// What a plugin answers.
#[derive(Deserialize)]
struct Answer {
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Replaces the plugin by what it gives.
pub(super) async fn resolve(auth: &mut AuthInfo, allowed: bool, deadline: Instant) -> Result<(), Trouble> {
    if let Some(provider) = &auth.auth_provider {
        return Err(trouble(format!(
            "the kubeconfig names the auth-provider {}, which kubectl does not know either since 1.26; \
             fetch the kubeconfig anew",
            provider.name
        )));
    }
    // A token or a password of the kubeconfig goes before, as in kube and client-go.
    let Some(exec) = auth.exec.take() else { return Ok(()) };
    if auth.token.is_some() || auth.token_file.is_some() {
        return Ok(());
    }
    let command = exec.command.clone().filter(|command| !command.is_empty());
    let command = command.ok_or_else(|| trouble("the kubeconfig's exec names no command".to_owned()))?;
    let name = file_name(&command);
    if !allowed && !KNOWN.contains(&name.as_str()) {
        return Err(trouble(format!(
            "'{name}' is no credential plugin that is known here; it is run with --allow-exec"
        )));
    }
    if exec.interactive_mode == Some(ExecInteractiveMode::Always) {
        return Err(trouble(format!("'{name}' wants to talk to a person (interactiveMode: Always)")));
    }
    let status = run(&exec, &command, &name, deadline).await?;
    match (status.token, status.client_certificate_data, status.client_key_data) {
        (Some(token), None, None) => auth.token = Some(token.into()),
        (token, Some(certificate), Some(key)) => {
            use base64::Engine as _;
            let base64 = base64::engine::general_purpose::STANDARD;
            auth.token = token.map(Into::into);
            auth.client_certificate_data = Some(base64.encode(certificate));
            auth.client_key_data = Some(base64.encode(key).into());
        }
        _ => return Err(trouble(format!("'{name}' gave neither a token nor a certificate with its key"))),
    }
    Ok(())
}

async fn run(exec: &ExecConfig, command: &str, name: &str, deadline: Instant) -> Result<Status, Trouble> {
    let mut program = Command::new(command);
    program.args(exec.args.iter().flatten());
    for variable in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
            program.env(name, value);
        }
    }
    let mut spec = serde_json::json!({ "interactive": false });
    if let Some(cluster) = &exec.cluster {
        spec["cluster"] = serde_json::to_value(cluster).unwrap_or_default();
    }
    let version = exec.api_version.as_deref().unwrap_or("client.authentication.k8s.io/v1");
    let info = serde_json::json!({ "apiVersion": version, "kind": "ExecCredential", "spec": spec });
    program.env("KUBERNETES_EXEC_INFO", info.to_string());
    let limit = LIMIT.min(deadline.saturating_duration_since(Instant::now()));
    let ended = child::run(&mut program, limit).await.map_err(|lost| match lost {
        Lost::NotStarted(error) => {
            let hint = exec.install_hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default();
            trouble(format!("'{name}' cannot be started: {error}{hint}"))
        }
        Lost::TimedOut => {
            let within = limit.as_secs();
            trouble(format!("'{name}' gave no credential within {within} s; sign in with it first"))
        }
        Lost::Failed(error) => trouble(format!("'{name}' was lost: {error}")),
    })?;
    let status = ended.status;
    if !status.success() {
        let values = exec.env.iter().flatten().filter_map(|variable| variable.get("value"));
        let given: Vec<&str> = values.map(String::as_str).collect();
        let said = first_line(&String::from_utf8_lossy(&ended.stderr), &given);
        let said = if said.is_empty() { " and said nothing".to_owned() } else { format!(": {said}") };
        return Err(trouble(format!("'{name}' ended with {status}{said}")));
    }
    // The parser's words may quote a token.
    let answer: Answer = serde_json::from_slice(&ended.stdout).map_err(|_| {
        trouble(format!("what '{name}' printed is no ExecCredential; run it by hand, it may ask to sign in"))
    })?;
    answer.status.ok_or_else(|| trouble(format!("the ExecCredential of '{name}' has no status")))
}

/// The name of a program's file, without a folder and without what Windows adds.
fn file_name(command: &str) -> String {
    let last = command.rsplit(['/', '\\']).next().unwrap_or(command);
    last.strip_suffix(".exe").or_else(|| last.strip_suffix(".cmd")).unwrap_or(last).to_owned()
}

fn trouble(detail: String) -> Trouble {
    Trouble {
        kind: TroubleKind::ExecPlugin,
        during: "get the operator's credential".to_owned(),
        detail: Foreign::new(&detail),
    }
}

#[cfg(test)]
mod tests;
