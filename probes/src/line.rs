//! One connection to a server: TCP, or a tunnel that a proxy has opened; what comes first can be looked at without
//! taking it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A connection.
pub struct Line {
    inner: Inner,
    /// What was read ahead and nobody has taken yet.
    ahead: Vec<u8>,
}

enum Inner {
    Tcp(TcpStream),
    /// To a proxy that speaks TLS itself.
    Tls(Box<TlsStream<Line>>),
}

impl From<TcpStream> for Line {
    fn from(tcp: TcpStream) -> Self {
        Self { inner: Inner::Tcp(tcp), ahead: Vec::new() }
    }
}

impl From<TlsStream<Line>> for Line {
    fn from(tls: TlsStream<Line>) -> Self {
        Self { inner: Inner::Tls(Box::new(tls)), ahead: Vec::new() }
    }
}

impl Line {
    /// The same with bytes that were read already before it.
    pub(crate) fn after(mut self, bytes: &[u8]) -> Self {
        self.ahead.splice(0..0, bytes.iter().copied());
        self
    }

    /// Reads ahead once, and gives all that was read ahead so far; the same as before when the other side has ended.
    pub(crate) async fn peek_more(&mut self) -> io::Result<&[u8]> {
        let mut more = [0; 256];
        let count = match &mut self.inner {
            Inner::Tcp(tcp) => tcp.read(&mut more).await?,
            Inner::Tls(tls) => Box::pin(tls.read(&mut more)).await?,
        };
        self.ahead.extend_from_slice(more.get(..count).unwrap_or_default());
        Ok(&self.ahead)
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let count = self.ahead.len().min(buf.remaining());
            buf.put_slice(self.ahead.get(..count).unwrap_or_default());
            self.ahead.drain(..count);
            return Poll::Ready(Ok(()));
        }
        match &mut self.inner {
            Inner::Tcp(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Inner::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.inner {
            Inner::Tcp(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Inner::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Tcp(tcp) => Pin::new(tcp).poll_flush(cx),
            Inner::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Tcp(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Inner::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
