//! What the kubelet says of pull secrets, beside the pull's own failure.

use probes::foreign::Foreign;

use super::*;
use crate::causes::{NodeClockSkew, PullSecretMalformed, PullSecretNotFound, PullSecretServerMismatch};

const MISSED: &str = "FailedToRetrieveImagePullSecret";

fn missed(names: &str, by: &str) -> Word {
    Word {
        source: Source::Event,
        by: Some(Foreign::new(by)),
        reason: Foreign::new(MISSED),
        message: Foreign::new(&format!(
            "Unable to retrieve some image pull secrets ({names}); attempting to pull the image may not succeed."
        )),
        at: None,
        count: 1,
    }
}

/// The causes that are left of these.
fn left(said: &[CauseId], secrets: &[&str], word: Option<Word>) -> Vec<CauseId> {
    let says = said.iter().map(|cause| Says { cause: *cause, stance: Stance::Allows }).collect();
    let pull = Pull {
        secrets: secrets.iter().map(|name| (*name).to_owned()).collect(),
        words: word.into_iter().collect(),
        ..Pull::default()
    };
    without_secrets(says, &pull).iter().map(|says| says.cause).collect()
}

#[test]
fn a_missing_secret_is_told_from_one_that_holds_the_wrong_thing() {
    let nobody = [PullSecretServerMismatch, PullSecretMalformed, PullSecretNotFound];
    // All of them are missing: none holds anything.
    assert_eq!(left(&nobody, &["a"], Some(missed("a", "kubelet"))), [PullSecretNotFound]);
    assert_eq!(left(&nobody, &["a", "b"], Some(missed("a, b", "kubelet"))), [PullSecretNotFound]);
    // Another one was there, and may be the one that is wrong.
    let first = [PullSecretNotFound, PullSecretServerMismatch, PullSecretMalformed];
    assert_eq!(left(&nobody, &["a", "b"], Some(missed("a", "kubelet"))), first);
    assert_eq!(left(&nobody, &[], Some(missed("a", "kubelet"))), first);
    // Nothing was said of it, or not by the kubelet.
    assert_eq!(left(&nobody, &["a"], None), nobody);
    assert_eq!(left(&nobody, &["a"], Some(missed("a", "somebody"))), nobody);
}

#[test]
fn a_missing_secret_is_no_cause_of_a_failure_that_no_credential_mends() {
    use crate::causes::{PlatformMismatchArch, TcpRefused};
    for cause in [TcpRefused, PlatformMismatchArch] {
        assert_eq!(left(&[cause], &["a"], Some(missed("a", "kubelet"))), [cause]);
    }
}

#[test]
fn a_provider_that_gives_nothing_stays_beside_a_missing_secret() {
    let said = [PullSecretServerMismatch, CredentialProviderReturnedNothing, AcrPullRoleMissing];
    let expected = [PullSecretNotFound, CredentialProviderReturnedNothing, AcrPullRoleMissing];
    assert_eq!(left(&said, &["a"], Some(missed("a", "kubelet"))), expected);
}

#[test]
fn a_policy_of_sign_in_is_one_reason_for_a_provider_that_gives_nothing() {
    let says = vec![Says { cause: CredentialProviderReturnedNothing, stance: Stance::Allows }];
    let kin = with_kin(says.clone(), &pulled_on("Ubuntu 24.04.2 LTS"), true);
    assert!(kin.iter().any(|says| says.cause == ConditionalAccessBlocksAcr));
    // Its runtime has just accepted the registry's certificate by the same clock.
    assert!(!kin.iter().any(|says| says.cause == NodeClockSkew));
    // AKS' node images come with a provider that is set up.
    let is_unset = |says: &Says| says.cause == CredentialProviderNotConfigured;
    assert!(kin.iter().any(is_unset));
    let aks = with_kin(kin, &pulled_on("AKSUbuntu-2204gen2containerd-202611.03.0"), true);
    assert!(!aks.iter().any(is_unset));
}

fn pulled_on(image: &str) -> Pull {
    let node = crate::case::cluster::Node { image: Foreign::new(image), ..Default::default() };
    Pull { node: Some(node), ..Pull::default() }
}

