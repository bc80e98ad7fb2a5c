//! Exchanges a token of Microsoft Entra for a refresh token of the registry, in the credential provider's way
//! (cloud-provider-azure `pkg/credentialprovider/azure_acr_helper.go`): it wants exactly one challenge of the form that
//! Azure's registries send, and posts to the realm's host.
//!
//! *Invariant:* the token goes to hosts of Azure's registries alone.

use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::cloud::{Family, family};
use crate::credential::Credential;
use crate::foreign::Foreign;
use crate::hosts::{Hosts, Origin};
use crate::http::{Ask, Wanted, exchange};
use crate::jwt;
use crate::log::Log;
use crate::observation::{ChallengeFlaw, Exchanged, Fact, Role};
use crate::secret::Secret;
use crate::survey::Asks;

/// The user that stands for whom a refresh token names.
pub(crate) const TOKEN_USER: &str = "00000000-0000-0000-0000-000000000000";
/// The largest answer that is read, in bytes.
const LIMIT: u64 = 256 * 1024;

/// Who exchanges what, and where.
pub(crate) struct Errand<'a> {
    pub(crate) asks: &'a Asks,
    pub(crate) credential: &'a Credential,
    pub(crate) token: &'a Secret<String>,
    /// The tenant that the exchange is told.
    pub(crate) tenant: Option<&'a str>,
    pub(crate) goes: Goes<'a>,
    pub(crate) registry: &'a Origin,
}

/// The hosts that a token may go to.
pub(crate) enum Goes<'a> {
    /// Registries of any of Azure's clouds, and hosts with these suffixes: as the credential provider lets it.
    AnyCloud(&'a [String]),
    /// Hosts with this suffix alone.
    OneCloud(&'a str),
}

/// Exchanges the token; `None` when no refresh token was had. The observation is written to the log.
pub(crate) async fn refresh_token(
    hosts: &mut Hosts<'_>,
    log: &mut Log<'_>,
    errand: &Errand<'_>,
) -> Option<Secret<String>> {
    let begun = log.begin("exchange", &errand.registry.host);
    let mut seen = Exchanged { flaw: None, exchange: None, token: false, expires: None, permissions: None };
    let mut refresh = None;
    match place(errand) {
        Err(flaw) => seen.flaw = Some(flaw),
        Ok((url, service)) => {
            let mut form = Serializer::new(String::new());
            form.append_pair("access_token", errand.token.expose())
                .append_pair("grant_type", "access_token_refresh_token")
                .append_pair("refresh_token", errand.token.expose())
                .append_pair("service", &service);
            if let Some(tenant) = errand.tenant {
                form.append_pair("tenant", tenant);
            }
            let ask = Ask {
                method: "POST",
                form: Some(Secret::new(form.finish())),
                ..Ask::get(Role::TokenService, url, Wanted::All(LIMIT))
            };
            let answered = exchange(hosts, log, &ask).await;
            refresh = read(&answered.body).filter(|_| answered.status() == Some(200));
            seen.exchange = Some(answered.exchange);
        }
    }
    if let Some(token) = &refresh {
        log.scrub.learn_text(token.expose());
        seen.token = true;
        seen.expires = jwt::claims(token.expose()).and_then(|claims| claims.expires());
        seen.permissions = jwt::refresh_permissions(token.expose());
    }
    log.end(begun, Role::TokenService, Some(errand.credential), Fact::Exchanged(seen));
    refresh
}

fn read(body: &[u8]) -> Option<Secret<String>> {
    #[derive(Deserialize)]
    struct Body {
        refresh_token: String,
    }
    let body: Body = serde_json::from_slice(body).ok()?;
    Some(body.refresh_token).filter(|token| !token.is_empty()).map(Secret::new)
}

/// Where the token is exchanged, and the service's name; else what the provider does not take.
fn place(errand: &Errand<'_>) -> Result<(Url, String), ChallengeFlaw> {
    let asks = errand.asks;
    if let Some(status) = asks.status.filter(|status| *status != 401) {
        return Err(ChallengeFlaw::Status { status });
    }
    let header = match asks.headers.as_slice() {
        [one] => one,
        [] => return Err(ChallengeFlaw::Missing),
        several => return Err(ChallengeFlaw::Several { count: several.len() }),
    };
    let (scheme, rest) = header.split_once(' ').ok_or(ChallengeFlaw::Unreadable)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ChallengeFlaw::NotBearer { scheme: Foreign::new(scheme) });
    }
    let parameters = quoted(rest).ok_or(ChallengeFlaw::Unreadable)?;
    let of = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let (Some(realm), Some(service)) = (of("realm"), of("service")) else {
        return Err(ChallengeFlaw::Unreadable);
    };
    let realm: Url = realm.parse().map_err(|_| ChallengeFlaw::Unreadable)?;
    let origin = Origin::of(&realm).ok_or(ChallengeFlaw::Unreadable)?;
    let url = origin.url("/oauth2/exchange").ok_or(ChallengeFlaw::Unreadable)?;
    // Only a run that speaks plain http to the registry itself may send a token that way.
    let safe = origin.tls || (!errand.registry.tls && origin == *errand.registry);
    match safe && may_have_token(&origin.host, &errand.goes) {
        true => Ok((url, service)),
        false => Err(ChallengeFlaw::ForeignRealm { host: Foreign::new(&origin.authority()) }),
    }
}

fn may_have_token(host: &str, goes: &Goes<'_>) -> bool {
    match goes {
        Goes::AnyCloud(also) => {
            family(host) == Family::Acr || also.iter().any(|suffix| host.ends_with(suffix.as_str()))
        }
        Goes::OneCloud(suffix) => host.ends_with(suffix),
    }
}

/// Parameters in the one form that the provider reads: names, and values in quotes.
fn quoted(text: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = after.strip_prefix('"')?.split_once('"')?;
        found.push((name.trim().to_owned(), value.to_owned()));
        rest = after.trim_start().strip_prefix(',').unwrap_or(after).trim_start();
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_as_the_provider_reads_them() {
        let acr = "realm=\"https://contosoacr.azurecr.io/oauth2/token\",service=\"contosoacr.azurecr.io\"";
        assert_eq!(quoted(acr).map(|found| found.len()), Some(2));
        for bad in ["realm=https://a/t", "realm", "realm=\"open", "realm=\"a\" service"] {
            assert_eq!(quoted(bad), None, "{bad}");
        }
    }
}
