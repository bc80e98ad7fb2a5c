//! Azure's resource manager, as far as a sign-in and the look at a registry need it.

mod metadata;
mod registry;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::directory::{Claims, Directory};
use crate::plan::{Plan, Principal, SUBSCRIPTION};
use crate::registry::Ask;
use crate::reply::Reply;
use crate::schema::World;
use crate::time;
use crate::trouble::Trouble;

const JSON: &str = "application/json; charset=utf-8";
/// The resource group that the registry is in.
const GROUP: &str = "contoso-rg";

/// The resource manager.
pub(crate) struct Arm {
    directory: Arc<Directory>,
    plan: Plan,
    world: World,
    trouble: Trouble,
    requests: AtomicU64,
}

impl Arm {
    /// The resource manager of a world.
    pub(crate) fn new(world: &World, plan: &Plan, directory: Arc<Directory>) -> Self {
        Self {
            directory,
            plan: plan.clone(),
            world: world.clone(),
            trouble: Trouble::new(world.arm.fault.clone()),
            requests: AtomicU64::new(0),
        }
    }

    /// Counts from the start again.
    pub(crate) fn rewind(&self) {
        self.trouble.rewind();
    }

    /// The answer to a request.
    pub(crate) fn answer(&self, ask: &Ask) -> Reply {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("7e3cbe59-0000-4000-8000-{number:012x}");
        let reply = self
            .trouble
            .answer(|status| {
                error(status, "ServiceUnavailable", "The service is unavailable. Please try again.")
            })
            .unwrap_or_else(|| self.routed(ask).unwrap_or_else(|refused| refused));
        reply.header("x-ms-request-id", &id).header("x-ms-correlation-request-id", &id)
    }

    fn routed(&self, ask: &Ask) -> Result<Reply, Reply> {
        let version = ask.field("api-version").filter(|version| !version.is_empty());
        let Some(version) = version else {
            let words = "The api-version query parameter (?api-version=) is required for all requests.";
            return Err(error(400, "MissingApiVersionParameter", words));
        };
        let path = ask.path.to_ascii_lowercase();
        // A client whose setting ends with a slash asks with two.
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if parts == ["metadata", "endpoints"] {
            return Ok(self.metadata(ask, version));
        }
        let known = self.caller(ask)?;
        if ask.method != "GET" {
            return Err(error(405, "MethodNotAllowed", "The http method is not supported for this path."));
        }
        match parts[..] {
            ["tenants"] => {
                Ok(list(vec![json!({"id": format!("/tenants/{}", known.tenant), "tenantId": known.tenant})]))
            }
            ["subscriptions"] if known.tenant == self.plan.tenant && known.reads => {
                Ok(list(vec![self.subscription()]))
            }
            ["subscriptions"] => Ok(list(Vec::new())),
            ["subscriptions", named, ref rest @ ..] => {
                self.within(known, named)?;
                self.resource(ask, known, rest, version)
            }
            _ => Err(error(404, "NotFound", "The resource cannot be found.")),
        }
    }

    /// Who asks.
    fn caller(&self, ask: &Ask) -> Result<&Principal, Reply> {
        let Some((scheme, token)) = ask.authorization() else {
            let words = "Authentication failed. The 'Authorization' header is missing.";
            return Err(error(401, "AuthenticationFailed", words));
        };
        let claims = self.directory.read(token).filter(|_| scheme.eq_ignore_ascii_case("bearer"));
        let known = claims.as_ref().and_then(|claims| self.directory.by_object(&claims.object_id));
        let (Some(claims), Some(known)) = (claims, known) else {
            return Err(error(401, "InvalidAuthenticationToken", "The access token is invalid."));
        };
        self.acceptable(&claims)?;
        Ok(known)
    }

    fn acceptable(&self, claims: &Claims) -> Result<(), Reply> {
        let own = self.plan.cloud.management_audiences();
        if !own.iter().any(|known| known.eq_ignore_ascii_case(&claims.audience)) {
            let words = format!(
                "The access token has been obtained for wrong audience or resource '{}'. It should exactly match with \
                 one of the allowed audiences '{}/'.",
                claims.audience,
                own.join("/','")
            );
            return Err(error(401, "InvalidAuthenticationTokenAudience", &words));
        }
        let now = self.directory.now();
        if now >= claims.validity.until {
            let words = format!(
                "The access token expiry UTC time '{}' is earlier than current UTC time '{}'.",
                time::entra(claims.validity.until),
                time::entra(now)
            );
            return Err(error(401, "ExpiredAuthenticationToken", &words));
        }
        Ok(())
    }

