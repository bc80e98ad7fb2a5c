//! From a case to a report: every check is asked at every place and for every credential, and what the answers mean
//! together is left to [`crate::diagnose`].
//!
//! *Invariant:* a pure function; a pass comes only from what was seen. What was not seen is blocked by a check that
//! failed, or unknown.

use std::collections::BTreeMap;

use jiff::Timestamp;
use probes::credential::Credential;
use probes::observation::{Fact, Flaw, NotTried, Observation};
use probes::survey::Survey;
use probes::vantage::Vantage;

use crate::case::probe::Probe;
use crate::case::pull::Pull;
use crate::case::{Case, Round};
use crate::checks::{Answer, At, CATALOGUE, Check, Place, View};
use crate::diagnose::{diagnose, exit_code, of_kubelets, over_rounds, soften_azures, verdict};
use crate::report::{
    API_VERSION, Attempts, AzureReport, ClusterReport, Evidence, Finding, Metadata, Report, Stance, Status,
    TargetReport, Tool, VantageReport,
};

mod again;
mod other_cluster;

/// A finding with what only the remedy's words need.
#[derive(Clone)]
pub struct Judged {
    /// The finding, as reports show it.
    pub finding: Finding,
    /// Where it failed.
    pub at: At,
    /// Whether the check itself answered, and not only for want of anything to go on.
    pub answered: bool,
    /// Whether its credential has no say: it was tried for comparison, or not at all.
    pub beside: bool,
}

impl Judged {
    /// Makes a failure a warning, for what refutes it.
    pub(crate) fn soften(&mut self, why: &str) {
        self.finding.status = Status::Warn;
        self.finding.cause = None;
        self.finding.attempts.failed = 0;
        self.finding.message.push_str("; ");
        self.finding.message.push_str(why);
    }
}

/// Judges a case.
pub fn judge(case: &Case) -> Report {
    let case = &other_cluster::set_aside(ordered(case));
    let mut rounds: Vec<Vec<Judged>> = case.rounds.iter().map(|round| findings(case, round)).collect();
    let verdicts: Vec<_> = rounds
        .iter_mut()
        .zip(&case.rounds)
        .map(|(judged, round)| match case.claim.is_of_kubelets() {
            true => of_kubelets(case, round, judged),
            false => {
                let verdict = verdict(case, judged, diagnose(case, judged));
                soften_azures(case, &verdict, judged);
                verdict
            }
        })
        .collect();
    let verdict = over_rounds(case, &verdicts);
    let findings = worst(rounds);
    let who = verdict.credential.clone().unwrap_or_else(|| case.credential.to_string());
    let vantages = vantages(case, &findings, &who);
    let target = &case.target;
    let exit_code = exit_code(case, &verdict);
    let cluster = case.cluster.as_ref();
    Report {
        api_version: API_VERSION,
        kind: "HealthReport",
        metadata: Metadata {
            run_id: case.run_id.clone(),
            tool: Tool { name: "pullcheck", version: env!("CARGO_PKG_VERSION") },
            started_at: case.started_at,
            duration_ms: case.duration_ms,
            tier: again::tier(case).to_owned(),
            namespace: cluster.map(|c| c.namespace.clone()),
            cluster: cluster.map(|c| ClusterReport {
                context: c.context.clone(),
                server: c.server.clone(),
                version: c.version.clone(),
                left_out: c.left_out.clone(),
                troubles: c.troubles.clone(),
            }),
            azure: case.azure.as_ref().map(|azure| AzureReport {
                cloud: azure.cloud.clone(),
                sign_in: azure.sign_in.clone(),
                sign_in_ms: azure.sign_in_ms,
                troubles: azure.troubles.clone(),
            }),
            exit_code,
            again: again::command(case),
            variables: case.variables.clone(),
            settings: case.settings.clone(),
        },
        target: TargetReport {
            given: target.given.clone(),
            kind: if target.is_registry() { "registry" } else { "image" },
            reference: target.reference(),
            registry: target.registry.clone(),
            repository: target.repository.clone(),
            tag: target.tag.clone(),
            digest: target.digest.clone(),
            platforms: if target.is_registry() { Vec::new() } else { vec![case.platform.to_string()] },
        },
        verdict,
        vantages,
        findings,
        created: cluster.map(|c| c.created.clone()).unwrap_or_default(),
        rights: cluster.map(|c| c.rights.clone()).unwrap_or_default(),
    }
}

