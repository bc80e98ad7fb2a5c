//! Follows redirects as Go's client does (`net/http` `client.go`): at most nine, from the tenth on it gives up; what was
//! posted is posted again only after 307 and 308.

use super::{Ask, Step};
use crate::foreign::shown_url;
use crate::hosts::Origin;
use crate::observation::{Hop, HttpOutcome, Steered};
use crate::scrub::Scrub;

/// Go stops before it follows the tenth.
const MOST_REDIRECTS: usize = 10;
/// The longest address that is followed, in bytes; more does not fit into a request line anywhere.
const LONGEST: usize = 32 * 1024;

/// Whether a status is a redirect that Go follows.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads, written down as a hop; else how the exchange ends.
pub(super) fn follow(
    ask: &Ask,
    step: &Step,
    status: u16,
    location: Option<&str>,
    scrub: &Scrub,
    hops: &mut Vec<Hop>,
) -> Result<Step, Box<HttpOutcome>> {
    let bad = |error: &str| Box::new(HttpOutcome::BadRedirect { error: crate::foreign::Foreign::new(error) });
    let location = location.ok_or_else(|| bad("a redirect without Location"))?;
    let no_address = || bad("a redirect whose Location is no http address");
    let to = step.url.join(location).map_err(|_| no_address())?;
    let origin =
        Origin::of(&to).filter(|_| matches!(to.scheme(), "http" | "https")).ok_or_else(no_address)?;
    if to.as_str().len() > LONGEST {
        return Err(bad("a redirect to an address that is too long"));
    }
    let shown = shown_url(&to, scrub);
    hops.push(Hop { status, to: shown.clone(), host: origin.authority(), signed: to.query().is_some() });
    if hops.len() >= MOST_REDIRECTS {
        return Err(bad("ten redirects"));
    }
    let steered =
        |downgrade| Box::new(HttpOutcome::Steered(Steered { to: shown.clone(), address: None, downgrade }));
    if step.url.scheme() == "https" && to.scheme() == "http" {
        return Err(steered(true));
    }
    let keeps_method = matches!(status, 307 | 308) || matches!(step.method, "GET" | "HEAD");
    let sends_form = step.method == "POST" && keeps_method;
    if sends_form && Origin::of(&ask.url) != Some(origin) {
        // Go would post the credential again, wherever that is.
        return Err(steered(false));
    }
    Ok(Step { url: to, method: if keeps_method { step.method } else { "GET" } })
}
