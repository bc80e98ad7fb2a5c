//! Deny assignments that apply to who pulls. They may name groups, to deny and to spare; where it cannot be told whether who
//! pulls is in one, nothing is told of any.

use serde_json::Value;

use super::members::Members;
use super::{VERSION, permissions};
use crate::azure::arm::{Api, List};
use crate::azure::read;
use crate::case::azure::{Deny, Trouble};

const DURING: &str = "list deny assignments";
/// Who stands for everybody.
const EVERYBODY: &str = "00000000-0000-0000-0000-000000000000";

/// The denials; `None` where they could not be read.
pub(super) async fn read(
    manager: &Api<'_, '_>,
    members: &Members<'_, '_, '_>,
    registry: &str,
    object: Option<&str>,
) -> (Option<Vec<Deny>>, Vec<Trouble>) {
    let list = list(manager, registry, "atScope()").await;
    if let Some(trouble) = list.trouble {
        return (None, vec![trouble]);
    }
    let Some(object) = object else { return (Some(list.items.iter().map(deny).collect()), Vec::new()) };
    let mut denies = Vec::new();
    for said in &list.items {
        let (meant, spared) = (ids(said, "properties.principals"), ids(said, "properties.excludePrincipals"));
        let named = |ids: &[String]| ids.iter().any(|id| id.eq_ignore_ascii_case(object));
        if named(&spared) {
            continue;
        }
        let sure = named(&meant) || meant.iter().any(|id| id == EVERYBODY);
        // Groups matter where it is not meant by itself, or may be spared by one.
        if !sure || !spared.is_empty() {
            let groups = match members.groups().await {
                Ok(groups) => groups,
                Err(trouble) => {
                    // Azure itself may know the groups, though not of those that are spared.
                    let assigned = match spared.is_empty() {
                        true => assigned(manager, registry, object, said).await,
                        false => None,
                    };
                    match assigned {
                        Some(true) => denies.push(deny(said)),
                        Some(false) => {}
                        None => return (None, vec![trouble]),
                    }
                    continue;
                }
            };
            let within = |ids: &[String]| ids.iter().any(|id| groups.contains(&id.to_ascii_lowercase()));
            if within(&spared) || !(sure || within(&meant)) {
                continue;
            }
        }
        denies.push(deny(said));
    }
    (Some(denies), Vec::new())
}

async fn list(manager: &Api<'_, '_>, registry: &str, filter: &str) -> List {
    let path = format!("{registry}/providers/Microsoft.Authorization/denyAssignments");
    manager.list(DURING, &path, &[("api-version", VERSION), ("$filter", filter)]).await
}

/// Whether Azure says that a denial is assigned to an object, by itself or by a group; `None` where that could not be asked.
async fn assigned(manager: &Api<'_, '_>, registry: &str, object: &str, said: &Value) -> Option<bool> {
    let own = list(manager, registry, &format!("assignedTo('{object}')")).await;
    let id = read::raw(said, "id")?;
    let is = |one: &Value| read::raw(one, "id").is_some_and(|other| other.eq_ignore_ascii_case(id));
    own.trouble.is_none().then(|| own.items.iter().any(is))
}

fn ids(said: &Value, path: &str) -> Vec<String> {
    let all = read::list(said, path).unwrap_or_default().iter();
    all.filter_map(|one| read::raw(one, "id")).map(str::to_owned).collect()
}

fn deny(said: &Value) -> Deny {
    Deny {
        name: read::text(said, "properties.denyAssignmentName").unwrap_or_default(),
        scope: read::text(said, "properties.scope").unwrap_or_default(),
        permissions: permissions(said),
        only_here: read::switch(said, "properties.doNotApplyToChildScopes").unwrap_or(false),
    }
}
