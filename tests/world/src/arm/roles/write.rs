//! A role assignment that somebody makes. The registry looks at it from then on.

use serde_json::Value;

use super::created;
use super::told::role_missing;
use crate::arm::Arm;
use crate::arm::answers::{error, found};
use crate::plan::Principal;
use crate::registry::Ask;
use crate::reply::Reply;
use crate::rights::{Assignment, is_id, kind};

impl Arm {
    /// Makes a role assignment.
    pub(super) fn assign(
        &self,
        ask: &Ask,
        known: &Principal,
        scope: &str,
        name: &str,
    ) -> Result<Reply, Reply> {
        let body: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
        let text = |field: &str| body["properties"][field].as_str().filter(|text| !text.is_empty());
        let (Some(role), Some(principal)) = (text("roleDefinitionId"), text("principalId")) else {
            let words = "The request content was invalid: roleDefinitionId and principalId are required.";
            return Err(error(400, "InvalidRequestContent", words));
        };
        if !is_id(name) {
            let words = format!(
                "The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
            );
            return Err(error(400, "InvalidRoleAssignmentId", &words));
        }
        let rights = self.directory.rights();
        let role = role.rsplit('/').next().unwrap_or_default();
        let definition = rights.definitions().iter().find(|one| one.id.eq_ignore_ascii_case(role));
        let definition = definition.ok_or_else(|| role_missing(role))?;
        let kind = self.kind_of(known, principal, text("principalType"))?;
        let made = Assignment {
            name: name.to_ascii_lowercase(),
            scope: scope.to_owned(),
            role: definition.id.clone(),
            principal: principal.to_ascii_lowercase(),
            kind,
            condition: text("condition").map(str::to_owned),
            description: text("description").map(str::to_owned),
            created: self.directory.now(),
            known_after: self.roles_known_after,
        };
        for other in rights.assignments() {
            let same = other.role == made.role
                && other.principal == made.principal
                && other.scope.eq_ignore_ascii_case(&made.scope);
            if other.name == made.name && other.scope.eq_ignore_ascii_case(&made.scope) {
                return match same {
                    true => Ok(found(&self.assignment(&other))),
                    false => {
                        let words = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
                        Err(error(400, "RoleAssignmentUpdateNotPermitted", words))
                    }
                };
            }
            if same {
                let words = format!(
                    "The role assignment already exists. The ID of the existing role assignment is {}.",
                    other.name.replace('-', "")
                );
                return Err(error(409, "RoleAssignmentExists", &words));
            }
        }
        let body = self.assignment(&made);
        rights.assign(made);
        Ok(created(&body))
    }

    /// What kind of thing somebody is. A stranger is refused, unless the request says what it is.
    fn kind_of(&self, known: &Principal, principal: &str, said: Option<&str>) -> Result<String, Reply> {
        let group =
            self.directory.rights().groups().iter().any(|one| one.object_id.eq_ignore_ascii_case(principal));
        let found = self.directory.in_tenant(&known.tenant, principal);
        match (group, found, said) {
            (true, ..) => Ok("Group".to_owned()),
            (_, Some(found), _) => Ok(kind(found).to_owned()),
            (_, None, Some(said)) => Ok(said.to_owned()),
            (_, None, None) => {
                let words = format!(
                    "Principal {} does not exist in the directory {}. Check that you have the correct principal ID. If you \
                     are creating this principal and then immediately assigning a role, this error might be related to a \
                     replication delay. In this case, set the role assignment principalType property to a value, such as \
                     ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
                    principal.replace('-', ""),
                    known.tenant
                );
                Err(error(400, "PrincipalNotFound", &words))
            }
        }
    }
}
