//! A forward proxy: CONNECT to the world's own servers, plain http in absolute form, refusals of every kind, and one that
//! looks into TLS.

mod forward;
mod intercept;

pub(crate) use intercept::Interceptor;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Incoming;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncWriteExt as _, copy_bidirectional};
use tokio::net::TcpStream;

use crate::glob;
use crate::imds;
use crate::plan::Server;
use crate::portal::html;
use crate::reply::{Ending, Reply};
use crate::schema::{Proxy, ProxyAnswer, ProxyImds};

/// How long it waits for a server.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the ways through a proxy lead. Filled when all listen.
#[derive(Default)]
pub(crate) struct Tunnels {
    /// For each host (name or address) and port of the world the place where it really listens.
    places: OnceLock<BTreeMap<(String, u16), SocketAddr>>,
    /// The proxies that look into TLS, by name.
    interceptors: OnceLock<BTreeMap<String, Arc<Interceptor>>>,
}

impl Tunnels {
    /// Fills them in, once.
    pub(crate) fn fill(
        &self,
        places: BTreeMap<(String, u16), SocketAddr>,
        interceptors: BTreeMap<String, Arc<Interceptor>>,
    ) {
        // Only the start of a world fills them.
        let (_first, _too) = (self.places.set(places), self.interceptors.set(interceptors));
    }

    fn place(&self, host: &str, port: u16) -> Option<SocketAddr> {
        self.places.get()?.get(&(host.to_ascii_lowercase(), port)).copied()
    }

    fn interceptor(&self, proxy: &str, host: &str) -> Option<Arc<Interceptor>> {
        self.interceptors.get()?.get(proxy).filter(|one| one.looks_at(host)).cloned()
    }
}

/// The proxy's answer to a request; for a tunnel, the bytes are moved from then on.
pub(crate) async fn answer(mut request: Request<Incoming>, server: &Server, tunnels: &Tunnels) -> Reply {
    let Some(proxy) = &server.host.proxy else { return Reply::status(500) };
    let given = request.headers().get("proxy-authorization").and_then(|value| value.to_str().ok());
    if let Some(wanted) = &proxy.credentials
        && given != Some(&format!("Basic {}", STANDARD.encode(wanted)))
    {
        return refusal(407, "Proxy Authentication Required")
            .header("proxy-authenticate", "Basic realm=\"Contoso Proxy\"");
    }
    let Some(host) = request.uri().host().map(|host| host.trim_matches(['[', ']']).to_owned()) else {
        return refusal(400, "This is a proxy");
    };
    let connect = request.method() == Method::CONNECT;
    if glob::any(&proxy.deny, &host) {
        return denied(proxy, connect.then_some(&mut request));
    }
    if host == imds::ADDRESS {
        match proxy.imds {
            ProxyImds::BadGateway => return refusal(502, "The host cannot be reached"),
            ProxyImds::NotFound => return refusal(404, "There is no such page"),
            ProxyImds::Forward => {}
        }
    }
    let scheme = request.uri().scheme_str().unwrap_or_default();
    if !connect && !scheme.eq_ignore_ascii_case("http") {
        return refusal(501, "Only CONNECT and plain http are supported");
    }
    let port = request.uri().port_u16().unwrap_or(if connect { 443 } else { 80 });
    let Some(place) = tunnels.place(&host, port) else {
        return refusal(502, "The host cannot be resolved");
    };
    let upstream = match tokio::time::timeout(PATIENCE, dial(place)).await {
        Ok(Ok(upstream)) => upstream,
        Ok(Err(_)) => return refusal(503, "The host cannot be reached"),
        Err(_) => return refusal(504, "The host does not answer"),
    };
    if !connect {
        return match tokio::time::timeout(PATIENCE, forward::forward(request, upstream, proxy)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(_)) => refusal(502, "The host's answer cannot be read"),
            Err(_) => refusal(504, "The host does not answer"),
        };
    }
    let interceptor = tunnels.interceptor(&server.name, &host).filter(|_| port != 80);
    tunnel(&mut request, upstream, interceptor, host);
    Reply::status(200)
}

/// A connection on which nothing waits for an answer to what was sent before: a client that sends head and body of a
/// request apart would have to, 40 ms each time.
async fn dial(place: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(place).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Moves the bytes of a tunnel once the client has its answer; either side may end it as it likes.
fn tunnel(
    request: &mut Request<Incoming>,
    mut upstream: TcpStream,
    interceptor: Option<Arc<Interceptor>>,
    host: String,
) {
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let Ok(client) = upgrade.await else { return };
        let mut client = TokioIo::new(client);
        match interceptor {
            // Whatever ended it, the client saw it.
            Some(interceptor) => drop(interceptor.between(client, upstream, &host).await),
            None => drop(copy_bidirectional(&mut client, &mut upstream).await),
        }
    });
}

/// What a denied host meets; `connect` is the request where it asks for a tunnel.
fn denied(proxy: &Proxy, connect: Option<&mut Request<Incoming>>) -> Reply {
    match proxy.answer {
        ProxyAnswer::Status => refusal(proxy.status, "Access to this host is denied by policy"),
        ProxyAnswer::Silent => Reply::without(Ending::Never),
        ProxyAnswer::Close => Reply::without(Ending::Cut),
        ProxyAnswer::Html => {
            let page = html("Contoso Proxy", "Please accept the terms of use to go on.");
            let Some(request) = connect else {
                return Reply::status(200).body("text/html", page);
            };
            // A tunnel that leads to a web page.
            let upgrade = hyper::upgrade::on(request);
            tokio::spawn(async move {
                let Ok(client) = upgrade.await else { return };
                let mut client = TokioIo::new(client);
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n";
                // The client may have gone.
                let _sent = client.write_all(format!("{head}{page}").as_bytes()).await;
                let _ended = client.shutdown().await;
            });
            Reply::status(200)
        }
    }
}

fn refusal(status: u16, words: &str) -> Reply {
    Reply::status(status).body("text/html", html("Contoso Proxy", words))
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn nothing_waits_in_a_tunnel() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let stream = super::dial(server.local_addr().expect("its address")).await.expect("a connection");
        assert!(stream.nodelay().expect("its option"));
    }
}
