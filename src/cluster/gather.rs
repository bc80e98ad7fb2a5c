//! The whole of it: facts, and the canaries of the nodes that are tested, all at once.

mod canaries;
mod places;
mod size;

use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use tokio::time::Instant;

use self::canaries::canaries;
use self::places::unasked;
pub(super) use self::places::{learn, places, wanted};
pub use self::size::LARGE;
use self::size::{of_size, too_large, turns_out_large};
use super::access::Access;
use super::ask::{Ask, Progress};
use super::connect::connect;
use super::facts::{facts, version};
use super::launch::Launch;
use super::ledger::Ledger;
use super::objects::Place;
use super::probe::{Looked, Probing};
use super::rights::{probe_rights, rights};
use super::secrets::secrets;
use super::select::{Selection, Tested};
use super::sweep::sweep;
use crate::case::cluster::{Cluster, Trouble, TroubleKind};
use crate::case::pull::Pull;

/// How long the removal of what was created may take at the end: half of it for each pod, half for what is left then.
pub const REMOVAL: Duration = Duration::from_secs(10);

/// What probes may take beyond what canaries may, to be started anew and to say what they saw.
const PROBES: Duration = Duration::from_secs(60);

/// Asks a cluster. `ledger` knows at every time what was created; whoever stops waiting for this removes it by
/// [`Ledger::remove`].
pub async fn gather(
    access: &Access,
    ask: &Ask,
    ledger: &Ledger,
    tell: &mut dyn FnMut(Progress),
) -> (Cluster, Vec<Pull>, Looked) {
    let start = Instant::now();
    let mut cluster = access.cluster();
    tell(Progress::Facts);
    let connected = match connect(access, start + ask.timeout).await {
        Ok(connected) => connected,
        Err(trouble) => {
            cluster.troubles.push(trouble);
            return (cluster, Vec::new(), Looked::default());
        }
    };
    let api = &connected.api;
    match version(api).await {
        Ok(version) => cluster.version = Some(version),
        // Some clusters keep it to themselves; whatever else is wrong would be wrong again.
        Err(fault) => {
            cluster.troubles.push(fault.during("get version"));
            if fault.kind() != TroubleKind::Forbidden {
                return (cluster, Vec::new(), Looked::default());
            }
        }
    }
    let account = ask.service_account.as_deref().unwrap_or("default");
    let (found, (), large) = tokio::join!(
        async {
            let found = facts(api, &access.namespace, account, &ask.image).await;
            let nodes = found.nodes.iter().flatten();
            let in_azure = nodes.filter_map(|listed| listed.node.in_azure()).next();
            let owned = |(subscription, group): (&str, &str)| (subscription.to_owned(), group.to_owned());
            tell(Progress::Listed { in_azure: in_azure.map(owned) });
            found
        },
        async {
            if ask.canary {
                sweep(api, &access.namespace).await;
                if let Some(other) = ask.probe.as_ref().and_then(|probe| probe.namespace.as_deref()) {
                    sweep(api, other).await;
                }
            }
        },
        too_large(ask)
    );
    let (places, selection) = places(&found, ask);
    learn(&mut cluster, &found, &selection);
    let (mut pulls, mut looked) = (Vec::new(), Looked::default());
    if ask.canary && !found.in_vain {
        let wanted = wanted(access, ask, account, &found);
        let makes = !places.is_empty() && (large.is_none() || ask.probe.is_some());
        let mut too_large = large;
        if makes {
            let until = Instant::now()
                + ask.timeout
                + ask.pull_timeout
                + REMOVAL
                + ask.probe.as_ref().map_or(Duration::ZERO, |_| PROBES);
            let launch = Launch {
                api: api.until(until),
                wanted,
                given: found.secrets.clone(),
                ledger: ledger.clone(),
                clock: ask.clock,
                sight: ask.sight.clone(),
                tag_refused: None,
            };
            let said = asked(ask, &launch, (places, &selection), (large.is_none(), until), tell).await;
            (pulls, looked) = (said.pulls, said.looked);
            cluster.secrets =
                secrets(&api.until(Instant::now() + access.each), &access.namespace, &pulls).await;
            cluster.troubles.extend(said.troubles);
            too_large = too_large.or(said.too_large);
            tell(Progress::Removing);
            cluster.created = ledger.remove(REMOVAL / 2).await;
        } else if large.is_none() {
            pulls = unasked(&wanted, ask, &[]);
        }
        if let Some(bytes) = too_large {
            // It is why no kubelet was asked, whatever else is in the way.
            cluster.troubles.insert(0, of_size(bytes));
        }
    }
    if api.was_forbidden() {
        let mut asking = connected.clone();
        asking.api = api.until(Instant::now() + access.each);
        cluster.rights = rights(&asking, &access.namespace).await;
        if let Some(probe) = &ask.probe {
            cluster.rights.extend(probe_rights(&asking, &access.namespace, probe.namespace.as_deref()).await);
        }
    }
    (cluster, pulls, looked)
}

/// What came of asking.
#[derive(Default)]
struct Said {
    pulls: Vec<Pull>,
    looked: Looked,
    troubles: Vec<Trouble>,
    /// The bytes of an image that turned out to be too large meanwhile.
    too_large: Option<u64>,
}

/// Asks the kubelets, where they are to be asked at all, and sends the probes. What was made is in the ledger.
async fn asked(
    ask: &Ask,
    launch: &Launch,
    (places, selection): (Vec<(Place, Tested)>, &Selection),
    (kubelets, until): (bool, Instant),
    tell: &mut dyn FnMut(Progress),
) -> Said {
    let namespace = &launch.wanted.namespace;
    if kubelets {
        tell(Progress::Creating { namespace: namespace.clone(), pods: places.len() });
    }
    if let Some(probe) = &ask.probe {
        let namespace = probe.namespace.clone().unwrap_or_else(|| namespace.clone());
        tell(Progress::Probes { namespace, pods: places.len(), host: probe.host });
    }
    let (sender, mut heard) = unbounded_channel();
    let probing = ask.probe.as_ref().map(|probe| Probing::new(launch, probe, Some(sender.clone())));
    let work = canaries(launch, places, probing, kubelets, &sender);
    let stop = turns_out_large(ask, until);
    tokio::pin!(work, stop);
    let (mut pulls, looked, troubles) = loop {
        tokio::select! {
            done = &mut work => break done,
            bytes = &mut stop, if kubelets => return Said { too_large: Some(bytes), ..Said::default() },
            Some(progress) = heard.recv() => tell(progress),
        }
    };
    if !pulls.is_empty() {
        pulls.extend(selection.beyond.iter().map(|beyond| launch.wanted.unasked(beyond)));
        pulls.extend(unasked(&launch.wanted, ask, &pulls));
    }
    Said { pulls, looked, troubles, too_large: None }
}
