//! Roles: Azure's own, as far as they have to do with a registry, and those of the page.

use crate::glob;
use crate::schema::{RoleDefinition, World};

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Definition {
    /// Its id, the last part of its ARM id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether Azure has it by itself.
    pub(crate) built_in: bool,
    /// What it allows.
    pub(crate) permission: Permission,
}

/// What a role allows, or a deny assignment denies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Permission {
    /// At the resource manager (patterns).
    pub(crate) actions: Vec<String>,
    /// What is taken out of that.
    pub(crate) not_actions: Vec<String>,
    /// Inside of resources (patterns).
    pub(crate) data_actions: Vec<String>,
    /// What is taken out of that.
    pub(crate) not_data_actions: Vec<String>,
}

/// Something that somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Act {
    /// The action.
    pub(crate) action: &'static str,
    /// Whether it is done inside of a resource.
    pub(crate) data: bool,
}

impl Permission {
    /// Whether it names this action.
    pub(crate) fn names(&self, action: &str, data: bool) -> bool {
        let (named, taken) = match data {
            true => (&self.data_actions, &self.not_data_actions),
            false => (&self.actions, &self.not_actions),
        };
        glob::any(named, action) && !glob::any(taken, action)
    }
}

const ACR: &str = "Microsoft.ContainerRegistry/registries";

/// Name, id, actions, actions taken out, data actions. `~` stands for a registry.
type BuiltIn =
    (&'static str, &'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

const READS: [&str; 2] = ["~/repositories/metadata/read", "~/repositories/content/read"];
const BUILT_IN: [BuiltIn; 14] = [
    ("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", &["*"], &[], &[]),
    (
        "Contributor",
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        &["*"],
        &["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"],
        &[],
    ),
    ("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", &["*/read"], &[], &[]),
    (
        "User Access Administrator",
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        &["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
        &[],
        &[],
    ),
    (
        "Role Based Access Control Administrator",
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        &[
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
            "Microsoft.Support/*",
        ],
        &[],
        &[],
    ),
    ("AcrPull", "7f951dda-4ed3-4680-a7ca-43fe172d538d", &["~/pull/read"], &[], &[]),
    ("AcrPush", "8311e382-0749-4cb8-b61a-304f252e45ec", &["~/pull/read", "~/push/write"], &[], &[]),
    ("AcrDelete", "c2f4ef07-c644-48eb-af81-4b1b4947fb11", &["~/artifacts/delete"], &[], &[]),
    (
        "AcrImageSigner",
        "6cef56e8-d556-48e5-a04f-b8e64114680f",
        &["~/sign/write"],
        &[],
        &["~/trustedCollections/write"],
    ),
    ("Container Registry Repository Reader", "b93aa761-3e63-49ed-ac28-beffa264f7ac", &[], &[], &READS),
    (
        "Container Registry Repository Writer",
        "2a1e307c-b015-4ebd-883e-5b7698a07328",
        &[],
        &[],
        &[READS[0], READS[1], "~/repositories/metadata/write", "~/repositories/content/write"],
    ),
    (
        "Container Registry Repository Contributor",
        "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
        &[],
        &[],
        &[
            READS[0],
            READS[1],
            "~/repositories/metadata/write",
            "~/repositories/content/write",
            "~/repositories/metadata/delete",
            "~/repositories/content/delete",
        ],
    ),
    (
        "Container Registry Repository Catalog Lister",
        "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7",
        &[],
        &[],
        &["~/catalog/read"],
    ),
    (
        "Container Registry Data Importer and Data Reader",
        "577a9874-89fd-4f24-9dbd-b5034d0ad23a",
        &["~/importImage/action", "~/read", "~/pull/read"],
        &[],
        &READS,
    ),
];

/// The roles of a world.
pub(super) fn definitions(world: &World) -> Vec<Definition> {
    let patterns = |all: &[&str]| all.iter().map(|one| one.replace('~', ACR)).collect();
    let own = BUILT_IN.iter().map(|(name, id, actions, not_actions, data_actions)| Definition {
        id: (*id).to_owned(),
        name: (*name).to_owned(),
        built_in: true,
        permission: Permission {
            actions: patterns(actions),
            not_actions: patterns(not_actions),
            data_actions: patterns(data_actions),
            not_data_actions: Vec::new(),
        },
    });
    own.chain(world.role_definitions.iter().zip(1_u16..).map(custom)).collect()
}

fn custom((said, number): (&RoleDefinition, u16)) -> Definition {
    Definition {
        id: said
            .id
            .as_deref()
            .map_or_else(|| format!("dddddddd-0000-4000-8000-{number:012}"), str::to_ascii_lowercase),
        name: said.name.clone(),
        built_in: false,
        permission: Permission {
            actions: said.actions.clone(),
            not_actions: said.not_actions.clone(),
            data_actions: said.data_actions.clone(),
            not_data_actions: said.not_data_actions.clone(),
        },
    }
}
