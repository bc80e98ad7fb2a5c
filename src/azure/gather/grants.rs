//! Who may do what at the registry: role assignments, the roles that they name, and what is denied.

mod denies;
mod elsewhere;
mod members;

use std::collections::BTreeSet;

use jiff::Timestamp;
use probes::foreign::Foreign;
use serde_json::Value;

use self::members::Members;
use crate::azure::arm::{Api, List};
use crate::azure::sign_in::Operator;
use crate::azure::together::all;
use crate::azure::{read, trouble};
use crate::case::azure::{Assignment, Definition, Grants, Permissions, Trouble, TroubleKind, name_in};

const VERSION: &str = "2022-04-01";
const ASSIGNMENTS: &str = "list role assignments";
/// What is being done while roles are read.
pub const DEFINITIONS: &str = "read role definitions";
/// What is being done while an application's object in the directory is looked for.
pub const PRINCIPAL: &str = "look the cluster's service principal up";
/// What is being done while an application that somebody signs in by is looked for.
pub const APPLICATION: &str = "look the application up";
/// The most roles that are read.
const ROLES: usize = 64;
/// The most assignments that are kept.
const MOST: usize = 1_000;

/// Whose rights are asked about.
pub(super) enum Who {
    /// It is not known who pulls.
    Nobody,
    /// The object id of who pulls, and what that is.
    Principal { object: String, is: String },
}

/// The object id of a service principal in the operator's tenant.
pub(super) async fn service_principal(
    operator: &Operator<'_, '_>,
    client: &str,
    during: &str,
) -> Result<String, Trouble> {
    // An id has no quote, and what has one is no id.
    if !client.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(trouble::of(
            TroubleKind::Answer,
            during,
            format!("'{client}' is no id of an application"),
        ));
    }
    let graph = operator.graph().await?;
    let filter = format!("appId eq '{client}'");
    let list =
        graph.list(during, "/v1.0/servicePrincipals", &[("$filter", &filter), ("$select", "id,appId")]).await;
    let own = |item: &&Value| read::raw(item, "appId").is_some_and(|id| id.eq_ignore_ascii_case(client));
    match (list.items.iter().find(own).and_then(|item| read::raw(item, "id")), list.trouble) {
        (Some(id), _) => Ok(id.to_owned()),
        (None, Some(trouble)) => Err(trouble),
        (None, None) => {
            let told = format!("the directory has no service principal of the application '{client}'");
            Err(trouble::of(TroubleKind::NotFound, during, told))
        }
    }
}

/// The grants at a registry; `None` where nothing of them could be read. `subscriptions` are those in which other registries
/// may be.
pub(super) async fn read(
    manager: &Api<'_, '_>,
    operator: &Operator<'_, '_>,
    (registry, subscriptions): (&str, &[&str]),
    who: &Who,
) -> (Option<Grants>, Vec<Trouble>) {
    let mut troubles = Vec::new();
    let object = match who {
        Who::Nobody => None,
        Who::Principal { object, .. } => Some(object.as_str()),
    };
    let members = Members::of(operator, object);
    let (everybody, own, denied) = tokio::join!(
        assignments(manager, registry, "atScope()"),
        async {
            let filter = format!("atScope() and assignedTo('{}')", object?);
            Some(assignments(manager, registry, &filter).await)
        },
        denies::read(manager, &members, registry, object),
    );
    let all_seen = everybody.trouble.is_none();
    let others: Vec<Assignment> = everybody.items(&mut troubles).iter().map(assignment).collect();
    let mut grants = Grants { others, ..Grants::default() };
    if let (Some(object), Some(own), Who::Principal { is, .. }) = (object, own, who) {
        grants.principal = Some(Foreign::new(object));
        grants.who = is.clone();
        // Whoever may not ask by principal may still see all that there is, and know the groups.
        let groups = match own.trouble.is_some() && !grants.others.is_empty() {
            true => Some(members.groups().await),
            false => None,
        };
        troubles.extend(tell_apart(&mut grants, own, groups, all_seen));
    }
    let seen = grants.assignments.len();
    grants.assignments.truncate(MOST);
    grants.complete &= seen <= MOST;
    grants.others_unread = !all_seen || grants.others.len() > MOST;
    grants.others.truncate(MOST);
    let (definitions, mut missing) = definitions(manager, registry, &grants).await;
    grants.definitions = definitions;
    if let Some(object) = object.filter(|_| !elsewhere::may_pull(&grants)) {
        grants.elsewhere = elsewhere::read(manager, (registry, subscriptions), object).await;
    }
    let (denied, mut also) = denied;
    troubles.append(&mut missing);
    troubles.append(&mut also);
    grants.denies = denied;
    let anything = all_seen || grants.complete || grants.denies.is_some();
    let anything = anything || !grants.assignments.is_empty() || !grants.others.is_empty();
    (anything.then_some(grants), troubles)
}

