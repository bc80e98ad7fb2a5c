//! Azure's own roles that bear on a pull, for who may not read definitions: their ids are the same everywhere
//! (<https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/containers>, `.../general`).

use std::sync::LazyLock;

use probes::foreign::Foreign;

use crate::case::azure::permits::{CONTENT, METADATA, PULL};
use crate::case::azure::{Assignment, Definition, Grants, Permissions, is_same_id};

/// Id, name, actions, data actions.
type Row = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const REPOSITORIES: &[&str] = &[CONTENT, METADATA];
const ROWS: [Row; 17] = [
    ("7f951dda-4ed3-4680-a7ca-43fe172d538d", "AcrPull", &[PULL], &[]),
    ("8311e382-0749-4cb8-b61a-304f252e45ec", "AcrPush", &[PULL], &[]),
    ("b93aa761-3e63-49ed-ac28-beffa264f7ac", "Container Registry Repository Reader", &[], REPOSITORIES),
    ("2a1e307c-b015-4ebd-883e-5b7698a07328", "Container Registry Repository Writer", &[], REPOSITORIES),
    ("2efddaa5-3f1f-4df3-97df-af3f13818f4c", "Container Registry Repository Contributor", &[], REPOSITORIES),
    (
        "577a9874-89fd-4f24-9dbd-b5034d0ad23a",
        "Container Registry Data Importer and Data Reader",
        &[PULL],
        REPOSITORIES,
    ),
    ("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", &["*/read"], &[]),
    ("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", &["*"], &[]),
    ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", &["*"], &[]),
    // Of those that let nobody pull it is enough to know just that.
    ("c2f4ef07-c644-48eb-af81-4b1b4947fb11", "AcrDelete", &[], &[]),
    ("6cef56e8-d556-48e5-a04f-b8e64114680f", "AcrImageSigner", &[], &[]),
    ("cdda3590-29a3-44f6-95f2-9f980659eb04", "AcrQuarantineReader", &[], &[]),
    ("c8d4ff99-41c3-41a8-9f60-21dfdad59608", "AcrQuarantineWriter", &[], &[]),
    ("bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7", "Container Registry Repository Catalog Lister", &[], &[]),
    (
        "69b07be0-09bf-439a-b9a6-e73de851bd59",
        "Container Registry Configuration Reader and Data Access Configuration Reader",
        &[],
        &[],
    ),
    (
        "3bc748fc-213d-45c1-8d91-9da5725539b9",
        "Container Registry Contributor and Data Access Configuration Administrator",
        &[],
        &[],
    ),
    ("fb382eab-e894-4461-af04-94435c366c3f", "Container Registry Tasks Contributor", &[], &[]),
];

static ROLES: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let texts = |all: &[&str]| all.iter().map(|text| Foreign::new(text)).collect();
    let definition = |(id, name, actions, data): &Row| Definition {
        id: Foreign::new(id),
        name: Foreign::new(name),
        custom: false,
        permissions: vec![Permissions {
            actions: texts(actions),
            data_actions: texts(data),
            ..Permissions::default()
        }],
    };
    ROWS.iter().map(definition).collect()
});

/// The role that an assignment names: as it was read, else as Azure's own is known to be.
pub(super) fn role<'a>(grants: &'a Grants, assignment: &Assignment) -> Option<&'a Definition> {
    grants.role(assignment).or_else(|| ROLES.iter().find(|own| is_same_id(&own.id, &assignment.role)))
}
