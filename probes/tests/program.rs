//! The program as a child: its lines, its last message, its exit codes.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use probes::vantage::Vantage;
use probes::wire::{Received, read_lines, read_termination};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pullcheck-probe");

/// An assignment to look at a port of this machine.
fn assignment(port: u16) -> Value {
    json!({
        "protocol": 1, "target": format!("127.0.0.1:{port}/team/web:v1"), "platform": "linux/amd64",
        "vantage": "pod/np1-0", "credentials": "anonymous", "plainHttp": false, "timeoutMs": 60_000, "stepMs": 20_000,
    })
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).env_clear().output().expect("it runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

#[test]
fn what_it_saw_comes_by_both_ways() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, told) = (folder.path().join("termination-log"), folder.path().join("assignment.json"));
    std::fs::write(&log, "of before").expect("written");
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|closed| closed.local_addr()).expect("a port").port();
    std::fs::write(&told, assignment(port).to_string()).expect("written");
    let (log_path, told) = (log.to_str().expect("text"), told.to_str().expect("text"));
    let ended = run(&["--termination-log", log_path, "--assignment", told]);
    assert_eq!((ended.status.code(), text(&ended.stderr)), (Some(0), ""));
    let received = read_lines(text(&ended.stdout));
    assert!(received.is_whole() && received.broken == 0, "{received:?}");
    assert_eq!(received, read_termination(&std::fs::read_to_string(&log).expect("a message")));
    let survey = received.survey(&Vantage::Pod("np1-0".to_owned())).expect("a survey");
    assert!(text(&ended.stdout).contains("\"connect\""), "{survey:?}");
    // Where there is no file for the last message, none is made.
    let nowhere = folder.path().join("nowhere");
    let ended = run(&[&assignment(port).to_string(), "--termination-log", nowhere.to_str().expect("text")]);
    assert_eq!(ended.status.code(), Some(0));
    assert!(!nowhere.exists());
}

#[test]
fn what_makes_no_sense_is_one_line() {
    let mut wrong = assignment(1);
    wrong["stepMs"] = json!("soon");
    let mut secret = assignment(1);
    secret["proxy"] = json!("http://user:c4n4ry@proxy:1");
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("termination-log");
    std::fs::write(&log, "").expect("written");
    for (arguments, named) in [
        (vec![wrong.to_string()], "'stepMs'"),
        (vec![secret.to_string()], "'proxy'"),
        (vec![], "no assignment"),
        (vec!["{}".to_owned(), "{}".to_owned()], "more than one"),
        (vec!["--assignment".to_owned()], "--assignment names no file"),
        (vec!["--assignment".to_owned(), "/nonexistent".to_owned()], "'/nonexistent' cannot be read"),
        (vec!["--verbose".to_owned()], "'--verbose' is no option"),
        (vec!["{}\n".to_owned()], "has no 'protocol'"),
    ] {
        let log_path = log.to_str().expect("text");
        let mut all = vec!["--termination-log", log_path];
        all.extend(arguments.iter().map(String::as_str));
        let arguments = all;
        let ended = run(&arguments);
        let said = text(&ended.stderr);
        assert_eq!((ended.status.code(), text(&ended.stdout)), (Some(2), ""), "{arguments:?}: {said}");
        assert!(said.contains(named) && said.lines().count() == 1, "{arguments:?}: {said}");
        let left = std::fs::read_to_string(&log).expect("a message");
        assert!(!said.contains("c4n4ry") && !left.contains("c4n4ry"), "{said}");
        let failed = read_termination(&left).failed.map(|failed| failed.to_string());
        assert!(failed.is_some_and(|failed| failed.contains(named)), "{left}");
    }
}

#[test]
fn a_signal_ends_it_with_what_was_seen() {
    // It accepts by itself, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let mut child = Command::new(PROGRAM)
        .arg(assignment(port).to_string())
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut received = Received::default();
    // It says at once what it has seen: that the port is open, before the handshake has ended.
    while received.seen.len() < 2 {
        received.line(&lines.next().expect("a line").expect("text"));
    }
    assert!(received.hello.is_some() && received.done.is_none());
    let killed = Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status().expect("kill");
    assert!(killed.success());
    for line in lines {
        received.line(&line.expect("text"));
    }
    assert_eq!(child.wait().expect("it ended").code(), Some(143));
    let done = received.done.expect("a last line");
    assert!(done.interrupted && done.observations == received.seen.len(), "{done:?}");
    assert!(!received.is_whole());
}

#[test]
fn a_bug_leaves_a_line_and_no_words() {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    probes::program::panicked("src/survey.rs:1:1", &mut out, &mut err);
    let received = read_lines(text(&out));
    assert!(!received.is_whole());
    let said = "a bug in pullcheck-probe at src/survey.rs:1:1";
    assert_eq!(received.failed.map(|failed| failed.to_string()).as_deref(), Some(said));
    assert_eq!(text(&err).trim_end(), said);
}
