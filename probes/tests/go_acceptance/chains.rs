//! Cases about names, dates and the way to an authority.

use super::party::{Party, authority_params, between, key, plain, server_params};
use super::{Case, case};

const HOST: &[&str] = &["reg.example"];

fn expired(params: &mut rcgen::CertificateParams) {
    between(params, 2020, 2021);
}

/// Which names a certificate is good for.
pub(crate) fn names() -> Vec<Case> {
    let root = Party::root("Root", &plain);
    let sub = root.authority("Sub", &plain);
    let with = |names: &[&str]| sub.server(names, &plain);
    let row = |name: &str, held: &[&str], host: &str, facts: &[&'static str]| {
        case(name, &[&with(held), &sub], &[&root], facts).host(host)
    };
    vec![
        row("ok", HOST, "reg.example", &[]),
        row("ok-upper-case", HOST, "REG.Example", &[]),
        row("ok-final-dot", HOST, "reg.example.", &[]),
        row("ok-second-name", &["other.example", "reg.example"], "reg.example", &[]),
        row("ok-wildcard", &["*.example"], "reg.example", &[]),
        row("ok-address", &["10.1.2.3"], "10.1.2.3", &[]),
        row("ok-address-6", &["2001:db8::1"], "2001:db8::1", &[]),
        row("wildcard-of-two-labels", &["*.example"], "a.reg.example", &["wrong_name"]),
        row("wildcard-inside", &["r*.example"], "reg.example", &["wrong_name"]),
        row("wrong-name", &["other.example"], "reg.example", &["wrong_name"]),
        row("name-with-final-dot", &["reg.example."], "reg.example", &["wrong_name"]),
        row("wrong-address", &["10.1.2.4"], "10.1.2.3", &["wrong_name"]),
        row("name-for-an-address", HOST, "10.1.2.3", &["wrong_name"]),
        row("no-san-but-common-name", &[], "server", &["no_san"]),
        row("underscore", &["a_b.example"], "a_b.example", &[]),
    ]
}

/// When a certificate is good.
pub(crate) fn dates() -> Vec<Case> {
    let root = Party::root("Root", &plain);
    let sub = root.authority("Sub", &plain);
    let leaf = sub.server(HOST, &plain);
    let old = sub.server(HOST, &expired);
    let old_and_wrong = sub.server(&["other.example"], &expired);
    let future = sub.server(HOST, &|p| between(p, 2026 + 5, 2026 + 6));
    let old_sub = root.sign(authority_params("Sub", &expired), sub.key());
    let old_root = Party::self_signed(authority_params("Root", &expired), root.key());
    vec![
        case("ok-last-moment", &[&leaf, &sub], &[&root], &[]).at("2027-01-01T00:00:00Z"),
        case("ok-first-moment", &[&leaf, &sub], &[&root], &[]).at("2026-01-01T00:00:00Z"),
        case("a-second-late", &[&leaf, &sub], &[&root], &["validity"]).at("2027-01-01T00:00:01Z"),
        case("half-a-second-late", &[&leaf, &sub], &[&root], &["validity"]).at("2027-01-01T00:00:00.5Z"),
        case("expired", &[&old, &sub], &[&root], &["validity"]),
        case("not-yet-valid", &[&future, &sub], &[&root], &["validity"]),
        case("expired-and-wrong-name", &[&old_and_wrong, &sub], &[&root], &["validity", "wrong_name"]),
        case("expired-and-unknown", &[&old, &sub], &[], &["validity", "unknown_issuer"]),
        case("expired-with-its-authority", &[&old, &old_sub], &[&root], &["validity"]),
        case("expired-intermediate", &[&leaf, &old_sub], &[&root], &["validity"]),
        case("ok-expired-intermediate-with-alternative", &[&leaf, &old_sub, &sub], &[&root], &[]),
        case("expired-root", &[&leaf, &sub], &[&old_root], &["validity"]),
        case("ok-expired-root-with-alternative", &[&leaf, &sub], &[&old_root, &root], &[]),
        case("expired-root-presented-too", &[&leaf, &sub, &root], &[&old_root], &["validity"]),
        case("ok-expired-extra", &[&leaf, &sub, &old_root], &[&root], &[]),
    ]
}

/// The way to an authority.
pub(crate) fn paths() -> Vec<Case> {
    let root = Party::root("Root", &plain);
    let stranger = Party::root("Stranger", &plain);
    let namesake = Party::root("Root", &plain);
    let sub = root.authority("Sub", &plain);
    let low = sub.authority("Low", &plain);
    let leaf = sub.server(HOST, &plain);
    let deep = low.server(HOST, &plain);
    let direct = root.server(HOST, &plain);
    let alone = Party::self_signed(server_params(HOST, &plain), key());
    let as_server =
        |p: &mut rcgen::CertificateParams| p.subject_alt_names = vec![super::party::san("reg.example")];
    let own_authority = Party::root("reg.example", &as_server);
    let authority_below = root.authority("reg.example", &as_server);
    let wrong_stranger = stranger.server(&["other.example"], &plain);
    // Two authorities that vouch for each other, and a root that vouches for one of them.
    let across = low.sign(authority_params("Sub", &plain), sub.key());
    vec![
        case("ok-direct", &[&direct], &[&root], &[]),
        case("ok-deep", &[&deep, &low, &sub], &[&root], &[]),
        case("ok-any-order", &[&deep, &stranger, &sub, &low], &[&root], &[]),
        case("ok-root-presented", &[&leaf, &sub, &root], &[&root], &[]),
        case("ok-many-roots", &[&leaf, &sub], &[&stranger, &namesake, &root], &[]),
        case("ok-intermediate-trusted", &[&leaf], &[&sub], &[]),
        case("ok-leaf-trusted", &[&leaf], &[&leaf], &[]),
        case("ok-self-signed-trusted", &[&alone], &[&alone], &[]),
        case("ok-authority-as-leaf-trusted", &[&own_authority], &[&own_authority], &[]),
        case("ok-authority-as-leaf-signed", &[&authority_below], &[&root], &[]),
        case("ok-loop", &[&deep, &low, &across, &sub], &[&root], &[]),
        case("loop-without-root", &[&deep, &low, &across], &[&root], &["unknown_issuer"]),
        case("self-signed", &[&alone], &[&root], &["unknown_issuer"]),
        case("authority-as-leaf", &[&own_authority], &[&root], &["unknown_issuer"]),
        case("stranger", &[&leaf, &sub], &[&stranger], &["unknown_issuer"]),
        case("stranger-and-wrong-name", &[&wrong_stranger], &[&root], &["unknown_issuer", "wrong_name"]),
        case("missing-intermediate", &[&leaf], &[&root], &["unknown_issuer"]),
        case("missing-one-of-two", &[&deep, &low], &[&root], &["unknown_issuer"]),
        case("wrong-intermediate", &[&leaf, &low], &[&root], &["unknown_issuer"]),
        case("no-roots", &[&leaf, &sub], &[], &["unknown_issuer"]),
        case("namesake", &[&leaf, &sub], &[&namesake], &["unknown_issuer", "other"]),
    ]
}
