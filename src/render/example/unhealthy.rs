//! A refuted claim: every status, two credentials, two diagnoses.

use probes::vantage::Vantage;

use super::{blocked, finding, healthy, saw};
use crate::causes;
use crate::remedies::{Command, Remedy};
use crate::report::{
    Attempts, Created, Diagnosis, Finding, Report, Right, Says, Stance, Status, VerdictStatus,
};

/// A report with every status, of a claim that is refuted, with `text` wherever a stranger may have written.
pub(in crate::render) fn unhealthy(text: &str) -> Report {
    let mut report = healthy();
    let (alice, nobody) = ("user alice", "anonymous");
    let id = |name: &str| causes::find(name).expect("it is in the catalogue").id;
    let cause = causes::find("TagNotFound").expect("it is in the catalogue");
    let says = |name, stance| Says { cause: id(name), stance };
    report.findings = vec![
        finding("reference", None, Status::Pass, "it can be read"),
        finding("dns", None, Status::Pass, "20.62.128.10"),
        finding("tcp", None, Status::Pass, "connected"),
        finding("tls", None, Status::Warn, &format!("the certificate says {text}")),
        finding("clock", None, Status::NotApplicable, "no reply had a date"),
        finding("challenge", None, Status::Pass, "a bearer token is asked for"),
        finding("token", Some(alice), Status::Pass, "a token was issued"),
        Finding {
            cause: None,
            says: vec![
                says("PrivateImageNoCredentials", Stance::Allows),
                says("RepositoryNotFound", Stance::Allows),
            ],
            evidence: vec![saw("GET https://contosoacr.azurecr.io/oauth2/token", "401 Unauthorized", None)],
            ..finding("token", Some(nobody), Status::Fail, "no token without a sign-in")
        },
        Finding {
            cause: Some(cause.id),
            says: vec![says("TagNotFound", Stance::Confirms)],
            evidence: vec![
                saw(
                    "HEAD https://contosoacr.azurecr.io/v2/team/web/manifests/v1",
                    "404",
                    Some("8f14e45f-ceea"),
                ),
                saw(
                    "GET https://contosoacr.azurecr.io/v2/team/web/manifests/v1",
                    &format!("404 {text}"),
                    Some(text),
                ),
                saw("GET https://contosoacr.azurecr.io/v2/team/web/tags/list", "the tags v2, v3", None),
                saw(&"a".repeat(120), "", None),
                saw("", "the fifth", None),
            ],
            ..finding("manifest", Some(alice), Status::Fail, &format!("the registry has no tag v1: {text}"))
        },
        blocked("manifest", nobody, Status::Skip, "token"),
        blocked("platform", alice, Status::Skip, "manifest"),
        blocked("platform", nobody, Status::Unknown, "token"),
        Finding { started_at: None, ..finding("blob", Some(alice), Status::Unknown, "no time was left") },
        finding("blob", Some(nobody), Status::Skip, "left out by --check or --skip"),
    ];
    report.created = vec![Created {
        kind: "Pod".to_owned(),
        namespace: "team".to_owned(),
        name: text.to_owned(),
        removed: true,
        ..Created::default()
    }];
    report.rights = vec![Right {
        verb: "create".to_owned(),
        resource: "pods".to_owned(),
        group: String::new(),
        namespace: Some("team".to_owned()),
        allowed: Some(true),
    }];
    report.metadata.exit_code = 1;
    report.metadata.settings.insert("trusted".to_owned(), text.to_owned());
    report.target.given = text.to_owned();
    let verdict = &mut report.verdict;
    verdict.status = VerdictStatus::Unhealthy;
    verdict.dropped = vec!["blob"];
    verdict.cause = Some(cause.id);
    verdict.owner = Some(cause.owner);
    verdict.lasting = Some(cause.lasting);
    verdict.check = Some("manifest");
    verdict.vantage = Some(Vantage::Workstation);
    verdict.credential = Some(alice.to_owned());
    verdict.summary = format!("the registry has no tag v1: {text}");
    verdict.attempts = Some(Attempts { made: 3, failed: 3 });
    verdict.proved = vec!["reference", "dns", "tcp", "tls", "challenge", "token"];
    verdict.not_proved = vec!["manifest", "platform"];
    verdict.diagnoses = vec![
        Diagnosis {
            cause: Some(cause.id),
            candidates: vec![cause.id],
            owner: Some(cause.owner),
            lasting: Some(cause.lasting),
            check: "manifest",
            credential: Some(alice.to_owned()),
            vantages: vec![Vantage::Workstation],
            nodes: None,
            message: format!("the registry has no tag v1: {text}"),
            remedy: Remedy {
                text: format!("Push the tag, or name one that is there: {text}"),
                docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-login?tabs=a-very-long-one".to_owned()),
                commands: vec![
                    command(&["az", "acr", "repository", "show-tags", "--name", "contosoacr", "--repository", "team/web", "--query", "[?name=='v1'].{a:  name}", text], None),
                    command(&["az", "acr", "import", "--name", "contosoacr"], Some("Microsoft.ContainerRegistry/registries/importImage/action on the registry")),
                ],
            },
        },
        open_diagnosis(nobody),
    ];
    report
}

/// Two causes are left.
pub(in crate::render) fn open_diagnosis(credential: &str) -> Diagnosis {
    let id = |name: &str| causes::find(name).expect("it is in the catalogue").id;
    Diagnosis {
        cause: None,
        candidates: vec![id("PrivateImageNoCredentials"), id("RepositoryNotFound")],
        owner: None,
        lasting: None,
        check: "token",
        credential: Some(credential.to_owned()),
        vantages: vec![Vantage::Workstation],
        nodes: None,
        message: "no token without a sign-in".to_owned(),
        remedy: Remedy {
            text: "Look whether the registry lets anyone pull.".to_owned(),
            docs: None,
            commands: vec![command(
                &["az", "acr", "show", "--name", "contosoacr", "--query", "anonymousPullEnabled"],
                None,
            )],
        },
    }
}

fn command(argv: &[&str], needs: Option<&str>) -> Command {
    Command {
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        mutates: needs.is_some(),
        needs: needs.map(str::to_owned),
    }
}
