//! The hellos: what the client offers first.

use std::sync::Arc;

use rustls::{ClientConfig, NamedGroup};
use rustls_pki_types::ServerName;

use super::witness::Witness;
use crate::observation::HelloKind;

/// A protocol that no server knows, and so none chooses (RFC 7301 section 3.2), as long as what Go's hello has more than
/// ours: with it the large hello is as large as Go 1.26's (1,536 bytes for a name of 26 letters), and a middlebox that
/// drops hellos over 1,500 bytes drops it.
const FILLING: [u8; 34] = *b"pullcheck/as-large-as-go-would-be.";

/// The client for one hello. The provider is passed, never installed: the process may hold others.
pub(super) fn client(kind: HelloKind, witness: Arc<Witness>) -> Result<ClientConfig, rustls::Error> {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    if kind == HelloKind::Small {
        provider.kx_groups.retain(|group| {
            matches!(
                group.name(),
                NamedGroup::X25519 | NamedGroup::secp256r1 | NamedGroup::secp384r1 | NamedGroup::secp521r1
            )
        });
    }
    let mut client = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .dangerous()
        .with_custom_certificate_verifier(witness)
        .with_no_client_auth();
    client.alpn_protocols = vec![b"http/1.1".to_vec()];
    if kind != HelloKind::Small {
        client.alpn_protocols.push(FILLING.to_vec());
    }
    Ok(client)
}

/// A host as TLS names it: addresses without brackets, names without the final dot, as Go's `hostnameInSNI`.
pub(super) fn server_name(host: &str) -> Option<ServerName<'static>> {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    ServerName::try_from(bare.trim_end_matches('.').to_owned()).ok()
}
