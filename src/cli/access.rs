//! kubectl's own flags: which cluster, and as whom.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::plan::Usage;
use super::value::{duration, namespace, not_empty};
use crate::cluster::Flags;

#[derive(Args, Debug, Default)]
pub(crate) struct AccessArgs {
    /// The kubeconfig [default: KUBECONFIG, which may be a list, else ~/.kube/config, else the pod's own]
    #[arg(long, value_name = "FILE", help_heading = "Cluster")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(crate) context: Option<String>,
    /// The cluster of the kubeconfig, in place of the context's
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(crate) cluster: Option<String>,
    /// The user of the kubeconfig, in place of the context's
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(crate) user: Option<String>,
    /// The namespace where the image is used, whose service account and pull secrets count
    #[arg(short, long, value_name = "NAME", help_heading = "Cluster")]
    pub(crate) namespace: Option<String>,
    /// Ask the API server as this user
    #[arg(long = "as", value_name = "USER", help_heading = "Cluster")]
    pub(crate) as_user: Option<String>,
    /// Ask the API server as a member of this group; repeatable
    #[arg(long = "as-group", value_name = "GROUP", requires = "as_user", help_heading = "Cluster")]
    pub(crate) as_groups: Vec<String>,
    /// Ask the API server as the user of this uid
    #[arg(long, value_name = "UID", requires = "as_user", help_heading = "Cluster")]
    pub(crate) as_uid: Option<String>,
    /// The API server's address, in place of the cluster's
    #[arg(short, long, value_name = "URL", help_heading = "Cluster")]
    pub(crate) server: Option<String>,
    /// Trust these authorities for the API server, in place of the cluster's
    #[arg(long, value_name = "PEM", help_heading = "Cluster")]
    pub(crate) certificate_authority: Option<PathBuf>,
    /// The name that the API server's certificate must have, in place of its address
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(crate) tls_server_name: Option<String>,
    /// Do not look at the API server's certificate: whoever is in the way sees the credential
    #[arg(long, conflicts_with = "certificate_authority", help_heading = "Cluster")]
    pub(crate) insecure_skip_tls_verify: bool,
    /// Refused: a command line can be read by others
    #[arg(long, value_name = "TOKEN", hide = true)]
    pub(crate) token: Option<String>,
    /// The longest that one request to the API server may take [default: 10s; for what is created 35s, as policies may take 30s]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Cluster")]
    pub(crate) request_timeout: Option<String>,
    /// Run the kubeconfig's program for credentials though it is not a known one
    #[arg(long, help_heading = "Cluster")]
    pub(crate) allow_exec: bool,
}

impl AccessArgs {
    /// The flags, read.
    pub(crate) fn flags(&self) -> Result<Flags, Usage> {
        if self.token.is_some() {
            return Err(Usage(
                "--token is not taken, since others can read a command line: name a kubeconfig whose user has a token or a \
                 tokenFile"
                    .to_owned(),
            ));
        }
        let named = [
            ("--context", &self.context),
            ("--cluster", &self.cluster),
            ("--user", &self.user),
            ("--as", &self.as_user),
            ("--as-uid", &self.as_uid),
            ("--server", &self.server),
            ("--tls-server-name", &self.tls_server_name),
        ];
        for (flag, value) in named {
            not_empty(flag, value.as_deref()).map_err(Usage)?;
        }
        for group in &self.as_groups {
            not_empty("--as-group", Some(group)).map_err(Usage)?;
        }
        let of_use = self.namespace.as_deref().map(|name| namespace("--namespace", name));
        Ok(Flags {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            cluster: self.cluster.clone(),
            user: self.user.clone(),
            namespace: of_use.transpose().map_err(Usage)?,
            as_user: self.as_user.clone(),
            as_groups: self.as_groups.clone(),
            as_uid: self.as_uid.clone(),
            server: self.server.clone(),
            certificate_authority: self.certificate_authority.clone(),
            tls_server_name: self.tls_server_name.clone(),
            insecure: self.insecure_skip_tls_verify,
            request_timeout: self.request_timeout()?,
            allow_exec: self.allow_exec,
        })
    }

    /// As kubectl takes it: a number without a unit is seconds, and zero is no limit, which is the default here, where
    /// everything has one.
    fn request_timeout(&self) -> Result<Option<Duration>, Usage> {
        let Some(text) = &self.request_timeout else { return Ok(None) };
        let bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let text = if bare { format!("{text}s") } else { text.clone() };
        if text.trim_end_matches(char::is_alphabetic).bytes().all(|byte| byte == b'0')
            && text.starts_with('0')
        {
            return Ok(None);
        }
        duration("--request-timeout", &text).map(Some).map_err(Usage)
    }

    /// What of it a reader must know to ask the same again.
    pub(super) fn settings(&self) -> Vec<(&'static str, Option<String>)> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let asked = |given: bool| given.then(|| "asked for".to_owned());
        let groups = (!self.as_groups.is_empty()).then(|| self.as_groups.join(","));
        vec![
            ("kubeconfig", path(&self.kubeconfig)),
            ("context", self.context.clone()),
            ("cluster", self.cluster.clone()),
            ("user", self.user.clone()),
            ("namespace", self.namespace.clone()),
            ("as", self.as_user.clone()),
            ("asGroups", groups),
            ("asUid", self.as_uid.clone()),
            ("server", self.server.clone()),
            ("certificateAuthority", path(&self.certificate_authority)),
            ("tlsServerName", self.tls_server_name.clone()),
            ("insecureSkipTlsVerify", asked(self.insecure_skip_tls_verify)),
            ("allowExec", asked(self.allow_exec)),
        ]
    }

    /// The first flag that means nothing without a cluster.
    pub(super) fn first(&self) -> Option<&'static str> {
        [
            ("--kubeconfig", self.kubeconfig.is_some()),
            ("--context", self.context.is_some()),
            ("--cluster", self.cluster.is_some()),
            ("--user", self.user.is_some()),
            ("--namespace", self.namespace.is_some()),
            ("--as", self.as_user.is_some()),
            ("--server", self.server.is_some()),
            ("--certificate-authority", self.certificate_authority.is_some()),
            ("--tls-server-name", self.tls_server_name.is_some()),
            ("--insecure-skip-tls-verify", self.insecure_skip_tls_verify),
            ("--token", self.token.is_some()),
            ("--request-timeout", self.request_timeout.is_some()),
            ("--allow-exec", self.allow_exec),
        ]
        .into_iter()
        .find_map(|(flag, given)| given.then_some(flag))
    }
}
