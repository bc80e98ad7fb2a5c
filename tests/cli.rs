//! The surface: exit codes, streams, formats, and what is said to bad input.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn pullcheck(args: &[&str]) -> Output {
    with(args, "", &[])
}

fn with(args: &[&str], stdin: &str, env: &[(&str, &str)]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pullcheck"))
        .args(args)
        .env_clear()
        .envs(env.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input closes it early, which is no failure of the test.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A look that fails at once without leaving the machine: nothing listens on port 1.
const CLOSED: [&str; 4] = ["check", "contosoacr.azurecr.io/team/web:v1", "--resolver", "127.0.0.1:1"];

fn closed(more: &[&str]) -> Output {
    pullcheck(&[&CLOSED[..], more].concat())
}

#[test]
fn what_makes_no_sense_is_refused_with_one_message_and_no_document() {
    let long = format!("contosoacr.azurecr.io/{}:v1", "x".repeat(9000));
    let wrong: &[(&[&str], &[&str])] = &[
        (&["check"], &["TARGET"]),
        (&["check", ""], &["ImageRefMalformed"]),
        (
            &["check", "contosoacr.azurecr.io/Team/web:v1"],
            &["ImageRefUppercase", "contosoacr.azurecr.io/team/web:v1"],
        ),
        (&["check", "https://contosoacr.azurecr.io/team/web:v1"], &["ImageRefHasScheme"]),
        (&["check", "contosoacr.azurecr.io/team/web@sha256:123"], &["ImageDigestMalformed"]),
        (&["check", "contosoacr.azurecr.io/team/${APP}:v1"], &["UnexpandedTemplateInImage"]),
        (&["check", "contosoacr.azurecr.io/team/web: v1"], &["ImageRefMalformed"]),
        (&["check", &long], &["ImageRefMalformed"]),
        (&["check", "nginx", "--frobnicate"], &["--frobnicate"]),
        (&["check", "nginx", "--anonymous", "--username", "bob"], &["--anonymous"]),
        (&["check", "nginx", "--tier", "host"], &["--tier host", "--probe-image"]),
        (
            &["check", "nginx", "--tier", "host", "--probe-image", "a.example/p:1"],
            &["--tier host", "--probe-namespace"],
        ),
        (
            &["check", "nginx", "--tier", "pod", "--probe-image", "a.example/p:1", "--probe-namespace", "p"],
            &["--probe-namespace", "--tier pod"],
        ),
        (&["check", "nginx", "--probe-image", "a.example/p:1"], &["--probe-image", "--tier"]),
        (
            &["check", "nginx", "--tier", "pod", "--probe-image", "a.example/p:1"],
            &["--probe-image", "kubeconfig"],
        ),
        (&["check", "nginx", "--username", "bob"], &["--password-stdin"]),
        (&["check", "nginx", "--password-stdin"], &["--username"]),
        (&["check", "nginx", "--username", "bob", "--password-stdin"], &["standard input"]),
        (&["check", "nginx", "--ca-file", "/nonexistent/ca.pem"], &["/nonexistent/ca.pem"]),
        (
            &["check", "nginx", "--docker-config", "/nonexistent/config.json"],
            &["/nonexistent/config.json", "--anonymous"],
        ),
        (&["check", "nginx", "--resolver", "dns.example"], &["--resolver", "dns.example"]),
        (&["check", "nginx", "--connect-to", "a:b"], &["--connect-to", "a:b"]),
        (&["check", "nginx", "--platform", "linux/amd64/v1/x"], &["--platform"]),
        (&["check", "nginx", "--timeout", "soon"], &["--timeout", "60s"]),
        (&["check", "nginx", "--timeout", "0s"], &["--timeout"]),
        (&["check", "nginx", "--repeat", "0"], &["--repeat"]),
        (&["check", "nginx", "--repeat", "2", "--wait", "1m"], &["--wait"]),
        (&["check", "nginx", "--check", "dnss"], &["dnss", "manifest"]),
        (&["check", "nginx", "--check", "dns", "--skip", "dns"], &["--skip"]),
        (&["check", "nginx", "-o", "yamll"], &["yamll", "json"]),
        (&["check", "nginx", "-o", "json", "-o", "table"], &["json=FILE"]),
        (&["check", "nginx", "-o", "json=/nonexistent/x"], &["/nonexistent/x"]),
        (&["check", "nginx", "--save-case", "/nonexistent/x"], &["/nonexistent/x"]),
        (&["check", "nginx", "--from", "moon"], &["moon", "workstation"]),
        (&["check", "nginx", "--from", "node"], &["node", "workstation"]),
        (&["check", "nginx", "--on-node", "--from", "workstation"], &["workstation", "node"]),
        (&["check", "nginx", "--azure-json", "azure.json"], &["--on-node"]),
        (&["check", "nginx", "--host-root", "/host"], &["--on-node"]),
        (
            &["check", "nginx", "--on-node", "--azure-json", "/nonexistent/azure.json"],
            &["/nonexistent/azure.json", "/etc/kubernetes/azure.json"],
        ),
        (&["check", "nginx", "--on-node", "--azure-json", "/"], &["--azure-json '/'", "no file"]),
        (&["check", "nginx", "--on-node", "--host-root", "/nonexistent"], &["/nonexistent", "/host"]),
        (
            &["check", "nginx", "--on-node", "--docker-config", "/nonexistent/config.json"],
            &["/nonexistent/config.json"],
        ),
        (&["check", "nginx", "--proxy", "://"], &["--proxy", "http://HOST:PORT"]),
        (&["check", "nginx", "-n", ""], &["--namespace ''", "kubectl get namespaces"]),
        (&["check", "nginx", "-n", "Team A"], &["--namespace 'Team A'", "small letters"]),
        (&["check", "nginx", "--service-account", ""], &["--service-account ''"]),
        (&["check", "nginx", "--pull-secret", "a/b"], &["--pull-secret 'a/b'"]),
        (&["check", "nginx", "--nodes", "a,"], &["--nodes ''", "name"]),
        (&["check", "nginx", "--as", ""], &["--as ''"]),
        (&["check", "nginx", "--as-uid", "1"], &["--as <USER>"]),
        (&["check", "nginx", "--max-nodes", "-1"], &["--max-nodes", "-1"]),
        (&["check", "nginx", "--request-timeout", "-5"], &["--request-timeout '-5'", "60s"]),
        (&["check", "nginx", "--pull-timeout", "0s"], &["--pull-timeout", "at least 1s"]),
        (&["check", "nginx", "--token", "abc"], &["--token", "tokenFile"]),
        (&["cleanup", "--server", "ftp://x"], &["--server 'ftp://x'", "https://HOST:PORT"]),
        (&["explain", "TagNotFoundd"], &["TagNotFoundd", "TagNotFound"]),
        (&["judge", "/nonexistent/case.json"], &["/nonexistent/case.json", "--save-case"]),
    ];
    for (args, said) in wrong {
        let output = pullcheck(args);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
        assert!(output.stdout.is_empty(), "{args:?}");
        for word in *said {
            assert!(message.contains(word), "{args:?} does not say {word}: {message}");
        }
        assert!(message.len() < 1200, "{args:?} says too much: {} bytes", message.len());
    }
}

#[test]
fn the_code_is_the_same_for_every_format_and_stdout_has_one_document() {
    for format in ["table", "wide", "short", "json", "junit"] {
        let output = closed(&["-o", format]);
        assert_eq!(output.status.code(), Some(1), "{format}");
        assert!(text(&output.stdout).ends_with('\n'), "{format}");
        assert!(output.stderr.is_empty(), "{format}: {}", text(&output.stderr));
    }
    let json: serde_json::Value = serde_json::from_slice(&closed(&["-o", "json"]).stdout).unwrap();
    assert_eq!(json["metadata"]["exitCode"], 1);
    assert_eq!(json["verdict"]["cause"], "DnsServerUnreachable");
}

#[test]
fn a_report_into_files_leaves_stdout_empty() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let case = path("case.json");
    let output = closed(&[
        "-o",
        &format!("json={}", path("a.json")),
        "-o",
        &format!("junit={}", path("a.xml")),
        "--save-case",
        &case,
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("case.json"));
    assert!(std::fs::read_to_string(path("a.xml")).unwrap().contains("<testsuites"));
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path("a.json")).unwrap()).unwrap();
    let again = pullcheck(&["judge", &case, "-o", "json"]);
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&again.stdout).unwrap(), report);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&case).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let newer = std::fs::read_to_string(&case).unwrap().replace("pullcheck.dev/v1", "pullcheck.dev/v2");
    std::fs::write(&case, newer).unwrap();
    let refused = pullcheck(&["judge", &case]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("pullcheck.dev/v2"));
}

