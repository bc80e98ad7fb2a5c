//! What a run would do, without doing it: for `--plan`.

use serde_json::Value;

use super::access::Access;
use super::ask::Ask;
use super::connect::connect;
use super::facts::{account_path, facts, namespace_path, version};
use super::follow::events_path;
use super::gather::{learn, places, wanted};
use super::launch::Launch;
use super::ledger::{Ledger, collection, path};
use super::nodes::nodes_path;
use super::objects::Place;
use super::probe::{Probing, log_path};
use super::rights::{missing, probe_rights, rights};
use super::secrets;
use super::select::{Nodes, Tested};
use super::sweep::left_path;
use crate::case::cluster::{Cluster, Right, Trouble, TroubleKind};
use tokio::time::Instant;

/// What is read where nothing is made.
const MERELY_READ: [&str; 3] = ["nodes", "namespaces", "serviceaccounts"];

/// What a run would do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The cluster as far as it was read: nodes, those left out, troubles.
    pub cluster: Cluster,
    /// The objects that would be created, in their order.
    pub objects: Vec<Value>,
    /// The calls that would be made, `VERB PATH`.
    pub calls: Vec<String>,
    /// The rights for it.
    pub rights: Vec<Right>,
    /// Nodes that a run would not ask though they are wanted: `--max-nodes` leaves no room for them.
    pub beyond: Vec<String>,
    /// Whether a run would have to leave its verdict open for want of a node, whatever the kubelets say.
    pub open: bool,
}

impl Plan {
    /// Whether all that a run needs is there, as far as that is known before.
    pub fn is_sound(&self) -> bool {
        let in_the_way = |trouble: &Trouble| trouble.kind != TroubleKind::Forbidden;
        !self.open
            && !self.rights.is_empty()
            && missing(&self.of_use()).is_empty()
            && !self.cluster.troubles.iter().any(in_the_way)
    }

    /// The rights without those in a namespace of the probes', which a verdict can do without.
    fn of_use(&self) -> Vec<Right> {
        let is_ours =
            |right: &&Right| right.namespace.as_ref().is_none_or(|name| *name == self.cluster.namespace);
        self.rights.iter().filter(is_ours).cloned().collect()
    }

    /// Adds the calls by which it is known what is there.
    fn reads(&mut self, namespace: &str, account: &str) {
        self.calls.push("GET /version".to_owned());
        self.calls.push(format!("GET {}", nodes_path("")));
        self.calls.push(format!("GET {}", namespace_path(namespace)));
        self.calls.push(format!("GET {}", account_path(namespace, account)));
    }

    /// Adds the calls that remove what earlier runs left.
    fn sweeps(&mut self, namespace: &str) {
        for kind in ["Job", "Pod"] {
            self.calls.push(format!("GET {}", left_path(&collection(kind, namespace))));
        }
    }

    /// Adds the calls by which a pod is followed.
    fn follows(&mut self, namespace: &str, name: &str) {
        self.calls.push(format!("GET {}", path("Pod", namespace, name)));
        self.calls.push(format!("GET {}?fieldSelector=involvedObject.uid=…", events_path(namespace)));
    }

    /// Adds an object that would be made, and gives the call that removes it again.
    fn makes(&mut self, kind: &str, namespace: &str, name: &str, object: Value) -> String {
        self.objects.push(object);
        self.calls.push(format!("POST {}", collection(kind, namespace)));
        format!("DELETE {}", path(kind, namespace, name))
    }
}

