//! The probe as a program, for a pod: reads its assignment, looks, tells what it saw.
//!
//! `pullcheck-probe ASSIGNMENT | --assignment FILE [--termination-log PATH]`; exits with 0 when it looked, whatever it
//! saw, with 2 when it was told nothing that makes sense, with 143 when it was ended before its time, and with 70 on a
//! bug.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jiff::Timestamp;

use crate::assignment::{Assignment, Ready};
use crate::foreign::Foreign;
use crate::survey::survey;
use crate::wire::{Failed, Line, Teller};

/// Where Kubernetes puts the file for the last message.
const TERMINATION_LOG: &str = "/dev/termination-log";
/// The exit code for an assignment that makes no sense.
pub const USAGE: u8 = 2;
/// The exit code for a bug.
pub const BUG: u8 = 70;
/// The exit code after a signal to end.
pub const TERMINATED: u8 = 143;
/// The longest assignment, in bytes; Kubernetes keeps no larger object.
const LONGEST: u64 = 4 * 1024 * 1024;

const USE: &str = "use: pullcheck-probe ASSIGNMENT, or --assignment FILE; --termination-log PATH";

/// The file for the last message, for a panic too.
static LAST_WORDS: OnceLock<PathBuf> = OnceLock::new();

/// What the program is given from outside.
pub struct Given {
    /// Its arguments, without its name.
    pub arguments: Vec<OsString>,
    /// Its variables.
    pub variables: Vec<(String, String)>,
    /// What time it is.
    pub clock: fn() -> Timestamp,
}

/// Runs it: a line for each observation to `out`, one line to `err` where it was told nothing that makes sense; returns the
/// exit code.
pub fn run(given: Given, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let mut told = Told { text: String::new(), termination_log: PathBuf::from(TERMINATION_LOG) };
    let ended = told.read(given.arguments).and_then(|()| {
        let ready = told.ready(&given.variables)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let looked = runtime.and_then(|runtime| runtime.block_on(look(&ready, given.clock, out)));
        looked.map_err(|error| format!("the probe cannot run here: {error}"))
    });
    let (message, code) = match ended {
        Ok((message, interrupted)) => (message, if interrupted { TERMINATED } else { 0 }),
        Err(error) => {
            let error = Foreign::new(&error);
            let _ = writeln!(err, "error: {error}");
            (Line::Failed(Failed { error }).write(), USAGE)
        }
    };
    leave(&told.termination_log, &message);
    code
}

/// What is left to be said when the program panics, at a place in it; the words of a panic may hold anything, and are not
/// repeated.
pub fn panicked(place: &str, out: &mut dyn Write, err: &mut dyn Write) {
    let error = Foreign::new(&format!("a bug in pullcheck-probe at {place}"));
    let _ = writeln!(err, "{error}");
    let line = Line::Failed(Failed { error }).write();
    let _ = writeln!(out, "{line}");
    if let Some(path) = LAST_WORDS.get() {
        leave(path, &line);
    }
}

/// Looks and tells: the termination message, and whether it was ended before its time.
async fn look(ready: &Ready, clock: fn() -> Timestamp, out: &mut dyn Write) -> io::Result<(String, bool)> {
    let mut signals = Signals::new()?;
    let credentials = ready.place.logins.iter().map(|login| login.credential.clone()).collect();
    let vantage = ready.place.vantage.clone();
    let mut teller = Teller::new(out, env!("CARGO_PKG_VERSION"), vantage, credentials);
    let (net, assignment) = (ready.net(clock), ready.survey());
    let interrupted = tokio::select! {
        _ = survey(&net, &assignment, &mut teller) => false,
        () = signals.one() => true,
    };
    Ok((teller.done(interrupted), interrupted))
}

/// What the arguments say.
struct Told {
    text: String,
    termination_log: PathBuf,
}

impl Told {
    /// Reads all of them, whatever is wrong with one, so that the last message has its place.
    fn read(&mut self, arguments: Vec<OsString>) -> Result<(), String> {
        let mut arguments = arguments.into_iter();
        let (mut texts, mut wrong) = (Vec::new(), Vec::new());
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some(option @ ("--assignment" | "--termination-log")) => match arguments.next() {
                    None => wrong.push(format!("{option} names no file; {USE}")),
                    Some(path) if option == "--assignment" => texts.push(text_of(Path::new(&path))),
                    Some(path) => self.termination_log = PathBuf::from(path),
                },
                Some(text) if !text.starts_with('-') => texts.push(Ok(text.to_owned())),
                _ => wrong.push(format!("'{}' is no option; {USE}", argument.to_string_lossy())),
            }
        }
        let _ = LAST_WORDS.set(self.termination_log.clone());
        if let Some(wrong) = wrong.into_iter().next() {
            return Err(wrong);
        }
        let one = texts.pop().ok_or_else(|| format!("there is no assignment; {USE}"))?;
        if !texts.is_empty() {
            return Err(format!("there is more than one assignment; {USE}"));
        }
        self.text = one?;
        Ok(())
    }

    fn ready(&self, variables: &[(String, String)]) -> Result<Ready, String> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let ready = Assignment::read(&self.text).and_then(|assignment| assignment.ready(variable));
        ready.map_err(|error| error.to_string())
    }
}

fn text_of(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text));
    read.map(|_| text).map_err(|error| format!("the assignment '{}' cannot be read: {error}", path.display()))
}

/// Leaves a message in the file that Kubernetes reads it from; outside of a pod there is none, and none is made.
fn leave(path: &Path, message: &str) {
    if let Ok(mut file) = File::options().write(true).truncate(true).open(path) {
        let _ = file.write_all(message.as_bytes());
    }
}

/// The signals that end a run.
#[cfg(unix)]
struct Signals {
    term: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { term: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn one(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The signals that end a run.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn one(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
