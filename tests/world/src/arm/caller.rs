//! Who asks the resource manager, and whether it is in the right tenant.

use super::Arm;
use super::answers::error;
use crate::directory::Claims;
use crate::plan::Principal;
use crate::registry::Ask;
use crate::reply::Reply;
use crate::schema::Cloud;
use crate::time;

impl Arm {
    /// Who asks.
    pub(super) fn caller(&self, ask: &Ask, named: Option<&str>) -> Result<&Principal, Reply> {
        let Some((scheme, token)) = ask.authorization() else {
            let words = "Authentication failed. The 'Authorization' header is missing.";
            let own = self
                .plan
                .subscriptions
                .iter()
                .find(|one| named.is_some_and(|id| one.id.eq_ignore_ascii_case(id)));
            let tenant = own.map(|one| one.tenant.as_str()).unwrap_or_default();
            let why = "The authentication failed because of missing 'Authorization' header.";
            return Err(self.challenged(error(401, "AuthenticationFailed", words), tenant, why));
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

    /// Whether the caller comes from the tenant of the subscription that it names.
    pub(super) fn within(&self, known: &Principal, named: &str) -> Result<(), Reply> {
        let subscription = self.plan.subscriptions.iter().find(|one| one.id.eq_ignore_ascii_case(named));
        let Some(subscription) = subscription else {
            let words = format!("The subscription '{named}' could not be found.");
            return Err(error(404, "SubscriptionNotFound", &words));
        };
        let (own, theirs) = (&subscription.tenant, &known.tenant);
        if own != theirs {
            let issuer = self.plan.cloud.issuer();
            let login = self.authority();
            let words = format!(
                "The access token is from the wrong issuer '{issuer}{theirs}/'. It must match the tenant '{issuer}{own}/' \
                 associated with this subscription. Please use the authority (URL) 'https://{login}/{own}' to get the token."
            );
            let refused = error(401, "InvalidAuthenticationTokenTenant", &words);
            return Err(self.challenged(refused, own, "The access token is from the wrong issuer."));
        }
        Ok(())
    }

    /// The sign-in host that it names.
    fn authority(&self) -> &'static str {
        match self.plan.cloud {
            Cloud::Public => "login.windows.net",
            cloud => cloud.logins()[0],
        }
    }

    /// A refusal that tells, to whom it may concern, the tenant to sign in to.
    fn challenged(&self, refused: Reply, tenant: &str, why: &str) -> Reply {
        let authority = format!("https://{}/{tenant}", self.authority());
        let words = format!("error=\"invalid_token\", error_description=\"{why}\"");
        refused.header("www-authenticate", format!("Bearer authorization_uri=\"{authority}\", {words}"))
    }
}
