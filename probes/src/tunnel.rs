//! A way through a proxy: `CONNECT` as Go's `net/http` sends it, and what came of it.
//!
//! *Invariant:* the proxy's password goes to the proxy alone.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Empty;
use hyper::header::{HOST, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::connect::dial;
use crate::foreign::Foreign;
use crate::handshake::greet_once;
use crate::http::{failure_of, head_of};
use crate::line::Line;
use crate::log::millis;
use crate::net::Net;
use crate::observation::{Dial, Exchange, Handshake, HttpFailure, HttpOutcome};
use crate::proxy::Proxy;
use crate::secret::Secret;

/// What stands between here and a host.
#[derive(Clone)]
pub(crate) enum Through {
    /// Nobody.
    Nobody,
    /// A proxy, at one of its addresses. One that itself speaks TLS has no further connections.
    Proxy(Box<Proxy>),
}

impl Through {
    /// A connection to a host: to `address`, or through the proxy that is there.
    pub(crate) async fn open(
        &self,
        net: &Net,
        host: &str,
        address: IpAddr,
        port: u16,
    ) -> (Dial, Option<Line>) {
        let Self::Proxy(proxy) = self else {
            let (dial, tcp) = dial(net, host, address, port).await;
            return (dial, tcp.map(Line::from));
        };
        let (dialled, tcp) = dial(net, &proxy.host, address, proxy.port).await;
        let Some(tcp) = tcp else { return (dialled, None) };
        let Ok(line) = secured(net, proxy, address, tcp).await else { return (dialled, None) };
        let line = tunnel(net, proxy, line, host, port).await.ok();
        (dialled, line)
    }
}

/// The connection to a proxy with TLS where the proxy's address wants it; the handshake that failed otherwise.
pub(crate) async fn secured(
    net: &Net,
    proxy: &Proxy,
    address: IpAddr,
    tcp: TcpStream,
) -> Result<Line, Handshake> {
    if proxy.kind != crate::proxy::ProxyKind::Https {
        return Ok(tcp.into());
    }
    let (look, stream) = greet_once(net, &proxy.host, proxy.port, address, tcp.into()).await;
    stream.map(Line::from).ok_or(look)
}

/// Asks a proxy for the way to a host; the answer where it does not open it.
pub(crate) async fn tunnel(
    net: &Net,
    proxy: &Proxy,
    line: Line,
    host: &str,
    port: u16,
) -> Result<Line, Exchange> {
    let to = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let ended = |outcome: HttpOutcome| Exchange {
        method: "CONNECT".to_owned(),
        url: Foreign::new(&to),
        hops: Vec::new(),
        outcome,
    };
    let since = Instant::now();
    match timeout(net.patience.for_step(), connect(net, proxy, line, &to)).await {
        Ok(Ok(line)) => Ok(line),
        Ok(Err(outcome)) => Err(ended(outcome)),
        Err(_) if since.elapsed() < net.patience.step => Err(ended(HttpOutcome::OutOfTime)),
        Err(_) => {
            let after_ms = millis(since.elapsed());
            Err(ended(HttpOutcome::Failed { failure: HttpFailure::HeadTimedOut { after_ms } }))
        }
    }
}

async fn connect(net: &Net, proxy: &Proxy, line: Line, to: &str) -> Result<Line, HttpOutcome> {
    let failed = |error: &hyper::Error| HttpOutcome::Failed { failure: failure_of(error, true) };
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(line)).await.map_err(|e| failed(&e))?;
    let driven = tokio::spawn(async move {
        // Its errors reach the request that is under way.
        let _ = connection.with_upgrades().await;
    });
    let request = request(proxy, to)
        .ok_or(HttpOutcome::BadRedirect { error: Foreign::new("the name cannot be asked for") })?;
    let mut response = sender.send_request(request).await.map_err(|e| failed(&e))?;
    if response.status() != 200 {
        let outcome = head_of(response, net).await;
        driven.abort();
        return Err(outcome);
    }
    let upgraded = hyper::upgrade::on(&mut response).await.map_err(|e| failed(&e))?;
    let parts = upgraded.downcast::<TokioIo<Line>>().map_err(|_| HttpOutcome::Unknown)?;
    Ok(parts.io.into_inner().after(&parts.read_buf))
}

fn request(proxy: &Proxy, to: &str) -> Option<Request<Empty<Bytes>>> {
    let mut request = Request::new(Empty::new());
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = to.parse::<Uri>().ok()?;
    request.headers_mut().insert(HOST, HeaderValue::from_str(to).ok()?);
    request.headers_mut().insert("user-agent", HeaderValue::from_static("Go-http-client/1.1"));
    if let Some(value) = authorization(proxy) {
        let mut value = HeaderValue::from_str(value.expose()).ok()?;
        value.set_sensitive(true);
        request.headers_mut().insert("proxy-authorization", value);
    }
    Some(request)
}

/// The value of `Proxy-Authorization` where the proxy's address holds a user.
pub(crate) fn authorization(proxy: &Proxy) -> Option<Secret<String>> {
    proxy.user.as_ref().map(|user| Secret::new(format!("Basic {}", STANDARD.encode(user.expose()))))
}
