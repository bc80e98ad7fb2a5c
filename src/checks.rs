//! The catalogue of checks: each one pure question to the case at one place, in the order of the report.
//!
//! A check speaks only of what its own observation shows. Where nothing was seen it has no answer, and the reason is
//! found by [`crate::judge`] from the checks that it needs.
//!
//! *Invariant:* nothing here is async, does I/O or reads a stranger's text to confirm a cause.

use std::net::IpAddr;

use probes::cloud::{Family, family};
use probes::credential::Credential;
use probes::observation::{
    Challenge, Fact, HostsForm, NodeFacts, NotTried, Observation, Resolve, Role, TagList, Tunnel,
};
use probes::survey::Survey;
use probes::vantage::Vantage;

use crate::case::Case;
use crate::case::probe::Probe;
use crate::case::pull::Pull;
use crate::causes::CauseId;
use crate::report::{Evidence, Says, Stance, Status};

#[path = "checks/acrpull-role.rs"]
pub mod acrpull_role;
pub mod admission;
pub mod blob;
#[path = "checks/cache-rule.rs"]
pub mod cache_rule;
pub mod challenge;
pub mod clock;
pub mod dns;
pub mod exchange;
pub mod identity;
#[path = "checks/kubelet-identity.rs"]
pub mod kubelet_identity;
#[path = "checks/kubelet-pull.rs"]
pub mod kubelet_pull;
pub mod manifest;
pub mod mirror;
#[path = "checks/node-config.rs"]
pub mod node_config;
pub mod platform;
#[path = "checks/private-endpoint.rs"]
pub mod private_endpoint;
#[path = "checks/probe-pod.rs"]
pub mod probe_pod;
pub mod proxy;
#[path = "checks/pull-secret.rs"]
pub mod pull_secret;
pub mod reference;
#[path = "checks/registry-rules.rs"]
pub mod registry_rules;
#[path = "checks/registry-user.rs"]
pub mod registry_user;
#[path = "checks/service-account.rs"]
pub mod service_account;
pub mod tcp;
pub mod tls;
pub mod token;

mod reach;
mod refusal;
mod seen;

/// A kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The machine that pullcheck runs on, when it is no node.
    Workstation,
    /// A pod on the pod network.
    Pod,
    /// A node.
    Node,
    /// The kubelet of a node, which was asked to pull.
    Kubelet,
    /// Azure's settings.
    Azure,
}

impl Place {
    /// The kind of a vantage; `None` for one of a newer version.
    pub fn of(vantage: &Vantage) -> Option<Self> {
        match vantage {
            Vantage::Workstation => Some(Self::Workstation),
            Vantage::Pod(_) => Some(Self::Pod),
            Vantage::Node(_) => Some(Self::Node),
            // Where no kubelet could be asked, the cluster says why.
            Vantage::Kubelet(_) | Vantage::Cluster => Some(Self::Kubelet),
            Vantage::Azure => Some(Self::Azure),
            Vantage::Unknown => None,
        }
    }
}

/// For checks that every place can answer.
pub(crate) const EVERYWHERE: &[Place] = &[Place::Workstation, Place::Pod, Place::Node];

/// One question.
pub struct Check {
    /// Its id; API, as are the ids of causes.
    pub id: &'static str,
    /// What it asserts.
    pub title: &'static str,
    /// What is looked at, and what each answer means.
    pub explanation: &'static str,
    /// The kinds of places at which it is asked.
    pub at: &'static [Place],
    /// Whether it is asked once for each credential.
    pub per_credential: bool,
    /// The checks without which it cannot be answered, in groups that several checks share; they come earlier in the
    /// catalogue.
    pub needs: &'static [&'static [&'static str]],
    /// The causes that it may speak of, in groups that several checks share.
    pub causes: &'static [&'static [CauseId]],
    /// The question itself; `None` where nothing was seen that answers it.
    pub judge: fn(&View<'_>) -> Option<Answer>,
}

/// What must hold before the registry answers.
const TO_REGISTRY: &[&str] = &["reference", "dns", "tcp", "proxy", "tls"];
/// What must hold before a credential can be presented to it.
const TO_PRESENT: &[&str] = &["challenge", "node-config", "pull-secret", "identity", "exchange"];

impl Check {
    /// The checks without which it cannot be answered.
    pub fn needed(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.needs.iter().copied().flatten().copied()
    }

