//! Asking Azure's resource manager, and Microsoft Graph, which answers in the same form.
//!
//! *Invariant:* only `GET`, and a token goes to the host that it is for, whatever a page's link says.

use std::time::Duration;

use probes::observation::HttpOutcome;
use probes::secret::Secret;
use probes::service::{Answer, Request, Service};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;
use url::form_urlencoded::Serializer;

use super::cloud::authority;
use super::trouble;
use crate::case::azure::{Trouble, TroubleKind};

/// How often a request is made again that was answered with 429 or a passing trouble of the service.
const AGAIN: u32 = 2;
/// The longest that is waited before it.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The statuses after which a request is made again.
const PASSING: [u16; 5] = [429, 500, 502, 503, 504];
/// The most pages of a list that are read.
const PAGES: usize = 50;
/// The most entries of a list that are kept.
const ENTRIES: usize = 20_000;

/// A service that answers in JSON, with the token for it.
pub(super) struct Api<'s, 'n> {
    service: &'s Service<'n>,
    base: Url,
    token: Secret<String>,
    /// What names the next page.
    next: &'static str,
}

/// A list, as far as it could be read.
#[derive(Default)]
pub(super) struct List {
    pub(super) items: Vec<Value>,
    /// What kept the rest of it back.
    pub(super) trouble: Option<Trouble>,
}

impl<'s, 'n> Api<'s, 'n> {
    pub(super) fn manager(service: &'s Service<'n>, base: Url, token: Secret<String>) -> Self {
        Self { service, base, token, next: "nextLink" }
    }

    pub(super) fn graph(service: &'s Service<'n>, base: Url, token: Secret<String>) -> Self {
        Self { service, base, token, next: "@odata.nextLink" }
    }

    /// Reads one object.
    pub(super) async fn one(
        &self,
        during: &str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, Trouble> {
        self.get(during, address(&self.base, path, query)).await
    }

    /// Reads one resource by its id, in the first of several versions that the cloud has.
    pub(super) async fn resource(&self, during: &str, id: &str, versions: &[&str]) -> Result<Value, Trouble> {
        let mut last = None;
        for version in versions {
            match self.one(during, id, &[("api-version", version)]).await {
                Err(trouble) if is_of_the_version(&trouble) => last = Some(trouble),
                other => return other,
            }
        }
        Err(last.unwrap_or_else(|| trouble::odd(during, None)))
    }

    /// Reads a list to its end, in the first of several versions that the cloud has; with that version.
    pub(super) async fn list_in<'v>(
        &self,
        during: &str,
        path: &str,
        versions: &[&'v str],
    ) -> (List, &'v str) {
        let mut last = (List::default(), "");
        for version in versions {
            let list = self.list(during, path, &[("api-version", version)]).await;
            let too_new = list.trouble.as_ref().is_some_and(is_of_the_version);
            last = (list, version);
            if !too_new {
                break;
            }
        }
        last
    }

    /// Reads a list to its end.
    pub(super) async fn list(&self, during: &str, path: &str, query: &[(&str, &str)]) -> List {
        let mut list = List::default();
        let mut url = address(&self.base, path, query);
        for _ in 0..PAGES {
            if list.items.len() > ENTRIES {
                break;
            }
            let page = match self.get(during, url).await {
                Ok(page) => page,
                Err(trouble) => {
                    list.trouble = Some(trouble);
                    return list;
                }
            };
            let Some(items) = page.get("value").and_then(Value::as_array) else {
                list.trouble = Some(trouble::odd(during, None));
                return list;
            };
            list.items.extend(items.iter().cloned());
            let Some(next) = page.get(self.next).and_then(Value::as_str).filter(|next| !next.is_empty())
            else {
                return list;
            };
            match own(&self.base, next) {
                Ok(next) => url = next,
                Err(host) => {
                    let told =
                        format!("the next page is said to be at '{host}', where the token does not go");
                    list.trouble = Some(trouble::of(TroubleKind::Answer, during, told));
                    return list;
                }
            }
        }
        let told = "the list is longer than any that is read to its end".to_owned();
        list.trouble = Some(trouble::of(TroubleKind::Answer, during, told));
        list
    }

    async fn get(&self, during: &str, url: Url) -> Result<Value, Trouble> {
        let headers = vec![("accept", "application/json".to_owned())];
        let request = Request { url, bearer: Some(self.token.clone()), headers, form: None };
        let answer = patiently(self.service, &request).await;
        let reply = match &answer.outcome {
            HttpOutcome::Reply(reply) => Some(reply.clone()),
            _ => None,
        };
        let body = trouble::body(self.service, during, answer)?;
        match serde_json::from_slice(&body) {
            Ok(value @ Value::Object(_)) => Ok(value),
            _ => Err(trouble::odd(during, reply.as_ref())),
        }
    }
}

/// The address of a path of a service.
fn address(base: &Url, path: &str, query: &[(&str, &str)]) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    let query = Serializer::new(String::new()).extend_pairs(query).finish();
    // A blank is a plus in a form alone.
    url.set_query(Some(&query.replace('+', "%20")));
    url
}

