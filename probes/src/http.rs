//! One request and its answer, on the connection that was looked at: redirects followed one by one and written down,
//! every wait and every body bounded.
//!
//! As Go's client does (`net/http`, containerd's resolver on top of it): it gives up at the tenth redirect, sends
//! `Authorization` only to the host it was made for, and tries once more on a fresh connection when a kept one turns
//! out to be closed.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{
    AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT,
};
use hyper::{Request, Response};
use tokio::time::Instant;
use url::Url;

use crate::foreign::{Foreign, shown_url};
use crate::hosts::{Hosts, Origin, Reached};
use crate::log::{Log, millis};
use crate::net::Net;
use crate::observation::{Exchange, Hop, HttpFailure, HttpOutcome, Reply, Role, Steered};
use crate::proxy::Proxy;
use crate::scrub::Scrub;
use crate::secret::Secret;

mod failure;
mod read;
mod redirect;
mod reply;

pub(crate) use failure::of as failure_of;
#[cfg(any(test, fuzzing))]
pub(crate) use reply::said;

/// How much of a body is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    /// All of it, up to a limit in bytes.
    All(u64),
    /// The first bytes; the rest is not read.
    First(u64),
}

/// A request to be made.
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) url: Url,
    pub(crate) role: Role,
    /// The whole value of `Authorization`.
    pub(crate) authorization: Option<Secret<String>>,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The fields of a form; they may hold secrets.
    pub(crate) form: Option<Secret<String>>,
    pub(crate) wanted: Wanted,
}

impl Ask {
    /// A `GET` without a credential.
    pub(crate) fn get(role: Role, url: Url, wanted: Wanted) -> Self {
        Self { method: "GET", url, role, authorization: None, headers: Vec::new(), form: None, wanted }
    }
}

/// What a request came to.
pub(crate) struct Answered {
    pub(crate) exchange: Exchange,
    pub(crate) body: Bytes,
    /// `WWW-Authenticate`, uncut.
    pub(crate) challenges: Vec<String>,
    /// `Location`, uncut: what is kept of it for reports has lost its query.
    location: Option<String>,
    /// `Link`, uncut.
    pub(crate) link: Option<String>,
    /// The origin that gave the last answer.
    pub(crate) origin: Option<Origin>,
    /// The body ended before its announced length.
    pub(crate) cut_short: bool,
}

impl Answered {
    /// No answer.
    pub(crate) fn none(method: &str, url: Foreign, outcome: HttpOutcome) -> Self {
        Self {
            exchange: Exchange { method: method.to_owned(), url, hops: Vec::new(), outcome },
            body: Bytes::new(),
            challenges: Vec::new(),
            location: None,
            link: None,
            origin: None,
            cut_short: false,
        }
    }

    pub(crate) fn status(&self) -> Option<u16> {
        self.exchange.status()
    }
}

const AGENT: &str = concat!("pullcheck/", env!("CARGO_PKG_VERSION"));

/// Where the next request of an exchange goes, and with which method.
struct Step {
    url: Url,
    method: &'static str,
}

/// Makes a request, following redirects.
pub(crate) async fn exchange(hosts: &mut Hosts<'_>, log: &mut Log<'_>, ask: &Ask) -> Answered {
    let mut step = Step { url: ask.url.clone(), method: ask.method };
    let mut hops: Vec<Hop> = Vec::new();
    let home = Origin::of(&ask.url);
    loop {
        let mut answered = Box::pin(one(hosts, log, ask, &step, home.as_ref())).await;
        let redirect = answered.status().filter(|status| redirect::is_redirect(*status));
        let ended = match redirect {
            Some(status) => {
                let location = answered.location.as_deref();
                match redirect::follow(ask, &step, status, location, &log.scrub, &mut hops) {
                    Ok(next) => {
                        step = next;
                        continue;
                    }
                    Err(outcome) => Some(*outcome),
                }
            }
            None => None,
        };
        if let Some(outcome) = ended {
            answered.exchange.outcome = outcome;
            answered.body = Bytes::new();
        }
        answered.exchange.url = shown_url(&ask.url, &log.scrub);
        answered.exchange.hops = hops;
        return answered;
    }
}

/// Makes a request and takes what is answered as it is, a redirect too.
pub(crate) async fn single(hosts: &mut Hosts<'_>, log: &mut Log<'_>, ask: &Ask) -> Answered {
    let step = Step { url: ask.url.clone(), method: ask.method };
    let home = Origin::of(&ask.url);
    Box::pin(one(hosts, log, ask, &step, home.as_ref())).await
}

