//! The first bytes of the peer, looked at before rustls reads them: whether they are a TLS record (RFC 8446 5.1),
//! and which version an old server offers.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;

/// As far as the version in a ServerHello: record header (5), handshake header (4), version (2).
const WANTED: usize = 11;
/// How often and after what pauses the rest is looked for when the first segment held only a part of it.
const PATIENCE: (usize, Duration) = (20, Duration::from_millis(5));

const ALERT: u8 = 0x15;
const HANDSHAKE: u8 = 0x16;
const SERVER_HELLO: u8 = 0x02;

/// What came first; empty when nothing came.
#[derive(Clone, Debug, Default)]
pub(super) struct FirstBytes(pub(super) Vec<u8>);

impl FirstBytes {
    /// Waits for the peer's first bytes and leaves them where they are. Empty when it closed the connection.
    pub(super) async fn peek(tcp: &TcpStream) -> io::Result<Self> {
        let mut buffer = [0; WANTED];
        let (tries, pause) = PATIENCE;
        let mut first = Self::default();
        for _ in 0..tries {
            let count = tcp.peek(&mut buffer).await?;
            first = Self(buffer.get(..count).unwrap_or_default().to_vec());
            if first.is_enough() {
                break;
            }
            // There is no event for "more than before is there".
            tokio::time::sleep(pause).await;
        }
        Ok(first)
    }

    fn is_enough(&self) -> bool {
        match self.0.as_slice() {
            [] => true,
            [HANDSHAKE, rest @ ..] => rest.len() + 1 >= WANTED,
            [ALERT, rest @ ..] => rest.len() + 1 >= 7,
            [0x14 | 0x17, rest @ ..] => rest.len() + 1 >= 2,
            start => start.len() >= 5 || !b"HTTP/".starts_with(start),
        }
    }

    /// Whether they are no TLS record.
    pub(super) fn is_foreign(&self) -> bool {
        match self.0.as_slice() {
            [] | [0x14..=0x17] => false,
            [0x14..=0x17, major, ..] => *major != 3,
            _ => true,
        }
    }

    /// Whether they start an http response.
    pub(super) fn is_http(&self) -> bool {
        self.0.starts_with(b"HTTP/")
    }

    /// The version below TLS 1.2 in a ServerHello. (The version in an alert's record says nothing: servers of every age
    /// write TLS 1.0 there.)
    pub(super) fn old_hello(&self) -> Option<&'static str> {
        match self.0.as_slice() {
            [HANDSHAKE, _, _, _, _, SERVER_HELLO, _, _, _, 3, minor] => old(*minor),
            _ => None,
        }
    }
}

fn old(minor: u8) -> Option<&'static str> {
    match minor {
        0 => Some("SSL 3.0"),
        1 => Some("TLS 1.0"),
        2 => Some("TLS 1.1"),
        _ => None,
    }
}
