//! Microsoft Graph, as far as one asks it who somebody is and what groups there are.

mod objects;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::directory::Directory;
use crate::plan::{Plan, Principal};
use crate::registry::Ask;
use crate::reply::Reply;
use crate::schema::{Cloud, World};
use crate::trouble::{PathTroubles, Trouble};

const JSON: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// Microsoft Graph.
pub(crate) struct Graph {
    directory: Arc<Directory>,
    cloud: Cloud,
    trouble: Trouble,
    troubles: PathTroubles,
    requests: AtomicU64,
}

impl Graph {
    /// The Microsoft Graph of a world.
    pub(crate) fn new(world: &World, plan: &Plan, directory: Arc<Directory>) -> Self {
        Self {
            directory,
            cloud: plan.cloud,
            trouble: Trouble::new(world.graph.fault.clone()),
            troubles: PathTroubles::new(&world.graph.faults),
            requests: AtomicU64::new(0),
        }
    }

    /// Counts from the start again.
    pub(crate) fn rewind(&self) {
        self.trouble.rewind();
        self.troubles.rewind();
    }

    /// The answer to a request.
    pub(crate) fn answer(&self, ask: &Ask) -> Reply {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("8f4dcf6a-0000-4000-8000-{number:012x}");
        let reply =
            self.trouble.answer(broken).unwrap_or_else(|| self.routed(ask).unwrap_or_else(|refused| refused));
        reply.header("request-id", &id).header("client-request-id", &id)
    }

    fn routed(&self, ask: &Ask) -> Result<Reply, Reply> {
        let known = self.caller(ask)?;
        if let Some(reply) = self.troubles.answer(ask, broken) {
            return Ok(reply);
        }
        if !known.reads_directory {
            return Err(denied());
        }
        let parts: Vec<&str> = ask.path.split('/').filter(|part| !part.is_empty()).collect();
        match (ask.method.as_str(), &parts[..]) {
            (method, ["v1.0" | "beta", rest @ ..]) => self.directory_objects(ask, known, method, rest),
            _ => Err(error(404, "ResourceNotFound", "Invalid version.")),
        }
    }

    fn caller(&self, ask: &Ask) -> Result<&Principal, Reply> {
        let claims = ask.authorization().and_then(|(scheme, token)| {
            self.directory.read(token).filter(|_| scheme.eq_ignore_ascii_case("bearer"))
        });
        let refused = |words: &str| error(401, "InvalidAuthenticationToken", words);
        let claims = claims.ok_or_else(|| refused("Access token is empty."))?;
        if !self.cloud.graph().eq_ignore_ascii_case(&claims.audience) {
            return Err(refused("Access token validation failure. Invalid audience."));
        }
        if self.directory.now() >= claims.validity.until {
            return Err(refused("Lifetime validation failed, the token is expired."));
        }
        self.directory.by_object(&claims.object_id).ok_or_else(|| refused("Access token validation failure."))
    }
}

fn denied() -> Reply {
    error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}

fn missing(id: &str) -> Reply {
    let words = format!(
        "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    );
    error(404, "Request_ResourceNotFound", &words)
}

fn broken(status: u16) -> Reply {
    match status {
        403 => denied(),
        404 => missing(""),
        429 => error(429, "TooManyRequests", "Too many requests."),
        status => error(status, "serviceNotAvailable", "The service is unavailable."),
    }
}

fn found(body: &Value) -> Reply {
    Reply::status(200).body(JSON, body.to_string())
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    let body = json!({"error": {"code": code, "message": message, "innerError": {}}});
    Reply::status(status).body(JSON, body.to_string())
}

#[cfg(test)]
mod tests;
