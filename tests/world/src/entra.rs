//! The sign-in service, Microsoft Entra: discovery, and tokens for applications, in both versions of its protocol.

mod assertion;
mod grant;
mod user;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use crate::directory::{Directory, Refusal};
use crate::plan::DOMAIN;
use crate::portal::html;
use crate::registry::Ask;
use crate::reply::Reply;
use crate::rights::is_id;
use crate::schema::{Cloud, TokenAnswer, World};
use crate::time;
use crate::trouble::Trouble;

const JSON: &str = "application/json; charset=utf-8";

/// The sign-in service of all clouds of a world.
pub(crate) struct Entra {
    directory: Arc<Directory>,
    tenant: String,
    answer: TokenAnswer,
    trouble: Trouble,
    requests: AtomicU64,
}

/// The two versions of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// A `resource`, and text for numbers.
    One,
    /// A `scope`, and numbers.
    Two,
}

/// A request, where it was sent to.
#[derive(Clone, Copy)]
struct Asked<'a> {
    ask: &'a Ask,
    cloud: Cloud,
    version: Version,
}

impl Entra {
    /// The sign-in service of a world.
    pub(crate) fn new(world: &World, directory: Arc<Directory>, tenant: String) -> Self {
        Self {
            directory,
            tenant,
            answer: world.entra.answer,
            trouble: Trouble::new(world.entra.fault.clone()),
            requests: AtomicU64::new(0),
        }
    }

    /// Counts from the start again.
    pub(crate) fn rewind(&self) {
        self.trouble.rewind();
    }

    /// The answer to a request at a cloud's host.
    pub(crate) fn answer(&self, ask: &Ask, cloud: Cloud) -> Reply {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("6d2bad48-0000-4000-8000-{number:012x}");
        let reply = self.trouble.answer(|status| self.outage(status, &id)).unwrap_or_else(|| {
            self.routed(ask, cloud).unwrap_or_else(|refusal| self.refused(&refusal, ask, &id))
        });
        let reply = reply
            .header("x-ms-request-id", &id)
            .header("x-ms-ests-server", "2.1.22000.4 - WEULR1 ProdSlices");
        match ask.header("client-request-id") {
            Some(given) => reply.header("client-request-id", given),
            None => reply,
        }
    }

    fn routed(&self, ask: &Ask, cloud: Cloud) -> Result<Reply, Refusal> {
        let path = ask.path.trim_start_matches('/');
        let (tenant, rest) = path.split_once('/').unwrap_or((path, ""));
        let version = if rest.contains("v2.0") { Version::Two } else { Version::One };
        let asked = Asked { ask, cloud, version };
        match rest {
            "discovery/instance" => Ok(self.instance(ask, cloud)),
            "v2.0/.well-known/openid-configuration" | ".well-known/openid-configuration" => {
                Ok(self.configuration(asked, self.tenant_of(cloud, tenant)?.as_deref()))
            }
            "discovery/keys" | "discovery/v2.0/keys" => Ok(Reply::status(200).body(JSON, "{\"keys\":[]}")),
            "oauth2/v2.0/token" | "oauth2/token" if ask.method != "POST" => {
                Err(Refusal::PostOnly(ask.method.clone()))
            }
            "oauth2/v2.0/token" | "oauth2/token" => {
                let tenant = self.tenant_of(cloud, tenant)?;
                match (user::grants(ask), tenant) {
                    (true, tenant) => self.user_token(asked, tenant.as_deref()),
                    (false, Some(tenant)) => self.token(asked, &tenant),
                    (false, None) => Err(Refusal::NoTenant),
                }
            }
            rest if rest.starts_with("userrealm/") => {
                Ok(self.realm(rest.trim_start_matches("userrealm/"), cloud))
            }
            _ => Ok(Reply::status(404).body("text/html; charset=utf-8", html("Page not found", "AADSTS"))),
        }
    }

    /// The tenant that a path names; none for those that stand for whoever signs in.
    fn tenant_of(&self, cloud: Cloud, named: &str) -> Result<Option<String>, Refusal> {
        if matches!(named, "common" | "organizations" | "consumers") {
            return Ok(None);
        }
        if cloud == self.directory.cloud() && named.eq_ignore_ascii_case(DOMAIN) {
            return Ok(Some(self.tenant.clone()));
        }
        let named = named.to_ascii_lowercase();
        match self.directory.has_tenant(cloud, &named) {
            true => Ok(Some(named)),
            false if is_id(&named) || named.contains('.') => Err(Refusal::TenantNotFound(named)),
            false => Err(Refusal::TenantMalformed(named)),
        }
    }

