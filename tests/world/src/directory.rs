//! The directory of the world: its tenants and identities, and the tokens that are issued for them.
//!
//! Both the metadata service and the sign-in service issue from here, and whoever takes a token reads it here.

mod jwt;
mod refusal;

pub(crate) use jwt::unsigned;
pub(crate) use refusal::Refusal;

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::cloud::REGISTRY_AUDIENCE;
use crate::plan::{Plan, Principal};
use crate::rights::Rights;
use crate::schema::{Cloud, World};
use crate::time;

/// azure-cli's own application, in which users sign in.
pub(crate) const CLIENT: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// How an identity proved that it is itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// By a secret.
    Secret,
    /// By a certificate, a federated token, or because Azure itself keeps its key.
    Key,
}

/// When a token is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    /// When it was issued, in seconds since 1970.
    pub(crate) from: i64,
    /// When it ends.
    pub(crate) until: i64,
}

/// What a token says of its bearer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    /// For whom it is, without the slash at the end.
    pub(crate) audience: String,
    /// The tenant.
    pub(crate) tenant: String,
    /// The object id.
    pub(crate) object_id: String,
    /// When it is valid.
    pub(crate) validity: Validity,
}

/// The directory.
#[derive(Debug)]
pub(crate) struct Directory {
    cloud: Cloud,
    tenants: Vec<(Cloud, String)>,
    principals: Vec<Principal>,
    audiences: Vec<String>,
    rights: Rights,
    skew: i64,
    issued: AtomicU64,
}

impl Directory {
    /// The directory of a world.
    pub(crate) fn new(world: &World, plan: &Plan) -> Self {
        let own = [&plan.tenant, &plan.registry_tenant].map(|tenant| (world.cloud, tenant.clone()));
        let others = world.entra.tenants.iter().map(|tenant| (world.cloud, tenant.to_ascii_lowercase()));
        let homes = plan.principals.iter().map(|known| (known.cloud, known.tenant.clone()));
        Self {
            cloud: world.cloud,
            tenants: own.into_iter().chain(others).chain(homes).collect(),
            principals: plan.principals.clone(),
            audiences: world.entra.audiences.clone(),
            rights: Rights::new(world, plan, time::seconds(world.clock_skew_s)),
            skew: world.clock_skew_s,
            issued: AtomicU64::new(0),
        }
    }

    /// The clock of Azure's services.
    pub(crate) fn now(&self) -> i64 {
        time::seconds(self.skew)
    }

    /// Who may do what.
    pub(crate) fn rights(&self) -> &Rights {
        &self.rights
    }

    /// The cloud that the world is in.
    pub(crate) fn cloud(&self) -> Cloud {
        self.cloud
    }

    /// The identities.
    pub(crate) fn principals(&self) -> &[Principal] {
        &self.principals
    }

    /// Whether a cloud has the tenant.
    pub(crate) fn has_tenant(&self, cloud: Cloud, tenant: &str) -> bool {
        self.tenants.iter().any(|(of, known)| *of == cloud && known.eq_ignore_ascii_case(tenant))
    }

    /// The identity with this client id, also one that is deleted.
    pub(crate) fn by_client(&self, client_id: &str) -> Option<&Principal> {
        let mut apps = self.principals.iter().filter(|known| known.sign_in.is_none());
        apps.find(|known| known.client_id.eq_ignore_ascii_case(client_id))
    }

