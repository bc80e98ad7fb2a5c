//! Chains of certificates with what is expected of them: the rows of the unit tests of `probes::handshake`, and what
//! `cargo run -p probes --example go_acceptance` shows to Go.

mod chains;
mod odd;
pub(crate) mod party;

use rustls_pki_types::CertificateDer;

use self::party::Party;

/// The time at which most cases are looked at.
pub(crate) const NOW: &str = "2026-06-01T00:00:00Z";

/// One case.
pub(crate) struct Case {
    /// Its name.
    pub(crate) name: String,
    /// What the server presents.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    /// The authorities that are trusted.
    pub(crate) roots: Vec<CertificateDer<'static>>,
    /// The name or address that is asked for.
    pub(crate) host: String,
    /// The time, as in RFC 3339.
    pub(crate) now: String,
    /// The facts that are expected, by the names of the fields of `CertificateProblem`; empty when Go accepts, `None`
    /// when only Go knows.
    pub(crate) facts: Option<Vec<&'static str>>,
}

/// A case for the host `reg.example`, now.
pub(crate) fn case(name: &str, chain: &[&Party], roots: &[&Party], facts: &[&'static str]) -> Case {
    let ders = |parties: &[&Party]| parties.iter().map(|party| party.der.clone()).collect();
    Case {
        name: name.to_owned(),
        chain: ders(chain),
        roots: ders(roots),
        host: "reg.example".to_owned(),
        now: NOW.to_owned(),
        facts: Some(facts.to_vec()),
    }
}

impl Case {
    /// The same for another host.
    fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// The same at another time.
    fn at(mut self, now: &str) -> Self {
        now.clone_into(&mut self.now);
        self
    }

    /// The same with one certificate of the chain replaced.
    fn with(mut self, at: usize, der: CertificateDer<'static>) -> Self {
        self.chain[at] = der;
        self
    }
}

/// All cases.
pub(crate) fn all() -> Vec<Case> {
    [
        chains::names(),
        chains::dates(),
        chains::paths(),
        odd::usages(),
        odd::constraints(),
        odd::parsing(),
        odd::keys(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
