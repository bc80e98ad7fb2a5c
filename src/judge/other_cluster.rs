//! Whether the cluster that Azure was asked about is the one that was looked at. Of another one nothing counts: its identity,
//! its roles, its networks.

use probes::foreign::Foreign;
use probes::observation::Fact;

use crate::case::Case;
use crate::case::azure::{Grants, ManagedCluster, Trouble, TroubleKind, name_in};

/// The case without what Azure said of another cluster, which is told as a trouble instead.
pub(super) fn set_aside(case: Case) -> Case {
    let Some(why) = case.azure.as_ref().and_then(|azure| why(&case, azure.cluster.as_ref()?)) else {
        return case;
    };
    let mut case = case;
    if let Some(azure) = &mut case.azure {
        azure.cluster = None;
        azure.scale_sets = None;
        // What there is at the registry is there all the same; whose it is was asked for the other's identity.
        if let Some(grants) = &mut azure.grants {
            let others = grants.assignments.drain(..).chain(grants.others.drain(..)).collect();
            *grants =
                Grants { others, definitions: std::mem::take(&mut grants.definitions), ..Grants::default() };
        }
        let trouble = Trouble {
            kind: TroubleKind::NotFound,
            during: "the cluster that was named".to_owned(),
            status: None,
            code: None,
            action: None,
            detail: Foreign::new(&why),
            correlation_id: None,
        };
        azure.troubles.insert(0, trouble);
    }
    case
}

/// Why it is another one: by the resource group of the machines, else by the name of the API server.
fn why(case: &Case, cluster: &ManagedCluster) -> Option<String> {
    let name = name_in(cluster.id.as_str());
    if let Some(group) = &cluster.node_resource_group {
        let groups = groups(case);
        if let Some(own) = groups.first() {
            let same = groups.iter().any(|own| own.eq_ignore_ascii_case(group.as_str()));
            return (!same).then(|| {
                format!("the nodes of {name} are in the resource group {group}, and those that were looked at in {own}")
            });
        }
        let mut ids =
            case.cluster.iter().flat_map(|cluster| &cluster.nodes).filter_map(|n| n.provider_id.as_ref());
        if let Some(id) = ids.next() {
            return Some(format!(
                "the nodes of {name} are in Azure, and those that were looked at are not: {id}"
            ));
        }
    }
    let server = case.cluster.as_ref()?.server.as_deref().and_then(host)?;
    let own = cluster.hosts.as_ref()?;
    let is = |own: &Foreign| own.as_str().eq_ignore_ascii_case(server);
    // A name of one's own, or an address, tells nothing.
    let alike = own.iter().any(|own| domain(own.as_str()).eq_ignore_ascii_case(domain(server)));
    (alike && !own.iter().any(is))
        .then(|| format!("its API server is {}, and the one that was asked {server}", own[0]))
}

/// The resource groups of the machines that were looked at: by the node's own file, and by the API server.
fn groups(case: &Case) -> Vec<&str> {
    let of_file = case.observations().filter_map(|seen| match &seen.fact {
        Fact::NodeFiles(files) => files.azure_json.resource_group.as_ref().map(Foreign::as_str),
        _ => None,
    });
    let nodes = case.cluster.iter().flat_map(|cluster| &cluster.nodes);
    of_file
        .filter(|group| !group.is_empty())
        .chain(nodes.filter_map(|node| Some(node.in_azure()?.1)))
        .collect()
}

/// The host of an address.
fn host(address: &str) -> Option<&str> {
    let rest = address.split_once("://")?.1;
    let authority = rest.split(['/', '?']).next()?;
    Some(authority.rsplit_once(':').map_or(authority, |(host, _)| host))
}

/// The last two labels of a name.
fn domain(host: &str) -> &str {
    host.rmatch_indices('.').nth(1).map_or(host, |(at, _)| &host[at + 1..])
}

#[cfg(test)]
#[path = "other_cluster/tests.rs"]
mod tests;
