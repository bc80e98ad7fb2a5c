//! What a run would do, without doing it: for `--plan`.

use serde_json::Value;

use super::access::Access;
use super::ask::Ask;
use super::connect::connect;
use super::facts::{facts, version};
use super::gather::{learn, places, wanted};
use super::launch::Launch;
use super::ledger::{Ledger, collection, path};
use super::objects::Place;
use super::probe::{Probing, log_path};
use super::rights::{probe_rights, rights};
use super::secrets;
use super::select::Tested;
use crate::case::cluster::{Cluster, Right};
use tokio::time::Instant;

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
}

impl Plan {
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
    plan.rights = rights;
    let (places, selection) = places(&found, ask);
    learn(&mut plan.cluster, &found, &selection);
    if !ask.canary || found.in_vain || places.is_empty() {
        return plan;
    }
    let wanted = wanted(access, ask, account, &found);
    let namespace = &wanted.namespace;
    let mut removals = Vec::new();
    for (index, (place, _)) in places.iter().enumerate() {
        if index == 0 {
            removals.push(plan.makes("Job", namespace, &wanted.job_name(), wanted.job(place)));
        }
        // The owner's id is known only once it is there.
        let name = wanted.pod_name(index);
        removals.push(plan.makes("Pod", namespace, &name, wanted.pod(index, place, "…")));
        plan.calls.push(format!("GET {}", path("Pod", namespace, &name)));
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
        removals.extend(probes(&Probing::new(&launch, probe), &places, &mut plan));
    }
    plan.calls.extend(removals);
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
        plan.calls.push(format!("GET {}", path("Pod", namespace, &name)));
        plan.calls.push(format!("GET {}", log_path(namespace, &name)));
    }
    removals
}
