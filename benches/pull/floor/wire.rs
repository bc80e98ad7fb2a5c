//! HTTP/1.1 with nothing in it that a pull does not need: one connection, one request after the other, bodies with a
//! length.

use std::net::SocketAddr;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::Failure;

trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

/// An open connection.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    host: String,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The answer, when it has this status.
    pub(super) fn expect(self, status: u16) -> Result<Self, Failure> {
        match self.status == status {
            true => Ok(self),
            false => Err(format!("the minimal client got {} instead of {status}", self.status).into()),
        }
    }

    /// A text of the body, which is JSON.
    pub(super) fn text(&self, field: &str) -> Result<String, Failure> {
        let body: serde_json::Value = serde_json::from_slice(&self.body)?;
        let text = body.get(field).and_then(serde_json::Value::as_str);
        Ok(text.ok_or_else(|| format!("an answer without '{field}'"))?.to_owned())
    }
}

impl Connection {
    /// A connection without TLS.
    pub(super) async fn plain(host: &str, to: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: Box::new(stream), host: host.to_owned() })
    }

    /// A connection with TLS.
    pub(super) async fn secure(tls: &TlsConnector, host: &str, to: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let stream = tls.connect(ServerName::try_from(host.to_owned())?, stream).await?;
        Ok(Self { stream: Box::new(stream), host: host.to_owned() })
    }

    /// Sends a request and reads its answer; `headers` are whole lines, each with its end.
    pub(super) async fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> Result<Answer, Failure> {
        let host = &self.host;
        let length = match body.is_empty() {
            true => String::new(),
            false => format!(
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                body.len()
            ),
        };
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}{length}\r\n{body}");
        self.stream.write_all(request.as_bytes()).await?;
        self.stream.flush().await?;
        let mut bytes = Vec::new();
        let head_ends = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if self.stream.read_buf(&mut bytes).await? == 0 {
                return Err("the connection ended within a head".into());
            }
        };
        let mut body = bytes.split_off(head_ends);
        let head = String::from_utf8(bytes)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status")?;
        let mut answer = Answer { status, head, body: Vec::new() };
        let length = answer.header("content-length").map_or(Ok(0), str::parse::<usize>)?;
        while method != "HEAD" && body.len() < length {
            if self.stream.read_buf(&mut body).await? == 0 {
                return Err("the connection ended within a body".into());
            }
        }
        answer.body = body;
        Ok(answer)
    }
}
