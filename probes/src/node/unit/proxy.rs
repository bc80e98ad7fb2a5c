//! What may be shown of a proxy's address.

use crate::node::matching;

/// A proxy as it may be shown.
pub(super) struct Shown {
    /// Scheme, host and port.
    pub(super) address: String,
    /// Whether a user stands there.
    pub(super) has_user: bool,
}

/// Scheme, host and port of a proxy; `None` for what is none.
///
/// Not by way of an address' parser: a password may hold what makes an address invalid, and must not be shown then
/// either.
pub(super) fn shown(value: &str) -> Option<Shown> {
    let value = value.trim();
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    // The last sign that ends a user counts: its password may hold any of those that end a host.
    let (user, rest) = rest.rsplit_once('@').map_or((None, rest), |(user, rest)| (Some(user), rest));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_scheme =
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    // What stands after a colon must be a port, or it may be a password whose host is missing.
    let is_host = matching::host_and_port(host).is_some_and(|(name, _)| !name.is_empty())
        && host.chars().all(|c| c.is_alphanumeric() || "-._:[]".contains(c));
    (is_scheme && is_host).then(|| Shown {
        address: format!("{}://{host}", scheme.to_ascii_lowercase()),
        has_user: user.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_user_is_shown() {
        for (value, expected) in [
            ("http://proxy.corp:3128", Some(("http://proxy.corp:3128", false))),
            ("http://proxy.corp:3128/", Some(("http://proxy.corp:3128", false))),
            ("HTTPS://u:p@proxy:8443/x?y", Some(("https://proxy:8443", true))),
            ("proxy.corp:3128", Some(("http://proxy.corp:3128", false))),
            ("u:p@proxy", Some(("http://proxy", true))),
            ("http://u:p@ss/w#rd@proxy:1", Some(("http://proxy:1", true))),
            ("http://corp%5Cu:p%40@[fd00::1]:3128", Some(("http://[fd00::1]:3128", true))),
            ("socks5://10.0.0.1:1080", Some(("socks5://10.0.0.1:1080", false))),
            ("", None),
            ("http://", None),
            ("http://u:p@", None),
            ("http://pa ss", None),
            ("http://user:secret", None),
            ("http://:3128", None),
            ("pass word://x", None),
        ] {
            let shown = shown(value);
            assert_eq!(shown.as_ref().map(|s| (s.address.as_str(), s.has_user)), expected, "{value}");
        }
    }
}
