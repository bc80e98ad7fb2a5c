//! The pod of a probe, as it is sent.

use probes::assignment::{Assignment, Credentials};
use probes::vantage::Vantage;
use serde_json::Value;

use super::Probing;
use crate::case::cluster::Node;
use crate::probe_pod::{HOST_PATHS, HostPath, ProbePod, RPM_PATHS, probe_pod};

impl Probing {
    pub(super) fn vantage(&self, node: &str) -> Vantage {
        if self.ask.host { Vantage::Node(node.to_owned()) } else { Vantage::Pod(node.to_owned()) }
    }

    /// The pod for a node, as it is sent.
    pub(in crate::cluster) fn object(
        &self,
        name: &str,
        node: &Node,
        absent: &[HostPath],
        (job, uid): (&str, &str),
    ) -> Result<Value, String> {
        let wanted = self.wanted();
        let platform = node.platform.as_ref().filter(|_| !self.ask.platform_named);
        let assignment = Assignment {
            vantage: self.vantage(&node.name),
            credentials: match (self.ask.host, &self.secret) {
                (true, _) => Credentials::Kubelet,
                (false, Some(_)) => Credentials::PullSecret,
                (false, None) => Credentials::Anonymous,
            },
            platform: platform.map_or_else(|| self.ask.told.platform.clone(), ToString::to_string),
            ..self.ask.told.clone()
        };
        let host_paths = if self.ask.host { host_paths(node) } else { Vec::new() };
        let pod = ProbePod {
            metadata: wanted.metadata(name, job, uid),
            node: &node.name,
            image: &self.ask.image,
            service_account: &wanted.service_account,
            assignment: &assignment,
            pull_secret: self.secret.as_deref(),
            host_paths: &host_paths,
            absent,
            own_users: wanted.own_users,
            deadline: wanted.longest(),
        };
        probe_pod(&pod).map_err(|error| error.to_string())
    }
}

/// The node's files that are mounted. Those of Red Hat's systems are known not to be on Debian's.
fn host_paths(node: &Node) -> Vec<HostPath> {
    let image = node.image.as_str().to_ascii_lowercase();
    let debian = ["ubuntu", "debian"].iter().any(|name| image.contains(name));
    let others: &[HostPath] = if debian { &[] } else { RPM_PATHS };
    HOST_PATHS.iter().chain(others).copied().collect()
}
