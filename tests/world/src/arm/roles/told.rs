//! How roles and deny assignments are told.

use serde_json::{Value, json};

use crate::arm::answers::error;
use crate::arm::path::Path;
use crate::reply::Reply;
use crate::rights::{Definition, Denial, Permission};

/// Everybody, as a deny assignment names them.
const EVERYBODY: &str = "00000000-0000-0000-0000-000000000000";

/// The ARM id of a role; it names a subscription also where Azure has the role by itself.
pub(super) fn role_id(id: &str, subscription: &str) -> String {
    format!("/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{id}")
}

pub(super) fn role_missing(id: &str) -> Reply {
    let words = format!("The specified role definition with ID '{id}' does not exist.");
    error(404, "RoleDefinitionDoesNotExist", &words)
}

/// Whether a filter lets a role through: `roleName eq '...'`, `type eq '...'`. Other terms are about its scope.
pub(super) fn names(filter: &str, one: &Definition) -> bool {
    filter.split(" and ").filter_map(|term| term.trim().split_once(" eq ")).all(|(field, value)| {
        let value = value.trim().trim_matches('\'');
        match field.to_ascii_lowercase().as_str() {
            "rolename" => one.name.eq_ignore_ascii_case(value),
            "type" => role_type(one).eq_ignore_ascii_case(value),
            _ => true,
        }
    })
}

fn role_type(one: &Definition) -> &'static str {
    if one.built_in { "BuiltInRole" } else { "CustomRole" }
}

pub(super) fn definition(one: &Definition, scope: &str) -> Value {
    let id = match Path::of(scope).subscription {
        Some(subscription) => role_id(&one.id, &subscription),
        None => format!("/providers/Microsoft.Authorization/roleDefinitions/{}", one.id),
    };
    json!({
        "properties": {
            "roleName": one.name,
            "type": role_type(one),
            "description": "",
            "assignableScopes": ["/"],
            "permissions": [permission(&one.permission)],
        },
        "id": id,
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": one.id,
    })
}

pub(super) fn permission(one: &Permission) -> Value {
    json!({
        "actions": one.actions, "notActions": one.not_actions,
        "dataActions": one.data_actions, "notDataActions": one.not_data_actions,
    })
}

pub(super) fn denial(one: &Denial) -> Value {
    let principals = |ids: &[String]| -> Vec<Value> {
        ids.iter().map(|id| json!({"id": id, "type": "ServicePrincipal"})).collect()
    };
    let everybody = || vec![json!({"id": EVERYBODY, "type": "SystemDefined"})];
    json!({
        "properties": {
            "denyAssignmentName": one.name,
            "description": "",
            "permissions": [permission(&one.permission)],
            "scope": one.scope,
            "doNotApplyToChildScopes": one.not_below,
            "principals": one.principals.as_deref().map_or_else(everybody, principals),
            "excludePrincipals": principals(&one.except),
            "isSystemProtected": true,
        },
        "id": format!("{}/providers/Microsoft.Authorization/denyAssignments/{}", one.scope.trim_end_matches('/'), one.id),
        "type": "Microsoft.Authorization/denyAssignments",
        "name": one.id,
    })
}
