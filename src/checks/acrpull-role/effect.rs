//! What one role assignment lets its principal do at a registry.

use super::builtin::role;
use super::condition::holds;
use crate::case::azure::permits::{CONTENT, METADATA, PULL, covers, speak_of_action, speak_of_data};
use crate::case::azure::{Assignment, Deny, Grants, Mode, Permissions, Registry, is_same_id};

/// What an assignment comes to, for a pull from one repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It lets the principal pull.
    Pulls,
    /// It is one of the rights that the registry's mode ignores.
    Ignored,
    /// It would, and its condition leaves this repository out.
    OtherRepositories,
    /// It has nothing to do with pulling.
    Nothing,
    /// It cannot be told: the mode, the role or the condition is not known.
    Open,
}

/// What an assignment comes to.
pub(super) fn effect(
    assignment: &Assignment,
    grants: &Grants,
    registry: &Registry,
    repository: Option<&str>,
) -> Effect {
    if !covers(assignment.scope.as_str(), registry.id.as_str()) {
        return Effect::Nothing;
    }
    let Some(role) = role(grants, assignment) else { return Effect::Open };
    let any = |speaks: &dyn Fn(&Permissions) -> bool| role.permissions.iter().any(speaks);
    let legacy = any(&|p| speak_of_action(p, PULL));
    let content = any(&|p| speak_of_data(p, CONTENT));
    let metadata = any(&|p| speak_of_data(p, METADATA));
    match registry.mode {
        Some(Mode::Registry) if legacy => conditioned(assignment, &[PULL], repository),
        Some(Mode::Registry) if content || metadata => Effect::Ignored,
        Some(Mode::Repositories) if content && metadata => {
            conditioned(assignment, &[CONTENT, METADATA], repository)
        }
        // Whether the layers alone are enough stands in no source.
        Some(Mode::Repositories) if content => Effect::Open,
        Some(Mode::Repositories) if legacy => Effect::Ignored,
        Some(Mode::Registry | Mode::Repositories) => Effect::Nothing,
        Some(Mode::Unknown) | None => match (legacy, content && metadata) {
            (true, true) => conditioned(assignment, &[PULL, CONTENT, METADATA], repository),
            (false, false) if !content => Effect::Nothing,
            _ => Effect::Open,
        },
    }
}

fn conditioned(assignment: &Assignment, actions: &[&str], repository: Option<&str>) -> Effect {
    let Some(condition) = assignment.condition.as_ref().filter(|c| !c.as_str().trim().is_empty()) else {
        return Effect::Pulls;
    };
    // The one version that there is; another one may read the same words otherwise.
    let known = assignment.condition_version.as_ref().is_none_or(|version| version.as_str() == "2.0");
    let Some(repository) = repository.filter(|_| known) else { return Effect::Open };
    let held: Vec<Option<bool>> =
        actions.iter().map(|action| holds(condition.as_str(), action, repository)).collect();
    if held.contains(&Some(false)) {
        Effect::OtherRepositories
    } else if held.contains(&None) {
        Effect::Open
    } else {
        Effect::Pulls
    }
}

/// The deny assignment that takes a pull, of those that apply to who pulls; and whether that is certain, which one with a
/// condition is not.
pub(super) fn denied<'a>(denies: &'a [Deny], registry: &Registry) -> Option<(&'a Deny, bool)> {
    let all: Vec<(&Deny, bool)> = denies
        .iter()
        .filter_map(|deny| {
            let here = is_same_id(&deny.scope, &registry.id);
            let covers = here || !deny.only_here && covers(deny.scope.as_str(), registry.id.as_str());
            let takes = |p: &&Permissions| match registry.mode {
                Some(Mode::Registry) => speak_of_action(p, PULL),
                Some(Mode::Repositories) => speak_of_data(p, CONTENT) || speak_of_data(p, METADATA),
                Some(Mode::Unknown) | None => speak_of_action(p, PULL) || speak_of_data(p, CONTENT),
            };
            let taking = deny.permissions.iter().find(takes)?;
            let certain = taking.condition.is_none() && registry.mode.is_some();
            covers.then_some((deny, certain))
        })
        .collect();
    all.iter().find(|(_, certain)| *certain).or_else(|| all.first()).copied()
}