/// Reads what a run would read, and creates nothing.
pub async fn plan(access: &Access, ask: &Ask) -> Plan {
    let mut plan = Plan { cluster: access.cluster(), ..Plan::default() };
    let connected = match connect(access, Instant::now() + ask.timeout).await {
        Ok(connected) => connected,
        Err(trouble) => {
            plan.cluster.troubles.push(trouble);
            return plan;
        }
    };
    match version(&connected.api).await {
        Ok(version) => plan.cluster.version = Some(version),
        Err(fault) => {
            plan.cluster.troubles.push(fault.during("get version"));
            return plan;
        }
    }
    let account = ask.service_account.as_deref().unwrap_or("default");
    let (found, rights) = tokio::join!(
        facts(&connected.api, &access.namespace, account, &ask.image),
        rights(&connected, &access.namespace)
    );
    let makes = |right: &Right| ask.canary || MERELY_READ.contains(&right.resource.as_str());
    plan.rights = rights.into_iter().filter(makes).collect();
    let (places, selection) = places(&found, ask);
    learn(&mut plan.cluster, &found, &selection);
    plan.beyond = selection.beyond.iter().map(|tested| tested.node.name.clone()).collect();
    let named = |name: &String| places.iter().any(|(place, _)| place.node.as_ref() == Some(name));
    plan.open = ask.canary
        && (places.is_empty()
            || !plan.beyond.is_empty()
            || matches!(&ask.nodes, Nodes::Named(names) if !names.iter().all(named)));
    plan.reads(&access.namespace, account);
    if !ask.canary || found.in_vain || places.is_empty() {
        return plan;
    }
    let wanted = wanted(access, ask, account, &found);
    let namespace = &wanted.namespace;
    let mut removals = Vec::new();
    plan.sweeps(namespace);
    if let Some(other) = ask.probe.as_ref().and_then(|probe| probe.namespace.as_deref()) {
        plan.sweeps(other);
    }
    for (index, (place, _)) in places.iter().enumerate() {
        if index == 0 {
            removals.push(plan.makes("Job", namespace, &wanted.job_name(), wanted.job(place)));
        }
        // The owner's id is known only once it is there.
        let name = wanted.pod_name(index);
        removals.push(plan.makes("Pod", namespace, &name, wanted.pod(index, place, "…")));
        let pods = collection("Pod", namespace);
        plan.calls.push(format!("GET {pods}?watch=1&fieldSelector=metadata.name={name}"));
        plan.follows(namespace, &name);
    }
    let secrets = match (wanted.secrets.as_slice(), &found.secrets) {
        ([], given) => given.clone().unwrap_or_default(),
        (named, _) => named.to_vec(),
    };
    plan.calls.extend(secrets::calls(namespace, &secrets));
    if let Some(probe) = &ask.probe {
        let launch = Launch {
            api: connected.api.clone(),
            wanted,
            given: found.secrets.clone(),
            ledger: Ledger::default(),
            clock: ask.clock,
            sight: None,
            tag_refused: None,
        };
        plan.rights.extend(probe_rights(&connected, &access.namespace, probe.namespace.as_deref()).await);
        removals.extend(probes(&Probing::new(&launch, probe, None), &places, &mut plan));
    }
    for removal in removals {
        // It is looked whether it is gone.
        let look = removal.replacen("DELETE", "GET", 1);
        plan.calls.extend([removal, look]);
    }
    plan
}

/// The probes' pods, and the calls for them; those that remove them again are given back.
fn probes(probing: &Probing, places: &[(Place, Tested)], plan: &mut Plan) -> Vec<String> {
    let wanted = probing.wanted();
    let namespace = &wanted.namespace;
    let mut removals = Vec::new();
    for (index, (place, tested)) in places.iter().enumerate() {
        if index == 0 && !probing.same {
            removals.push(plan.makes("Job", namespace, &wanted.job_name(), wanted.job(place)));
        }
        let name = wanted.pod_name(index);
        // What cannot be made is said by the run.
        if place.node.is_none() || place.os != "linux" {
            continue;
        }
        let job = if probing.same { probing.canaries_job.clone() } else { wanted.job_name() };
        let Ok(object) = probing.object(&name, &tested.node, &[], (&job, "…")) else { continue };
        removals.push(plan.makes("Pod", namespace, &name, object));
        plan.follows(namespace, &name);
        plan.calls.push(format!("GET {}", log_path(namespace, &name)));
    }
    removals
}
