//! A message taken apart into what the kubelet wrapped: the image, and one error for each credential that was tried.
//!
//! The kubelet joins the errors of several credentials as `[a, b]` (`utilerrors.Aggregate`), and says the same error
//! once. Addresses and quoted bodies have commas and brackets too, so a comma ends an error only before a word that one
//! begins with.

use super::MOST_ATTEMPTS;

/// What an error of a runtime begins with.
const BEGINNINGS: &[&str] = &[
    "rpc error: code",
    "failed to pull and unpack image",
    "failed to pull image",
    "failed to resolve",
    "failed to authorize",
    "failed to copy",
    "failed to do request",
    "failed commit on ref",
    "failed to extract layer",
    "failed to prepare extraction",
    "failed to unpack",
    "failed to read expected",
    "failed size validation",
    "short read",
    "Error response from daemon",
    "Error reading manifest",
    "error pulling image",
    "unable to pull image or OCI artifact",
    "unable to retrieve auth token",
    "SignatureValidationFailed:",
    "RegistryUnavailable:",
    "initializing source",
    "pinging container registry",
    "reading manifest",
    "reading blob",
    "writing blob",
    "copying system image",
    "copying image",
    "choosing an image",
    "determining manifest",
    "parsing image configuration",
    "Source image rejected",
    "unauthorized:",
    "denied:",
    "no basic auth",
    "pull access denied",
    "context canceled",
    "context deadline exceeded",
    "Get \"http",
    "Head \"http",
];

/// The errors that a text joins.
pub(super) fn errors(text: &str) -> Vec<&str> {
    let text = text.trim();
    let Some(joined) = text.strip_prefix('[').filter(|rest| begins(rest.trim_start())) else {
        return vec![text];
    };
    let mut found = Vec::new();
    let mut start = 0;
    for (at, _) in joined.match_indices(", ") {
        if found.len() + 1 < MOST_ATTEMPTS && begins(joined[at + 2..].trim_start()) {
            found.push(&joined[start..at]);
            start = at + 2;
        }
    }
    // The end may have been cut off.
    let last = joined[start..].trim_end();
    found.push(last.strip_suffix(']').unwrap_or(last));
    found
}

fn begins(text: &str) -> bool {
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
}

/// What the kubelet wrapped around the errors.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wrapped<'a> {
    /// The image as the pod names it.
    pub(super) image: Option<&'a str>,
    /// Whether it was the sandbox' image.
    pub(super) sandbox: bool,
    /// What is inside.
    pub(super) inside: &'a str,
}

/// What stands before an image's name in quotes, which a colon follows.
const NAMED: &[&str] = &["Failed to pull image ", "Back-off pulling image ", "failed to pull image "];
/// What stands before the rest by itself.
const PLAIN: &[&str] = &[
    "ErrImagePull:",
    "ImagePullBackOff:",
    "ErrImageNeverPull:",
    "RegistryUnavailable:",
    "SignatureValidationFailed:",
    "Error:",
    "ERROR:",
    "ErrImagePull ",
    "pulling image failed:",
    "pulling image:",
    "Error syncing pod, skipping:",
];
const SANDBOX: &[&str] = &["Failed to create pod sandbox:", "Failed create pod sandbox:"];
/// What the kubelet puts after the rest.
const ENDS: &[&str] = &[": ImagePullBackOff", ": ErrImagePull"];
/// Where a line of `kubectl describe` has its message.
const INSIDE_LINES: &[&str] = &["Failed to pull image \"", "Back-off pulling image \""];

/// Takes the kubelet's wrappers off.
pub(super) fn unwrapped(message: &str) -> Wrapped<'_> {
    let mut wrapped = Wrapped { inside: message.trim(), ..Wrapped::default() };
    if let Some(at) = INSIDE_LINES.iter().filter_map(|words| wrapped.inside.find(words)).min() {
        // What stands before it is a line's type, reason and age; the message of a sandbox is another's.
        let before = wrapped.inside[..at].trim_end();
        // From 1.35 on kubectl puts the field before the message: `spec.containers{web}: `.
        let before = before.strip_suffix("}:").unwrap_or(before);
        if !before.contains(':') {
            wrapped.inside = &wrapped.inside[at..];
        }
    }
    for _ in 0..16 {
        let text = wrapped.inside.trim_start();
        wrapped.inside = text;
        if let Some(rest) = strip_any(text, SANDBOX) {
            (wrapped.sandbox, wrapped.inside) = (true, rest);
        } else if let Some((image, rest)) = NAMED.iter().find_map(|words| named(text.strip_prefix(words)?)) {
            wrapped.image = wrapped.image.or(Some(image));
            wrapped.inside = rest;
        } else if let Some(rest) = strip_any(text, PLAIN) {
            wrapped.inside = rest;
        } else if let Some((image, rest)) = because(text) {
            wrapped.image = wrapped.image.or(Some(image));
            wrapped.inside = rest;
        } else {
            break;
        }
    }
    for end in ENDS {
        wrapped.inside = wrapped.inside.strip_suffix(end).unwrap_or(wrapped.inside);
    }
    wrapped
}

fn strip_any<'a>(text: &'a str, beginnings: &[&str]) -> Option<&'a str> {
    beginnings.iter().find_map(|beginning| text.strip_prefix(beginning))
}

/// A name in quotes, and what follows the colon after it.
pub(super) fn named(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.strip_prefix('"')?.split_once('"')?;
    let rest = rest.trim_start();
    Some((name, rest.strip_prefix(':').or_else(|| rest.is_empty().then_some(rest))?))
}

/// `image pull failed for IMAGE because the registry is unavailable: ...`
fn because(text: &str) -> Option<(&str, &str)> {
    let (image, rest) = text.strip_prefix("image pull failed for ")?.split_once(" because the ")?;
    let rest = strip_any(rest, &["registry is unavailable", "signature validation failed"])?;
    Some((image, rest.trim_start_matches([':', '.'])))
}
