//! Makes the owner and the canaries, reads back what admission made of them, and follows each to its end.

use jiff::Timestamp;
use probes::foreign::Foreign;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use super::api::Api;
use super::ask::Progress;
use super::changed::changes;
use super::follow::follow;
use super::gather::REMOVAL;
use super::ledger::{Ledger, collection};
use super::mirror::{Object, Pod};
use super::objects::{Place, Wanted};
use super::rights::allowed;
use super::select::Tested;
use super::trouble::Fault;
use crate::case::cluster::{Node, Trouble};
use crate::case::pull::{Pull, Refusal};

/// What making needs.
#[derive(Clone)]
pub(super) struct Launch {
    pub(super) api: Api,
    pub(super) wanted: Wanted,
    /// The service account's pull secrets, where they are known.
    pub(super) given: Option<Vec<String>>,
    pub(super) ledger: Ledger,
    pub(super) clock: fn() -> Timestamp,
}

/// Why an object was not made.
#[derive(Clone)]
pub(super) enum Unmade {
    /// It is the cluster, or a right, that is in the way.
    Trouble(Trouble),
    /// The API server, or a policy, does not want this object.
    Refused(Refusal),
}

impl Launch {
    /// Makes the owner; gives its uid.
    pub(super) async fn owner(&self, place: &Place) -> Result<String, Unmade> {
        let made: Object = self.make("Job", &self.wanted.job_name(), &self.wanted.job(place)).await?;
        Ok(made.metadata.uid)
    }

    /// Has one node pull, and removes the pod as soon as that is decided: a kubelet tries again while it is there.
    pub(super) async fn pull(
        &self,
        index: usize,
        place: &Place,
        tested: Tested,
        owner: &str,
        told: &UnboundedSender<Progress>,
    ) -> (Pull, Vec<Trouble>) {
        let name = self.wanted.pod_name(index);
        let mut pull = Pull { started_at: Some((self.clock)()), ..self.wanted.unasked(&tested) };
        let since = Instant::now();
        let object = self.wanted.pod(index, place, owner);
        let made: Pod = match self.make("Pod", &name, &object).await {
            Ok(made) => made,
            // The node was meant, and was not asked.
            Err(Unmade::Trouble(trouble)) => return (pull, vec![trouble]),
            Err(Unmade::Refused(refusal)) => {
                pull.refused = Some(refusal);
                return (pull, Vec::new());
            }
        };
        pull.pod.clone_from(&name);
        pull.changed = changes(&self.wanted, place, self.given.as_deref(), &made);
        pull.secrets = made.spec.image_pull_secrets.iter().map(|secret| secret.name.clone()).collect();
        let followed = follow(&self.api, &made, &self.wanted, told).await;
        pull.duration_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        pull.words = followed.words.all();
        pull.image_id = followed.words.image_id.as_deref().map(Foreign::new);
        pull.out_of_time = followed.out_of_time;
        if let (None, Some(node)) = (&pull.node, &followed.words.node) {
            pull.node = Some(Node { name: node.clone(), ..Node::default() });
        }
        // Nobody may be listening.
        let _ = told.send(Progress::Decided { pod: name.clone() });
        self.ledger.remove_one(&name, REMOVAL / 2).await;
        (pull, followed.troubles)
    }

    pub(super) async fn make<T: serde::de::DeserializeOwned>(
        &self,
        kind: &str,
        name: &str,
        object: &Value,
    ) -> Result<T, Unmade> {
        self.ledger.enter(&self.api, kind, &self.wanted.namespace, name);
        let (group, resource) = if kind == "Job" { ("batch", "jobs") } else { ("", "pods") };
        let told = if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") };
        let fault = match self.api.create(&collection(kind, &self.wanted.namespace), object).await {
            Ok(made) => return Ok(made),
            Err(fault) => fault,
        };
        let during = format!("create {told}");
        let Fault::Refused(status) = &fault else {
            // It may have been made all the same; it stays in the ledger.
            return Err(Unmade::Trouble(fault.during(during)));
        };
        self.ledger.take_back(name);
        match status.code {
            401 | 404 | 429 => Err(Unmade::Trouble(fault.during(during))),
            // A missing right and a policy's refusal look alike, so the right is asked about.
            403 if allowed(&self.api, &self.wanted.namespace, "create", group, resource).await
                != Some(true) =>
            {
                Err(Unmade::Trouble(fault.during(during)))
            }
            _ => Err(Unmade::Refused(Refusal::from(status))),
        }
    }
}
