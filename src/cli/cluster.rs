//! The flags of a cluster: what is asked of its kubelets.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use probes::observation::Platform;
use probes::target::Target;

use super::CheckArgs;
use super::access::AccessArgs;
use super::plan::Usage;
use super::probe;
use super::value::{duration_of, object_name};
use crate::cluster::{Access, Ask, Nodes, in_effect};

/// The longest that a pull may take where nothing else is said.
const PULL_TIMEOUT: Duration = Duration::from_secs(300);
/// The shortest that is borne: a kubelet may say nothing for 180 s and pull all the same.
const LEAST_PULL_TIMEOUT: Duration = Duration::from_secs(1);
/// The most nodes that are tested where nothing else is said.
const MAX_NODES: usize = 10;

#[derive(Args, Debug, Default)]
pub(crate) struct ClusterArgs {
    #[command(flatten)]
    pub(crate) access: AccessArgs,
    /// The nodes that pull: one-per-class, all, or names
    #[arg(long, value_name = "WHICH", value_delimiter = ',', help_heading = "Cluster")]
    pub(crate) nodes: Vec<String>,
    /// The most nodes that pull [default: 10]
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Cluster")]
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
        let (nodes, max_nodes) = (given.nodes()?, given.max_nodes()?);
        let (service_account, pull_secrets) = (given.service_account()?, given.pull_secrets()?);
        let pull_timeout = given.pull_timeout()?;
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
            nodes,
            max_nodes,
            service_account,
            pull_secrets,
            canary: tier != "observe",
            probe,
            timeout,
            pull_timeout,
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
        let list = |given: &[String]| (!given.is_empty()).then(|| given.join(","));
        let asked = |given: bool| given.then(|| "asked for".to_owned());
        args.access
            .settings()
            .into_iter()
            .chain([
                ("nodes", list(&args.nodes)),
                ("maxNodes", args.max_nodes.map(|most| most.to_string())),
                ("tier", all.tier.clone()),
                ("namedPlatform", all.platform.clone()),
                ("serviceAccount", args.service_account.clone()),
                ("probeImage", args.probe_image.clone()),
                ("probeNamespace", args.probe_namespace.clone()),
                ("pullSecrets", list(&args.pull_secret)),
                ("allowLarge", asked(args.allow_large)),
            ])
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
        self.access.first().or_else(|| self.first_of_its_own())
    }

    fn first_of_its_own(&self) -> Option<&'static str> {
        [
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
            names if names.iter().any(|name| ["all", "one-per-class"].contains(name)) => Err(Usage(format!(
                "--nodes '{}' mixes names with a choice; give one-per-class, all, or names of nodes",
                names.join(",")
            ))),
            _ => {
                let named = self.nodes.iter().map(|name| object_name("--nodes", name));
                Ok(Nodes::Named(named.collect::<Result<_, _>>().map_err(Usage)?))
            }
        }
    }

    pub(crate) fn pull_timeout(&self) -> Result<Duration, Usage> {
        let Some(text) = &self.pull_timeout else { return Ok(PULL_TIMEOUT) };
        duration_of("--pull-timeout", text, LEAST_PULL_TIMEOUT).map_err(Usage)
    }

    fn service_account(&self) -> Result<Option<String>, Usage> {
        let name = self.service_account.as_deref().map(|name| object_name("--service-account", name));
        name.transpose().map_err(Usage)
    }

    fn pull_secrets(&self) -> Result<Vec<String>, Usage> {
        let names = self.pull_secret.iter().map(|name| object_name("--pull-secret", name));
        names.collect::<Result<_, _>>().map_err(Usage)
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
