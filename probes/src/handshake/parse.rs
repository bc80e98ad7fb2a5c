//! A certificate as Go's `crypto/x509` reads it. In a handshake Go refuses the whole chain when any certificate of it
//! is one that its parser does not take, so what the parser refuses matters as much as what it finds.

use jiff::Timestamp;
use rustls_pki_types::TrustAnchor;
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};

use super::constraints::Constraints;
use super::der::{Der, SEQUENCE};
use super::extensions::Extensions;
use super::key::Key;
use super::shown::at;

/// One certificate, or an authority of which only name and key are known.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    /// The certificate; empty for a bare authority.
    pub(super) der: Vec<u8>,
    /// The subject in DER.
    pub(super) subject: Vec<u8>,
    /// The issuer in DER.
    pub(super) issuer: Vec<u8>,
    /// The subject for people.
    pub(super) subject_text: String,
    /// The issuer for people.
    pub(super) issuer_text: String,
    /// The SubjectPublicKeyInfo in DER.
    pub(super) key_info: Vec<u8>,
    /// The same in its parts.
    pub(super) key: Key,
    /// Valid from.
    pub(super) not_before: Timestamp,
    /// Valid until, this second included.
    pub(super) not_after: Timestamp,
    /// 1, 2 or 3.
    pub(super) version: u8,
    /// The extensions.
    pub(super) extensions: Extensions,
    signed: Vec<u8>,
    signature_algorithm: Vec<u8>,
    signature: Vec<u8>,
}

impl Parsed {
    /// Reads a certificate as Go's `ParseCertificate`; the error says why Go refuses it.
    pub(super) fn read(der: &[u8]) -> Result<Self, &'static str> {
        const MALFORMED: &str = "malformed certificate";
        let mut outer = Der(der);
        let mut certificate = Der(outer.read(SEQUENCE).ok_or(MALFORMED)?);
        if !outer.is_empty() {
            return Err("trailing data");
        }
        let signed = certificate.element(SEQUENCE).ok_or(MALFORMED)?;
        let signature_algorithm = certificate.read(SEQUENCE).ok_or(MALFORMED)?;
        let signature = certificate.bit_string().ok_or(MALFORMED)?;

        let mut fields = Der(signed.content);
        let version = match fields.optional(0xa0).ok_or("malformed version")? {
            None => 1,
            Some(inside) => match Der(inside).integer() {
                Some([number @ 0..=2]) => number + 1,
                _ => return Err("invalid version"),
            },
        };
        let serial = fields.integer().ok_or("malformed serial number")?;
        if serial.first().is_some_and(|byte| byte & 0x80 != 0) {
            return Err("negative serial number");
        }
        if fields.read(SEQUENCE).ok_or(MALFORMED)? != signature_algorithm {
            return Err("inner and outer signature algorithm identifiers don't match");
        }
        let issuer = fields.element(SEQUENCE).ok_or("malformed issuer")?.whole;
        fields.read(SEQUENCE).ok_or("malformed validity")?;
        let subject = fields.element(SEQUENCE).ok_or("malformed subject")?.whole;
        let key_info = fields.element(SEQUENCE).ok_or("malformed public key")?.whole;
        let key = Key::read(key_info)?;
        let extensions = match version {
            3 => {
                // issuerUniqueID and subjectUniqueID, primitive or not.
                while matches!(fields.0.first(), Some(0x81 | 0xa1 | 0x82 | 0xa2)) {
                    fields.any().ok_or("malformed unique identifier")?;
                }
                match fields.optional(0xa3).ok_or("malformed extensions")? {
                    Some(field) => Extensions::read(field)?,
                    None => Extensions::default(),
                }
            }
            _ => Extensions::default(),
        };

