//! The rows of certificate chains, and the handshake against small servers on loopback.

#[path = "../../tests/go_acceptance/cases.rs"]
mod cases;
mod looks;
mod servers;
mod single;

use super::verify::{Trusted, certificate_problem};
use crate::net::{Roots, RootsSource};
use crate::observation::CertificateProblem;

fn trusted(certificates: Vec<rustls_pki_types::CertificateDer<'static>>) -> Roots {
    Roots::new(RootsSource::File("ca.pem".to_owned()), certificates)
}

/// The names of the facts that were found.
fn facts(problem: Option<&CertificateProblem>) -> Vec<&'static str> {
    let Some(problem) = problem else { return Vec::new() };
    let all = [
        ("validity", problem.validity.is_some()),
        ("no_san", problem.no_san),
        ("wrong_name", problem.wrong_name.is_some()),
        ("unknown_issuer", problem.unknown_issuer.is_some()),
        ("other", problem.other.is_some()),
    ];
    all.into_iter().filter(|(_, found)| *found).map(|(name, _)| name).collect()
}

#[test]
fn every_row_has_its_facts() {
    for case in cases::all() {
        let trusted = Trusted::new(&trusted(case.roots));
        let now = case.now.parse().expect("a time");
        let problem = certificate_problem(&case.chain, &case.host, now, &trusted);
        let mut expected = case.facts.expect("a row of the table");
        expected.sort_by_key(|fact| {
            ["validity", "no_san", "wrong_name", "unknown_issuer", "other"].iter().position(|f| f == fact)
        });
        assert_eq!(facts(problem.as_ref()), expected, "{}: {problem:?}", case.name);
    }
}

#[test]
fn names_the_certificate_the_issuer_and_the_names() {
    let problem_of = |name: &str| {
        let case = cases::all().into_iter().find(|case| case.name == name).expect(name);
        let trusted = Trusted::new(&trusted(case.roots));
        let now = case.now.parse().expect("a time");
        certificate_problem(&case.chain, &case.host, now, &trusted).expect(name)
    };
    let validity = problem_of("expired-intermediate").validity.expect("a validity");
    assert_eq!(validity.subject.as_str(), "CN=Sub");
    assert_eq!(validity.not_after.to_string(), "2021-01-01T00:00:00Z");
    assert_eq!(validity.now.to_string(), cases::NOW);
    assert_eq!(problem_of("expired-root").validity.expect("a validity").subject.as_str(), "CN=Root");
    assert_eq!(
        problem_of("expired-with-its-authority").validity.expect("a validity").subject.as_str(),
        "CN=reg.example"
    );
    assert_eq!(problem_of("missing-intermediate").unknown_issuer.expect("an issuer").as_str(), "CN=Sub");
    assert_eq!(problem_of("stranger").unknown_issuer.expect("an issuer").as_str(), "CN=Root");
    let held = problem_of("wrong-address").wrong_name.expect("names");
    assert_eq!(held.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["10.1.2.4"]);
}

#[test]
fn takes_every_built_in_authority_and_ignores_broken_files() {
    let built_in = Roots::new(RootsSource::BuiltIn, Vec::new());
    assert_eq!(Trusted::new(&built_in).count(), webpki_roots::TLS_SERVER_ROOTS.len());
    let root = cases::party::Party::root("Root", &|_| {});
    assert_eq!(Trusted::new(&trusted(vec![vec![1, 2, 3].into(), root.der.clone()])).count(), 1);
}

/// The anchors are put together from parts; a real signature shows that the parts are right.
#[test]
fn a_built_in_authority_can_vouch() {
    let parsed: Vec<_> =
        webpki_roots::TLS_SERVER_ROOTS.iter().filter_map(super::parse::Parsed::authority).collect();
    for root in rustls_native_certs::load_native_certs().certs {
        let Ok(root) = super::parse::Parsed::read(&root) else { continue };
        if let Some(anchor) = parsed.iter().find(|anchor| anchor.key_info == root.key_info) {
            assert_eq!(anchor.subject, root.subject);
            assert_eq!(root.check_signed_by(anchor).is_ok(), root.check_signed_by(&root).is_ok());
        }
    }
}
