//! The cluster side against a small Kubernetes on loopback: what is created, what is heard, and what is left.

#[path = "cluster_api/running.rs"]
mod running;

use std::time::Duration;

use pullcheck::case::cluster::{Cluster, TroubleKind, Why};
use pullcheck::case::pull::{Pull, Source};
use pullcheck::cluster::{Flags, Ledger, Nodes, Scope, cleanup, connect, gather, in_effect, plan, rights};
use running::{ask, kinds, run, seen, start};
use tokio::time::Instant;

const SHORT: Duration = Duration::from_millis(400);

/// The rights that are not there, each with its verb.
fn denied(cluster: &Cluster) -> Vec<String> {
    let denied = cluster.rights.iter().filter(|right| right.allowed == Some(false));
    denied.map(|right| format!("{} {}", right.verb, right.resource)).collect()
}

fn reasons(pull: &Pull) -> Vec<String> {
    pull.words.iter().map(|word| word.reason.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubelet_pulls_and_nothing_is_left() {
    let world = start("[kube]").await;
    let (cluster, pulls) = run(&world, ask()).await;
    assert_eq!(cluster.troubles, []);
    assert_eq!(cluster.version.as_ref().map(|v| v.as_str()), Some("v1.35.2"));
    let [pull] = pulls.as_slice() else { panic!("one pull: {pulls:?}") };
    assert!(reasons(pull).contains(&"Pulled".to_owned()), "{pull:?}");
    assert!(pull.image_id.is_some() && !pull.out_of_time && pull.changed.is_empty(), "{pull:?}");
    assert_eq!(pull.node.as_ref().map(|node| node.name.as_str()), Some("np1-0"));
    assert_eq!(pull.held, Some(false));
    let kube = world.kube().expect("a cluster");
    assert_eq!((kube.names("Job"), kube.names("Pod")), (Vec::new(), Vec::new()));
    let made = kube.made();
    assert_eq!(made.len(), 2);
    let made_kinds: Vec<_> = made.iter().map(|object| object["kind"].clone()).collect();
    assert_eq!(made_kinds, ["Job", "Pod"]);
    assert_eq!(made[1]["metadata"]["ownerReferences"][0]["uid"], made[0]["metadata"]["uid"]);
    assert!(cluster.created.len() == 2 && cluster.created.iter().all(|c| c.removed), "{:?}", cluster.created);
    // It is watched, not asked for again and again.
    assert!(!kube.requests().iter().any(|r| r.starts_with("GET") && r.contains("/secrets")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubelets_words_are_kept_as_they_are() {
    let words = "failed to authorize: failed to fetch anonymous token: 401 Unauthorized";
    let world = start(&format!("[[kube.node]]\npull = 'fails'\nmessage = '{words}'")).await;
    let (_, pulls) = run(&world, ask()).await;
    let event =
        pulls[0].words.iter().find(|word| word.source == Source::Event && word.reason.as_str() == "Failed");
    assert!(event.is_some_and(|word| word.message.as_str().ends_with(words)), "{pulls:?}");
    let waiting = pulls[0]
        .words
        .iter()
        .find(|word| word.source == Source::Waiting && word.reason.as_str() == "ErrImagePull");
    assert!(waiting.is_some_and(|word| word.message.as_str() == words), "{pulls:?}");
    assert!(pulls[0].image_id.is_none() && !pulls[0].out_of_time);
}

/// What the kubelet does, and how the pull ends: over, or out of time.
#[tokio::test(flavor = "multi_thread")]
async fn every_end_comes() {
    for (pull, reason, out_of_time) in [
        ("works-as-root", "CreateContainerConfigError", false),
        ("stalls", "Pulling", true),
        ("silent", "ContainerCreating", true),
        ("no-sandbox", "FailedCreatePodSandBox", true),
        ("refuses", "OutOfpods", false),
    ] {
        let world = start(&format!("[[kube.node]]\npull = '{pull}'\nmessage = 'm'")).await;
        let (_, pulls) =
            run(&world, pullcheck::cluster::Ask { timeout: SHORT, pull_timeout: SHORT, ..ask() }).await;
        let [only] = pulls.as_slice() else { panic!("one pull: {pulls:?}") };
        assert!(reasons(only).contains(&reason.to_owned()), "{pull}: {only:?}");
        assert_eq!(only.out_of_time, out_of_time, "{pull}: {only:?}");
        assert_eq!(world.kube().expect("a cluster").names("Pod"), Vec::<String>::new(), "{pull}");
    }
}

/// What is in the way, and the kind that is said of it.
#[tokio::test(flavor = "multi_thread")]
async fn every_trouble_has_its_kind() {
    for (world, kind) in [
        ("kube.way = 'refused'", TroubleKind::NotConnected),
        ("kube.way = 'silent'", TroubleKind::TimedOut),
        ("kube.tls = 'expired'", TroubleKind::Tls),
        ("kube.tls = 'unknown-ca'", TroubleKind::Tls),
        ("kube.tls = 'wrong-name'", TroubleKind::Tls),
        ("kube.token_expired = true", TroubleKind::Unauthenticated),
        ("kube.throttled = 9", TroubleKind::Throttled),
        ("kube.down = true", TroubleKind::Answer),
        ("kube.namespaces = ['default']", TroubleKind::NotFound),
        ("kube.lacks = ['create jobs.batch']", TroubleKind::Forbidden),
        ("kube.lacks = ['create pods']", TroubleKind::Forbidden),
    ] {
        let running = start(world).await;
        let patience = if world.contains("throttled") { Duration::from_secs(9) } else { SHORT };
        let mut access =
            running::access(&running, &Flags { request_timeout: Some(patience), ..Flags::default() });
        let (cluster, pulls) = running::run_as(&mut access, ask()).await;
        assert_eq!(kinds(&cluster), [kind], "{world}: {:?}", cluster.troubles);
        assert_eq!(pulls, [], "{world}");
        let text = format!("{cluster:?}");
        assert!(!text.contains("operators-token"), "{text}");
        let kube = running.kube().expect("a cluster");
        assert_eq!((kube.names("Job"), kube.names("Pod")), (Vec::new(), Vec::new()), "{world}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_for_patience_gets_it() {
    let world = start("kube.throttled = 1").await;
    let (cluster, pulls) = run(&world, ask()).await;
    assert_eq!((cluster.troubles.len(), pulls.len()), (0, 1), "{cluster:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_missing_is_named() {
    let world = start("kube.lacks = ['create jobs.batch', 'list nodes']").await;
    let (cluster, _) = run(&world, ask()).await;
    let denied = denied(&cluster);
    assert_eq!(denied, ["create jobs", "list nodes"]);
    let trouble = cluster.troubles.iter().find(|t| t.during.starts_with("create")).expect("a trouble");
    assert_eq!(trouble.during, "create jobs.batch");
    assert!(trouble.detail.as_str().contains("alice"), "{trouble:?}");
}

/// Also where nothing is said of it otherwise, because it is not needed.
#[tokio::test(flavor = "multi_thread")]
async fn every_right_that_is_missing_is_named() {
    for lacks in ["watch pods", "watch events", "list jobs.batch", "get serviceaccounts", "delete pods"] {
        let world = start(&format!("kube.lacks = ['{lacks}']")).await;
        let (cluster, pulls) = run(&world, ask()).await;
        assert!(pulls[0].image_id.is_some(), "{lacks}: {pulls:?}");
        let denied = denied(&cluster);
        assert_eq!(denied, [lacks.trim_end_matches(".batch")]);
        // What may not be deleted goes with its owner.
        assert!(cluster.created.iter().all(|created| created.removed), "{lacks}: {cluster:?}");
        assert_eq!(world.kube().expect("a cluster").names("Pod"), Vec::<String>::new());
    }
    let world = start("[kube]").await;
    assert_eq!(run(&world, ask()).await.0.rights, []);
}

/// Without the right to list nodes the scheduler chooses one.
#[tokio::test(flavor = "multi_thread")]
async fn without_nodes_one_canary_goes_anywhere() {
    let world = start("kube.lacks = ['list nodes']\n[[kube.node]]\nname = 'any-0'").await;
    let (cluster, pulls) = run(&world, ask()).await;
    assert_eq!(kinds(&cluster), [TroubleKind::Forbidden]);
    assert_eq!(pulls[0].node.as_ref().map(|node| node.name.as_str()), Some("any-0"));
    assert_eq!(pulls[0].held, None);
    assert!(reasons(&pulls[0]).contains(&"Pulled".to_owned()));
}

/// Every right that makes it quicker or tells more is optional.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_watched_is_asked_for() {
    for (lacks, kinds_expected) in [
        ("'watch pods', 'watch events'", &[][..]),
        ("'watch pods'", &[]),
        ("'list pods', 'list jobs.batch', 'get serviceaccounts', 'get namespaces'", &[]),
        ("'list events', 'watch events'", &[TroubleKind::Forbidden]),
    ] {
        let world = start(&format!("kube.lacks = [{lacks}]")).await;
        let (cluster, pulls) = run(&world, ask()).await;
        assert_eq!(kinds(&cluster), kinds_expected, "{lacks}: {:?}", cluster.troubles);
        assert!(pulls[0].image_id.is_some() && !pulls[0].out_of_time, "{lacks}: {pulls:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policys_refusal_is_no_missing_right() {
    let words = "violates PodSecurity \"restricted:latest\": seccompProfile";
    for (key, pods) in [("denies_pods", 0), ("denies_jobs", 0)] {
        let world = start(&format!("kube.admission.{key} = '{words}'")).await;
        let (cluster, pulls) = run(&world, ask()).await;
        assert_eq!(cluster.troubles, [], "{key}");
        let refusal = pulls[0].refused.as_ref().expect("a refusal");
        assert_eq!(refusal.code, 403);
        assert!(refusal.message.as_str().contains(words), "{refusal:?}");
        assert_eq!(pulls[0].words, []);
        assert_eq!(world.kube().expect("a cluster").names("Pod").len(), pods, "{key}");
        assert!(cluster.created.iter().all(|created| created.removed), "{cluster:?}");
    }
}

/// A policy that forbids the tag `latest`, of pods alone or of what Jobs would start too.
#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_is_forbidden_goes_by_the_digest_that_was_seen() {
    let digest = format!("sha256:{}", "1".repeat(64));
    let words = "ValidatingAdmissionPolicy 'no-latest' denied request: use a version";
    for policy in [
        format!("denies_latest = \"{words}\""),
        format!("denies_latest = \"{words}\"\nkube.admission.denies_latest_jobs = \"{words}\""),
    ] {
        for image in ["contosoacr.azurecr.io/team/web:latest", "contosoacr.azurecr.io/team/web"] {
            let world = start(&format!("kube.admission.{policy}")).await;
            let (look, sight) = seen(&digest, 1);
            let asked = pullcheck::cluster::Ask { image: image.to_owned(), sight: Some(sight), ..ask() };
            let (cluster, pulls) = run(&world, asked).await;
            drop(look);
            let [pull] = pulls.as_slice() else { panic!("one pull: {pulls:?}") };
            assert_eq!(pull.image, format!("contosoacr.azurecr.io/team/web@{digest}"));
            assert!(reasons(pull).contains(&"Pulled".to_owned()), "{pull:?}");
            assert_eq!((pull.refused.as_ref(), pull.changed.len()), (None, 0));
            let refusal = pull.tag_refused.as_ref().expect("the refusal of the tag");
            assert_eq!(refusal.code, 422);
            assert!(refusal.message.as_str().contains(words), "{refusal:?}");
            assert!(cluster.created.len() == 2 && cluster.created.iter().all(|c| c.removed), "{cluster:?}");
            let kube = world.kube().expect("a cluster");
            assert_eq!((kube.names("Job"), kube.names("Pod")), (Vec::new(), Vec::new()));
        }
    }
}

/// No digest was seen, the digest is refused as well, or the tag is another: then it is the refusal that counts.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_digest_that_is_allowed_the_refusal_stands() {
    let digest = format!("sha256:{}", "1".repeat(64));
    for (image, policy, known) in [
        ("team/web:latest", "denies_latest", false),
        ("team/web:latest", "denies_pods", true),
        ("team/web:latest", "denies_jobs", true),
        ("team/web:v1", "denies_pods", true),
    ] {
        let world = start(&format!("kube.admission.{policy} = 'no'")).await;
        let (look, sight) = if known { seen(&digest, 1) } else { pullcheck::cluster::sight::sight() };
        // The look is over.
        drop(look);
        let image = format!("contosoacr.azurecr.io/{image}");
        let asked = pullcheck::cluster::Ask { image: image.clone(), sight: Some(sight), ..ask() };
        let (_, pulls) = run(&world, asked).await;
        let [pull] = pulls.as_slice() else { panic!("one pull: {pulls:?}") };
        assert!(pull.refused.is_some() && pull.tag_refused.is_none(), "{image} {policy}: {pull:?}");
        assert_eq!((pull.image.as_str(), pull.words.len()), (image.as_str(), 0));
    }
}

/// Above 2 GiB no kubelet is asked unless that is wanted; what turns out to be so large ends a pull that has begun.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_image_is_pulled_only_where_that_is_wanted() {
    const BOUND: u64 = 2 << 30;
    for (bytes, large, pulls_expected) in [(BOUND, false, 1), (BOUND + 1, false, 0), (BOUND + 1, true, 1)] {
        let world = start("[kube]").await;
        let (_look, sight) = seen("sha256:1", bytes);
        let (cluster, pulls) =
            run(&world, pullcheck::cluster::Ask { large, sight: Some(sight), ..ask() }).await;
        assert_eq!(pulls.len(), pulls_expected, "{bytes} {large}");
        let kube = world.kube().expect("a cluster");
        assert_eq!(kube.made().len(), 2 * pulls_expected, "{bytes} {large}");
        match pulls_expected {
            0 => {
                assert_eq!(kinds(&cluster), [TroubleKind::TooLarge]);
                assert!(cluster.troubles[0].detail.as_str().contains("--allow-large"), "{cluster:?}");
            }
            _ => assert_eq!(cluster.troubles, []),
        }
    }
    let world = start("[[kube.node]]\npull = 'stalls'").await;
    let (look, sight) = pullcheck::cluster::sight::sight();
    let (asked, kube) =
        (pullcheck::cluster::Ask { sight: Some(sight), ..ask() }, world.kube().expect("a cluster"));
    let learns = async {
        while kube.names("Pod").is_empty() {
            tokio::task::yield_now().await;
        }
        look.saw(&running::manifest("sha256:1", BOUND + 1));
    };
    let ((cluster, pulls), ()) = tokio::join!(run(&world, asked), learns);
    assert_eq!((kinds(&cluster), pulls.len()), (vec![TroubleKind::TooLarge], 0));
    assert!(cluster.created.len() == 2 && cluster.created.iter().all(|c| c.removed), "{cluster:?}");
    assert_eq!((kube.names("Job"), kube.names("Pod")), (Vec::new(), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_admission_changes_is_read_back() {
    for (admission, field) in [
        ("registry = 'mirror.contoso.com'", "spec.containers[0].image"),
        ("sidecar = 'mesh.contoso.com/proxy:1'", "spec.containers[1]"),
    ] {
        let world = start(&format!("kube.admission.{admission}")).await;
        let (_, pulls) = run(&world, ask()).await;
        let fields: Vec<_> = pulls[0].changed.iter().map(|change| change.field.as_str()).collect();
        assert_eq!(fields, [field]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pull_secrets_are_those_of_the_account_or_those_that_are_named() {
    let account = "[[kube.service_account]]\nnamespace = 'team'\nname = 'default'\npull_secrets = ['acr']";
    let world = start(account).await;
    let (_, pulls) = run(&world, ask()).await;
    assert_eq!((pulls[0].secrets.as_slice(), pulls[0].changed.len()), (&["acr".to_owned()][..], 0));
    let named = pullcheck::cluster::Ask { pull_secrets: vec!["mine".to_owned()], ..ask() };
    let (_, pulls) = run(&world, named).await;
    assert_eq!((pulls[0].secrets.as_slice(), pulls[0].changed.len()), (&["mine".to_owned()][..], 0));
    let other = pullcheck::cluster::Ask { service_account: Some("absent".to_owned()), ..ask() };
    let (cluster, pulls) = run(&world, other).await;
    assert_eq!((kinds(&cluster), pulls.len()), (vec![TroubleKind::NotFound], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn pull_secrets_are_read_after_a_refusal_alone() {
    let secrets = r#"
[kube]
service_account = [{ namespace = "team", name = "default", pull_secrets = ["mine", "gone"] }]

[[kube.secret]]
name = "mine"
config = '{"auths":{"registry.contoso.com":{"auth":"cm9ib3Q6Q0FOQVJZLXNlY3JldA=="}}}'

[[kube.secret]]
name = "other"
config = '{"auths":{"https://contosoacr.azurecr.io/v1/":{"auth":"cm9ib3Q6Q0FOQVJZLXNlY3JldA=="}}}'

[[kube.secret]]
name = "tls"
type = "kubernetes.io/tls"
config = '{"auths":{"contosoacr.azurecr.io":{"auth":"cm9ib3Q6Q0FOQVJZLXNlY3JldA=="}}}'

[[kube.node]]
"#;
    let read = |world: &world::Running| {
        let requests = world.kube().expect("a cluster").requests();
        requests.iter().filter(|request| request.contains("/secrets")).count()
    };
    let healthy = start(secrets).await;
    let (cluster, _) = run(&healthy, ask()).await;
    assert_eq!((cluster.secrets, read(&healthy)), (None, 0));
    let missing =
        start(&format!("{secrets}pull = 'fails'\nmessage = 'contosoacr.azurecr.io/team/web:v1: not found'"))
            .await;
    let (cluster, _) = run(&missing, ask()).await;
    assert_eq!((cluster.secrets, read(&missing)), (None, 0));
    let refused = start(&format!(
        "{secrets}pull = 'fails'\nmessage = 'failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized'"
    ))
    .await;
    let (cluster, _) = run(&refused, ask()).await;
    let found = cluster.secrets.expect("they were read");
    assert_eq!(found.others, Some(vec!["other".to_owned()]));
    let said = serde_json::to_value(&found).expect("JSON");
    assert_eq!(said["named"][1]["holds"]["keys"][0], "registry.contoso.com");
    assert_eq!(said["named"][0]["holds"]["kind"], "missing");
    assert!(!said.to_string().contains("CANARY") && !said.to_string().contains("cm9ib3Q6"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_of_each_class_is_tested() {
    let world = start(
        "[[kube.node]]\nname = 'a-0'\nholds = ['contosoacr.azurecr.io/team/web:v1']\n[[kube.node]]\nname = 'a-1'\n\
         [[kube.node]]\nname = 'b-0'\npool = 'b'\npull = 'fails'\nmessage = 'm'\n\
         [[kube.node]]\nname = 'w-0'\nos = 'windows'\n[[kube.node]]\nname = 'v-0'\nvirtual = true\n\
         [[kube.node]]\nname = 'n-0'\nready = false\n",
    )
    .await;
    let (cluster, pulls) = run(&world, ask()).await;
    let tested: Vec<_> = pulls
        .iter()
        .map(|p| {
            (p.node.as_ref().map_or("", |n| n.name.as_str()), p.represents.join(" "), p.image_id.is_some())
        })
        .collect();
    assert_eq!(tested, [("a-1", "a-0".to_owned(), true), ("b-0", String::new(), false)]);
    let left: Vec<_> = cluster.left_out.iter().map(|left| (left.name.as_str(), left.why)).collect();
    assert_eq!(left, [("n-0", Why::NotReady), ("v-0", Why::Virtual), ("w-0", Why::Windows)]);
    assert_eq!(cluster.nodes.len(), 6);
    let named = pullcheck::cluster::Ask { nodes: Nodes::Named(vec!["w-0".into(), "x".into()]), ..ask() };
    let (cluster, pulls) = run(&world, named).await;
    assert_eq!(kinds(&cluster), [TroubleKind::NotFound]);
    // A node that was named and not asked is not left out.
    let asked: Vec<bool> = pulls.iter().map(|pull| !pull.pod.is_empty()).collect();
    assert_eq!(asked, [true, false]);
    let pod = world.kube().expect("a cluster").made().pop().expect("a pod");
    assert_eq!(pod["spec"]["os"]["name"], "windows");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_larger_cluster_is_read_page_by_page() {
    let nodes: String =
        (0..230).map(|n| format!("[[kube.node]]\nname = 'n-{n:03}'\nholds = ['other:1']\n")).collect();
    let world = start(&nodes).await;
    let (cluster, pulls) = run(&world, ask()).await;
    assert_eq!((cluster.nodes.len(), pulls.len(), pulls[0].represents.len()), (230, 1, 229));
}

#[tokio::test(flavor = "multi_thread")]
async fn tier_observe_creates_nothing() {
    let world = start("[kube]").await;
    let (cluster, pulls) = run(&world, pullcheck::cluster::Ask { canary: false, ..ask() }).await;
    assert_eq!((cluster.nodes.len(), pulls.len(), cluster.created.len()), (1, 0, 0));
    let kube = world.kube().expect("a cluster");
    assert!(kube.requests().iter().all(|request| request.starts_with("GET ")), "{:?}", kube.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_what_the_run_sends() {
    let world = start("[kube]").await;
    let access = running::access(&world, &Flags::default());
    let plan = plan(&access, &ask()).await;
    let kube = world.kube().expect("a cluster");
    assert_eq!(kube.made(), Vec::<serde_json::Value>::new());
    assert_eq!(plan.objects.len(), 2);
    assert!(plan.rights.iter().all(|right| right.allowed == Some(true)), "{:?}", plan.rights);
    run(&world, ask()).await;
    for (planned, made) in plan.objects.iter().zip(kube.made()) {
        assert_eq!(planned["spec"]["containers"], made["spec"]["containers"]);
        assert_eq!(planned["spec"]["ttlSecondsAfterFinished"], made["spec"]["ttlSecondsAfterFinished"]);
    }
    assert_eq!(plan.calls.iter().filter(|call| call.starts_with("DELETE")).count(), 2);
}

/// A call without what differs from run to run: the name's own part, and the query.
fn call(text: &str) -> String {
    let path = text.split('?').next().unwrap_or_default();
    let parts = path.split('/').map(|part| match part.strip_prefix("pullcheck-") {
        Some(rest) => format!("pullcheck-*{}", rest.get(8..).unwrap_or_default()),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Nothing is asked of the API server that the plan does not tell.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_tells_every_call() {
    let world = start("[[kube.node]]\nname = 'a'\n[[kube.node]]\nname = 'b'\npool = 'b'").await;
    let access = running::access(&world, &Flags::default());
    let plan = plan(&access, &ask()).await;
    let kube = world.kube().expect("a cluster");
    let before = kube.requests().len();
    run(&world, ask()).await;
    let told: Vec<String> = plan.calls.iter().map(|planned| call(planned)).collect();
    for made in kube.requests().iter().skip(before).map(|made| call(made)) {
        assert!(told.contains(&made), "{made} is not in {told:#?}");
    }
    assert!(plan.is_sound());
}

/// What is denied to the probes keeps no kubelet from being asked; a node that is not there does.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_sound_where_a_verdict_is_possible() {
    let named = |names: &[&str]| Nodes::Named(names.iter().map(|name| (*name).to_owned()).collect());
    for (world, nodes, is_sound) in [
        ("[kube]", named(&["np1-0"]), true),
        ("[kube]", named(&["np1-0", "gone"]), false),
        ("[[kube.node]]\nready = false", Nodes::OnePerClass, false),
        ("kube.terminating = ['team']", Nodes::OnePerClass, false),
        ("kube.lacks = ['list nodes']", Nodes::OnePerClass, true),
        ("kube.lacks = ['delete pods']", Nodes::OnePerClass, false),
    ] {
        let running = start(world).await;
        let access = running::access(&running, &Flags::default());
        let plan = plan(&access, &pullcheck::cluster::Ask { nodes, ..ask() }).await;
        assert_eq!(plan.is_sound(), is_sound, "{world}: {:?}", plan.cluster.troubles);
    }
}

/// A plan says what would keep a node from being asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_tells_of_nodes_that_would_not_be_asked() {
    let world = start("[[kube.node]]\nname = 'a'\n[[kube.node]]\nname = 'b'\nready = false").await;
    let access = running::access(&world, &Flags::default());
    let nodes = Nodes::Named(vec!["a".into(), "b".into(), "nowhere".into()]);
    let plan = plan(&access, &pullcheck::cluster::Ask { nodes, ..ask() }).await;
    assert_eq!(kinds(&plan.cluster), [TroubleKind::NotFound]);
    let text = pullcheck::cluster::shown::plan_text(&plan);
    for line in ["trouble  get node nowhere: no node has this name", "not    b: it is not ready"] {
        assert!(text.lines().any(|told| told == line), "{line}: {text}");
    }
    assert_eq!(plan.objects.len(), 2);
}

const LEFT: &str = "
[[kube.leftover]]
kind = 'Job'
namespace = 'team'
name = 'old'
age_s = 9000
lifetime_s = 600
[[kube.leftover]]
kind = 'Job'
namespace = 'team'
name = 'of-another-run'
age_s = 10
lifetime_s = 600
[[kube.leftover]]
kind = 'Pod'
namespace = 'team'
name = 'old-pod'
age_s = 9000
lifetime_s = 600
[[kube.leftover]]
kind = 'Pod'
namespace = 'default'
name = 'elsewhere'
age_s = 9000
lifetime_s = 600
[[kube.leftover]]
kind = 'Pod'
namespace = 'team'
name = 'exporter'
age_s = 9000
ours = false
";

#[tokio::test(flavor = "multi_thread")]
async fn only_what_has_outlived_itself_is_swept() {
    let world = start(LEFT).await;
    run(&world, ask()).await;
    let kube = world.kube().expect("a cluster");
    assert_eq!(kube.names("Job"), ["team/of-another-run"]);
    assert_eq!(kube.names("Pod"), ["default/elsewhere", "team/exporter"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cleanup_removes_all_that_is_ours() {
    let world = start(LEFT).await;
    let access = running::access(&world, &Flags::default());
    let connected = connect(&access, Instant::now() + SHORT).await.expect("a client");
    let (removed, troubles) = cleanup(&connected, &Scope::Namespace("team".to_owned()), running::LONG).await;
    assert_eq!((removed.len(), troubles.len()), (3, 0), "{removed:?} {troubles:?}");
    assert!(removed.iter().all(|object| object.removed));
    let (removed, _) = cleanup(&connected, &Scope::All, running::LONG).await;
    assert_eq!(removed.len(), 1);
    assert_eq!(world.kube().expect("a cluster").names("Pod"), ["team/exporter"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cleanup_reads_every_page() {
    let left: String = (0..450)
        .map(|n| format!("[[kube.leftover]]\nkind = 'Pod'\nnamespace = 'team'\nname = 'p{n}'\nage_s = 1\n"))
        .collect();
    let world = start(&left).await;
    let access = running::access(&world, &Flags::default());
    let connected = connect(&access, Instant::now() + running::LONG).await.expect("a client");
    let (removed, troubles) = cleanup(&connected, &Scope::All, running::LONG).await;
    assert_eq!((removed.len(), troubles.len()), (450, 0));
    assert!(removed.iter().all(|object| object.removed));
}

/// One trouble is told once, though two kinds could not be listed.
#[tokio::test(flavor = "multi_thread")]
async fn cleanup_tells_a_trouble_once() {
    let world = start("kube.token_expired = true").await;
    let access = running::access(&world, &Flags::default());
    let connected = connect(&access, Instant::now() + running::LONG).await.expect("a client");
    let (_, troubles) = cleanup(&connected, &Scope::All, running::LONG).await;
    assert_eq!(troubles.len(), 1, "{troubles:?}");
}

/// Whoever stops waiting removes what there is.
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_leaves_nothing() {
    let world = start("[[kube.node]]\npull = 'stalls'").await;
    let access = running::access(&world, &Flags::default());
    let ledger = Ledger::default();
    let kube = world.kube().expect("a cluster");
    {
        let mut tell = |_| {};
        let ask = ask();
        let run = gather(&access, &ask, &ledger, &mut tell);
        let made = async {
            while kube.names("Pod").is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            ended = run => panic!("it should stall: {ended:?}"),
            () = made => {}
        }
    }
    assert!(!ledger.is_clean());
    let created = ledger.remove(running::LONG).await;
    assert!(created.len() == 2 && created.iter().all(|object| object.removed), "{created:?}");
    assert_eq!((kube.names("Job"), kube.names("Pod")), (Vec::new(), Vec::new()));
    // Again, it does nothing.
    assert_eq!(ledger.remove(running::LONG).await, created);
}

/// What was asked for and is made only when nobody waits any more is removed as well.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_after_the_interrupt_is_removed() {
    let world = start("kube.delay_ms = 400").await;
    let access = running::access(&world, &Flags::default());
    let (ledger, ask) = (Ledger::default(), ask());
    let kube = world.kube().expect("a cluster");
    {
        let mut tell = |_| {};
        let asked = async {
            while !kube.requests().iter().any(|request| request.starts_with("POST ")) {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            ended = gather(&access, &ask, &ledger, &mut tell) => panic!("it waits for its Job: {ended:?}"),
            () = asked => {}
        }
    }
    let created = ledger.remove(running::LONG).await;
    while kube.made().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(kube.names("Job"), Vec::<String>::new());
    assert!(created.len() == 1 && created[0].removed, "{created:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_removed_is_said() {
    let world = start("kube.lacks = ['delete pods', 'delete jobs.batch']").await;
    let (cluster, _): (Cluster, _) = run(&world, ask()).await;
    assert!(cluster.created.iter().all(|created| !created.removed), "{:?}", cluster.created);
    assert_eq!(cluster.created.len(), 2);
    for created in &cluster.created {
        let why = created.why_left().unwrap_or_default();
        assert!(why.starts_with("no right to delete"), "{created:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_finalizer_holds_is_said() {
    let world = start("kube.admission.finalizer = 'policy.contoso.com/audit'").await;
    let (cluster, pulls) = run(&world, ask()).await;
    assert!(pulls[0].image_id.is_some());
    let pod = cluster.created.iter().find(|created| created.kind == "Pod").expect("a pod");
    assert!(
        !pod.removed && pod.why_left().is_some_and(|why| why.contains("policy.contoso.com/audit")),
        "{pod:?}"
    );
}

/// A server that goes away while a kubelet pulls: it is said, and that nothing was removed.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_told() {
    let world = start("kube.dies = true").await;
    let asked = pullcheck::cluster::Ask { timeout: SHORT, pull_timeout: SHORT, ..ask() };
    let (cluster, pulls) = run(&world, asked).await;
    let why = pulls[0].cut_short.as_ref().expect("why it was not heard");
    assert!(why.as_str().contains("no connection with the API server: https://127.0.0.1:"), "{why}");
    assert!(!pulls[0].out_of_time && cluster.created.iter().all(|created| !created.removed), "{cluster:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_right_is_asked_about() {
    let world = start("kube.lacks = ['watch events']").await;
    let access = running::access(&world, &Flags::default());
    let connected = connect(&access, Instant::now() + running::LONG).await.expect("a client");
    let rights = rights(&connected, "team").await;
    let denied: Vec<_> = rights.iter().filter(|right| right.allowed == Some(false)).collect();
    assert_eq!((rights.len(), denied.len()), (pullcheck::cluster::rights::NEEDS.len(), 1));
    assert_eq!(denied[0].verb, "watch");
    assert_eq!(pullcheck::cluster::rights::missing(&rights), Vec::<&_>::new());
}

/// A server by its name, with the certificate of another.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_resolved_and_its_port_kept() {
    let world = start("[kube]").await;
    let kube = world.kube().expect("a cluster");
    let port = kube.address().port();
    let named = format!("https://localhost:{port}\n    tls-server-name: 127.0.0.1");
    let text = kube.kubeconfig().replace(&format!("https://127.0.0.1:{port}"), &named);
    let flags = Flags { kubeconfig: Some(world.write("named", &text).expect("a file")), ..Flags::default() };
    let mut access = in_effect(&flags, &Default::default()).expect("a kubeconfig").expect("one");
    let (cluster, pulls) = running::run_as(&mut access, ask()).await;
    assert_eq!((cluster.troubles, pulls.len()), (Vec::new(), 1));
}

/// The name and the proxy are no part of the API server, and have kinds of their own.
#[tokio::test(flavor = "multi_thread")]
async fn the_way_to_the_server_has_kinds_too() {
    let world = start("kube.way = 'refused'").await;
    let closed = world.kube().expect("a cluster").address();
    // No resolver asks for a name whose label is longer than 63 characters.
    let nowhere = format!("http://{}.invalid:1", "a".repeat(64));
    for (server, proxy, kind) in [
        (nowhere.as_str(), "", TroubleKind::Unresolved),
        ("https://10.9.9.9:1", "http://PROXY", TroubleKind::Proxy),
        ("https://10.9.9.9:1", "socks5://127.0.0.1:1", TroubleKind::Proxy),
    ] {
        let proxy = proxy.replace("PROXY", &closed.to_string());
        let text = format!(
            "current-context: c\ncontexts: [{{name: c, context: {{cluster: k, user: ''}}}}]\n\
             clusters: [{{name: k, cluster: {{server: '{server}', proxy-url: '{proxy}'}}}}]\n"
        );
        let file = world.write("other", &text).expect("a file");
        let flags =
            Flags { kubeconfig: Some(file), request_timeout: Some(running::LONG), ..Flags::default() };
        let mut access = in_effect(&flags, &Default::default()).expect("a kubeconfig").expect("one");
        let (cluster, _) = running::run_as(&mut access, ask()).await;
        assert_eq!(kinds(&cluster), [kind], "{server} {proxy}: {:?}", cluster.troubles);
        // Whoever was not reached is named.
        let whom =
            if proxy.is_empty() { server } else { proxy.split_once("//").map_or("", |(_, rest)| rest) };
        assert!(cluster.troubles[0].detail.as_str().contains(whom), "{whom}: {:?}", cluster.troubles);
    }
}
