//! Tokens of three parts, signed with a key that nobody but the world has.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const HEAD: &str = r#"{"typ":"JWT","alg":"HS256","x5t":"d29ybGQta2V5LTEtb2YtdGhl","kid":"world-key-1"}"#;
const KEY: &[u8] = b"the key with which a world on loopback signs its tokens";
/// The block of SHA-256.
const BLOCK: usize = 64;

/// A token with these claims.
pub(super) fn signed(claims: &Value) -> String {
    let [head, body] = [HEAD.to_owned(), claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
    let text = format!("{head}.{body}");
    let signature = URL_SAFE_NO_PAD.encode(hmac(KEY, text.as_bytes()));
    format!("{text}.{signature}")
}

/// The claims of a token of ours.
pub(super) fn verified(token: &str) -> Option<Value> {
    let (text, signature) = token.rsplit_once('.')?;
    if URL_SAFE_NO_PAD.decode(signature).ok()? != hmac(KEY, text.as_bytes()) {
        return None;
    }
    unsigned(token).map(|(_, claims)| claims)
}

/// Head and claims of anybody's token; the signature is not looked at.
pub(crate) fn unsigned(token: &str) -> Option<(Value, Value)> {
    let mut parts = token.split('.');
    let mut part = || serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok();
    let (head, claims) = (part()?, part()?);
    (parts.count() == 1).then_some((head, claims))
}

/// HMAC with SHA-256 (RFC 2104), for a key that is shorter than a block.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let padded = |with: u8| {
        let mut block = [with; BLOCK];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // RFC 4231, test case 2.
        let hex: String =
            hmac(b"Jefe", b"what do ya want for nothing?").iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_token_is_read_back_and_a_changed_one_is_not() {
        let claims = serde_json::json!({"aud": "https://a", "exp": 1});
        let token = signed(&claims);
        assert_eq!(verified(&token), Some(claims));
        let forged = token.replacen('.', ".e30x", 1);
        assert_eq!(verified(&forged), None);
        assert_eq!(verified("no token"), None);
    }
}
