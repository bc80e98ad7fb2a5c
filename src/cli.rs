//! What the command line says, and what it means: clap's types, turned at once into a validated [`Plan`].
//!
//! *Invariant:* what is wrong with the command line is found here, before anything is looked at or written.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub(crate) mod access;
pub(crate) mod azure;
pub(crate) mod cluster;
mod node;
pub mod plan;
mod probe;
mod value;

pub use plan::{Plan, Usage};

/// Can this image be pulled, and if not, whose fault is it and what is the fix?
#[derive(Parser, Debug)]
#[command(name = "pullcheck", version, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// Can this image be pulled from here? The main job
    Check(Box<CheckArgs>),
    /// What a cause or a check means, how to prove it, what looks alike, how it is fixed; offline
    Explain {
        /// The id of a cause or a check; without it, the list
        #[arg(value_name = "CAUSE|CHECK")]
        id: Option<String>,
        #[command(flatten)]
        look: LookArgs,
    },
    /// The verdict again, offline, from a saved case
    Judge {
        /// A file that 'check --save-case' wrote
        #[arg(value_name = "CASE")]
        case: PathBuf,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Remove what runs have left in a cluster
    Cleanup {
        /// In every namespace
        #[arg(short = 'A', long, conflicts_with = "namespace")]
        all_namespaces: bool,
        #[command(flatten)]
        cluster: Box<access::AccessArgs>,
    },
    /// The JSON Schema of the report and of the case
    Schema,
}

/// The platform that is looked for where none is named.
pub const DEFAULT_PLATFORM: &str = "linux/amd64";

