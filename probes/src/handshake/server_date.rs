//! What time it is for the server, asked only when a certificate is outside its validity by our clock: a wrong clock
//! here and an expired certificate there look the same from the handshake alone.
//!
//! *Invariant:* nobody is trusted on this connection, so nothing secret is sent over it, and nothing but `Date` of the
//! answer is used.

use std::time::Duration;

use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::greeting::Scene;
use super::witness::Trust;
use crate::line::Line;
use crate::observation::HelloKind;

/// The most that is read of the answer's head, in bytes.
const MOST: usize = 16 * 1024;

/// Asks `GET /v2/` without any credential on a connection of its own; `None` when there is no answer with a date.
pub(super) async fn ask(scene: &Scene) -> Option<Timestamp> {
    // The host goes into a request line by line.
    if !scene.host.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let tcp = scene.dial().await.1?;
    let (_, stream) = scene.greet(HelloKind::Large, &scene.host, Trust::Anyone, tcp).await;
    let patience = scene.net.patience.for_step().min(Duration::from_secs(5));
    let head = timeout(patience, exchange(stream?, &authority(&scene.host, scene.port))).await.ok()??;
    date(&head)
}

fn authority(host: &str, port: u16) -> String {
    let host =
        if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
    if port == 443 { host } else { format!("{host}:{port}") }
}

async fn exchange(mut stream: TlsStream<Line>, authority: &str) -> Option<Vec<u8>> {
    let request =
        format!("GET /v2/ HTTP/1.1\r\nHost: {authority}\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    stream.flush().await.ok()?;
    let mut head = Vec::new();
    let mut buffer = [0; 2048];
    while head.len() < MOST && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(count @ 1..) => head.extend_from_slice(buffer.get(..count)?),
            // What has come is enough if the date is in it.
            _ => break,
        }
    }
    Some(head)
}

/// The date in the head of an answer (RFC 9110 6.6.1).
fn date(head: &[u8]) -> Option<Timestamp> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split("\r\n").take_while(|line| !line.is_empty());
    lines.next().filter(|status| status.starts_with("HTTP/1."))?;
    let (_, value) =
        lines.filter_map(|line| line.split_once(':')).find(|(n, _)| n.eq_ignore_ascii_case("date"))?;
    Timestamp::try_from(httpdate::parse_http_date(value.trim()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_date_of_the_head_only() {
        let read = |text: &str| date(text.as_bytes()).map(|date| date.to_string());
        let fine = "HTTP/1.1 401 Unauthorized\r\nServer: x\r\ndATE: Tue, 24 Nov 2026 10:00:00 GMT\r\n\r\n";
        assert_eq!(read(fine).as_deref(), Some("2026-11-24T10:00:00Z"));
        for bad in [
            "SSH-2.0-x\r\nDate: Tue, 24 Nov 2026 10:00:00 GMT\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nDate: Tue, 24 Nov 2026 10:00:00 GMT\r\n",
            "HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n",
            "",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_the_host_as_http_does() {
        assert_eq!(authority("reg.example", 443), "reg.example");
        assert_eq!(authority("reg.example", 5000), "reg.example:5000");
        assert_eq!(authority("2001:db8::1", 5000), "[2001:db8::1]:5000");
    }
}
