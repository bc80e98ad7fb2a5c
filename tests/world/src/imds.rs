//! The metadata service of an Azure machine: tokens of its managed identities, and what machine it is.

mod instance;

use std::sync::Arc;

use hyper::HeaderMap;
use serde_json::json;

use crate::directory::{Directory, Proof, Validity};
use crate::plan::Principal;
use crate::registry::Ask;
use crate::reply::Reply;
use crate::schema::{IdentityKind, Imds as Rules, TokenAnswer, World};
use crate::trouble::{Trouble, instead};

/// Its address, the same on every machine.
pub(crate) const ADDRESS: &str = "169.254.169.254";
/// How long a managed identity's token lives, and how much of that has gone when it is given.
const LIFE: i64 = 86_700;
const GONE: i64 = 300;

const JSON: &str = "application/json; charset=utf-8";

/// The metadata service.
pub(crate) struct Imds {
    directory: Arc<Directory>,
    rules: Rules,
    tenant: String,
    trouble: Trouble,
}

impl Imds {
    /// The metadata service of a world's node.
    pub(crate) fn new(world: &World, directory: Arc<Directory>, tenant: String) -> Self {
        let rules = world.imds.clone();
        Self { directory, tenant, trouble: Trouble::new(rules.fault.clone()), rules }
    }

    /// Counts from the start again.
    pub(crate) fn rewind(&self) {
        self.trouble.rewind();
    }

    /// The answer to a request.
    pub(crate) fn answer(&self, ask: &Ask) -> Reply {
        self.answered(ask).header("server", "IMDS/150.870.65.512")
    }

