//! Reports built by hand: every status, two credentials, two diagnoses, and strangers who wish no good.

use std::collections::BTreeMap;

use jiff::Timestamp;
use probes::vantage::Vantage;

use crate::claim::Claim;
use crate::report::{
    Attempts, Evidence, Finding, Metadata, Report, Status, TargetReport, Tool, VantageReport, Verdict,
    VerdictStatus,
};

mod unhealthy;
pub(super) use unhealthy::{open_diagnosis, unhealthy};

/// What a stranger may send.
pub(super) const HOSTILE: &str = "\u{1b}[31mred\u{1b}[0m\r\n::error::owned\n##vso[task.complete result=Succeeded] ###[x] \
    \u{202e}lave\u{202c} \u{200b}::set-output name=a::b ]]> <b>&amp;</b> \u{0}\u{8}\u{fffe} ☃ 漢字";

const REFERENCE: &str = "contosoacr.azurecr.io/team/web:v1";

fn at(second: i8) -> Timestamp {
    format!("2026-11-24T09:12:{second:02}Z").parse().expect("it is a time")
}

fn finding(check: &'static str, credential: Option<&str>, status: Status, message: &str) -> Finding {
    Finding {
        check,
        vantage: Vantage::Workstation,
        credential: credential.map(str::to_owned),
        status,
        message: message.to_owned(),
        cause: None,
        says: Vec::new(),
        blocked_by: None,
        attempts: Attempts { made: 1, failed: 0 },
        evidence: Vec::new(),
        started_at: Some(at(2)),
        duration_ms: Some(12),
    }
}

fn blocked(check: &'static str, credential: &str, status: Status, blocker: &'static str) -> Finding {
    Finding {
        blocked_by: Some(blocker),
        started_at: None,
        duration_ms: None,
        attempts: Attempts { made: 0, failed: 0 },
        ..finding(check, Some(credential), status, &format!("not looked at: {blocker} did not pass"))
    }
}

fn saw(action: &str, saw: &str, correlation_id: Option<&str>) -> Evidence {
    Evidence {
        action: action.to_owned(),
        saw: saw.to_owned(),
        correlation_id: correlation_id.map(str::to_owned),
    }
}

/// A report of a claim that is proven.
pub(super) fn healthy() -> Report {
    let requires = Claim::WorkstationPulls.requires();
    let who = Some("anonymous");
    let mut findings: Vec<Finding> = ["reference", "dns", "tcp", "tls", "challenge"]
        .map(|check| finding(check, None, Status::Pass, &format!("{check} is in order")))
        .into();
    findings.insert(4, finding("clock", None, Status::Warn, "this clock is 4 minutes behind the registry's"));
    findings.extend([
        finding("token", who, Status::Pass, "a token was issued"),
        finding("manifest", who, Status::Pass, &format!("sha256:{} is an index of 2", "8f14e45f".repeat(8))),
        finding("platform", who, Status::Pass, "linux/amd64 is in the index"),
        finding("blob", who, Status::Pass, "the first 1,024 of 29,154 bytes came from the data endpoint"),
    ]);
    Report {
        api_version: "pullcheck.dev/v1",
        kind: "HealthReport",
        metadata: Metadata {
            run_id: "b3c1".to_owned(),
            tool: Tool { name: "pullcheck", version: "0.1.0" },
            started_at: at(1),
            duration_ms: 812,
            tier: "observe".to_owned(),
            namespace: None,
            cluster: None,
            azure: None,
            exit_code: 0,
            again: ["pullcheck", "check", "contosoacr.azurecr.io/team/web:v1"].map(str::to_owned).to_vec(),
            variables: vec!["HTTPS_PROXY".to_owned(), "NO_COLOR".to_owned()],
            settings: BTreeMap::from([("nameservers".to_owned(), "127.0.0.1:5353".to_owned())]),
        },
        target: TargetReport {
            given: REFERENCE.to_owned(),
            kind: "image",
            reference: REFERENCE.to_owned(),
            registry: "contosoacr.azurecr.io".to_owned(),
            repository: Some("team/web".to_owned()),
            tag: Some("v1".to_owned()),
            digest: None,
            platforms: vec!["linux/amd64".to_owned()],
        },
        verdict: Verdict {
            status: VerdictStatus::Healthy,
            claim: Claim::WorkstationPulls,
            dropped: Vec::new(),
            cause: None,
            owner: None,
            lasting: None,
            check: None,
            vantage: None,
            credential: who.map(str::to_owned),
            summary: format!("{REFERENCE} can be pulled from this workstation"),
            warnings: 1,
            proved: requires.to_vec(),
            not_proved: Vec::new(),
            attempts: None,
            nodes: None,
            difference: None,
            diagnoses: Vec::new(),
        },
        vantages: vec![VantageReport {
            id: Vantage::Workstation,
            kind: "workstation",
            status: Status::Warn,
            credential: who.map(str::to_owned),
            represents: Vec::new(),
            node: None,
        }],
        findings,
        created: Vec::new(),
        rights: Vec::new(),
    }
}

/// A report of a claim that could not be looked at.
pub(super) fn undecided() -> Report {
    let mut report = healthy();
    report.metadata.exit_code = 3;
    report.findings.truncate(3);
    report.findings.push(finding("tls", None, Status::Unknown, "the time for looking was over"));
    report.findings.push(blocked("manifest", "anonymous", Status::Unknown, "tls"));
    report.findings.push(blocked("blob", "anonymous", Status::Unknown, "tls"));
    report.verdict.status = VerdictStatus::Undecided;
    report.verdict.summary = "tls: the time for looking was over".to_owned();
    report.verdict.proved = vec!["reference", "dns", "tcp"];
    report.verdict.not_proved = vec!["tls", "challenge", "token", "manifest", "platform", "blob"];
    report
}
