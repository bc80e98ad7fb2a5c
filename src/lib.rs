//! Everything that thinks or speaks: from what the probes saw to what it means, and how it is said.
//!
//! Reading order: what is asked ([`cli`], [`claim`], [`login`]), what is known of it ([`case`]), what is asked of the
//! case ([`checks`]), what kubelets say ([`kubelet`]), what can be wrong ([`causes`], [`remedies`]), what the answers mean
//! together ([`judge`], [`diagnose`]), the answer ([`report`]), how it is said ([`render`], [`explain`], [`output`]);
//! [`azure`] asks Azure and [`cluster`] a cluster, as the operator; [`run`](fn@run) is the whole of it. [`probe_pod`] is the pod that looks from inside a cluster, as data.
//!
//! *Invariants:* nothing under `checks`, `render`, `diagnose`, `judge`, `report`, `kubelet`, `causes` or `remedies` is async
//! or does I/O · `probes` never judges, and nothing here looks, but for [`cluster`] and [`azure`] with the operator's credentials · no
//! type that holds a secret is `Debug` or `Serialize` · every renderer is a function of the report alone · only `diagnose`
//! combines findings · the system's arguments, variables, streams and clock come in through [`Outside`], the network
//! through `probes::net::Net`.

pub mod azure;
pub mod case;
pub mod causes;
pub mod checks;
mod child;
pub mod claim;
pub mod cli;
pub mod cluster;
pub mod diagnose;
pub mod explain;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod judge;
pub mod kubelet;
pub mod login;
mod near;
pub mod output;
pub mod outside;
pub mod probe_pod;
pub mod progress;
pub mod remedies;
pub mod render;
pub mod report;
mod run;
pub mod schema;
mod steps;

use std::io::{Read as _, Write};

use cli::{Cli, OutputArgs, Plan, Usage, Verb};
use output::Output;
pub use outside::Outside;
use run::Ended;

/// The exit code for a command line that makes no sense.
pub const USAGE: u8 = 2;
/// The exit code where something could not be looked at.
pub const UNDECIDED: u8 = 3;
/// The exit code for a bug in pullcheck.
pub const BUG: u8 = 70;

/// The longest case that is read, in bytes.
const CASE_LIMIT: u64 = 64 * 1024 * 1024;

/// Runs the program: data goes to `out`, all else to `err`; returns the exit code.
pub fn run(mut outside: Outside, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let cli = match cli::parse(&outside.args) {
        Ok(cli) => cli,
        Err(said) => return instead(&said, out, err),
    };
    match verb(cli, &mut outside, out, err) {
        Ok(code) => code,
        Err(Failure::Usage(usage)) => {
            // The way out is in the message; nothing was looked at, and nothing is on standard output.
            let _ = writeln!(err, "error: {usage}");
            USAGE
        }
        Err(Failure::Io(error)) => {
            let _ = writeln!(err, "error: {error}");
            BUG
        }
    }
}

/// Why a run ended before its report.
enum Failure {
    Usage(Usage),
    Io(std::io::Error),
}

