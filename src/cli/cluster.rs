//! The flags of a cluster: kubectl's own, and what is asked of its kubelets.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::plan::Usage;
use super::value::duration;

/// The longest that a pull may take where nothing else is said.
const PULL_TIMEOUT: Duration = Duration::from_secs(300);
/// The shortest that is borne: a kubelet may say nothing for 180 s and pull all the same.
const LEAST_PULL_TIMEOUT: Duration = Duration::from_secs(1);
/// The most nodes that are tested where nothing else is said.
const MAX_NODES: usize = 10;

#[derive(Args, Debug, Default)]
pub(crate) struct ClusterArgs {
    /// The kubeconfig [default: KUBECONFIG, which may be a list, else ~/.kube/config, else the pod's own]
    #[arg(long, value_name = "FILE", conflicts_with = "no_cluster", help_heading = "Cluster")]
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
    /// The longest that one request to the API server may take [default: 10s]
    #[arg(long, value_name = "TIME", help_heading = "Cluster")]
    pub(crate) request_timeout: Option<String>,
    /// Run the kubeconfig's program for credentials though it is not a known one
    #[arg(long, help_heading = "Cluster")]
    pub(crate) allow_exec: bool,
    /// The nodes that pull: one-per-class, all, or names
    #[arg(long, value_name = "WHICH", value_delimiter = ',', help_heading = "Cluster")]
    pub(crate) nodes: Vec<String>,
    /// The most nodes that pull [default: 10]
    #[arg(long, value_name = "N", help_heading = "Cluster")]
    pub(crate) max_nodes: Option<usize>,
    /// The service account that pulls [default: default]
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(crate) service_account: Option<String>,
    /// A pull secret of the namespace, beside the service account's own; repeatable
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(crate) pull_secret: Vec<String>,
    /// The longest that a kubelet's pull may take [default: 5m]
    #[arg(long, value_name = "TIME", help_heading = "Cluster")]
    pub(crate) pull_timeout: Option<String>,
    /// Ask for more than the usual claim: new-node, whose bytes nobody has yet
    #[arg(long, value_name = "CLAIM", value_parser = ["new-node"], help_heading = "Cluster")]
    pub(crate) claim: Option<String>,
    /// Show every object and call that the run would make, and which rights for it are there; do nothing
    #[arg(long, help_heading = "Cluster")]
    pub(crate) plan: bool,
}

impl ClusterArgs {
    /// The first flag that means nothing without a cluster.
    pub(crate) fn first(&self) -> Option<&'static str> {
        [
            ("--kubeconfig", self.kubeconfig.is_some()),
            ("--context", self.context.is_some()),
            ("--cluster", self.cluster.is_some()),
            ("--user", self.user.is_some()),
            ("--namespace", self.namespace.is_some()),
            ("--as", self.as_user.is_some()),
            ("--request-timeout", self.request_timeout.is_some()),
            ("--allow-exec", self.allow_exec),
            ("--nodes", !self.nodes.is_empty()),
            ("--max-nodes", self.max_nodes.is_some()),
            ("--service-account", self.service_account.is_some()),
            ("--pull-secret", !self.pull_secret.is_empty()),
            ("--pull-timeout", self.pull_timeout.is_some()),
            ("--claim", self.claim.is_some()),
            ("--plan", self.plan),
        ]
        .into_iter()
        .find_map(|(flag, given)| given.then_some(flag))
    }

    pub(crate) fn pull_timeout(&self) -> Result<Duration, Usage> {
        let Some(text) = &self.pull_timeout else { return Ok(PULL_TIMEOUT) };
        let given = duration("--pull-timeout", text).map_err(Usage)?;
        if given < LEAST_PULL_TIMEOUT {
            return Err(Usage(format!("--pull-timeout '{text}' leaves no time to pull; give at least 1s")));
        }
        Ok(given)
    }

    pub(crate) fn request_timeout(&self) -> Result<Option<Duration>, Usage> {
        let Some(text) = &self.request_timeout else { return Ok(None) };
        // kubectl takes 0 for no limit; here everything has one.
        if text == "0" {
            return Ok(None);
        }
        duration("--request-timeout", text).map(Some).map_err(Usage)
    }

    pub(crate) fn max_nodes(&self) -> Result<usize, Usage> {
        match self.max_nodes {
            Some(0) => {
                Err(Usage("--max-nodes 0 asks no node; give at least 1, or --tier observe".to_owned()))
            }
            Some(n) => Ok(n),
            None => Ok(MAX_NODES),
        }
    }
}
