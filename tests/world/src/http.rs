//! HTTP/1.1 at an endpoint: requests become data, answers become bytes.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, DATE, HOST, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::arm::Arm;
use crate::entra::Entra;
use crate::graph::Graph;
use crate::imds::Imds;
use crate::log::{self, Log};
use crate::mirror;
use crate::plan::{Role, Server};
use crate::portal;
use crate::proxy::{self, Tunnels};
use crate::registry::{Ask, Registry};
use crate::reply::{Body, Ending, Reply};
use crate::schema::StorageFault;
use crate::storage;
use crate::time;

const LARGEST_FORM: usize = 256 * 1024;

/// What all endpoints of a world share.
pub(crate) struct Shared {
    /// The registry.
    pub(crate) registry: Registry,
    /// The node's metadata service.
    pub(crate) imds: Imds,
    /// The resource manager.
    pub(crate) arm: Arm,
    /// The sign-in service.
    pub(crate) entra: Entra,
    /// Microsoft Graph.
    pub(crate) graph: Graph,
    /// What is wrong with the storage.
    pub(crate) storage: Option<StorageFault>,
    /// What was seen.
    pub(crate) log: Log,
    /// Seconds that the servers' clocks are ahead.
    pub(crate) skew: i64,
    /// The world's ways in, for its proxies.
    pub(crate) tunnels: Tunnels,
}

/// The servers at one endpoint.
pub(crate) struct Site {
    /// The servers by name.
    pub(crate) servers: BTreeMap<String, Server>,
    /// Who answers where the Host header names none of them.
    pub(crate) first: Server,
    /// Tags and digests that are not here.
    pub(crate) lacks: Vec<String>,
    /// What all endpoints share.
    pub(crate) shared: Arc<Shared>,
}

impl Site {
    /// Serves a connection until one side ends it.
    pub(crate) async fn serve<S>(self: &Arc<Self>, stream: S) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let site = Arc::clone(self);
        let service = service_fn(move |request| {
            let site = Arc::clone(&site);
            async move { site.respond(request).await }
        });
        hyper::server::conn::http1::Builder::new()
            .auto_date_header(false)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
            .await
            .map_err(io::Error::other)
    }

    async fn respond(self: Arc<Self>, request: Request<Incoming>) -> io::Result<Response<Body>> {
        let host = host(&request);
        let server = self.servers.get(&host).unwrap_or(&self.first).clone();
        let mut note = note(&request, &host);
        let method = request.method().clone();
        let reply = if server.role == Role::Proxy {
            proxy::answer(request, &server, &self.shared.tunnels).await
        } else {
            let ask = ask(request, &self.lacks).await?;
            note.form = harmless(&ask.form);
            tokio::time::sleep(Duration::from_millis(server.host.delay_ms)).await;
            self.answer(&ask, &server)
        };
        note.status = reply.status;
        self.shared.log.request(note);
        match reply.ending {
            Ending::Never => std::future::pending::<()>().await,
            Ending::Cut => return Err(io::Error::other("cut")),
            Ending::Whole | Ending::Truncated | Ending::Stalled => {}
        }
        let skew = server.host.clock_skew_s.unwrap_or(self.shared.skew);
        Ok(response(reply, &method, &server, skew))
    }

    fn answer(&self, ask: &Ask, server: &Server) -> Reply {
        if let Some(reply) = server.host.page.as_ref().and_then(|page| portal::page(page, &ask.path)) {
            return reply;
        }
        match server.role {
            Role::Token => self.shared.registry.answer_token(ask),
            Role::Storage => storage::answer(&self.shared.registry, self.shared.storage, ask),
            Role::Mirror => mirror::answer(&self.shared.registry, server, ask),
            Role::Imds => self.shared.imds.answer(ask),
            Role::Arm => self.shared.arm.answer(ask),
            Role::Graph => self.shared.graph.answer(ask),
            Role::Entra(cloud) => self.shared.entra.answer(ask, cloud),
            Role::Registry | Role::Proxy => self.shared.registry.answer(ask),
        }
    }
}

/// The host that a request is for, without the port.
fn host<B>(request: &Request<B>) -> String {
    let header = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    let named = request.uri().host().or(header).unwrap_or_default();
    let bare = match named.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None if named.matches(':').count() == 1 => named.split(':').next().unwrap_or_default(),
        None => named,
    };
    bare.to_ascii_lowercase()
}

/// The fields of queries and forms that tell no secret.
const HARMLESS: [&str; 11] = [
    "scope",
    "service",
    "api-version",
    "resource",
    "client_id",
    "object_id",
    "msi_res_id",
    "grant_type",
    "tenant",
    "ns",
    "$filter",
];

/// What the log keeps of a request.
fn note<B>(request: &Request<B>, host: &str) -> log::Request {
    let query = harmless(&fields(request.uri().query().unwrap_or_default()));
    let query = if query.is_empty() { query } else { format!("?{query}") };
    let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    log::Request {
        method: request.method().to_string(),
        host: host.to_owned(),
        path: format!("{}{query}", request.uri().path()),
        form: String::new(),
        authorization: authorization.map(|value| value.split(' ').next().unwrap_or_default().to_owned()),
        status: 0,
    }
}

/// The harmless ones of these fields.
fn harmless(fields: &[(String, String)]) -> String {
    let kept = fields.iter().filter(|(name, _)| HARMLESS.contains(&name.as_str()));
    kept.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

async fn ask(request: Request<Incoming>, lacks: &[String]) -> io::Result<Ask> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST_FORM).collect().await.map_err(io::Error::other)?.to_bytes();
    let named = head.headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(Ask {
        method: head.method.to_string(),
        host: named.to_ascii_lowercase(),
        path: decoded(head.uri.path()),
        query: fields(head.uri.query().unwrap_or_default()),
        form: fields(std::str::from_utf8(&body).unwrap_or_default()),
        headers: head.headers,
        body,
        lacks: lacks.to_vec(),
    })
}

/// A path without its percent signs: some clients write a repository's slash as %2F.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, more)) = rest.split_first() {
        let escaped = more.get(..2).filter(|_| first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            None => {
                bytes.push(first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn fields(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn response(reply: Reply, method: &Method, server: &Server, skew: i64) -> Response<Body> {
    let chunked = server.host.chunked && method != Method::HEAD;
    let tunnel = method == Method::CONNECT && reply.status == 200;
    let mut response = Response::new(Body::new(&reply.body, reply.ending, chunked));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(name, value);
        }
    }
    if let Ok(value) = HeaderValue::from_str(&time::http_date(skew)) {
        headers.insert(DATE, value);
    }
    if !chunked && !tunnel {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(reply.body.len()));
    }
    if server.host.close {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_once() {
        for (path, expected) in [
            ("/v2/team%2Fweb/manifests/v1", "/v2/team/web/manifests/v1"),
            ("/a%", "/a%"),
            ("/%252F", "/%2F"),
            ("/%zz", "/%zz"),
        ] {
            assert_eq!(decoded(path), expected);
        }
    }
}