/// The case with its observations in the order of time, whatever order they arrived in.
fn ordered(case: &Case) -> Case {
    let mut case = case.clone();
    for survey in case.rounds.iter_mut().flat_map(|round| &mut round.surveys) {
        survey.observations.sort_by_cached_key(|o| {
            // What began at the same moment is told apart by what it is.
            (o.started_at, serde_json::to_string(o).unwrap_or_default())
        });
    }
    case
}

/// The findings of all rounds as one: of each the worst, so that a pass is one that was seen every time.
fn worst(rounds: Vec<Vec<Judged>>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    for judged in rounds {
        for Judged { finding, .. } in judged {
            let same = |f: &&mut Finding| {
                f.check == finding.check && f.vantage == finding.vantage && f.credential == finding.credential
            };
            match merged.iter_mut().find(same) {
                Some(known) => {
                    let attempts = Attempts {
                        made: known.attempts.made + finding.attempts.made,
                        failed: known.attempts.failed + finding.attempts.failed,
                    };
                    if finding.status > known.status {
                        *known = finding;
                    }
                    known.attempts = attempts;
                }
                None => merged.push(finding),
            }
        }
    }
    let place = |f: &Finding| CATALOGUE.iter().position(|c| c.id == f.check);
    merged.sort_by_key(place);
    merged
}

/// Every check, once for each place, and where it matters for each credential, in the catalogue's order.
pub fn findings(case: &Case, round: &Round) -> Vec<Judged> {
    let mut all = Vec::new();
    for survey in &round.surveys {
        let case = case.from_place(&survey.vantage);
        let probe = round.probes.iter().find(|probe| probe.vantage == survey.vantage);
        at_place(&case, survey, (None, probe), &mut all);
        soften(&mut all, survey);
    }
    for probe in &round.probes {
        if !round.surveys.iter().any(|survey| survey.vantage == probe.vantage) {
            unheard(case, probe, &mut all);
        }
    }
    for pull in &round.pulls {
        let place = Vantage::Kubelet(pull.place().to_owned());
        at_place(case, &nothing_seen(place), (Some(pull), None), &mut all);
    }
    if case.azure.is_some() {
        at_place(case, &nothing_seen(Vantage::Azure), (None, None), &mut all);
    }
    // A place that was asked for and not had is unknown, never left out.
    if case.claim.is_of_kubelets() && round.pulls.is_empty() {
        at_place(case, &nothing_seen(Vantage::Cluster), (None, None), &mut all);
    }
    all
}

fn nothing_seen(vantage: Vantage) -> Survey {
    Survey { vantage, observations: Vec::new() }
}

/// A probe that sent nothing home: that alone is told of its place, and not each check that it would have answered.
fn unheard(case: &Case, probe: &Probe, all: &mut Vec<Judged>) {
    let survey = nothing_seen(probe.vantage.clone());
    let check = &crate::checks::probe_pod::CHECK;
    let view = View { case, survey: &survey, credential: &case.credential, pull: None, probe: Some(probe) };
    all.push(ask(check, &view, None, &|_| None));
}

fn at_place(
    case: &Case,
    survey: &Survey,
    (pull, probe): (Option<&Pull>, Option<&Probe>),
    all: &mut Vec<Judged>,
) {
    let credentials = credentials(case, survey);
    let mut done: BTreeMap<(&str, Option<&Credential>), Status> = BTreeMap::new();
    let place = Place::of(&survey.vantage);
    // A place that is not known is looked at with every check that could have been asked there.
    for check in CATALOGUE.iter().filter(|c| place.is_none_or(|place| c.at.contains(&place))) {
        let asked: Vec<Option<&Credential>> =
            if check.per_credential { credentials.iter().map(Some).collect() } else { vec![None] };
        for credential in asked {
            let view = View { case, survey, credential: credential.unwrap_or(&case.credential), pull, probe };
            let status_of = |id: &str| done.get(&(id, credential)).or_else(|| done.get(&(id, None))).copied();
            let judged = ask(check, &view, credential, &status_of);
            done.insert((check.id, credential), judged.finding.status);
            all.push(judged);
        }
    }
}

