//! The world's clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970, by a clock that is ahead by so many seconds.
pub(crate) fn seconds(skew: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    i64::try_from(now).unwrap_or(i64::MAX).saturating_add(skew)
}

/// The `Date` header by that clock.
pub(crate) fn http_date(skew: i64) -> String {
    jiff::Timestamp::from_second(seconds(skew))
        .ok()
        .and_then(|at| jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok())
        .unwrap_or_default()
}

/// RFC 3339 in UTC, to the second.
pub(crate) fn rfc3339(skew: i64) -> String {
    jiff::Timestamp::from_second(seconds(skew)).map(|at| at.to_string()).unwrap_or_default()
}

/// A time as Entra writes it: `2026-09-04 01:51:03Z`.
pub(crate) fn entra(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map(|at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
        .unwrap_or_default()
}

/// A time as the resource manager writes it: `2026-09-04T01:51:03.0000000Z`.
pub(crate) fn arm(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S.0000000Z").to_string())
        .unwrap_or_default()
}
