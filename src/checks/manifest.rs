//! `manifest`: whether the tag or digest is there, can be read, and is an image.

use probes::cloud::{Family, family};
use probes::observation::{BodyKind, Elsewhere, Exchange, Fact, Manifest, Reply, TagList};
use probes::target::Target;

use super::refusal::{self, common, without_reply};
use super::token::{Refused, anonymous_refused, credential_refused_here};
use super::{Answer, At, Check, EVERYWHERE, View, seen};
use crate::causes::{
    AcrCmkKeyUnavailable, AcrManifestInconsistent, AcrQuarantine, ArtifactNotAnImage, CauseId,
    DigestNotFound, ImageRemovedUpstream, ImplicitDockerHub, LayerDigestMismatch, ManifestSchema1Unsupported,
    MirrorReturnsHtml, PrivateImageNoCredentials, PullSecretBadCredentials, RegistryMirrorMisconfigured,
    RegistryPermissionMissing, RegistryPolicyBlocksPull, RegistryServerError, RepositoryNotFound,
    TagNotFound,
};
use crate::report::Status;

pub(super) mod content;

/// The causes that this check alone speaks of, or for others in its place.
pub(super) const OWN: &[CauseId] = &[
    TagNotFound,
    RepositoryNotFound,
    DigestNotFound,
    ImageRemovedUpstream,
    ImplicitDockerHub,
    AcrManifestInconsistent,
    AcrQuarantine,
    AcrCmkKeyUnavailable,
    RegistryPolicyBlocksPull,
    RegistryMirrorMisconfigured,
    RegistryPermissionMissing,
    PrivateImageNoCredentials,
    PullSecretBadCredentials,
    ManifestSchema1Unsupported,
    ArtifactNotAnImage,
    LayerDigestMismatch,
    MirrorReturnsHtml,
    RegistryServerError,
];

/// The check.
pub const CHECK: Check = Check {
    id: "manifest",
    title: "the tag or digest is there, and it is an image",
    explanation: "The tag or digest is resolved with HEAD and read by its digest, as containerd does. The bytes are compared \
        with the digest. After a 404 the repository's tags are listed, and the registry's other addresses are asked: what \
        is missing may be the tag, the repository, or a replica's copy.",
    at: EVERYWHERE,
    per_credential: true,
    needs: &[super::TO_REGISTRY, super::TO_PRESENT, &["token"]],
    causes: &[refusal::COMMON, super::token::REFUSED, OWN],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let manifest = view.own().find_map(|o| match &o.fact {
        Fact::Manifest(manifest) if manifest.child_of.is_none() => Some(manifest),
        _ => None,
    })?;
    Some(named(view, manifest))
}

/// The locations that images are known to have left, and where they are now: announced by their publishers
/// (kubernetes.io 2023-03-10 and 2023-02-06 on `registry.k8s.io`; the ingress-nginx project; Bitnami 2025-08).
pub(crate) fn moved(target: &Target) -> Option<String> {
    let repository = target.repository.as_deref()?;
    let rest = |prefix: &str| repository.strip_prefix(prefix);
    match target.registry.as_str() {
        "docker.io" => rest("bitnami/").map(|r| format!("docker.io/bitnamilegacy/{r}")),
        "k8s.gcr.io" => Some(format!("registry.k8s.io/{repository}")),
        "gcr.io" => {
            rest("google_containers/").or(rest("google-containers/")).map(|r| format!("registry.k8s.io/{r}"))
        }
        "quay.io" => rest("kubernetes-ingress-controller/nginx-ingress-controller")
            .map(|_| "registry.k8s.io/ingress-nginx/controller".to_owned()),
        _ => None,
    }
}

