//! What a page says of rights, and what follows from what it says of identities.

use super::{Assignment, Condition, Definition, Denial, Group, Permission, definition, roles};
use crate::plan::{Plan, Principal};
use crate::schema::{Deny, IdentityKind, RoleMode, World};

const READER: &str = "Contoso Subscription Reader";

/// The groups of a world.
pub(super) fn groups(world: &World, plan: &Plan) -> Vec<Group> {
    let id = |at: usize| {
        let said = world.groups[at].object_id.as_deref();
        said.map_or_else(|| format!("33333333-0000-4000-8000-{:012}", at + 1), str::to_ascii_lowercase)
    };
    let mut groups: Vec<Group> = Vec::new();
    for (at, said) in world.groups.iter().enumerate() {
        groups.push(Group { name: said.name.clone(), object_id: id(at), members: Vec::new() });
    }
    let members: Vec<Vec<String>> = world
        .groups
        .iter()
        .map(|said| said.members.iter().filter_map(|name| object_id(name, plan, &groups)).collect())
        .collect();
    for (group, members) in groups.iter_mut().zip(members) {
        group.members = members;
    }
    groups
}

/// The object id of somebody that a page names.
fn object_id(name: &str, plan: &Plan, groups: &[Group]) -> Option<String> {
    let known = plan.principals.iter().find(|known| known.name == name).map(|known| known.object_id.clone());
    let group = || groups.iter().find(|group| group.name == name).map(|group| group.object_id.clone());
    let literal = || is_id(name).then(|| name.to_ascii_lowercase());
    known.or_else(group).or_else(literal)
}

/// Whether a text has the form of an id: 8-4-4-4-12 hex digits.
pub(crate) fn is_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| part.chars().all(|c| c.is_ascii_hexdigit()))
}

/// The ARM id of a scope that a page names.
fn scope(name: &str, plan: &Plan) -> Option<String> {
    let subscription = format!("/subscriptions/{}", plan.acr.subscription);
    Some(match name {
        "registry" => plan.acr.id.clone(),
        "group" => format!("{subscription}/resourceGroups/{}", plan.acr.group),
        "subscription" => subscription,
        "root" => "/".to_owned(),
        id if id.starts_with('/') => id.trim_end_matches('/').to_owned(),
        _ => return None,
    })
}

/// Roles that read a subscription and, other than Azure's own `Reader`, pull nothing.
pub(super) fn readers(plan: &Plan) -> Vec<Definition> {
    let mut found: Vec<Definition> = Vec::new();
    for known in plan.principals.iter().filter(|known| known.reads) {
        let (name, id) = reader(known);
        if found.iter().any(|one| one.name == name) {
            continue;
        }
        let mut not_actions = vec!["Microsoft.ContainerRegistry/registries/pull/read".to_owned()];
        not_actions.extend(known.said.lacks.iter().cloned());
        let permission =
            Permission { actions: vec!["*/read".to_owned()], not_actions, ..Permission::default() };
        found.push(Definition { id, name, built_in: false, permission });
    }
    found
}

/// Name and id of the role by which somebody reads.
fn reader(known: &Principal) -> (String, String) {
    match known.said.lacks.is_empty() {
        true => (READER.to_owned(), "dddddddd-0000-4000-8000-00000000ead0".to_owned()),
        false => (
            format!("{READER} for {}", known.name),
            format!("dddddddd-0000-4000-8ead-{}", known.object_id.rsplit('-').next().unwrap_or_default()),
        ),
    }
}

/// The role assignments of a world.
pub(super) fn assignments(
    world: &World,
    plan: &Plan,
    groups: &[Group],
    definitions: &[Definition],
    now: i64,
) -> Vec<Assignment> {
    let mut all: Vec<Assignment> = Vec::new();
    let mut add = |one: Assignment| {
        let name = format!("ffffffff-0000-4000-8000-{:012}", all.len() + 1);
        all.push(Assignment { name, ..one });
    };
    for known in &plan.principals {
        let simple = |role: &str, scope: String, condition| Assignment {
            name: String::new(),
            scope,
            role: definition(definitions, role).map(|role| role.id.clone()).unwrap_or_default(),
            principal: known.object_id.clone(),
            kind: kind(known).to_owned(),
            condition,
            description: None,
            created: now - 30 * 86_400,
            known_after: 0,
        };
        if let Some(patterns) = pulls(world, plan, known) {
            let (role, condition) = match plan.role_mode {
                RoleMode::Legacy => ("AcrPull", None),
                RoleMode::Abac => ("Container Registry Repository Reader", Condition::text_for(&patterns)),
            };
            add(simple(role, plan.acr.id.clone(), condition));
        }
        if known.reads {
            let own = plan.subscriptions.iter().filter(|one| one.tenant == known.tenant);
            for subscription in own {
                add(simple(&reader(known).0, format!("/subscriptions/{}", subscription.id), None));
            }
        }
    }
    for said in world.roles.iter().flatten() {
        let principal = object_id(&said.to, plan, groups).unwrap_or_default();
        let known = plan.principals.iter().find(|known| known.object_id == principal);
        let group = groups.iter().any(|group| group.object_id == principal);
        add(Assignment {
            name: String::new(),
            scope: scope(&said.scope, plan).unwrap_or_default(),
            role: definition(definitions, &said.role).map(|role| role.id.clone()).unwrap_or_default(),
            principal,
            kind: if group { "Group" } else { known.map_or("ServicePrincipal", kind) }.to_owned(),
            condition: said.condition.clone(),
            description: None,
            created: now - said.age_s,
            known_after: said.known_after,
        });
    }
    all
}

