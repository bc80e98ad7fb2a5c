//! Makers of certificates: authorities and servers that are as odd as a case needs them.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType, date_time_ymd,
};
use rustls_pki_types::CertificateDer;

/// A certificate and the key it is for.
pub(crate) struct Party {
    /// What the certificate says.
    pub(crate) params: CertificateParams,
    /// The key.
    pub(crate) key: KeyPair,
    /// The certificate.
    pub(crate) der: CertificateDer<'static>,
}

/// A change to what a certificate says.
pub(crate) type Edit<'a> = &'a dyn Fn(&mut CertificateParams);

/// No change.
pub(crate) fn plain(_: &mut CertificateParams) {}

/// What an authority's certificate says.
pub(crate) fn authority_params(name: &str, edit: Edit<'_>) -> CertificateParams {
    let mut params = valid(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    edit(&mut params);
    params
}

/// What a server's certificate says.
pub(crate) fn server_params(names: &[&str], edit: Edit<'_>) -> CertificateParams {
    let mut params = valid(names.first().copied().unwrap_or("server"));
    params.subject_alt_names = names.iter().map(|name| san(name)).collect();
    params.use_authority_key_identifier_extension = true;
    edit(&mut params);
    params
}

/// A subject alternative name: an address where it looks like one.
pub(crate) fn san(name: &str) -> SanType {
    match name.parse() {
        Ok(address) => SanType::IpAddress(address),
        Err(_) => SanType::DnsName(name.try_into().expect("ASCII")),
    }
}

/// Valid in 2026.
fn valid(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    between(&mut params, 2026, 2027);
    params
}

/// Valid from the start of one year to the start of another.
pub(crate) fn between(params: &mut CertificateParams, from: i32, until: i32) {
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
}

impl Party {
    /// Signed with its own key.
    pub(crate) fn self_signed(params: CertificateParams, key: KeyPair) -> Self {
        let der = params.self_signed(&key).expect("a certificate").der().clone();
        Self { params, key, der }
    }

    /// An authority that nobody vouches for.
    pub(crate) fn root(name: &str, edit: Edit<'_>) -> Self {
        Self::self_signed(authority_params(name, edit), key())
    }

    /// Signs a certificate for this key.
    pub(crate) fn sign(&self, params: CertificateParams, key: KeyPair) -> Self {
        let issuer = Issuer::from_params(&self.params, &self.key);
        let der = params.signed_by(&key, &issuer).expect("a certificate").der().clone();
        Self { params, key, der }
    }

    /// An authority below this one.
    pub(crate) fn authority(&self, name: &str, edit: Edit<'_>) -> Self {
        self.sign(authority_params(name, edit), key())
    }

    /// A server below this authority.
    pub(crate) fn server(&self, names: &[&str], edit: Edit<'_>) -> Self {
        self.sign(server_params(names, edit), key())
    }

    /// The same key once more.
    pub(crate) fn key(&self) -> KeyPair {
        KeyPair::try_from(self.key.serialized_der()).expect("the same key")
    }
}

/// A new key.
pub(crate) fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

/// Replaces bytes of a certificate, which breaks its signature where it is looked at.
pub(crate) fn patched(der: &CertificateDer<'_>, from: &[u8], to: &[u8]) -> CertificateDer<'static> {
    let mut bytes = der.to_vec();
    let mut found = false;
    for at in 0..bytes.len().saturating_sub(from.len()) {
        if bytes[at..].starts_with(from) {
            bytes.splice(at..at + from.len(), to.iter().copied());
            found = true;
        }
    }
    assert!(found, "nothing to patch");
    bytes.into()
}