fn named(view: &View<'_>, manifest: &Manifest) -> Answer {
    let exchanges: Vec<&Exchange> =
        [manifest.head.as_ref(), manifest.get.as_ref()].into_iter().flatten().collect();
    let what = manifest.reference.as_str();
    let at = At { host: Some(view.registry_host().to_owned()), ..At::default() };
    let Some(first) = exchanges.first() else {
        return Answer::new(Status::Unknown, "the manifest was not asked for");
    };
    // HEAD tells how it ended; GET, after a refusal, has the registry's words for it.
    let decisive = match (manifest.head.as_ref(), manifest.get.as_ref()) {
        (Some(head), Some(get))
            if matches!(head.status(), Some(200 | 405)) || head.status() == get.status() =>
        {
            get
        }
        _ => first,
    };
    let evidence: Vec<_> = exchanges.iter().map(|e| seen::exchange(e)).collect();
    if let Some(answer) = without_reply(view, &format!("the manifest {what}"), decisive) {
        return answer;
    }
    let Some(reply) = decisive.reply() else {
        return Answer::new(Status::Unknown, "the registry's answer is not known");
    };
    // A 404 of a web server's kind is a registry's all the same, where the registry lists its tags; while nobody has asked
    // for the list, that is open.
    let page_404 = reply.status == 404 && reply.body == BodyKind::Html;
    let list = view.tag_list();
    let answer = if page_404 && list.is_none_or(|list| list.listed.is_some()) {
        let answer = missing_there(view, manifest, reply);
        if list.is_none() { answer.allows(&[MirrorReturnsHtml]) } else { answer }
    } else if reply.status == 200 {
        content::held(manifest, reply)
    } else if let Some(answer) = common(view, &format!("the manifest {what}"), decisive, reply) {
        return answer;
    } else {
        refused(view, manifest, reply)
    };
    let at = if answer.at == At::default() { at } else { answer.at.clone() };
    answer.evidence(evidence).at(at)
}

/// What a refusal of a manifest means.
fn refused(view: &View<'_>, manifest: &Manifest, reply: &Reply) -> Answer {
    let what = &manifest.reference;
    let acr = family(view.registry_host()) == Family::Acr;
    match reply.status {
        404 => missing_there(view, manifest, reply),
        401 if view.credential.is_anonymous() => anonymous_refused(
            view,
            &format!("the registry shows {what} to nobody without a credential (401)"),
        ),
        401 => credential_refused_here(
            view,
            Refused::Manifest,
            &format!("the registry does not show {what} to {} (401)", view.credential),
        ),
        412 => blocked(what, reply),
        403 if reply.errors.iter().any(|e| is_policy(e.code.as_str())) => blocked(what, reply),
        // What is in quarantine is missing by its tag, and denied by its digest.
        403 if acr && what.contains(':') => {
            Answer::fail(format!("the registry denies {what} (403), though it gave a token for it"))
                .allows(&[AcrQuarantine, AcrCmkKeyUnavailable, RegistryPermissionMissing])
        }
        403 if acr => {
            Answer::fail(format!("the registry denies {what} (403), though it gave a token for it"))
                .allows(&[AcrCmkKeyUnavailable, RegistryPermissionMissing])
        }
        403 if view.credential.is_anonymous() => anonymous_refused(
            view,
            &format!("the registry denies {what} to anyone without a credential (403)"),
        ),
        403 => credential_refused_here(
            view,
            Refused::Manifest,
            &format!("the registry denies {what} to {} (403)", view.credential),
        ),
        status => Answer::fail(format!("the registry answers the request for {what} with status {status}"))
            .allows(&[RegistryServerError, MirrorReturnsHtml]),
    }
}

/// Codes by which registries name a policy of theirs as the reason (Harbor's `PROJECTPOLICYVIOLATION`, Quay's and
/// Artifactory's kin): the code decides, not the words.
fn is_policy(code: &str) -> bool {
    let code = code.to_ascii_uppercase();
    code.contains("POLICY") || code.contains("QUARANTINE")
}

fn blocked(what: &str, reply: &Reply) -> Answer {
    let words = reply.errors.first().map(|e| format!(": {}", e.message)).unwrap_or_default();
    Answer::fail(format!("a policy of the registry blocks {what} ({}){words}", reply.status))
        .confirms(RegistryPolicyBlocksPull)
}

/// What else a 404 may mean while nobody has listed the tags.
fn unlisted(acr: bool, implied_registry: bool) -> Vec<CauseId> {
    let mut causes = vec![RepositoryNotFound, RegistryServerError];
    if acr {
        causes.extend([AcrManifestInconsistent, AcrQuarantine]);
    }
    if implied_registry {
        causes.push(ImplicitDockerHub);
    }
    causes
}

