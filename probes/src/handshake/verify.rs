//! Whether Go would accept a certificate chain, and if not, all that speaks against it.
//!
//! *Invariant:* what Go 1.26 (`crypto/x509`, as containerd uses it) accepts passes here, what it refuses fails; tests
//! compare both (`cargo run -p probes --example go_acceptance`). Known exceptions: certificates signed with RSA keys
//! of 1024 to 2047 bits or on the curve P-224 are refused here; explicit policies are not evaluated.

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;

use super::key::CANNOT_VERIFY;
use super::key::KeyKind;
use super::names::covers;
use super::parse::Parsed;
use super::path::{Path, Search};
use crate::foreign::Foreign;
use crate::observation::{CertificateProblem, Validity};
use crate::roots::{Roots, RootsSource};

/// The most names of a certificate that are kept.
pub(super) const MOST_NAMES: usize = 100;

/// The trusted authorities, parsed.
pub struct Trusted(Vec<Parsed>);

impl Trusted {
    /// Parses the authorities; those that Go could not read are ignored, as Go does.
    pub fn new(roots: &Roots) -> Self {
        match roots.source {
            RootsSource::BuiltIn => {
                Self(webpki_roots::TLS_SERVER_ROOTS.iter().filter_map(Parsed::authority).collect())
            }
            RootsSource::System | RootsSource::File(_) | RootsSource::Node(_) => {
                Self(roots.certificates.iter().filter_map(|der| Parsed::read(der).ok()).collect())
            }
        }
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

/// What speaks against a chain, the server's own certificate first, as one for `host` (a name or an address) at the
/// time `now`; `None` when Go accepts it. Every fact is found independently of the others.
pub fn certificate_problem(
    chain: &[CertificateDer<'_>],
    host: &str,
    now: Timestamp,
    trusted: &Trusted,
) -> Option<CertificateProblem> {
    let mut problem = CertificateProblem::default();
    let mut presented = Vec::new();
    for (at, der) in chain.iter().enumerate() {
        match Parsed::read(der) {
            Ok(parsed) => presented.push(parsed),
            Err(flaw) => {
                let flaw = Foreign::new(&format!("certificate {} of the chain: {flaw}", at + 1));
                problem.other.get_or_insert(flaw);
                if at == 0 {
                    return Some(problem);
                }
            }
        }
    }
    let Some((leaf, others)) = presented.split_first() else {
        problem.other.get_or_insert(Foreign::new("the server presented no certificate"));
        return Some(problem);
    };
    check_leaf(leaf, host, now, &mut problem);
    check_path(leaf, others, now, trusted, &mut problem);
    (problem != CertificateProblem::default()).then_some(problem)
}

fn check_leaf(leaf: &Parsed, host: &str, now: Timestamp, problem: &mut CertificateProblem) {
    if leaf.extensions.unhandled_critical {
        problem.other.get_or_insert(Foreign::new("unhandled critical extension"));
    }
    if leaf.key.kind == KeyKind::Other {
        problem.other.get_or_insert(Foreign::new("unsupported type of public key"));
    }
    if !leaf.is_valid_at(now) {
        problem.validity = Some(validity(leaf, now));
    }
    match &leaf.extensions.names {
        None => problem.no_san = true,
        Some(names) if covers(names, host) => {}
        Some(names) => {
            let addresses = names.addresses.iter().map(ToString::to_string);
            let held = names.dns.iter().cloned().chain(addresses).take(MOST_NAMES);
            problem.wrong_name = Some(held.map(|name| Foreign::new(&name)).collect());
        }
    }
}

/// The chain at this time; when there is none, whether there would be one if time did not count.
fn check_path(
    leaf: &Parsed,
    others: &[Parsed],
    now: Timestamp,
    trusted: &Trusted,
    problem: &mut CertificateProblem,
) {
    let mut path = Search::new(&trusted.0, others, Some(now)).from(leaf);
    let mut outside = None;
    if let Path::None { outside: issuer, .. } = path {
        outside = issuer;
        path = Search::new(&trusted.0, others, None).from(leaf);
    }
    if let Path::Good(chain) = &path {
        outside = chain.iter().skip(1).find(|held| !held.is_valid_at(now)).copied();
    }
    if let (None, Some(outside)) = (&problem.validity, outside) {
        problem.validity = Some(validity(outside, now));
    }
    match path {
        Path::Good(_) => {}
        Path::Unfit(flaw) => {
            problem.other.get_or_insert(Foreign::new(&flaw));
        }
        Path::None { hint, .. } => {
            problem.unknown_issuer = Some(Foreign::new(&top(leaf, others).issuer_text));
            if let Some(hint) = hint {
                problem.unverified = hint.contains(CANNOT_VERIFY);
                problem.other.get_or_insert(Foreign::new(&hint));
            }
        }
    }
}

/// The certificate at which what was presented ends, followed by names alone.
fn top<'a>(leaf: &'a Parsed, others: &'a [Parsed]) -> &'a Parsed {
    let mut top = leaf;
    for _ in others {
        match others.iter().find(|other| other.subject == top.issuer && other.der != top.der) {
            Some(above) => top = above,
            None => break,
        }
    }
    top
}

fn validity(of: &Parsed, now: Timestamp) -> Validity {
    Validity {
        subject: Foreign::new(&of.subject_text),
        not_before: of.not_before,
        not_after: of.not_after,
        now,
    }
}
