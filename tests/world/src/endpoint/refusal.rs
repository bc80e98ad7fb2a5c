//! Answers that are no TLS handshake: alerts and old hellos written by hand, other protocols.

use std::io;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::schema::Tls;

/// What is answered to a ClientHello instead of a handshake.
pub(super) fn to_hello(tls: Tls) -> Option<Vec<u8>> {
    match tls {
        Tls::OldProtocol => Some(alert(70)),
        Tls::HandshakeFailure => Some(alert(40)),
        Tls::UnrecognizedName => Some(alert(112)),
        Tls::Tls10 => Some(old_server_hello()),
        _ => None,
    }
}

/// A fatal alert.
fn alert(description: u8) -> Vec<u8> {
    vec![21, 3, 1, 0, 2, 2, description]
}

/// The ServerHello of a server that speaks TLS 1.0: no session, AES-128-CBC with RSA, no extension.
fn old_server_hello() -> Vec<u8> {
    let mut body = vec![3, 1];
    body.extend([7; 32]);
    body.extend([0, 0, 0x2f, 0]);
    let length = u8::try_from(body.len()).unwrap_or(0);
    let mut record = vec![22, 3, 1, 0, length + 4, 2, 0, 0, length];
    record.extend(body);
    record
}

/// An SSH server's greeting.
pub(super) async fn ssh(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n").await?;
    super::close(stream).await
}

/// What a web server says to plain http on its TLS port, as nginx does.
pub(super) async fn http_on_https(mut stream: TcpStream) -> io::Result<()> {
    let body = "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n<body>\r\n\
                <center><h1>400 Bad Request</h1></center>\r\n\
                <center>The plain HTTP request was sent to HTTPS port</center>\r\n</body>\r\n</html>\r\n";
    let head = format!(
        "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    super::close(stream).await
}