impl From<Usage> for Failure {
    fn from(usage: Usage) -> Self {
        Self::Usage(usage)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// What clap says instead of running: help and the version are data, everything else is an error.
fn instead(said: &clap::Error, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let text = said.render().to_string();
    if said.use_stderr() {
        let _ = err.write_all(text.as_bytes());
        USAGE
    } else {
        let _ = output::to_reader(out, &text);
        0
    }
}

fn verb(cli: Cli, outside: &mut Outside, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Failure> {
    outside.checked()?;
    match cli.verb {
        Verb::Check(args) => check(*args, outside, out, err),
        Verb::Judge { case, output } => judge_saved(&case, &output, outside, out),
        Verb::Explain { id, look } => {
            let (style, _) = outside.style(&look);
            let pages = checks::pages();
            let text = match id {
                Some(id) => explain::page(&id, &pages, &style).map_err(|e| Usage(e.to_string()))?,
                None => explain::list(&pages, &style),
            };
            output::to_reader(out, &text)?;
            Ok(0)
        }
        Verb::Cleanup { all_namespaces, cluster } => cleanup(&cluster, all_namespaces, outside, out),
        Verb::Schema => {
            output::to_reader(out, &schema::text())?;
            Ok(0)
        }
    }
}

fn check(
    args: cli::CheckArgs,
    outside: &mut Outside,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let style = outside.style(&args.output.look);
    let mut plan = Plan::new(args, &outside.env, &mut *outside.stdin, style, outside.clock)?;
    if let Some(cluster) = plan.cluster.as_ref().filter(|cluster| cluster.plan_only) {
        return show_plan(cluster, &plan.output, out);
    }
    let live = outside.stderr_is_terminal;
    let (case, report) = match run::run(&plan, outside.clock, err, live)? {
        Ended::Judged(both) => *both,
        Ended::Interrupted(code) => return Ok(code),
    };
    if let Some((path, mut file)) = plan.save_case.take() {
        file.write_all(case.write().as_bytes())?;
        if !plan.output.quiet {
            let seen: usize = case.rounds.iter().flat_map(|r| &r.surveys).map(|s| s.observations.len()).sum();
            let _ = writeln!(
                err,
                "note: the case is in '{}': the target, settings and {seen} observations; no password and no token",
                path.display()
            );
        }
    }
    let code = report.metadata.exit_code;
    plan.output.write(&report, out)?;
    Ok(code)
}

/// Shows what a run would do; 3 where a right that it needs is missing, or could not be asked about, or something else stands in
/// the way of a verdict already.
fn show_plan(
    cluster: &cli::cluster::ClusterPlan,
    output: &Output,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let plan = run::block_on(cluster::plan(&cluster.access, &cluster.ask))?;
    let text = match output.is_json() {
        true => format!("{:#}\n", cluster::shown::plan_json(&plan)),
        false => cluster::shown::plan_text(&plan),
    };
    output::to_reader(out, &text)?;
    Ok(if plan.is_sound() { 0 } else { UNDECIDED })
}

/// Removes what runs have left; 3 where something could not be looked for or removed.
fn cleanup(
    args: &cli::access::AccessArgs,
    all: bool,
    outside: &Outside,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    const WITHIN: std::time::Duration = std::time::Duration::from_secs(60);
    let Some(access) = cluster::in_effect(&args.flags()?, &outside.env)? else {
        return Err(
            Usage("no kubeconfig is in effect; name one with --kubeconfig or KUBECONFIG".to_owned()).into()
        );
    };
    let scope = match all {
        true => cluster::Scope::All,
        false => cluster::Scope::Namespace(access.namespace().to_owned()),
    };
    let (removed, troubles) = run::block_on(async {
        match cluster::connect(&access, tokio::time::Instant::now() + WITHIN).await {
            Ok(connected) => cluster::cleanup(&connected, &scope, WITHIN).await,
            Err(trouble) => (Vec::new(), vec![trouble]),
        }
    })?;
    output::to_reader(out, &cluster::shown::removed(&scope, &removed, &troubles))?;
    let done = troubles.is_empty() && removed.iter().all(|object| object.removed);
    Ok(if done { 0 } else { UNDECIDED })
}

fn judge_saved(
    path: &std::path::Path,
    args: &OutputArgs,
    outside: &Outside,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let shown = path.display().to_string();
    let (style, _) = outside.style(&args.look);
    let mut text = String::new();
    std::fs::File::open(path).and_then(|file| file.take(CASE_LIMIT).read_to_string(&mut text)).map_err(
        |e| {
            Usage(format!(
                "'{shown}' cannot be read: {e}; name a file that 'pullcheck check ... --save-case' wrote"
            ))
        },
    )?;
    let case = case::Case::read(&shown, &text).map_err(|e| Usage(e.to_string()))?;
    let report = judge::judge(&case);
    Output::new(args, style)?.write(&report, out)?;
    Ok(report.metadata.exit_code)
}
