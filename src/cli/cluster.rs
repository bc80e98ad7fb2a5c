//! The flags of a cluster: kubectl's own, and what is asked of its kubelets.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use probes::observation::Platform;
use probes::target::Target;

use super::CheckArgs;
use super::plan::Usage;
use super::probe;
use super::value::duration;
use crate::cluster::{Access, Ask, Flags, Nodes, in_effect};

/// The longest that a pull may take where nothing else is said.
const PULL_TIMEOUT: Duration = Duration::from_secs(300);
/// The shortest that is borne: a kubelet may say nothing for 180 s and pull all the same.
const LEAST_PULL_TIMEOUT: Duration = Duration::from_secs(1);
/// The most nodes that are tested where nothing else is said.
const MAX_NODES: usize = 10;

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
    /// The longest that one request to the API server may take [default: 10s]
    #[arg(long, value_name = "TIME", help_heading = "Cluster")]
    pub(crate) request_timeout: Option<String>,
    /// Run the kubeconfig's program for credentials though it is not a known one
    #[arg(long, help_heading = "Cluster")]
    pub(crate) allow_exec: bool,
}

#[derive(Args, Debug, Default)]
pub(crate) struct ClusterArgs {
    #[command(flatten)]
    pub(crate) access: AccessArgs,
    /// The nodes that pull: one-per-class, all, or names
    #[arg(long, value_name = "WHICH", value_delimiter = ',', help_heading = "Cluster")]
    pub(crate) nodes: Vec<String>,
    /// The most nodes that pull [default: 10]
    #[arg(long, value_name = "N", help_heading = "Cluster")]
    pub(crate) max_nodes: Option<usize>,
    /// The service account that pulls [default: default]
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(crate) service_account: Option<String>,
    /// A pull secret of the namespace, in place of the service account's own, as in every pod; repeatable
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Cluster")]
    pub(crate) pull_secret: Vec<String>,
    /// Have kubelets pull an image of more than 2 GiB, too
    #[arg(long, help_heading = "Cluster")]
    pub(crate) allow_large: bool,
    /// The longest that a kubelet's pull may take [default: 5m]
    #[arg(long, value_name = "TIME", help_heading = "Cluster")]
    pub(crate) pull_timeout: Option<String>,
    /// Ask for more than the usual claim: new-node, whose bytes nobody has yet
    #[arg(long, value_name = "CLAIM", value_parser = ["new-node"], help_heading = "Cluster")]
    pub(crate) claim: Option<String>,
    /// The image that holds the probe, for --tier pod and host
    #[arg(long, value_name = "REF", help_heading = "Cluster")]
    pub(crate) probe_image: Option<String>,
    /// The namespace of the probe's pods, for --tier host: it must allow the host's network and files
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(crate) probe_namespace: Option<String>,
    /// Show every object and call that the run would make, and which rights for it are there; do nothing
    #[arg(long, help_heading = "Cluster")]
    pub(crate) plan: bool,
}

impl AccessArgs {
    /// kubectl's own.
    pub(crate) fn flags(&self) -> Result<Flags, Usage> {
        Ok(Flags {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            cluster: self.cluster.clone(),
            user: self.user.clone(),
            namespace: self.namespace.clone(),
            as_user: self.as_user.clone(),
            as_groups: self.as_groups.clone(),
            request_timeout: self.request_timeout()?,
            allow_exec: self.allow_exec,
        })
    }

    pub(crate) fn request_timeout(&self) -> Result<Option<Duration>, Usage> {
        let Some(text) = &self.request_timeout else { return Ok(None) };
        // kubectl takes 0 for no limit; here everything has one.
        if text == "0" {
            return Ok(None);
        }
        duration("--request-timeout", text).map(Some).map_err(Usage)
    }
}

/// A cluster that is in effect, and what is asked of it.
pub struct ClusterPlan {
    /// Which, and as whom.
    pub access: Access,
    /// What is asked.
    pub ask: Ask,
    /// Whether the bytes of a new node are asked about too.
    pub new_node: bool,
    /// Whether only the plan is shown.
    pub plan_only: bool,
}

/// The tiers that this version can do, in the order of what they may create.
const TIERS: [&str; 4] = ["observe", "canary", "pod", "host"];

