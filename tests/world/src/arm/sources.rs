//! What is below a registry beside its regions: tokens, scope maps, cache rules and their credentials, and what was done to it.

use serde_json::{Value, json};

use super::answers::{error, list};
use super::kind;
use super::resource::Resource;
use super::{Arm, Ask};
use crate::plan::Plan;
use crate::registry::SCOPE_MAPS;
use crate::reply::Reply;
use crate::schema::World;
use crate::time;

/// How long the activity log keeps what was done, in seconds.
const KEPT: i64 = 90 * 86_400;
const CREATED: &str = "2026-01-02T03:04:05.6789012Z";

/// The resources.
pub(super) fn resources(world: &World, plan: &Plan) -> Vec<Resource> {
    let id = &plan.acr.id;
    let mut all = Vec::new();
    let own = SCOPE_MAPS.iter().map(|(name, actions)| {
        let actions: Vec<String> = actions.iter().map(|action| (*action).to_owned()).collect();
        ((*name).to_owned(), "SystemDefined", actions)
    });
    let said = world.scope_maps.iter().map(|map| (map.name.clone(), "UserDefined", map.actions.clone()));
    for (name, kind, actions) in own.chain(said) {
        let properties = json!({
            "type": kind, "description": "", "creationDate": CREATED, "provisioningState": "Succeeded",
            "actions": actions,
        });
        let body = json!({"properties": properties});
        all.push(Resource::new(format!("{id}/scopeMaps/{name}"), kind::SCOPE_MAP, body, &[]));
    }
    for token in &world.tokens {
        let passwords = token.passwords.iter().enumerate().map(|(at, password)| {
            let expiry =
                password.expires_in_s.map(|after| time::arm(time::seconds(world.clock_skew_s) + after));
            json!({"creationTime": CREATED, "expiry": expiry, "name": format!("password{}", at + 1)})
        });
        let body = json!({"properties": {
            "creationDate": CREATED,
            "provisioningState": "Succeeded",
            "status": if token.disabled { "disabled" } else { "enabled" },
            "scopeMapId": format!("{id}/scopeMaps/{}", token.scope_map),
            "credentials": {"certificates": [], "passwords": passwords.collect::<Vec<_>>()},
        }});
        all.push(Resource::new(format!("{id}/tokens/{}", token.name), kind::TOKEN, body, &token.omit));
    }
    for rule in &world.cache_rules {
        let set = rule.credential_set.as_ref().map(|name| format!("{id}/credentialSets/{name}"));
        let mut body = json!({"properties": {
            "creationDate": CREATED,
            "provisioningState": "Succeeded",
            "sourceRepository": rule.source,
            "targetRepository": rule.target,
            "credentialSetResourceId": set,
        }});
        body["identity"] = assigned(rule.identity.iter(), plan);
        all.push(Resource::new(format!("{id}/cacheRules/{}", rule.name), kind::CACHE_RULE, body, &[]));
    }
    for set in &world.credential_sets {
        let health = match &set.unhealthy {
            None => json!({"status": "Healthy"}),
            Some(code) => json!({
                "status": "Unhealthy", "errorCode": code, "errorMessage": "The credential could not be used.",
            }),
        };
        let body = json!({
            "identity": {"type": "SystemAssigned", "principalId": "44444444-0000-4000-8000-0000000000aa", "tenantId": plan.tenant},
            "properties": {
                "creationDate": CREATED,
                "provisioningState": "Succeeded",
                "loginServer": set.login_server,
                "authCredentials": [{
                    "name": "Credential1",
                    "usernameSecretIdentifier": "https://contoso.vault.azure.net/secrets/user",
                    "passwordSecretIdentifier": "https://contoso.vault.azure.net/secrets/password",
                    "credentialHealth": health,
                }],
            },
        });
        all.push(Resource::new(
            format!("{id}/credentialSets/{}", set.name),
            kind::CREDENTIAL_SET,
            body,
            &set.omit,
        ));
    }
    all
}

/// The identities that stand on a resource.
pub(super) fn assigned<'a>(names: impl Iterator<Item = &'a String>, plan: &Plan) -> Value {
    let named = |name: &String| {
        let known = plan.principals.iter().find(|known| known.name == *name)?;
        let ids = json!({"principalId": known.object_id, "clientId": known.client_id});
        Some((known.resource_id.clone()?, ids))
    };
    let all: serde_json::Map<String, Value> = names.filter_map(named).collect();
    match all.is_empty() {
        true => json!({"type": "None"}),
        false => json!({"type": "UserAssigned", "userAssignedIdentities": all}),
    }
}

impl Arm {
    /// What was done in a subscription, as far as a filter lets it through: one starts it, and one may name a resource.
    pub(super) fn events(&self, ask: &Ask) -> Result<Reply, Reply> {
        let bad = |words: &str| error(400, "BadRequest", words);
        let now = time::seconds(self.skew);
        let filter = ask.field("$filter").unwrap_or_default();
        let term = |name: &str| {
            filter
                .split(" and ")
                .find_map(|term| term.trim().strip_prefix(name))
                .map(|value| value.trim_matches('\''))
        };
        let Some(since) = term("eventTimestamp ge ").and_then(second) else {
            return Err(bad("The $filter must have the start of the time that is asked for."));
        };
        if since < now - KEPT {
            return Err(bad("The start time cannot be more than 90 days in the past."));
        }
        let until = term("eventTimestamp le ").and_then(second).unwrap_or(now);
        let wanted = term("resourceUri eq ");
        let of = |id: &str| wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(id));
        let id = &self.plan.acr.id;
        let at = self.regenerated.map(|age| now - age).filter(|at| (since..=until).contains(at) && of(id));
        let events =
            at.into_iter().flat_map(|at| ["Started", "Succeeded"].map(|status| event(id, at, status)));
        Ok(list(ask, self.page_size, events.collect()))
    }
}

/// The second of a time; one without a zone, as azure-cli writes it, is of UTC.
fn second(text: &str) -> Option<i64> {
    let utc = || format!("{text}Z").parse::<jiff::Timestamp>();
    text.parse::<jiff::Timestamp>().or_else(|_| utc()).ok().map(jiff::Timestamp::as_second)
}

fn event(id: &str, at: i64, status: &str) -> Value {
    let action = "Microsoft.ContainerRegistry/registries/regenerateCredential/action";
    json!({
        "eventTimestamp": time::arm(at),
        "operationName": {"value": action, "localizedValue": "Regenerate Container Registry Login Credentials"},
        "status": {"value": status, "localizedValue": status},
        "resourceId": id,
        "resourceProviderName": {"value": "Microsoft.ContainerRegistry", "localizedValue": "Microsoft.ContainerRegistry"},
        "caller": "rotation@contoso.onmicrosoft.com",
        "category": {"value": "Administrative", "localizedValue": "Administrative"},
    })
}