    /// Whether the caller may look into the subscription that it names.
    fn within(&self, known: &Principal, named: &str) -> Result<(), Reply> {
        if named != SUBSCRIPTION {
            let words = format!("The subscription '{named}' could not be found.");
            return Err(error(404, "SubscriptionNotFound", &words));
        }
        let (own, theirs) = (&self.plan.tenant, &known.tenant);
        if own != theirs {
            let issuer = self.plan.cloud.issuer();
            let login = self.plan.cloud.logins()[0];
            let words = format!(
                "The access token is from the wrong issuer '{issuer}{theirs}/'. It must match the tenant '{issuer}{own}/' \
                 associated with this subscription. Please use the authority (URL) 'https://{login}/{own}' to get the token."
            );
            let challenge = format!(
                "Bearer authorization_uri=\"https://{login}/{own}\", error=\"invalid_token\", error_description=\"The \
                 access token is from the wrong issuer.\""
            );
            return Err(
                error(401, "InvalidAuthenticationTokenTenant", &words).header("www-authenticate", challenge)
            );
        }
        Ok(())
    }

    fn resource(&self, ask: &Ask, known: &Principal, rest: &[&str], version: &str) -> Result<Reply, Reply> {
        let allowed = |action: &str, below: &str| match known.reads {
            true => Ok(()),
            false => Err(forbidden(known, action, below)),
        };
        match *rest {
            [] => allowed("Microsoft.Resources/subscriptions/read", "").map(|()| found(&self.subscription())),
            ["resources"] => {
                allowed("Microsoft.Resources/subscriptions/resources/read", "")?;
                Ok(list(self.resources(ask.field("$filter").unwrap_or_default())))
            }
            ["resourcegroups", GROUP] => {
                allowed(
                    "Microsoft.Resources/subscriptions/resourceGroups/read",
                    &format!("/resourceGroups/{GROUP}"),
                )?;
                let id = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}");
                Ok(found(&json!({"id": id, "name": GROUP, "location": self.plan.cloud.region()})))
            }
            ["providers", "microsoft.containerregistry", "registries"]
            | ["resourcegroups", GROUP, "providers", "microsoft.containerregistry", "registries"] => {
                allowed("Microsoft.ContainerRegistry/registries/read", "")?;
                Ok(list(self.registry(version).into_iter().collect()))
            }
            ["resourcegroups", group, "providers", "microsoft.containerregistry", "registries", name] => {
                let below = format!(
                    "/resourceGroups/{group}/providers/Microsoft.ContainerRegistry/registries/{name}"
                );
                allowed("Microsoft.ContainerRegistry/registries/read", &below)?;
                let registry =
                    self.registry(version).filter(|registry| group == GROUP && registry["name"] == name);
                registry.map(|registry| found(&registry)).ok_or_else(|| {
                    let words = format!(
                        "The Resource 'Microsoft.ContainerRegistry/registries/{name}' under resource group '{group}' was \
                         not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
                    );
                    error(404, "ResourceNotFound", &words)
                })
            }
            ["resourcegroups", group, ..] if group != GROUP => Err(error(
                404,
                "ResourceGroupNotFound",
                &format!("Resource group '{group}' could not be found."),
            )),
            _ => Err(error(404, "NotFound", "The resource cannot be found.")),
        }
    }

    fn subscription(&self) -> Value {
        json!({
            "id": format!("/subscriptions/{SUBSCRIPTION}"),
            "subscriptionId": SUBSCRIPTION,
            "tenantId": self.plan.tenant,
            "displayName": "Contoso",
            "state": "Enabled",
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
            "subscriptionPolicies": {
                "locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off",
            },
        })
    }
}

fn forbidden(known: &Principal, action: &str, below: &str) -> Reply {
    let words = format!(
        "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over scope \
         '/subscriptions/{SUBSCRIPTION}{below}' or the scope is invalid. If access was recently granted, please refresh \
         your credentials.",
        known.client_id, known.object_id
    );
    error(403, "AuthorizationFailed", &words)
}

fn found(body: &Value) -> Reply {
    Reply::status(200).body(JSON, body.to_string())
}

fn list(items: Vec<Value>) -> Reply {
    found(&json!({"value": items}))
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    let body = json!({"error": {"code": code, "message": message}});
    Reply::status(status).body(JSON, body.to_string())
}

#[cfg(test)]
mod tests;
