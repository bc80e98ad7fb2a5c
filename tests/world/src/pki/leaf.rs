//! The certificate of a server, healthy or with its fault.

use rcgen::{
    BasicConstraints, CertificateParams, Error, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    SanType,
};

use super::authority::{Authority, named, valid};
use super::{DAY, Identity, Pki};
use crate::schema::Tls;

impl Pki {
    /// The identity of a server with these names.
    pub(crate) fn identity(
        &mut self,
        names: &[String],
        tls: Tls,
        issuer: Option<&str>,
    ) -> Result<Identity, Error> {
        let key = KeyPair::generate()?;
        let now = self.now;
        let params = params(names, tls, now)?;
        let chain = match tls {
            Tls::SelfSigned => vec![params.self_signed(&key)?.der().clone()],
            Tls::CaAsLeaf => {
                let own = params.self_signed(&key)?;
                self.more.push(own.pem());
                vec![own.der().clone()]
            }
            Tls::UnknownCa => {
                let stranger = Authority::root(
                    issuer.unwrap_or("Contoso TLS Inspection CA"),
                    (now - 100 * DAY, now + 1000 * DAY),
                )?;
                vec![stranger.sign(&params, &key)?, stranger.der()]
            }
            Tls::MissingIntermediate => vec![self.between.sign(&params, &key)?],
            Tls::ExpiredIntermediate => {
                let old = self.root.below("Contoso Issuing CA 0", (now - 300 * DAY, now - 3 * DAY))?;
                vec![old.sign(&params, &key)?, old.der()]
            }
            Tls::ExpiredRoot => {
                let root = Authority::root("Contoso Old Root CA", (now - 3650 * DAY, now - 3 * DAY))?;
                let between = root.below("Contoso Old Issuing CA", (now - 200 * DAY, now + 100 * DAY))?;
                self.more.push(root.pem());
                vec![between.sign(&params, &key)?, between.der()]
            }
            _ => match issuer {
                // A trusted authority with a name of the page's choosing, as a proxy's whose CA is installed.
                Some(name) => {
                    let known = self.root.below(name, (now - 100 * DAY, now + 900 * DAY))?;
                    vec![known.sign(&params, &key)?, known.der()]
                }
                None => vec![self.between.sign(&params, &key)?, self.between.der()],
            },
        };
        Ok(Identity::new(chain, &key))
    }
}

pub(super) fn params(names: &[String], tls: Tls, now: i64) -> Result<CertificateParams, Error> {
    let wrong = ["*.contoso.example".to_owned(), "contoso.example".to_owned()];
    let names = if tls == Tls::WrongName { &wrong[..] } else { names };
    let first = names.first().map_or("unnamed", String::as_str);
    let mut params = named(first);
    if tls != Tls::NoSan {
        params.subject_alt_names = names.iter().map(|name| san(name)).collect::<Result<_, _>>()?;
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![match tls {
        Tls::WrongEku => ExtendedKeyUsagePurpose::ClientAuth,
        _ => ExtendedKeyUsagePurpose::ServerAuth,
    }];
    if tls == Tls::CaAsLeaf {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages.push(KeyUsagePurpose::KeyCertSign);
    }
    let validity = match tls {
        Tls::Expired => (now - 90 * DAY, now - 3 * DAY),
        Tls::NotYetValid => (now + 3 * DAY, now + 90 * DAY),
        _ => (now - 30 * DAY, now + 60 * DAY),
    };
    valid(&mut params, validity);
    Ok(params)
}

fn san(name: &str) -> Result<SanType, Error> {
    Ok(match name.parse() {
        Ok(address) => SanType::IpAddress(address),
        Err(_) => SanType::DnsName(name.try_into()?),
    })
}
