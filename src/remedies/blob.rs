//! Fixes for the hosts of the layers and the bytes that come from them.

use super::{Advice, Names, azure, image, say, wire};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    let host = names.the_host();
    let registry = names.the_registry();
    match id {
        causes::BlobEndpointBlocked => say(
            format!(
                "Let this place reach {host}, which holds the layers: its name, TCP port {}, and TLS unchanged on the way.",
                names.port()
            ),
            [azure::acr_endpoints(names), wire::dig(names), wire::dial(names)],
        ),
        causes::BlobSasRejected => say(
            format!(
                "Keep proxies from caching or altering redirects to {host}, and see that this clock is right."
            ),
            [wire::headers(names)],
        ),
        causes::RedirectTargetRefused => say(
            format!("Have {registry} name its public https address as its realm and for its layers."),
            [wire::reply(names)],
        ),
        causes::AcrCmkKeyUnavailable => say(
            format!("Restore the key that encrypts {registry}, or its identity's access to the key."),
            [azure::acr_encryption(names)],
        ),
        causes::LayerDigestMismatch => say(
            format!(
                "Purge the copy in the proxy or mirror on the way to {host}; if every place gets it wrong, push again."
            ),
            [image::manifest(names)],
        ),
        causes::PullProgressTimeout => say(
            format!(
                "Try again; then take {host} out of content scanning, or mend the line or its packet size."
            ),
            [wire::dial(names)],
        ),
        _ => None,
    }
}
