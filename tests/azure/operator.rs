//! The operator's sign-in as what the workstation pulls as: in every way to sign in, and to no host but its cloud's.

use probes::credential::Credential;
use pullcheck::case::azure::RegistryToken;
use pullcheck::judge::judge;
use pullcheck::report::{Status, VerdictStatus};

use crate::asking::{CLIENT, OPERATOR, Ran, run, run_line, run_with, secret};

/// The same operator where nobody pulls without a sign-in.
fn private(operator: &str) -> String {
    format!("registry.anonymous = []\n{operator}")
}

/// Whether the image was had, and as whom.
fn had_as(ran: &Ran) -> Option<String> {
    let verdict = judge(&ran.case).verdict;
    (verdict.status == VerdictStatus::Healthy).then_some(verdict.credential?)
}

/// What was sent to a host's exchange: how often.
fn exchanged(ran: &Ran, host: &str) -> usize {
    ran.asked(host).iter().filter(|path| path.starts_with("/oauth2/exchange")).count()
}

#[test]
fn a_secret_pulls_and_its_tokens_are_seen_nowhere() {
    let ran = run(&private(OPERATOR), &secret(), "-v");
    assert_eq!(had_as(&ran), Some(format!("operator {CLIENT}")));
    assert_eq!(exchanged(&ran, "contosoacr.azurecr.io"), 1);
    let sign_in = ran.azure().sign_in.as_ref().expect("a sign-in");
    assert_eq!(sign_in.registries, Some(RegistryToken::Had));
    for text in [&format!("{:?}", ran.azure()), &ran.saved, &ran.stdout, &ran.stderr] {
        assert!(!text.contains("eyJ"), "{text}");
    }
}

#[test]
fn the_machines_identity_pulls() {
    let own = "11111111-0000-4000-8000-000000000001";
    let ran = run(&private("[[identity]]\nreader = true"), &[("AZURE_CLIENT_ID", own.to_owned())], "");
    assert_eq!(had_as(&ran), Some(format!("operator {own}")));
}

#[test]
fn whoever_names_a_credential_is_not_signed_in_as_another() {
    for flags in ["--anonymous", "--no-azure", "--docker-config $DIR/config.json"] {
        let ran = run_with(&private(OPERATOR), &secret(), flags, |running| {
            running.write("config.json", "{\"auths\":{}}").expect("a file");
        });
        assert_eq!(ran.case.tried(), [Credential::Anonymous], "{flags}");
        assert_eq!(exchanged(&ran, "contosoacr.azurecr.io"), 0, "{flags}");
    }
}

#[test]
fn no_other_registry_sees_a_token() {
    let other = format!("registry.host = 'harbor.contoso.example'\n{}", private(OPERATOR));
    for (host, flags) in [
        ("harbor.contoso.example", ""),
        ("harbor.contoso.example", "--acr contosoacr"),
        ("contosoacr.azurecr.cn", "--cloud public --acr contosoacr"),
    ] {
        let world = other.replace("harbor.contoso.example", host);
        let line = format!("pullcheck check {host}/team/web:v1 --save-case $DIR/case.json {flags}");
        let ran = run_line(&world, &secret(), &line, |_| {});
        assert_eq!(ran.case.tried(), [Credential::Anonymous], "{host} {flags}");
        assert_eq!(exchanged(&ran, host), 0, "{host} {flags}");
    }
}

#[test]
fn a_challenge_that_leads_elsewhere_gets_no_token() {
    for realm in ["https://evil.azurecr.cn/oauth2/token", "https://evil.example/oauth2/token"] {
        let host = realm.split('/').nth(2).expect("a host");
        let world = format!(
            "registry.challenge = {{ realm = '{realm}' }}\n{}\n[host.'{host}']\ntoken = true\n",
            private(OPERATOR)
        );
        let ran = run(&world, &secret(), "");
        assert_eq!(exchanged(&ran, host), 0, "{realm}");
        let report = judge(&ran.case);
        let mut findings = report.findings.iter().filter(|finding| finding.check == "exchange");
        let own = findings.find(|finding| finding.credential.as_deref() != Some("anonymous"));
        let own = own.expect("the operator's exchange");
        assert!(own.status == Status::Fail && own.message.contains("nothing was sent there"), "{own:?}");
    }
}

#[test]
fn every_look_of_a_run_is_as_the_same() {
    let ran = run(&private(OPERATOR), &secret(), "--repeat 3");
    assert_eq!(had_as(&ran), Some(format!("operator {CLIENT}")));
    assert_eq!(exchanged(&ran, "contosoacr.azurecr.io"), 3);
    assert_eq!(ran.asked("login.microsoftonline.com").len(), 2);
}
