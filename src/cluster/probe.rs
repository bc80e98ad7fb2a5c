//! The probes: one pod for each node that is tested, from its making to the survey that it sends home.
//!
//! *Invariant:* a probe that cannot be had says nothing of the image: what became of its pod is kept in [`Probe`], and what
//! was not heard of it was not seen.

mod end;
mod heard;
mod log;
mod object;

use probes::assignment::Assignment;
use probes::foreign::Foreign;
use probes::survey::Survey;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;

use self::end::{End, end};
use self::log::Log;
pub(super) use self::log::log_path;
use super::ask::Progress;
use super::gather::REMOVAL;
use super::in_order;
use super::launch::{Launch, Unmade};
use super::mirror::Pod;
use super::objects::{Place, Wanted};
use crate::case::cluster::Node;
use crate::case::probe::Probe;
use crate::probe_pod::HostPath;

/// How often a pod is made anew without the files that its node has not.
const ANEW: usize = 4;

/// What is asked of probes.
#[derive(Clone, Debug)]
pub struct ProbeAsk {
    /// The image that holds the probe.
    pub image: String,
    /// The namespace of its pods; `None` is the one where the image is used.
    pub namespace: Option<String>,
    /// Whether they look from the nodes' own network, with the nodes' files.
    pub host: bool,
    /// Whether the platform was named; each node's own is meant where not.
    pub platform_named: bool,
    /// What every one is told; the place and the credentials are filled in for each.
    pub told: Assignment,
}

/// What came of the probes.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// What became of each.
    pub probes: Vec<Probe>,
    /// What those saw that were heard.
    pub surveys: Vec<Survey>,
}

/// What making probes needs.
#[derive(Clone)]
pub(super) struct Probing {
    launch: Launch,
    ask: ProbeAsk,
    /// The name of the canaries' owner.
    pub(super) canaries_job: String,
    /// The pull secret that the kubelet would use, where the pod can have it.
    secret: Option<String>,
    /// Whether the credentials that the probe is given are all that the kubelet would try.
    all_known: bool,
    /// Whether its namespace is the canaries'.
    pub(super) same: bool,
    /// Who hears what they see meanwhile.
    told: Option<UnboundedSender<Progress>>,
}

impl Probing {
    pub(super) fn new(canaries: &Launch, ask: &ProbeAsk, told: Option<UnboundedSender<Progress>>) -> Self {
        let of = &canaries.wanted;
        let namespace = ask.namespace.clone().unwrap_or_else(|| of.namespace.clone());
        let same = namespace == of.namespace;
        // As in every pod, secrets that are named leave out the service account's.
        let secrets = if of.secrets.is_empty() { canaries.given.clone() } else { Some(of.secrets.clone()) };
        let wanted = Wanted {
            nonce: format!("{}-probe", of.nonce),
            namespace,
            image: ask.image.clone(),
            service_account: if same { of.service_account.clone() } else { "default".to_owned() },
            secrets: Vec::new(),
            own_users: same && of.own_users,
            ..of.clone()
        };
        let (secret, all_known) = match secrets.as_deref() {
            Some([]) => (None, true),
            Some([one]) if same => (Some(one.clone()), true),
            // A pod has no secret of another namespace, and which ones there are may not be known.
            _ => (None, false),
        };
        Self {
            launch: Launch { wanted, ..canaries.clone() },
            ask: ask.clone(),
            canaries_job: of.job_name(),
            secret,
            all_known,
            same,
            told,
        }
    }

    pub(super) fn wanted(&self) -> &Wanted {
        &self.launch.wanted
    }

