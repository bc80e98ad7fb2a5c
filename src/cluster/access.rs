//! Which cluster is meant: kubectl's own flags and variables, read as kubectl reads them.
//!
//! *Invariant:* nothing here speaks to anybody; it reads files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use kube::config::Config;
use probes::foreign::Foreign;

use super::kubeconfig;
use crate::case::cluster::Cluster;
use crate::cli::Usage;

/// Where a pod finds its service account's files.
pub const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The longest that one request may take, unless `--request-timeout` says otherwise.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The same of a request that creates something: each of a cluster's admission webhooks may take 30 s.
pub const CREATION_TIMEOUT: Duration = Duration::from_secs(35);

/// kubectl's flags.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--kubeconfig`: this file and no other.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`.
    pub context: Option<String>,
    /// `--cluster`.
    pub cluster: Option<String>,
    /// `--user`.
    pub user: Option<String>,
    /// `-n`, `--namespace`.
    pub namespace: Option<String>,
    /// `--as`.
    pub as_user: Option<String>,
    /// `--as-group`, repeatable.
    pub as_groups: Vec<String>,
    /// `--as-uid`.
    pub as_uid: Option<String>,
    /// `--server`.
    pub server: Option<String>,
    /// `--certificate-authority`.
    pub certificate_authority: Option<PathBuf>,
    /// `--tls-server-name`.
    pub tls_server_name: Option<String>,
    /// `--insecure-skip-tls-verify`.
    pub insecure: bool,
    /// `--request-timeout`; a zero is kubectl's "no limit", and the default here, where every wait has one.
    pub request_timeout: Option<Duration>,
    /// `--allow-exec`: run a credential plugin that is not a known one.
    pub allow_exec: bool,
}

/// A cluster that is meant, and as whom: everything that files say of it.
#[derive(Clone)]
pub struct Access {
    pub(super) context: Option<String>,
    pub(super) server: String,
    pub(super) namespace: String,
    pub(super) config: Config,
    pub(super) proxy: Option<ProxyChoice>,
    pub(super) allow_exec: bool,
    pub(super) each: Duration,
    pub(super) for_creation: Duration,
}

/// The proxy on the way to the API server.
#[derive(Clone)]
pub(super) enum ProxyChoice {
    /// One that is spoken to.
    Through(probes::proxy::Proxy),
    /// One that this program does not speak.
    Foreign(String),
}

impl Access {
    /// The cluster as far as files tell.
    pub(super) fn cluster(&self) -> Cluster {
        Cluster {
            context: self.context.clone(),
            server: Some(self.server.clone()),
            namespace: self.namespace.clone(),
            ..Cluster::default()
        }
    }

    /// The context's name; `None` inside a cluster.
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// The API server's address, without a user.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The namespace of use.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }
}

/// The cluster that is in effect, or `None` where there is none: no kubeconfig, and no pod's files. What is named and
/// cannot be had is an error that says so.
pub fn in_effect(flags: &Flags, env: &BTreeMap<String, String>) -> Result<Option<Access>, Usage> {
    in_effect_at(flags, env, Path::new(SERVICE_ACCOUNT))
}

/// The same with the service account's files in another place.
pub fn in_effect_at(
    flags: &Flags,
    env: &BTreeMap<String, String>,
    pod_files: &Path,
) -> Result<Option<Access>, Usage> {
    let files = files(flags, env);
    let merged = kubeconfig::read(&files)?;
    let named = [("--context", &flags.context), ("--cluster", &flags.cluster), ("--user", &flags.user)];
    let chosen = if merged.contexts.is_empty() && flags.kubeconfig.is_none() && flags.server.is_none() {
        if let Some((flag, Some(name))) = named.into_iter().find(|(_, value)| value.is_some()) {
            return Err(Usage(format!(
                "{flag} '{name}': no kubeconfig has a context ({}); name a file with --kubeconfig or KUBECONFIG",
                files.told()
            )));
        }
        match kubeconfig::of_pod(env, pod_files)? {
            Some(chosen) => chosen,
            None => return files.in_vain().map(|()| None),
        }
    } else {
        kubeconfig::choose(&merged, flags, &files.told())?
    };
    let mut config = chosen.config;
    if let Some(user) = &flags.as_user {
        config.auth_info.impersonate = Some(user.clone());
    }
    if !flags.as_groups.is_empty() {
        if config.auth_info.impersonate.is_none() {
            return Err(Usage(
                "--as-group without --as: name the user too, for example --as system:admin".into(),
            ));
        }
        config.auth_info.impersonate_groups = Some(flags.as_groups.clone());
    }
    if let Some(uid) = &flags.as_uid {
        config.headers.push((IMPERSONATE_UID, header_value("--as-uid", uid)?));
    }
    let limit = flags.request_timeout.filter(|limit| !limit.is_zero());
    let proxy = kubeconfig::proxy(chosen.proxy_url.as_deref(), &config, env)?;
    Ok(Some(Access {
        context: chosen.context,
        server: chosen.server,
        namespace: flags.namespace.clone().unwrap_or(chosen.namespace),
        config,
        proxy,
        allow_exec: flags.allow_exec,
        each: limit.unwrap_or(REQUEST_TIMEOUT),
        for_creation: limit.unwrap_or(CREATION_TIMEOUT),
    }))
}

/// By which an API server is told the uid of whom it is asked as.
const IMPERSONATE_UID: HeaderName = HeaderName::from_static("impersonate-uid");

fn header_value(flag: &str, text: &str) -> Result<HeaderValue, Usage> {
    HeaderValue::from_str(text).map_err(|_| {
        Usage(format!("{flag} '{}' has signs that no header may have; correct it", Foreign::new(text)))
    })
}

/// The files that are read.
pub(super) struct Files {
    pub(super) paths: Vec<PathBuf>,
    /// Whether one that is not there is an error.
    pub(super) must_exist: bool,
    /// Whether somebody named them.
    named: bool,
}

impl Files {
    fn told(&self) -> String {
        match self.paths.as_slice() {
            [] => "no home folder".to_owned(),
            paths => paths.iter().map(|p| format!("'{}'", p.display())).collect::<Vec<_>>().join(", "),
        }
    }

    /// Fails where a variable names files of which none is there: whoever sets it means a cluster.
    fn in_vain(&self) -> Result<(), Usage> {
        match self.named && !self.paths.is_empty() && !self.paths.iter().any(|path| path.exists()) {
            true => Err(Usage(format!(
                "KUBECONFIG names {}, and there is no such file; correct or unset it, or give --no-cluster",
                self.told()
            ))),
            false => Ok(()),
        }
    }
}

/// As `clientcmd` does: the flag's file alone; else the variable's list; else the one in the home folder.
fn files(flags: &Flags, env: &BTreeMap<String, String>) -> Files {
    if let Some(path) = &flags.kubeconfig {
        return Files { paths: vec![path.clone()], must_exist: true, named: true };
    }
    if let Some(list) = env.get("KUBECONFIG").filter(|list| !list.is_empty()) {
        let paths = std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect();
        return Files { paths, must_exist: false, named: true };
    }
    let home = ["HOME", "USERPROFILE"].iter().find_map(|name| env.get(*name)).filter(|home| !home.is_empty());
    let paths = home.map(|home| Path::new(home).join(".kube").join("config")).into_iter().collect();
    Files { paths, must_exist: false, named: false }
}

#[cfg(test)]
mod tests;
