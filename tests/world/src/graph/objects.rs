//! Objects of the directory: service principals and groups, by their ids, by filters, and who is in which group.

use serde_json::{Value, json};

use super::{Graph, error, found, missing};
use crate::plan::Principal;
use crate::registry::Ask;
use crate::reply::Reply;
use crate::rights::Group;

/// An object of the directory.
#[derive(Clone, Copy)]
enum Object<'a> {
    Principal(&'a Principal),
    Group(&'a Group),
}

impl Object<'_> {
    fn id(&self) -> &str {
        match self {
            Self::Principal(known) => &known.object_id,
            Self::Group(group) => &group.object_id,
        }
    }

    /// The list that it is in.
    fn list(&self) -> &'static str {
        match self {
            Self::Principal(known) if known.sign_in.is_some() => "users",
            Self::Principal(_) => "servicePrincipals",
            Self::Group(_) => "groups",
        }
    }

    fn body(&self, typed: bool) -> Value {
        let (kind, mut body) = match self {
            Self::Principal(known) if known.sign_in.is_some() => (
                "#microsoft.graph.user",
                json!({
                    "id": known.object_id, "displayName": known.name, "userPrincipalName": known.sign_in,
                    "accountEnabled": !known.said.disabled,
                }),
            ),
            Self::Principal(known) => (
                "#microsoft.graph.servicePrincipal",
                json!({
                    "id": known.object_id,
                    "appId": known.client_id,
                    "displayName": known.name,
                    "appDisplayName": known.name,
                    "accountEnabled": !known.said.disabled,
                    "servicePrincipalType": if known.is_managed() { "ManagedIdentity" } else { "Application" },
                    "servicePrincipalNames": [known.client_id],
                    "alternativeNames": alternative_names(known),
                    "appOwnerOrganizationId": known.tenant,
                }),
            ),
            Self::Group(group) => (
                "#microsoft.graph.group",
                json!({
                    "id": group.object_id, "displayName": group.name, "securityEnabled": true,
                    "mailEnabled": false, "groupTypes": [],
                }),
            ),
        };
        if typed {
            body["@odata.type"] = kind.into();
        }
        body
    }
}

/// A managed identity names its resource.
fn alternative_names(known: &Principal) -> Vec<String> {
    known.resource_id.iter().flat_map(|id| ["isExplicit=True".to_owned(), id.clone()]).collect()
}

