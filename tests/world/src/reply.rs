//! What a server of the world answers with, as data; and the body that can end badly.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use hyper::header::HeaderName;

/// How an answer ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With all its bytes.
    #[default]
    Whole,
    /// In the middle: the connection is closed.
    Truncated,
    /// In the middle: no more bytes come, and the connection stays.
    Stalled,
    /// There is none: the request stays unanswered.
    Never,
    /// There is none: the connection is closed.
    Cut,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// The headers, in order.
    pub(crate) headers: Vec<(HeaderName, String)>,
    /// The body.
    pub(crate) body: Bytes,
    /// How it ends.
    pub(crate) ending: Ending,
}

impl Reply {
    /// An answer without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// An answer that is never given, or whose connection is closed.
    pub(crate) fn without(ending: Ending) -> Self {
        Self { ending, ..Self::default() }
    }

    /// With a body of this type.
    pub(crate) fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// With one more header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((HeaderName::from_static(name), value.into()));
        self
    }

    /// With this ending.
    pub(crate) fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// The value of a header.
    #[cfg(test)]
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Only the part of the body that a `Range: bytes=FIRST-LAST` asks for.
    pub(crate) fn ranged(mut self, range: Option<&str>) -> Self {
        let Some((first, last)) = range.and_then(|text| text.strip_prefix("bytes=")?.split_once('-')) else {
            return self;
        };
        let total = self.body.len();
        let Ok(first) = first.parse::<usize>() else { return self };
        if self.status != 200 || self.ending != Ending::Whole || first >= total {
            return self;
        }
        let last = last.parse::<usize>().unwrap_or(usize::MAX).min(total - 1).max(first);
        self.body = self.body.slice(first..=last);
        self.status = 206;
        self.header("content-range", format!("bytes {first}-{last}/{total}"))
    }
}

/// The bytes of an answer on their way.
#[derive(Debug)]
pub(crate) struct Body {
    chunks: VecDeque<Bytes>,
    ending: Ending,
    length: Option<u64>,
    flushed: bool,
}

impl Body {
    /// The whole of `bytes`, or its first half with a bad ending; `chunked` hides the length.
    pub(crate) fn new(bytes: &Bytes, ending: Ending, chunked: bool) -> Self {
        let length = (!chunked && ending == Ending::Whole).then_some(bytes.len() as u64);
        let shown = if ending == Ending::Whole { bytes.clone() } else { bytes.slice(..bytes.len() / 2) };
        let middle = shown.len() / 2;
        let parts = if chunked { vec![shown.slice(..middle), shown.slice(middle..)] } else { vec![shown] };
        let chunks = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Self { chunks, ending, length, flushed: false }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(chunk) = self.chunks.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        match self.ending {
            Ending::Stalled => Poll::Pending,
            Ending::Truncated if !self.flushed => {
                // One turn for the bytes before the end to be written.
                self.flushed = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Ending::Truncated => Poll::Ready(Some(Err(io::Error::other("the end in the middle")))),
            Ending::Whole | Ending::Never | Ending::Cut => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ending == Ending::Whole && self.chunks.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map(SizeHint::with_exact).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_a_part() {
        let reply = Reply::status(200).body("x", "0123456789").ranged(Some("bytes=2-4"));
        assert_eq!((reply.status, &reply.body[..]), (206, &b"234"[..]));
        assert_eq!(reply.value("content-range"), Some("bytes 2-4/10"));
        let reply = Reply::status(200).body("x", "0123456789").ranged(Some("bytes=7-"));
        assert_eq!(&reply.body[..], b"789");
    }
}
