//! The whole of it: facts, and the canaries of the nodes that are tested, all at once.

use std::time::Duration;

use probes::foreign::Foreign;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::access::Access;
use super::ask::{Ask, Progress};
use super::connect::connect;
use super::facts::{Facts, facts, version};
use super::in_order;
use super::launch::{Launch, Unmade};
use super::ledger::Ledger;
use super::objects::{Place, Wanted};
use super::probe::{Looked, Probing};
use super::rights::{probe_rights, rights};
use super::select::{Fitting, Nodes, Selection, Tested, select};
use super::sweep::sweep;
use crate::case::cluster::{Cluster, Node, Trouble, TroubleKind};
use crate::case::pull::{Pull, Refusal};

/// How long the removal of what was created may take at the end: half of it for each pod, half for what is left then.
pub const REMOVAL: Duration = Duration::from_secs(10);

/// The most bytes of an image, as they are downloaded, that kubelets are asked for without its being wanted.
pub const LARGE: u64 = 2 * 1024 * 1024 * 1024;

/// How long the image's size is waited for before anything is made. Most looks know it by then, and what is learnt later ends a
/// pull that has begun.
const SIZE: Duration = Duration::from_secs(3);

/// What probes may take beyond that, to be started anew and to say what they saw.
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
    let (found, (), mut large) = tokio::join!(
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
        too_large(ask, Instant::now() + SIZE)
    );
    let (places, selection) = places(&found, ask);
    learn(&mut cluster, &found, &selection);
    let (mut pulls, mut looked) = (Vec::new(), Looked::default());
    let makes = large.is_none() || ask.probe.is_some();
    if ask.canary && !found.in_vain && !places.is_empty() && makes {
        let until = Instant::now()
            + ask.timeout
            + ask.pull_timeout
            + REMOVAL
            + ask.probe.as_ref().map_or(Duration::ZERO, |_| PROBES);
        let launch = Launch {
            api: api.until(until),
            wanted: wanted(access, ask, account, &found),
            given: found.secrets.clone(),
            ledger: ledger.clone(),
            clock: ask.clock,
            sight: ask.sight.clone(),
            tag_refused: None,
        };
        if large.is_none() {
            tell(Progress::Creating { namespace: access.namespace.clone(), pods: places.len() });
        }
        if let Some(probe) = &ask.probe {
            let namespace = probe.namespace.clone().unwrap_or_else(|| access.namespace.clone());
            tell(Progress::Probes { namespace, pods: places.len(), host: probe.host });
        }
        let (sender, mut heard) = unbounded_channel();
        let probing = ask.probe.as_ref().map(|probe| Probing::new(&launch, probe));
        let kubelets = large.is_none();
        let ended = {
            let work = canaries(&launch, places, probing, kubelets, &sender);
            let stop = turns_out_large(ask, until);
            tokio::pin!(work, stop);
            loop {
                tokio::select! {
                    done = &mut work => break Ok(done),
                    bytes = &mut stop, if kubelets => break Err(bytes),
                    Some(progress) = heard.recv() => tell(progress),
                }
            }
        };
        match ended {
            Ok((done, seen, troubles)) => {
                (pulls, looked) = (done, seen);
                cluster.troubles.extend(troubles);
            }
            // What was made is in the ledger.
            Err(bytes) => large = Some(bytes),
        }
        if !pulls.is_empty() {
            pulls.extend(selection.beyond.iter().map(|beyond| launch.wanted.unasked(beyond)));
            pulls.extend(unasked(&launch.wanted, ask, &pulls));
        }
        tell(Progress::Removing);
        cluster.created = ledger.remove(REMOVAL / 2).await;
    } else if ask.canary && !found.in_vain && large.is_none() {
        pulls = unasked(&wanted(access, ask, account, &found), ask, &[]);
    }
    if let Some(bytes) = large.filter(|_| !found.in_vain) {
        // It is why no kubelet was asked, whatever else is in the way.
        cluster.troubles.insert(0, of_size(bytes));
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

/// The bytes of an image that is too large to be pulled without being wanted, where that is known in time.
async fn too_large(ask: &Ask, until: Instant) -> Option<u64> {
    let sight = ask.sight.as_ref().filter(|_| ask.canary && !ask.large)?;
    sight.bytes(until).await.filter(|bytes| *bytes > LARGE)
}

/// The same, as soon as it is known; it waits for ever where it is not so.
async fn turns_out_large(ask: &Ask, until: Instant) -> u64 {
    match too_large(ask, until).await {
        Some(bytes) => bytes,
        None => std::future::pending().await,
    }
}

fn of_size(bytes: u64) -> Trouble {
    let gib = |bytes: u64| {
        let tenths = bytes.saturating_mul(10) >> 30;
        format!("{}.{} GiB", tenths / 10, tenths % 10)
    };
    let detail = format!(
        "the image has {} to download, as the workstation saw, and more than {} is pulled only with --allow-large",
        gib(bytes),
        gib(LARGE)
    );
    Trouble { kind: TroubleKind::TooLarge, during: String::new(), detail: Foreign::new(&detail) }
}

/// Takes in what was read of the cluster, which of its nodes are left out, and which were named that it has not.
pub(super) fn learn(cluster: &mut Cluster, found: &Facts, selection: &Selection) {
    cluster.left_out.clone_from(&selection.left_out);
    cluster.nodes = found.nodes.iter().flatten().map(|listed| listed.node.clone()).collect();
    cluster.troubles.extend(found.troubles.iter().cloned());
    cluster.troubles.extend(selection.missing.iter().map(|name| Trouble {
        kind: TroubleKind::NotFound,
        during: format!("get node {name}"),
        detail: Foreign::new("no node has this name"),
    }));
}

pub(super) fn wanted(access: &Access, ask: &Ask, account: &str, facts: &Facts) -> Wanted {
    Wanted {
        run: ask.run_id.clone(),
        nonce: nonce(&ask.run_id),
        namespace: access.namespace.clone(),
        image: ask.image.clone(),
        service_account: account.to_owned(),
        secrets: ask.pull_secrets.clone(),
        own_users: facts.own_users,
        pull_timeout: ask.pull_timeout,
        timeout: ask.timeout,
    }
}

/// A part of names that no other run and no other round has: from the randomness that every map of the standard library
/// starts with.
fn nonce(run: &str) -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{:08x}", RandomState::new().hash_one(run) & 0xffff_ffff)
}