    /// The causes that it may speak of, each once, in the catalogue's order.
    pub fn speaks_of(&self) -> Vec<CauseId> {
        let named = |id: &CauseId| self.causes.iter().any(|group| group.contains(id));
        crate::causes::all().map(|cause| cause.id).filter(named).collect()
    }
}

/// All checks, in the order of the report; needs point backwards only.
pub static CATALOGUE: &[Check] = &[
    reference::CHECK,
    node_config::CHECK,
    pull_secret::CHECK,
    mirror::CHECK,
    dns::CHECK,
    tcp::CHECK,
    proxy::CHECK,
    tls::CHECK,
    clock::CHECK,
    challenge::CHECK,
    identity::CHECK,
    exchange::CHECK,
    token::CHECK,
    manifest::CHECK,
    platform::CHECK,
    blob::CHECK,
    probe_pod::CHECK,
    admission::CHECK,
    service_account::CHECK,
    kubelet_pull::CHECK,
    registry_rules::CHECK,
    registry_user::CHECK,
    cache_rule::CHECK,
    acrpull_role::CHECK,
    kubelet_identity::CHECK,
    private_endpoint::CHECK,
];

/// The check of an id.
pub fn find(id: &str) -> Option<&'static Check> {
    CATALOGUE.iter().find(|check| check.id == id)
}

/// The case as one check sees it: from one place, as one credential.
pub struct View<'a> {
    /// The case.
    pub case: &'a Case,
    /// What was seen from the place.
    pub survey: &'a Survey,
    /// As whom.
    pub credential: &'a Credential,
    /// What the kubelet of the place was asked to pull.
    pub pull: Option<&'a Pull>,
    /// The pod that a probe was sent to the place in.
    pub probe: Option<&'a Probe>,
}

impl<'a> View<'a> {
    /// What was seen of the registry itself, or of the way to it.
    pub fn registry(&self) -> impl Iterator<Item = &'a Observation> + use<'a> {
        self.survey.observations.iter().filter(|o| o.role == Role::Registry && o.credential.is_none())
    }

    /// What was seen as a credential.
    pub fn attempt(&self, credential: &'a Credential) -> impl Iterator<Item = &'a Observation> + use<'a> {
        self.survey.observations.iter().filter(move |o| o.credential.as_ref() == Some(credential))
    }

    /// What was seen as this view's credential.
    pub fn own(&self) -> impl Iterator<Item = &'a Observation> + use<'a> {
        self.attempt(self.credential)
    }

    /// How the registry's name was resolved.
    pub fn resolve(&self) -> Option<&'a Resolve> {
        self.registry().find_map(|o| match &o.fact {
            Fact::Resolve(resolve) => Some(resolve),
            _ => None,
        })
    }

    /// What the registry answered before anyone had signed in.
    pub fn challenge(&self) -> Option<&'a Challenge> {
        self.registry().find_map(|o| match &o.fact {
            Fact::Challenge(challenge) => Some(challenge),
            _ => None,
        })
    }

    /// How the way through a proxy to the registry was opened, where one is in the way.
    pub fn tunnel(&self) -> Option<&'a Tunnel> {
        self.registry().find_map(|o| match &o.fact {
            Fact::Tunnel(tunnel) => Some(tunnel),
            _ => None,
        })
    }

    /// What the node's files say.
    pub fn node_files(&self) -> Option<&'a NodeFacts> {
        self.survey.observations.iter().find_map(|o| match &o.fact {
            Fact::NodeFiles(facts) => Some(&**facts),
            _ => None,
        })
    }

    /// Whether the registry was spoken to in plain http: by a flag, or by what the node's runtime is told of it.
    pub fn is_plain_http(&self) -> bool {
        let told = self.node_files().map(|files| &files.registry).filter(|r| r.form != HostsForm::Default);
        self.case.plain_http || told.is_some_and(|r| r.server.address.as_str().starts_with("http://"))
    }

    /// The address that the node's runtime asks in the registry's place (`server` of hosts.toml), where it is another host's.
    pub fn other_server(&self) -> Option<&'a str> {
        let registry =
            self.node_files().map(|files| &files.registry).filter(|r| r.form != HostsForm::Default)?;
        let address = registry.server.address.as_str();
        let host = address.split_once("://").map_or(address, |(_, rest)| rest);
        let api_host = self.case.target.api_host();
        (!reach::host_of(host).eq_ignore_ascii_case(reach::host_of(&api_host))).then_some(address)
    }

    /// Whether an address may be one that a cache on the node should have forgotten: nothing was seen of where it is from.
    fn may_have_stale_names(&self) -> bool {
        matches!(self.survey.vantage, Vantage::Node(_)) && self.tunnel().is_none() && self.resolve().is_none()
    }

    /// Why this view's credential was not tried, where it was not.
    pub fn not_tried(&self) -> Option<&'a NotTried> {
        self.own().find_map(|o| match &o.fact {
            Fact::NotTried(why) => Some(why),
            _ => None,
        })
    }

    /// The repository's tags, as this view's credential was shown them.
    pub fn tag_list(&self) -> Option<&'a TagList> {
        self.own().find_map(|o| match &o.fact {
            Fact::TagList(list) => Some(list),
            _ => None,
        })
    }

    /// The registry's host, without its port.
    pub fn registry_host(&self) -> &'a str {
        self.case.target.host()
    }

    /// Whether the registry is one of Azure's, whose blobs are in Azure's storage.
    pub fn is_azure(&self) -> bool {
        matches!(family(self.registry_host()), Family::Acr | Family::Mcr)
    }

    /// Whether the survey ran out of time while it was at a step.
    pub fn out_of_time_during(&self, step: &str) -> bool {
        let here = self.survey.observations.iter().filter(|o| o.role == Role::Registry);
        here.map(|o| &o.fact).any(|fact| matches!(fact, Fact::OutOfTime { during } if during == step))
    }
}

