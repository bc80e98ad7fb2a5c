//! Who may do what: role assignments, deny assignments and groups, asked by the resource manager and by the registry.
//!
//! *Invariant:* what `pull` and `reader` of an identity say is a role assignment here, so that what the registry grants
//! and what the resource manager shows are one.

pub(crate) mod condition;
mod derived;
mod roles;

pub(crate) use condition::Condition;
pub(crate) use derived::{is_id, kind};
pub(crate) use roles::{Act, Definition, Permission};

use std::sync::{Mutex, PoisonError};

use crate::plan::Plan;
use crate::schema::{Role, World};

/// A role assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// Its name, an id.
    pub(crate) name: String,
    /// The ARM id of what it is for, `/` for everything.
    pub(crate) scope: String,
    /// The id of the role.
    pub(crate) role: String,
    /// The object id of who has it.
    pub(crate) principal: String,
    /// What that is: `ServicePrincipal`, `Group`, `User`.
    pub(crate) kind: String,
    /// The condition's text.
    pub(crate) condition: Option<String>,
    /// A remark.
    pub(crate) description: Option<String>,
    /// When it was made, in seconds since 1970.
    pub(crate) created: i64,
    /// The registry knows it only after so many exchanges.
    pub(crate) known_after: u64,
}

/// A deny assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Denial {
    /// Its name.
    pub(crate) name: String,
    /// Its id.
    pub(crate) id: String,
    /// The ARM id of what it is for.
    pub(crate) scope: String,
    /// It does not hold below its scope.
    pub(crate) not_below: bool,
    /// Whom it means; `None`: everybody.
    pub(crate) principals: Option<Vec<String>>,
    /// Whom of them it does not mean.
    pub(crate) except: Vec<String>,
    /// What it denies.
    pub(crate) permission: Permission,
}

/// A group of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// Its name.
    pub(crate) name: String,
    /// Its object id.
    pub(crate) object_id: String,
    /// Object ids of its members.
    pub(crate) members: Vec<String>,
}

/// All of that.
#[derive(Debug)]
pub(crate) struct Rights {
    definitions: Vec<Definition>,
    denials: Vec<Denial>,
    groups: Vec<Group>,
    first: Vec<Assignment>,
    assignments: Mutex<Vec<Assignment>>,
}

/// Who looks at the assignments: the registry learns of some later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// The resource manager.
    Manager,
    /// The registry.
    Registry,
}

impl Rights {
    /// The rights in a world at this time.
    pub(crate) fn new(world: &World, plan: &Plan, now: i64) -> Self {
        let groups = derived::groups(world, plan);
        let mut definitions = roles::definitions(world);
        definitions.extend(derived::readers(plan));
        let first = derived::assignments(world, plan, &groups, &definitions, now);
        Self {
            denials: derived::denials(world, plan, &groups),
            groups,
            definitions,
            assignments: Mutex::new(first.clone()),
            first,
        }
    }

    /// What was assigned since the start is gone, what was taken away is back.
    pub(crate) fn rewind(&self) {
        self.with(|all| all.clone_from(&self.first));
    }

