//! A listening place on loopback: it takes connections, or does to them what the page says.

mod full;
mod hello;
mod refusal;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::glob;
use crate::http::Site;
use crate::schema::{Tcp, Tls};
use hello::Hello;

/// What an endpoint does.
pub(crate) struct Endpoint {
    /// What happens to connections.
    pub(crate) tcp: Tcp,
    /// What is wrong with the TLS side.
    pub(crate) tls: Tls,
    /// The server's side of TLS; none: plain http.
    pub(crate) config: Option<Arc<ServerConfig>>,
    /// `tcp` and the alerts hold only for these server names; empty: for all.
    pub(crate) only_for: Vec<String>,
    /// The largest ClientHello that passes the large-hello faults.
    pub(crate) hello_limit: usize,
    /// What it serves.
    pub(crate) site: Arc<Site>,
}

/// Starts an endpoint at an address (port 0: of the system's choosing); the address that leads to it. Its tasks go into `tasks` and end with them.
pub(crate) async fn start(
    endpoint: Endpoint,
    at: SocketAddr,
    tasks: &mut JoinSet<()>,
) -> io::Result<SocketAddr> {
    if endpoint.tcp == Tcp::NoRoute {
        // Nobody has the address. On loopback a multicast one stands for it: the system refuses to dial it with "network
        // is unreachable", on every machine.
        return Ok(if at.port() == 0 { SocketAddr::from(([224, 0, 0, 1], 443)) } else { at });
    }
    let socket = if at.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of the world before this one may linger at a port that is always the same.
    socket.set_reuseaddr(at.port() != 0)?;
    socket.bind(at)?;
    let address = socket.local_addr()?;
    match endpoint.tcp {
        // Bound and not listening: refused, and nobody else gets the port.
        Tcp::Refused => {
            tasks.spawn(keep(socket));
        }
        Tcp::Blackhole => full::start(socket, tasks).await?,
        _ => {
            let listener = socket.listen(64)?;
            tasks.spawn(accept(listener, Arc::new(endpoint)));
        }
    }
    Ok(address)
}

async fn keep<T>(_kept: T) {
    std::future::pending::<()>().await;
}

async fn accept(listener: TcpListener, endpoint: Arc<Endpoint>) {
    let mut open = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let endpoint = Arc::clone(&endpoint);
        open.spawn(async move {
            // Whatever ended it, the client saw it; nothing here depends on it.
            let _ended = endpoint.connection(stream).await;
        });
        while open.try_join_next().is_some() {}
    }
}

impl Endpoint {
    async fn connection(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        match self.tcp {
            Tcp::Reset => {
                // Once the client has seen its connection stand: sooner, and it may see the reset while it connects.
                tokio::time::sleep(std::time::Duration::from_millis(30)).await;
                return reset(stream);
            }
            Tcp::Close => {
                // Half closed, and drained: a socket that is dropped with bytes unread is reset instead.
                stream.shutdown().await?;
                tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
                return Ok(());
            }
            Tcp::Stall => return hang(stream).await,
            Tcp::Ssh => return refusal::ssh(stream).await,
            Tcp::PlainHttp => return self.site.serve(stream).await,
            _ => {}
        }
        let Some(config) = &self.config else { return self.site.serve(stream).await };
        let hello = Hello::read(&mut stream).await?;
        if !hello.is_tls() {
            return refusal::http_on_https(stream).await;
        }
        let meant = self.only_for.is_empty()
            || hello.server_name().is_some_and(|name| glob::any(&self.only_for, &name));
        if meant {
            let large = hello.bytes.len() > self.hello_limit;
            match self.tcp {
                Tcp::CloseAfterHello => return close(stream).await,
                Tcp::ResetAfterHello => return reset(stream),
                Tcp::HangAfterHello => return hang(stream).await,
                Tcp::LargeHelloHang if large => return hang(stream).await,
                Tcp::LargeHelloReset if large => return reset(stream),
                _ => {}
            }
            if let Some(answer) = refusal::to_hello(self.tls) {
                stream.write_all(&answer).await?;
                return close(stream).await;
            }
        }
        // The hello was read to look at it: TLS reads it again from memory, and then from the wire.
        let (reader, writer) = stream.into_split();
        let stream = tokio::io::join(io::Cursor::new(hello.bytes).chain(reader), writer);
        let stream = TlsAcceptor::from(Arc::clone(config)).accept(stream).await?;
        self.site.serve(stream).await
    }
}

fn reset(stream: TcpStream) -> io::Result<()> {
    stream.set_zero_linger()
}

async fn hang(stream: TcpStream) -> io::Result<()> {
    keep(stream).await;
    Ok(())
}

/// Says that nothing more comes, and lets the client read what came: closing with unread bytes would be a reset.
async fn close(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut rest = [0; 1024];
    let drained = async { while stream.read(&mut rest).await.is_ok_and(|length| length > 0) {} };
    // A client that never closes is not waited for.
    let _in_time = tokio::time::timeout(Duration::from_secs(5), drained).await;
    Ok(())
}
