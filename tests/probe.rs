//! The probe's program in the worlds of some scenarios: what it tells, by its log and by its last message, is what a survey
//! in this process sees, and is judged to the same verdict.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::thread;

use probes::assignment::{Assignment, Credentials, PROTOCOL};
use probes::observation::Observation;
use probes::program::{Given, run};
use probes::vantage::Vantage;
use probes::wire::{LIMIT, read_lines, read_termination};
use pullcheck::case::Case;
use pullcheck::judge::judge;
use pullcheck::report::{Report, VerdictStatus};
use world::command::Command;
use world::runner::{call, prepare, runtime};
use world::{Page, Running};

/// What the program wrote.
struct Told {
    exit: u8,
    out: String,
    err: String,
    message: String,
}

fn page(name: &str) -> Page {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    Page::load(&folder.join(format!("{name}.md"))).unwrap()
}

/// The values of a flag.
fn values(command: &Command, flag: &str) -> Vec<String> {
    command.args.windows(2).filter(|pair| pair[0] == flag).map(|pair| pair[1].clone()).collect()
}

/// A command's own question, put to a probe.
fn assignment(command: &Command, vantage: &Vantage) -> Assignment {
    let one = |flag: &str| values(command, flag).into_iter().next();
    let on_node = matches!(vantage, Vantage::Node(_));
    Assignment {
        protocol: PROTOCOL,
        target: command.args[2].clone(),
        platform: one("--platform").unwrap_or_else(|| "linux/amd64".to_owned()),
        vantage: vantage.clone(),
        host_root: one("--host-root"),
        host_paths: Vec::new(),
        azure_json: one("--azure-json"),
        credentials: if on_node { Credentials::Kubelet } else { Credentials::Anonymous },
        docker_config: one("--docker-config"),
        resolver: values(command, "--resolver").iter().map(|text| text.parse().unwrap()).collect(),
        connect_to: values(command, "--connect-to"),
        ca_file: one("--ca-file").map(|file| std::fs::read_to_string(file).unwrap()),
        plain_http: false,
        proxy: None,
        timeout_ms: 60_000,
        step_ms: 10_000,
    }
}

#[expect(clippy::disallowed_methods, reason = "the probe's clock, as its main gives it")]
fn tell(running: &Running, assignment: &Assignment) -> Told {
    let log = running.write("termination-log", "").unwrap();
    let arguments = vec![assignment.write().into(), "--termination-log".into(), log.clone().into()];
    let given = Given { arguments, variables: Vec::new(), clock: jiff::Timestamp::now };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    // On a thread of its own, because it makes its own runtime.
    let exit = thread::scope(|scope| scope.spawn(|| run(given, &mut out, &mut err)).join()).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Told { exit, out: text(out), err: text(err), message: std::fs::read_to_string(log).unwrap() }
}

/// What was seen, without times.
fn kinds(observations: &[Observation]) -> Vec<String> {
    let kind = |o: &Observation| serde_json::to_value(&o.fact).unwrap()["kind"].as_str().unwrap().to_owned();
    let whom = |o: &Observation| o.credential.as_ref().map(ToString::to_string).unwrap_or_default();
    observations.iter().map(|o| format!("{:?} {} {}", o.role, kind(o), whom(o))).collect()
}

fn verdict(report: &Report) -> String {
    let verdict = &report.verdict;
    let candidates: Vec<_> = verdict.diagnoses.iter().map(|d| &d.candidates).collect();
    format!("{:?} {:?} {candidates:?} proved {:?}", verdict.status, verdict.cause, verdict.proved)
}

/// Runs a page's command and, in the same world, the probe at a place; a place of `None` is the command's own.
fn both(
    name: &str,
    vantage: Option<Vantage>,
    told: &dyn Fn(Assignment) -> Assignment,
) -> (Case, Vantage, Told) {
    let page = page(name);
    let runtime = runtime().unwrap();
    let running = runtime.block_on(page.world.start()).unwrap();
    let mut command = prepare(&page, &running).unwrap().as_json();
    let saved = running.path("saved-case.json");
    command.args.extend(["--save-case".to_owned(), saved.display().to_string()]);
    call(&command).unwrap();
    let case = Case::read("saved-case.json", &std::fs::read_to_string(&saved).unwrap()).unwrap();
    running.rewind();
    let vantage = vantage.unwrap_or_else(|| case.vantage().unwrap().clone());
    let told = tell(&running, &told(assignment(&command, &vantage)));
    (case, vantage, told)
}

