//! Every check, asked at every place, and for each credential where that matters.

use std::collections::BTreeMap;

use jiff::Timestamp;
use probes::credential::Credential;
use probes::observation::{Fact, Flaw, NotTried, Observation};
use probes::survey::Survey;
use probes::vantage::Vantage;

use super::Judged;
use crate::case::probe::Probe;
use crate::case::pull::Pull;
use crate::case::{Case, Round};
use crate::checks::{Answer, CATALOGUE, Check, Place, View};
use crate::report::{Attempts, Evidence, Finding, Stance, Status};

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