    /// Every probe at once. `owner` is the canaries' Job, which owns pods of its own namespace alone.
    pub(super) async fn all(self, places: Vec<(Place, Node)>, owner: Result<String, Unmade>) -> Looked {
        let Some((first, _)) = places.first() else { return Looked::default() };
        let (job, owner) = match (self.same, owner) {
            (true, owner) => (self.canaries_job.clone(), owner),
            (false, _) => (self.wanted().job_name(), self.launch.owner(first).await),
        };
        let uid = match owner {
            Ok(uid) => uid,
            Err(unmade) => {
                let probes = places.iter().map(|(_, node)| self.unmade(&node.name, &unmade)).collect();
                return Looked { probes, surveys: Vec::new() };
            }
        };
        let mut running = JoinSet::new();
        for (index, (place, node)) in places.into_iter().enumerate() {
            let (probing, job, uid) = (self.clone(), job.clone(), uid.clone());
            running.spawn(async move { (index, probing.one(index, &place, &node, (&job, &uid)).await) });
        }
        let mut looked = Looked::default();
        for (probe, survey) in in_order(running).await {
            looked.probes.push(probe);
            looked.surveys.extend(survey);
        }
        looked
    }

    fn empty(&self, node: &str) -> Probe {
        let node = if node.is_empty() { "any" } else { node };
        Probe {
            vantage: self.vantage(node),
            namespace: self.wanted().namespace.clone(),
            pod: String::new(),
            image: self.ask.image.clone(),
            credentials: Vec::new(),
            heard: 0,
            whole: false,
            refused: None,
            trouble: None,
            absent: Vec::new(),
            words: Vec::new(),
        }
    }

    fn unmade(&self, node: &str, unmade: &Unmade) -> Probe {
        let mut probe = self.empty(node);
        match unmade {
            Unmade::Trouble(trouble) => probe.trouble = Some(Foreign::new(&trouble.to_string())),
            Unmade::Refused(refusal) => probe.refused = Some(refusal.clone()),
        }
        probe
    }

    /// One probe: made, anew without what its node has not, heard, removed.
    async fn one(
        &self,
        index: usize,
        place: &Place,
        node: &Node,
        owner: (&str, &str),
    ) -> (Probe, Option<Survey>) {
        let mut probe = self.empty(&node.name);
        let cannot = match place {
            Place { os, .. } if os != "linux" => Some("the probe is a program for Linux"),
            Place { node: None, .. } => Some("no node is known by its name; name one with --nodes"),
            Place { .. } => None,
        };
        if let Some(why) = cannot {
            probe.trouble = Some(Foreign::new(why));
            return (probe, None);
        }
        let mut absent: Vec<HostPath> = Vec::new();
        for turn in 0..=ANEW {
            let name = match turn {
                0 => self.wanted().pod_name(index),
                turn => format!("{}-{turn}", self.wanted().pod_name(index)),
            };
            let made = match self.object(&name, node, &absent, owner) {
                Ok(object) => self.launch.make::<Pod>("Pod", &name, &object).await,
                Err(why) => {
                    probe.trouble = Some(Foreign::new(&why));
                    return (probe, None);
                }
            };
            let made = match made {
                Ok(made) => made,
                Err(unmade) => {
                    return (Probe { absent: paths(&absent), ..self.unmade(&node.name, &unmade) }, None);
                }
            };
            probe.pod.clone_from(&name);
            let mut log = Log::new(&self.launch.api, &self.wanted().namespace, &name);
            let ended = {
                let ending = end(&self.launch.api, &made, self.wanted());
                let following = log.follow(&probe.vantage, self.told.as_ref());
                tokio::select! {
                    ended = ending => ended,
                    () = following => End::default(),
                }
            };
            let log = if ended.ran { log.rest().await } else { (log.received, None) };
            self.launch.ledger.remove_one(&name, REMOVAL / 2).await;
            let missing: Vec<HostPath> =
                ended.absent.iter().filter(|path| !absent.contains(path)).copied().collect();
            probe.words.clone_from(&ended.words);
            if !missing.is_empty() && turn < ANEW {
                absent.extend(missing);
                continue;
            }
            probe.absent = paths(&absent);
            return self.heard(probe, &ended, log);
        }
        (probe, None)
    }
}

fn paths(of: &[HostPath]) -> Vec<String> {
    of.iter().map(|path| path.path.to_owned()).collect()
}
