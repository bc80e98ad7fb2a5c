//! What is asked of a cluster, and what is told while that is under way.

use std::time::Duration;

use jiff::Timestamp;
use probes::observation::Platform;

use super::probe::ProbeAsk;
use super::select::Nodes;
use super::sight::Sight;

/// What is asked of a cluster.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The image as a pod names it.
    pub image: String,
    /// The platform that the user named; `None` takes the nodes as they are.
    pub platform: Option<Platform>,
    /// Which nodes.
    pub nodes: Nodes,
    /// The most that are tested.
    pub max_nodes: usize,
    /// The service account; `None` is `default`.
    pub service_account: Option<String>,
    /// Pull secrets of the namespace. As in every pod, naming one leaves out those of the service account.
    pub pull_secrets: Vec<String>,
    /// Whether pods may be made; without, only facts are read.
    pub canary: bool,
    /// The probes that are sent to the nodes that are tested.
    pub probe: Option<ProbeAsk>,
    /// How long looking may take, and how long a node may be silent before it pulls.
    pub timeout: Duration,
    /// How long a pull may take.
    pub pull_timeout: Duration,
    /// Whether an image is pulled that is larger than what is pulled without asking.
    pub large: bool,
    /// What the workstation's look sees of the image meanwhile; `None` where nobody looks.
    pub sight: Option<Sight>,
    /// The run's id.
    pub run_id: String,
    /// The present time.
    pub clock: fn() -> Timestamp,
}

/// What is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The API server is asked for facts.
    Facts,
    /// The nodes are listed, as far as they can be.
    Listed {
        /// The subscription and the resource group of one that is a machine in Azure.
        in_azure: Option<(String, String)>,
    },
    /// Objects are created: a Job, and as many pods.
    Creating {
        /// The namespace.
        namespace: String,
        /// How many pods.
        pods: usize,
    },
    /// Probes are sent: as many pods.
    Probes {
        /// Their namespace.
        namespace: String,
        /// How many pods.
        pods: usize,
        /// Whether with the host's network and files.
        host: bool,
    },
    /// A probe has told what it sees.
    Looking {
        /// Its place.
        place: String,
        /// How many observations it has told.
        seen: usize,
    },
    /// A pod's pull has begun, or stands otherwise than before.
    Pull {
        /// The pod.
        pod: String,
        /// Whether its image is being pulled.
        pulling: bool,
    },
    /// A pull was decided.
    Decided {
        /// The pod.
        pod: String,
    },
    /// What was created is removed.
    Removing,
}
