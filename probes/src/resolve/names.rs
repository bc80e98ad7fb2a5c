//! Which names are tried for a name, and in which order: Go's `nameList`, `isDomainName` and `avoidDNS`
//! (`net/dnsclient_unix.go`, `net/dnsclient.go`).

use hickory_proto::rr::Name;

/// The most names that are tried; resolv.conf(5) allows six domains.
const MAX_NAMES: usize = 6;

/// One name to try.
pub(super) struct Candidate {
    /// The whole name, from the root.
    pub(super) name: Name,
    /// Whether it is the name as it was given, with nothing appended.
    pub(super) as_given: bool,
}

/// The names to try for `given`, first one first. Empty when the name cannot be one, as Go asks nobody then.
pub(super) fn names(given: &str, search: &[String], ndots: usize) -> Vec<Candidate> {
    if !is_domain_name(given) || given == "." {
        return Vec::new();
    }
    let as_it_is = rooted(given).map(|name| Candidate { name, as_given: true });
    if given.ends_with('.') || search.is_empty() {
        return as_it_is.into_iter().collect();
    }
    let searched = search.iter().filter_map(|domain| {
        rooted(&format!("{given}.{domain}")).map(|name| Candidate { name, as_given: false })
    });
    // One place is left for the name as given, which is last when it has too few dots.
    let searched = searched.take(MAX_NAMES - 1);
    if given.bytes().filter(|byte| *byte == b'.').count() >= ndots {
        as_it_is.into_iter().chain(searched).collect()
    } else {
        searched.chain(as_it_is).collect()
    }
}

/// A name from the root on; `None` where Go would not ask for it.
pub(super) fn rooted(text: &str) -> Option<Name> {
    let bare = text.strip_suffix('.').unwrap_or(text);
    // RFC 7686: names under `onion` are never asked for.
    let avoided = bare.to_ascii_lowercase().ends_with(".onion");
    if avoided || !is_domain_name(bare) {
        return None;
    }
    Name::from_ascii(format!("{bare}.")).ok()
}

/// Whether Go would ask a nameserver for it (RFC 1035 and 3696, and the underscore).
fn is_domain_name(text: &str) -> bool {
    if text == "." {
        return true;
    }
    let bare = text.strip_suffix('.').unwrap_or(text);
    let label_is_fine = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    bare.len() <= 253
        && bare.split('.').all(label_is_fine)
        // Otherwise it is an address that is written wrongly.
        && bare.bytes().any(|byte| !byte.is_ascii_digit() && byte != b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(given: &str, search: &[&str], ndots: usize) -> Vec<String> {
        let search: Vec<String> = search.iter().map(|s| (*s).to_owned()).collect();
        names(given, &search, ndots).iter().map(|c| c.name.to_ascii()).collect()
    }

    #[test]
    fn follows_gos_order() {
        let rows: [(&str, &[&str], usize, &[&str]); 9] = [
            ("a.example", &[], 1, &["a.example."]),
            (
                "a.example",
                &["corp.test", "lab.test"],
                1,
                &["a.example.", "a.example.corp.test.", "a.example.lab.test."],
            ),
            ("a.example", &["corp.test"], 5, &["a.example.corp.test.", "a.example."]),
            ("short", &["corp.test."], 1, &["short.corp.test.", "short."]),
            ("a.example.", &["corp.test"], 5, &["a.example."]),
            (
                "short",
                &["1", "2", "3", "4", "5", "6", "7"],
                1,
                &["short.1.", "short.2.", "short.3.", "short.4.", "short.5.", "short."],
            ),
            ("x.onion", &["corp.test"], 1, &["x.onion.corp.test."]),
            ("300.300.300.300", &[], 1, &[]),
            (".", &["corp.test"], 0, &[]),
        ];
        for (given, search, ndots, expected) in rows {
            assert_eq!(tried(given, search, ndots), expected, "{given}");
        }
    }

    #[test]
    fn knows_what_no_name_is() {
        let long_label = "a".repeat(64);
        let long_name = "abcdefgh.".repeat(30);
        for bad in
            ["", "..", "a..b", "-a.b", "a-.b", "a b", "ä.example", "a\0b", "1.2.3", &long_label, &long_name]
        {
            assert!(!is_domain_name(bad), "{bad:?}");
        }
        for good in ["a", "a.b.", "_sip.example", "a--b.c1", "3com.example"] {
            assert!(is_domain_name(good), "{good:?}");
        }
    }
}
