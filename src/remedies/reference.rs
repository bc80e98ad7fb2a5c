//! Fixes for how the image is named.

use super::{Advice, Names, azure, cri, image, kube, say};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    match id {
        causes::ImageRefMalformed => say(
            "Write the image as host/path:tag where it is set, without blanks, quotes or a trailing colon; then roll out again.",
            [],
        ),
        causes::ImageRefUppercase => say(
            "Write the repository in lower case where the name is made, and push the image under that name.",
            [],
        ),
        causes::UnexpandedTemplateInImage => say(
            "Set the variable or template value that should have named the image; render and look before applying again.",
            [],
        ),
        causes::ImageRefHasScheme => {
            say("Remove the scheme from the image: a reference starts with the registry's host.", [])
        }
        causes::ImageDigestMalformed => say(
            "Replace the digest by the whole one of the registry: sha256: and 64 hexadecimal digits.",
            [image::digest_of_tag(names), azure::acr_manifests(names)],
        ),
        causes::ImplicitDockerHub => say(
            format!(
                "Write your registry's host in front of {}; without a host, Docker Hub is asked.",
                names.the_repository()
            ),
            [azure::acr_list(), image::manifest_anonymously(names)],
        ),
        causes::ShortNameAmbiguous => say(
            "Write the registry's host in front of the image's path: the node has several to search and may not guess.",
            [kube::pod_images(names), cri::registries()],
        ),
        causes::ShortNameNoSearchRegistry => say(
            "Write the registry's host in front of the image's path: the node has no registry to search.",
            [kube::pod_images(names), cri::registries()],
        ),
        causes::ShortNameResolvedToWrongRegistry => say(
            "Write the registry's host in front of the image's path, so that every node means the same image.",
            [kube::pod_images(names), cri::registries()],
        ),
        causes::WrongRegistryHost => say(
            match names.instead.as_deref() {
                Some(name) => format!(
                    "Write {name} instead of {}, in the image and in its pull secrets.",
                    names.the_host()
                ),
                None => format!(
                    "Replace {} by the registry's login server, in the image and in its pull secrets.",
                    names.the_host()
                ),
            },
            [azure::acr_login_server(names), azure::acr_list()],
        ),
        _ => None,
    }
}
