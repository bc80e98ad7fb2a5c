//! Role assignments, role definitions and deny assignments, at any scope.

mod told;
mod write;

use serde_json::{Value, json};

use super::answers::{answer, error, list};
use super::path::Path;
use super::{Arm, found};
use crate::plan::Principal;
use crate::registry::Ask;
use crate::reply::Reply;
use crate::rights::{Assignment, Denial, covers};
use crate::time;
use told::{definition, denial, names, permission, role_id, role_missing};

/// What a filter lets through: `atScope()`, `principalId eq '...'`, `assignedTo('...')`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Filter {
    at_scope: bool,
    principal: Option<String>,
    assigned_to: Option<String>,
}

impl Filter {
    fn of(text: &str) -> Result<Self, Reply> {
        let mut filter = Self::default();
        for term in text.split(" and ").map(str::trim).filter(|term| !term.is_empty()) {
            let plain = term.to_ascii_lowercase();
            let value = || term.split('\'').nth(1).unwrap_or_default().to_ascii_lowercase();
            if plain == "atscope()" {
                filter.at_scope = true;
            } else if plain.starts_with("assignedto(") {
                filter.assigned_to = Some(value());
            } else if plain.starts_with("principalid eq ") {
                filter.principal = Some(value());
            } else {
                return Err(error(400, "UnsupportedQuery", "The filter is not supported."));
            }
        }
        if filter.at_scope && filter.principal.is_some() {
            return Err(error(400, "UnsupportedQuery", "The filter is not supported."));
        }
        Ok(filter)
    }
}

impl Arm {
    /// The answer about who may do what at a scope.
    pub(super) fn authorization(
        &self,
        ask: &Ask,
        known: &Principal,
        path: &Path,
        kind: &str,
        name: Option<&str>,
    ) -> Result<Reply, Reply> {
        // Whoever is in the directory may see the roles of the tenant.
        if !(path.scope == "/" && kind == "roledefinitions" && ask.method == "GET") {
            self.allowed(known, path, &ask.method)?;
        }
        let filter = ask.field("$filter").unwrap_or_default();
        match (kind, ask.method.as_str(), name) {
            ("roleassignments", "GET", None) => self.assignments(ask, &path.scope, &Filter::of(filter)?),
            ("roleassignments", "GET", Some(name)) => {
                let all = self.directory.rights().assignments();
                let one = all.iter().find(|one| one.name.eq_ignore_ascii_case(name));
                let one = one.filter(|one| one.scope.eq_ignore_ascii_case(&path.scope));
                one.map(|one| found(&self.assignment(one))).ok_or_else(|| {
                    let words = format!("The role assignment '{name}' is not found.");
                    error(404, "RoleAssignmentNotFound", &words)
                })
            }
            ("roleassignments", "PUT", Some(name)) => self.assign(ask, known, &path.scope, name),
            ("roleassignments", "DELETE", Some(name)) => {
                Ok(match self.directory.rights().remove(name, &path.scope) {
                    Some(gone) => found(&self.assignment(&gone)),
                    None => Reply::status(204),
                })
            }
            ("roledefinitions", "GET", None) => {
                let all = self.directory.rights().definitions().iter();
                let all = all.filter(|one| names(filter, one)).map(|one| definition(one, &path.scope));
                Ok(list(ask, self.page_size, all.collect()))
            }
            ("roledefinitions", "GET", Some(id)) => {
                let one =
                    self.directory.rights().definitions().iter().find(|one| one.id.eq_ignore_ascii_case(id));
                one.map(|one| found(&definition(one, &path.scope))).ok_or_else(|| role_missing(id))
            }
            // What the caller may do here.
            ("permissions", "GET", None) => {
                let rights = self.directory.rights();
                let who = rights.identities_of(&known.object_id);
                let all = rights.assignments();
                let own = all
                    .iter()
                    .filter(|one| who.contains(&one.principal.as_str()) && covers(&one.scope, &path.scope));
                let own = own
                    .filter_map(|one| rights.definition(&one.role))
                    .map(|role| permission(&role.permission));
                Ok(list(ask, self.page_size, own.collect()))
            }
            ("denyassignments", "GET", None) => {
                let filter = Filter::of(filter)?;
                let all = self.directory.rights().denials().iter();
                let all = all.filter(|one| self.denial_meant(one, &path.scope, &filter)).map(denial);
                Ok(list(ask, self.page_size, all.collect()))
            }
            _ => {
                let words = "The http method is not supported for this path.";
                Err(error(405, "MethodNotAllowed", words))
            }
        }
    }

    fn assignments(&self, ask: &Ask, scope: &str, filter: &Filter) -> Result<Reply, Reply> {
        let rights = self.directory.rights();
        let all = rights.assignments();
        let shown = all.iter().filter(|one| {
            let place = covers(&one.scope, scope) || (!filter.at_scope && covers(scope, &one.scope));
            let direct = filter.principal.as_ref().is_none_or(|id| *id == one.principal);
            let reached = filter
                .assigned_to
                .as_ref()
                .is_none_or(|id| rights.identities_of(id).contains(&one.principal.as_str()));
            place && direct && reached
        });
        Ok(list(ask, self.page_size, shown.map(|one| self.assignment(one)).collect()))
    }

    /// An assignment as it is told.
    fn assignment(&self, one: &Assignment) -> Value {
        let prefix = one.scope.trim_end_matches('/');
        json!({
            "properties": {
                "roleDefinitionId": role_id(&one.role, &self.subscription_of(&one.scope)),
                "principalId": one.principal,
                "principalType": one.kind,
                "scope": one.scope,
                "condition": one.condition,
                "conditionVersion": one.condition.as_ref().map(|_| "2.0"),
                "createdOn": time::arm(one.created),
                "updatedOn": time::arm(one.created),
                "createdBy": "44444444-0000-4000-8000-000000000001",
                "updatedBy": "44444444-0000-4000-8000-000000000001",
                "delegatedManagedIdentityResourceId": null,
                "description": one.description,
            },
            "id": format!("{prefix}/providers/Microsoft.Authorization/roleAssignments/{}", one.name),
            "type": "Microsoft.Authorization/roleAssignments",
            "name": one.name,
        })
    }

    /// The subscription that role ids are written with at a scope.
    fn subscription_of(&self, scope: &str) -> String {
        let own = Path::of(scope).subscription;
        own.unwrap_or_else(|| self.plan.acr.subscription.clone())
    }

    fn denial_meant(&self, one: &Denial, scope: &str, filter: &Filter) -> bool {
        let place = covers(&one.scope, scope) || (!filter.at_scope && covers(scope, &one.scope));
        let asked = filter.assigned_to.as_deref().or(filter.principal.as_deref());
        let meant = match (asked, &one.principals) {
            (Some(id), Some(principals)) => {
                let who = self.directory.rights().identities_of(id);
                principals.iter().any(|one| who.contains(&one.as_str()))
            }
            _ => true,
        };
        place && meant
    }
}

/// What was made.
fn created(body: &Value) -> Reply {
    answer(201, body)
}