/// What the resource manager calls somebody.
pub(crate) fn kind(known: &Principal) -> &'static str {
    if known.said.kind == IdentityKind::User { "User" } else { "ServicePrincipal" }
}

/// The repositories that somebody may pull by a right of its own; none where it has none, or where the page assigns roles.
fn pulls(world: &World, plan: &Plan, known: &Principal) -> Option<Vec<String>> {
    // Another tenant's identity is nobody whom this registry could give a role.
    if known.tenant != plan.registry_tenant || known.cloud != plan.cloud {
        return None;
    }
    match &known.said.pull {
        Some(patterns) => (!patterns.is_empty()).then(|| patterns.clone()),
        None => world.roles.is_none().then(|| vec!["*".to_owned()]),
    }
}

/// The deny assignments of a world.
pub(super) fn denials(world: &World, plan: &Plan, groups: &[Group]) -> Vec<Denial> {
    let ids = |names: &[String]| names.iter().filter_map(|name| object_id(name, plan, groups)).collect();
    let one = |(said, number): (&Deny, u16)| Denial {
        name: said.name.clone(),
        id: format!("eeeeeeee-0000-4000-8fff-{number:012}"),
        scope: scope(&said.scope, plan).unwrap_or_default(),
        not_below: said.not_below,
        principals: said.to.as_deref().map(ids),
        except: ids(&said.except),
        permission: Permission {
            actions: said.actions.clone(),
            data_actions: said.data_actions.clone(),
            ..Permission::default()
        },
    };
    world.denials.iter().zip(1..).map(one).collect()
}

/// Whether all that a page names is there.
pub(super) fn named(world: &World, plan: &Plan) -> Result<(), String> {
    let groups = groups(world, plan);
    let definitions = roles::definitions(world);
    let who = |what: &str, name: &String| match object_id(name, plan, &groups) {
        Some(_) => Ok(()),
        None => Err(format!("{what}: '{name}' is no identity, no group and no object id")),
    };
    let place = |what: &str, name: &str| match scope(name, plan) {
        Some(_) => Ok(()),
        None => Err(format!(
            "{what}: '{name}' is no scope (registry, group, subscription, root) and no id that begins with /"
        )),
    };
    for role in world.roles.iter().flatten() {
        who("role.to", &role.to)?;
        place("role.scope", &role.scope)?;
        if definition(&definitions, &role.role).is_none() {
            return Err(format!("role.role: there is no role '{}'; give it a role_definition", role.role));
        }
    }
    for deny in &world.denials {
        deny.to.iter().flatten().chain(&deny.except).try_for_each(|name| who("deny", name))?;
        place("deny.scope", &deny.scope)?;
        if deny.actions.is_empty() && deny.data_actions.is_empty() {
            return Err(format!("deny '{}': it denies nothing", deny.name));
        }
    }
    for group in &world.groups {
        let mut names = world.groups.iter().filter(|other| other.name == group.name);
        if names.nth(1).is_some() || plan.principals.iter().any(|known| known.name == group.name) {
            return Err(format!("group '{}': something else has this name", group.name));
        }
        group.members.iter().try_for_each(|name| who("group.members", name))?;
    }
    for (said, known) in world.identities.iter().flatten().zip(&plan.principals) {
        let single = said.pull.iter().flatten().any(|pattern| pattern != "*");
        if single && plan.role_mode == RoleMode::Legacy {
            return Err(format!(
                "identity '{}'.pull: a registry with role_mode = \"legacy\" gives no single repositories",
                known.name
            ));
        }
        if !said.lacks.is_empty() && !known.reads {
            return Err(format!("identity '{}'.lacks: it is no reader", known.name));
        }
    }
    Ok(())
}
