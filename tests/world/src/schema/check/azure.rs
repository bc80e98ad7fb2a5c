//! What means nothing in the small Azure of a world, or contradicts itself.

use crate::arm;
use crate::plan::Plan;
use crate::schema::{PathFault, PublicAccess, Sku, World};

/// What is wrong there.
pub(super) fn check(world: &World, plan: &Plan) -> Result<(), String> {
    let known = |id: &str| plan.subscriptions.iter().any(|one| one.id == id);
    if !known(&plan.acr.subscription) {
        return Err(format!(
            "registry.resource.subscription: '{}' is none of the world's; say it in arm.subscriptions",
            plan.acr.subscription
        ));
    }
    resource(world)?;
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
    if !premium && (said.public_access == PublicAccess::Disabled || !said.ip_rules.is_empty()) {
        return Err("registry.resource: only a premium registry has network rules".to_owned());
    }
    match world.registry.firewall.as_ref().map(|wall| &wall.sees) {
        Some(sees) if said.ip_rules.contains(sees) => {
            Err(format!("registry.firewall.sees: {sees} is let in by registry.resource.ip_rules"))
        }
        _ => Ok(()),
    }
}

fn fault(name: &str, fault: &PathFault) -> Result<(), String> {
    match fault.status {
        403 | 404 | 429 | 500..=599 => Ok(()),
        other => Err(format!("{name}.faults.status: {other} is no such fault")),
    }
}
