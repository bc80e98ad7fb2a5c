//! Follows one canary until its pull is over or the patience ends: by watching where that is allowed, by asking where not.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use super::Progress;
use super::api::{Api, Lines, escaped};
use super::ledger::path;
use super::mirror::{Event, List, Pod};
use super::objects::Wanted;
use super::over::{Stand, stand};
use super::trouble::Fault;
use super::words::Words;
use crate::case::cluster::Trouble;

/// How long the second witness of an end is waited for.
const NEARLY: Duration = Duration::from_secs(2);

/// How long something before the pull may fail: the kubelet tries a sandbox and a mount again within it.
const STUCK: Duration = Duration::from_secs(30);

/// How long a kubelet's silence is borne at least: it asks its credential provider before it says that it pulls, and that
/// one waits a minute for a metadata service that does not answer.
const SILENCE: Duration = Duration::from_secs(180);

/// How long nothing is heard before it is asked whether the API server is still there.
const QUIET: Duration = Duration::from_secs(30);

/// How long an API server may be away: one that is started anew is back within it.
const AWAY: Duration = Duration::from_secs(60);

/// How often is asked where nothing is watched.
const ASK: Duration = Duration::from_secs(1);

/// What became of a canary.
#[derive(Default)]
pub(super) struct Followed {
    pub(super) words: Words,
    pub(super) out_of_time: bool,
    /// Why it was not followed to its end.
    pub(super) cut_short: Option<String>,
    pub(super) troubles: Vec<Trouble>,
}

/// Follows a pod that was just made.
pub(super) async fn follow(
    api: &Api,
    made: &Pod,
    wanted: &Wanted,
    told: &UnboundedSender<Progress>,
) -> Followed {
    let started = Instant::now();
    let mut follower = Follower::new(api, made, wanted);
    follower.open().await;
    let (mut nearly, mut stuck) = (None, None);
    let mut said = Stand::Before;
    let out_of_time = loop {
        let now = Instant::now();
        let stand = stand(&follower.followed.words);
        if stand != said {
            said = stand;
            // Nobody may be listening.
            let _ = told
                .send(Progress::Pull { pod: made.metadata.name.clone(), pulling: stand == Stand::Pulling });
        }
        let looking = started + wanted.timeout;
        let limit = match stand {
            Stand::Over => break false,
            Stand::Before => looking,
            Stand::Taken => {
                started + wanted.timeout.max(SILENCE).min(wanted.pull_timeout.max(wanted.timeout))
            }
            Stand::Pulling => started + wanted.pull_timeout.max(wanted.timeout),
            Stand::Nearly => *nearly.get_or_insert(now) + NEARLY,
            Stand::Stuck => (*stuck.get_or_insert(now) + STUCK).min(looking),
        };
        if now >= limit {
            break stand != Stand::Nearly;
        }
        if follower.lost.is_some() && now >= follower.heard_at + AWAY {
            break false;
        }
        follower.hear(limit).await;
    };
    // Words that came beside the deciding one, and all of them where nothing is watched.
    if !follower.followed.words.gone {
        // What was heard is kept where this takes too long.
        let asked = tokio::time::timeout(NEARLY, follower.ask()).await;
        if asked.is_err() && follower.lost.is_none() {
            follower.lost = Some("the API server does not answer any more".to_owned());
        }
    }
    let mut followed = follower.followed;
    followed.cut_short = match followed.words.gone {
        true => Some("its pod was deleted by somebody else".to_owned()),
        false => follower.lost,
    };
    followed.out_of_time = out_of_time && followed.cut_short.is_none();
    followed
}

/// Where a namespace's events are.
pub(super) fn events_path(namespace: &str) -> String {
    format!("/api/v1/namespaces/{}/events", escaped(namespace))
}

struct Follower<'a> {
    api: &'a Api,
    uid: String,
    pod_path: String,
    pods_path: String,
    events_path: String,
    version: String,
    pods: Option<Lines>,
    events: Option<Lines>,
    /// When the API server was heard last.
    heard_at: Instant,
    /// What became of the last question, where there is no answer.
    lost: Option<String>,
    followed: Followed,
}

impl<'a> Follower<'a> {
    fn new(api: &'a Api, made: &Pod, wanted: &Wanted) -> Self {
        let namespace = escaped(&wanted.namespace);
        let (name, uid) = (&made.metadata.name, made.metadata.uid.clone());
        let mut followed = Followed::default();
        followed.words.pod(made);
        Self {
            api,
            pod_path: path("Pod", &wanted.namespace, name),
            pods_path: format!(
                "/api/v1/namespaces/{namespace}/pods?watch=1&fieldSelector={}",
                escaped(&format!("metadata.name={name}"))
            ),
            events_path: format!(
                "{}?fieldSelector={}",
                events_path(&wanted.namespace),
                escaped(&format!("involvedObject.uid={uid}"))
            ),
            uid,
            version: made.metadata.resource_version.clone(),
            pods: None,
            events: None,
            heard_at: Instant::now(),
            lost: None,
            followed,
        }
    }