    /// Which names belong together; MSAL asks it of hosts that it does not know.
    fn instance(&self, ask: &Ask, cloud: Cloud) -> Reply {
        let asked = ask.field("authorization_endpoint").and_then(|text| url::Url::parse(text).ok());
        let authority = asked.and_then(|url| {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            let tenant = url.path_segments().and_then(|mut parts| parts.next().map(str::to_owned));
            Some((format!("{}{port}", url.host_str()?), tenant.unwrap_or_default()))
        });
        let Some((host, tenant)) = authority else {
            let error = json!({"error": "invalid_request", "error_description": "AADSTS900144: The request body must \
                               contain the following parameter: 'authorization_endpoint'."});
            return Reply::status(400).body(JSON, error.to_string());
        };
        let logins = cloud.logins();
        let body = json!({
            "tenant_discovery_endpoint": format!("https://{host}/{tenant}/v2.0/.well-known/openid-configuration"),
            "api-version": "1.1",
            "metadata": [{
                "preferred_network": logins[0],
                "preferred_cache": logins.get(1).unwrap_or(&logins[0]),
                "aliases": logins,
            }],
        });
        Reply::status(200).body(JSON, body.to_string())
    }

    fn configuration(&self, asked: Asked<'_>, tenant: Option<&str>) -> Reply {
        // Its own addresses are those by which it was reached.
        let host = match asked.ask.host.trim_end_matches(":443") {
            "" => asked.cloud.logins()[0],
            host => host,
        };
        let named = tenant.unwrap_or("common");
        let base = format!("https://{host}/{named}");
        let issuer = match (asked.version, tenant) {
            (Version::One, _) => format!("{}{}/", asked.cloud.issuer(), tenant.unwrap_or("{tenantid}")),
            (Version::Two, Some(_)) => format!("{base}/v2.0"),
            (Version::Two, None) => format!("https://{host}/{{tenantid}}/v2.0"),
        };
        let place = if asked.version == Version::Two { "oauth2/v2.0" } else { "oauth2" };
        let body = json!({
            "token_endpoint": format!("{base}/{place}/token"),
            "authorization_endpoint": format!("{base}/{place}/authorize"),
            "device_authorization_endpoint": format!("{base}/{place}/devicecode"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": format!("{base}/discovery/v2.0/keys"),
            "issuer": issuer,
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "tenant_region_scope": "EU",
            "cloud_instance_name": asked.cloud.logins()[0].trim_start_matches("login."),
        });
        Reply::status(200)
            .body(JSON, body.to_string())
            .header("cache-control", "max-age=86400, private")
            .header("access-control-allow-origin", "*")
    }

    fn refused(&self, refusal: &Refusal, ask: &Ask, trace: &str) -> Reply {
        let correlation = ask.header("client-request-id").unwrap_or(trace);
        let time = time::entra(self.directory.now());
        let text = |text: &str| json!(text).to_string();
        let more = if *refusal == Refusal::BlockedByPolicy {
            ",\"suberror\":\"message_only\",\"claims\":\"{\\\"access_token\\\":{\\\"capolids\\\":{\\\"essential\\\":true,\
             \\\"values\\\":[\\\"dddddddd-0000-4000-8000-000000000001\\\"]}}}\""
        } else {
            ""
        };
        let code = refusal.code();
        let body = format!(
            "{{\"error\":\"{}\",\"error_description\":{},\"error_codes\":[{code}],\"timestamp\":\"{time}\",\
             \"trace_id\":\"{trace}\",\"correlation_id\":{},\
             \"error_uri\":\"https://login.microsoftonline.com/error?code={code}\"{more}}}",
            refusal.error(),
            text(&refusal.description(trace, correlation, &time)),
            text(correlation),
        );
        Reply::status(refusal.status()).body(JSON, body).header("cache-control", "no-store, no-cache")
    }

    fn outage(&self, status: u16, trace: &str) -> Reply {
        let time = time::entra(self.directory.now());
        let words = format!(
            "AADSTS90033: A transient error has occurred. Please try again. Trace ID: {trace} Correlation ID: {trace} \
             Timestamp: {time}"
        );
        let body = json!({
            "error": "temporarily_unavailable", "error_description": words, "error_codes": [90033],
            "timestamp": time, "trace_id": trace, "correlation_id": trace,
        });
        Reply::status(status).body(JSON, body.to_string())
    }
}

#[cfg(test)]
mod tests;
