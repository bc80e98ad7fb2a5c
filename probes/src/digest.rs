//! Digests of content (OCI image specification, "Digests"): `sha256:` and `sha512:`.

use sha2::{Digest as _, Sha256, Sha512};

/// The digest of some bytes, by the algorithm that another digest names; SHA-256 where it names none we know.
pub(crate) fn like(expected: Option<&str>, bytes: &[u8]) -> String {
    match expected.and_then(|d| d.split(':').next()) {
        Some("sha512") => format!("sha512:{}", hex(&Sha512::digest(bytes))),
        _ => format!("sha256:{}", hex(&Sha256::digest(bytes))),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_its_well_known_digest() {
        let empty = like(None, b"");
        assert_eq!(empty, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert!(like(Some("sha512:00"), b"").starts_with("sha512:cf83e1357eefb8bd"));
    }
}
