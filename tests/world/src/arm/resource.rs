//! Resources: what there is, who sees what of it, and what is left out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::answers::{found, list, missing};
use super::path::{Path, Target};
use super::{Arm, aks, answers, kind, network, registry};
use crate::plan::{Plan, Principal};
use crate::registry::Ask;
use crate::reply::Reply;
use crate::rights::covers;
use crate::schema::World;

/// A resource.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Resource {
    /// Its ARM id.
    pub(super) id: String,
    /// Its kind.
    pub(super) kind: &'static str,
    /// What it is: all that the newest version tells.
    pub(super) body: Value,
    /// What is left out (JSON pointers without the first slash).
    pub(super) omit: Vec<String>,
}

impl Resource {
    /// A resource with its id, name and kind in it.
    pub(super) fn new(id: String, kind: &'static str, mut body: Value, omit: &[String]) -> Self {
        body["name"] = id.rsplit('/').next().unwrap_or_default().into();
        body["id"] = id.as_str().into();
        body["type"] = kind.into();
        Self { id, kind, body, omit: omit.to_vec() }
    }

    /// As a version tells it.
    fn told(&self, version: &str) -> Value {
        let mut body = self.body.clone();
        if let Some(properties) = body["properties"].as_object_mut() {
            for (field, from) in registry::FIELDS_SINCE.iter().filter(|_| self.kind == kind::REGISTRY) {
                if version < *from {
                    properties.remove(*field);
                }
            }
        }
        if self.kind == kind::CACHE_RULE && version < registry::RULE_IDENTITY_SINCE {
            remove(&mut body, "identity");
        }
        self.omit.iter().for_each(|pointer| remove(&mut body, pointer));
        body
    }

    /// As in a list of all resources.
    fn short(&self) -> Value {
        let fields = ["id", "name", "type", "location", "sku", "kind", "identity", "tags"];
        let fields =
            fields.into_iter().filter_map(|name| Some((name.to_owned(), self.body.get(name)?.clone())));
        Value::Object(fields.collect::<Map<_, _>>())
    }
}

/// Takes what a pointer names out of a body.
fn remove(body: &mut Value, pointer: &str) {
    let (parent, field) = pointer.rsplit_once('/').unwrap_or(("", pointer));
    let parent = if parent.is_empty() { String::new() } else { format!("/{parent}") };
    if let Some(object) = body.pointer_mut(&parent).and_then(Value::as_object_mut) {
        object.remove(field);
    }
}

/// All resources of a world.
pub(super) fn all(world: &World, plan: &Plan) -> Vec<Resource> {
    let registry = registry::resources(world, plan).into_iter();
    let mut all: Vec<Resource> = Vec::new();
    for one in registry.chain(aks::resources(plan)).chain(network::resources(plan)) {
        // Clusters may share a network.
        if !all.iter().any(|known| known.id.eq_ignore_ascii_case(&one.id)) {
            all.push(one);
        }
    }
    all
}

/// Whether all that a page leaves out is there.
pub(crate) fn omitted(world: &World, plan: &Plan) -> Result<(), String> {
    for resource in all(world, plan) {
        if let Some(pointer) =
            resource.omit.iter().find(|p| resource.body.pointer(&format!("/{p}")).is_none())
        {
            return Err(format!("omit: {} has no {pointer}", resource.id));
        }
    }
    Ok(())
}

impl Arm {
    /// The answer about resources and resource groups.
    pub(super) fn resource(
        &self,
        ask: &Ask,
        known: &Principal,
        path: &Path,
        version: &str,
    ) -> Result<Reply, Reply> {
        if ask.method != "GET" {
            self.allowed(known, path, &ask.method)?;
            if ask.method == "POST" && matches!(&path.target, Target::List { kind } if kind == kind::NAMES) {
                return Ok(self.name_availability(ask));
            }
            // A client writes a cluster back after it has changed something else; what it writes is not kept.
            if ask.method == "PUT"
                && matches!(&path.target, Target::Resource { kind, .. } if kind == kind::CLUSTER)
            {
                return self.one(path, version);
            }
            let words = "The http method is not supported for this path.";
            return Err(answers::error(405, "MethodNotAllowed", words));
        }
        match &path.target {
            Target::Resource { .. } => {
                self.allowed(known, path, "GET")?;
                self.in_a_group(path)?;
                self.one(path, version)
            }
            Target::List { kind } if kind == kind::EVENTS => {
                let scope = format!("/subscriptions/{}", path.subscription.as_deref().unwrap_or_default());
                let action = path.action("GET");
                if !self.may(known, &action, &scope) {
                    return Err(answers::forbidden(known, &action, &scope));
                }
                self.events(ask)
            }
            Target::List { kind } => {
                let below = self.visible(known, path)?;
                self.in_a_group(path)?;
                self.parent(path)?;
                // The records of a zone are listed by their type, or all together.
                let wanted = if kind == kind::RECORDS { kind::RECORD } else { kind };
                let of_kind = below.into_iter().filter(|one| one.kind == wanted);
                Ok(list(ask, self.page_size, of_kind.map(|one| one.told(version)).collect()))
            }
            Target::Resources => {
                let filter = ask.field("$filter").unwrap_or_default();
                let all = self.visible(known, path)?.into_iter().map(Resource::short);
                Ok(list(ask, self.page_size, all.filter(|one| lets(filter, one)).collect()))
            }
            Target::Groups => {
                let action = path.action("GET");
                let all = self.groups().into_iter();
                let all =
                    all.filter(|(id, _)| covers(&path.scope, id) && self.reads_within(known, &action, id));
                Ok(list(ask, self.page_size, all.map(|(_, group)| group).collect()))
            }
            Target::Group => {
                self.allowed(known, path, "GET")?;
                let group = self.groups().into_iter().find(|(id, _)| id.eq_ignore_ascii_case(&path.scope));
                group.map(|(_, group)| found(&group)).ok_or_else(|| missing(path))
            }
            _ => Err(missing(path)),
        }
    }