/// Where canaries go: to the nodes that are tested, or wherever the scheduler wants where nobody may list them.
pub(super) fn places(facts: &Facts, ask: &Ask) -> (Vec<(Place, Tested)>, Selection) {
    let platform = ask.platform.as_ref();
    let Some(listed) = &facts.nodes else {
        let place = |node: Option<&String>| Place {
            node: node.cloned(),
            os: platform.map_or("linux", |p| p.os.as_str()).to_owned(),
            architecture: platform.map(|p| p.architecture.clone()),
        };
        let tested = |name: Option<&String>| Tested {
            node: Node { name: name.cloned().unwrap_or_default(), ..Node::default() },
            ..Tested::default()
        };
        // Nodes that are named can be bound to without being listed.
        let places = match &ask.nodes {
            Nodes::Named(names) => {
                names.iter().take(ask.max_nodes).map(|name| (place(Some(name)), tested(Some(name)))).collect()
            }
            _ => vec![(place(None), tested(None))],
        };
        return (places, Selection::default());
    };
    let fitting = Fitting {
        os: platform.map(|p| p.os.clone()),
        architecture: platform.map(|p| p.architecture.clone()),
    };
    let mut selection = select(listed, &ask.nodes, &fitting, ask.max_nodes);
    let places = std::mem::take(&mut selection.tested)
        .into_iter()
        .map(|tested| {
            let platform = tested.node.platform.as_ref();
            let place = Place {
                node: Some(tested.node.name.clone()),
                os: platform.map_or("linux", |p| p.os.as_str()).to_owned(),
                architecture: None,
            };
            (place, tested)
        })
        .collect();
    (places, selection)
}

/// The owner, and then every canary and every probe at once. `kubelets` is whether there are canaries at all.
async fn canaries(
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

/// Nodes that were named and not asked: what they would have said is not known.
fn unasked(wanted: &Wanted, ask: &Ask, pulls: &[Pull]) -> Vec<Pull> {
    let Nodes::Named(names) = &ask.nodes else { return Vec::new() };
    let mut missing: Vec<&String> =
        names.iter().filter(|name| !pulls.iter().any(|p| p.is_on(name))).collect();
    missing.dedup();
    let tested =
        |name: &String| Tested { node: Node { name: name.clone(), ..Node::default() }, ..Tested::default() };
    missing.into_iter().map(|name| wanted.unasked(&tested(name))).collect()
}

fn refused(launch: &Launch, tested: &Tested, refusal: &Refusal) -> Pull {
    Pull { refused: Some(refusal.clone()), ..launch.wanted.unasked(tested) }
}
