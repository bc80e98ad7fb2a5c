//! From an access to a client: the credential, TLS, the proxy.
//!
//! kube gives kubeconfig's types, credentials and TLS. The connector is put together here, so that every stage of the way has
//! an error type of its own.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, Client, ConfigExt as _};
use kube::config::Config;
use probes::foreign::Foreign;
use probes::proxy::{Proxy, ProxyKind};
use tokio::time::Instant;
use tower::{BoxError, Service, ServiceBuilder};

use super::access::{Access, ProxyChoice};
use super::api::Api;
use super::plugin;
use super::trouble::of_kube;
use super::tunnel::Tunnel;
use crate::case::cluster::{Trouble, TroubleKind};

/// A cluster that can be asked.
#[derive(Clone)]
pub struct Connected {
    pub(super) api: Api,
    namespace: String,
}

impl Connected {
    /// The namespace of use.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }
}

/// Gets the credential and puts the client together; nothing is dialled yet. `deadline` is the run's.
pub async fn connect(access: &Access, deadline: Instant) -> Result<Connected, Trouble> {
    let trouble =
        |kind, detail: &str| Trouble { kind, during: "connect".to_owned(), detail: Foreign::new(detail) };
    let mut config = access.config.clone();
    plugin::resolve(&mut config.auth_info, access.allow_exec, deadline).await?;
    install_provider();
    let client = match &access.proxy {
        Some(ProxyChoice::Foreign(told)) => return Err(trouble(TroubleKind::Proxy, told)),
        Some(ProxyChoice::Through(proxy)) => through(&config, proxy, access.each),
        None => client(&config, dialler(access.each)),
    };
    let client = client.map_err(|error| {
        let fault = of_kube(&error);
        trouble(fault.kind, &fault.detail)
    })?;
    let way = match &access.proxy {
        Some(ProxyChoice::Through(proxy)) => format!("{} through the proxy {}", access.server, shown(proxy)),
        _ => access.server.clone(),
    };
    let api = Api::new(client, (access.each, access.for_creation), deadline, way);
    Ok(Connected { api, namespace: access.namespace.clone() })
}

/// The provider that all of this program's TLS has; kube asks the process for one.
fn install_provider() {
    // It fails only where one is there already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Dials. A part of the request's time is left, so that a silent host and a silent server can be told apart.
fn dialler(each: Duration) -> HttpConnector<Names> {
    let mut http = HttpConnector::new_with_resolver(Names);
    http.enforce_http(false);
    http.set_connect_timeout(Some(each.mul_f32(0.8)));
    http.set_nodelay(true);
    http
}

fn through(config: &Config, proxy: &Proxy, each: Duration) -> Result<Client, kube::Error> {
    let scheme = if proxy.kind == ProxyKind::Https { "https" } else { "http" };
    let to: http::Uri = format!("{scheme}://{}", proxy.shown())
        .parse()
        .map_err(|error| kube::Error::HttpError(http::Error::from(error)))?;
    let user = proxy.user.as_ref().and_then(|user| {
        let encoded = base64::engine::general_purpose::STANDARD.encode(user.expose());
        http::HeaderValue::from_str(&format!("Basic {encoded}")).ok()
    });
    let shown = shown(proxy);
    match proxy.kind {
        ProxyKind::Https => {
            // A proxy's certificate is judged by the system's authorities, not by the cluster's.
            let mut plain = Config::new(to.clone());
            plain.proxy_url = None;
            let inner = plain.rustls_https_connector_with_connector(dialler(each))?;
            client(config, Tunnel::new(inner, to, shown, user))
        }
        _ => client(config, Tunnel::new(dialler(each), to, shown, user)),
    }
}

fn shown(proxy: &Proxy) -> String {
    format!("{} ({})", proxy.shown(), proxy.named_by)
}

fn client<C>(config: &Config, connector: C) -> Result<Client, kube::Error>
where
    C: Service<http::Uri> + Clone + Send + Sync + 'static,
    C::Response: hyper_util::client::legacy::connect::Connection
        + hyper::rt::Read
        + hyper::rt::Write
        + Send
        + Unpin
        + 'static,
    C::Future: Send + 'static,
    C::Error: Into<BoxError>,
{
    let https = config.rustls_https_connector_with_connector(connector)?;
    let http: Http<_, Body> = Http::builder(TokioExecutor::new()).build(https);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(http);
    Ok(Client::new(service, config.default_namespace.clone()))
}

/// The system's resolver, with an error of its own. It may hang for longer than the run lasts, and nothing can end it; so it is
/// asked on a thread that nobody waits for, which tokio's own threads are not.
#[derive(Clone)]
struct Names;

impl Service<Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Unresolved;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Unresolved>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unresolved>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (sender, answer) = tokio::sync::oneshot::channel();
        let started = std::thread::Builder::new().name("names".to_owned()).spawn(move || {
            // Whoever asked may have stopped waiting.
            let _ = sender.send(addresses(name.as_str()));
        });
        Box::pin(async move {
            started.map_err(Unresolved)?;
            let lost = |_| std::io::Error::other("the resolver ended without an answer");
            answer.await.map_err(lost).and_then(|found| found).map_err(Unresolved)
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "kubectl takes the system's resolver too; what each nameserver says matters on the way to the registry"
)]
fn addresses(name: &str) -> std::io::Result<std::vec::IntoIter<SocketAddr>> {
    use std::net::ToSocketAddrs as _;
    // The port is the connector's to add.
    (name, 0).to_socket_addrs()
}

/// A name has no address.
#[derive(Debug)]
pub(super) struct Unresolved(std::io::Error);

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name cannot be resolved: {}", self.0)
    }
}

impl std::error::Error for Unresolved {}
