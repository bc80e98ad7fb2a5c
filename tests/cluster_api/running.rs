//! A world with a cluster, and a run against it.

use std::collections::BTreeMap;
use std::time::Duration;

use probes::observation::Observation;
use pullcheck::case::cluster::{Cluster, TroubleKind};
use pullcheck::case::pull::Pull;
use pullcheck::cluster::sight::{Look, Sight, sight};
use pullcheck::cluster::{Access, Ask, Flags, Ledger, Nodes, gather, in_effect};
use world::{Running, World};

/// Longer than anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) async fn start(text: &str) -> Running {
    let world: World = text.parse().expect("a world");
    world.start().await.expect("it starts")
}

pub(crate) fn access(world: &Running, flags: &Flags) -> Access {
    let flags = Flags { kubeconfig: Some(world.path("kubeconfig")), ..flags.clone() };
    in_effect(&flags, &BTreeMap::new()).expect("a kubeconfig").expect("one is in effect")
}

pub(crate) fn ask() -> Ask {
    Ask {
        image: "contosoacr.azurecr.io/team/web:v1".to_owned(),
        platform: None,
        nodes: Nodes::OnePerClass,
        max_nodes: 5,
        service_account: None,
        pull_secrets: Vec::new(),
        canary: true,
        probe: None,
        timeout: LONG,
        pull_timeout: LONG,
        large: false,
        sight: None,
        run_id: "b3c1d2".to_owned(),
        clock: || jiff::Timestamp::UNIX_EPOCH,
    }
}

pub(crate) async fn run(world: &Running, ask: Ask) -> (Cluster, Vec<Pull>) {
    run_as(&mut access(world, &Flags::default()), ask).await
}

pub(crate) async fn run_as(access: &mut Access, ask: Ask) -> (Cluster, Vec<Pull>) {
    let mut tell = |_| {};
    let ledger = Ledger::default();
    let (cluster, pulls, _) =
        tokio::time::timeout(2 * LONG, gather(access, &ask, &ledger, &mut tell)).await.expect("an end");
    (cluster, pulls)
}

pub(crate) fn kinds(cluster: &Cluster) -> Vec<TroubleKind> {
    cluster.troubles.iter().map(|trouble| trouble.kind).collect()
}

/// A look that has seen an image of so many bytes, with what it sees.
pub(crate) fn seen(digest: &str, bytes: u64) -> (Look, Sight) {
    let (look, sight) = sight();
    look.saw(&manifest(digest, bytes));
    (look, sight)
}

/// The manifest of an image with this digest and so many bytes.
pub(crate) fn manifest(digest: &str, bytes: u64) -> Observation {
    let of =
        |digest: &str, size: u64| serde_json::json!({ "mediaType": "m", "digest": digest, "size": size });
    let seen = serde_json::json!({
        "role": "registry", "startedAt": "2026-01-01T00:00:00Z", "elapsedMs": 1,
        "fact": {
            "kind": "manifest", "reference": "latest", "digests": { "announced": digest, "computed": digest },
            "get": {
                "method": "GET", "url": "https://contosoacr.azurecr.io/v2/team/web/manifests/latest",
                "outcome": { "kind": "reply", "status": 200, "body": "json", "at": "2026-01-01T00:00:00Z" },
            },
            "content": { "kind": "image", "config": of("sha256:c", 0), "layers": [of("sha256:l", bytes)] },
        },
    });
    serde_json::from_value(seen).expect("an observation")
}
