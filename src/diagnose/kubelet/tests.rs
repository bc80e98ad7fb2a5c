//! Rows of findings, and what they mean together.

use probes::vantage::Vantage;
use serde_json::json;

use super::*;
use crate::causes::{
    AcrManifestInconsistent, AcrPullRoleMissing, AcrQuarantine, BlobEndpointBlocked, BlobMissingInRegistry,
    DnsNxDomain, ImageRefMalformed, ImdsUnreachable, KubeletPullQpsExceeded, PrivateImageNoCredentials,
    PullDeadlineExceeded, RepositoryNotFound, TagNotFound, TcpTimeout,
};
use crate::checks::At;
use crate::claim::Claim;
use crate::report::{Attempts, DifferenceKind, Finding, Says};

/// One row: who saw it, of what check, how it ended, and what it says of causes.
type Row<'a> = (&'a str, &'static str, Status, Stance, &'a [CauseId]);

const PASS: Status = Status::Pass;
const FAIL: Status = Status::Fail;
const UNKNOWN: Status = Status::Unknown;

fn vantage(text: &str) -> Vantage {
    serde_json::from_value(json!(text)).expect("a place")
}

/// What a survey of `place` finds where all is well.
fn well(place: &str) -> Vec<Row<'_>> {
    let claim = if place == "workstation" { Claim::WorkstationPulls } else { Claim::NodeReaches };
    claim.requires().iter().map(|id| (place, *id, PASS, Stance::Allows, &[][..])).collect()
}

/// The same with one check that failed, and nothing behind it.
fn broken<'a>(place: &'a str, check: &str, stance: Stance, causes: &'a [CauseId]) -> Vec<Row<'a>> {
    let mut rows = well(place);
    let at = rows.iter().position(|row| row.1 == check).expect("a check that the claim requires");
    rows[at] = (place, rows[at].1, FAIL, stance, causes);
    for row in &mut rows[at + 1..] {
        row.2 = Status::Skip;
    }
    rows
}

fn judged(row: &Row<'_>) -> Judged {
    let (place, check, status, stance, causes) = *row;
    let says: Vec<Says> = causes.iter().map(|&cause| Says { cause, stance }).collect();
    let per_credential = crate::checks::find(check).is_some_and(|c| c.per_credential);
    Judged {
        finding: Finding {
            check,
            vantage: vantage(place),
            credential: per_credential.then(|| "anonymous".to_owned()),
            status,
            message: format!("{check} at {place}"),
            cause: None,
            says,
            blocked_by: None,
            attempts: Attempts { made: 1, failed: 0 },
            evidence: Vec::new(),
            started_at: None,
            duration_ms: None,
        },
        at: At::default(),
        answered: true,
        beside: false,
    }
}

