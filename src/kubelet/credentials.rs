//! Whether what a kubelet said of a failed pull may be about a pull secret.

use probes::cloud::{Family, family};
use probes::target::Target;

use super::{Context, stances};
use crate::case::pull::Word;
use crate::causes::{self, PrivateImageNoCredentials};

/// Whether a pull of an image may have failed of what a pull secret holds or lacks.
pub fn is_of_credentials(word: &Word, image: &str) -> bool {
    let azure = Target::parse_image(image).is_ok_and(|target| family(target.host()) == Family::Acr);
    let context = Context { azure, image, ..Context::default() };
    stances(word.reason.as_str(), word.message.as_str(), &context).iter().any(|says| {
        says.cause == PrivateImageNoCredentials
            || causes::find(says.cause.as_str())
                .is_some_and(|cause| cause.layer == "registry-auth-pull-secret")
    })
}
