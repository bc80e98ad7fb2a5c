//! Manifests, blobs and tags.

use bytes::Bytes;

use super::access::Wanted;
use super::errors::{error, json, text};
use super::{Ask, Registry};
use crate::content::{Blob, Document, Repository};
use crate::reply::{Ending, Reply};
use crate::schema::{BlobFault, Flavour, RedirectForm};
use crate::storage;

impl Registry {
    /// `GET` or `HEAD` of a manifest.
    pub(super) fn manifest(&self, ask: &Ask, name: &str, reference: &str, id: &str) -> Reply {
        let wanted = Some(Wanted::pull(name));
        if let Err(denied) = self.allowed(ask, wanted) {
            return self.denied(ask, denied, wanted);
        }
        if self.rules.cmk_unavailable {
            let message = format!(
                "the customer-managed key 'https://contoso-kv.vault.azure.net/keys/acr-key' of this registry cannot \
                 be accessed. CorrelationId: {id}"
            );
            return error(403, "DENIED", &message, None);
        }
        if self.rules.redirect.manifests && self.data(ask).is_some() {
            return self.redirect(ask, &format!("/v2/{name}/manifests/{reference}"));
        }
        let stored = self.content.get(name).is_some_and(|place| {
            place.tags.contains_key(reference) || place.documents.contains_key(reference)
        });
        if !stored && let Some(reply) = self.uncached(name, id) {
            return reply;
        }
        self.stored_manifest(ask, name, reference)
    }

    /// A manifest, whoever asks.
    pub(crate) fn stored_manifest(&self, ask: &Ask, name: &str, reference: &str) -> Reply {
        let Some(place) = self.content.get(name) else { return self.no_repository(name, reference) };
        let by_digest = reference.contains(':');
        let digest =
            if by_digest { Some(reference) } else { place.tags.get(reference).and_then(Option::as_deref) };
        let lacks = |known: &str| ask.lacks.iter().any(|lacking| lacking == known);
        let found = digest.filter(|digest| !lacks(reference) && !lacks(digest));
        let Some((digest, document)) = found.and_then(|digest| Some((digest, place.documents.get(digest)?)))
        else {
            return self.no_manifest(name, reference);
        };
        if let Some(words) = place.blocked.get(digest) {
            return error(412, "PROJECTPOLICYVIOLATION", words, None);
        }
        if place.quarantined.iter().any(|known| known == digest) {
            let refused = || error(403, "UNKNOWN", "The operation is disallowed.", None);
            return if by_digest { refused() } else { self.no_manifest(name, reference) };
        }
        match document.fault {
            Some(BlobFault::Missing | BlobFault::MissingInStorage) => self.no_manifest(name, reference),
            fault => self.limits(sent(document, digest, fault, ask)),
        }
    }

    /// `GET` or `HEAD` of a blob.
    pub(super) fn blob(&self, ask: &Ask, name: &str, digest: &str) -> Reply {
        let wanted = Some(Wanted::pull(name));
        if let Err(denied) = self.allowed(ask, wanted) {
            return self.denied(ask, denied, wanted);
        }
        let known = self.known_blob(name, digest).is_some_and(|blob| blob.fault != Some(BlobFault::Missing));
        if known && (self.data(ask).is_some() || self.rules.redirect.location.is_some()) {
            return self.redirect(ask, &storage::path(digest));
        }
        self.stored_blob(ask, name, digest)
    }

    fn known_blob(&self, name: &str, digest: &str) -> Option<&Blob> {
        self.content.get(name)?.blobs.get(digest)
    }

    /// A blob, whoever asks.
    pub(crate) fn stored_blob(&self, ask: &Ask, name: &str, digest: &str) -> Reply {
        let missing = |fault| matches!(fault, Some(BlobFault::Missing | BlobFault::MissingInStorage));
        let Some(blob) = self.known_blob(name, digest).filter(|blob| !missing(blob.fault)) else {
            let detail = format!("{{\"Digest\":{}}}", text(digest));
            return error(404, "BLOB_UNKNOWN", "blob unknown to registry", Some(&detail));
        };
        let (bytes, ending) = spoiled(&blob.bytes, blob.fault);
        Reply::status(200)
            .body("application/octet-stream", bytes)
            .ending(ending)
            .header("docker-content-digest", digest)
            .header("etag", format!("\"{digest}\""))
            .header("accept-ranges", "bytes")
            .ranged(ask.header("range"))
    }

    /// `tags/list`, in pages.
    pub(super) fn tags(&self, ask: &Ask, name: &str) -> Reply {
        let wanted = Some(Wanted::pull(name));
        if let Err(denied) = self.allowed(ask, wanted) {
            return self.denied(ask, denied, wanted);
        }
        self.stored_tags(ask, name)
    }

    /// The tags, whoever asks.
    pub(crate) fn stored_tags(&self, ask: &Ask, name: &str) -> Reply {
        let Some(place) = self.content.get(name) else { return self.no_repository(name, "") };
        let last = ask.field("last").unwrap_or_default();
        let mut tags: Vec<&String> = place.tags.keys().filter(|tag| tag.as_str() > last).collect();
        let page = ask.field("n").and_then(|n| n.parse().ok()).filter(|&n: &usize| n > 0 && n < tags.len());
        tags.truncate(page.unwrap_or(tags.len()));
        let listed: Vec<String> = tags.iter().map(|tag| text(tag)).collect();
        let reply = json(format!("{{\"name\":{},\"tags\":[{}]}}\n", text(name), listed.join(",")));
        match (page, tags.last()) {
            (Some(n), Some(last)) => reply
                .header("link", format!("</v2/{name}/tags/list?last={last}&n={n}&orderby=>; rel=\"next\"")),
            _ => reply,
        }
    }

