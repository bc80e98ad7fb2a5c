//! The owner, and what it owns: every canary and every probe, all at once.

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;

use crate::case::cluster::Trouble;
use crate::case::pull::{Pull, Refusal};
use crate::cluster::ask::Progress;
use crate::cluster::in_order;
use crate::cluster::launch::{Launch, Unmade};
use crate::cluster::objects::Place;
use crate::cluster::probe::{Looked, Probing};
use crate::cluster::select::Tested;

/// The owner, and then every canary and every probe at once. `kubelets` is whether there are canaries at all.
pub(super) async fn canaries(
    launch: &Launch,
    places: Vec<(Place, Tested)>,
    probing: Option<Probing>,
    kubelets: bool,
    told: &UnboundedSender<Progress>,
) -> (Vec<Pull>, Looked, Vec<Trouble>) {
    let mut troubles = Vec::new();
    let Some((first, _)) = places.first() else { return (Vec::new(), Looked::default(), troubles) };
    let (launch, owner) = owner(launch, first).await;
    // A set, so that nothing is made any more once nobody waits.
    let mut looking = JoinSet::new();
    if let Some(probing) = probing {
        let sites = places.iter().map(|(place, tested)| (place.clone(), tested.node.clone())).collect();
        looking.spawn(probing.all(sites, owner.clone()));
    }
    let mut asked = Vec::new();
    if kubelets {
        asked = pulls(&launch, places, owner, told, &mut troubles).await;
    }
    let looked = looking.join_next().await.and_then(Result::ok).unwrap_or_default();
    (asked, looked, troubles)
}

/// The owner, and what makes the canaries then: policies look at what an owner would start, and may refuse a tag in it.
async fn owner(launch: &Launch, first: &Place) -> (Launch, Result<String, Unmade>) {
    let owner = launch.owner(first).await;
    if let Err(Unmade::Refused(refusal)) = &owner
        && let Some(other) = launch.by_digest(refusal).await
        && let Ok(uid) = other.owner(first).await
    {
        return (other, Ok(uid));
    }
    (launch.clone(), owner)
}

async fn pulls(
    launch: &Launch,
    places: Vec<(Place, Tested)>,
    owner: Result<String, Unmade>,
    told: &UnboundedSender<Progress>,
    troubles: &mut Vec<Trouble>,
) -> Vec<Pull> {
    let owner = match owner {
        Ok(owner) => owner,
        Err(Unmade::Trouble(trouble)) => {
            troubles.push(trouble);
            return Vec::new();
        }
        // Where the owner is refused the canaries would be, and without an owner nobody would remove them.
        Err(Unmade::Refused(refusal)) => {
            return places.iter().map(|(_, tested)| refused(launch, tested, &refusal)).collect();
        }
    };
    let mut running = JoinSet::new();
    for (index, (place, tested)) in places.into_iter().enumerate() {
        let (launch, owner, told) = (launch.clone(), owner.clone(), told.clone());
        running.spawn(async move { (index, launch.pull(index, &place, tested, &owner, &told).await) });
    }
    let mut pulls = Vec::new();
    for (pull, found) in in_order(running).await {
        for trouble in found {
            if !troubles.iter().any(|t| t.kind == trouble.kind && t.during == trouble.during) {
                troubles.push(trouble);
            }
        }
        pulls.push(pull);
    }
    // Where none was asked the troubles say it all.
    if pulls.iter().all(|pull| pull.pod.is_empty() && pull.refused.is_none()) {
        pulls.clear();
    }
    pulls
}

fn refused(launch: &Launch, tested: &Tested, refusal: &Refusal) -> Pull {
    Pull { refused: Some(refusal.clone()), ..launch.wanted.unasked(tested) }
}