        let (_, x509) = X509Certificate::from_der(der).map_err(|_| MALFORMED)?;
        for name in [x509.issuer(), x509.subject()] {
            check_strings(name)?;
        }
        Ok(Self {
            der: der.to_vec(),
            subject: subject.to_vec(),
            issuer: issuer.to_vec(),
            subject_text: x509.subject().to_string(),
            issuer_text: x509.issuer().to_string(),
            key_info: key_info.to_vec(),
            key,
            not_before: at(x509.validity().not_before),
            not_after: at(x509.validity().not_after),
            version,
            extensions,
            signed: signed.whole.to_vec(),
            signature_algorithm: signature_algorithm.to_vec(),
            signature: signature.to_vec(),
        })
    }

    /// A compiled-in authority; it has no dates and no extensions but its name constraints.
    pub(super) fn authority(anchor: &TrustAnchor<'_>) -> Option<Self> {
        let subject = sequence(anchor.subject.as_ref())?;
        let key_info = sequence(anchor.subject_public_key_info.as_ref())?;
        let subject_text = X509Name::from_der(&subject).map(|(_, name)| name.to_string()).unwrap_or_default();
        let constraints = match &anchor.name_constraints {
            Some(inside) => Some(Constraints::read(&sequence(inside.as_ref())?)?),
            None => None,
        };
        Some(Self {
            der: Vec::new(),
            issuer: subject.clone(),
            issuer_text: subject_text.clone(),
            key: Key::read(&key_info).ok()?,
            subject,
            subject_text,
            key_info,
            not_before: Timestamp::MIN,
            not_after: Timestamp::MAX,
            // Only from version 3 on does Go demand basic constraints of an authority.
            version: 1,
            extensions: Extensions { constraints, ..Extensions::default() },
            signed: Vec::new(),
            signature_algorithm: Vec::new(),
            signature: Vec::new(),
        })
    }

    /// Whether it is within its validity, both bounds included.
    pub(super) fn is_valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// Go's `CheckSignatureFrom`; the error says what is wrong.
    pub(super) fn check_signed_by(&self, parent: &Self) -> Result<(), String> {
        let authority = parent.extensions.authority;
        if authority == Some(false) || authority.is_none() && parent.version == 3 {
            return Err("it is no certificate authority".to_owned());
        }
        if parent.extensions.may_sign == Some(false) {
            return Err("its key usage does not allow it to sign certificates".to_owned());
        }
        parent.key.verify(&self.signature_algorithm, &self.signed, &self.signature)
    }
}

/// Go's `parseASN1String`: some private authorities write characters that their string type does not have.
fn check_strings(name: &X509Name<'_>) -> Result<(), &'static str> {
    for attribute in name.iter_attributes() {
        let value = attribute.as_slice();
        let fine = match attribute.attr_value().tag().0 {
            12 => std::str::from_utf8(value).is_ok(),
            18 => value.iter().all(|b| b.is_ascii_digit() || *b == b' '),
            19 => value.iter().all(|b| b.is_ascii_alphanumeric() || b" '()+,-./:=?*&".contains(b)),
            20 => true,
            22 => value.is_ascii(),
            30 => value.len().is_multiple_of(2) && value.chunks_exact(2).all(is_plain_ucs2),
            _ => false,
        };
        if !fine {
            return Err("invalid string in a name");
        }
    }
    Ok(())
}

fn is_plain_ucs2(pair: &[u8]) -> bool {
    let point = pair.iter().fold(0_u16, |sum, &b| sum << 8 | u16::from(b));
    !matches!(point, 0xfffe | 0xffff | 0xfdd0..=0xfdef | 0xd800..=0xdfff)
}

/// A SEQUENCE with this content.
fn sequence(content: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(content.len()).ok()?;
    let [high, low] = length.to_be_bytes();
    let mut whole = match length {
        0..=0x7f => vec![SEQUENCE, low],
        0x80..=0xff => vec![SEQUENCE, 0x81, low],
        _ => vec![SEQUENCE, 0x82, high, low],
    };
    whole.extend_from_slice(content);
    Some(whole)
}