/// One request without its redirects.
async fn one(
    hosts: &mut Hosts<'_>,
    log: &mut Log<'_>,
    ask: &Ask,
    step: &Step,
    home: Option<&Origin>,
) -> Answered {
    let url = &step.url;
    let mut answered = Answered::none(ask.method, shown_url(url, &log.scrub), HttpOutcome::OutOfTime);
    let Some(origin) = Origin::of(url) else {
        answered.exchange.outcome = HttpOutcome::BadRedirect { error: Foreign::new("no http address") };
        return answered;
    };
    let at_home = home == Some(&origin);
    let role = if at_home { ask.role } else { Role::Redirect };
    answered.origin = Some(origin.clone());
    match Box::pin(hosts.reach(log, role, &origin)).await {
        Reached::Yes => {}
        Reached::No => {
            answered.exchange.outcome = HttpOutcome::NotReached { host: origin.authority() };
            return answered;
        }
        Reached::OutOfTime => return answered,
        Reached::Steered(address) => {
            answered.exchange.outcome = HttpOutcome::Steered(Steered {
                to: shown_url(url, &log.scrub),
                address: Some(address.to_string()),
                downgrade: false,
            });
            return answered;
        }
    }
    if hosts.net.patience.is_over() {
        return answered;
    }
    let mut request = request(ask, step, &origin, at_home);
    for (name, value) in hosts.headers(&origin) {
        if let (Ok(name), Ok(mut value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value.expose()))
        {
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
    }
    if let Some(proxy) = hosts.forwarder(&origin) {
        forwarded(&mut request, url, proxy);
    }
    for fresh in [false, true] {
        let Some(mut connection) = hosts.connection(&origin).await else {
            // What our own clock cuts short says nothing of the host.
            if !hosts.net.patience.is_over() {
                answered.exchange.outcome = HttpOutcome::Failed { failure: HttpFailure::Closed };
            }
            return answered;
        };
        let used = connection.used;
        let since = Instant::now();
        let head = tokio::time::timeout(hosts.net.patience.for_step(), async {
            connection.sender.ready().await?;
            connection.sender.send_request(request.clone()).await
        })
        .await;
        match head {
            Err(_) => {
                if since.elapsed() < hosts.net.patience.step {
                    return answered;
                }
                let after_ms = millis(since.elapsed());
                answered.exchange.outcome =
                    HttpOutcome::Failed { failure: HttpFailure::HeadTimedOut { after_ms } };
                return answered;
            }
            // A kept connection that the server has closed meanwhile is no failure of the server.
            Ok(Err(error)) if used && !fresh && failure::is_closed(&error) => continue,
            Ok(Err(error)) => {
                answered.exchange.outcome = HttpOutcome::Failed { failure: failure::of(&error, origin.tls) };
                return answered;
            }
            Ok(Ok(response)) => {
                let (head, body) = response.into_parts();
                let read = read::body(body, ask.wanted, &head, &hosts.net.patience).await;
                if read.reusable {
                    hosts.keep(&origin, connection);
                }
                answered.challenges = reply::all(&head.headers, "www-authenticate");
                answered.location = reply::all(&head.headers, "location").into_iter().next();
                answered.link = reply::all(&head.headers, "link").into_iter().next();
                answered.cut_short = read.cut_short;
                let trusted = role != Role::Redirect;
                let reply: Reply = reply::kept(&head, &read, trusted, (hosts.net.clock)(), &log.scrub);
                answered.exchange.outcome = match read.failure {
                    None if read.out_of_time => HttpOutcome::OutOfTime,
                    Some(failure) => HttpOutcome::Failed { failure },
                    None => HttpOutcome::Reply(reply),
                };
                answered.body = read.bytes;
                return answered;
            }
        }
    }
    answered
}

/// The same request as a proxy that makes it for us wants it: with the whole address (RFC 9112 section 3.2.2).
fn forwarded(request: &mut Request<Full<Bytes>>, url: &Url, proxy: &Proxy) {
    *request.uri_mut() = url.as_str().parse().unwrap_or_default();
    let value = crate::tunnel::authorization(proxy);
    if let Some(Ok(mut value)) = value.map(|value| HeaderValue::from_str(value.expose())) {
        value.set_sensitive(true);
        request.headers_mut().insert(PROXY_AUTHORIZATION, value);
    }
}

/// What is kept of an answer whose body is nobody's word.
pub(crate) async fn head_of(response: Response<Incoming>, net: &Net) -> HttpOutcome {
    let (head, body) = response.into_parts();
    let read = read::body(body, Wanted::First(512), &head, &net.patience).await;
    HttpOutcome::Reply(reply::kept(&head, &read, false, (net.clock)(), &Scrub::default()))
}

/// The status of the same request at another address of the registry, on a connection of its own.
pub(crate) async fn status_at(hosts: &Hosts<'_>, ask: &Ask, address: std::net::IpAddr) -> Option<u16> {
    let origin = Origin::of(&ask.url)?;
    let step = Step { url: ask.url.clone(), method: ask.method };
    let request = request(ask, &step, &origin, true);
    tokio::time::timeout(hosts.net.patience.for_step(), async {
        let mut connection = hosts.connect_again(&origin, address).await?;
        Some(connection.sender.send_request(request).await.ok()?.status().as_u16())
    })
    .await
    .ok()?
}

fn request(ask: &Ask, step: &Step, origin: &Origin, at_home: bool) -> Request<Full<Bytes>> {
    let url = &step.url;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut request = Request::new(Full::new(Bytes::new()));
    *request.method_mut() = step.method.parse().unwrap_or_default();
    // An address that `Url` accepts is a valid request target, unless it is longer than any that is followed.
    *request.uri_mut() = target.parse().unwrap_or_default();
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    if let Ok(host) = HeaderValue::from_str(&origin.authority()) {
        headers.insert(HOST, host);
    }
    for (name, value) in &ask.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(*name, value);
        }
    }
    if let Some(Ok(mut value)) =
        ask.authorization.as_ref().filter(|_| at_home).map(|a| HeaderValue::from_str(a.expose()))
    {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    if let Some(form) = ask.form.as_ref().filter(|_| at_home && step.method == "POST") {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        *request.body_mut() = Full::new(Bytes::from(form.expose().clone()));
    }
    request
}