impl ClusterPlan {
    /// What the flags and the environment say of a cluster: `None` where none is in effect or none is wanted.
    pub(crate) fn new(
        args: &CheckArgs,
        target: &Target,
        platform: Option<&Platform>,
        (timeout, step, clock): (Duration, Duration, fn() -> Timestamp),
        env: &BTreeMap<String, String>,
    ) -> Result<Option<Self>, Usage> {
        let tier = tier(args)?;
        let given = &args.cluster;
        let kubelet = args.from.is_empty() || args.from.iter().any(|place| place == "kubelet");
        let unwanted = if args.on_node {
            Some("--on-node")
        } else if args.no_cluster {
            Some("--no-cluster")
        } else if !kubelet {
            Some("--from workstation")
        } else if target.is_registry() {
            Some("a registry alone; name an image that its kubelets pull")
        } else {
            None
        };
        if let Some(why) = unwanted {
            return match given.first() {
                Some(flag) => Err(Usage(format!("{flag} has no meaning with {why}"))),
                None => Ok(None),
            };
        }
        let probe = probe::ask(args, tier, target, (platform, timeout, step))?;
        let Some(access) = in_effect(&given.access.flags()?, env)? else {
            let asks = args.from.iter().any(|place| place == "kubelet").then_some("--from kubelet");
            let asks = asks.or(args.tier.as_deref().filter(|tier| *tier != "observe").map(|_| "--tier"));
            return match given.first().or(asks) {
                Some(flag) => Err(Usage(format!(
                    "{flag} needs a cluster, and no kubeconfig is in effect; name one with --kubeconfig or KUBECONFIG"
                ))),
                None => Ok(None),
            };
        };
        let ask = Ask {
            image: target.given.clone(),
            platform: platform.cloned(),
            nodes: given.nodes()?,
            max_nodes: given.max_nodes()?,
            service_account: given.service_account.clone(),
            pull_secrets: given.pull_secret.clone(),
            canary: tier != "observe",
            probe,
            timeout,
            pull_timeout: given.pull_timeout()?,
            large: given.allow_large,
            sight: None,
            run_id: String::new(),
            clock,
        };
        let new_node = given.claim.is_some();
        Ok(Some(Self { access, ask, new_node, plan_only: given.plan }))
    }

    /// What of it a reader must know to ask the same again.
    pub(crate) fn settings(all: &CheckArgs) -> Vec<(String, String)> {
        let args = &all.cluster;
        let path = args.access.kubeconfig.as_ref().map(|path| path.display().to_string());
        let list = |given: &[String]| (!given.is_empty()).then(|| given.join(","));
        [
            ("kubeconfig", path),
            ("context", args.access.context.clone()),
            ("cluster", args.access.cluster.clone()),
            ("user", args.access.user.clone()),
            ("namespace", args.access.namespace.clone()),
            ("as", args.access.as_user.clone()),
            ("asGroups", list(&args.access.as_groups)),
            ("nodes", list(&args.nodes)),
            ("maxNodes", args.max_nodes.map(|most| most.to_string())),
            ("tier", all.tier.clone()),
            ("namedPlatform", all.platform.clone()),
            ("serviceAccount", args.service_account.clone()),
            ("probeImage", args.probe_image.clone()),
            ("probeNamespace", args.probe_namespace.clone()),
            ("pullSecrets", list(&args.pull_secret)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }
}

/// The tier that was asked for, else the highest that needs no more than a cluster.
fn tier(args: &CheckArgs) -> Result<&str, Usage> {
    let known: &[&str] = if args.on_node { &TIERS[..1] } else { &TIERS };
    let tier = args.tier.as_deref().unwrap_or("canary");
    if args.tier.is_some() && !known.contains(&tier) {
        return Err(Usage(format!(
            "--tier '{tier}' is not among what this version can do: {}",
            known.join(", ")
        )));
    }
    if tier == "observe" && args.from.iter().any(|place| place == "kubelet") {
        return Err(Usage("--from kubelet needs --tier canary: a kubelet is asked by a pod".to_owned()));
    }
    Ok(tier)
}

impl ClusterArgs {
    /// The first flag that means nothing without a cluster.
    pub(crate) fn first(&self) -> Option<&'static str> {
        [
            ("--kubeconfig", self.access.kubeconfig.is_some()),
            ("--context", self.access.context.is_some()),
            ("--cluster", self.access.cluster.is_some()),
            ("--user", self.access.user.is_some()),
            ("--namespace", self.access.namespace.is_some()),
            ("--as", self.access.as_user.is_some()),
            ("--request-timeout", self.access.request_timeout.is_some()),
            ("--allow-exec", self.access.allow_exec),
            ("--nodes", !self.nodes.is_empty()),
            ("--max-nodes", self.max_nodes.is_some()),
            ("--service-account", self.service_account.is_some()),
            ("--pull-secret", !self.pull_secret.is_empty()),
            ("--allow-large", self.allow_large),
            ("--pull-timeout", self.pull_timeout.is_some()),
            ("--claim", self.claim.is_some()),
            ("--probe-image", self.probe_image.is_some()),
            ("--probe-namespace", self.probe_namespace.is_some()),
            ("--plan", self.plan),
        ]
        .into_iter()
        .find_map(|(flag, given)| given.then_some(flag))
    }

    fn nodes(&self) -> Result<Nodes, Usage> {
        let words: Vec<&str> = self.nodes.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] | ["one-per-class"] => Ok(Nodes::OnePerClass),
            ["all"] => Ok(Nodes::All),
            names if names.iter().any(|name| ["", "all", "one-per-class"].contains(name)) => {
                Err(Usage(format!(
                    "--nodes '{}' mixes names with a choice; give one-per-class, all, or names of nodes",
                    names.join(",")
                )))
            }
            _ => Ok(Nodes::Named(self.nodes.clone())),
        }
    }

    pub(crate) fn pull_timeout(&self) -> Result<Duration, Usage> {
        let Some(text) = &self.pull_timeout else { return Ok(PULL_TIMEOUT) };
        let given = duration("--pull-timeout", text).map_err(Usage)?;
        if given < LEAST_PULL_TIMEOUT {
            return Err(Usage(format!("--pull-timeout '{text}' leaves no time to pull; give at least 1s")));
        }
        Ok(given)
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
