use probes::foreign::Foreign;

use super::*;
use crate::case::azure::Connection;

fn registry(rules: &[&str]) -> Registry {
    Registry {
        public_access: Some(true),
        default_allow: Some(false),
        ip_rules: Some(rules.iter().map(|rule| Foreign::new(rule)).collect()),
        connections: Some(Vec::new()),
        ..Registry::default()
    }
}

fn said(registry: &Registry, address: &str) -> Vec<(&'static str, Stance)> {
    let address = address.parse().expect("an address");
    of_refused(registry, None, address)
        .unwrap_or_default()
        .iter()
        .map(|s| (s.cause.as_str(), s.stance))
        .collect()
}

#[test]
fn rules_are_ranges() {
    for (rule, address, expected) in [
        ("203.0.113.7", "203.0.113.7", Some(true)),
        ("203.0.113.7", "203.0.113.8", Some(false)),
        ("203.0.113.0/24", "203.0.113.8", Some(true)),
        ("203.0.113.0/25", "203.0.113.200", Some(false)),
        ("0.0.0.0/0", "203.0.113.200", Some(true)),
        ("::/0", "2001:db8::1", Some(true)),
        ("2001:db8::/32", "2001:db8::1", Some(true)),
        ("2001:db8::/32", "203.0.113.7", Some(false)),
        ("203.0.113.0/33", "203.0.113.7", None),
        ("everything", "203.0.113.7", None),
    ] {
        assert_eq!(holds(rule, address.parse().expect("an address")), expected, "{rule} {address}");
    }
}

#[test]
fn a_refusal_is_told_by_the_rules() {
    let listed = registry(&["203.0.113.0/24"]);
    assert_eq!(
        said(&listed, "198.51.100.1"),
        [("AcrIpNotAllowed", Stance::Confirms), ("AcrVnetRuleMissing", Stance::Refutes)]
    );
    assert_eq!(of_refused(&listed, None, "203.0.113.9".parse().expect("an address")), None);
    let no_subnets = Registry { subnet_rules: Some(Vec::new()), ..listed.clone() };
    assert_eq!(said(&no_subnets, "10.0.0.4")[0], ("AcrVnetRuleMissing", Stance::Confirms));
    let subnet = |name: &str| Some(vec![Foreign::new(name)]);
    let one = Registry { subnet_rules: subnet("/subnets/A"), ..listed.clone() };
    let of = |subnets: &[Foreign]| {
        of_refused(&one, Some(subnets), "10.0.0.4".parse().expect("an address")).map(|said| said.len())
    };
    assert_eq!((of(&[Foreign::new("/subnets/a")]), of(&[Foreign::new("/subnets/b")])), (Some(0), Some(2)));
    // A subnet that is listed may be the one.
    assert_eq!(said(&one, "10.0.0.4"), []);
    // A rule that cannot be read may be the one.
    assert_eq!(said(&registry(&["everything"]), "198.51.100.1"), []);
    let shut = Registry { public_access: Some(false), ..listed.clone() };
    assert_eq!(said(&shut, "198.51.100.1"), [("AcrPublicAccessDisabled", Stance::Confirms)]);
    // With a private endpoint its name may be what is missing.
    let approved = Connection { endpoint: Foreign::new("e"), status: Foreign::new("Approved") };
    let private = Registry { connections: Some(vec![approved]), ..shut };
    assert_eq!(said(&private, "198.51.100.1"), []);
    // What was not returned says nothing.
    assert_eq!(said(&Registry::default(), "198.51.100.1"), []);
    assert_eq!(everywhere(&Registry::default()), []);
}