/// Something is missing at the address that was asked, and is there at another one of the same registry.
pub(super) fn elsewhere(view: &View<'_>, other: &Elsewhere, what: &str, here: CauseId) -> Answer {
    let message =
        format!("{what} is missing here (404), and is there at the registry's address {}", other.address);
    let answer = Answer::fail(message);
    match family(view.registry_host()) {
        Family::Acr => answer.confirms(AcrManifestInconsistent),
        _ => answer.allows(&[here, RegistryServerError]),
    }
}

/// What is missing at another server than the registry may be in the registry all the same.
fn missing_there(view: &View<'_>, manifest: &Manifest, reply: &Reply) -> Answer {
    let answer = missing(view, manifest, reply);
    match view.other_server() {
        Some(server) => Answer {
            message: format!(
                "{}; {server} was asked, which the node's hosts.toml puts in the registry's place",
                answer.message
            ),
            ..answer.not_proven(&[RegistryMirrorMisconfigured])
        },
        None => answer,
    }
}

fn missing(view: &View<'_>, manifest: &Manifest, reply: &Reply) -> Answer {
    let target = &view.case.target;
    let repository = target.repository.as_deref().unwrap_or_default();
    let what = &manifest.reference;
    let tags = view.tag_list();
    let answer = |message: String| {
        let listed = tags.map(|t| seen::exchange(&t.exchange));
        let answer = Answer::fail(message).evidence(listed);
        match tags.map(|t| t.near.as_slice()).unwrap_or_default() {
            [] => answer,
            near => answer.saw(format!("tags of {repository}"), seen::list(near)),
        }
    };
    let acr = family(view.registry_host()) == Family::Acr;
    if let Some(other) = manifest.elsewhere.iter().find(|e| e.status == 200) {
        return elsewhere(view, other, what, TagNotFound);
    }
    if let Some(new) = moved(target) {
        return answer(format!("{} is gone (404); such images have moved to {new}", target.reference()))
            .confirms(ImageRemovedUpstream);
    }
    // A list of tags that is missing says something only in a registry's own words: not every registry has such lists.
    let no_repository = reply.has_code("NAME_UNKNOWN")
        || tags.and_then(|t| t.exchange.reply()).is_some_and(|r| r.status == 404 && !r.errors.is_empty());
    if no_repository {
        if target.implied_registry {
            return answer(format!(
                "docker.io has no repository {repository}; no registry was named, so it was asked"
            ))
            .confirms(ImplicitDockerHub);
        }
        return answer(format!("there is no repository {repository} (404)")).confirms(RepositoryNotFound);
    }
    if what.contains(':') {
        let answer = answer(format!("the repository {repository} has no manifest {what} (404)"));
        return match tags {
            Some(_) => answer.confirms(DigestNotFound),
            None => answer.allows(&[DigestNotFound]).allows(&unlisted(acr, target.implied_registry)),
        };
    }
    let message = format!("the repository {repository} has no tag {what} (404)");
    match tags {
        Some(TagList { listed: Some(true), .. }) if acr => {
            answer(format!("{what} is listed among the tags of {repository}, and cannot be had (404)"))
                .allows(&[AcrManifestInconsistent, AcrQuarantine])
        }
        Some(TagList { listed: Some(true), .. }) => {
            answer(format!("{what} is listed among the tags of {repository}, and cannot be had (404)"))
                .allows(&[TagNotFound, RegistryServerError])
        }
        Some(TagList { listed: Some(false), .. }) => answer(message).confirms(TagNotFound),
        // Without a whole list the registry's code decides, which tells a tag from a repository (OCI error codes).
        Some(list) if acr && list.exchange.status().is_none_or(|s| s == 429 || s >= 500) => {
            answer(message).allows(&[TagNotFound, AcrManifestInconsistent, AcrQuarantine])
        }
        Some(_) if reply.has_code("MANIFEST_UNKNOWN") => answer(message).confirms(TagNotFound),
        Some(_) => answer(message).allows(&[TagNotFound, RepositoryNotFound]),
        None => answer(message).allows(&[TagNotFound]).allows(&unlisted(acr, target.implied_registry)),
    }
}
