//! Carries out a plan: looks, judges, and writes. The only place where time passes.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::time::Duration;

use jiff::Timestamp;
use probes::credential::{Credential, Login};
use probes::log::Watch as _;
use probes::net::{Net, Patience};
use probes::survey::{Assignment, survey};
use probes::vantage::Vantage;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::azure::{self, NodeHint};
use crate::case::azure::Azure;
use crate::case::cluster::{Cluster, Created};
use crate::case::probe::Probe;
use crate::case::pull::Pull;
use crate::case::{Case, Round};
use crate::cli::Plan;
use crate::cluster::gather::REMOVAL;
use crate::cluster::sight::Sight;
use crate::cluster::{self, Ask, Ledger, Looked};
use crate::judge::judge;
use crate::progress::Progress;
use crate::report::{Report, VerdictStatus};

use self::case::case;
use self::follow::{Follow, Shared};
use self::signals::interrupted;

mod case;
mod follow;
mod signals;

/// The longest pause between two looks with `--wait`.
const PAUSE: Duration = Duration::from_secs(5);

/// What a run came to.
pub(crate) enum Ended {
    /// It was judged.
    Judged(Box<(Case, Report)>),
    /// It was interrupted; the exit code that goes with it.
    Interrupted(u8),
}

/// Looks as often as the plan says and judges what was seen.
pub(crate) fn run(
    plan: &Plan,
    clock: fn() -> Timestamp,
    err: &mut dyn Write,
    live: bool,
) -> std::io::Result<Ended> {
    let ledger = Ledger::default();
    block_on(async {
        let ended = tokio::select! {
            judged = look(plan, clock, err, live, &ledger) => Ended::Judged(Box::new(judged)),
            code = interrupted() => Ended::Interrupted(code?),
        };
        if matches!(ended, Ended::Interrupted(_)) {
            // What was created goes first.
            ledger.remove(REMOVAL).await;
        }
        tell_left(&ledger.created(), err);
        Ok(ended)
    })?
}

/// Says what could not be removed: nobody would look for it otherwise.
fn tell_left(created: &[Created], err: &mut dyn Write) {
    for made in created.iter().filter(|made| !made.removed) {
        let why = made.why_left().map(|why| format!(": {why}")).unwrap_or_default();
        // What waits for a finalizer goes by no other hand.
        let then = match made.held_by.is_empty() {
            true => "; the cluster removes it when its time is over, and so does 'pullcheck cleanup'",
            false => "",
        };
        let _ = writeln!(
            err,
            "note: {} {}/{} could not be removed{why}{then}",
            made.kind, made.namespace, made.name
        );
    }
}

/// Runs what waits for others.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(work))
}

async fn look(
    plan: &Plan,
    clock: fn() -> Timestamp,
    err: &mut dyn Write,
    live: bool,
    ledger: &Ledger,
) -> (Case, Report) {
    let started_at = clock();
    let run_id = run_id(started_at);
    let since = Instant::now();
    let give_up = plan.wait.map(|wait| since + wait);
    let mut rounds = Vec::new();
    let watch = match (plan.output.verbose, live && !plan.output.quiet) {
        (true, _) => Follow::Lines(err),
        (false, true) => Follow::Live(Progress::new(err, true).within(plan.output.width())),
        (false, false) => Follow::Silent(err),
    };
    let watch = RefCell::new(watch);
    let mut cluster = None;
    let mut azure = None;
    let tokens = azure::Tokens::default();
    loop {
        let deadline = Instant::now() + plan.timeout;
        let net = net(plan, clock, give_up.map_or(deadline, |end| deadline.min(end)));
        let (pulls, awaited) = match plan.operator {
            true => Some(oneshot::channel()).unzip(),
            false => (None, None),
        };
        let assignment = assignment(plan, awaited);
        let (learnt, location) = oneshot::channel();
        // On a node it is whose token it was given, in a cluster where its nodes are; elsewhere nothing is waited for.
        let (who, located) = match (&plan.cluster, &plan.vantage) {
            (Some(_), _) => (None, Some(learnt)),
            (None, Vantage::Node(_)) => (Some(learnt), None),
            _ => {
                drop(learnt);
                (None, None)
            }
        };
        let (look, sight) = cluster::sight::sight();
        let seen = async {
            let mut own = Shared { follow: &watch, look, who };
            survey(&net, &assignment, &mut own).await
        };
        // Of Azure nothing else is known in a second round, unless the round is there to see it change.
        let asks_azure = azure.is_none() || give_up.is_some();
        let asks = if asks_azure { What::All } else { What::SignIn };
        let (seen, (found, pulls, looked), said) = tokio::join!(
            seen,
            asked(plan, &run_id, sight, ledger, (located, &watch)),
            of_azure(plan.azure.as_ref(), (&net, &tokens), (asks, location, pulls), &watch)
        );
        cluster = found.or(cluster);
        azure = said.or(azure);
        if let (Some(ask), Some(azure)) = (&plan.azure, &mut azure) {
            of_users(ask, (&net, &tokens), &looked.probes, azure).await;
        }
        let surveys = std::iter::once(seen).chain(looked.surveys).collect();
        let round = Round { surveys, pulls, probes: looked.probes };
        match give_up {
            None => rounds.push(round),
            Some(_) => rounds = vec![round],
        }
        let took = since.elapsed();
        let said = (cluster.clone(), azure.clone());
        let case = case(plan, (started_at, &run_id, took), said, std::mem::take(&mut rounds));
        let healthy = || judge(&case).verdict.status == VerdictStatus::Healthy;
        let again = match give_up {
            // Another round is begun only if it can be gone through whole.
            Some(end) => Instant::now() + pause(plan) + 3 * step(plan) < end && !healthy(),
            None => case.rounds.len() < plan.repeat as usize,
        };
        if !again {
            watch.borrow_mut().clear();
            let report = judge(&case);
            return (case, report);
        }
        rounds = case.rounds;
        if give_up.is_some() {
            tokio::time::sleep(pause(plan)).await;
        }
    }
}

