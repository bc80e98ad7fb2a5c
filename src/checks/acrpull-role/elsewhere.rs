//! Roles that whoever pulls has at other registries: the registry that was meant may be one of them.

use super::builtin;
use super::words::{role, told};
use crate::case::azure::permits::{CONTENT, PULL, speak_of_action, speak_of_data};
use crate::case::azure::{Assignment, Azure, name_in};
use crate::near;

/// A role at another registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// The other registry's name.
    pub(crate) registry: String,
    /// The role's name.
    pub(crate) role: String,
    /// The role and its scope, in words.
    pub(crate) told: String,
    /// Whether its name is that of the registry that was asked for, or nearly so.
    pub(crate) alike: bool,
}

/// The roles with which whoever pulls could pull from other registries, those of like names first.
pub(crate) fn elsewhere(azure: &Azure) -> Vec<Elsewhere> {
    let (Some(grants), Some(own)) = (&azure.grants, &azure.registry) else { return Vec::new() };
    let lets = |a: &&Assignment| {
        builtin::role(grants, a).is_some_and(|role| {
            role.permissions.iter().any(|p| speak_of_action(p, PULL) || speak_of_data(p, CONTENT))
        })
    };
    let name = |a: &Assignment| name_in(a.scope.as_str()).to_owned();
    let mut all: Vec<Elsewhere> = Vec::new();
    for a in grants.elsewhere.iter().filter(lets) {
        let alike = !near::to(own.name.as_str(), [name(a).as_str()].into_iter()).is_empty();
        let one = Elsewhere { registry: name(a), role: role(grants, a), told: told(grants, a), alike };
        if !all.contains(&one) {
            all.push(one);
        }
    }
    // Stable.
    all.sort_by_key(|one| !one.alike);
    all
}

/// What a finding says of them: the first, and how many there are beside it.
pub(super) fn words(azure: &Azure) -> String {
    let all = elsewhere(azure);
    let Some(first) = all.first() else { return String::new() };
    let what = if first.alike { ", a registry of nearly the same name" } else { ", another registry" };
    let more = match all.len() {
        1 => String::new(),
        more => format!(" ({} more)", more - 1),
    };
    format!("; it has {} at {}{what}{more}", first.role, first.registry)
}
