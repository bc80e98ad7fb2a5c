//! A forward proxy: CONNECT to the world's own servers, and refusals.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Incoming;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

use crate::glob;
use crate::plan::Server;
use crate::portal::html;
use crate::reply::Reply;

/// For each host (name or address) and port of the world the place where it really listens. Filled when all listen.
#[derive(Debug, Default)]
pub(crate) struct Tunnels(std::sync::OnceLock<BTreeMap<(String, u16), SocketAddr>>);

impl Tunnels {
    /// Fills the places in, once.
    pub(crate) fn fill(&self, places: BTreeMap<(String, u16), SocketAddr>) {
        // Only the start of a world fills them.
        let _first = self.0.set(places);
    }

    fn place(&self, host: &str, port: u16) -> Option<SocketAddr> {
        self.0.get()?.get(&(host.to_ascii_lowercase(), port)).copied()
    }
}

/// The proxy's answer to a request; for a tunnel, the bytes are moved from then on.
pub(crate) async fn answer(request: &mut Request<Incoming>, server: &Server, tunnels: &Tunnels) -> Reply {
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
    if glob::any(&proxy.deny, &host) {
        return refusal(proxy.status, "Access to this host is denied by policy");
    }
    if request.method() != Method::CONNECT {
        return refusal(501, "Only CONNECT is supported");
    }
    let Some(place) = tunnels.place(&host, request.uri().port_u16().unwrap_or(443)) else {
        return refusal(502, "The host cannot be resolved");
    };
    let Ok(mut upstream) = TcpStream::connect(place).await else {
        return refusal(503, "The host cannot be reached");
    };
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        if let Ok(client) = upgrade.await {
            // Either side may end the tunnel as it likes.
            let _moved = copy_bidirectional(&mut TokioIo::new(client), &mut upstream).await;
        }
    });
    Reply::status(200)
}

fn refusal(status: u16, words: &str) -> Reply {
    Reply::status(status).body("text/html", html("Contoso Proxy", words))
}
