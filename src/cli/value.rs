//! How single values are read.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use probes::foreign::Foreign;

/// A duration as kubectl takes it: `60s`, `1m30s`, `500ms`.
pub(super) fn duration(flag: &str, text: &str) -> Result<Duration, String> {
    duration_of(flag, text, Duration::from_millis(10))
}

/// The same of at least so much.
pub(super) fn duration_of(flag: &str, text: &str, least: Duration) -> Result<Duration, String> {
    let wrong = || format!("{flag} '{text}' is no time; write it as 60s, 1m30s or 500ms");
    let signed: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    let duration = Duration::try_from(signed).map_err(|_| wrong())?;
    if duration < least {
        return Err(format!("{flag} '{text}' leaves no time; give at least {least:?}"));
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

/// Something that is named: an empty name, as of a variable that is not set, is none.
pub(super) fn not_empty(flag: &str, text: Option<&str>) -> Result<(), String> {
    match text {
        Some("") => Err(format!("{flag} '' names nothing; name one, or leave the flag out")),
        _ => Ok(()),
    }
}

/// The name of a namespace: a label of DNS
/// (<https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>).
pub(super) fn namespace(flag: &str, text: &str) -> Result<String, String> {
    match text.len() <= 63 && is_label(text) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "{flag} '{}' is no name of a namespace: small letters, digits and '-', at most 63; 'kubectl get namespaces' lists \
             them",
            Foreign::new(text)
        )),
    }
}

/// The name of another object: labels of DNS with dots between.
pub(super) fn object_name(flag: &str, text: &str) -> Result<String, String> {
    match text.len() <= 253 && text.split('.').all(is_label) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "{flag} '{}' is no name of an object of Kubernetes: small letters, digits, '-' and '.', at most 253",
            Foreign::new(text)
        )),
    }
}

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !text.is_empty()
        && text.bytes().all(|byte| inner(byte) || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
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

    #[test]
    fn names() {
        for good in ["default", "kube-system", "a", "1"] {
            assert_eq!(namespace("-n", good).as_deref(), Ok(good));
        }
        for bad in ["", "Team", "a b", "-a", "a-", "a.b", "a/b", "\u{1b}[31m"] {
            let told = namespace("-n", bad).expect_err("no name");
            assert!(!told.contains('\u{1b}'), "{told}");
        }
        assert!(object_name("--nodes", "ip-10-0-0-1.ec2.internal").is_ok());
        for bad in ["", "a..b", "A", "a_b", "a,b"] {
            assert!(object_name("--nodes", bad).is_err(), "{bad}");
        }
    }
}
