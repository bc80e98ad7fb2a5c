//! Carries out a plan: looks, judges, and writes. The only place where time passes.

use std::io::Write;
use std::time::Duration;

use jiff::Timestamp;
use probes::credential::Credential;
use probes::log::Watch;
use probes::net::{Net, Patience};
use probes::survey::{Assignment, survey};
use probes::vantage::Vantage;
use tokio::time::Instant;

use crate::case::{API_VERSION, Case, Round};
use crate::claim::Claim;
use crate::cli::Plan;
use crate::judge::judge;
use crate::progress::Progress;
use crate::report::{Report, VerdictStatus};

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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            judged = look(plan, clock, err, live) => Ok(Ended::Judged(Box::new(judged))),
            code = interrupted() => Ok(Ended::Interrupted(code?)),
        }
    })
}

async fn look(plan: &Plan, clock: fn() -> Timestamp, err: &mut dyn Write, live: bool) -> (Case, Report) {
    let started_at = clock();
    let since = Instant::now();
    let give_up = plan.wait.map(|wait| since + wait);
    let mut rounds = Vec::new();
    let mut watch = match (plan.output.verbose, live && !plan.output.quiet) {
        (true, _) => Follow::Lines(err),
        (false, true) => Follow::Live(Progress::new(err, true).within(plan.output.width())),
        (false, false) => Follow::Silent,
    };
    loop {
        let deadline = Instant::now() + plan.timeout;
        let net = net(plan, clock, give_up.map_or(deadline, |end| deadline.min(end)));
        let seen = survey(&net, &assignment(plan), &mut watch).await;
        let round = Round { surveys: vec![seen], pulls: Vec::new() };
        match give_up {
            None => rounds.push(round),
            Some(_) => rounds = vec![round],
        }
        let case = case(plan, started_at, since.elapsed(), std::mem::take(&mut rounds));
        let healthy = || judge(&case).verdict.status == VerdictStatus::Healthy;
        let again = match give_up {
            // Another round is begun only if it can be gone through whole.
            Some(end) => Instant::now() + pause(plan) + 3 * step(plan) < end && !healthy(),
            None => case.rounds.len() < plan.repeat as usize,
        };
        if !again {
            watch.clear();
            let report = judge(&case);
            return (case, report);
        }
        rounds = case.rounds;
        if give_up.is_some() {
            tokio::time::sleep(pause(plan)).await;
        }
    }
}

fn assignment(plan: &Plan) -> Assignment<'_> {
    Assignment {
        vantage: plan.vantage.clone(),
        target: &plan.target,
        platform: &plan.platform,
        logins: &plan.logins,
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

fn case(plan: &Plan, started_at: Timestamp, took: Duration, rounds: Vec<Round>) -> Case {
    Case {
        api_version: API_VERSION.to_owned(),
        kind: "Case".to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        run_id: run_id(started_at),
        started_at,
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        claim: match &plan.vantage {
            _ if plan.target.is_registry() => Claim::RegistryAnswers,
            Vantage::Node(_) => Claim::NodeReaches,
            _ => Claim::WorkstationPulls,
        },
        target: plan.target.clone(),
        platform: plan.platform.clone(),
        credential: plan.logins.first().map_or(Credential::Anonymous, |login| login.credential.clone()),
        credentials: match plan.logins.as_slice() {
            [] | [_] => Vec::new(),
            several => several.iter().map(|login| login.credential.clone()).collect(),
        },
        credential_note: plan.login_note.clone(),
        proxy: plan.proxy.clone(),
        plain_http: plan.plain_http,
        check: plan.check.clone(),
        skip: plan.skip.clone(),
        fail_on_warn: plan.fail_on_warn,
        settings: plan.settings.clone(),
        variables: plan.variables.clone(),
        cluster: None,
        rounds,
    }
}

/// A random id, from the randomness that every map of the standard library starts with, and the time.
fn run_id(started_at: Timestamp) -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{:016x}", RandomState::new().hash_one(started_at.as_nanosecond()))
}

/// Waits for the signals that end a run: 130 for an interrupt, 143 for a termination.
async fn interrupted() -> std::io::Result<u8> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.map(|()| 130),
            _ = terminate.recv() => Ok(143),
        }
    }
    #[cfg(not(unix))]
    {
        tokio::signal::ctrl_c().await.map(|()| 130)
    }
}

/// Tells a person which step is under way: redrawn in place on a terminal, line by line where that was asked for.
enum Follow<'a> {
    Silent,
    Live(Progress<&'a mut dyn Write>),
    Lines(&'a mut dyn Write),
}

impl Follow<'_> {
    fn clear(&mut self) {
        if let Self::Live(progress) = self {
            progress.clear();
        }
    }
}

impl Watch for Follow<'_> {
    fn looking(&mut self, step: &'static str, host: &str) {
        match self {
            Self::Silent => {}
            Self::Live(progress) => progress.step(step, host),
            Self::Lines(err) => {
                // Whoever does not read this may still read the report.
                let _ = writeln!(err, "{step} {host}");
            }
        }
    }
}