/// What fails at a registry does not matter where a mirror, which is asked first, has everything.
fn soften(all: &mut [Judged], survey: &Survey) {
    let here = |j: &&mut Judged| j.finding.vantage == survey.vantage;
    let mirrored = all.iter().any(|j| {
        j.finding.check == "mirror" && j.finding.status == Status::Pass && j.finding.vantage == survey.vantage
    });
    for judged in all.iter_mut().filter(here).filter(|j| mirrored && j.finding.status == Status::Fail) {
        judged.soften("a mirror has everything");
    }
}

/// The credential that counts, and those that were tried beside it.
fn credentials(case: &Case, survey: &Survey) -> Vec<Credential> {
    let mut all = case.tried().to_vec();
    for credential in survey.observations.iter().filter_map(|o| o.credential.as_ref()) {
        if !all.contains(credential) {
            all.push(credential.clone());
        }
    }
    all
}

fn ask(
    check: &Check,
    view: &View<'_>,
    credential: Option<&Credential>,
    status_of: &dyn Fn(&str) -> Option<Status>,
) -> Judged {
    let case = view.case;
    let mut blocked_by = None;
    let mut answered = true;
    let answer = if case.leaves_out(check.id) {
        Answer::new(Status::Skip, "left out by --check or --skip")
    } else if case.target.is_registry() && check.per_credential && !signs_in(check, view) {
        Answer::new(Status::NotApplicable, "a registry was named, and no image")
    } else {
        (check.judge)(view).or_else(|| untried(check, view)).unwrap_or_else(|| {
            let (answer, blocker) = unanswered(check, view, status_of);
            blocked_by = blocker;
            answered = false;
            answer
        })
    };
    let timing = timing(check, view, credential).or_else(|| pulled_in(check, view));
    let confirmed = answer.says.iter().find(|s| s.stance == Stance::Confirms).map(|s| s.cause);
    Judged {
        finding: Finding {
            check: check.id,
            vantage: view.survey.vantage.clone(),
            credential: credential.map(ToString::to_string),
            status: answer.status,
            message: answer.message,
            cause: confirmed.filter(|_| answer.status == Status::Fail),
            says: answer.says,
            blocked_by,
            attempts: Attempts {
                made: u32::from(timing.is_some()),
                failed: u32::from(timing.is_some() && answer.status == Status::Fail),
            },
            evidence: dedup(answer.evidence),
            started_at: timing.map(|t| t.0),
            duration_ms: timing.map(|t| t.1),
        },
        at: answer.at,
        answered,
        beside: credential.is_some_and(|credential| is_beside(view, credential)),
    }
}

/// Whether a check is asked of a registry too, without an image: what a sign-in takes.
fn signs_in(check: &Check, view: &View<'_>) -> bool {
    match check.id {
        "identity" | "exchange" => true,
        "token" => view.credential.is_operators(),
        _ => false,
    }
}

/// Whether a credential has no say: a node's kubelet presents nobody only where it has nothing else to present, or
/// where Azure's credential provider has added nobody to what it gives; and what was not tried says nothing.
fn is_beside<'a>(view: &View<'a>, credential: &'a Credential) -> bool {
    if view.not_tried().is_some() || is_for_others(view, credential) {
        return true;
    }
    if !credential.is_anonymous() || !matches!(view.survey.vantage, Vantage::Node(_)) {
        return !view.case.tried().contains(credential);
    }
    let seen = |of: &Credential, is: &dyn Fn(&Fact) -> bool| view.attempt(of).any(|o| is(&o.fact));
    let flawed = |of: &Credential| seen(of, &|fact| matches!(fact, Fact::Flawed(_)));
    let others = || view.case.tried().iter().filter(|c| !c.is_anonymous());
    let provided = others().any(|c| match c {
        Credential::NodeIdentity { .. } => seen(c, &|fact| matches!(fact, Fact::Exchanged(e) if e.token)),
        Credential::NodeServicePrincipal { .. } => !flawed(c),
        _ => false,
    });
    let secrets = others().any(|c| !c.is_nodes() && !flawed(c));
    secrets && !provided
}

/// Whether a pull secret is for other registries, and the node itself has something to present.
fn is_for_others<'a>(view: &View<'a>, credential: &'a Credential) -> bool {
    let others = view.case.tried().iter().any(|c| !c.is_anonymous() && c != credential);
    others && view.attempt(credential).any(|o| matches!(&o.fact, Fact::Flawed(Flaw::NoEntry { .. })))
}

