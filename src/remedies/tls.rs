//! Fixes for handshakes and certificates.

use super::{Advice, Names, say, wire};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    let host = names.the_host();
    match id {
        causes::TlsHandshakeTimeout => say(
            format!(
                "Try again; if it stays, make the route to {host} symmetric or take it out of TLS inspection."
            ),
            [wire::small_hello(names)],
        ),
        causes::TlsLargeHelloDropped => say(
            "Have the firewall or NAT device on the way put a TLS hello together from several segments; update or bypass it.",
            [wire::large_hello(names), wire::small_hello(names)],
        ),
        causes::TlsUnknownAuthority => say(
            format!(
                "Install the authority that signed {host} on every node, or have the server send its whole chain."
            ),
            [wire::chain(names)],
        ),
        causes::TlsInterceptingProxy => say(
            format!(
                "Take {host} out of TLS inspection, or install the inspecting device's authority on every node."
            ),
            [wire::chain(names)],
        ),
        causes::TlsHostnameMismatch => say(
            format!(
                "Use a name that the certificate holds, or correct the record that leads {host} to another server."
            ),
            [wire::chain(names), wire::dig(names)],
        ),
        causes::TlsCertificateNoSan => say(
            format!("Issue the certificate again with {host} as a subject alternative name."),
            [wire::chain(names)],
        ),
        causes::TlsCertificateExpired => say(
            format!("Renew the certificate of {host} and restart what serves it."),
            [wire::chain(names), wire::headers(names)],
        ),
        causes::TlsProtocolTooOld => say(
            format!(
                "Turn on TLS 1.2 at {host}, or update the device in between that speaks older versions only."
            ),
            [wire::handshake_version(names, "-tls1_2"), wire::handshake_version(names, "-tls1_1")],
        ),
        causes::PlainHttpRegistry => say(
            format!(
                "Give {host} a certificate; or declare it as plain HTTP in the runtime's hosts.toml on every node."
            ),
            [wire::plain_reply(names)],
        ),
        causes::HttpsRegistryOnHttp => say(
            format!("Write https for {host} in the runtime's hosts.toml on every node."),
            [wire::reply(names)],
        ),
        _ => None,
    }
}