#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// An image (contosoacr.azurecr.io/team/web:v1, nginx) or a registry (contosoacr.azurecr.io)
    #[arg(required_unless_present = "acr")]
    pub(crate) target: Option<String>,

    /// Where to look from
    #[arg(long, value_name = "PLACE", value_delimiter = ',', help_heading = "Where from")]
    pub(crate) from: Vec<String>,
    /// What may be created: observe (nothing), canary (a pod a node class) [default: canary where a kubeconfig is in effect]
    #[arg(long, value_name = "TIER", help_heading = "Where from")]
    pub(crate) tier: Option<String>,
    /// This machine is the node: look with its identity, files and roots, as its kubelet would
    #[arg(long, help_heading = "Where from")]
    pub(crate) on_node: bool,
    /// The node's azure.json [default: /etc/kubernetes/azure.json below --host-root]
    #[arg(long, value_name = "FILE", requires = "on_node", help_heading = "Where from")]
    pub(crate) azure_json: Option<PathBuf>,
    /// Where the node's root is mounted ('/host' under 'kubectl debug node') [default: /]
    #[arg(long, value_name = "DIR", requires = "on_node", help_heading = "Where from")]
    pub(crate) host_root: Option<PathBuf>,
    /// Use no cluster, whatever the environment says
    #[arg(long, help_heading = "Where from")]
    pub(crate) no_cluster: bool,

    #[command(flatten)]
    pub(crate) cluster: cluster::ClusterArgs,

    #[command(flatten)]
    pub(crate) azure: azure::AzureArgs,

    /// Pull as nobody
    #[arg(long, conflicts_with_all = ["username", "docker_config"], help_heading = "Credentials")]
    pub(crate) anonymous: bool,
    /// Pull as this user; the password comes from standard input
    #[arg(
        long,
        value_name = "USER",
        requires = "password_stdin",
        conflicts_with = "docker_config",
        help_heading = "Credentials"
    )]
    pub(crate) username: Option<String>,
    /// Read the password from standard input
    #[arg(long, requires = "username", help_heading = "Credentials")]
    pub(crate) password_stdin: bool,
    /// Take the credential from this docker configuration [default: ~/.docker/config.json, then the sign-in to Azure]
    #[arg(long, value_name = "FILE", help_heading = "Credentials")]
    pub(crate) docker_config: Option<PathBuf>,

    /// Ask this nameserver instead of the system's; repeatable, each is asked by itself
    #[arg(long, value_name = "IP[:PORT]", help_heading = "Network")]
    pub(crate) resolver: Vec<String>,
    /// Dial ADDR:PORT instead of HOST:PORT, as curl's option does; HOST may be a name or an address, empty is any
    #[arg(long, value_name = "HOST:PORT:ADDR:PORT", help_heading = "Network")]
    pub(crate) connect_to: Vec<String>,
    /// Trust the certificate authorities in this file, and no others
    #[arg(long, value_name = "PEM", help_heading = "Network")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Go through this proxy [default: HTTPS_PROXY and HTTP_PROXY; on a node its container runtime's]
    #[arg(long, value_name = "URL", help_heading = "Network")]
    pub(crate) proxy: Option<String>,
    /// Speak plain http to the registry
    #[arg(long, help_heading = "Network")]
    pub(crate) plain_http: bool,

    /// The platform that the image must be there for, as containerd writes it [default: linux/amd64, on a node its own]
    #[arg(long, value_name = "OS/ARCH", help_heading = "Platform")]
    pub(crate) platform: Option<String>,

    /// The longest that looking may take [default: 60s, or PULLCHECK_TIMEOUT]
    #[arg(long, value_name = "TIME", help_heading = "Time")]
    pub(crate) timeout: Option<String>,
    /// The longest that one step may take [default: 10s, or a third of --timeout if that is less]
    #[arg(long, value_name = "TIME", help_heading = "Time")]
    pub(crate) step_timeout: Option<String>,
    /// Look again until the claim is proven, at most for this long
    #[arg(long, value_name = "TIME", conflicts_with = "repeat", help_heading = "Time")]
    pub(crate) wait: Option<String>,
    /// Look this often, and tell what holds only sometimes
    #[arg(long, value_name = "N", help_heading = "Time")]
    pub(crate) repeat: Option<u32>,

    /// Ask these checks alone (lowers the claim)
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Selection and verdict")]
    pub(crate) check: Vec<String>,
    /// Leave these checks out (lowers the claim)
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Selection and verdict")]
    pub(crate) skip: Vec<String>,
    /// Exit with 4 when a warning is left
    #[arg(long, value_name = "WHAT", value_parser = ["warn"], help_heading = "Selection and verdict")]
    pub(crate) fail_on: Option<String>,
    /// Save what was asked and seen, to be judged again or mailed; it holds no secret
    #[arg(long, value_name = "FILE", help_heading = "Selection and verdict")]
    pub(crate) save_case: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct OutputArgs {
    /// table, wide, short, json, yaml or junit; repeatable, all but one with a file
    #[arg(short, long, value_name = "FORMAT[=FILE]", help_heading = "Output")]
    pub(crate) output: Vec<String>,
    /// Say nothing but the answer and the cause's name
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Tell each step on standard error
    #[arg(short, long, help_heading = "Output")]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

#[derive(Args, Debug)]
pub(crate) struct LookArgs {
    /// When to colour [default: auto, or PULLCHECK_COLOR]
    #[arg(long, value_name = "WHEN", value_parser = ["auto", "always", "never"], help_heading = "Output")]
    pub(crate) color: Option<String>,
    /// Write ASCII only
    #[arg(long, help_heading = "Output")]
    pub(crate) ascii: bool,
    /// The shell that commands are quoted for
    #[arg(long, value_name = "SHELL", default_value = "posix", value_parser = ["posix", "pwsh"], help_heading = "Output")]
    pub(crate) shell: String,
}

/// Reads the arguments; what is to be said instead of running comes as clap's error.
pub(crate) fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    if is_plugin(args.first()) {
        command = command.bin_name("kubectl pullcheck").display_name("kubectl pullcheck");
    }
    let mut read = command.try_get_matches_from(args)?;
    Cli::from_arg_matches_mut(&mut read)
}

/// Whether kubectl runs this program, or it goes by the name by which kubectl would
/// (<https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/>).
pub(crate) fn is_plugin(program: Option<&OsString>) -> bool {
    program.map(Path::new).and_then(Path::file_stem).is_some_and(|name| name == "kubectl-pullcheck")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubectl_sees_its_own_name() {
        for (program, shown) in
            [("pullcheck", "Usage: pullcheck"), ("/opt/kubectl-pullcheck", "Usage: kubectl pullcheck")]
        {
            let args = [program, "check", "--help"].map(OsString::from);
            let help = parse(&args).expect_err("help instead of running").to_string();
            assert!(help.contains(&format!("{shown} check")), "{help}");
        }
    }
}
