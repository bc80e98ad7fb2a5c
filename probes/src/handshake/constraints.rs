//! Name constraints (RFC 5280 4.2.1.10) as Go's `crypto/x509/constraints.go` reads and checks them: they bind the
//! names of every certificate below, not only the name that is sought.

use std::net::IpAddr;

use url::Url;

use super::der::{Der, SEQUENCE};
use super::extensions::{Names, ia5};

/// The constraints of one authority.
#[derive(Clone, Debug, Default)]
pub(super) struct Constraints {
    permitted: Subtrees,
    excluded: Subtrees,
    /// Whether there are some of kinds that Go does not check, directory names above all.
    pub(super) of_other_kinds: bool,
}

#[derive(Clone, Debug, Default)]
struct Subtrees {
    dns: Vec<String>,
    emails: Vec<String>,
    uris: Vec<String>,
    networks: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Constraints {
    /// Reads the extension's value; `None` where Go refuses the certificate.
    pub(super) fn read(value: &[u8]) -> Option<Self> {
        let mut outer = Der(value);
        let mut inside = Der(outer.read(SEQUENCE).filter(|_| outer.is_empty())?);
        let permitted = inside.optional(0xa0)?.unwrap_or_default();
        let excluded = inside.optional(0xa1)?.unwrap_or_default();
        if !inside.is_empty() || permitted.is_empty() && excluded.is_empty() {
            return None;
        }
        let mut of_other_kinds = false;
        let permitted = Subtrees::read(permitted, &mut of_other_kinds)?;
        let excluded = Subtrees::read(excluded, &mut of_other_kinds)?;
        Some(Self { permitted, excluded, of_other_kinds })
    }

    /// The first name that these constraints forbid.
    pub(super) fn forbidden<'n>(&self, names: &'n Names) -> Option<std::borrow::Cow<'n, str>> {
        for address in &names.addresses {
            let octets = octets(address);
            let within = |net: &(Vec<u8>, Vec<u8>)| contains(net, &octets);
            if breaks(&self.permitted.networks, &self.excluded.networks, within, within) {
                return Some(address.to_string().into());
            }
        }
        for name in &names.dns {
            if !is_domain(name) || self.forbids(name, |trees| &trees.dns) {
                return Some(name.as_str().into());
            }
        }
        for uri in &names.uris {
            // Go's rule: a URI without a host name cannot be matched, so it is forbidden.
            let host = Url::parse(uri).ok().and_then(|url| url.host_str().map(str::to_owned));
            let host = host.filter(|h| !h.starts_with('[') && h.parse::<IpAddr>().is_err() && is_domain(h));
            if host.is_none_or(|host| self.forbids(&host, |trees| &trees.uris)) {
                return Some(uri.as_str().into());
            }
        }
        for email in &names.emails {
            let domain = email.rsplit_once('@').map(|(_, domain)| domain).filter(|domain| is_domain(domain));
            if domain.is_none_or(|domain| self.forbids_email(email, domain)) {
                return Some(email.as_str().into());
            }
        }
        None
    }

    fn forbids(&self, name: &str, of: fn(&Subtrees) -> &Vec<String>) -> bool {
        breaks(
            of(&self.permitted),
            of(&self.excluded),
            |c| within(name, c),
            |c| within(name, c) || wild(name, c),
        )
    }

    fn forbids_email(&self, email: &str, domain: &str) -> bool {
        let fits = |constraint: &String| match constraint.rsplit_once('@') {
            Some((local, at)) => {
                email.rsplit_once('@').is_some_and(|(l, d)| l == local && d.eq_ignore_ascii_case(at))
            }
            None => within(domain, constraint),
        };
        breaks(&self.permitted.emails, &self.excluded.emails, fits, fits)
    }
}

fn breaks<T>(permitted: &[T], excluded: &[T], fits: impl Fn(&T) -> bool, hits: impl Fn(&T) -> bool) -> bool {
    !permitted.is_empty() && !permitted.iter().any(fits) || excluded.iter().any(hits)
}

/// Go's `dnsHasSuffix`: a leading dot demands at least one label more.
fn within(name: &str, constraint: &str) -> bool {
    let (name, constraint) = (name.to_ascii_lowercase(), constraint.to_ascii_lowercase());
    match name.strip_suffix(&constraint) {
        Some(rest) => {
            constraint.is_empty() || constraint.starts_with('.') || rest.is_empty() || rest.ends_with('.')
        }
        None => false,
    }
}

/// A wildcard may stand for an excluded name one label longer.
fn wild(name: &str, excluded: &str) -> bool {
    let parent = excluded.find('.').and_then(|dot| excluded.get(dot..));
    name.strip_prefix('*').zip(parent).is_some_and(|(rest, parent)| rest.eq_ignore_ascii_case(parent))
}

/// Go's `domainNameValid`.
fn is_domain(name: &str) -> bool {
    name.is_empty()
        || name.split('.').all(|label| !label.is_empty() && label.bytes().all(|b| (33..=126).contains(&b)))
}

fn is_constraint(name: &str) -> bool {
    is_domain(name.strip_prefix('.').filter(|rest| !rest.is_empty()).unwrap_or(name))
}

fn octets(address: &IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

fn contains((network, mask): &(Vec<u8>, Vec<u8>), octets: &[u8]) -> bool {
    network.len() == octets.len() && network.iter().zip(mask).zip(octets).all(|((n, m), o)| n & m == o & m)
}

impl Subtrees {
    fn read(field: &[u8], of_other_kinds: &mut bool) -> Option<Self> {
        let mut trees = Self::default();
        let mut rest = Der(field);
        while !rest.is_empty() {
            let base = Der(rest.read(SEQUENCE)?).any()?;
            match base.tag {
                0x82 => trees.dns.push(ia5(base.content).filter(|name| is_constraint(name))?),
                0x81 => trees.emails.push(ia5(base.content).filter(|c| c.contains('@') || is_constraint(c))?),
                0x86 => {
                    let domain = ia5(base.content).filter(|c| is_constraint(c))?;
                    trees.uris.push(Some(domain).filter(|d| d.parse::<IpAddr>().is_err())?);
                }
                0x87 if matches!(base.content.len(), 8 | 32) => {
                    let (network, mask) = base.content.split_at(base.content.len() / 2);
                    let bits = mask.iter().fold(0_u128, |sum, &b| sum << 8 | u128::from(b));
                    let ones = bits << (128 - mask.len() * 8);
                    (ones.leading_ones() == ones.count_ones()).then_some(())?;
                    trees.networks.push((network.to_vec(), mask.to_vec()));
                }
                0x87 => return None,
                _ => *of_other_kinds = true,
            }
        }
        Some(trees)
    }
}
