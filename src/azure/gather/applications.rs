//! The applications that somebody signs in to the registry by: whether they are in the directory, and what they may do.

use super::grants::{self, Who};
use crate::azure::APPLICATION;
use crate::azure::arm::Api;
use crate::azure::sign_in::Operator;
use crate::azure::together::all;
use crate::case::azure::{Application, Registry, Trouble, TroubleKind, is_application};

/// The most applications that are asked about.
const MOST: usize = 4;

/// Asks about the users that are applications. One that could not be looked up is not among them.
pub(super) async fn read(
    operator: &Operator<'_, '_>,
    manager: &Api<'_, '_>,
    (registry, subscriptions): (Option<&Registry>, &[&str]),
    names: &[String],
) -> (Vec<Application>, Vec<Trouble>) {
    let Some(registry) = registry else { return (Vec::new(), Vec::new()) };
    let mut wanted: Vec<String> = Vec::new();
    for name in names.iter().filter(|name| is_application(name)).map(|name| name.to_ascii_lowercase()) {
        if !wanted.contains(&name) {
            wanted.push(name);
        }
    }
    wanted.truncate(MOST);
    let (mut applications, mut troubles) = (Vec::new(), Vec::new());
    for (found, mut more) in
        all(wanted.iter().map(|id| one(operator, manager, (registry, subscriptions), id))).await
    {
        applications.extend(found);
        troubles.append(&mut more);
    }
    (applications, troubles)
}

async fn one(
    operator: &Operator<'_, '_>,
    manager: &Api<'_, '_>,
    (registry, subscriptions): (&Registry, &[&str]),
    client: &str,
) -> (Option<Application>, Vec<Trouble>) {
    let id = Application::of(client);
    let object = match grants::service_principal(operator, client, APPLICATION).await {
        Ok(object) => object,
        // That it is not there is an answer.
        Err(trouble) if trouble.kind == TroubleKind::NotFound => return (Some(id), Vec::new()),
        Err(trouble) => return (None, vec![trouble]),
    };
    let who = Who::Principal { object, is: format!("application {client}") };
    let (grants, troubles) =
        grants::read(manager, operator, (registry.id.as_str(), subscriptions), &who).await;
    (Some(Application { exists: true, grants, ..id }), troubles)
}
