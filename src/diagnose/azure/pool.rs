//! The pool of the node that failed: its subnet, and what is on its scale set.

use probes::foreign::Foreign;

use crate::case::Case;
use crate::case::azure::Azure;
use crate::diagnose::kubelet::kubelet_of;
use crate::judge::Judged;
use crate::report::{Says, Stance};

/// The subnets of the node that failed: its own pool's, where that is told; else those of all.
pub(super) fn subnets(case: &Case, azure: &Azure, shown: &Judged) -> Option<Vec<Foreign>> {
    let cluster = azure.cluster.as_ref()?;
    let pool = pool_of(case, shown);
    let own = cluster.pools.iter().flatten().find(|known| pool == Some(known.name.as_str()));
    match own.and_then(|pool| pool.subnet.clone()) {
        Some(own) => Some(vec![own]),
        None => cluster.subnets.clone(),
    }
}

/// The one subnet that the node that failed is in, where it is known.
pub(in crate::diagnose) fn subnet(case: &Case, azure: &Azure, shown: &Judged) -> Option<String> {
    match subnets(case, azure, shown)?.as_slice() {
        [one] => Some(one.to_string()),
        _ => None,
    }
}

/// The pool of the kubelet that failed.
fn pool_of<'a>(case: &'a Case, shown: &Judged) -> Option<&'a str> {
    let pull = kubelet_of(shown).and_then(|name| case.pulls().find(|pull| pull.is_on(name)))?;
    pull.node.as_ref()?.pool.as_deref()
}

/// What is said of scale sets, of the pool of the node that failed, where scale sets tell their pools: others have identities of their own.
pub(super) fn of_pool(case: &Case, azure: &Azure, shown: &Judged, says: &Says) -> Says {
    let kubelet = azure.cluster.as_ref().and_then(|cluster| cluster.kubelet.as_ref());
    let wanted = kubelet.and_then(|kubelet| kubelet.resource_id.as_ref());
    let (Some(wanted), Some(pool)) = (wanted, pool_of(case, shown)) else { return *says };
    let sets = azure.scale_sets.as_deref().unwrap_or_default();
    let own = sets.iter().find(|set| set.pool.as_ref().is_some_and(|own| own.as_str() == pool));
    match own.map(|own| own.has(wanted)) {
        Some(Some(true)) => Says { stance: Stance::Refutes, ..*says },
        Some(Some(false)) => *says,
        // Not told of this pool: what all lack it lacks, too.
        _ if sets.iter().all(|set| set.has(wanted) == Some(false)) => *says,
        _ => Says { stance: Stance::Allows, ..*says },
    }
}
