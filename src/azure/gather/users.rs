//! The users that somebody signs in to the registry by: its admin user, and tokens of its own.
//!
//! *Invariant:* no password is asked for, of nobody: what would return one is never called.

use jiff::{Span, Timestamp};
use probes::foreign::Foreign;
use serde_json::Value;

use crate::azure::arm::Api;
use crate::azure::read;
use crate::azure::together::all;
use crate::case::azure::{
    Regenerations, Registry, TokenPassword, TokenUser, Trouble, TroubleKind, may_be_own,
};

const TOKEN: &str = "read a token of the registry";
const TOKENS: &str = "list the tokens of the registry";
const MAP: &str = "read a scope map of the registry";
const LOG: &str = "read the activity log of the registry";
/// Every version since scope maps are stable tells the same of them.
const VERSIONS: [&str; 2] = ["2025-11-01", "2023-07-01"];
const LOG_VERSION: &str = "2015-04-01";
/// How far back the log is asked: it keeps 90 days, and refuses a time before them.
const LOG_DAYS: i64 = 89;
/// What a password of the admin user is made anew by.
const REGENERATE: &str = "Microsoft.ContainerRegistry/registries/regenerateCredential/action";
/// The most users that are asked about.
const MOST: usize = 8;

/// What is known of users.
#[derive(Default)]
pub(super) struct Users {
    pub(super) users: Vec<TokenUser>,
    pub(super) regenerations: Option<Regenerations>,
    pub(super) troubles: Vec<Trouble>,
}

/// Asks about the users that may be the registry's own.
pub(super) async fn read(
    manager: &Api<'_, '_>,
    registry: &Registry,
    names: &[String],
    now: Timestamp,
) -> Users {
    let mut found = Users::default();
    let mut wanted: Vec<&str> = Vec::new();
    for name in names.iter().map(String::as_str).filter(|name| may_be_own(name)) {
        let known = wanted.iter().any(|other| other.eq_ignore_ascii_case(name));
        if !known && !registry.is_admin(name) && registry.user(name).is_none() {
            wanted.push(name);
        }
    }
    wanted.truncate(MOST);
    for (user, mut troubles) in
        all(wanted.iter().map(|name| token(manager, registry.id.as_str(), name))).await
    {
        found.users.extend(user);
        found.troubles.append(&mut troubles);
    }
    // Where the admin user is off, it does not matter what its password was.
    let admin = names.iter().any(|name| registry.is_admin(name));
    if admin && registry.admin_user == Some(true) && registry.regenerations.is_none() {
        match regenerations(manager, registry.id.as_str(), now).await {
            Ok(told) => found.regenerations = Some(told),
            Err(trouble) => found.troubles.push(trouble),
        }
    }
    found
}

/// A token by its name, with its scope map.
async fn token(manager: &Api<'_, '_>, registry: &str, name: &str) -> (Option<TokenUser>, Vec<Trouble>) {
    let path = format!("{registry}/tokens/{name}");
    let said = match manager.resource(TOKEN, &path, &VERSIONS).await {
        Ok(said) => said,
        // That it is not there is believed of a whole list alone: who may not see it, and what is too old for it, say the same.
        Err(trouble) if trouble.kind == TroubleKind::NotFound => {
            return missing(manager, registry, name).await;
        }
        Err(trouble) => return (None, vec![trouble]),
    };
    let mut user = user(name, &said);
    let mut troubles = Vec::new();
    // A map of another registry is none of this token's.
    let own = format!("{registry}/scopeMaps/").to_ascii_lowercase();
    let map = read::raw(&said, "properties.scopeMapId");
    if let Some(map) = map.filter(|map| map.to_ascii_lowercase().starts_with(&own)) {
        match manager.resource(MAP, map, &VERSIONS).await {
            Ok(said) => user.actions = read::texts(&said, "properties.actions"),
            Err(trouble) => troubles.push(trouble),
        }
    }
    (Some(user), troubles)
}

