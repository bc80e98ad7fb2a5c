//! Fixes for mirrors.

use super::{Advice, Names, aks, cri, local, say, wire};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    let mirror = names.the_mirror();
    match id {
        causes::ArtifactStreamingMirrorBroken => say(
            "Restart acr-mirror on the node or reimage it; if it comes back, turn artifact streaming off for the pool.",
            [
                local::streaming_services(),
                wire::mirror(names),
                local::restart("acr-mirror"),
                aks::disable_streaming(names),
            ],
        ),
        causes::ArtifactStreamingMountFailed => say(
            "Restart the streaming services or reimage the node; one bad image is named by its digest, or streaming turned off.",
            [
                local::streaming_services(),
                cri::streaming_log(),
                local::restart("overlaybd-snapshotter"),
                aks::disable_streaming(names),
            ],
        ),
        causes::RegistryMirrorMisconfigured => say(
            format!(
                "Correct or remove {mirror} in {}, and let server name the registry itself.",
                names.file_like(&[".toml"]).unwrap_or("the hosts.toml of this host")
            ),
            [local::mirrors(names), wire::mirror(names), wire::reply(names)],
        ),
        causes::MirrorReturnsHtml => say(
            format!(
                "Make {} lead to the registry's interface and not to a web page or a login portal.",
                names.the_host()
            ),
            [wire::reply(names), wire::dig(names)],
        ),
        _ => None,
    }
}
