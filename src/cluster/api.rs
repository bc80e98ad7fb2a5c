//! Requests to the API server: each bounded in time and size, each with a typed end.

mod lines;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jiff::Timestamp;
use kube::client::{Body, Client};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

pub(super) use self::lines::Lines;
use super::trouble::{Fault, Status, of_chain, of_kube};
use crate::case::cluster::TroubleKind;

/// The most that is read of one answer. A page of a hundred nodes with fifty images each is some five megabytes.
const BODY: usize = 32 * 1024 * 1024;

/// The most that is read of a refusal.
const REFUSAL: usize = 256 * 1024;

/// How often a request is made again that was answered with 429 and a time to wait.
const AGAIN: usize = 2;

/// The longest that is waited before it.
const PAUSE: Duration = Duration::from_secs(3);

/// Asks the API server.
#[derive(Clone)]
pub(super) struct Api {
    client: Client,
    each: Duration,
    /// The longest that a creation may take, which policies have their say in.
    for_creation: Duration,
    deadline: Instant,
    /// Where the API server is, and through what, for people.
    way: Arc<str>,
    /// Whether anything was forbidden so far, to this client or one that was made from it.
    forbidden: Arc<AtomicBool>,
}

/// An answer.
pub(super) struct Answer {
    body: Vec<u8>,
    /// The server's clock, where it says it.
    pub(super) date: Option<Timestamp>,
}

impl Api {
    pub(super) fn new(
        client: Client,
        (each, for_creation): (Duration, Duration),
        deadline: Instant,
        way: String,
    ) -> Self {
        Self { client, each, for_creation, deadline, way: way.into(), forbidden: Arc::default() }
    }

    /// Whether the API server has answered something with 403: a right may be missing, though nothing else says so.
    pub(super) fn was_forbidden(&self) -> bool {
        self.forbidden.load(Ordering::Relaxed)
    }

    /// The same client with another end: what was created is removed after the run's own end, too.
    pub(super) fn until(&self, deadline: Instant) -> Self {
        Self { deadline, ..self.clone() }
    }

    pub(super) async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        self.ask(Method::GET, path, None).await?.json()
    }

    pub(super) async fn create<T: DeserializeOwned>(&self, path: &str, object: &Value) -> Result<T, Fault> {
        self.ask(Method::POST, path, Some(object)).await?.json()
    }

    pub(super) async fn delete(&self, path: &str) -> Result<(), Fault> {
        let options = serde_json::json!({ "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background" });
        self.ask(Method::DELETE, path, Some(&options)).await.map(|_| ())
    }

    /// One request, and again where the server asks to wait a moment.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Fault> {
        let mut left = AGAIN;
        loop {
            let (fault, wait) = match self.once(&method, path, body).await {
                Ok(answer) => return Ok(answer),
                Err(both) => both,
            };
            match wait.filter(|wait| left > 0 && Instant::now() + *wait < self.deadline) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(fault),
            }
            left -= 1;
        }
    }

    async fn once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, (Fault, Option<Duration>)> {
        let each = if method == Method::POST { self.for_creation } else { self.each };
        let limit = each.min(self.deadline.saturating_duration_since(Instant::now()));
        let silent = || {
            let told = format!("no answer from {} within {:.1} s", self.way, limit.as_secs_f32());
            (Fault::failed(TroubleKind::TimedOut, told), None)
        };
        let exchange = async {
            let response = self.send(method, path, body).await.map_err(|fault| (fault, None))?;
            let (head, incoming) = response.into_parts();
            let wait = (head.status == StatusCode::TOO_MANY_REQUESTS)
                .then(|| head.headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok())
                .flatten()
                .map(|seconds| Duration::from_secs(seconds).min(PAUSE));
            let most = if head.status.is_success() { BODY } else { REFUSAL };
            let read = Limited::new(incoming, most).collect().await;
            if !head.status.is_success() {
                let body = read.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
                return Err((self.refused(head.status, &body), wait));
            }
            let body = read.map_err(|error| {
                let fault = match error.is::<LengthLimitError>() {
                    true => Fault::failed(TroubleKind::Answer, format!("more than {} MiB came", BODY >> 20)),
                    false => Fault::Failed(of_chain(&*error)),
                };
                (fault, None)
            })?;
            let date = head
                .headers
                .get(header::DATE)
                .and_then(|date| date.to_str().ok())
                .and_then(|date| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
            Ok(Answer { body: body.to_bytes().to_vec(), date })
        };
        tokio::time::timeout(limit, exchange).await.unwrap_or_else(|_| Err(silent()))
    }

    /// Sends a request and gives the answer's head; its body is the caller's to bound.
    async fn send(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<http::Response<Body>, Fault> {
        let bytes = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("pullcheck/", env!("CARGO_PKG_VERSION")));
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Body::from(bytes))
            .map_err(|error| Fault::failed(TroubleKind::Answer, format!("no such request: {error}")))?;
        self.client.send(request).await.map_err(|error| {
            let mut failed = of_kube(&error);
            // A proxy names itself.
            if matches!(failed.kind, TroubleKind::NotConnected | TroubleKind::Unresolved | TroubleKind::Tls) {
                failed.detail = format!("{}: {}", self.way, failed.detail);
            }
            Fault::Failed(failed)
        })
    }

    fn refused(&self, code: StatusCode, body: &[u8]) -> Fault {
        if code == StatusCode::FORBIDDEN {
            self.forbidden.store(true, Ordering::Relaxed);
        }
        refused(code, body)
    }

    /// Opens a watch: its lines come as they are said, until the server ends it.
    pub(super) async fn watch(&self, path: &str) -> Result<Lines, Fault> {
        let limit = self.each.min(self.deadline.saturating_duration_since(Instant::now()));
        let opened = async {
            let response = self.send(&Method::GET, path, None).await?;
            let (head, body) = response.into_parts();
            if head.status.is_success() {
                return Ok(Lines { body, buffer: Vec::new() });
            }
            let read = Limited::new(body, REFUSAL).collect().await;
            let body = read.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
            Err(self.refused(head.status, &body))
        };
        let silent = || Err(Fault::failed(TroubleKind::TimedOut, "a watch was not opened in time"));
        tokio::time::timeout(limit, opened).await.unwrap_or_else(|_| silent())
    }
}

impl Answer {
    /// What came, as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_slice(&self.body).map_err(|_| {
            Fault::failed(TroubleKind::Answer, "200, but what came is not what an API server says")
        })
    }
}

/// An answer that is no success. One that is not written as an API server writes is somebody else's.
fn refused(code: StatusCode, body: &[u8]) -> Fault {
    #[derive(serde::Deserialize)]
    struct Kind {
        kind: String,
    }
    let is_status = serde_json::from_slice::<Kind>(body).is_ok_and(|kind| kind.kind == "Status");
    match serde_json::from_slice::<Status>(body) {
        Ok(mut status) if is_status => {
            status.code = code.as_u16();
            Fault::Refused(status)
        }
        _ => {
            let said = first_words(body).map(|words| format!(": {words}")).unwrap_or_default();
            Fault::failed(TroubleKind::Answer, format!("{code}, without the words of an API server{said}"))
        }
    }
}

/// The first line of what is no page and no document, as gateways and Go's servers write it.
fn first_words(body: &[u8]) -> Option<String> {
    const MOST: usize = 200;
    let text = String::from_utf8_lossy(body);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    (!line.starts_with(['<', '{', '['])).then(|| line.chars().take(MOST).collect())
}

/// A part of a path or a query, escaped.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