fn answer(claim: &str, rows: &[Row<'_>]) -> (Verdict, Vec<Judged>) {
    let mut places: Vec<&str> = rows.iter().map(|row| row.0).collect();
    places.dedup();
    let surveys: Vec<_> = places
        .iter()
        .filter(|place| !place.starts_with("kubelet/") && **place != "cluster")
        .map(|place| json!({"vantage": place, "observations": []}))
        .collect();
    let pulls: Vec<_> = places
        .iter()
        .filter_map(|place| place.strip_prefix("kubelet/"))
        .map(|name| {
            let pool = name.split('-').next();
            let node =
                json!({"name": name, "pool": pool, "platform": {"os": "linux", "architecture": "amd64"}});
            json!({"pod": "p", "node": node, "represents": ["x", "y"]})
        })
        .collect();
    let case = json!({
        "apiVersion": "pullcheck.dev/v1", "kind": "Case", "toolVersion": "0", "runId": "0",
        "startedAt": "2026-11-24T09:00:00Z", "durationMs": 1, "claim": claim,
        "target": {"given": "a.azurecr.io/b:v1", "registry": "a.azurecr.io", "repository": "b", "tag": "v1"},
        "platform": {"os": "linux", "architecture": "amd64"},
        "credential": {"kind": "anonymous"}, "rounds": [{"surveys": surveys, "pulls": pulls}]
    });
    let case = Case::read("case.json", &case.to_string()).expect("a case");
    let mut judged: Vec<Judged> = rows.iter().map(judged).collect();
    let verdict = of_kubelets(&case, &case.rounds[0], &mut judged);
    (verdict, judged)
}

fn pull<'a>(place: &'a str, status: Status, causes: &'a [CauseId]) -> Row<'a> {
    (place, PULL, status, Stance::Allows, causes)
}

#[test]
fn a_pull_proves_the_claim_and_no_bytes() {
    let (verdict, _) = answer("KubeletPulls", &[pull("kubelet/a", PASS, &[])]);
    assert_eq!(verdict.status, VerdictStatus::Healthy);
    assert_eq!((verdict.proved, verdict.not_proved), (vec![PULL], vec!["blob"]));
    // A new node is not proven by it.
    let (verdict, _) = answer("NewNodePulls", &[pull("kubelet/a", PASS, &[])]);
    assert_eq!(verdict.status, VerdictStatus::Undecided);
    // With a look from the node it is.
    let mut rows = well("node/a");
    rows.push(pull("kubelet/a", PASS, &[]));
    let (verdict, _) = answer("NewNodePulls", &rows);
    assert_eq!((verdict.status, verdict.not_proved), (VerdictStatus::Healthy, vec![]));
    // One node's bytes are not another's.
    rows.push(pull("kubelet/b", PASS, &[]));
    let (verdict, _) = answer("NewNodePulls", &rows);
    assert_eq!(verdict.status, VerdictStatus::Undecided);
}

#[test]
fn a_node_that_cannot_have_the_bytes_refutes_it() {
    let mut rows = broken("node/a", "blob", Stance::Confirms, &[BlobEndpointBlocked]);
    rows.push(pull("kubelet/a", PASS, &[]));
    let (verdict, _) = answer("KubeletPulls", &rows);
    assert_eq!((verdict.status, verdict.cause), (VerdictStatus::Unhealthy, Some(BlobEndpointBlocked)));
}

#[test]
fn what_a_kubelet_refutes_is_a_warning() {
    for (place, words) in [("workstation", "only from this workstation"), ("node/a", "of this node pulls it")]
    {
        let mut rows = broken(place, "dns", Stance::Confirms, &[DnsNxDomain]);
        rows.push(pull("kubelet/a", PASS, &[]));
        let (verdict, judged) = answer("KubeletPulls", &rows);
        assert_eq!((verdict.status, verdict.cause), (VerdictStatus::Healthy, None), "{place}");
        let dns = judged.iter().find(|j| j.finding.check == "dns").expect("it was asked");
        assert_eq!(dns.finding.status, Status::Warn, "{place}");
        assert!(dns.finding.message.contains(words), "{}", dns.finding.message);
        assert!(verdict.diagnoses.is_empty());
    }
    // One kubelet of two does not speak for the other.
    let mut rows = broken("workstation", "dns", Stance::Confirms, &[DnsNxDomain]);
    rows.extend([pull("kubelet/a", PASS, &[]), pull("kubelet/b", UNKNOWN, &[])]);
    let (verdict, judged) = answer("KubeletPulls", &rows);
    assert_eq!(verdict.status, VerdictStatus::Undecided);
    assert!(judged.iter().any(|j| j.finding.status == FAIL));
}

#[test]
fn who_fails_beside_whom() {
    let blocked: &[CauseId] = &[TcpTimeout];
    let fails = |place| pull(place, FAIL, blocked);
    let pulls = |place| pull(place, PASS, &[]);
    let told = |rows: &[Row<'_>]| {
        let (verdict, _) = answer("KubeletPulls", rows);
        verdict.difference.map(|d| (d.kind, d.nodes.join(" "), d.pools.join(" ")))
    };
    let some = |kind, nodes: &str, pools: &str| Some((kind, nodes.to_owned(), pools.to_owned()));
    assert_eq!(told(&[pulls("kubelet/a")]), None);
    assert_eq!(told(&[fails("kubelet/a")]), some(DifferenceKind::All, "a", ""));
    let of_one = [fails("kubelet/a-0"), pulls("kubelet/a-1"), pulls("kubelet/b-0")];
    assert_eq!(told(&of_one), some(DifferenceKind::OneNode, "a-0", ""));
    let of_class = [fails("kubelet/a-0"), fails("kubelet/a-1"), pulls("kubelet/b-0")];
    assert_eq!(told(&of_class), some(DifferenceKind::OneClass, "a-0 a-1", "a"));
    // A node of which nothing is known says nothing of the others.
    assert_eq!(
        told(&[fails("kubelet/a"), pull("kubelet/b", UNKNOWN, &[])]),
        some(DifferenceKind::All, "a", "")
    );
    let mut near = well("node/a");
    near.push(fails("kubelet/a"));
    assert_eq!(told(&near), some(DifferenceKind::KubeletOnly, "a", ""));
    for (place, kind) in
        [("pod/a", DifferenceKind::PodOnly), ("workstation", DifferenceKind::WorkstationOnly)]
    {
        let mut rows = broken(place, "tcp", Stance::Confirms, blocked);
        rows.push(pulls("kubelet/a"));
        assert_eq!(told(&rows), some(kind, "", ""));
    }
}

#[test]
fn words_are_joined_with_what_others_saw() {
    let many: &[CauseId] = &[AcrPullRoleMissing, ImdsUnreachable];
    let tag: &[CauseId] = &[TagNotFound, AcrManifestInconsistent];
    let open: &[CauseId] = &[RepositoryNotFound, PrivateImageNoCredentials];
    let hidden: &[CauseId] = &[AcrManifestInconsistent, AcrQuarantine];
    let rows: [(Vec<Row<'_>>, &[CauseId], &[CauseId]); 9] = [
        // The tag is the same from everywhere.
        (broken("workstation", "manifest", Stance::Confirms, &[TagNotFound]), tag, &[TagNotFound]),
        // What was seen to be there is not what is missing.
        (well("workstation"), tag, &[AcrManifestInconsistent]),
        // The node's own look decides.
        (broken("node/a", "identity", Stance::Confirms, &[ImdsUnreachable]), many, &[ImdsUnreachable]),
        // A workstation's own network says nothing of a node's, unless both saw the same.
        (broken("workstation", "tcp", Stance::Confirms, &[TcpTimeout]), many, many),
        (
            broken("workstation", "tcp", Stance::Confirms, &[TcpTimeout]),
            &[TcpTimeout, DnsNxDomain],
            &[TcpTimeout],
        ),
        (broken("workstation", "tcp", Stance::Confirms, &[TcpTimeout]), &[], &[]),
        // Nor does what it leaves open, with a credential of its own.
        (
            broken("workstation", "token", Stance::Allows, open),
            &[TagNotFound, RepositoryNotFound],
            &[TagNotFound, RepositoryNotFound],
        ),
        // What it leaves open of the same failure decides where the rest is the same from everywhere.
        (
            broken("workstation", "manifest", Stance::Allows, hidden),
            &[TagNotFound, RepositoryNotFound, AcrQuarantine, AcrManifestInconsistent],
            hidden,
        ),
        // Nobody else saw anything.
        (Vec::new(), many, many),
    ];
    for (mut rows, words, expected) in rows {
        let shown =
            rows.iter().map(|row| format!("{row:?}")).find(|row| row.contains("Fail")).unwrap_or_default();
        rows.push(pull("kubelet/a", FAIL, words));
        let (verdict, _) = answer("KubeletPulls", &rows);
        assert_eq!(verdict.status, VerdictStatus::Unhealthy);
        let first = verdict.diagnoses.first().expect("a diagnosis");
        assert_eq!(first.candidates, expected, "{shown}");
        assert_eq!(verdict.cause, if let [one] = expected { Some(*one) } else { None });
        assert_eq!(first.vantages, [Vantage::Kubelet("a".to_owned())]);
    }
}

#[test]
fn a_typed_reason_decides() {
    let mut rows = well("workstation");
    rows.push(("kubelet/a", PULL, FAIL, Stance::Confirms, &[ImageRefMalformed]));
    let (verdict, _) = answer("KubeletPulls", &rows);
    assert_eq!(verdict.cause, Some(ImageRefMalformed));
}

#[test]
fn alike_nodes_are_one_diagnosis() {
    let rows = [
        pull("kubelet/a", FAIL, &[TcpTimeout]),
        pull("kubelet/b", PASS, &[]),
        pull("kubelet/c", FAIL, &[TcpTimeout]),
        pull("kubelet/d", FAIL, &[DnsNxDomain]),
        pull("kubelet/e", UNKNOWN, &[]),
    ];
    let (verdict, _) = answer("KubeletPulls", &rows);
    assert_eq!(verdict.status, VerdictStatus::Unhealthy);
    assert_eq!(verdict.nodes, Some(Nodes { selected: 5, tested: 5, failed: 3, unknown: 1, represented: 10 }));
    let places: Vec<usize> = verdict.diagnoses.iter().map(|d| d.vantages.len()).collect();
    assert_eq!(places, [2, 1]);
}

#[test]
fn no_kubelet_is_never_green_and_hides_nothing() {
    let cluster = || ("cluster", PULL, UNKNOWN, Stance::Allows, &[][..]);
    let mut rows = well("workstation");
    rows.push(cluster());
    let (verdict, _) = answer("KubeletPulls", &rows);
    assert_eq!((verdict.status, verdict.cause), (VerdictStatus::Undecided, None));
    assert_eq!(verdict.not_proved, vec![PULL, "blob"]);
    let mut rows = broken("workstation", "manifest", Stance::Confirms, &[TagNotFound]);
    rows.push(cluster());
    let (verdict, _) = answer("KubeletPulls", &rows);
    assert_eq!((verdict.status, verdict.cause), (VerdictStatus::Undecided, Some(TagNotFound)));
}

#[test]
fn a_node_is_nearer_than_a_workstation() {
    // Each as whom it is; a kubelet that is still pulling has decided nothing.
    let mut rows = broken("workstation", "token", Stance::Allows, &[PrivateImageNoCredentials]);
    rows.extend(broken("node/a", "blob", Stance::Confirms, &[BlobEndpointBlocked]));
    rows.push(pull("kubelet/a", UNKNOWN, &[]));
    let (verdict, _) = answer("KubeletPulls", &rows);
    assert_eq!((verdict.status, verdict.cause), (VerdictStatus::Unhealthy, Some(BlobEndpointBlocked)));
    assert_eq!(verdict.diagnoses.len(), 1, "{:?}", verdict.diagnoses);
}

#[test]
fn a_pod_is_farther_than_the_kubelet_of_its_node() {
    for (kubelet, status) in [("kubelet/a", Status::Warn), ("kubelet/b", FAIL)] {
        let mut rows = broken("pod/a", "dns", Stance::Confirms, &[DnsNxDomain]);
        rows.push(pull(kubelet, PASS, &[]));
        let (verdict, judged) = answer("KubeletPulls", &rows);
        assert_eq!(verdict.status, VerdictStatus::Healthy, "{kubelet}");
        let dns = judged.iter().find(|j| j.finding.check == "dns").expect("it was asked");
        assert_eq!(dns.finding.status, status, "{kubelet}");
    }
}

#[test]
fn bytes_that_the_registry_lacks_are_no_trouble_of_a_workstation() {
    for place in ["workstation", "pod/a"] {
        let mut rows = broken(place, "blob", Stance::Confirms, &[BlobMissingInRegistry]);
        rows.push(pull("kubelet/a", PASS, &[]));
        let (_, judged) = answer("KubeletPulls", &rows);
        let blob = judged.iter().find(|j| j.finding.check == "blob").expect("it was asked");
        assert_eq!(blob.finding.status, Status::Warn, "{place}");
        assert!(blob.finding.message.contains("a new node lacks"), "{place}: {}", blob.finding.message);
        assert!(!blob.finding.message.contains("only from"), "{place}: {}", blob.finding.message);
        // What the way there does to them is another matter.
        let mut rows = broken(place, "blob", Stance::Confirms, &[BlobEndpointBlocked]);
        rows.push(pull("kubelet/a", PASS, &[]));
        let (_, judged) = answer("KubeletPulls", &rows);
        let blob = judged.iter().find(|j| j.finding.check == "blob").expect("it was asked");
        assert!(blob.finding.message.contains("only from"), "{place}: {}", blob.finding.message);
    }
}

#[test]
fn what_a_look_from_the_node_would_tell_apart_is_told_how() {
    let many: &[CauseId] = &[AcrPullRoleMissing, ImdsUnreachable];
    let text = |rows: &[Row<'_>]| {
        let (verdict, _) = answer("KubeletPulls", rows);
        verdict.diagnoses.first().expect("a diagnosis").remedy.text.clone()
    };
    let told = text(&[pull("kubelet/a", FAIL, many)]);
    assert!(told.contains("--tier host --probe-image REF"), "{told}");
    // Nothing is left to tell apart, no look from the node tells it, or the look was made.
    assert!(!text(&[pull("kubelet/a", FAIL, &[ImdsUnreachable])]).contains("--tier"));
    let words: &[CauseId] = &[KubeletPullQpsExceeded, PullDeadlineExceeded];
    assert!(!text(&[pull("kubelet/a", FAIL, words)]).contains("--tier"));
    let mut rows = well("node/a");
    rows.push(pull("kubelet/a", FAIL, many));
    assert!(!text(&rows).contains("--tier"));
}