/// A credential that was not tried, and why.
fn untried(check: &Check, view: &View<'_>) -> Option<Answer> {
    if !check.per_credential {
        return None;
    }
    if is_for_others(view, view.credential) {
        return Some(Answer::new(Status::NotApplicable, "the pull secret has nothing to present"));
    }
    match view.not_tried()? {
        NotTried::EarlierPulls { credential } => {
            Some(Answer::new(Status::NotApplicable, format!("not tried: {credential} has everything")))
        }
        NotTried::EarlierUnanswered { credential } => Some(Answer::new(
            Status::Skip,
            format!("not tried: {credential} met silence, which no other credential ends"),
        )),
        NotTried::NotAsked => {
            Some(Answer::new(Status::NotApplicable, "the registry asks for no token to sign in with"))
        }
        NotTried::Unknown => Some(Answer::new(Status::Unknown, "not tried")),
    }
}

/// Nothing was seen that answers a check: because of the first check it needs that failed, else that is unknown, or for
/// no known reason.
fn unanswered(
    check: &Check,
    view: &View<'_>,
    status_of: &dyn Fn(&str) -> Option<Status>,
) -> (Answer, Option<&'static str>) {
    let first = |status: Status| check.needed().find(|need| status_of(need) == Some(status));
    if let Some(need) = first(Status::Fail) {
        return (Answer::new(Status::Skip, format!("not looked at: {need} failed")), Some(need));
    }
    if let Some(need) = first(Status::Unknown) {
        return (Answer::new(Status::Unknown, format!("not looked at: {need} is unknown")), Some(need));
    }
    let why = if view.out_of_time_during(check.id) { "no time was left" } else { "not looked at" };
    (Answer::new(Status::Unknown, why), None)
}

/// When a check's looks began, and how long they took together.
fn timing(check: &Check, view: &View<'_>, credential: Option<&Credential>) -> Option<(Timestamp, u64)> {
    let looks: Vec<&Observation> = view
        .survey
        .observations
        .iter()
        .filter(|o| crate::steps::check_of(o) == check.id && o.credential.as_ref() == credential)
        .collect();
    let first = looks.first()?;
    Some((first.started_at, looks.iter().map(|o| o.elapsed_ms).sum()))
}

/// When a kubelet was asked to pull, and how long it took.
fn pulled_in(check: &Check, view: &View<'_>) -> Option<(Timestamp, u64)> {
    let pull = view.pull.filter(|_| check.id == "kubelet-pull")?;
    Some((pull.started_at?, pull.duration_ms))
}

fn dedup(evidence: Vec<Evidence>) -> Vec<Evidence> {
    let mut kept: Vec<Evidence> = Vec::with_capacity(evidence.len());
    for one in evidence {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

fn vantages(case: &Case, findings: &[Finding], who: &str) -> Vec<VantageReport> {
    let mut all: Vec<VantageReport> = Vec::new();
    for finding in findings {
        let id = &finding.vantage;
        if all.iter().any(|known| known.id == *id) {
            continue;
        }
        let pull = case.pulls().find(|pull| matches!(id, Vantage::Kubelet(name) if pull.is_on(name)));
        all.push(VantageReport {
            id: id.clone(),
            kind: id.kind(),
            status: findings
                .iter()
                .filter(|f| f.vantage == *id && f.counts_for(who))
                .map(|f| f.status)
                .max()
                .unwrap_or(Status::Unknown),
            credential: (!matches!(id, Vantage::Kubelet(_) | Vantage::Cluster | Vantage::Azure))
                .then(|| who.to_owned()),
            represents: pull.map(|pull| pull.represents.clone()).unwrap_or_default(),
            node: pull.and_then(|pull| pull.node.clone()),
        });
    }
    // In the order in which they were looked from, which findings sorted by check do not have.
    all.sort_by_key(|v| places(case).position(|place| place == v.id));
    all
}

/// The places in the order in which they were looked from.
fn places(case: &Case) -> impl Iterator<Item = Vantage> {
    let surveys = case.rounds.iter().flat_map(|round| &round.surveys).map(|survey| survey.vantage.clone());
    let probes = case.rounds.iter().flat_map(|round| &round.probes).map(|probe| probe.vantage.clone());
    let azure = case.azure.iter().map(|_| Vantage::Azure);
    surveys
        .chain(probes)
        .chain(azure)
        .chain(case.pulls().map(|pull| Vantage::Kubelet(pull.place().to_owned())))
}
