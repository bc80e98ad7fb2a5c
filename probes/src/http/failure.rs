//! How an exchange failed, by the types of the library's error.

use std::error::Error;
use std::io;

use crate::foreign::Foreign;
use crate::observation::HttpFailure;

/// Whether the connection had ended, before or while the answer was awaited.
pub(super) fn is_closed(error: &hyper::Error) -> bool {
    error.is_incomplete_message()
        || error.is_canceled()
        || error.is_closed()
        || matches!(io_kind(error), Some(kind) if ended(kind))
}

/// The failure that an error stands for.
pub(crate) fn of(error: &hyper::Error, tls: bool) -> HttpFailure {
    match io_kind(error) {
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => HttpFailure::Reset,
        _ if is_closed(error) => HttpFailure::Closed,
        // A TLS server answers plain http with an alert record, which is no http.
        _ if error.is_parse() && !tls => HttpFailure::HttpsExpected,
        _ => HttpFailure::Malformed { error: Foreign::new(&error.to_string()) },
    }
}

fn ended(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected
    )
}

fn io_kind(error: &hyper::Error) -> Option<io::ErrorKind> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            return Some(io.kind());
        }
        source = cause.source();
    }
    None
}
