//! Azure's resource manager: subscriptions, a registry and what is around it as resources, and who may do what.
//!
//! *Invariant:* resources are made of the page's world, and role assignments are the very ones that the registry looks at.

mod aks;
mod answers;
mod caller;
mod kind;
mod metadata;
mod network;
mod path;
mod registry;
mod resource;
mod roles;
mod sources;
mod vnet;

pub(crate) use resource::omitted;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use answers::{error, found, list};
use path::{Path, Target};
use resource::Resource;
use serde_json::{Value, json};

use crate::directory::Directory;
use crate::plan::{Plan, Principal, Subscription};
use crate::registry::Ask;
use crate::reply::Reply;
use crate::rights::Viewer;
use crate::schema::World;
use crate::trouble::{PathTroubles, Trouble};

/// The resource manager.
pub(crate) struct Arm {
    directory: Arc<Directory>,
    plan: Plan,
    resources: Vec<Resource>,
    page_size: Option<usize>,
    roles_known_after: u64,
    skew: i64,
    /// How long ago a password of the registry's admin user was made anew, in seconds.
    regenerated: Option<i64>,
    trouble: Trouble,
    troubles: PathTroubles,
    requests: AtomicU64,
}

impl Arm {
    /// The resource manager of a world.
    pub(crate) fn new(world: &World, plan: &Plan, directory: Arc<Directory>) -> Self {
        Self {
            directory,
            plan: plan.clone(),
            resources: resource::all(world, plan),
            page_size: world.arm.page_size,
            roles_known_after: world.arm.roles_known_after,
            skew: world.clock_skew_s,
            regenerated: world.registry.resource.regenerated_s,
            trouble: Trouble::new(world.arm.fault.clone()),
            troubles: PathTroubles::new(&world.arm.faults),
            requests: AtomicU64::new(0),
        }
    }

    /// Counts from the start again; role assignments are as they were.
    pub(crate) fn rewind(&self) {
        self.trouble.rewind();
        self.troubles.rewind();
        self.directory.rights().rewind();
    }

    /// The answer to a request.
    pub(crate) fn answer(&self, ask: &Ask) -> Reply {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("7e3cbe59-0000-4000-8000-{number:012x}");
        let reply = self
            .trouble
            .answer(answers::broken)
            .unwrap_or_else(|| self.routed(ask).unwrap_or_else(|refused| refused));
        reply
            .header("x-ms-ratelimit-remaining-subscription-global-reads", "16499")
            .header("x-ms-request-id", &id)
            .header("x-ms-correlation-request-id", &id)
    }

    fn routed(&self, ask: &Ask) -> Result<Reply, Reply> {
        let version = ask.field("api-version").filter(|version| !version.is_empty());
        let Some(version) = version else {
            let words = "The api-version query parameter (?api-version=) is required for all requests.";
            return Err(error(400, "MissingApiVersionParameter", words));
        };
        let path = Path::of(&ask.path);
        if path.target == Target::Metadata {
            return Ok(self.metadata(ask, version));
        }
        let known = self.caller(ask, path.subscription.as_deref())?;
        let action = path.action(&ask.method);
        let troubled = self.troubles.answer(ask, |status| match status {
            403 => answers::forbidden(known, &action, &path.scope),
            404 => answers::missing(&path),
            status => answers::broken(status),
        });
        match troubled {
            Some(reply) => Ok(reply),
            None => self.dispatched(ask, known, &path, version),
        }
    }

    fn dispatched(&self, ask: &Ask, known: &Principal, path: &Path, version: &str) -> Result<Reply, Reply> {
        let reads = ask.method == "GET";
        if let Some(named) = &path.subscription {
            self.within(known, named)?;
        }
        match &path.target {
            Target::Authorization { kind, name } => {
                self.authorization(ask, known, path, kind, name.as_deref())
            }
            Target::Tenants if reads => {
                let id = format!("/tenants/{}", known.tenant);
                Ok(list(ask, self.page_size, vec![json!({"id": id, "tenantId": known.tenant})]))
            }
            Target::Subscriptions if reads => {
                let all = self.plan.subscriptions.iter().filter(|one| self.sees(known, one));
                Ok(list(ask, self.page_size, all.map(subscription).collect()))
            }
            Target::Subscription if reads => {
                self.allowed(known, path, "GET")?;
                let id = path.subscription.as_deref().unwrap_or_default();
                let found = self.plan.subscriptions.iter().find(|one| one.id.eq_ignore_ascii_case(id));
                found.map(|one| answers::found(&subscription(one))).ok_or_else(|| answers::missing(path))
            }
            _ => self.resource(ask, known, path, version),
        }
    }

    /// Whether somebody sees a subscription at all: whoever may read something in it.
    fn sees(&self, known: &Principal, subscription: &Subscription) -> bool {
        known.tenant == subscription.tenant
            && [
                "Microsoft.Resources/subscriptions/read",
                "Microsoft.Resources/subscriptions/resourceGroups/read",
            ]
            .into_iter()
            .any(|action| self.reads_within(known, action, &format!("/subscriptions/{}", subscription.id)))
    }

    /// Whether somebody may do something at a scope or anywhere below it.
    fn reads_within(&self, known: &Principal, action: &str, scope: &str) -> bool {
        let rights = self.directory.rights();
        let below = self.resources.iter().map(|one| one.id.as_str());
        let groups = self.groups();
        let groups = groups.keys().map(String::as_str);
        let mut places =
            std::iter::once(scope).chain(groups).chain(below).filter(|id| crate::rights::covers(scope, id));
        places.any(|id| rights.permits(Viewer::Manager, &known.object_id, (action, false), id, None))
    }

    /// Whether somebody may do this at this very place.
    fn may(&self, known: &Principal, action: &str, scope: &str) -> bool {
        self.directory.rights().permits(Viewer::Manager, &known.object_id, (action, false), scope, None)
    }

    fn allowed(&self, known: &Principal, path: &Path, method: &str) -> Result<(), Reply> {
        let action = path.action(method);
        match self.may(known, &action, &path.scope) {
            true => Ok(()),
            false => Err(answers::forbidden(known, &action, &path.scope)),
        }
    }
}

fn subscription(one: &Subscription) -> Value {
    json!({
        "id": format!("/subscriptions/{}", one.id),
        "subscriptionId": one.id,
        "tenantId": one.tenant,
        "displayName": one.name,
        "state": one.state,
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off",
        },
    })
}

#[cfg(test)]
mod tests;
