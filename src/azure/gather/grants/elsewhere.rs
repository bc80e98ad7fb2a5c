//! What a principal may do at other registries: a role that is missing here may have been given there.
//!
//! It only adds to what is told, so that nothing is said where it cannot be read.

use super::{VERSION, assignment};
use crate::azure::arm::Api;
use crate::azure::together::all;
use crate::azure::{REGISTRIES, ResourceId};
use crate::case::azure::permits::{CONTENT, PULL, speak_of_action, speak_of_data};
use crate::case::azure::{Assignment, Grants};

const DURING: &str = "list the role assignments at other registries";
/// The most subscriptions that are looked in.
const SUBSCRIPTIONS: usize = 8;
/// The most assignments that are kept.
const MOST: usize = 32;

/// Whether one of the principal's own roles has to do with pulling, or may have.
pub(super) fn may_pull(grants: &Grants) -> bool {
    grants.assignments.iter().any(|one| {
        grants.role(one).is_none_or(|role| {
            role.permissions.iter().any(|p| speak_of_action(p, PULL) || speak_of_data(p, CONTENT))
        })
    })
}

/// The assignments of a principal, and of the groups around it, at other registries: those of the registry's own subscription
/// first.
pub(super) async fn read(
    manager: &Api<'_, '_>,
    (registry, subscriptions): (&str, &[&str]),
    object: &str,
) -> Vec<Assignment> {
    let own = registry.split('/').nth(2).unwrap_or_default();
    let others = subscriptions.iter().copied().filter(|id| !id.eq_ignore_ascii_case(own));
    let filter = format!("assignedTo('{object}')");
    let query = [("api-version", VERSION), ("$filter", filter.as_str())];
    let paths: Vec<String> = [own]
        .into_iter()
        .chain(others)
        .take(SUBSCRIPTIONS)
        .map(|id| format!("/subscriptions/{id}/providers/Microsoft.Authorization/roleAssignments"))
        .collect();
    let lists = all(paths.iter().map(|path| manager.list(DURING, path, &query))).await;
    let mut found: Vec<Assignment> = lists
        .iter()
        .flat_map(|list| &list.items)
        .map(assignment)
        .filter(|one| is_other(one, registry))
        .collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    found.truncate(MOST);
    found
}

/// Whether an assignment is at a registry, and at another one.
fn is_other(one: &Assignment, registry: &str) -> bool {
    let scope = one.scope.as_str();
    !scope.eq_ignore_ascii_case(registry) && scope.parse::<ResourceId>().is_ok_and(|id| id.is(REGISTRIES))
}
