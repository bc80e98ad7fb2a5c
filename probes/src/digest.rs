//! Digests of content (OCI image specification, "Digests"): `sha256:`, `sha384:` and `sha512:`.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// The digest of some bytes, by the algorithm that another digest names; SHA-256 where it names none we know.
pub(crate) fn like(expected: Option<&str>, bytes: &[u8]) -> String {
    match expected.and_then(|d| d.split(':').next()) {
        Some("sha384") => format!("sha384:{}", hex(&Sha384::digest(bytes))),
        Some("sha512") => format!("sha512:{}", hex(&Sha512::digest(bytes))),
        _ => format!("sha256:{}", hex(&Sha256::digest(bytes))),
    }
}

/// Whether a text is a digest of an algorithm that containers use, in lower-case hex of the right length.
pub(crate) fn is_valid(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
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
