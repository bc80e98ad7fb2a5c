//! Plain http through a proxy: the request goes on in its own name.

use std::io;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, DATE, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::reply::Reply;
use crate::schema::Proxy;

const LARGEST: usize = 16 * 1024 * 1024;
/// The client, as a proxy names it to others.
const CLIENT: HeaderValue = HeaderValue::from_static("10.224.0.4");

/// Sends the request on and gives the answer back.
pub(super) async fn forward(
    request: Request<Incoming>,
    upstream: TcpStream,
    proxy: &Proxy,
) -> io::Result<Reply> {
    let (mut head, body) = request.into_parts();
    let body = collected(body).await?;
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    head.uri = path.parse::<Uri>().map_err(io::Error::other)?;
    own(&mut head.headers);
    head.headers.insert("via", HeaderValue::from_static("1.1 proxy.contoso.com"));
    if proxy.forwarded_for {
        head.headers.insert("x-forwarded-for", CLIENT);
    }
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(upstream)).await.map_err(io::Error::other)?;
    tokio::spawn(async move {
        // Its end is seen by the request.
        let _ended = connection.await;
    });
    let request = Request::from_parts(head, Full::new(body));
    let (head, body) = sender.send_request(request).await.map_err(io::Error::other)?.into_parts();
    let mut reply = Reply::status(head.status.as_u16());
    reply.body = collected(body).await?;
    let mut headers = head.headers;
    own(&mut headers);
    let text =
        |(name, value): (&HeaderName, &HeaderValue)| Some((name.clone(), value.to_str().ok()?.to_owned()));
    reply.headers = headers.iter().filter_map(text).collect();
    Ok(reply)
}

/// Without what belongs to the connection before.
fn own(headers: &mut HeaderMap) {
    let hop = [CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING];
    let proxy = ["proxy-authorization", "proxy-connection", "keep-alive"].map(HeaderName::from_static);
    for name in hop.into_iter().chain(proxy) {
        headers.remove(name);
    }
}

async fn collected(body: Incoming) -> io::Result<Bytes> {
    Ok(Limited::new(body, LARGEST).collect().await.map_err(io::Error::other)?.to_bytes())
}