#[test]
fn a_node_is_seen_the_same_from_a_pod_on_it() {
    for name in [
        "node-healthy",
        "node-role-missing",
        "node-identity-detached",
        "node-secret-works-and-identity-does-not",
        "node-secret-malformed",
        "node-mirror-has-everything",
        "node-proxy-of-systemd",
        "node-principal-wrong-secret",
        "node-azure-json-is-not-json",
        "node-provider-not-for-the-registry",
        "node-tag-missing",
        "node-two-tls-and-role",
    ] {
        let (case, vantage, told) = both(name, None, &|same| same);
        assert_eq!((told.exit, told.err.as_str()), (0, ""), "{name}");
        let received = read_lines(&told.out);
        assert!(received.is_whole() && received.broken == 0, "{name}");
        assert!(told.message.len() <= LIMIT, "{name}: {} bytes", told.message.len());
        assert_eq!(read_termination(&told.message), received, "{name}: the last message has room for all");
        assert_eq!(received.hello.clone().unwrap().credentials, case.tried(), "{name}");
        let mut from_probe = case.clone();
        let heard = format!("{received:?}");
        let survey = received.survey(&vantage).unwrap();
        assert_eq!(kinds(&survey.observations), kinds(&case.rounds[0].surveys[0].observations), "{name}");
        from_probe.rounds[0].surveys = vec![survey];
        assert_eq!(verdict(&judge(&from_probe)), verdict(&judge(&case)), "{name}");
        for secret in ["CANARY", "right-secret", "wrong-secret", "eyJ", "sig="] {
            // The last message is deflated, and has any three letters by chance; what it says is looked at.
            let said = [&told.out, &told.err, &heard];
            assert!(said.iter().all(|text| !text.contains(secret)), "{name}: {secret}");
        }
    }
}

#[test]
fn a_pod_tries_as_nobody() {
    let vantage = Vantage::Pod("np1-0".to_owned());
    let (case, _, told) = both("healthy-hub-anonymous", Some(vantage.clone()), &|same| same);
    let survey = read_lines(&told.out).survey(&vantage).unwrap();
    assert_eq!(kinds(&survey.observations), kinds(&case.rounds[0].surveys[0].observations));
    let mut from_probe = case.clone();
    from_probe.rounds[0].surveys = vec![survey];
    let report = judge(&from_probe);
    assert_eq!(verdict(&report), verdict(&judge(&case)));
    // What only a node has is not asked of a pod.
    for id in ["node-config", "mirror", "identity", "exchange", "pull-secret"] {
        assert!(report.findings.iter().all(|finding| finding.check != id), "{id}");
    }
    for id in ["dns", "tcp", "tls", "clock", "challenge", "token", "manifest", "platform", "blob"] {
        assert!(report.findings.iter().any(|f| f.check == id && f.vantage == vantage), "{id}");
    }
}

#[test]
fn what_is_not_mounted_fails_nothing() {
    let name = "node-provider-program-missing";
    let config = "/var/lib/kubelet/credential-provider-config.yaml";
    let programs = "/var/lib/kubelet/credential-provider";
    let status = |host_paths: &[&str]| {
        let host_paths: Vec<String> = host_paths.iter().map(|path| (*path).to_owned()).collect();
        let (mut case, vantage, told) =
            both(name, None, &|assignment| Assignment { host_paths: host_paths.clone(), ..assignment });
        let received = read_lines(&told.out);
        case.credentials = received.hello.clone().unwrap().credentials;
        case.rounds[0].surveys = vec![received.survey(&vantage).unwrap()];
        let report = judge(&case);
        (report.verdict.status, report.verdict.cause.map(|cause| cause.to_string()))
    };
    let missing = (VerdictStatus::Unhealthy, Some("CredentialProviderNotConfigured".to_owned()));
    assert_eq!(status(&[]), missing);
    assert_eq!(status(&["/etc", config, programs]), missing);
    // Whether the program is there is not to be seen, so that it fails of nothing, and the rest of the way is walked.
    assert_eq!(status(&["/etc", config]), (VerdictStatus::Healthy, None));
    assert_eq!(status(&["/etc"]), (VerdictStatus::Healthy, None));
}
