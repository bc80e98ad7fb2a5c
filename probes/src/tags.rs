//! Lists a repository's tags, only after a tag was not found: whether the repository is there at all, and whether the
//! registry contradicts itself (distribution specification, "Listing Tags").

use serde::Deserialize;
use url::Url;

use crate::attempt::Attempt;
use crate::foreign::Foreign;
use crate::http::{Ask, Wanted, exchange};
use crate::log::Log;
use crate::observation::{Fact, Role, TagList};

/// How many pages of the list are read.
const MOST_PAGES: usize = 10;
/// The largest page that is read, in bytes.
const PAGE_LIMIT: u64 = 2 * 1024 * 1024;
/// How many tags are kept for the report.
const NEAR: usize = 5;

#[derive(Deserialize)]
struct Page {
    tags: Option<Vec<String>>,
}

/// Whether the last thing that was seen is a manifest that is not there.
pub(crate) fn worth_asking(log: &Log<'_>) -> bool {
    log.observations.last().is_some_and(|o| match &o.fact {
        Fact::Manifest(m) => m.head.as_ref().and_then(|h| h.status()) == Some(404),
        _ => false,
    })
}

/// Lists the tags.
pub(crate) async fn list(attempt: &mut Attempt<'_, '_>, log: &mut Log<'_>, tag: &str) {
    let Some(mut url) = attempt.url("tags/list?n=1000") else { return };
    let begun = log.begin("manifest", attempt.registry_host());
    let mut tags: Vec<String> = Vec::new();
    let mut whole = false;
    let mut last = attempt.unaskable("GET").exchange;
    for _ in 0..MOST_PAGES {
        let ask = Ask {
            authorization: attempt.authorization.clone(),
            headers: vec![("accept", "application/json".to_owned())],
            ..Ask::get(Role::Registry, url.clone(), Wanted::All(PAGE_LIMIT))
        };
        let answered = exchange(attempt.hosts, log, &ask).await;
        let page =
            serde_json::from_slice::<Page>(&answered.body).ok().filter(|_| answered.status() == Some(200));
        let next = answered.next_page(&url);
        last = answered.exchange;
        let Some(page) = page else { break };
        tags.extend(page.tags.unwrap_or_default());
        match next {
            Some(next) => url = next,
            None => {
                whole = true;
                break;
            }
        }
    }
    let found = tags.iter().any(|t| t == tag);
    tags.sort_by_cached_key(|t| std::cmp::Reverse(likeness(t, tag)));
    let seen = TagList {
        exchange: last,
        listed: (found || whole).then_some(found),
        near: tags.iter().take(NEAR).map(|t| Foreign::new(t)).collect(),
    };
    log.end(begun, Role::Registry, Some(attempt.credential()), Fact::TagList(seen));
}

/// How many characters two tags share at their beginning and end.
fn likeness(a: &str, b: &str) -> usize {
    let head = a.chars().zip(b.chars()).take_while(|(x, y)| x.eq_ignore_ascii_case(y)).count();
    let tail = a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x.eq_ignore_ascii_case(y)).count();
    head * 2 + tail
}

impl crate::http::Answered {
    /// The next page of a list (RFC 8288, `rel="next"`), on the same host only.
    fn next_page(&self, from: &Url) -> Option<Url> {
        let link = self.link.as_deref()?;
        let target = link.split('<').nth(1)?.split('>').next()?;
        let next = from.join(target).ok()?;
        (link.contains("next") && next.origin() == from.origin()).then_some(next)
    }
}
