//! The API server's sockets: TLS, HTTP/1.1, and watches that stay open.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::Kube;
use super::answer::{Ask, Reply, Watch};
use crate::schema::Way;

const LARGEST: usize = 1024 * 1024;

/// A body that comes in pieces.
struct Pieces(Receiver<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

pub(super) fn start(
    kube: Arc<Kube>,
    socket: TcpSocket,
    config: Arc<ServerConfig>,
    tasks: &mut JoinSet<()>,
) -> io::Result<()> {
    if kube.spec.way == Way::Refused {
        // Bound and not listening.
        tasks.spawn(async move {
            let _kept = socket;
            std::future::pending::<()>().await;
        });
        return Ok(());
    }
    let listener = socket.listen(64)?;
    tasks.spawn(accept(kube, listener, TlsAcceptor::from(config)));
    Ok(())
}

async fn accept(kube: Arc<Kube>, listener: TcpListener, acceptor: TlsAcceptor) {
    let mut open = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (kube, acceptor) = (Arc::clone(&kube), acceptor.clone());
        open.spawn(async move {
            // Whatever ended it, the client saw it.
            let _ended = connection(kube, stream, acceptor).await;
        });
        while open.try_join_next().is_some() {}
    }
}

async fn connection(kube: Arc<Kube>, stream: TcpStream, acceptor: TlsAcceptor) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let stream = acceptor.accept(stream).await?;
    let service = service_fn(move |request| {
        let kube = Arc::clone(&kube);
        async move { respond(kube, request).await }
    });
    hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await
        .map_err(io::Error::other)
}

async fn respond(kube: Arc<Kube>, request: Request<Incoming>) -> io::Result<Response<Pieces>> {
    if kube.spec.way == Way::Silent {
        std::future::pending::<()>().await;
    }
    if kube.is_gone() {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    let ask = ask(request).await?;
    kube.store.request(format!("{} {}", ask.method, ask.path));
    let reply = match kube.spec.delay_ms {
        delay if delay > 0 && ask.method == "POST" => {
            let kube = Arc::clone(&kube);
            // A task of its own: it ends though the client has gone.
            let made = tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(delay)).await;
                kube.answer(&ask)
            });
            made.await.map_err(io::Error::other)?
        }
        _ => kube.answer(&ask),
    };
    let (code, kind, wait, body) = match reply {
        Reply::Json(code, body) => (code, "application/json", false, body.to_string()),
        Reply::Throttled(body) => (429, "application/json", true, body.to_string()),
        Reply::Page(code, page) => (code, "text/html", false, page.to_owned()),
        Reply::Log { uid, follow: true } => {
            let (sender, receiver) = mpsc::channel(64);
            tokio::spawn(tail(kube, uid, sender));
            let reply = Response::builder().header(CONTENT_TYPE, "text/plain").body(Pieces(receiver));
            return reply.map_err(io::Error::other);
        }
        Reply::Log { uid, follow: false } => {
            let log = kube.store.log(&uid, 0).unwrap_or_default();
            (200, "text/plain", false, String::from_utf8_lossy(&log).into_owned())
        }
        Reply::Watch(watch) => {
            let (sender, receiver) = mpsc::channel(64);
            tokio::spawn(tell(kube, watch, sender));
            let reply = Response::builder().header(CONTENT_TYPE, "application/json").body(Pieces(receiver));
            return reply.map_err(io::Error::other);
        }
    };
    let (sender, receiver) = mpsc::channel(1);
    // There is room for the one piece.
    let _ = sender.try_send(Bytes::from(body));
    let mut reply = Response::builder().status(code).header(CONTENT_TYPE, kind);
    if wait {
        reply = reply.header(RETRY_AFTER, "1");
    }
    reply.body(Pieces(receiver)).map_err(io::Error::other)
}

/// Tells a watcher what changes, until it goes.
async fn tell(kube: Arc<Kube>, watch: Watch, sender: Sender<Bytes>) {
    let mut changed = kube.store.changed();
    let mut seen = watch.since;
    loop {
        changed.mark_unchanged();
        for change in kube.store.since(seen) {
            seen = change.version;
            if let Some(line) = watch.line(&change)
                && sender.send(Bytes::from(line)).await.is_err()
            {
                return;
            }
        }
        tokio::select! {
            more = changed.changed() => if more.is_err() { return },
            () = sender.closed() => return,
        }
        if kube.is_gone() {
            return;
        }
    }
}

/// Tells what a pod writes, until it has ended or nobody listens.
async fn tail(kube: Arc<Kube>, uid: String, sender: Sender<Bytes>) {
    let mut changed = kube.store.changed();
    let mut told = 0;
    loop {
        changed.mark_unchanged();
        let Some(more) = kube.store.log(&uid, told) else { return };
        told += more.len();
        if !more.is_empty() && sender.send(Bytes::from(more)).await.is_err() {
            return;
        }
        tokio::select! {
            more = changed.changed() => if more.is_err() { return },
            () = sender.closed() => return,
        }
    }
}

async fn ask(request: Request<Incoming>) -> io::Result<Ask> {
    let uri = request.uri().clone();
    let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = authorization.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
    let method = request.method().to_string();
    let body = Limited::new(request.into_body(), LARGEST).collect().await.map_err(io::Error::other)?;
    Ok(Ask { method, path: uri.path().to_owned(), query, token, body: body.to_bytes().to_vec() })
}
