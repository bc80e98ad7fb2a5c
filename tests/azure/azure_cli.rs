//! azure-cli, as a program that says what it says.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;

use pullcheck::case::azure::{TroubleKind, Way};
use world::Running;

use crate::asking::{OPERATOR, Ran, run, run_with, token};

const DURING: &str = "sign in (Azure CLI)";

/// Puts an `az` into the run's folder that does this.
fn install(running: &Running, script: &str) {
    let file = running.write("bin/az", &format!("#!/bin/sh\n{script}\n")).expect("a file");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).expect("its mode");
}

fn path() -> [(&'static str, String); 2] {
    [("PATH", "$DIR/bin".to_owned()), ("HOME", "$DIR".to_owned())]
}

fn with(script: &str, flags: &str) -> Ran {
    run_with(OPERATOR, &path(), flags, |running| install(running, script))
}

#[test]
fn whoever_is_signed_in_there_signs_in() {
    let mut secret = String::new();
    let ran = run_with(OPERATOR, &path(), "--tenant contoso.onmicrosoft.com", |running| {
        secret = token(running, "https://management.azure.com");
        let printed = format!("{{\"accessToken\": \"{secret}\", \"tokenType\": \"Bearer\"}}");
        let words = running.path("words");
        install(running, &format!("echo \"$@\" >> '{}'\necho '{printed}'", words.display()));
    });
    let azure = ran.azure();
    assert_eq!(azure.troubles, []);
    assert_eq!(azure.sign_in.as_ref().map(|sign_in| sign_in.way), Some(Way::AzureCli));
    assert!(azure.registry.is_some() && ran.case.credential.is_operators());
    for text in [&format!("{azure:?}"), &ran.saved, &ran.stdout, &ran.stderr] {
        assert!(!text.contains(&secret));
    }
}

#[test]
fn it_is_run_once_and_told_what_for() {
    let script =
        "[ -e \"$HOME/words\" ] && echo again >> \"$HOME/words\"\necho \"$@\" >> \"$HOME/words\"\nexit 1";
    let mut folder = std::path::PathBuf::new();
    let mut said = String::new();
    for (flags, last) in [
        ("", ""),
        ("--tenant T", " --tenant=T"),
        ("--subscription 'Pay As' --tenant T", " --subscription=Pay As"),
    ] {
        let line =
            format!("pullcheck check contosoacr.azurecr.io/team/web:v1 --save-case $DIR/case.json {flags}");
        let reads = format!("{script}\n");
        let ran = crate::asking::run_line(OPERATOR, &path(), &line, |running| {
            install(running, &format!("echo \"$@\" >&2\n{}", reads.replace("exit 1", "exit 3")));
            folder = running.path("");
        });
        assert_eq!(ran.troubles(), [(TroubleKind::NoSignIn, DURING)]);
        said.clear();
        said.push_str(ran.azure().troubles[0].detail.as_str());
        let expected = format!(
            "'az account get-access-token' says: account get-access-token --output json --resource \
             https://management.azure.com{last}"
        );
        assert_eq!(said, expected);
    }
}

#[test]
fn what_is_wrong_with_it_is_told() {
    for (script, kind, words) in [
        (
            "echo \"WARNING: old\nERROR: Please run 'az login' to setup account.\" >&2; exit 1",
            TroubleKind::NoSignIn,
            "'az login'",
        ),
        (
            "echo 'ERROR: AADSTS700082: The refresh token has expired.' >&2; exit 1",
            TroubleKind::SignInRefused,
            "AADSTS700082",
        ),
        ("exit 7", TroubleKind::NoSignIn, "exit status: 7"),
        ("echo 'no JSON'", TroubleKind::NoSignIn, "is no token"),
        ("echo '{\"accessToken\": \"\"}'", TroubleKind::NoSignIn, "is no token"),
        ("echo '{\"accessToken\": \"eyJhbGciOiJub25lIn0.broken'", TroubleKind::NoSignIn, "is no token"),
        // It waits for ever.
        ("kill -STOP $$", TroubleKind::TimedOut, "not done within"),
    ] {
        let ran = with(script, "--timeout 3s");
        assert_eq!(ran.troubles(), [(kind, DURING)], "{script}: {:?}", ran.azure().troubles);
        let detail = ran.azure().troubles[0].detail.as_str();
        assert!(detail.contains(words) && !ran.saved.contains("eyJ"), "{script}: {detail}");
        assert!(ran.took < std::time::Duration::from_secs(6), "{script}: {:?}", ran.took);
    }
}

#[test]
fn without_it_nothing_is_asked_unless_that_is_wanted() {
    let ran = run(OPERATOR, &path(), "");
    assert_eq!(ran.case.azure, None);
    let ran = run(OPERATOR, &path(), "--acr contosoacr");
    assert_eq!(ran.troubles(), [(TroubleKind::NoSignIn, "sign in")]);
    assert!(ran.azure().troubles[0].detail.as_str().contains("nothing to sign in with"));
    let ran = with("echo unreached", "--no-azure");
    assert_eq!(ran.case.azure, None);
    // A file that cannot be run is no program.
    let ran = run_with(OPERATOR, &path(), "", |running| {
        running.write("bin/az", "#!/bin/sh").expect("a file");
    });
    assert_eq!(ran.case.azure, None);
}

#[test]
fn a_machine_without_an_identity_leaves_it_to_azure_cli() {
    let world = format!("{OPERATOR}\n[host.imds]\ntcp = 'refused'");
    let mut variables = path().to_vec();
    variables.push(("AZURE_CLIENT_ID", "11111111-0000-4000-8000-000000000001".to_owned()));
    let ran = run_with(&world, &variables, "", |running| {
        let printed = format!("{{\"accessToken\": \"{}\"}}", token(running, "https://management.azure.com"));
        install(running, &format!("echo '{printed}'"));
    });
    assert_eq!(ran.troubles(), [(TroubleKind::Unreachable, "sign in (managed identity)")]);
    assert_eq!(ran.azure().sign_in.as_ref().map(|sign_in| sign_in.way), Some(Way::AzureCli));
}