    async fn open(&mut self) {
        let pods = format!("{}&resourceVersion={}", self.pods_path, escaped(&self.version));
        let (opened, version) = tokio::join!(self.api.watch(&pods), self.api.read(&self.events_path));
        self.pods = opened.ok();
        match version {
            Ok(list) => {
                let list: List<Event> = list;
                let version = list.metadata.resource_version.clone();
                self.take(list);
                let events = format!("{}&watch=1&resourceVersion={}", self.events_path, escaped(&version));
                self.events = self.api.watch(&events).await.ok();
            }
            Err(fault) => self.blind(&fault),
        }
    }

    /// Waits for the next word, at most until the limit.
    async fn hear(&mut self, limit: Instant) {
        let all = self.pods.is_some() && self.events.is_some();
        // One that has gone away without a word leaves its watches open.
        let ask = if all { self.heard_at + QUIET } else { Instant::now() + ASK };
        tokio::select! {
            line = next(&mut self.pods), if self.pods.is_some() => match line {
                Some(line) => {
                    self.answered();
                    self.pod_line(line);
                }
                None => self.pods = None,
            },
            line = next(&mut self.events), if self.events.is_some() => match line {
                Some(line) => {
                    self.answered();
                    self.event_line(line);
                }
                None => self.events = None,
            },
            () = tokio::time::sleep_until(limit.min(ask)) => {
                // The limit is the caller's to see.
                let _ = tokio::time::timeout_at(limit, self.ask()).await;
            }
        }
    }

    fn pod_line(&mut self, line: Value) {
        let kind = line["type"].as_str().unwrap_or_default().to_owned();
        match (kind.as_str(), serde_json::from_value::<Pod>(line["object"].clone())) {
            // A pod of the same name that is not ours means that ours is gone.
            ("DELETED", _) => self.followed.words.gone = true,
            ("ADDED" | "MODIFIED", Ok(pod)) if pod.metadata.uid == self.uid => self.followed.words.pod(&pod),
            ("BOOKMARK", _) => {}
            // An expired version, or an error: from here on it is asked.
            _ => self.pods = None,
        }
    }

    fn event_line(&mut self, line: Value) {
        let kind = line["type"].as_str().unwrap_or_default().to_owned();
        match (kind.as_str(), serde_json::from_value::<Event>(line["object"].clone())) {
            ("ADDED" | "MODIFIED", Ok(event)) => self.followed.words.event(&event, &self.uid),
            ("DELETED" | "BOOKMARK", _) => {}
            _ => self.events = None,
        }
    }

    async fn ask(&mut self) {
        let pod = self.api.read::<Pod>(&self.pod_path).await;
        match &pod {
            Err(fault @ Fault::Failed(_)) => self.lost = Some(fault.during("get pods").to_string()),
            _ => self.answered(),
        }
        match pod {
            Ok(pod) if pod.metadata.uid == self.uid => self.followed.words.pod(&pod),
            Ok(_) => self.followed.words.gone = true,
            Err(fault) if fault.is_missing() => self.followed.words.gone = true,
            Err(fault) => self.trouble(&fault, "get pods"),
        }
        self.list_events().await;
    }

    async fn list_events(&mut self) {
        match self.api.read::<List<Event>>(&self.events_path).await {
            Ok(list) => self.take(list),
            Err(fault) => self.blind(&fault),
        }
    }

    fn answered(&mut self) {
        (self.heard_at, self.lost) = (Instant::now(), None);
    }

    fn take(&mut self, list: List<Event>) {
        for event in list.items {
            self.followed.words.event(&event, &self.uid);
        }
    }

    fn blind(&mut self, fault: &Fault) {
        self.trouble(fault, "list events");
    }

    /// The same trouble is told once.
    fn trouble(&mut self, fault: &Fault, during: &str) {
        let trouble = fault.during(during);
        let known =
            self.followed.troubles.iter().any(|t| t.during == trouble.during && t.kind == trouble.kind);
        if !known {
            self.followed.troubles.push(trouble);
        }
    }
}

async fn next(lines: &mut Option<Lines>) -> Option<Value> {
    match lines {
        Some(lines) => lines.next().await,
        None => std::future::pending().await,
    }
}