    fn with<T>(&self, what: impl FnOnce(&mut Vec<Assignment>) -> T) -> T {
        what(&mut self.assignments.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The assignments.
    pub(crate) fn assignments(&self) -> Vec<Assignment> {
        self.with(|all| all.clone())
    }

    /// One more assignment.
    pub(crate) fn assign(&self, assignment: Assignment) {
        self.with(|all| all.push(assignment));
    }

    /// Takes an assignment away.
    pub(crate) fn remove(&self, name: &str, scope: &str) -> Option<Assignment> {
        self.with(|all| {
            let same = |one: &Assignment| {
                one.name.eq_ignore_ascii_case(name) && one.scope.eq_ignore_ascii_case(scope)
            };
            let at = all.iter().position(same)?;
            Some(all.remove(at))
        })
    }

    /// The roles.
    pub(crate) fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// The role of this id or name.
    pub(crate) fn definition(&self, named: &str) -> Option<&Definition> {
        definition(&self.definitions, named)
    }

    /// The deny assignments.
    pub(crate) fn denials(&self) -> &[Denial] {
        &self.denials
    }

    /// The groups.
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The groups that somebody is in, directly or by other groups.
    pub(crate) fn groups_of(&self, object_id: &str) -> Vec<&Group> {
        let mut found: Vec<&Group> = Vec::new();
        let mut sought = vec![object_id];
        while let Some(member) = sought.pop() {
            for group in &self.groups {
                if group.members.iter().any(|id| id == member) && !found.contains(&group) {
                    found.push(group);
                    sought.push(&group.object_id);
                }
            }
        }
        found
    }

    /// Somebody's own object id and those of all groups around it.
    pub(crate) fn identities_of<'a>(&'a self, object_id: &'a str) -> Vec<&'a str> {
        let groups = self.groups_of(object_id).into_iter().map(|group| group.object_id.as_str());
        std::iter::once(object_id).chain(groups).collect()
    }

    /// Whether somebody may do something at a scope, and, where that is a registry, with a repository. Without one,
    /// conditions count for nothing.
    pub(crate) fn permits(
        &self,
        viewer: Viewer,
        object_id: &str,
        (action, data): (&str, bool),
        scope: &str,
        repository: Option<&str>,
    ) -> bool {
        let who = self.identities_of(object_id);
        if self.denials.iter().any(|denial| denial.denies(&who, action, data, scope)) {
            return false;
        }
        self.with(|all| {
            all.iter().any(|one| {
                let known = viewer == Viewer::Manager || one.known_after == 0;
                let role = self.definition(&one.role);
                known
                    && who.contains(&one.principal.as_str())
                    && covers(&one.scope, scope)
                    && role.is_some_and(|role| role.permission.names(action, data))
                    && one.lets(action, repository)
            })
        })
    }

    /// An exchange was made: what the registry did not know yet comes nearer.
    pub(crate) fn exchanged(&self) {
        self.with(|all| {
            for one in all.iter_mut() {
                one.known_after = one.known_after.saturating_sub(1);
            }
        });
    }
}

impl Assignment {
    /// Whether its condition lets that through. One that cannot be read lets nothing through.
    fn lets(&self, action: &str, repository: Option<&str>) -> bool {
        match (&self.condition, repository) {
            (Some(text), Some(_)) => {
                Condition::parse(text).is_ok_and(|condition| condition.lets(action, repository))
            }
            _ => true,
        }
    }
}

impl Denial {
    fn denies(&self, who: &[&str], action: &str, data: bool, scope: &str) -> bool {
        let here = match self.not_below {
            true => self.scope.eq_ignore_ascii_case(scope),
            false => covers(&self.scope, scope),
        };
        let means = |ids: &[String]| ids.iter().any(|id| who.contains(&id.as_str()));
        let meant = self.principals.as_deref().is_none_or(means) && !means(&self.except);
        here && meant && self.permission.names(action, data)
    }
}

/// The role of this id or name among these.
pub(crate) fn definition<'a>(all: &'a [Definition], named: &str) -> Option<&'a Definition> {
    all.iter().find(|one| one.id.eq_ignore_ascii_case(named) || one.name.eq_ignore_ascii_case(named))
}

/// Whether a scope is the other one or above it.
pub(crate) fn covers(above: &str, scope: &str) -> bool {
    let (above, scope) = (above.to_ascii_lowercase(), scope.to_ascii_lowercase());
    let above = above.trim_end_matches('/');
    // A management group stands above every subscription that the world has.
    above.is_empty()
        || above.starts_with("/providers/microsoft.management/managementgroups/")
        || scope.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a page's role assignment or name of a scope means.
pub(crate) fn named(world: &World, plan: &Plan) -> Result<(), String> {
    derived::named(world, plan)?;
    world.roles.iter().flatten().try_for_each(readable)
}

fn readable(role: &Role) -> Result<(), String> {
    match role.condition.as_deref().map(Condition::parse) {
        Some(Err(error)) => Err(format!("role '{}' to '{}': {error}", role.role, role.to)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
