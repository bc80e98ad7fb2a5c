//! The extensions of a certificate, read as `processExtensions` of Go's `crypto/x509/parser.go` reads them.
//!
//! Policies (RFC 5280 6.1.2) are not evaluated: Go refuses a chain for them only when a certificate of it demands an
//! explicit policy, which the authorities of the web do not.

use std::net::IpAddr;

use super::constraints::Constraints;
use super::der::{Der, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};

/// `id-kp-serverAuth`.
const SERVER_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
/// `anyExtendedKeyUsage`.
const ANY_USAGE: &[u8] = &[0x55, 0x1d, 0x25, 0x00];
/// `id-pe-authorityInfoAccess`.
const INFO_ACCESS: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01];

/// The subject alternative names.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// The value of the extension, for comparisons.
    pub(super) raw: Vec<u8>,
    /// Host names.
    pub(super) dns: Vec<String>,
    /// Mail addresses.
    pub(super) emails: Vec<String>,
    /// Addresses.
    pub(super) addresses: Vec<IpAddr>,
    /// URIs.
    pub(super) uris: Vec<String>,
}

/// What Go keeps of the extensions.
#[derive(Clone, Debug, Default)]
pub(super) struct Extensions {
    /// `cA` of the basic constraints, where these exist.
    pub(super) authority: Option<bool>,
    /// The longest chain of intermediates below it.
    pub(super) path_length: Option<usize>,
    /// Whether it may sign certificates, where a key usage with any bit set exists.
    pub(super) may_sign: Option<bool>,
    /// Whether it is good for servers, where extended key usages exist.
    pub(super) for_servers: Option<bool>,
    /// The subject alternative names, where the extension exists.
    pub(super) names: Option<Names>,
    /// The name constraints, where they exist.
    pub(super) constraints: Option<Constraints>,
    /// Whether a critical extension is none of those that Go handles.
    pub(super) unhandled_critical: bool,
}

impl Extensions {
    /// Reads the content of the `extensions` field; the error says what Go refuses.
    pub(super) fn read(field: &[u8]) -> Result<Self, &'static str> {
        const MALFORMED: &str = "malformed extension";
        let mut all = Self::default();
        let mut list = Der(Der(field).read(SEQUENCE).ok_or("malformed extensions")?);
        let mut seen = Vec::new();
        while !list.is_empty() {
            let mut extension = Der(list.read(SEQUENCE).ok_or(MALFORMED)?);
            let id = extension.read(OBJECT_IDENTIFIER).ok_or(MALFORMED)?;
            let critical = match extension.0.first() {
                Some(&super::der::BOOLEAN) => extension.boolean().ok_or(MALFORMED)?,
                _ => false,
            };
            let value = extension.read(OCTET_STRING).ok_or(MALFORMED)?;
            if seen.contains(&id) {
                return Err("duplicate extension");
            }
            seen.push(id);
            let handled = all.take(id, value, critical)?;
            all.unhandled_critical |= critical && !handled;
        }
        Ok(all)
    }

    fn take(&mut self, id: &[u8], value: &[u8], critical: bool) -> Result<bool, &'static str> {
        match id {
            [0x55, 0x1d, 15] => self.take_key_usage(value).ok_or("invalid key usage")?,
            [0x55, 0x1d, 19] => self.take_basic_constraints(value).ok_or("invalid basic constraints")?,
            [0x55, 0x1d, 17] => {
                let names = Names::read(value).ok_or("malformed subject alternative name")?;
                let any = !(names.dns.is_empty()
                    && names.emails.is_empty()
                    && names.addresses.is_empty()
                    && names.uris.is_empty());
                self.names = Some(names);
                return Ok(any);
            }
            [0x55, 0x1d, 30] => {
                let constraints = Constraints::read(value).ok_or("invalid name constraints")?;
                let handled = !constraints.of_other_kinds;
                self.constraints = Some(constraints);
                return Ok(handled);
            }
            [0x55, 0x1d, 37] => self.take_usages(value).ok_or("invalid extended key usages")?,
            [0x55, 0x1d, 35] if critical => return Err("authority key identifier marked critical"),
            [0x55, 0x1d, 14] if critical => return Err("subject key identifier marked critical"),
            INFO_ACCESS if critical => return Err("authority info access marked critical"),
            [0x55, 0x1d, 14 | 31 | 32 | 33 | 35 | 36 | 54] => {}
            INFO_ACCESS => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn take_key_usage(&mut self, value: &[u8]) -> Option<()> {
        let bits = Der(value).read(super::der::BIT_STRING)?.get(1..)?;
        let sign = bits.first().is_some_and(|byte| byte & 0x04 != 0);
        let any =
            bits.first().is_some_and(|byte| *byte != 0) || bits.get(1).is_some_and(|byte| byte & 0x80 != 0);
        self.may_sign = any.then_some(sign);
        Some(())
    }

    fn take_basic_constraints(&mut self, value: &[u8]) -> Option<()> {
        let mut inside = Der(Der(value).read(SEQUENCE)?);
        let authority = match inside.0.first() {
            Some(&super::der::BOOLEAN) => inside.boolean()?,
            _ => false,
        };
        if inside.0.first() == Some(&INTEGER) {
            let bytes = inside.integer().filter(|bytes| bytes.first().is_some_and(|b| b & 0x80 == 0))?;
            self.path_length = Some(
                bytes.iter().fold(0_usize, |sum, &b| sum.saturating_mul(256).saturating_add(usize::from(b))),
            );
        }
        self.authority = Some(authority);
        Some(())
    }

    fn take_usages(&mut self, value: &[u8]) -> Option<()> {
        let mut inside = Der(Der(value).read(SEQUENCE)?);
        while !inside.is_empty() {
            let usage = inside.read(OBJECT_IDENTIFIER)?;
            self.for_servers =
                Some(self.for_servers == Some(true) || usage == SERVER_AUTH || usage == ANY_USAGE);
        }
        Some(())
    }
}

impl Names {
    /// Go's `parseSANExtension`; `None` where Go refuses the certificate.
    fn read(value: &[u8]) -> Option<Self> {
        let mut names = Self { raw: value.to_vec(), ..Self::default() };
        let mut inside = Der(Der(value).read(SEQUENCE)?);
        while !inside.is_empty() {
            let name = inside.any()?;
            match name.tag {
                0x81 => names.emails.push(ia5(name.content)?),
                0x82 => names.dns.push(ia5(name.content)?),
                0x86 => names.uris.push(ia5(name.content)?),
                0x87 => names.addresses.push(match name.content.len() {
                    4 => IpAddr::from(<[u8; 4]>::try_from(name.content).ok()?),
                    16 => IpAddr::from(<[u8; 16]>::try_from(name.content).ok()?),
                    _ => return None,
                }),
                _ => {}
            }
        }
        Some(names)
    }
}

/// An IA5String, which is ASCII.
pub(super) fn ia5(bytes: &[u8]) -> Option<String> {
    bytes.is_ascii().then(|| String::from_utf8_lossy(bytes).into_owned())
}
