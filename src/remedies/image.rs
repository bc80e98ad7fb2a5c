//! What the registry and the cluster say of the image: read-only looks with `skopeo`, `docker`, `az` and `kubectl`.
//!
//! *Invariant:* nothing here changes anything.

use super::{Command, Names, look, some};

/// The repository's tags, the newest first where the registry can say.
pub(super) fn tags(names: &Names) -> Option<Command> {
    let repository = names.repository.as_deref()?;
    if let Some(acr) = names.acr.as_deref() {
        return look(
            [
                "az",
                "acr",
                "repository",
                "show-tags",
                "--name",
                acr,
                "--repository",
                repository,
                "--orderby",
                "time_desc",
                "--top",
                "10",
                "--output",
                "table",
            ],
            super::azure::content_read(acr),
        );
    }
    let url = format!("docker://{}/{repository}", some(&names.registry)?);
    look(["skopeo", "list-tags", &url], Some("skopeo, signed in where the repository is private".to_owned()))
}

/// The image as `skopeo` names it, by its digest where it has both; `skopeo` takes one of them only.
fn skopeo_url(names: &Names) -> Option<String> {
    let (registry, repository) = (some(&names.registry)?, names.repository.as_deref()?);
    match (names.digest.as_deref(), names.tag.as_deref()) {
        (Some(digest), _) => Some(format!("docker://{registry}/{repository}@{digest}")),
        (None, Some(tag)) => Some(format!("docker://{registry}/{repository}:{tag}")),
        (None, None) => None,
    }
}

/// The manifest as the registry holds it.
pub(super) fn manifest(names: &Names) -> Option<Command> {
    look(
        ["skopeo", "inspect", "--raw", &skopeo_url(names)?],
        Some("skopeo, signed in where the image is private".to_owned()),
    )
}

/// The manifest at the source of the registry's cache rule.
pub(super) fn source_manifest(names: &Names) -> Option<Command> {
    let source = names.cache_source.as_deref()?;
    let reference = match (&names.digest, &names.tag) {
        (Some(digest), _) => format!("docker://{source}@{digest}"),
        (None, Some(tag)) => format!("docker://{source}:{tag}"),
        (None, None) => return None,
    };
    look(
        ["skopeo", "inspect", "--raw", &reference],
        Some("skopeo, signed in at the source where it is private".to_owned()),
    )
}

/// The manifest, asked for without any credential.
pub(super) fn manifest_anonymously(names: &Names) -> Option<Command> {
    look(["skopeo", "inspect", "--no-creds", "--raw", &skopeo_url(names)?], Some("skopeo".to_owned()))
}

/// The digest that the tag has now.
pub(super) fn digest_of_tag(names: &Names) -> Option<Command> {
    let (registry, repository, tag) =
        (some(&names.registry)?, names.repository.as_deref()?, names.tag.as_deref()?);
    look(
        ["skopeo", "inspect", "--format", "{{.Digest}}", &format!("docker://{registry}/{repository}:{tag}")],
        Some("skopeo, signed in where the image is private".to_owned()),
    )
}

/// The platforms of the image.
pub(super) fn platforms(names: &Names) -> Option<Command> {
    look(
        ["docker", "buildx", "imagetools", "inspect", some(&names.reference)?],
        Some("docker with buildx, signed in where the image is private".to_owned()),
    )
}

/// The platforms of the nodes.
pub(super) fn nodes() -> Option<Command> {
    look(
        [
            "kubectl",
            "get",
            "nodes",
            "--label-columns",
            "kubernetes.io/os,kubernetes.io/arch,node.kubernetes.io/windows-build",
        ],
        Some("kubectl; list on nodes".to_owned()),
    )
}

/// The image that the nodes themselves run, on AKS.
pub(super) fn node_images(names: &Names) -> Option<Command> {
    let labels = "kubernetes.azure.com/agentpool,kubernetes.azure.com/node-image-version";
    let needs = Some("kubectl; get and list on nodes".to_owned());
    match names.node.as_deref() {
        Some(node) => look(["kubectl", "get", "node", node, "--label-columns", labels], needs),
        None => look(["kubectl", "get", "nodes", "--label-columns", labels], needs),
    }
}

/// The pull secrets that the pods name.
pub(super) fn pods_secrets() -> Option<Command> {
    look(
        [
            "kubectl",
            "get",
            "pods",
            "--all-namespaces",
            "--output",
            "custom-columns=NAMESPACE:.metadata.namespace,POD:.metadata.name,SECRETS:.spec.imagePullSecrets[*].name",
        ],
        Some("kubectl; list on pods in all namespaces".to_owned()),
    )
}

/// The pull secrets that there are; what they hold is not printed.
pub(super) fn pull_secrets() -> Option<Command> {
    look(
        [
            "kubectl",
            "get",
            "secrets",
            "--all-namespaces",
            "--field-selector",
            "type=kubernetes.io/dockerconfigjson",
        ],
        Some("kubectl; list on secrets in all namespaces".to_owned()),
    )
}

/// The names of the images as the cluster holds them.
pub(super) fn pods_images() -> Option<Command> {
    look(
        [
            "kubectl",
            "get",
            "pods",
            "--all-namespaces",
            "--output",
            "custom-columns=NAMESPACE:.metadata.namespace,POD:.metadata.name,IMAGES:.spec.containers[*].image",
        ],
        Some("kubectl; list on pods in all namespaces".to_owned()),
    )
}
