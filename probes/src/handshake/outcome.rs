//! How a handshake ended, told by types, never by text.

use std::io::{self, ErrorKind};

use rustls::{AlertDescription, Error, PeerIncompatible, ProtocolVersion};

use super::first_bytes::FirstBytes;
use crate::foreign::Foreign;
use crate::observation::HandshakeOutcome;

/// The outcome of a failed handshake whose certificate was not what failed it.
pub(super) fn outcome(error: &io::Error, first: &FirstBytes) -> HandshakeOutcome {
    if first.is_foreign() {
        return HandshakeOutcome::NotTls { http: first.is_http() };
    }
    let offered = || first.old_hello().map(str::to_owned);
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::AlertReceived(AlertDescription::ProtocolVersion)) => {
            HandshakeOutcome::TooOld { offered: offered() }
        }
        Some(Error::AlertReceived(alert)) => HandshakeOutcome::Alert { name: alert_name(*alert) },
        Some(Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        )) => HandshakeOutcome::TooOld { offered: offered() },
        // rustls may stumble over something else in an old ServerHello before it looks at the version.
        _ if first.old_hello().is_some() => HandshakeOutcome::TooOld { offered: offered() },
        // A key or a choice that Go takes and our library does not: nothing is known of the server by that.
        Some(error @ (Error::General(_) | Error::PeerIncompatible(_))) => {
            HandshakeOutcome::NotSupported { error: Foreign::new(&error.to_string()) }
        }
        Some(error) => HandshakeOutcome::Failed { error: Foreign::new(&error.to_string()) },
        None => match error.kind() {
            ErrorKind::UnexpectedEof => HandshakeOutcome::Closed,
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                HandshakeOutcome::Reset
            }
            _ => HandshakeOutcome::Failed { error: Foreign::new(&error.to_string()) },
        },
    }
}

/// How Go writes a version (`tls.VersionName`).
pub(super) fn version_name(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLS 1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLS 1.3".to_owned(),
        other => format!("{other:?}"),
    }
}

/// The name in RFC 8446 section 6, RFC 5246 section 7.2 and the IANA registry.
fn alert_name(alert: AlertDescription) -> String {
    use AlertDescription as A;
    let name = match alert {
        A::CloseNotify => "close_notify",
        A::UnexpectedMessage => "unexpected_message",
        A::BadRecordMac => "bad_record_mac",
        A::DecryptionFailed => "decryption_failed",
        A::RecordOverflow => "record_overflow",
        A::DecompressionFailure => "decompression_failure",
        A::HandshakeFailure => "handshake_failure",
        A::NoCertificate => "no_certificate",
        A::BadCertificate => "bad_certificate",
        A::UnsupportedCertificate => "unsupported_certificate",
        A::CertificateRevoked => "certificate_revoked",
        A::CertificateExpired => "certificate_expired",
        A::CertificateUnknown => "certificate_unknown",
        A::IllegalParameter => "illegal_parameter",
        A::UnknownCA => "unknown_ca",
        A::AccessDenied => "access_denied",
        A::DecodeError => "decode_error",
        A::DecryptError => "decrypt_error",
        A::ExportRestriction => "export_restriction",
        A::ProtocolVersion => "protocol_version",
        A::InsufficientSecurity => "insufficient_security",
        A::InternalError => "internal_error",
        A::InappropriateFallback => "inappropriate_fallback",
        A::UserCanceled => "user_canceled",
        A::NoRenegotiation => "no_renegotiation",
        A::MissingExtension => "missing_extension",
        A::UnsupportedExtension => "unsupported_extension",
        A::CertificateUnobtainable => "certificate_unobtainable",
        A::UnrecognisedName => "unrecognized_name",
        A::BadCertificateStatusResponse => "bad_certificate_status_response",
        A::BadCertificateHashValue => "bad_certificate_hash_value",
        A::UnknownPSKIdentity => "unknown_psk_identity",
        A::CertificateRequired => "certificate_required",
        A::NoApplicationProtocol => "no_application_protocol",
        A::EncryptedClientHelloRequired => "ech_required",
        other => return format!("alert_{}", u8::from(other)),
    };
    name.to_owned()
}