/// What the cluster says, and what its kubelets pulled, where one is in effect.
async fn asked(
    plan: &Plan,
    run_id: &str,
    sight: Sight,
    ledger: &Ledger,
    (mut located, watch): (Option<oneshot::Sender<NodeHint>>, &RefCell<Follow<'_>>),
) -> (Option<Cluster>, Vec<Pull>, Looked) {
    let Some(cluster) = &plan.cluster else { return (None, Vec::new(), Looked::default()) };
    let ask = Ask { run_id: run_id.to_owned(), sight: Some(sight), ..cluster.ask.clone() };
    let mut tell = |progress: cluster::Progress| {
        if let cluster::Progress::Listed { in_azure } = &progress
            && let (Some(located), Some((subscription, group))) = (located.take(), in_azure)
        {
            // Where Azure is not asked nobody waits for it.
            let _ = located.send(NodeHint::in_group(subscription, group));
        }
        watch.borrow_mut().hears(&progress, plan.output.quiet);
    };
    let (found, pulls, looked) = cluster::gather(&cluster.access, &ask, ledger, &mut tell).await;
    (Some(found), pulls, looked)
}

/// What is wanted of Azure in a round.
enum What {
    /// All that it says.
    All,
    /// The operator's sign-in alone: what it says is known.
    SignIn,
}

/// What Azure says, where it is asked; the operator's own login goes to whoever waits for it.
async fn of_azure(
    ask: Option<&azure::Ask>,
    (net, tokens): (&Net, &azure::Tokens),
    (what, location, pulls): (What, oneshot::Receiver<NodeHint>, Option<oneshot::Sender<Login>>),
    watch: &RefCell<Follow<'_>>,
) -> Option<Azure> {
    let ask = ask?;
    if matches!(what, What::SignIn) {
        if let Some(pulls) = pulls {
            azure::sign_in_again(net, ask, tokens, pulls).await;
        }
        return None;
    }
    watch.borrow_mut().looking("azure", ask.cloud.manager.host_str().unwrap_or_default());
    // An API server that is silent leaves time for Azure.
    let left = net.patience.deadline.saturating_duration_since(Instant::now());
    let location = async { tokio::time::timeout(left / 2, location).await.ok()?.ok() };
    Some(azure::gather(net, ask, tokens, location, pulls).await)
}

/// What Azure says of the users that probes found in pull secrets, where nobody has asked about them.
async fn of_users(
    ask: &azure::Ask,
    (net, tokens): (&Net, &azure::Tokens),
    probes: &[Probe],
    azure: &mut Azure,
) {
    let known = |name: &&str| !ask.users.iter().any(|user| user == name);
    let found = probes.iter().flat_map(|probe| &probe.credentials).filter_map(Credential::own_user);
    let names: Vec<String> = found.filter(known).map(str::to_owned).collect();
    if !names.is_empty() {
        azure::ask_of_users(net, ask, tokens, &names, azure).await;
    }
}

fn assignment(plan: &Plan, awaited: Option<oneshot::Receiver<Login>>) -> Assignment<'_> {
    Assignment {
        vantage: plan.vantage.clone(),
        target: &plan.target,
        platform: &plan.platform,
        logins: &plan.logins,
        awaited: Cell::new(awaited),
        compare: matches!(plan.vantage, Vantage::Workstation),
        files: plan.files.as_ref(),
        sources: plan.sources.as_ref(),
    }
}

fn net(plan: &Plan, clock: fn() -> Timestamp, deadline: Instant) -> Net {
    Net {
        resolver: plan.resolver.clone(),
        routes: plan.routes.clone(),
        roots: plan.roots.clone(),
        patience: Patience { deadline, step: step(plan) },
        proxies: plan.proxies.clone(),
        plugin_proxies: plan.plugin_proxies.clone(),
        plain_http: plan.plain_http,
        clock,
    }
}

/// The longest that one step may take, within `--wait` too.
fn step(plan: &Plan) -> Duration {
    plan.wait.map_or(plan.step, |wait| plan.step.min(wait / 10))
}

/// How long after a look that was not healthy the next begins.
fn pause(plan: &Plan) -> Duration {
    plan.wait.map_or(PAUSE, |wait| PAUSE.min(wait / 10))
}

/// A random id, from the randomness that every map of the standard library starts with, and the time.
fn run_id(started_at: Timestamp) -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{:016x}", RandomState::new().hash_one(started_at.as_nanosecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told() {
        let made = |name: &str, removed| Created {
            kind: "Job".to_owned(),
            namespace: "team".to_owned(),
            name: name.to_owned(),
            removed,
            ..Created::default()
        };
        let mut err = Vec::new();
        tell_left(&[made("gone", true), made("left", false)], &mut err);
        let err = String::from_utf8(err).expect("text");
        assert!(err.starts_with("note: Job team/left could not be removed"), "{err}");
        assert_eq!(err.lines().count(), 1);
    }
}
