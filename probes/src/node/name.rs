//! The name of a node.

use super::root::HostRoot;

/// What a node is called whose own name cannot be told.
const NAMELESS: &str = "node";
/// The longest name that a host can have.
const MAX: usize = 253;

/// The node's name: what `/etc/hostname` says, when that can be a name in DNS.
pub fn name(root: &HostRoot) -> String {
    let text = root.text("/etc/hostname").unwrap_or_default();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let is_label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_name = |name: &&str| name.len() <= MAX && name.split('.').all(is_label);
    lines.next().filter(is_name).unwrap_or(NAMELESS).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::tree::Tree;

    #[test]
    fn only_names_of_dns_are_names() {
        for (text, expected) in [
            ("aks-np1-12345678-vmss000000\n", "aks-np1-12345678-vmss000000"),
            ("# set by the installer\n\n  host.corp.test \nother\n", "host.corp.test"),
            ("", NAMELESS),
            ("a b\n", NAMELESS),
            ("-a\n", NAMELESS),
            ("a..b\n", NAMELESS),
            ("a_b\n", NAMELESS),
            ("\u{1b}[31m\n", NAMELESS),
            ("::error::x\n", NAMELESS),
        ] {
            assert_eq!(name(&Tree::of(&[("/etc/hostname", text)]).root()), expected, "{text:?}");
        }
        assert_eq!(name(&Tree::of(&[("/etc/hostname", &"a".repeat(254))]).root()), NAMELESS);
        assert_eq!(name(&Tree::new().root()), NAMELESS);
    }
}