    /// Whether anybody in this cloud has a registry of this name.
    fn name_availability(&self, ask: &Ask) -> Reply {
        let body: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
        let name = body["name"].as_str().unwrap_or_default();
        let taken = |one: &Resource| {
            one.kind == kind::REGISTRY
                && one.body["name"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        found(&match self.resources.iter().any(taken) {
            true => json!({
                "nameAvailable": false, "reason": "AlreadyExists",
                "message": format!("The registry {name} is already in use."),
            }),
            false => json!({"nameAvailable": true}),
        })
    }

    /// The resource at a path.
    fn one(&self, path: &Path, version: &str) -> Result<Reply, Reply> {
        let resource = self.resources.iter().find(|one| one.id.eq_ignore_ascii_case(&path.scope));
        resource.map(|one| found(&one.told(version))).ok_or_else(|| missing(path))
    }

    /// The resources below a scope that somebody may read; refused where that is nothing.
    fn visible(&self, known: &Principal, path: &Path) -> Result<Vec<&Resource>, Reply> {
        let action = path.action("GET");
        if !self.reads_within(known, &action, &path.scope) {
            return Err(answers::forbidden(known, &action, &path.scope));
        }
        let below = self.resources.iter().filter(|one| {
            let deeper = !one.id.eq_ignore_ascii_case(&path.scope);
            deeper && covers(&path.scope, &one.id) && self.may(known, &format!("{}/read", one.kind), &one.id)
        });
        Ok(below.collect())
    }

    /// Whether the resource is there that a list is below.
    fn parent(&self, path: &Path) -> Result<(), Reply> {
        let parent = Path::of(&path.scope);
        let below = matches!(parent.target, Target::Resource { .. });
        match below && !self.resources.iter().any(|one| one.id.eq_ignore_ascii_case(&path.scope)) {
            true => Err(missing(&parent)),
            false => Ok(()),
        }
    }

    /// Whether the resource group of a path is there.
    fn in_a_group(&self, path: &Path) -> Result<(), Reply> {
        let (Some(subscription), Some(group)) = (&path.subscription, &path.group) else { return Ok(()) };
        let id = format!("/subscriptions/{subscription}/resourceGroups/{group}");
        if self.groups().iter().any(|(known, _)| known.eq_ignore_ascii_case(&id)) {
            return Ok(());
        }
        let words = format!("Resource group '{group}' could not be found.");
        Err(answers::error(404, "ResourceGroupNotFound", &words))
    }

    /// The resource groups, by their ids.
    pub(super) fn groups(&self) -> BTreeMap<String, Value> {
        let mut groups = BTreeMap::new();
        for resource in &self.resources {
            let Some(at) = resource.id.find("/providers/") else { continue };
            let id = &resource.id[..at];
            let name = id.rsplit('/').next().unwrap_or_default();
            groups.entry(id.to_owned()).or_insert_with(|| {
                json!({
                    "id": id, "name": name, "type": "Microsoft.Resources/resourceGroups",
                    "location": self.plan.cloud.region(), "properties": {"provisioningState": "Succeeded"},
                })
            });
        }
        groups
    }
}

/// Whether a filter lets a resource through: `resourceType eq '...' and name eq '...'`.
fn lets(filter: &str, resource: &Value) -> bool {
    filter.split(" and ").map(str::trim).filter(|term| !term.is_empty()).all(|term| {
        let (field, value) = term.split_once(" eq ").unwrap_or((term, ""));
        let field = if field.eq_ignore_ascii_case("resourceType") { "type" } else { field };
        let own = resource.get(field).and_then(Value::as_str);
        own.is_some_and(|own| own.eq_ignore_ascii_case(value.trim_matches('\'')))
    })
}
