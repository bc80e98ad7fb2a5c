//! A proxy's tunnel to the API server (`CONNECT`), whose refusal is told with its status.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderValue, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower::{BoxError, Service};

/// The longest head of an answer that is read, in bytes.
const HEAD: usize = 16 * 1024;

/// Dials through a proxy; `dial` dials the proxy itself.
#[derive(Clone)]
pub(super) struct Tunnel<C> {
    dial: C,
    proxy: Uri,
    /// The proxy's address for people, and who named it.
    shown: String,
    authorization: Option<HeaderValue>,
}

impl<C> Tunnel<C> {
    pub(super) fn new(dial: C, proxy: Uri, shown: String, authorization: Option<HeaderValue>) -> Self {
        Self { dial, proxy, shown, authorization }
    }
}

impl<C> Service<Uri> for Tunnel<C>
where
    C: Service<Uri>,
    C::Future: Send + 'static,
    C::Response: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
    C::Error: Into<BoxError>,
{
    type Response = C::Response;
    type Error = ProxyFault;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, ProxyFault>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ProxyFault>> {
        let shown = self.shown.clone();
        self.dial.poll_ready(context).map_err(|error| ProxyFault { proxy: shown, why: error.into() })
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let dialled = self.dial.call(self.proxy.clone());
        let (shown, authorization) = (self.shown.clone(), self.authorization.clone());
        Box::pin(async move {
            let opened = async {
                let mut stream = TokioIo::new(dialled.await.map_err(Into::into)?);
                open(&mut stream, &to, authorization.as_ref()).await?;
                Ok::<_, BoxError>(stream.into_inner())
            };
            opened.await.map_err(|why| ProxyFault { proxy: shown, why })
        })
    }
}

/// Asks for the tunnel and reads the answer's head, and no byte more.
async fn open<S>(stream: &mut S, to: &Uri, authorization: Option<&HeaderValue>) -> Result<(), BoxError>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let host = to.host().ok_or("the API server has no host")?;
    let port = to.port_u16().unwrap_or(if to.scheme_str() == Some("http") { 80 } else { 443 });
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n").into_bytes();
    if let Some(value) = authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(value.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    stream.write_all(&request).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= HEAD {
            return Err("its answer to CONNECT is too long".into());
        }
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err("it closes the connection instead of answering CONNECT".into());
            }
            Err(error) => return Err(error.into()),
        }
    }
    let line = String::from_utf8_lossy(&head);
    let line = line.lines().next().unwrap_or_default();
    let status = line.split(' ').nth(1).and_then(|code| code.parse::<u16>().ok());
    match (line.starts_with("HTTP/1."), status) {
        (true, Some(200..=299)) => Ok(()),
        (true, Some(407)) => Err("it wants a user and a password, or other ones (407)".into()),
        (true, Some(code)) => Err(format!("it refuses CONNECT {host}:{port} with {code}").into()),
        _ => Err("it does not answer as a proxy".into()),
    }
}

/// The proxy was not reached, or did not let it through.
#[derive(Debug)]
pub(super) struct ProxyFault {
    proxy: String,
    why: BoxError,
}

impl fmt::Display for ProxyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.proxy)
    }
}

impl std::error::Error for ProxyFault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a proxy's answer.
    async fn told(answer: &'static str) -> Result<(), String> {
        let (mut ours, mut proxys) = tokio::io::duplex(1024);
        let proxy = async move {
            let mut request = vec![0; 256];
            let count = proxys.read(&mut request).await.expect("a request");
            proxys.write_all(answer.as_bytes()).await.expect("it reads");
            String::from_utf8_lossy(&request[..count]).into_owned()
        };
        let to: Uri = "https://api.example:6443".parse().expect("an address");
        let basic = HeaderValue::from_static("Basic dTpw");
        let (opened, request) = tokio::join!(open(&mut ours, &to, Some(&basic)), proxy);
        assert!(request.starts_with("CONNECT api.example:6443 HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("Proxy-Authorization: Basic dTpw\r\n"), "{request}");
        opened.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_proxys_answer_is_told() {
        assert_eq!(told("HTTP/1.1 200 Connection established\r\n\r\n").await, Ok(()));
        for (answer, part) in [
            ("HTTP/1.1 407 Proxy Authentication Required\r\nA: b\r\n\r\n", "(407)"),
            ("HTTP/1.0 403 Forbidden\r\n\r\n", "CONNECT api.example:6443 with 403"),
            ("SSH-2.0-x\r\n\r\n", "not answer as a proxy"),
            ("HTTP/1.1 200 cut", "closes the connection"),
        ] {
            let said = told(answer).await.expect_err(answer);
            assert!(said.contains(part), "{answer}: {said}");
        }
    }
}
