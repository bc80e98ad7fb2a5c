//! Reads as much of a body as is wanted, within its limits.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use hyper::http::response::Parts;
use tokio::time::Instant;

use super::{Wanted, failure};
use crate::log::millis;
use crate::net::Patience;
use crate::observation::HttpFailure;

/// The longest body of an answer that only tells of an error.
const ERROR_LIMIT: u64 = 64 * 1024;

/// What was read.
pub(super) struct Read {
    pub(super) bytes: Bytes,
    pub(super) failure: Option<HttpFailure>,
    /// The time for the whole survey ended before a step's share was over.
    pub(super) out_of_time: bool,
    /// The body ended before its announced length.
    pub(super) cut_short: bool,
    /// The connection can take another request.
    pub(super) reusable: bool,
}

/// Reads a body; an answer that is no success is read up to the limit for errors and cut there without complaint.
pub(super) async fn body(mut body: Incoming, wanted: Wanted, head: &Parts, patience: &Patience) -> Read {
    let status = head.status.as_u16();
    // A body without a length ends with its connection, and many servers end that without TLS' close_notify; Go takes it
    // as the end (RFC 9112 section 6.3).
    let ends_with_connection =
        !head.headers.contains_key(CONTENT_LENGTH) && !head.headers.contains_key(TRANSFER_ENCODING);
    let success = (200..300).contains(&status);
    let (limit, cut_is_fine) = match wanted {
        Wanted::All(limit) if success => (limit, false),
        Wanted::First(limit) if success => (limit, true),
        _ => (ERROR_LIMIT, true),
    };
    let announced = body.size_hint().exact();
    let mut bytes = BytesMut::new();
    let mut read =
        Read { bytes: Bytes::new(), failure: None, out_of_time: false, cut_short: false, reusable: false };
    let since = Instant::now();
    loop {
        let had = bytes.len() as u64;
        let waiting = Instant::now();
        match tokio::time::timeout(patience.for_step(), body.frame()).await {
            Err(_) if patience.is_over() && waiting.elapsed() < patience.step => {
                read.out_of_time = true;
                break;
            }
            Err(_) => {
                read.failure =
                    Some(HttpFailure::BodyTimedOut { after_ms: millis(since.elapsed()), bytes: had });
                break;
            }
            Ok(None) => {
                read.reusable = true;
                break;
            }
            Ok(Some(Err(error))) if ends_with_connection && failure::is_closed(&error) => break,
            Ok(Some(Err(error))) => {
                read.failure = Some(failure::of(&error, true));
                read.cut_short = read.failure == Some(HttpFailure::Closed);
                break;
            }
            Ok(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data() {
                    let room = usize::try_from(limit - had).unwrap_or(usize::MAX);
                    bytes.extend_from_slice(&data[..data.len().min(room)]);
                    if data.len() > room {
                        read.failure = (!cut_is_fine).then_some(HttpFailure::TooLarge { limit });
                        break;
                    }
                }
                if cut_is_fine && bytes.len() as u64 >= limit {
                    read.reusable = announced == Some(limit);
                    break;
                }
            }
        }
    }
    if announced == Some(bytes.len() as u64) && read.failure.is_none() {
        read.reusable = true;
    }
    read.bytes = bytes.freeze();
    read
}
