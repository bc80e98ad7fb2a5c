//! Plugins that answer, that say nothing of use, and that hang.

use super::*;

fn plugin(script: &str) -> AuthInfo {
    AuthInfo {
        exec: Some(ExecConfig {
            command: Some("/bin/sh".to_owned()),
            args: Some(vec!["-c".to_owned(), script.to_owned()]),
            ..ExecConfig::default()
        }),
        ..AuthInfo::default()
    }
}

async fn resolved(script: &str, within: Duration) -> (AuthInfo, Result<(), Trouble>) {
    let mut auth = plugin(script);
    let end = Instant::now() + within;
    let result = resolve(&mut auth, true, end).await;
    (auth, result)
}

#[tokio::test]
async fn its_token_is_taken_and_it_is_run_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = folder.path().join("count");
    let script = format!("echo x >> '{}'; printf '{{\"status\":{{\"token\":\"T\"}}}}'", count.display());
    let (auth, result) = resolved(&script, LIMIT).await;
    assert_eq!(result, Ok(()));
    assert!(auth.token.is_some() && auth.exec.is_none());
    assert_eq!(std::fs::read_to_string(count).expect("it ran"), "x\n");
}

#[tokio::test]
async fn its_troubles_are_told_without_what_it_printed() {
    for (script, part) in [
        ("printf 'SECRET{'", "no ExecCredential"),
        ("printf '{\"status\":{}}'", "neither a token"),
        ("echo please sign in >&2; exit 3", "please sign in"),
        ("echo refused: password=SECRET >&2; echo SECRET >&2; exit 3", "refused: password=***"),
        ("printf '{}'", "no status"),
    ] {
        let (_, result) = resolved(script, LIMIT).await;
        let trouble = result.expect_err(script);
        assert_eq!(trouble.kind, TroubleKind::ExecPlugin);
        assert!(trouble.detail.as_str().contains(part), "{}", trouble.detail);
        assert!(!trouble.detail.as_str().contains("SECRET"), "{}", trouble.detail);
    }
}

/// The limit ends it, and what it has started too.
#[tokio::test]
async fn one_that_hangs_ends_with_what_it_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let pid = folder.path().join("pid");
    let script = format!("sleep 1000 & echo $! > '{}'; wait", pid.display());
    let (_, result) = resolved(&script, Duration::from_millis(500)).await;
    assert!(result.expect_err("it hangs").detail.as_str().contains("gave no credential"));
    let pid: i32 = std::fs::read_to_string(pid).expect("it ran").trim().parse().expect("a number");
    let pid = rustix::process::Pid::from_raw(pid).expect("a process");
    let gone = async {
        loop {
            let status = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
            if status.map_or(true, |stat| stat.contains(") Z ")) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.expect("what it started has ended");
}

#[tokio::test]
async fn an_unknown_one_wants_a_flag() {
    let mut auth = plugin("exit 0");
    let trouble = resolve(&mut auth, false, Instant::now() + LIMIT).await.expect_err("not known");
    assert!(trouble.detail.as_str().contains("--allow-exec"));
    for (command, name) in [
        ("/usr/local/bin/kubelogin", "kubelogin"),
        (r"C:\tools\kubelogin.exe", "kubelogin"),
        ("aws", "aws"),
        ("az.cmd", "az"),
    ] {
        assert_eq!(file_name(command), name);
        assert!(KNOWN.contains(&name));
    }
}