#[test]
fn colour_is_for_those_who_ask_for_it() {
    let has_color = |output: Output| text(&output.stdout).contains('\u{1b}');
    assert!(!has_color(closed(&[])));
    assert!(has_color(closed(&["--color", "always"])));
    assert!(has_color(with(&CLOSED, "", &[("CLICOLOR_FORCE", "1")])));
    assert!(!has_color(with(&CLOSED, "", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")])));
}

#[test]
fn warnings_and_dropped_checks_change_what_is_claimed() {
    let output = closed(&["--check", "reference", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["verdict"]["status"], "healthy");
    assert_eq!(json["verdict"]["dropped"][0], "dns");
    assert_eq!(json["verdict"]["claim"], "PartOfWorkstationPulls");
    let table = text(&closed(&["--check", "reference"]).stdout);
    assert!(!table.lines().next().unwrap().contains("can be pulled"), "{table}");
    let nothing = closed(&["--check", "clock", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&nothing.stdout).unwrap();
    assert_eq!((nothing.status.code(), &json["verdict"]["status"]), (Some(3), &"undecided".into()));
}

#[test]
fn help_and_lists_are_data() {
    for args in [
        &["--help"][..],
        &["--version"],
        &["check", "--help"],
        &["explain"],
        &["explain", "TagNotFound"],
        &["explain", "dns"],
        &["schema"],
    ] {
        let output = pullcheck(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn a_reader_who_leaves_is_no_crash() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pullcheck"))
        .arg("schema")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stderr.is_empty());
}
