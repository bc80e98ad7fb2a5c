//! Where canaries go, and what is wanted there.

use probes::foreign::Foreign;

use crate::case::cluster::{Cluster, Node, Trouble, TroubleKind};
use crate::case::pull::Pull;
use crate::cluster::access::Access;
use crate::cluster::ask::Ask;
use crate::cluster::facts::Facts;
use crate::cluster::objects::{Place, Wanted};
use crate::cluster::select::{Fitting, Nodes, Selection, Tested, select};

/// Takes in what was read of the cluster, which of its nodes are left out, and which were named that it has not.
pub(in crate::cluster) fn learn(cluster: &mut Cluster, found: &Facts, selection: &Selection) {
    cluster.left_out.clone_from(&selection.left_out);
    cluster.nodes = found.nodes.iter().flatten().map(|listed| listed.node.clone()).collect();
    cluster.troubles.extend(found.troubles.iter().cloned());
    cluster.troubles.extend(selection.missing.iter().map(|name| Trouble {
        kind: TroubleKind::NotFound,
        during: format!("get node {name}"),
        detail: Foreign::new("no node has this name"),
    }));
}

pub(in crate::cluster) fn wanted(access: &Access, ask: &Ask, account: &str, facts: &Facts) -> Wanted {
    Wanted {
        run: ask.run_id.clone(),
        nonce: nonce(&ask.run_id),
        namespace: access.namespace.clone(),
        image: ask.image.clone(),
        service_account: account.to_owned(),
        secrets: ask.pull_secrets.clone(),
        own_users: facts.own_users,
        pull_timeout: ask.pull_timeout,
        timeout: ask.timeout,
    }
}

/// A part of names that no other run and no other round has: from the randomness that every map of the standard library
/// starts with.
fn nonce(run: &str) -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{:08x}", RandomState::new().hash_one(run) & 0xffff_ffff)
}

/// Where canaries go: to the nodes that are tested, or wherever the scheduler wants where nobody may list them.
pub(in crate::cluster) fn places(facts: &Facts, ask: &Ask) -> (Vec<(Place, Tested)>, Selection) {
    let platform = ask.platform.as_ref();
    let Some(listed) = &facts.nodes else {
        let place = |node: Option<&String>| Place {
            node: node.cloned(),
            os: platform.map_or("linux", |p| p.os.as_str()).to_owned(),
            architecture: platform.map(|p| p.architecture.clone()),
        };
        let tested = |name: Option<&String>| Tested {
            node: Node { name: name.cloned().unwrap_or_default(), ..Node::default() },
            ..Tested::default()
        };
        // Nodes that are named can be bound to without being listed.
        let places = match &ask.nodes {
            Nodes::Named(names) => {
                names.iter().take(ask.max_nodes).map(|name| (place(Some(name)), tested(Some(name)))).collect()
            }
            _ => vec![(place(None), tested(None))],
        };
        return (places, Selection::default());
    };
    let fitting = Fitting {
        os: platform.map(|p| p.os.clone()),
        architecture: platform.map(|p| p.architecture.clone()),
    };
    let mut selection = select(listed, &ask.nodes, &fitting, ask.max_nodes);
    let places = std::mem::take(&mut selection.tested)
        .into_iter()
        .map(|tested| {
            let platform = tested.node.platform.as_ref();
            let place = Place {
                node: Some(tested.node.name.clone()),
                os: platform.map_or("linux", |p| p.os.as_str()).to_owned(),
                architecture: None,
            };
            (place, tested)
        })
        .collect();
    (places, selection)
}

/// Nodes that were named and not asked: what they would have said is not known.
pub(super) fn unasked(wanted: &Wanted, ask: &Ask, pulls: &[Pull]) -> Vec<Pull> {
    let Nodes::Named(names) = &ask.nodes else { return Vec::new() };
    let mut missing: Vec<&String> =
        names.iter().filter(|name| !pulls.iter().any(|p| p.is_on(name))).collect();
    missing.dedup();
    let tested =
        |name: &String| Tested { node: Node { name: name.clone(), ..Node::default() }, ..Tested::default() };
    missing.into_iter().map(|name| wanted.unasked(&tested(name))).collect()
}
