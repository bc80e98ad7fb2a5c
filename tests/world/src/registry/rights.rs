//! What role assignments mean for a registry: in one mode rights of the whole registry, in the other of its repositories.

use super::Registry;
use super::access::{Access, Who};
use crate::plan::Principal;
use crate::rights::{Act, Viewer};
use crate::schema::RoleMode;

/// The actions of a repository that tokens speak of.
const ACTIONS: [&str; 5] = ["pull", "push", "delete", "metadata_read", "metadata_write"];

impl Registry {
    /// What an identity must be allowed for an action of a token.
    fn act(&self, action: &str) -> Option<Act> {
        let act = |action, data| Some(Act { action, data });
        match (self.plan.role_mode, action) {
            (RoleMode::Legacy, "pull" | "metadata_read" | "catalog") => {
                act("Microsoft.ContainerRegistry/registries/pull/read", false)
            }
            (RoleMode::Legacy, "push" | "metadata_write") => {
                act("Microsoft.ContainerRegistry/registries/push/write", false)
            }
            (RoleMode::Legacy, "delete") => {
                act("Microsoft.ContainerRegistry/registries/artifacts/delete", false)
            }
            (RoleMode::Abac, "pull") => {
                act("Microsoft.ContainerRegistry/registries/repositories/content/read", true)
            }
            (RoleMode::Abac, "push") => {
                act("Microsoft.ContainerRegistry/registries/repositories/content/write", true)
            }
            (RoleMode::Abac, "delete") => {
                act("Microsoft.ContainerRegistry/registries/repositories/content/delete", true)
            }
            (RoleMode::Abac, "metadata_read") => {
                act("Microsoft.ContainerRegistry/registries/repositories/metadata/read", true)
            }
            (RoleMode::Abac, "metadata_write") => {
                act("Microsoft.ContainerRegistry/registries/repositories/metadata/write", true)
            }
            (RoleMode::Abac, "catalog") => act("Microsoft.ContainerRegistry/registries/catalog/read", true),
            _ => None,
        }
    }

    /// Whether an identity has a right at a repository, or, without one, whether it may have it at some.
    pub(super) fn has_right(&self, known: &Principal, action: &str, repository: Option<&str>) -> bool {
        self.act(action).is_some_and(|Act { action, data }| {
            let (rights, scope) = (self.directory.rights(), &self.plan.acr.id);
            rights.permits(Viewer::Registry, &known.object_id, (action, data), scope, repository)
        })
    }

    /// Whether an identity has any right here, at whichever repository.
    pub(super) fn has_a_right(&self, known: &Principal) -> bool {
        ACTIONS.iter().chain(&["catalog"]).any(|action| self.has_right(known, action, None))
    }

    /// Whether somebody may list the repositories.
    pub(super) fn may_list(&self, who: Who<'_>) -> bool {
        match who {
            Who::Identity(known) => self.has_right(known, "catalog", None),
            _ => false,
        }
    }

    /// What an identity is given of the actions at a repository that are asked for.
    pub(super) fn given_to(&self, known: &Principal, asked: Access) -> Access {
        let all = asked.actions.iter().any(|action| action == "*");
        let anonymous = self.may_pull(Who::Anonymous, &asked.name);
        let mut actions = Vec::new();
        for action in ACTIONS {
            let wanted = all || asked.actions.iter().any(|one| one == action);
            let open = anonymous && matches!(action, "pull" | "metadata_read");
            if wanted && (open || self.has_right(known, action, Some(&asked.name))) {
                actions.push(action.to_owned());
            }
        }
        Access { actions, ..asked }
    }
}
