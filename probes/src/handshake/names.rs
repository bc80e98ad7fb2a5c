//! Whether a certificate is for a host: `Certificate.VerifyHostname` of Go's `crypto/x509`. The common name does not
//! count, a wildcard counts only as the whole leftmost label, addresses match only addresses.

use std::net::IpAddr;

use super::extensions::Names;

/// Whether these names cover the host, which may be an address, also in brackets.
pub(super) fn covers(names: &Names, host: &str) -> bool {
    let literal = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = literal.parse::<IpAddr>() {
        return names.addresses.iter().any(|held| held.to_canonical() == address.to_canonical());
    }
    let host = host.to_ascii_lowercase();
    let usable = is_hostname(&host, false);
    let labels: Vec<&str> = host.strip_suffix('.').unwrap_or(&host).split('.').collect();
    names.dns.iter().any(|held| {
        let held = held.to_ascii_lowercase();
        // Go matches names that are no valid hostnames too, but only letter by letter.
        match usable && is_hostname(&held, true) {
            true => matches(&held, &labels),
            false => !matches!(held.as_str(), "" | ".") && held == host,
        }
    })
}

fn matches(pattern: &str, labels: &[&str]) -> bool {
    let parts: Vec<&str> = pattern.split('.').collect();
    parts.len() == labels.len()
        && parts
            .iter()
            .zip(labels)
            .enumerate()
            .all(|(at, (part, label))| part == label || at == 0 && *part == "*")
}

/// Go's `validHostname`.
fn is_hostname(name: &str, pattern: bool) -> bool {
    let name = if pattern { name } else { name.strip_suffix('.').unwrap_or(name) };
    name != "*"
        && name.split('.').enumerate().all(|(at, label)| {
            pattern && at == 0 && label == "*"
                || !label.is_empty()
                    && !label.starts_with('-')
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_what_go_covers() {
        for (held, host, expected) in [
            ("reg.example.com", "reg.example.com", true),
            ("REG.example.com", "reg.EXAMPLE.com", true),
            ("reg.example.com", "reg.example.com.", true),
            ("reg.example.com.", "reg.example.com", false),
            ("*.example.com", "reg.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.reg.example.com", false),
            ("r*.example.com", "reg.example.com", false),
            ("reg.*.com", "reg.example.com", false),
            ("*", "localhost", false),
            ("my_reg.example.com", "my_reg.example.com", true),
            ("127.0.0.1", "127.0.0.1", false),
            ("", "", false),
        ] {
            let names = Names { dns: vec![held.to_owned()], ..Names::default() };
            assert_eq!(covers(&names, host), expected, "{held} for {host}");
        }
        let addresses = ["10.0.0.1", "2001:db8::1"].map(|a| a.parse().expect(a)).to_vec();
        let names = Names { addresses, ..Names::default() };
        for (host, expected) in
            [("10.0.0.1", true), ("::ffff:10.0.0.1", true), ("[2001:db8::1]", true), ("10.0.0.2", false)]
        {
            assert_eq!(covers(&names, host), expected, "{host}");
        }
    }
}
