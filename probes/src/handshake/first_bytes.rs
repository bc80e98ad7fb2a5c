//! The first bytes of the peer, looked at before rustls reads them: whether they are a TLS record (RFC 8446 5.1),
//! and which version an old server offers.

use std::io;
use std::time::Duration;

use tokio::time::timeout;

use crate::line::Line;

/// As far as the version in a ServerHello: record header (5), handshake header (4), version (2).
const WANTED: usize = 11;
/// How long the rest is waited for when the first segment held only a part of it.
const PATIENCE: Duration = Duration::from_millis(100);

const ALERT: u8 = 0x15;
const HANDSHAKE: u8 = 0x16;
const SERVER_HELLO: u8 = 0x02;

/// What came first; empty when nothing came.
#[derive(Clone, Debug, Default)]
pub(super) struct FirstBytes(pub(super) Vec<u8>);

impl FirstBytes {
    /// Waits for the peer's first bytes and leaves them where they are. Empty when it closed the connection.
    pub(super) async fn peek(line: &mut Line) -> io::Result<Self> {
        let mut first = Self::start(line.peek_more().await?);
        while !first.is_enough() {
            let known = first.0.len();
            // What has come is looked at even when the rest does not come, or the connection ends in between.
            match timeout(PATIENCE, line.peek_more()).await {
                Ok(Ok(more)) if more.len() > known => first = Self::start(more),
                _ => break,
            }
        }
        Ok(first)
    }

    fn start(bytes: &[u8]) -> Self {
        Self(bytes.get(..WANTED.min(bytes.len())).unwrap_or_default().to_vec())
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