/// Tells the principal's own assignments from the others: by the list of its own, or, where that could not be had, by the
/// groups that it is in.
fn tell_apart(
    grants: &mut Grants,
    own: List,
    groups: Option<Result<BTreeSet<String>, Trouble>>,
    all_seen: bool,
) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let mut mine: Vec<Assignment> = own.items.iter().map(assignment).collect();
    grants.complete = own.trouble.is_none();
    if let Some(trouble) = own.trouble {
        let mut names: BTreeSet<String> =
            grants.principal.iter().map(|id| id.as_str().to_ascii_lowercase()).collect();
        match groups {
            Some(Ok(groups)) => {
                names.extend(groups);
                grants.complete = all_seen;
            }
            Some(Err(also)) => troubles.extend([trouble, also]),
            None => troubles.push(trouble),
        }
        let is_mine = |one: &&Assignment| names.contains(&one.principal.as_str().to_ascii_lowercase());
        mine.extend(grants.others.iter().filter(is_mine).cloned());
    }
    mine.sort_by(|a, b| a.id.cmp(&b.id));
    mine.dedup_by(|a, b| a.id == b.id);
    grants.others.retain(|one| !mine.iter().any(|own| own.id == one.id));
    grants.assignments = mine;
    troubles
}

async fn assignments(manager: &Api<'_, '_>, registry: &str, filter: &str) -> List {
    let path = format!("{registry}/providers/Microsoft.Authorization/roleAssignments");
    manager.list(ASSIGNMENTS, &path, &[("api-version", VERSION), ("$filter", filter)]).await
}

fn assignment(said: &Value) -> Assignment {
    let text = |path: &str| read::text(said, path);
    let long = |path: &str| read::raw(said, path).map(Foreign::long);
    let role = read::raw(said, "properties.roleDefinitionId").map(name_in);
    Assignment {
        id: text("id").unwrap_or_default(),
        scope: text("properties.scope").unwrap_or_default(),
        role: role.map(Foreign::new).unwrap_or_default(),
        principal: text("properties.principalId").unwrap_or_default(),
        principal_type: text("properties.principalType"),
        condition: long("properties.condition"),
        condition_version: text("properties.conditionVersion"),
        created: read::raw(said, "properties.createdOn").and_then(|at| at.parse::<Timestamp>().ok()),
    }
}

/// The roles that the assignments name, the principal's own first. Of an assignment whose role is not among them nothing is said.
async fn definitions(
    manager: &Api<'_, '_>,
    registry: &str,
    grants: &Grants,
) -> (Vec<Definition>, Vec<Trouble>) {
    let mut ids: Vec<String> = Vec::new();
    for one in grants.assignments.iter().chain(&grants.others) {
        let id = one.role.as_str().to_ascii_lowercase();
        if !id.is_empty() && !ids.contains(&id) {
            ids.push(id);
        }
    }
    let named = ids.len();
    ids.truncate(ROLES);
    let read = all(ids.iter().map(|id| {
        let path = format!("{registry}/providers/Microsoft.Authorization/roleDefinitions/{id}");
        async move { manager.one(DEFINITIONS, &path, &[("api-version", VERSION)]).await }
    }))
    .await;
    let (mut definitions, mut troubles) = (Vec::new(), Vec::<Trouble>::new());
    if named > ROLES {
        let told = format!("the assignments name {named} roles, and {ROLES} were read");
        troubles.push(trouble::of(TroubleKind::Answer, DEFINITIONS, told));
    }
    for said in read {
        match said {
            Ok(said) => definitions.push(definition(&said)),
            // The same for each of them is told once.
            Err(trouble) if troubles.iter().any(|known| alike(known, &trouble)) => {}
            Err(trouble) => troubles.push(trouble),
        }
    }
    (definitions, troubles)
}

fn alike(a: &Trouble, b: &Trouble) -> bool {
    (a.kind, &a.during, &a.code, a.status) == (b.kind, &b.during, &b.code, b.status)
        && a.kind != TroubleKind::NotFound
}

fn definition(said: &Value) -> Definition {
    let id = read::raw(said, "name").or_else(|| read::raw(said, "id").map(name_in));
    let kind = read::raw(said, "properties.type").unwrap_or_default();
    Definition {
        id: id.map(Foreign::new).unwrap_or_default(),
        name: read::text(said, "properties.roleName").unwrap_or_default(),
        custom: kind.eq_ignore_ascii_case("CustomRole"),
        permissions: permissions(said),
    }
}

/// What a role permits, or a deny assignment forbids.
fn permissions(said: &Value) -> Vec<Permissions> {
    let one = |said: &Value| {
        let texts = |name: &str| read::texts(said, name).unwrap_or_default();
        Permissions {
            actions: texts("actions"),
            not_actions: texts("notActions"),
            data_actions: texts("dataActions"),
            not_data_actions: texts("notDataActions"),
            condition: read::raw(said, "condition").map(Foreign::long),
        }
    };
    read::list(said, "properties.permissions").unwrap_or_default().iter().map(one).collect()
}

#[cfg(test)]
mod tests;
