//! A page's run: its world is started, and the very function that the program calls is called in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Cursor, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Mutex, PoisonError};
use std::thread;

use pullcheck::Outside;

use crate::command::{Command, CommandError};
use crate::page::{Page, Verdict};
use crate::running::{Running, StartError};

/// How many worlds are run at once.
const AT_ONCE: usize = 4;

/// What a run showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Standard output, with the run's folder as `$DIR`.
    pub stdout: String,
    /// Standard error, the same.
    pub stderr: String,
    /// The exit code.
    pub exit: u8,
    /// The report of the same command with `-o json`; none where that is no JSON.
    pub json: Option<serde_json::Value>,
    /// What `--save-case` wrote in that second run; none for the verbs that save none.
    pub case: Option<String>,
    /// The folder of the run's files, which is gone by now.
    pub dir: String,
}

impl Outcome {
    /// The verdict that the report gives, as a page claims it.
    pub fn verdict(&self) -> Option<Verdict> {
        let verdict = self.json.as_ref()?.get("verdict")?;
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let candidates = verdict
            .get("diagnoses")
            .and_then(|diagnoses| diagnoses.get(0))
            .and_then(|first| first.get("candidates"))
            .and_then(serde_json::Value::as_array)
            .map(|list| list.iter().filter_map(text).collect())
            .unwrap_or_default();
        Some(Verdict {
            status: verdict.get("status").and_then(text)?,
            cause: verdict.get("cause").and_then(text),
            candidates,
            exit: self.exit,
        })
    }
}

/// A page that could not be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No runtime, no file.
    #[error("the run could not be prepared")]
    Io(#[from] io::Error),
    /// The world does not start.
    #[error("the world does not start")]
    Start(#[from] StartError),
    /// The command cannot be read.
    #[error("the command cannot be read")]
    Command(#[from] CommandError),
    /// The program panicked.
    #[error("pullcheck panicked")]
    Panicked,
}

/// Runs a page's command in its world, and once more with `-o json`.
pub fn run_page(page: &Page) -> Result<Outcome, RunError> {
    let runtime = runtime()?;
    let running = runtime.block_on(page.world.start())?;
    let command = prepare(page, &running)?;
    let (exit, stdout, stderr) = call(&command)?;
    // The folder's name is another one in every run.
    let dir = running.path("").to_string_lossy().trim_end_matches('/').to_owned();
    let (stdout, stderr) = (stdout.replace(&dir, "$DIR"), stderr.replace(&dir, "$DIR"));
    running.rewind();
    let saved = running.path("saved-case.json");
    let mut again = command.as_json();
    if again.verb() == Some("check") && !again.has("--save-case") {
        again.args.extend(["--save-case".to_owned(), saved.to_string_lossy().into_owned()]);
    }
    let (_, json, _) = call(&again)?;
    let case = std::fs::read_to_string(&saved).ok();
    let dir = running.path("").to_string_lossy().trim_end_matches('/').to_owned();
    Ok(Outcome { stdout, stderr, exit, json: serde_json::from_str(&json).ok(), case, dir })
}

/// The runtime that a world lives in.
pub fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// Writes the page's files, and gives its command with the flags that lead into the world.
pub fn prepare(page: &Page, running: &Running) -> Result<Command, RunError> {
    for (name, text) in &page.files {
        let path = running.write(name, text)?;
        if page.executables.contains(name) {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
        }
    }
    let dir = running.path("");
    let dir = dir.to_string_lossy();
    let command = Command::parse(&page.command, dir.trim_end_matches('/'))?;
    let mut flags = running.flags();
    if command.has("--on-node") {
        // The node's files are the page's, and never those of the machine that the world runs on.
        let root = running.path("node");
        std::fs::create_dir_all(&root)?;
        flags.extend(["--host-root".to_owned(), root.display().to_string()]);
    }
    Ok(command.wired(&flags))
}

/// Runs a command as `main` does, on a thread of its own, because it makes its own runtime: exit code, standard
/// output, standard error.
pub fn call(command: &Command) -> Result<(u8, String, String), RunError> {
    let stdin: Box<dyn Read + Send> = match &command.stdin {
        Some(file) => Box::new(Cursor::new(std::fs::read(file)?)),
        None => Box::new(io::empty()),
    };
    let outside = Outside {
        args: command.args.iter().map(OsString::from).collect(),
        env: BTreeMap::clone(&command.env),
        stdin,
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        columns: Some(80),
        clock: jiff::Timestamp::now,
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = thread::scope(|scope| scope.spawn(|| pullcheck::run(outside, &mut out, &mut err)).join())
        .map_err(|_| RunError::Panicked)?;
    Ok((exit, String::from_utf8_lossy(&out).into_owned(), String::from_utf8_lossy(&err).into_owned()))
}

/// Runs all pages of a folder, several at once, since most of a page's time is waiting for silence; what is made of each
/// run comes in the order of the pages.
pub fn run_all<T: Send>(
    pages: Vec<Page>,
    make: impl Fn(Page, Result<Outcome, RunError>) -> T + Sync,
) -> Vec<T> {
    let left = Mutex::new(pages.into_iter().enumerate());
    let made = Mutex::new(Vec::new());
    // A lock is poisoned only by a panic, and a panic of one run is the end of all.
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((at, page)) = next() {
                    let outcome = run_page(&page);
                    let one = make(page, outcome);
                    made.lock().unwrap_or_else(PoisonError::into_inner).push((at, one));
                }
            });
        }
    });
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.sort_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, one)| one).collect()
}
