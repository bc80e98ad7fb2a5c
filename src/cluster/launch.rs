//! Makes the owner and the canaries, reads back what admission made of them, and follows each to its end.

use jiff::Timestamp;
use probes::foreign::Foreign;
use probes::target::Target;
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
use super::sight::Sight;
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
    /// What the workstation's look sees of the image.
    pub(super) sight: Option<Sight>,
    /// Why the tag was refused, where the image is named by its digest instead.
    pub(super) tag_refused: Option<Refusal>,
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

    /// The same for the image's digest, where its tag is one that policies forbid, and was refused. The digest is the one that
    /// the workstation's look has read; where it has none by the end of the time for looking there is nothing to ask for.
    pub(super) async fn by_digest(&self, refusal: &Refusal) -> Option<Self> {
        let untagged = untagged(&self.wanted.image).filter(|_| self.tag_refused.is_none())?;
        let digest = self.sight.as_ref()?.digest(Instant::now() + self.wanted.timeout).await?;
        let wanted = Wanted { image: format!("{untagged}@{digest}"), ..self.wanted.clone() };
        Some(Self { wanted, tag_refused: Some(refusal.clone()), ..self.clone() })
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
        let started_at = Some((self.clock)());
        let since = Instant::now();
        match self.pod(index, place, owner).await {
            Ok(made) => {
                self.followed(&made, place, Pull { started_at, ..self.empty(&tested) }, since, told).await
            }
            // The node was meant, and was not asked.
            Err(Unmade::Trouble(trouble)) => (Pull { started_at, ..self.empty(&tested) }, vec![trouble]),
            Err(Unmade::Refused(refusal)) => {
                if let Some(other) = self.by_digest(&refusal).await
                    && let Ok(made) = other.pod(index, place, owner).await
                {
                    let pull = Pull { started_at, ..other.empty(&tested) };
                    return other.followed(&made, place, pull, since, told).await;
                }
                // That the digest is refused as well adds nothing.
                (Pull { started_at, refused: Some(refusal), ..self.empty(&tested) }, Vec::new())
            }
        }
    }

    async fn pod(&self, index: usize, place: &Place, owner: &str) -> Result<Pod, Unmade> {
        self.make("Pod", &self.wanted.pod_name(index), &self.wanted.pod(index, place, owner)).await
    }

    /// Follows a canary that was made to the end of its pull.
    async fn followed(
        &self,
        made: &Pod,
        place: &Place,
        mut pull: Pull,
        since: Instant,
        told: &UnboundedSender<Progress>,
    ) -> (Pull, Vec<Trouble>) {
        let name = made.metadata.name.clone();
        pull.pod.clone_from(&name);
        pull.changed = changes(&self.wanted, place, self.given.as_deref(), made);
        pull.secrets = made.spec.image_pull_secrets.iter().map(|secret| secret.name.clone()).collect();
        let followed = follow(&self.api, made, &self.wanted, told).await;
        pull.duration_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        pull.words = followed.words.all();
        pull.image_id = followed.words.image_id.as_deref().map(Foreign::new);
        pull.out_of_time = followed.out_of_time;
        pull.cut_short = followed.cut_short.as_deref().map(Foreign::long);
        if let (None, Some(node)) = (&pull.node, &followed.words.node) {
            pull.node = Some(Node { name: node.clone(), ..Node::default() });
        }
        // Nobody may be listening.
        let _ = told.send(Progress::Decided { pod: name.clone() });
        self.ledger.remove_one(&name, REMOVAL / 2).await;
        (pull, followed.troubles)
    }

    /// A pull that nothing was seen of yet.
    pub(super) fn empty(&self, tested: &Tested) -> Pull {
        Pull { tag_refused: self.tag_refused.clone(), ..self.wanted.unasked(tested) }
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
            Ok(made) => {
                self.ledger.made(name);
                return Ok(made);
            }
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

/// An image without its tag, where that is the one that means no version: by itself or because none is written.
fn untagged(image: &str) -> Option<&str> {
    let target = Target::parse_image(image).ok()?;
    let moves = target.digest.is_none() && target.tag.as_deref() == Some("latest");
    moves.then(|| image.strip_suffix(":latest").unwrap_or(image))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_tag_that_means_no_version_is_left_out() {
        for (image, expected) in [
            ("nginx", Some("nginx")),
            ("reg.example:5000/app:latest", Some("reg.example:5000/app")),
            ("reg.example:5000/app", Some("reg.example:5000/app")),
            ("reg.example/app:v1", None),
            ("reg.example/app:latest-1", None),
            ("UPPER:latest", None),
        ] {
            assert_eq!(untagged(image), expected, "{image}");
        }
        let pinned = format!("nginx:latest@sha256:{}", "0".repeat(64));
        assert_eq!(untagged(&pinned), None);
    }
}
