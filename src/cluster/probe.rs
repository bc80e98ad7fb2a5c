//! The probes: one pod for each node that is tested, from its making to the survey that it sends home.
//!
//! *Invariant:* a probe that cannot be had says nothing of the image: what became of its pod is kept in [`Probe`], and what
//! was not heard of it was not seen.

use std::time::Duration;

use probes::assignment::{Assignment, Credentials};
use probes::foreign::Foreign;
use probes::survey::Survey;
use probes::vantage::Vantage;
use probes::wire::{Received, read_lines, read_termination};
use serde_json::Value;
use tokio::task::JoinSet;

use super::api::Api;
use super::gather::REMOVAL;
use super::in_order;
use super::launch::{Launch, Unmade};
use super::ledger::path;
use super::mirror::Pod;
use super::objects::{Place, Wanted};
use super::probe_end::{End, end};
use crate::case::cluster::Node;
use crate::case::probe::Probe;
use crate::probe_pod::{HOST_PATHS, HostPath, ProbePod, RPM_PATHS, probe_pod};

/// How often a pod is made anew without the files that its node has not.
const ANEW: usize = 4;
/// The most that is read of a log; no survey has a tenth of it.
const LOG: usize = 8 * 1024 * 1024;

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
}

impl Probing {
    pub(super) fn new(canaries: &Launch, ask: &ProbeAsk) -> Self {
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
        }
    }

    pub(super) fn wanted(&self) -> &Wanted {
        &self.launch.wanted
    }

    fn vantage(&self, node: &str) -> Vantage {
        if self.ask.host { Vantage::Node(node.to_owned()) } else { Vantage::Pod(node.to_owned()) }
    }

    /// The pod for a node, as it is sent.
    pub(super) fn object(
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
            let ended = end(&self.launch.api, &made, self.wanted()).await;
            let log = if ended.ran {
                log(&self.launch.api, &self.wanted().namespace, &name).await
            } else {
                Ok(String::new())
            };
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

    /// What was heard, by either way.
    fn heard(&self, mut probe: Probe, ended: &End, log: Result<String, String>) -> (Probe, Option<Survey>) {
        let mut received = read_lines(log.as_deref().unwrap_or_default());
        if let Some(message) = &ended.message {
            received.join(read_termination(message));
        }
        probe.whole = received.is_whole();
        probe.heard = received.seen.len();
        probe.credentials =
            received.hello.as_ref().map(|hello| hello.credentials.clone()).unwrap_or_default();
        let trouble = match survey(received, &probe.vantage) {
            Ok(mut survey) => {
                if !self.all_known {
                    // The kubelet may have more to present than the probe, so what the probe presented says nothing of it.
                    survey.observations.retain(|observation| observation.credential.is_none());
                    probe.trouble = Some(Foreign::new(
                        "the pull secrets of the kubelet cannot be given to the probe: nothing that it saw as somebody counts",
                    ));
                } else if !probe.whole {
                    let why = ended.trouble.clone().or(log.err());
                    probe.trouble = why.as_deref().map(Foreign::new);
                }
                return (probe, Some(survey));
            }
            Err(why) => why,
        };
        // What kept it from running is nearer than that nothing was heard.
        probe.trouble = Some(Foreign::long(ended.trouble.as_deref().unwrap_or(&trouble)));
        (probe, None)
    }
}

/// The survey, where it is known who speaks.
fn survey(received: Received, vantage: &Vantage) -> Result<Survey, String> {
    let known = received.hello.is_some();
    match received.survey(vantage) {
        Ok(_) if !known => {
            Err("the probe's first line was not heard, so as whom it looked is not known".to_owned())
        }
        Ok(survey) => Ok(survey),
        Err(error) => Err(error.to_string()),
    }
}

/// The node's files that are mounted. Those of Red Hat's systems are known not to be on Debian's.
fn host_paths(node: &Node) -> Vec<HostPath> {
    let image = node.image.as_str().to_ascii_lowercase();
    let debian = ["ubuntu", "debian"].iter().any(|name| image.contains(name));
    let others: &[HostPath] = if debian { &[] } else { RPM_PATHS };
    HOST_PATHS.iter().chain(others).copied().collect()
}

fn paths(of: &[HostPath]) -> Vec<String> {
    of.iter().map(|path| path.path.to_owned()).collect()
}

/// The pod's log, once; it may not be had where the API server does not reach the node.
async fn log(api: &Api, namespace: &str, name: &str) -> Result<String, String> {
    let log = format!("{}?limitBytes={LOG}", log_path(namespace, name));
    match tokio::time::timeout(Duration::from_secs(20), api.ask(http::Method::GET, &log, None)).await {
        Ok(Ok(answer)) => Ok(answer.text()),
        Ok(Err(fault)) => Err(format!("the log was not had: {}", fault.during("get pods/log").detail)),
        Err(_) => Err("the log was not had in time".to_owned()),
    }
}

/// Where a pod's log is.
pub(super) fn log_path(namespace: &str, name: &str) -> String {
    format!("{}/log", path("Pod", namespace, name))
}
