//! `blob`: whether the bytes can be had, from wherever the registry sends one for them.

use std::collections::BTreeSet;

use probes::observation::{
    Blob, BlobKind, BlobOutcome, BodyKind, Fact, HttpFailure, HttpOutcome, ManifestKind, Reply,
};

use super::reach::host_of;
use super::refusal::{self, common, without_reply};
use super::token::{Refused, credential_refused_here};
use super::{Answer, At, Check, EVERYWHERE, View, seen};
use crate::causes::{
    BlobEndpointBlocked, BlobMissingInRegistry, BlobSasRejected, ConnectionReset, DataEndpointDnsMissing,
    LayerDigestMismatch, MirrorReturnsHtml, PullProgressTimeout, RedirectTargetBlocked,
    RedirectTargetRefused, RegistryPermissionMissing, RegistryServerError,
    StorageServiceEndpointPolicyBlocksBlob,
};
use crate::report::Status;

/// The check.
pub const CHECK: Check = Check {
    id: "blob",
    title: "the bytes can be had",
    explanation: "The image's configuration is fetched whole and compared with its digest; every layer is asked for, a small \
        one whole, of a large one the beginning. A redirect is followed as containerd follows it, without any credential, \
        and its host is resolved, dialled and shaken hands with like the registry's own: a firewall that lets the registry \
        through may still block the storage behind it.",
    at: EVERYWHERE,
    per_credential: true,
    needs: &[super::TO_REGISTRY, super::TO_PRESENT, &["token", "manifest", "platform"]],
    causes: &[
        refusal::COMMON,
        super::token::REFUSED,
        &[
            BlobEndpointBlocked,
            DataEndpointDnsMissing,
            RedirectTargetBlocked,
            RedirectTargetRefused,
            BlobMissingInRegistry,
            BlobSasRejected,
            StorageServiceEndpointPolicyBlocksBlob,
            LayerDigestMismatch,
            PullProgressTimeout,
            ConnectionReset,
            MirrorReturnsHtml,
            RegistryServerError,
            RegistryPermissionMissing,
        ],
    ],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let blobs: Vec<&Blob> = view
        .own()
        .filter_map(|o| match &o.fact {
            Fact::Blob(blob) => Some(blob),
            _ => None,
        })
        .collect();
    if let Some(answer) = blobs.iter().map(|b| one(view, b)).find(|a| a.status == Status::Fail) {
        return Some(answer);
    }
    let wanted = wanted(view)?;
    let had = |b: &&&Blob| matches!(b.outcome, BlobOutcome::Verified | BlobOutcome::Started { .. });
    let got: BTreeSet<&str> = blobs.iter().filter(had).map(|b| b.descriptor.digest.as_str()).collect();
    let left = wanted.iter().filter(|digest| !got.contains(digest.as_str())).count();
    let from: BTreeSet<&str> =
        blobs.iter().map(|b| b.exchange.last_host().unwrap_or_else(|| view.registry_host())).collect();
    let whole = blobs.iter().filter(|b| b.outcome == BlobOutcome::Verified).count();
    if left > 0 {
        return blobs.first().map(|_| {
            Answer::new(Status::Unknown, format!("{left} of {} blobs were not looked at", wanted.len()))
        });
    }
    let evidence = blobs.iter().take(2).map(|b| seen::exchange(&b.exchange)).collect::<Vec<_>>();
    let read = match wanted.len() - whole.min(wanted.len()) {
        0 => "all read and verified".to_owned(),
        begun => format!("{whole} read and verified, {begun} begun"),
    };
    let message = format!("{} blobs can be had from {} ({read})", wanted.len(), seen::list(from));
    Some(Answer::pass(message).evidence(evidence))
}

/// The digests that a pull needs: of the manifest that was chosen.
fn wanted(view: &View<'_>) -> Option<BTreeSet<String>> {
    let image = view.own().filter_map(|o| match &o.fact {
        Fact::Manifest(manifest) => manifest.content.as_ref(),
        _ => None,
    });
    let images: Vec<_> = image.filter(|c| matches!(c, ManifestKind::Image { .. })).collect();
    let ManifestKind::Image { config, layers, .. } = images.last()? else { return None };
    Some(std::iter::once(config).chain(layers).map(|d| d.digest.clone()).collect())
}

fn name(blob: &Blob) -> String {
    let kind = match blob.blob {
        BlobKind::Config => "the configuration",
        BlobKind::Layer => "the layer",
        BlobKind::Unknown => "the blob",
    };
    let digest = &blob.descriptor.digest;
    format!("{kind} {}", digest.get(..19).unwrap_or(digest))
}

