//! A world with a cluster, and a run against it.

use std::collections::BTreeMap;
use std::time::Duration;

use pullcheck::case::cluster::{Cluster, TroubleKind};
use pullcheck::case::pull::Pull;
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
