//! The first record of a TLS client, read by hand: its size, and the server name in it.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// The first bytes that a client sent.
pub(super) struct Hello {
    /// The whole first record, or what came when it is none.
    pub(super) bytes: Vec<u8>,
}

impl Hello {
    /// Reads the first record, or the first five bytes of something else.
    pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut bytes = vec![0; 5];
        stream.read_exact(&mut bytes).await?;
        if bytes[0] == 22 {
            let length = usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
            bytes.resize(5 + length, 0);
            stream.read_exact(&mut bytes[5..]).await?;
        }
        Ok(Self { bytes })
    }

    /// Whether it is a handshake record.
    pub(super) fn is_tls(&self) -> bool {
        self.bytes[0] == 22
    }

    /// The server name (SNI).
    pub(super) fn server_name(&self) -> Option<String> {
        let mut rest = Bytes(self.bytes.get(5 + 4 + 2 + 32..)?);
        let session = rest.u8()?;
        rest.take(session)?;
        let suites = rest.u16()?;
        rest.take(suites)?;
        let compressions = rest.u8()?;
        rest.take(compressions)?;
        let length = rest.u16()?;
        let mut extensions = Bytes(rest.take(length)?);
        loop {
            let (kind, length) = (extensions.u16()?, extensions.u16()?);
            let mut body = Bytes(extensions.take(length)?);
            if kind == 0 {
                let _list = body.u16()?;
                let _host_name = body.u8()?;
                let length = body.u16()?;
                return String::from_utf8(body.take(length)?.to_vec()).ok();
            }
        }
    }
}

/// Bytes that are read from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<usize> {
        self.take(1).map(|taken| usize::from(taken[0]))
    }

    fn u16(&mut self) -> Option<usize> {
        self.take(2).map(|taken| usize::from(u16::from_be_bytes([taken[0], taken[1]])))
    }
}
