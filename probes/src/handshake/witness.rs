//! What rustls asks when it has the server's certificate: keeps the chain and the verdict, so that both are known
//! however the handshake ends.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::verify_tls13_signature_with_raw_key;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};

use super::key::algorithms;
use super::parse::Parsed;
use super::verify::{Trusted, certificate_problem};
use crate::observation::CertificateProblem;

/// Whether the certificate decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// The handshake ends where Go would end it.
    AsGo,
    /// Any certificate will do. *Only* for connections over which no credential can ever go, or where the node's own
    /// settings want it so.
    Anyone,
}

/// What the server presented.
pub(super) struct Presented {
    /// Its chain, its own certificate first.
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// Why Go would not accept it; not looked for under [`Trust::Anyone`].
    pub(super) problem: Option<CertificateProblem>,
}

/// The verifier of one handshake.
pub(super) struct Witness {
    /// The name or address that the certificate must be for.
    pub(super) host: String,
    /// The authorities.
    pub(super) trusted: Arc<Trusted>,
    /// The present time.
    pub(super) clock: fn() -> Timestamp,
    /// Whether the certificate decides.
    pub(super) trust: Trust,
    /// What was presented, once it was.
    pub(super) presented: OnceLock<Presented>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness")
            .field("host", &self.host)
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}

fn refused() -> Error {
    CertificateError::ApplicationVerificationFailure.into()
}

/// A certificate whose key's signatures can be verified here; Go takes weaker ones.
fn verifiable(certificate: &CertificateDer<'_>) -> Result<Parsed, Error> {
    let parsed = Parsed::read(certificate).map_err(|_| refused())?;
    match parsed.key.cannot_be_verified() {
        Some(why) => Err(Error::General(why)),
        None => Ok(parsed),
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain: Vec<_> =
            std::iter::once(end_entity).chain(intermediates).map(|der| der.clone().into_owned()).collect();
        let problem = match self.trust {
            Trust::AsGo => certificate_problem(&chain, &self.host, (self.clock)(), &self.trusted),
            Trust::Anyone => None,
        };
        let verdict = if problem.is_some() { Err(refused()) } else { Ok(ServerCertVerified::assertion()) };
        // Renegotiation does not exist, so this is the only chain.
        let _ = self.presented.set(Presented { chain, problem });
        verdict
    }

    // rustls' own functions parse the certificate with webpki, which refuses some that Go takes (critical policies);
    // so the key is taken out here.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.trust == Trust::Anyone {
            return Ok(HandshakeSignatureValid::assertion());
        }
        let parsed = verifiable(certificate)?;
        match parsed.key.verify_tls12(signed.scheme, message, signed.signature()) {
            true => Ok(HandshakeSignatureValid::assertion()),
            false => Err(CertificateError::BadSignature.into()),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.trust == Trust::Anyone {
            return Ok(HandshakeSignatureValid::assertion());
        }
        let parsed = verifiable(certificate)?;
        let key = SubjectPublicKeyInfoDer::from(parsed.key_info.as_slice());
        verify_tls13_signature_with_raw_key(message, &key, signed, &algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        algorithms().supported_schemes()
    }
}
