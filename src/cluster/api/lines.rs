//! An answer that is read line by line, as it is said: of a watch, or of a log that is followed.

use http_body_util::BodyExt as _;
use kube::client::Body;
use serde_json::Value;

use super::BODY;

/// The lines.
pub(in crate::cluster) struct Lines {
    pub(super) body: Body,
    pub(super) buffer: Vec<u8>,
}

impl Lines {
    /// The next object; `None` when the server has ended it, or sends what is none. Whoever stops waiting loses nothing.
    pub(in crate::cluster) async fn next(&mut self) -> Option<Value> {
        serde_json::from_slice(&self.next_line().await?).ok()
    }

    /// The next line as it is, with its end.
    pub(in crate::cluster) async fn next_line(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                return Some(self.buffer.drain(..=end).collect());
            }
            if self.buffer.len() > BODY {
                return None;
            }
            let frame = self.body.frame().await?.ok()?;
            if let Ok(data) = frame.into_data() {
                self.buffer.extend_from_slice(&data);
            }
        }
    }
}
