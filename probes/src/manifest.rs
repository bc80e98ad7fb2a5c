//! Asks for manifests: a name is resolved with `HEAD` and read by the digest it resolves to, as containerd's resolver
//! and fetcher do (`core/remotes/docker/resolver.go`, `fetcher.go`); the manifest of a platform is read by its digest.

use crate::attempt::Attempt;
use crate::digest;
use crate::foreign::Foreign;
use crate::http::{Answered, Ask, Wanted, status_at};
use crate::log::Log;
use crate::observation::{Descriptor, Digests, Elsewhere, Fact, Manifest, ManifestKind, Role};

mod content;
pub(crate) use content::configured_platform;
#[cfg(any(test, fuzzing))]
pub(crate) use content::{media_type, read as content_of};

/// What containerd asks for (`core/remotes/docker/resolver.go`).
const ACCEPT: &str = "application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.oci.image.index.v1+json, */*";

/// The largest manifest that is read, in bytes: containerd's `maxManifestSize` (`core/remotes/docker/resolver.go`).
const MANIFEST_LIMIT: u64 = 4 * 1048 * 1048;

/// What a registry answers that does not know `HEAD`: containerd asks with `GET` then.
const METHOD_NOT_ALLOWED: u16 = 405;

/// How many of a registry's other addresses are asked for what the first does not have.
const MOST_ELSEWHERE: usize = 3;

/// A manifest that was read and is what its digest says.
pub(crate) struct Had {
    pub(crate) digest: String,
    pub(crate) content: ManifestKind,
}

/// Resolves and reads the manifest that the reference names.
pub(crate) async fn named(attempt: &mut Attempt<'_, '_>, log: &mut Log<'_>, reference: &str) -> Option<Had> {
    let begun = log.begin("manifest", attempt.registry_host());
    let mut seen = blank(reference, None);
    let head = ask(attempt, log, "HEAD", reference).await;
    let status = head.status();
    seen.digests.announced = announced(&head);
    let by_digest = seen.digests.announced.clone().filter(|_| status == Some(200));
    seen.head = Some(head.exchange);
    let mut had = None;
    if status.is_some() {
        // After a refusal the body of a GET has the registry's words, which an answer to HEAD cannot hold.
        had = get(attempt, log, by_digest.as_deref().unwrap_or(reference), &mut seen).await;
    }
    if status == Some(404) && seen.get.as_ref().and_then(|g| g.status()) == Some(404) {
        seen.elsewhere = elsewhere(attempt, reference).await;
    }
    if !matches!(status, Some(200 | METHOD_NOT_ALLOWED)) {
        had = None;
    }
    log.end(begun, Role::Registry, Some(attempt.credential()), Fact::Manifest(Box::new(seen)));
    had
}

/// Reads the manifest of a platform, named by an index.
pub(crate) async fn child(
    attempt: &mut Attempt<'_, '_>,
    log: &mut Log<'_>,
    named: &Descriptor,
    index: &str,
) -> Option<Had> {
    let digest = named.digest.as_str();
    let begun = log.begin("platform", attempt.registry_host());
    let mut seen = blank(digest, Some(index));
    seen.expected_size = (named.size > 0).then_some(named.size);
    let had = get(attempt, log, digest, &mut seen).await;
    if seen.get.as_ref().and_then(|g| g.status()) == Some(404) {
        seen.elsewhere = elsewhere(attempt, digest).await;
    }
    log.end(begun, Role::Registry, Some(attempt.credential()), Fact::Manifest(Box::new(seen)));
    had
}

fn blank(reference: &str, child_of: Option<&str>) -> Manifest {
    Manifest {
        reference: reference.to_owned(),
        child_of: child_of.map(str::to_owned),
        head: None,
        get: None,
        digests: Digests {
            expected: (child_of.is_some() || reference.contains(':')).then(|| reference.to_owned()),
            ..Digests::default()
        },
        expected_size: None,
        media_type: None,
        content: None,
        elsewhere: Vec::new(),
    }
}

fn announced(answered: &Answered) -> Option<String> {
    let digest = answered.exchange.reply()?.header("docker-content-digest")?;
    digest.contains(':').then(|| digest.to_owned())
}

async fn get(
    attempt: &mut Attempt<'_, '_>,
    log: &mut Log<'_>,
    reference: &str,
    seen: &mut Manifest,
) -> Option<Had> {
    let got = ask(attempt, log, "GET", reference).await;
    let mut had = None;
    if got.status() == Some(200) {
        seen.digests.announced = seen.digests.announced.take().or_else(|| announced(&got));
        let wanted = seen.digests.expected.as_ref().or(seen.digests.announced.as_ref()).cloned();
        let computed = digest::like(wanted.as_deref(), &got.body);
        let media_type =
            got.exchange.reply().and_then(|r| r.header("content-type")).unwrap_or_default().to_owned();
        let content = content::read(&got.body, &media_type);
        seen.digests.computed = Some(computed.clone());
        seen.media_type = content::media_type(&got.body)
            .or(Some(media_type))
            .filter(|m| !m.is_empty())
            .map(|m| Foreign::new(&m));
        seen.content = Some(content.clone());
        let has_size = seen.expected_size.is_none_or(|size| size == got.body.len() as u64);
        if has_size && seen.digests.disagree() == Some(false) {
            had = Some(Had { digest: computed, content });
        }
    }
    seen.get = Some(got.exchange);
    had
}

async fn ask(
    attempt: &mut Attempt<'_, '_>,
    log: &mut Log<'_>,
    method: &'static str,
    reference: &str,
) -> Answered {
    attempt.ask(log, |attempt| request(attempt, method, reference)).await
}

fn request(attempt: &Attempt<'_, '_>, method: &'static str, reference: &str) -> Option<Ask> {
    let url = attempt.url(&format!("manifests/{reference}"))?;
    Some(Ask {
        method,
        authorization: attempt.authorization.clone(),
        headers: vec![("accept", ACCEPT.to_owned())],
        ..Ask::get(Role::Registry, url, Wanted::All(MANIFEST_LIMIT))
    })
}

async fn elsewhere(attempt: &Attempt<'_, '_>, reference: &str) -> Vec<Elsewhere> {
    let others = attempt.hosts.other_addresses(&attempt.origin).to_vec();
    let mut seen = Vec::new();
    for address in others.into_iter().take(MOST_ELSEWHERE) {
        let Some(ask) = request(attempt, "HEAD", reference) else { break };
        if let Some(status) = status_at(attempt.hosts, &ask, address).await {
            seen.push(Elsewhere { address: address.to_string(), status });
        }
    }
    seen
}