impl Graph {
    /// The answer to a request behind the version.
    pub(super) fn directory_objects(
        &self,
        ask: &Ask,
        caller: &Principal,
        method: &str,
        rest: &[&str],
    ) -> Result<Reply, Reply> {
        let tenant = &caller.tenant;
        let all = self.objects(tenant);
        let of_kind = |kind: &str| -> Vec<Object<'_>> {
            let any = kind.eq_ignore_ascii_case("directoryObjects");
            all.iter().filter(|one| any || one.list().eq_ignore_ascii_case(kind)).copied().collect()
        };
        match (method, rest) {
            ("POST", ["directoryObjects", "getByIds"]) => {
                let ids = texts(ask, "ids");
                let known = all.iter().filter(|one| ids.iter().any(|id| id.eq_ignore_ascii_case(one.id())));
                Ok(values("directoryObjects", known.map(|one| one.body(true))))
            }
            ("GET", ["organization"]) => {
                Ok(values("organization", std::iter::once(json!({"id": tenant, "displayName": "Contoso"}))))
            }
            ("GET", [kind @ ("servicePrincipals" | "groups" | "users")]) => {
                let filter = ask.field("$filter").unwrap_or_default();
                let mut lets = Vec::new();
                for one in of_kind(kind) {
                    if matches(&one, filter)? {
                        lets.push(one.body(false));
                    }
                }
                Ok(values(kind, lets.into_iter()))
            }
            (_, ["me", rest @ ..]) if caller.sign_in.is_some() => {
                self.about(ask, method, Object::Principal(caller), rest, &all)
            }
            (_, [kind, rest @ ..]) => {
                let (kind, id, rest) = named(kind, rest);
                let Some(id) = id else { return Err(unknown(kind)) };
                let by_app = id.strip_prefix("appId=");
                let one = of_kind(kind).into_iter().find(|one| match (by_app, one) {
                    (Some(app), Object::Principal(known)) => {
                        known.client_id.eq_ignore_ascii_case(app.trim_matches('\''))
                    }
                    (Some(_), Object::Group(_)) => false,
                    (None, Object::Principal(known)) if known.sign_in.as_deref() == Some(&id) => true,
                    (None, one) => one.id().eq_ignore_ascii_case(&id),
                });
                let one = one.ok_or_else(|| missing(id.trim_start_matches("appId=").trim_matches('\'')))?;
                self.about(ask, method, one, rest, &all)
            }
            _ => Err(unknown("")),
        }
    }

    /// What is asked of one object.
    fn about(
        &self,
        ask: &Ask,
        method: &str,
        one: Object<'_>,
        rest: &[&str],
        all: &[Object<'_>],
    ) -> Result<Reply, Reply> {
        let rights = self.directory.rights();
        let by_id = |ids: &[String]| -> Vec<Value> {
            all.iter().filter(|one| ids.iter().any(|id| id == one.id())).map(|one| one.body(true)).collect()
        };
        let groups = || -> Vec<String> {
            rights.groups_of(one.id()).into_iter().map(|group| group.object_id.clone()).collect()
        };
        match (method, rest) {
            ("GET", []) => Ok(found(&one.body(true))),
            ("GET", ["transitiveMemberOf" | "transitiveMemberOf/microsoft.graph.group"]) => {
                Ok(values("directoryObjects", by_id(&groups()).into_iter()))
            }
            ("GET", ["memberOf"]) => {
                let own: Vec<String> = rights
                    .groups()
                    .iter()
                    .filter(|group| group.members.iter().any(|id| id == one.id()))
                    .map(|group| group.object_id.clone())
                    .collect();
                Ok(values("directoryObjects", by_id(&own).into_iter()))
            }
            ("POST", ["getMemberGroups" | "getMemberObjects"]) => {
                Ok(values("Edm.String", groups().into_iter().map(Value::from)))
            }
            ("POST", ["checkMemberGroups"]) => {
                let (own, asked) = (groups(), texts(ask, "groupIds"));
                let held = asked.into_iter().filter(|id| own.iter().any(|one| one.eq_ignore_ascii_case(id)));
                Ok(values("Edm.String", held.map(Value::from)))
            }
            ("GET", ["members"]) => match one {
                Object::Group(group) => Ok(values("directoryObjects", by_id(&group.members).into_iter())),
                Object::Principal(_) => Err(unknown("members")),
            },
            ("GET", ["transitiveMembers"]) => {
                let inside = all.iter().filter(|other| {
                    rights.groups_of(other.id()).iter().any(|group| group.object_id == one.id())
                });
                Ok(values("directoryObjects", inside.map(|one| one.body(true))))
            }
            (_, [segment, ..]) => Err(unknown(segment)),
            _ => Err(unknown("")),
        }
    }

    /// What a tenant's directory has.
    fn objects(&self, tenant: &str) -> Vec<Object<'_>> {
        let there = |known: &&Principal| {
            known.tenant == tenant && !known.said.deleted && !known.said.no_service_principal
        };
        let principals = self.directory.principals().iter().filter(there).map(Object::Principal);
        principals.chain(self.directory.rights().groups().iter().map(Object::Group)).collect()
    }
}

/// Kind and id of `servicePrincipals/ID`, `servicePrincipals(appId='ID')`, `servicePrincipals('ID')`.
fn named<'a>(kind: &'a str, rest: &'a [&'a str]) -> (&'a str, Option<String>, &'a [&'a str]) {
    match (kind.split_once('('), rest) {
        (Some((kind, key)), rest) => {
            let key = key.trim_end_matches(')');
            let key = if key.starts_with("appId=") { key } else { key.trim_matches('\'') };
            (kind, Some(key.to_owned()), rest)
        }
        (None, [id, rest @ ..]) => (kind, Some((*id).to_owned()), rest),
        (None, []) => (kind, None, &[]),
    }
}

/// Whether a filter lets an object through.
fn matches(one: &Object<'_>, filter: &str) -> Result<bool, Reply> {
    let body = one.body(false);
    for term in filter.split(" and ").map(str::trim).filter(|term| !term.is_empty()) {
        let value = term.split('\'').nth(1).unwrap_or_default();
        let is = |own: &Value| own.as_str().is_some_and(|own| own.eq_ignore_ascii_case(value));
        let lets = if let Some((list, _)) = term.split_once("/any(") {
            body[list].as_array().is_some_and(|all| all.iter().any(is))
        } else if let Some((field, _)) = term.split_once(" eq ") {
            is(&body[field])
        } else if let Some(field) = term.strip_prefix("startswith(").and_then(|rest| rest.split(',').next()) {
            let own = body[field].as_str().unwrap_or_default().to_ascii_lowercase();
            own.starts_with(&value.to_ascii_lowercase())
        } else {
            return Err(error(400, "Request_UnsupportedQuery", "Unsupported Query."));
        };
        if !lets {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A field of the body that is a list of texts.
fn texts(ask: &Ask, field: &str) -> Vec<String> {
    let body: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
    let all = body[field].as_array().cloned().unwrap_or_default();
    all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

fn values(kind: &str, all: impl Iterator<Item = Value>) -> Reply {
    let context = format!("https://graph.microsoft.com/v1.0/$metadata#{kind}");
    found(&json!({"@odata.context": context, "value": all.collect::<Vec<_>>()}))
}

fn unknown(segment: &str) -> Reply {
    error(400, "BadRequest", &format!("Resource not found for the segment '{segment}'."))
}