    /// The host that the blobs of the endpoint asked are redirected to.
    fn data(&self, ask: &Ask) -> Option<&str> {
        let region = self.plan.region_of(ask.host_name());
        region.map_or(&self.plan.data, |region| &region.data).as_deref()
    }

    fn redirect(&self, ask: &Ask, path: &str) -> Reply {
        let data = self.data(ask).unwrap_or(&self.plan.registry);
        let said = &self.rules.redirect;
        let location = match (said.form, &said.location) {
            (_, Some(location)) => Some(location.clone()),
            (RedirectForm::NoLocation, None) => None,
            (RedirectForm::Loop, None) => Some(ask.path.clone()),
            (RedirectForm::Http, None) => Some(format!("http://{data}{path}")),
            (RedirectForm::Healthy, None) => {
                Some(format!("{}://{}{path}", self.plan.scheme(data), self.plan.authority(data)))
            }
        };
        let shown = location.clone().unwrap_or_default().replace('&', "&amp;");
        let reply = Reply::status(307)
            .body("text/html; charset=utf-8", format!("<a href=\"{shown}\">Temporary Redirect</a>.\n\n"));
        match location {
            Some(location) => reply.header("location", location),
            None => reply,
        }
    }

    pub(super) fn no_repository(&self, name: &str, reference: &str) -> Reply {
        match self.rules.flavour {
            Flavour::Acr => error(404, "NAME_UNKNOWN", &format!("repository \"{name}\" is not found"), None),
            Flavour::Harbor => error(404, "NOT_FOUND", &format!("repository {name} not found"), None),
            Flavour::Plain | Flavour::Basic if reference.is_empty() => error(
                404,
                "NAME_UNKNOWN",
                "repository name not known to registry",
                Some(&format!("{{\"name\":{}}}", text(name))),
            ),
            _ => self.no_manifest(name, reference),
        }
    }

    pub(super) fn no_manifest(&self, name: &str, reference: &str) -> Reply {
        let by_digest = reference.contains(':');
        let revision = format!("{{\"Name\":{},\"Revision\":{}}}", text(name), text(reference));
        let tag = format!("{{\"Tag\":{}}}", text(reference));
        let (message, detail) = match (self.rules.flavour, by_digest) {
            (Flavour::Harbor, _) => {
                let at = if by_digest { '@' } else { ':' };
                return error(404, "NOT_FOUND", &format!("artifact {name}{at}{reference} not found"), None);
            }
            (Flavour::Acr, true) => (format!("manifest {reference} is not found"), revision),
            (Flavour::Acr, false) => (format!("manifest tagged by \"{reference}\" is not found"), tag),
            (_, true) => (
                "manifest unknown".to_owned(),
                format!("\"unknown manifest name={name} revision={reference}\""),
            ),
            (_, false) => ("manifest unknown".to_owned(), tag),
        };
        error(404, "MANIFEST_UNKNOWN", &message, Some(&detail))
    }

    fn limits(&self, reply: Reply) -> Reply {
        if self.rules.flavour != Flavour::Hub {
            return reply;
        }
        reply
            .header("ratelimit-limit", "100;w=21600")
            .header("ratelimit-remaining", "76;w=21600")
            .header("docker-ratelimit-source", "203.0.113.7")
    }

    /// The place of a blob, whichever repository holds it.
    pub(crate) fn holding(&self, digest: &str) -> Option<&Repository> {
        self.content.values().find(|place| place.blobs.contains_key(digest))
    }
}

/// The answer with a document. A HEAD tells of the right bytes: it is the body that is spoilt.
fn sent(document: &Document, digest: &str, fault: Option<BlobFault>, ask: &Ask) -> Reply {
    let (bytes, ending) = match fault {
        _ if ask.method == "HEAD" => (document.bytes.clone(), Ending::Whole),
        Some(BlobFault::Wrong) => ([&document.bytes[..], b"\n"].concat().into(), Ending::Whole),
        fault => spoiled(&document.bytes, fault),
    };
    Reply::status(200)
        .body(&document.media_type, bytes)
        .ending(ending)
        .header("docker-content-digest", digest)
        .header("etag", format!("\"{digest}\""))
}

/// The bytes as the fault leaves them.
pub(crate) fn spoiled(bytes: &Bytes, fault: Option<BlobFault>) -> (Bytes, Ending) {
    match fault {
        Some(BlobFault::Wrong) => {
            let mut wrong = bytes.to_vec();
            let middle = wrong.len() / 2;
            if let Some(byte) = wrong.get_mut(middle) {
                *byte ^= 1;
            }
            (wrong.into(), Ending::Whole)
        }
        Some(BlobFault::Empty) => (Bytes::new(), Ending::Whole),
        Some(BlobFault::Truncated) => (bytes.clone(), Ending::Truncated),
        Some(BlobFault::Stalled) => (bytes.clone(), Ending::Stalled),
        _ => (bytes.clone(), Ending::Whole),
    }
}