/// A check's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// How it ended.
    pub status: Status,
    /// One sentence.
    pub message: String,
    /// What was done and what came of it.
    pub evidence: Vec<Evidence>,
    /// What it says of causes, likeliest first.
    pub says: Vec<Says>,
    /// Where it failed, for the remedy's words.
    pub at: At,
}

/// Where something failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct At {
    /// The host, without its port.
    pub host: Option<String>,
    /// The port.
    pub port: Option<u16>,
    /// The address that was dialled.
    pub address: Option<IpAddr>,
    /// The nameserver that was asked.
    pub nameserver: Option<String>,
    /// The name that was meant, where another one was found in its place.
    pub instead: Option<String>,
    /// Our address, as the registry sees it.
    pub client_ip: Option<String>,
    /// The proxy, without user.
    pub proxy: Option<String>,
    /// The variable that names it.
    pub variable: Option<String>,
    /// What that variable's exemptions lack.
    pub no_proxy: Option<String>,
    /// The file that says so.
    pub file: Option<String>,
    /// The mirror's address.
    pub mirror: Option<String>,
}

impl Answer {
    /// An answer without evidence.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), evidence: Vec::new(), says: Vec::new(), at: At::default() }
    }

    /// It was seen to hold.
    pub fn pass(message: impl Into<String>) -> Self {
        Self::new(Status::Pass, message)
    }

    /// It was seen not to hold.
    pub fn fail(message: impl Into<String>) -> Self {
        Self::new(Status::Fail, message)
    }

    /// Adds that a cause is confirmed.
    pub fn confirms(mut self, cause: CauseId) -> Self {
        self.says.push(Says { cause, stance: Stance::Confirms });
        self
    }

    /// Adds that a cause is refuted.
    pub fn refutes(mut self, cause: CauseId) -> Self {
        self.says.push(Says { cause, stance: Stance::Refutes });
        self
    }

    /// Adds causes that are allowed, likeliest first.
    pub fn allows(mut self, causes: &[CauseId]) -> Self {
        self.says.extend(causes.iter().map(|&cause| Says { cause, stance: Stance::Allows }));
        self
    }

    /// The same failure, of which these may be the cause as well: what was confirmed is allowed then.
    pub fn not_proven(self, also: &[CauseId]) -> Self {
        if self.status != Status::Fail {
            return self;
        }
        let causes: Vec<CauseId> = self.says.iter().map(|s| s.cause).collect();
        Self { says: Vec::new(), ..self }.allows(&causes).allows(also)
    }

    /// Adds what was done and what came of it.
    pub fn saw(mut self, action: impl Into<String>, saw: impl Into<String>) -> Self {
        self.evidence.push(Evidence { action: action.into(), saw: saw.into(), correlation_id: None });
        self
    }

    /// Adds evidence that was put together elsewhere.
    pub fn evidence(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// Says where it failed.
    pub fn at(mut self, at: At) -> Self {
        self.at = at;
        self
    }
}

/// The pages of all checks, for `explain`.
pub fn pages() -> Vec<crate::explain::CheckPage> {
    CATALOGUE
        .iter()
        .map(|check| crate::explain::CheckPage {
            id: check.id,
            title: check.title,
            explanation: check.explanation,
            causes: check.speaks_of(),
        })
        .collect()
}
