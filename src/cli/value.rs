//! How single values are read.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// A duration as kubectl takes it: `60s`, `1m30s`, `500ms`.
pub(super) fn duration(flag: &str, text: &str) -> Result<Duration, String> {
    let wrong = || format!("{flag} '{text}' is no time; write it as 60s, 1m30s or 500ms");
    let signed: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    let duration = Duration::try_from(signed).map_err(|_| wrong())?;
    if duration < Duration::from_millis(10) {
        return Err(format!("{flag} '{text}' leaves no time to look; give at least 10ms"));
    }
    if duration > Duration::from_secs(24 * 3600) {
        return Err(format!("{flag} '{text}' is more than a day"));
    }
    Ok(duration)
}

/// A nameserver: an address, with or without a port.
pub(super) fn nameserver(text: &str) -> Result<SocketAddr, String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    text.parse::<SocketAddr>()
        .or_else(|_| bare.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53)))
        .map_err(|_| format!("--resolver '{text}' is no IP or IP:PORT; a nameserver is named by its address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("--timeout", "1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("--timeout", "500ms"), Ok(Duration::from_millis(500)));
        for bad in ["", "0s", "-5s", "abc", "60", "1e9h", "99999h"] {
            assert!(duration("--timeout", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nameservers() {
        assert_eq!(nameserver("127.0.0.1").map(|s| s.port()), Ok(53));
        assert_eq!(nameserver("127.0.0.1:5353").map(|s| s.port()), Ok(5353));
        assert_eq!(nameserver("[::1]:5353").map(|s| s.port()), Ok(5353));
        assert_eq!(nameserver("::1").map(|s| s.port()), Ok(53));
        assert!(nameserver("dns.example").is_err());
    }
}
