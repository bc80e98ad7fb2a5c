//! What the node itself says: looks at its files, its services and the metadata service beside it.
//!
//! *Invariant:* none of it prints a token or a password, except where its needs say so; only [`restart`] changes
//! anything.

use super::{Command, Names, change, look, some};

/// What a look at the node takes.
pub(super) fn here() -> Option<String> {
    Some("on the node itself".to_owned())
}

/// What a look at its guarded files takes.
fn as_root() -> Option<String> {
    Some("root, on the node itself".to_owned())
}

/// Whether the metadata service answers at all.
pub(super) fn metadata() -> Option<Command> {
    look(
        [
            "curl",
            "--silent",
            "--show-error",
            "--include",
            "--max-time",
            "10",
            "--header",
            "Metadata:true",
            "--noproxy",
            "*",
            "http://169.254.169.254/metadata/instance?api-version=2021-02-01",
        ],
        here(),
    )
}

/// Whether the metadata service has a token for the identity: the status alone, since the body would be the token.
pub(super) fn metadata_token(names: &Names) -> Option<Command> {
    let client = format!("client_id={}", names.client_id.as_deref()?);
    look(
        [
            "curl",
            "--silent",
            "--show-error",
            "--max-time",
            "60",
            "--header",
            "Metadata:true",
            "--noproxy",
            "*",
            "--output",
            "/dev/null",
            "--dump-header",
            "-",
            "--get",
            "--data",
            "api-version=2018-02-01",
            "--data",
            "resource=https://containerregistry.azure.net",
            "--data",
            &client,
            "http://169.254.169.254/metadata/identity/oauth2/token",
        ],
        here(),
    )
}

/// As whom the node's cloud configuration signs in, without the secret.
pub(super) fn cloud_config(names: &Names) -> Option<Command> {
    look(
        [
            "jq",
            "{cloud,tenantId,aadClientId,useManagedIdentityExtension,userAssignedIdentityID}",
            names.file_like(&[".json"])?,
        ],
        Some("jq; root, on the node itself".to_owned()),
    )
}

/// What the kubelet said of its credential providers.
pub(super) fn kubelet_log() -> Option<Command> {
    look(
        ["journalctl", "--unit", "kubelet", "--since", "-1h", "--grep", "credential", "--no-pager"],
        as_root(),
    )
}

/// The flags that the kubelet runs with.
pub(super) fn kubelet_flags() -> Option<Command> {
    look(["ps", "-C", "kubelet", "-o", "args="], here())
}

/// The hosts for which the kubelet asks a credential provider.
pub(super) fn provider_config(names: &Names) -> Option<Command> {
    let file =
        names.file_like(&[".yaml", ".yml"]).unwrap_or("/var/lib/kubelet/credential-provider-config.yaml");
    look(["cat", file], as_root())
}

/// The proxies that the runtime and the kubelet are told to use; the first are set for all services.
pub(super) fn proxy_of_services() -> [Option<Command>; 2] {
    let needs = || Some("on the node itself; it shows a proxy's password too".to_owned());
    [
        look(["systemctl", "show-environment"], needs()),
        look(
            ["systemctl", "show", "containerd", "kubelet", "--property", "Environment,EnvironmentFiles"],
            needs(),
        ),
    ]
}

/// The servers that the node's DNS cache forwards to.
pub(super) fn cache_upstreams() -> Option<Command> {
    look(["cat", "/etc/localdns/upstream-dns"], here())
}

/// The state of the services for artifact streaming.
pub(super) fn streaming_services() -> Option<Command> {
    look(
        ["systemctl", "status", "acr-mirror", "overlaybd-snapshotter", "overlaybd-tcmu", "--no-pager"],
        here(),
    )
}

/// The file that names the mirror; where it is not known, all of them.
pub(super) fn mirrors(names: &Names) -> Option<Command> {
    match names.file_like(&[".toml"]) {
        Some(file) => look(["cat", file], as_root()),
        None => look(["grep", "--recursive", "--line-number", "http", "/etc/containerd/certs.d"], as_root()),
    }
}

/// The user that the docker configuration holds for the registry; the password is not printed.
pub(super) fn user_for_registry(names: &Names) -> Option<Command> {
    look(
        ["skopeo", "login", "--get-login", "--authfile", names.docker_config()?, some(&names.registry)?],
        Some("skopeo".to_owned()),
    )
}

/// The hosts in the docker configuration, each with the names of its fields; no value is printed.
pub(super) fn entries(names: &Names) -> Option<Command> {
    look(["jq", ".auths|map_values(keys)", names.docker_config()?], Some("jq".to_owned()))
}

/// Starts a service of the node anew.
pub(super) fn restart(service: &str) -> Option<Command> {
    change(["systemctl", "restart", service], "root, on the node itself")
}