    /// The user who signs in by this name, also one that is deleted.
    pub(crate) fn user(&self, sign_in: &str) -> Option<&Principal> {
        let named = |known: &&Principal| {
            known.sign_in.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(sign_in))
        };
        self.principals.iter().find(named)
    }

    /// The identity with this object id.
    pub(crate) fn by_object(&self, object_id: &str) -> Option<&Principal> {
        self.principals.iter().find(|known| known.object_id == object_id)
    }

    /// The identity that a tenant has under this object id.
    pub(crate) fn in_tenant(&self, tenant: &str, object_id: &str) -> Option<&Principal> {
        let known = self.principals.iter().find(|known| known.object_id.eq_ignore_ascii_case(object_id));
        known
            .filter(|known| known.tenant == tenant && !known.said.deleted && !known.said.no_service_principal)
    }

    /// Whether tokens are given for this audience.
    pub(crate) fn serves(&self, cloud: Cloud, audience: &str) -> bool {
        let asked = audience.trim_end_matches('/');
        let more = self.audiences.iter().map(|known| known.trim_end_matches('/'));
        let usual = ["https://graph.windows.net", "https://vault.azure.net", "https://storage.azure.com"];
        [REGISTRY_AUDIENCE, cloud.graph()]
            .into_iter()
            .chain(usual)
            .chain(cloud.management_audiences())
            .chain(more)
            .any(|known| known.eq_ignore_ascii_case(asked))
    }

    /// Whether an identity that proved itself gets tokens at all.
    pub(crate) fn lets(&self, known: &Principal) -> Result<(), Refusal> {
        if let Some(name) = &known.sign_in {
            let (name, tenant) = (name.clone(), known.tenant.clone());
            return match (known.said.deleted, known.said.disabled, known.said.blocked_by_policy) {
                (true, ..) => Err(Refusal::UserNotFound { name, tenant }),
                (_, true, _) => Err(Refusal::UserDisabled),
                (_, _, true) => Err(Refusal::BlockedByPolicy),
                _ if known.said.mfa => Err(Refusal::SecondFactor),
                _ => Ok(()),
            };
        }
        let app = known.client_id.clone();
        let said = &known.said;
        if said.deleted {
            return Err(Refusal::ApplicationNotFound { app });
        }
        if said.no_service_principal {
            return Err(Refusal::NoServicePrincipal { app, tenant: known.tenant.clone() });
        }
        if said.disabled {
            return Err(Refusal::Disabled { app, name: known.name.clone() });
        }
        if said.blocked_by_policy {
            return Err(Refusal::BlockedByPolicy);
        }
        Ok(())
    }

    /// Whether it gets one for this audience.
    pub(crate) fn lets_for(&self, known: &Principal, audience: &str) -> Result<(), Refusal> {
        let same = |blocked: &String| blocked.trim_end_matches('/') == audience.trim_end_matches('/');
        match known.said.blocked_for.iter().any(same) {
            true => Err(Refusal::BlockedByPolicy),
            false => Ok(()),
        }
    }

    /// A token of an identity for an audience.
    pub(crate) fn issue(
        &self,
        known: &Principal,
        audience: &str,
        proof: Proof,
        validity: Validity,
    ) -> String {
        let number = self.issued.fetch_add(1, Ordering::Relaxed) + 1;
        let issuer = format!("{}{}/", known.cloud.issuer(), known.tenant);
        let mut claims = json!({
            "aud": audience,
            "iss": issuer,
            "iat": validity.from,
            "nbf": validity.from,
            "exp": validity.until,
            "aio": format!("k2RgY{number:012x}"),
            "appid": known.client_id,
            "appidacr": if proof == Proof::Secret { "1" } else { "2" },
            "idp": issuer,
            "idtyp": "app",
            "oid": known.object_id,
            "rh": "1.AAAA.",
            "sub": known.object_id,
            "tid": known.tenant,
            "uti": format!("uti-{number:012x}"),
            "ver": "1.0",
        });
        if let (Some(name), Some(fields)) = (&known.sign_in, claims.as_object_mut()) {
            fields.remove("idtyp");
            let own =
                [("appid", CLIENT), ("appidacr", "0"), ("scp", "user_impersonation"), ("name", &known.name)];
            let own = own.into_iter().chain([("upn", name.as_str()), ("unique_name", name)]);
            fields.extend(own.map(|(claim, value)| (claim.to_owned(), Value::from(value))));
        }
        if let Some(id) = &known.resource_id {
            claims["xms_mirid"] = Value::from(id.as_str());
        }
        jwt::signed(&claims)
    }

    /// Something that only this directory reads again: a refresh token, and what it tells a client of a user.
    pub(crate) fn sealed(&self, claims: &Value) -> String {
        jwt::signed(claims)
    }

    /// What was sealed.
    pub(crate) fn unsealed(&self, token: &str) -> Option<Value> {
        jwt::verified(token)
    }

    /// What a token of this directory says; nothing where it is none.
    pub(crate) fn read(&self, token: &str) -> Option<Claims> {
        let claims = jwt::verified(token)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| claims.get(name).and_then(Value::as_i64);
        Some(Claims {
            audience: text("aud")?.trim_end_matches('/').to_owned(),
            tenant: text("tid")?,
            object_id: text("oid")?,
            validity: Validity { from: number("nbf")?, until: number("exp")? },
        })
    }
}

#[cfg(test)]
mod tests;