#[test]
fn a_node_that_was_named_and_not_asked_is_no_pass() {
    let case = serde_json::json!({
        "apiVersion": "pullcheck.dev/v1", "kind": "Case", "toolVersion": "0", "runId": "0",
        "startedAt": "2026-11-24T09:00:00Z", "durationMs": 1, "claim": "KubeletPulls",
        "target": {"given": "a.azurecr.io/b:v1", "registry": "a.azurecr.io", "repository": "b", "tag": "v1"},
        "cluster": {
            "leftOut": [{"name": "n2", "why": "notReady"}],
            "troubles": [{"kind": "notFound", "during": "get node n3", "detail": "no node has this name"}],
        },
        "platform": {"os": "linux", "architecture": "amd64"}, "credential": {"kind": "anonymous"},
        "rounds": [{"surveys": [], "pulls": [
            {"node": {"name": "n1"}, "pod": "p", "words": [
                {"source": "event", "by": "kubelet", "reason": "Pulling", "message": ""},
                {"source": "event", "by": "kubelet", "reason": "Pulled", "message": "Successfully pulled"},
            ]},
            {"node": {"name": "n2"}}, {"node": {"name": "n3"}}, {"node": {"name": "n4"}},
        ]}],
    });
    let case: crate::case::Case = serde_json::from_value(case).expect("a case");
    let verdict = crate::judge::judge(&case);
    let found: Vec<_> = verdict.findings.iter().filter(|f| f.check == "kubelet-pull").collect();
    assert_eq!(found.iter().filter(|f| f.status == Status::Pass).count(), 1);
    for (at, words) in [(1, "not ready"), (2, "no node has this name"), (3, "--max-nodes")] {
        assert_eq!(found[at].status, Status::Unknown);
        assert!(found[at].message.contains(words), "{}", found[at].message);
    }
}

/// What the check says of one node of which this was said.
fn heard_of(words: serde_json::Value) -> crate::report::Finding {
    let case = serde_json::json!({
        "apiVersion": "pullcheck.dev/v1", "kind": "Case", "toolVersion": "0", "runId": "0",
        "startedAt": "2026-11-24T09:00:00Z", "durationMs": 1, "claim": "KubeletPulls",
        "target": {"given": "a.azurecr.io/b:v1", "registry": "a.azurecr.io", "repository": "b", "tag": "v1"},
        "platform": {"os": "linux", "architecture": "amd64"}, "credential": {"kind": "anonymous"},
        "rounds": [{"surveys": [], "pulls": [
            {"node": {"name": "n1"}, "pod": "p", "image": "a.azurecr.io/b:v1", "words": words},
        ]}],
    });
    let case: crate::case::Case = serde_json::from_value(case).expect("a case");
    let report = crate::judge::judge(&case);
    assert_eq!(report.verdict.status, crate::report::VerdictStatus::Undecided);
    let first = report.verdict.diagnoses.first();
    let found = report.findings.into_iter().find(|f| f.check == "kubelet-pull").expect("it was asked");
    let said: Vec<CauseId> = found.says.iter().map(|says| says.cause).collect();
    assert_eq!(first.map(|d| d.candidates.clone()).unwrap_or_default(), said, "what is said is told");
    found
}

#[test]
fn a_sandbox_that_cannot_be_made_says_why_and_nothing_of_the_image() {
    use crate::causes::{ContainerRuntimeDown, NodeDiskFull, SandboxImagePullFailed, TcpTimeout};
    let socket = "Failed to create pod sandbox: rpc error: code = Unavailable desc = connection error: desc = \"transport: \
        Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused\"";
    let pause = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox image \"p.example/pause:3\": \
        failed to pull image \"p.example/pause:3\": failed to pull and unpack image \"p.example/pause:3\": failed to resolve image: \
        failed to do request: Head \"https://p.example/v2/pause/manifests/3\": dial tcp 198.51.100.20:443: i/o timeout";
    let network = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"9f\": plugin \
        type=\"azure-vnet\" failed (add): no space left on device";
    let evicted = "Pod was rejected: The node had condition: [DiskPressure]. ";
    for (source, reason, message, causes) in [
        ("event", "FailedCreatePodSandBox", socket, &[ContainerRuntimeDown][..]),
        ("event", "FailedCreatePodSandBox", pause, &[SandboxImagePullFailed, TcpTimeout]),
        ("event", "FailedCreatePodSandBox", network, &[]),
        ("pod", "Evicted", evicted, &[NodeDiskFull]),
    ] {
        let by = (source == "event").then_some("kubelet");
        let found = heard_of(serde_json::json!([
            {"source": source, "by": by, "reason": reason, "message": message},
        ]));
        assert_eq!(found.status, Status::Unknown, "{reason}");
        assert_eq!(found.says.iter().map(|s| s.cause).collect::<Vec<_>>(), causes, "{message}");
        assert!(found.says.iter().all(|s| s.stance == Stance::Allows), "{message}");
    }
}

#[test]
fn what_is_hidden_at_an_azure_registry_looks_missing() {
    let said = || vec![Says { cause: TagNotFound, stance: Stance::Allows }];
    let kin =
        |azure: bool| with_kin(said(), &Pull::default(), azure).iter().map(|s| s.cause).collect::<Vec<_>>();
    let expected = [TagNotFound, AcrQuarantine, AcrManifestInconsistent, RegistryMirrorMisconfigured];
    assert_eq!(kin(true), expected);
    assert_eq!(kin(false), [TagNotFound, RegistryMirrorMisconfigured]);
}
