//! Public keys and signatures (RFC 5280 4.1.2.7), verified by the algorithms of the TLS provider.

use rustls::crypto::WebPkiSupportedAlgorithms;

use super::der::{Der, OBJECT_IDENTIFIER, SEQUENCE};

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// secp224r1, prime256v1, secp384r1, secp521r1, with their tag: the curves that Go knows.
const CURVES: [&[u8]; 4] = [
    &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x21],
    &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
    &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
    &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23],
];
/// Above this Go's `crypto/tls` refuses a certificate (`defaultMaxRSAKeySize`).
const RSA_MOST_BITS: usize = 8192;
/// Below this the provider verifies nothing; Go's bound is 1024.
const RSA_LEAST_BITS: usize = 2048;

/// How a reason ends that is our library's and not Go's.
pub(super) const CANNOT_VERIFY: &str = ", which pullcheck cannot verify";

/// What a key is for, as far as Go's TLS can use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// RSA, with the size of its modulus in bits.
    Rsa(usize),
    /// ECDSA on one of the four NIST curves.
    Ec,
    /// Ed25519.
    Ed25519,
    /// One that Go cannot verify with.
    Other,
}

/// A SubjectPublicKeyInfo in its parts.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// The algorithm identifier without its tag, as `SignatureVerificationAlgorithm` compares it.
    algorithm: Vec<u8>,
    bits: Vec<u8>,
    /// What it can be used for.
    pub(super) kind: KeyKind,
}

impl Key {
    /// Reads a SubjectPublicKeyInfo as Go's `parsePublicKey` does; the error says what Go refuses.
    pub(super) fn read(info: &[u8]) -> Result<Self, &'static str> {
        const MALFORMED: &str = "malformed public key";
        let mut inside = Der(Der(info).read(SEQUENCE).ok_or(MALFORMED)?);
        let algorithm = inside.read(SEQUENCE).ok_or(MALFORMED)?;
        let bits = inside.bit_string().ok_or(MALFORMED)?;
        let mut parts = Der(algorithm);
        let kind = match (parts.read(OBJECT_IDENTIFIER).ok_or(MALFORMED)?, parts.0) {
            (RSA, [0x05, 0x00]) => KeyKind::Rsa(modulus_bits(bits).ok_or("invalid RSA public key")?),
            (RSA, _) => return Err("RSA key missing NULL parameters"),
            (EC, curve) if CURVES.contains(&curve) => match bits.first() {
                Some(4) => KeyKind::Ec,
                _ => return Err("elliptic curve point that is not uncompressed"),
            },
            (EC, _) => return Err("unsupported elliptic curve"),
            (ED25519, []) if bits.len() == 32 => KeyKind::Ed25519,
            (ED25519, _) => return Err("invalid Ed25519 public key"),
            _ => KeyKind::Other,
        };
        if matches!(kind, KeyKind::Rsa(size) if size > RSA_MOST_BITS) {
            return Err("RSA key larger than 8192 bits");
        }
        Ok(Self { algorithm: algorithm.to_vec(), bits: bits.to_vec(), kind })
    }

    /// Why its signatures cannot be verified here, though Go verifies them.
    pub(super) fn cannot_be_verified(&self) -> Option<String> {
        match self.kind {
            KeyKind::Rsa(size) if size < RSA_LEAST_BITS => {
                Some(format!("an RSA key of {size} bits{CANNOT_VERIFY}"))
            }
            _ => None,
        }
    }

    /// Verifies a signature; `algorithm` is the content of its AlgorithmIdentifier. SHA-1 and MD5 are not among the
    /// provider's algorithms, and Go refuses them.
    pub(super) fn verify(&self, algorithm: &[u8], message: &[u8], signature: &[u8]) -> Result<(), String> {
        let mut fitting = algorithms()
            .all
            .iter()
            .filter(|known| known.signature_alg_id().as_ref() == algorithm)
            .filter(|known| known.public_key_alg_id().as_ref() == self.algorithm.as_slice())
            .peekable();
        if self.kind == KeyKind::Other {
            return Err("signed with an algorithm that Go does not know".to_owned());
        }
        if let Some(why) = self.cannot_be_verified() {
            return Err(format!("signed with {why}"));
        }
        if fitting.peek().is_none() {
            return Err("signed with an algorithm that is insecure, unknown or not the key's".to_owned());
        }
        match fitting.any(|known| known.verify_signature(&self.bits, message, signature).is_ok()) {
            true => Ok(()),
            false => Err("signature does not verify".to_owned()),
        }
    }

    /// Verifies the signature in a TLS 1.2 handshake, where the scheme does not fix the curve (RFC 8422 5.10).
    pub(super) fn verify_tls12(
        &self,
        scheme: rustls::SignatureScheme,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        algorithms().mapping.iter().filter(|(known, _)| *known == scheme).flat_map(|(_, all)| *all).any(
            |known| {
                known.public_key_alg_id().as_ref() == self.algorithm.as_slice()
                    && known.verify_signature(&self.bits, message, signature).is_ok()
            },
        )
    }
}

/// The provider's signature algorithms.
pub(super) fn algorithms() -> WebPkiSupportedAlgorithms {
    rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms
}

fn modulus_bits(key: &[u8]) -> Option<usize> {
    let mut inside = Der(Der(key).read(SEQUENCE)?);
    let modulus = inside.integer()?;
    inside.integer()?;
    let magnitude = modulus.strip_prefix(&[0]).unwrap_or(modulus);
    let first = *magnitude.first().filter(|_| modulus.first().is_some_and(|byte| byte & 0x80 == 0))?;
    Some(magnitude.len() * 8 - usize::try_from(first.leading_zeros()).ok()?)
}
