//! What means nothing in the small Azure of a world, or contradicts itself.

use crate::arm;
use crate::plan::{Cluster, Plan};
use crate::schema::{Flavour, Outbound, PathFault, PublicAccess, Sku, World};

/// What is wrong there.
pub(super) fn check(world: &World, plan: &Plan) -> Result<(), String> {
    let known = |id: &str| plan.subscriptions.iter().any(|one| one.id == id);
    if !known(&plan.acr.subscription) {
        return Err(format!(
            "registry.resource.subscription: '{}' is none of the world's; say it in arm.subscriptions",
            plan.acr.subscription
        ));
    }
    let mut others = world.arm.registries.iter().filter_map(|other| other.subscription.as_deref());
    if let Some(id) = others.find(|id| !known(&id.to_ascii_lowercase())) {
        return Err(format!(
            "arm.registries.subscription: '{id}' is none of the world's; say it in arm.subscriptions"
        ));
    }
    resource(world)?;
    network(world, plan)?;
    plan.clusters.iter().try_for_each(|one| cluster(plan, known, one))?;
    arm::omitted(world, plan)?;
    let faults = [("arm", &world.arm.faults), ("graph", &world.graph.faults)];
    faults.into_iter().try_for_each(|(name, faults)| faults.iter().try_for_each(|one| fault(name, one)))?;
    match world.arm.page_size {
        Some(0) => Err("arm.page_size: no page holds nothing".to_owned()),
        _ => Ok(()),
    }
}

fn resource(world: &World) -> Result<(), String> {
    let said = &world.registry.resource;
    let premium = said.sku == Sku::Premium;
    if !premium
        && (said.public_access == PublicAccess::Disabled
            || !said.ip_rules.is_empty()
            || !said.subnet_rules.is_empty())
    {
        return Err("registry.resource: only a premium registry has network rules".to_owned());
    }
    match world.registry.firewall.as_ref().map(|wall| &wall.sees) {
        Some(sees) if said.ip_rules.contains(sees) => {
            Err(format!("registry.firewall.sees: {sees} is let in by registry.resource.ip_rules"))
        }
        _ => Ok(()),
    }
}

fn network(world: &World, plan: &Plan) -> Result<(), String> {
    let zones = &plan.private_zones;
    for endpoint in &plan.private_endpoints {
        let name = &endpoint.said.name;
        let asked =
            endpoint.said.zones.iter().flatten().find(|name| !zones.iter().any(|zone| zone.name == **name));
        if let Some(zone) = asked {
            return Err(format!("private_endpoint '{name}'.zones: '{zone}' is no private_zone"));
        }
        let given = endpoint.said.addresses.as_ref().map_or(endpoint.members.len(), |given| given.len());
        if given != endpoint.members.len() {
            return Err(format!("private_endpoint '{name}'.addresses: only the registry's hosts have one"));
        }
        if endpoint.subnet.is_empty() {
            return Err(format!("private_endpoint '{name}'.subnet: say which, there is no cluster"));
        }
    }
    let given = world.private_endpoints.is_some() || world.private_zones.is_some();
    match given && world.registry.flavour != Flavour::Acr {
        true => Err("private_endpoint, private_zone: only an ACR has them".to_owned()),
        false => Ok(()),
    }
}

fn cluster(plan: &Plan, known: impl Fn(&str) -> bool, cluster: &Cluster) -> Result<(), String> {
    let name = &cluster.said.name;
    let identity = |name: &String| plan.principals.iter().any(|known| known.name == *name);
    if let Some(kubelet) = cluster.said.kubelet.as_ref().filter(|name| !name.is_empty() && !identity(name)) {
        return Err(format!("aks '{name}'.kubelet: '{kubelet}' is no identity"));
    }
    if let Some(own) = cluster.said.identity.as_ref().filter(|name| !identity(name)) {
        return Err(format!("aks '{name}'.identity: '{own}' is no identity"));
    }
    let named = cluster.pools.iter().flat_map(|pool| &pool.identities);
    if let Some(other) = named.into_iter().find(|name| !identity(name)) {
        return Err(format!("aks '{name}'.pool.identities: '{other}' is no identity"));
    }
    if cluster.pools.is_empty() {
        return Err(format!("aks '{name}'.pool: a cluster has one at least"));
    }
    let none =
        matches!(cluster.said.outbound, Outbound::UserDefinedRouting | Outbound::None | Outbound::Block);
    if cluster.said.egress.is_some() && none {
        return Err(format!("aks '{name}'.egress: with this outbound it has no addresses of its own"));
    }
    if plan.clusters.iter().filter(|one| one.id == cluster.id).count() > 1 {
        return Err(format!("aks '{name}': another cluster has its name and group"));
    }
    match cluster.said.subscription.as_deref() {
        Some(id) if !known(&id.to_ascii_lowercase()) => Err(format!(
            "aks '{name}'.subscription: '{id}' is none of the world's; say it in arm.subscriptions"
        )),
        _ => Ok(()),
    }
}

fn fault(name: &str, fault: &PathFault) -> Result<(), String> {
    match fault.status {
        403 | 404 | 429 | 500..=599 => Ok(()),
        other => Err(format!("{name}.faults.status: {other} is no such fault")),
    }
}
