//! Addresses as they may be shown.

use crate::foreign::Foreign;

/// An address without user, query and fragment, with a scheme or without one: somebody may have written a password before
/// the host.
pub(super) fn bare(address: &str) -> Foreign {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), address),
    };
    // The last sign that ends a user counts, wherever it is: a password may hold what ends a host.
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    Foreign::new(&format!("{scheme}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_user_is_shown() {
        for (address, expected) in [
            ("reg.io", "reg.io"),
            ("*.azurecr.io/team", "*.azurecr.io/team"),
            ("u:p@reg.io:5000/x", "reg.io:5000/x"),
            ("https://u:p/w?d#@reg.io/x?sig=1#y", "https://reg.io/x"),
            ("https://reg.io", "https://reg.io"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("u@://x", "u@://x"),
            ("", ""),
        ] {
            assert_eq!(bare(address).as_str(), expected, "{address}");
        }
    }
}
