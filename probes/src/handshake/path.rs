//! The way from a certificate to a trusted authority: `buildChains` and what follows it in `Certificate.Verify` of
//! Go's `crypto/x509`. It is followed step by step, not left to webpki, because the two differ in both directions:
//! Go looks at the dates and usages of the authority itself and takes any certificate that is itself trusted.

use jiff::Timestamp;

use super::parse::Parsed;

/// Go's `maxChainSignatureChecks`.
const MOST_SIGNATURE_CHECKS: u32 = 100;

/// Where a search ended.
pub(super) enum Path<'a> {
    /// Here is a chain that is good for a server, the certificate first and the authority last.
    Good(Vec<&'a Parsed>),
    /// There are chains, but none that is good for this server; why the first is not.
    Unfit(String),
    /// There is none.
    None {
        /// What spoke against the first authority that might have been the one.
        hint: Option<String>,
        /// The first issuer that was passed over only because of the time.
        outside: Option<&'a Parsed>,
    },
}

/// Looks for a chain.
pub(super) struct Search<'a> {
    /// The trusted authorities.
    pub(super) roots: &'a [Parsed],
    /// What the server sent after its own certificate.
    pub(super) intermediates: &'a [Parsed],
    /// The time at which all must be valid; `None` to leave time out of account.
    pub(super) at: Option<Timestamp>,
    checks: u32,
    hint: Option<String>,
    outside: Option<&'a Parsed>,
}

impl<'a> Search<'a> {
    /// A search that has not begun.
    pub(super) fn new(roots: &'a [Parsed], intermediates: &'a [Parsed], at: Option<Timestamp>) -> Self {
        Self { roots, intermediates, at, checks: 0, hint: None, outside: None }
    }

    /// Looks for a chain from this certificate, whose own dates are not looked at.
    pub(super) fn from(mut self, leaf: &'a Parsed) -> Path<'a> {
        let chains = match self.roots.iter().any(|root| root.der == leaf.der) {
            true => vec![vec![leaf]],
            false => self.extend(&[leaf], leaf),
        };
        let mut flaw = None;
        for chain in chains {
            match fault(&chain) {
                None => return Path::Good(chain),
                Some(found) => flaw = flaw.or(Some(found)),
            }
        }
        match flaw {
            Some(flaw) => Path::Unfit(flaw),
            None => Path::None { hint: self.hint, outside: self.outside },
        }
    }

    fn extend(&mut self, chain: &[&'a Parsed], last: &'a Parsed) -> Vec<Vec<&'a Parsed>> {
        let mut found = Vec::new();
        let roots = self.roots.iter().map(|c| (c, true));
        for (candidate, trusted) in roots.chain(self.intermediates.iter().map(|c| (c, false))) {
            if candidate.subject != last.issuer {
                continue;
            }
            self.checks += 1;
            if self.checks > MOST_SIGNATURE_CHECKS {
                break;
            }
            if is_in(candidate, chain) {
                continue;
            }
            if let Err(flaw) =
                last.check_signed_by(candidate).and_then(|()| self.fits(candidate, trusted, chain))
            {
                self.hint.get_or_insert_with(|| format!("{}: {flaw}", candidate.subject_text));
                continue;
            }
            let longer = [chain, &[candidate]].concat();
            match trusted {
                true => found.push(longer),
                false => found.extend(self.extend(&longer, candidate)),
            }
        }
        found
    }

    /// Go's `isValid`.
    fn fits(&mut self, candidate: &'a Parsed, trusted: bool, chain: &[&Parsed]) -> Result<(), String> {
        let extensions = &candidate.extensions;
        let flaw = if extensions.unhandled_critical {
            "it has an unhandled critical extension"
        } else if self.at.is_some_and(|now| !candidate.is_valid_at(now)) {
            self.outside.get_or_insert(candidate);
            "it is outside its validity"
        } else if !trusted && extensions.authority != Some(true) {
            "it is no certificate authority"
        } else if extensions.authority.is_some()
            && extensions.path_length.is_some_and(|most| chain.len() - 1 > most)
        {
            "too many intermediates for its path length"
        } else {
            return Ok(());
        };
        Err(flaw.to_owned())
    }
}

/// Go's `alreadyInChain`: the same subject, key and alternative names make a loop.
fn is_in(candidate: &Parsed, chain: &[&Parsed]) -> bool {
    fn names(certificate: &Parsed) -> Option<&[u8]> {
        certificate.extensions.names.as_ref().map(|names| names.raw.as_slice())
    }
    chain.iter().any(|held| {
        held.subject == candidate.subject
            && held.key_info == candidate.key_info
            && names(held) == names(candidate)
    })
}

/// Why a chain is not good for this server: usages are nested (`checkChainForKeyUsage`), and name constraints bind
/// all that is below them (`checkChainConstraints`).
fn fault(chain: &[&Parsed]) -> Option<String> {
    if let Some(other) = chain.iter().find(|held| held.extensions.for_servers == Some(false)) {
        return Some(format!(
            "{}: its extended key usages do not include server authentication",
            other.subject_text
        ));
    }
    chain.iter().enumerate().find_map(|(at, authority)| {
        let constraints = authority.extensions.constraints.as_ref()?;
        let names = chain.iter().take(at).filter_map(|below| below.extensions.names.as_ref());
        let name = names.filter_map(|names| constraints.forbidden(names)).next()?;
        Some(format!("{}: its name constraints forbid {name}", authority.subject_text))
    })
}