    fn answered(&self, ask: &Ask) -> Reply {
        if let Err(reply) = direct(&ask.headers) {
            return reply;
        }
        if ask.method != "GET" {
            return error(405, "method_not_allowed", "The requested HTTP method is not allowed");
        }
        let doubled = ask.query.iter().enumerate().find(|(at, (name, _))| {
            ask.query.iter().take(*at).any(|(known, _)| known.eq_ignore_ascii_case(name))
        });
        if let Some((_, (name, _))) = doubled {
            return error(400, "invalid_request", &format!("Duplicate query variable '{name}'"));
        }
        match ask.path.as_str() {
            "/metadata/identity/oauth2/token" => {
                self.trouble.answer(broken).unwrap_or_else(|| self.token(ask))
            }
            "/metadata/identity/info" => match version(ask) {
                Ok(()) => Reply::status(200).body(JSON, json!({"tenantId": self.tenant}).to_string()),
                Err(reply) => reply,
            },
            "/metadata/versions" => Reply::status(200).body(JSON, instance::versions()),
            path => match path.strip_prefix("/metadata/instance") {
                Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                    instance::answer(self.directory.cloud(), rest, ask)
                }
                _ => error(404, "not_found", "The requested resource was not found"),
            },
        }
    }

    fn token(&self, ask: &Ask) -> Reply {
        if let Err(reply) = version(ask) {
            return reply;
        }
        let Some(resource) = ask.field("resource").filter(|resource| !resource.is_empty()) else {
            return error(400, "invalid_request", "Required query variable 'resource' is missing");
        };
        let known = match self.meant(ask) {
            Ok(known) => known,
            Err(words) => return error(400, "invalid_request", words),
        };
        let serves = self.directory.serves(known.cloud, resource);
        if let Err(refusal) = self.directory.lets(known).and_then(|()| match serves {
            true => self.directory.lets_for(known, resource),
            false => Err(crate::directory::Refusal::ResourceNotFound {
                resource: resource.to_owned(),
                tenant: known.tenant.clone(),
            }),
        }) {
            let trace = "5c1a9c37-0000-4000-8000-0000000f0a00";
            let time = crate::time::entra(self.directory.now());
            return error(400, refusal.error(), &refusal.description(trace, trace, &time));
        }
        self.granted(known, resource)
    }

    /// The identity that a request means.
    fn meant(&self, ask: &Ask) -> Result<&Principal, &'static str> {
        const NOT_FOUND: &str = "Identity not found";
        let attached = || self.directory.principals().iter().filter(|known| known.attached);
        let names = ["client_id", "object_id", "msi_res_id"];
        let mut said = names.into_iter().filter_map(|name| Some((name, ask.field(name)?)));
        let Some((name, value)) = said.next() else {
            let own = attached().find(|known| known.said.kind == IdentityKind::SystemAssigned);
            let mut others = attached();
            return match (own, others.next(), others.next()) {
                (Some(own), _, _) => Ok(own),
                (None, Some(only), None) => Ok(only),
                (None, Some(_), Some(_)) => {
                    Err("Multiple user assigned identities exist, please specify the \
                                                 clientId / resourceId of the identity in the token request")
                }
                (None, None, _) => Err(NOT_FOUND),
            };
        };
        if said.next().is_some() {
            return Err("Only one of client_id, object_id and msi_res_id may be specified");
        }
        attached()
            .find(|known| {
                let own = match name {
                    "client_id" => known.client_id.as_str(),
                    "object_id" => known.object_id.as_str(),
                    _ => known.resource_id.as_deref().unwrap_or_default(),
                };
                own.eq_ignore_ascii_case(value)
            })
            .ok_or(NOT_FOUND)
    }

    fn granted(&self, known: &Principal, resource: &str) -> Reply {
        let now = self.directory.now();
        let from = now - GONE - self.rules.token_age_s;
        let validity = Validity { from, until: from + LIFE };
        let token = match self.rules.answer {
            TokenAnswer::Token => self.directory.issue(known, resource, Proof::Key, validity),
            _ => String::new(),
        };
        // All values are text here, numbers too.
        let mut body = json!({
            "access_token": token,
            "client_id": known.client_id,
            "expires_in": (validity.until - now).max(0).to_string(),
            "expires_on": validity.until.to_string(),
            "ext_expires_in": (validity.until - now - 1).max(0).to_string(),
            "not_before": validity.from.to_string(),
            "resource": resource,
            "token_type": "Bearer",
        });
        let empty = body.to_string();
        if self.rules.answer == TokenAnswer::NoToken
            && let Some(fields) = body.as_object_mut()
        {
            fields.remove("access_token");
        }
        let body = body.to_string();
        instead(self.rules.answer, &body, &empty).unwrap_or_else(|| Reply::status(200).body(JSON, body))
    }
}

/// Only who speaks to it directly and says so is answered.
fn direct(headers: &HeaderMap) -> Result<(), Reply> {
    if headers.contains_key("x-forwarded-for") {
        return Err(error(400, "bad_request", "Requests with an X-Forwarded-For header are not accepted"));
    }
    let said = headers.get("metadata").and_then(|value| value.to_str().ok());
    if said.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(());
    }
    Err(error(400, "bad_request_102", "Required metadata header not specified"))
}

fn version(ask: &Ask) -> Result<(), Reply> {
    match ask.field("api-version") {
        Some(version) if version >= "2018-02-01" && instance::known(version) => Ok(()),
        Some(version) => {
            Err(error(400, "invalid_request", &format!("The api-version '{version}' is not supported")))
        }
        None => Err(error(400, "invalid_request", "Required query variable 'api-version' is missing")),
    }
}

fn broken(status: u16) -> Reply {
    match status {
        404 => error(404, "not_found", "IMDS endpoint is updating"),
        410 => error(410, "not_found", "IMDS will be available within 70 seconds"),
        429 => error(429, "too_many_requests", "Too many requests"),
        500 => error(
            500,
            "unknown",
            "Failed to retrieve token from the Active directory. For details see logs in /var/log/imds.log",
        ),
        status => error(status, "service_unavailable", "The service is unavailable"),
    }
}

fn error(status: u16, name: &str, words: &str) -> Reply {
    let body = json!({"error": name, "error_description": words});
    Reply::status(status).body(JSON, body.to_string())
}

#[cfg(test)]
mod tests;
