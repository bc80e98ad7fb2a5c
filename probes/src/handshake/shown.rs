//! What is kept of a presented certificate, tolerant of what is in it.

use std::net::IpAddr;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::verify::MOST_NAMES;
use crate::foreign::Foreign;
use crate::observation::Certificate;

/// The facts of a certificate; one that cannot be read has the subject `unreadable`.
pub(super) fn shown(der: &CertificateDer<'_>) -> Certificate {
    let sha256 = Sha256::digest(der.as_ref()).iter().map(|byte| format!("{byte:02x}")).collect();
    let Ok((_, x509)) = X509Certificate::from_der(der) else {
        return Certificate {
            subject: Foreign::new("unreadable"),
            issuer: Foreign::default(),
            names: Vec::new(),
            not_before: Timestamp::UNIX_EPOCH,
            not_after: Timestamp::UNIX_EPOCH,
            sha256,
        };
    };
    let names = x509.subject_alternative_name().ok().flatten();
    Certificate {
        subject: Foreign::new(&x509.subject().to_string()),
        issuer: Foreign::new(&x509.issuer().to_string()),
        names: names
            .map(|names| names.value.general_names.iter().take(MOST_NAMES).map(name).collect())
            .unwrap_or_default(),
        not_before: at(x509.validity().not_before),
        not_after: at(x509.validity().not_after),
        sha256,
    }
}

fn name(name: &GeneralName<'_>) -> Foreign {
    match name {
        GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) => {
            Foreign::new(text)
        }
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let address = v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            Foreign::new(&address.map(|a| a.to_string()).unwrap_or_else(|_| name_debug(bytes)))
        }
        other => Foreign::new(&other.to_string()),
    }
}

fn name_debug(bytes: &[u8]) -> String {
    format!("address of {} bytes", bytes.len())
}

/// A date of a certificate; the end of the calendar, which certificates without an end name (RFC 5280 section 4.1.2.5),
/// lies a day after the latest time that we can hold.
pub(super) fn at(time: x509_parser::time::ASN1Time) -> Timestamp {
    let end = if time.timestamp() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(time.timestamp()).unwrap_or(end)
}