fn one(view: &View<'_>, blob: &Blob) -> Answer {
    let what = name(blob);
    let exchange = &blob.exchange;
    let authority = exchange.last_host().unwrap_or_else(|| view.registry_host());
    let at = At { host: Some(host_of(authority).to_owned()), ..At::default() };
    let evidence = [seen::exchange(exchange)];
    let html = exchange.reply().is_some_and(|r| r.body == BodyKind::Html);
    let answer = match &blob.outcome {
        BlobOutcome::Verified | BlobOutcome::Started { .. } => {
            return Answer::pass(format!("{what} can be had"));
        }
        BlobOutcome::WrongBytes { .. } | BlobOutcome::WrongSize { .. } if html => {
            Answer::fail(format!("{authority} answers with a web page instead of {what}"))
                .confirms(MirrorReturnsHtml)
        }
        BlobOutcome::WrongBytes { bytes: 0, .. } => {
            Answer::fail(format!("{authority} sends nothing for {what}: the body is empty"))
                .confirms(LayerDigestMismatch)
        }
        BlobOutcome::WrongBytes { computed, .. } => {
            Answer::fail(format!("what {authority} sends for {what} is {computed}"))
                .confirms(LayerDigestMismatch)
        }
        BlobOutcome::WrongSize { bytes } => Answer::fail(format!(
            "{authority} has {bytes} bytes for {what}, and the manifest says {}",
            blob.descriptor.size
        ))
        .confirms(LayerDigestMismatch),
        BlobOutcome::NotHad => return not_had(view, blob, &what, authority),
        BlobOutcome::Unknown => Answer::new(Status::Unknown, format!("how {what} came is not known")),
    };
    answer.evidence(evidence).at(at)
}

fn not_had(view: &View<'_>, blob: &Blob, what: &str, authority: &str) -> Answer {
    let exchange = &blob.exchange;
    let redirected = !exchange.hops.is_empty();
    if let HttpOutcome::Failed { failure: failure @ (HttpFailure::Closed | HttpFailure::Reset) } =
        &exchange.outcome
    {
        return Answer::fail(format!("{what} from {authority}: {}", seen::failure(failure)))
            .confirms(ConnectionReset)
            .evidence([seen::exchange(exchange)])
            .at(At { host: Some(host_of(authority).to_owned()), ..At::default() });
    }
    if let Some(answer) = without_reply(view, what, exchange) {
        return answer;
    }
    let Some(reply) = exchange.reply() else {
        return Answer::new(Status::Unknown, format!("{what}: no answer is known"));
    };
    let answer = match reply.status {
        // Azure's storage answers in XML and names the request; a page for browsers may be somebody else's.
        404 if redirected && view.is_azure() && is_page(reply) => {
            Answer::fail(format!("{authority} answers with a web page that {what} is not there (404)"))
                .allows(&[BlobMissingInRegistry, MirrorReturnsHtml])
        }
        404 => {
            Answer::fail(format!("{authority} does not have {what} (404)")).confirms(BlobMissingInRegistry)
        }
        403 if redirected => return denied_by_storage(view, blob, reply, what, authority),
        _ => match common(view, what, exchange, reply) {
            Some(answer) => return answer,
            None => match reply.status {
                401 | 403 if !redirected => credential_refused_here(
                    view,
                    Refused::Blob,
                    &format!("the registry does not give {what} ({})", reply.status),
                ),
                400 | 401 if redirected => Answer::fail(format!(
                    "{authority} refuses the address that the registry gave for {what} ({})",
                    reply.status
                ))
                .allows(&[BlobSasRejected, RegistryServerError]),
                status => {
                    Answer::fail(format!("{authority} answers the request for {what} with status {status}"))
                        .allows(&[RegistryServerError, BlobMissingInRegistry])
                }
            },
        },
    };
    answer
        .evidence([seen::exchange(exchange)])
        .at(At { host: Some(host_of(authority).to_owned()), ..At::default() })
}

fn is_page(reply: &Reply) -> bool {
    reply.body == BodyKind::Html && reply.header("x-ms-request-id").is_none()
}

/// The storage behind the registry denies: by its code (`x-ms-error-code`), by the signed address, or by being somebody
/// else.
fn denied_by_storage(view: &View<'_>, blob: &Blob, reply: &Reply, what: &str, authority: &str) -> Answer {
    let signed = blob.exchange.hops.last().is_some_and(|h| h.signed);
    let code = reply.header("x-ms-error-code").unwrap_or_default();
    let azure = view.is_azure();
    let said = if code.is_empty() { String::new() } else { format!(", {code}") };
    let answer = Answer::fail(format!("{authority} denies {what} (403{said})"));
    let answer = if reply.body == BodyKind::Html {
        answer.confirms(if azure { BlobEndpointBlocked } else { RedirectTargetBlocked })
    } else if matches!(
        code,
        "AuthorizationFailure" | "AuthorizationPermissionMismatch" | "PublicAccessNotPermitted"
    ) {
        // Storage says this of a network that it does not let in; of a bad signature it says AuthenticationFailed.
        answer.allows(&[StorageServiceEndpointPolicyBlocksBlob, BlobSasRejected])
    } else if signed {
        answer.confirms(BlobSasRejected)
    } else {
        answer.allows(&[if azure { BlobEndpointBlocked } else { RedirectTargetBlocked }, BlobSasRejected])
    };
    answer
        .evidence([seen::exchange(&blob.exchange)])
        .at(At { host: Some(host_of(authority).to_owned()), ..At::default() })
}
