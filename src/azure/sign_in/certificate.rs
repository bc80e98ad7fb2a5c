//! A certificate: an assertion that its key signs (PS256, with the certificate's SHA-256), as Microsoft Entra documents it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use probes::secret::Secret;
use rustls::SignatureScheme;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::workload::read;
use super::{during, entra};
use crate::azure::trouble;
use crate::case::azure::{Trouble, TroubleKind, Way};

/// How long an assertion counts, in seconds.
const LIFE: i64 = 600;

/// An assertion for one request.
pub(super) fn assertion(
    path: &Path,
    login: &Url,
    (tenant, client): (&str, &str),
    clock: fn() -> Timestamp,
) -> Result<Secret<String>, Box<Trouble>> {
    signed(path, &entra::endpoint(login, tenant), client, clock).map_err(|why| {
        let told = format!("AZURE_CLIENT_CERTIFICATE_PATH '{}' {why}", path.display());
        Box::new(trouble::of(TroubleKind::NoSignIn, during(Way::Certificate), told))
    })
}

fn signed(
    path: &Path,
    endpoint: &Url,
    client: &str,
    clock: fn() -> Timestamp,
) -> Result<Secret<String>, String> {
    let text = read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => {
            "is no PEM file; a PKCS#12 file is converted with 'openssl pkcs12'".to_owned()
        }
        _ => format!("cannot be read: {error}"),
    })?;
    let certificate = CertificateDer::from_pem_slice(text.as_bytes())
        .map_err(|_| "holds no certificate in PEM".to_owned())?;
    // The parser's words may quote what stands there.
    let key = PrivateKeyDer::from_pem_slice(text.as_bytes())
        .map_err(|_| "holds no private key in PEM that is not encrypted".to_owned())?;
    let now = clock();
    let seconds = now.as_second();
    let head = serde_json::json!({
        "alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate)),
    });
    let claims = serde_json::json!({
        "aud": endpoint.as_str(), "iss": client, "sub": client, "jti": once(now),
        "nbf": seconds, "iat": seconds, "exp": seconds + LIFE,
    });
    let encoded = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encoded(&head), encoded(&claims));
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let key = provider
        .key_provider
        .load_private_key(key)
        .map_err(|_| "holds a private key of no known kind".to_owned())?;
    let signer = key
        .choose_scheme(&[SignatureScheme::RSA_PSS_SHA256])
        .ok_or("holds a key that is no RSA key, which Microsoft Entra does not take")?;
    let signature =
        signer.sign(message.as_bytes()).map_err(|_| "holds a key that does not sign".to_owned())?;
    Ok(Secret::new(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))))
}

/// An id that no other assertion has.
fn once(now: Timestamp) -> String {
    use std::hash::{BuildHasher as _, RandomState};
    let random = || RandomState::new().hash_one(now.as_nanosecond());
    format!("{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_assertion_is_signed_by_the_certificates_key() {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("a key");
        let parameters = rcgen::CertificateParams::new(vec!["ops.contoso.com".to_owned()]).expect("a name");
        let certificate = parameters.self_signed(&key).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ops.pem");
        std::fs::write(&path, format!("{}{}", certificate.pem(), key.serialize_pem())).expect("a file");
        let login = Url::parse("https://login.microsoftonline.com").expect("an address");
        let assertion = assertion(&path, &login, ("T", "C"), || Timestamp::UNIX_EPOCH).expect("an assertion");
        let parts: Vec<&str> = assertion.expose().split('.').collect();
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("base64");
        let read = |part: &str| serde_json::from_slice::<serde_json::Value>(&decoded(part)).expect("JSON");
        let (head, claims) = (read(parts[0]), read(parts[1]));
        assert_eq!((&head["alg"], &head["typ"]), (&"PS256".into(), &"JWT".into()));
        assert_eq!(
            decoded(head["x5t#S256"].as_str().expect("text")),
            Sha256::digest(certificate.der()).as_slice()
        );
        assert_eq!(claims["aud"], "https://login.microsoftonline.com/T/oauth2/v2.0/token");
        assert_eq!((&claims["iss"], &claims["sub"], &claims["exp"]), (&"C".into(), &"C".into(), &600.into()));
        let algorithms = rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms;
        let (_, known) = algorithms
            .mapping
            .iter()
            .find(|(scheme, _)| *scheme == SignatureScheme::RSA_PSS_SHA256)
            .expect("the algorithm");
        let message = format!("{}.{}", parts[0], parts[1]);
        let public = key.public_key_raw();
        let holds = |message: &str| {
            known
                .iter()
                .any(|one| one.verify_signature(public, message.as_bytes(), &decoded(parts[2])).is_ok())
        };
        assert!(holds(&message) && !holds(&format!("{message}x")));
        let again = super::assertion(&path, &login, ("T", "C"), || Timestamp::UNIX_EPOCH).expect("another");
        assert_ne!(again.expose(), assertion.expose(), "each counts once");
    }
}
