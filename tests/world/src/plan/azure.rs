//! The subscriptions of a world, and where in them its registry is.

use super::principals;
use crate::schema::{RoleMode, World};

/// The subscription of the registry where its tenant is not the world's.
const ELSEWHERE: &str = "bbbbbbbb-0000-4000-8000-000000000002";
/// What ids of subscriptions begin with.
pub(super) const SUBSCRIPTION_PREFIX: &str = "/subscriptions/";
const KIND: &str = "Microsoft.ContainerRegistry/registries";

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its tenant.
    pub(crate) tenant: String,
    /// Its state.
    pub(crate) state: String,
}

/// Where the registry is, as a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Acr {
    /// Its name.
    pub(crate) name: String,
    /// Its resource group.
    pub(crate) group: String,
    /// Its subscription.
    pub(crate) subscription: String,
    /// Its ARM id.
    pub(crate) id: String,
}

/// The subscriptions.
pub(super) fn subscriptions(world: &World, tenant: &str, registry_tenant: &str) -> Vec<Subscription> {
    let usual = |id: &str, tenant: &str, name: &str| Subscription {
        id: id.to_owned(),
        name: name.to_owned(),
        tenant: tenant.to_owned(),
        state: "Enabled".to_owned(),
    };
    let mut all = vec![usual(principals::SUBSCRIPTION, tenant, "Contoso")];
    if tenant != registry_tenant {
        all.push(usual(ELSEWHERE, registry_tenant, "Contoso Registries"));
    }
    for said in &world.arm.subscriptions {
        let id = said.id.to_ascii_lowercase();
        all.retain(|one| one.id != id);
        all.push(Subscription {
            id,
            name: said.name.clone(),
            tenant: said.tenant.as_deref().unwrap_or(tenant).to_ascii_lowercase(),
            state: said.state.clone(),
        });
    }
    all
}

/// The place of the registry.
pub(super) fn acr(world: &World, host: &str, elsewhere: bool) -> Acr {
    let said = &world.registry.resource;
    // A name is letters and digits; what a domain name label adds comes after a dash.
    let label = host.split(['.', '-']).next().unwrap_or_default();
    let name = said.name.clone().unwrap_or_else(|| label.to_owned());
    let usual = if elsewhere { ELSEWHERE } else { principals::SUBSCRIPTION };
    let subscription = said.subscription.as_deref().unwrap_or(usual).to_ascii_lowercase();
    let group = said.group.clone();
    let id = format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/{KIND}/{name}");
    Acr { name, group, subscription, id }
}

/// How the registry reads role assignments.
pub(super) fn role_mode(world: &World) -> RoleMode {
    let patterns = world.identities.iter().flatten().flat_map(|said| said.pull.iter().flatten());
    let single = patterns.into_iter().any(|pattern| pattern != "*");
    world.registry.role_mode.unwrap_or(if single { RoleMode::Abac } else { RoleMode::Legacy })
}
