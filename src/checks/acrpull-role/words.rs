//! Roles and what they come to, in words.

use super::builtin;
use super::effect::Effect;
use crate::case::azure::{Assignment, Grants};
use crate::checks::seen;

/// A role's name.
pub(super) fn role(grants: &Grants, assignment: &Assignment) -> String {
    let known = builtin::role(grants, assignment);
    known.map_or_else(|| format!("the role {}", assignment.role), |role| role.name.to_string())
}

/// `AcrPull at /subscriptions/... by the group OID`.
pub(super) fn told(grants: &Grants, assignment: &Assignment) -> String {
    let group = assignment.principal_type.as_ref().is_some_and(|kind| kind.as_str() == "Group");
    let by = if group && !grants.is_of(&assignment.principal) {
        format!(" by the group {}", assignment.principal)
    } else {
        String::new()
    };
    format!("{} at {}{by}", role(grants, assignment), assignment.scope)
}

/// What an assignment comes to.
pub(super) fn word(effect: Effect, assignment: &Assignment) -> String {
    let word = match effect {
        Effect::Pulls => "lets it pull",
        Effect::Ignored => "counts for nothing in the registry's mode",
        Effect::OtherRepositories => "its condition leaves this repository out",
        Effect::Nothing => "has nothing to do with pulling",
        Effect::Open => "cannot be told",
    };
    match assignment.created {
        Some(at) => format!("{word}; made at {}", seen::time(at)),
        None => word.to_owned(),
    }
}