/// A link, where it leads to the service itself; else the host that it leads to.
fn own(base: &Url, link: &str) -> Result<Url, String> {
    let url = Url::parse(link).map_err(|_| "no address".to_owned())?;
    match url.origin() == base.origin() {
        true => Ok(url),
        false => Err(authority(&url)),
    }
}

/// Whether the cloud does not have the version that was asked for.
fn is_of_the_version(trouble: &Trouble) -> bool {
    const CODES: [&str; 4] = [
        "NoRegisteredProviderFound",
        "InvalidApiVersionParameter",
        "InvalidResourceType",
        "UnsupportedApiVersion",
    ];
    let code = trouble.code.as_ref().map(|code| code.as_str());
    trouble.status == Some(400) && code.is_some_and(|code| CODES.contains(&code))
}

/// Makes a request, and again where the service asks for a moment and there is time for it.
pub(super) async fn patiently(service: &Service<'_>, request: &Request) -> Answer {
    let mut tries = 0;
    loop {
        let answer = service.ask(request).await;
        tries += 1;
        let HttpOutcome::Reply(reply) = &answer.outcome else { return answer };
        if tries > AGAIN || !PASSING.contains(&reply.status) {
            return answer;
        }
        let said = reply.header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
        let pause = said.map_or(Duration::from_secs(u64::from(tries)), Duration::from_secs);
        let patience = service.net().patience;
        if pause > LONGEST_PAUSE || Instant::now() + pause + patience.step > patience.deadline {
            return answer;
        }
        tokio::time::sleep(pause).await;
    }
}

impl List {
    /// The items, with what kept others back among the troubles.
    pub(super) fn items(self, troubles: &mut Vec<Trouble>) -> Vec<Value> {
        troubles.extend(self.trouble);
        self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://management.azure.com").expect("an address")
    }

    #[test]
    fn a_next_page_is_at_home_or_not_at_all() {
        assert!(own(&base(), "https://management.azure.com/x?$skipToken=1").is_ok());
        for (link, host) in [
            ("https://management.azure.com.evil.example/x", "management.azure.com.evil.example"),
            ("http://management.azure.com/x", "management.azure.com"),
            ("https://management.azure.com:8443/x", "management.azure.com:8443"),
            ("https://management.azure.com@evil.example/x", "evil.example"),
            ("/x", "no address"),
        ] {
            assert_eq!(own(&base(), link), Err(host.to_owned()), "{link}");
        }
    }

    #[test]
    fn only_a_version_that_is_not_there_is_asked_in_another() {
        let said = |status, code: &str| Trouble {
            status: Some(status),
            code: Some(probes::foreign::Foreign::new(code)),
            ..trouble::of(TroubleKind::Answer, "read", "")
        };
        assert!(is_of_the_version(&said(400, "NoRegisteredProviderFound")));
        for other in [said(404, "InvalidResourceType"), said(400, "BadRequest"), trouble::odd("read", None)] {
            assert!(!is_of_the_version(&other), "{other:?}");
        }
    }

    #[test]
    fn what_is_asked_is_written_as_azure_reads_it() {
        let url = address(&base(), "/subscriptions/S/resourceGroups/a b?c", &[("$filter", "a eq 'b+c'")]);
        let expected = "https://management.azure.com/subscriptions/S/resourceGroups/a%20b%3Fc?%24filter=a%20eq%20%27b%2Bc%27";
        assert_eq!(url.as_str(), expected);
    }
}
