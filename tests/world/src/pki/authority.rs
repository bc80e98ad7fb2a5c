//! A certificate authority.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, Error, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls_pki_types::CertificateDer;

/// An authority: its certificate and what signs with it.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// One that is its own issuer.
    pub(super) fn root(name: &str, validity: (i64, i64)) -> Result<Self, Error> {
        Self::root_with(name, validity, KeyPair::generate()?)
    }

    /// One that is its own issuer, with this key.
    pub(super) fn root_with(name: &str, validity: (i64, i64), key: KeyPair) -> Result<Self, Error> {
        CertifiedIssuer::self_signed(params(name, validity), key).map(Self)
    }

    /// One below this.
    pub(super) fn below(&self, name: &str, validity: (i64, i64)) -> Result<Self, Error> {
        CertifiedIssuer::signed_by(params(name, validity), KeyPair::generate()?, &self.0).map(Self)
    }

    /// A certificate of its making.
    pub(super) fn sign(
        &self,
        params: &CertificateParams,
        key: &KeyPair,
    ) -> Result<CertificateDer<'static>, Error> {
        Ok(params.signed_by(key, &self.0)?.der().clone())
    }

    /// Its certificate.
    pub(super) fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// Its key as PEM.
    pub(super) fn key_pem(&self) -> String {
        self.0.key().serialize_pem()
    }

    /// Its certificate as PEM.
    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }
}

fn params(name: &str, validity: (i64, i64)) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut params, validity);
    params
}

/// Parameters with a common name and nothing else.
pub(super) fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    params
}

/// Sets the validity, in seconds since 1970.
pub(super) fn valid(params: &mut CertificateParams, (from, until): (i64, i64)) {
    let second = |at: i64| Duration::from_secs(u64::try_from(at).unwrap_or(0));
    params.not_before = date_time_ymd(1970, 1, 1) + second(from);
    params.not_after = date_time_ymd(1970, 1, 1) + second(until);
}