async fn missing(manager: &Api<'_, '_>, registry: &str, name: &str) -> (Option<TokenUser>, Vec<Trouble>) {
    let (list, _) = manager.list_in(TOKENS, &format!("{registry}/tokens"), &VERSIONS).await;
    if let Some(trouble) = list.trouble {
        return (None, vec![trouble]);
    }
    let is_it = |said: &Value| read::raw(said, "name").is_some_and(|own| own.eq_ignore_ascii_case(name));
    let user = match list.items.iter().find(|said| is_it(said)) {
        Some(said) => user(name, said),
        None => TokenUser { name: Foreign::new(name), ..TokenUser::default() },
    };
    (Some(user), Vec::new())
}

fn user(name: &str, said: &Value) -> TokenUser {
    let password = |said: &Value| {
        let expiry = match read::raw(said, "expiry") {
            // A time that cannot be read is no end that one knows.
            Some(text) => Some(text.parse::<Timestamp>().ok()?),
            None => None,
        };
        Some(TokenPassword { name: read::text(said, "name").unwrap_or_default(), expiry })
    };
    TokenUser {
        name: Foreign::new(name),
        exists: true,
        enabled: read::switch(said, "properties.status"),
        passwords: read::list(said, "properties.credentials.passwords")
            .and_then(|all| all.iter().map(password).collect()),
        scope_map: read::text(said, "properties.scopeMapId"),
        actions: None,
    }
}

/// When the admin user's passwords were made anew, by the activity log.
async fn regenerations(
    manager: &Api<'_, '_>,
    registry: &str,
    now: Timestamp,
) -> Result<Regenerations, Trouble> {
    let since = now.checked_sub(Span::new().hours(LOG_DAYS * 24)).unwrap_or(now);
    let filter = format!(
        "eventTimestamp ge '{since:.0}' and eventTimestamp le '{now:.0}' and resourceUri eq '{registry}'"
    );
    let subscription = registry.split('/').nth(2).unwrap_or_default();
    let path =
        format!("/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values");
    let list = manager.list(LOG, &path, &[("api-version", LOG_VERSION), ("$filter", &filter)]).await;
    let last = list.items.iter().filter_map(|said| regenerated(said, registry)).max();
    match list.trouble {
        // What was found was found.
        Some(trouble) if last.is_none() => Err(trouble),
        _ => Ok(Regenerations { last }),
    }
}

/// When a password was made anew, if that is what an event tells.
fn regenerated(said: &Value, registry: &str) -> Option<Timestamp> {
    let is = |path: &str, word: &str| read::raw(said, path).is_some_and(|own| own.eq_ignore_ascii_case(word));
    let meant = is("operationName.value", REGENERATE)
        && is("status.value", "Succeeded")
        && is("resourceId", registry);
    read::raw(said, "eventTimestamp").filter(|_| meant)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_lacks_stays_unknown() {
        let read = user("ci", &serde_json::json!({"name": "ci", "properties": {"status": "paused"}}));
        assert_eq!((read.exists, read.enabled, read.passwords), (true, None, None));
        let passwords = |all: Value| {
            let said = serde_json::json!({"properties": {"credentials": {"passwords": all}}});
            user("ci", &said).passwords.map(|all| all.len())
        };
        assert_eq!(passwords(serde_json::json!([])), Some(0));
        assert_eq!(passwords(serde_json::json!([{"name": "password1", "expiry": null}])), Some(1));
        assert_eq!(passwords(serde_json::json!([{"name": "password1", "expiry": "soon"}])), None);
    }

    #[test]
    fn only_a_regeneration_that_succeeded_counts() {
        let event = |operation: &str, status: &str, id: &str| {
            serde_json::json!({
                "operationName": {"value": operation}, "status": {"value": status}, "resourceId": id,
                "eventTimestamp": "2026-11-01T02:03:04.1234567Z",
            })
        };
        let told = |event: Value| regenerated(&event, "/registries/a").is_some();
        assert!(told(event(&REGENERATE.to_uppercase(), "Succeeded", "/REGISTRIES/A")));
        assert!(!told(event(REGENERATE, "Started", "/registries/a")));
        assert!(!told(event(REGENERATE, "Succeeded", "/registries/b")));
        assert!(!told(event("Microsoft.ContainerRegistry/registries/write", "Succeeded", "/registries/a")));
    }
}
