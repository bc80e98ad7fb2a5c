//! What the same words mean beside what is known of the node, the registry and the pod.

use super::{A, leads};
use crate::kubelet::Context;

const BASIC: &str = "failed to resolve reference \"r.example/a:v1\": pulling from host r.example failed with status code [manifests v1]: 401 \
     Unauthorized";
const NOBODY: &str = "failed to resolve image: pull access denied, repository does not exist or may require authorization: authorization \
     failed: no basic auth credentials";

fn with(secrets: Option<bool>, runtime: &'static str) -> Context<'static> {
    Context { runtime, secrets, ..Context::default() }
}

#[test]
fn a_401_of_an_old_runtime_may_be_nobodys() {
    let old = "containerd://1.6.20";
    assert_eq!(
        leads("Failed", BASIC, &with(Some(false), old)),
        ["PullSecretNotReferenced", "PrivateImageNoCredentials"]
    );
    assert_eq!(
        leads("Failed", BASIC, &with(Some(true), old)),
        ["PullSecretBadCredentials", "PullSecretServerMismatch"]
    );
    assert_eq!(leads("Failed", BASIC, &with(None, old)).len(), 5);
    // From 1.7 on it is said where there is nobody to present.
    let new = leads("Failed", BASIC, &with(None, "containerd://1.7.34"));
    assert_eq!(
        new,
        [
            "PullSecretBadCredentials",
            "PrivateImageNoCredentials",
            "RegistryPermissionMissing",
            "AuthChallengeMalformed"
        ]
    );
    // A token service gives nobody a token too, and the registry refuses it.
    let without = leads("Failed", BASIC, &with(Some(false), "containerd://1.7.34"));
    assert_eq!(without, ["PrivateImageNoCredentials", "RepositoryNotFound", "AuthChallengeMalformed"]);
    assert_eq!(
        leads("Failed", NOBODY, &with(Some(true), "containerd://2.3.7"))[0],
        "PullSecretServerMismatch"
    );
    assert_eq!(leads("Failed", NOBODY, &with(Some(false), ""))[0], "PullSecretNotReferenced");
}

#[test]
fn a_refusal_by_azure_depends_on_who_was_presented() {
    let token = |who: &str| {
        format!(
            "failed to pull and unpack image \"{A}\": failed to resolve image: failed to authorize: failed to fetch {who} token: unexpected status: 401 Unauthorized"
        )
    };
    let anonymous = token("anonymous");
    assert_eq!(leads("Failed", &anonymous, &with(Some(false), ""))[0], "AcrPullRoleMissing");
    assert_eq!(leads("Failed", &anonymous, &with(Some(true), ""))[0], "PullSecretServerMismatch");
    let pair = format!("[{}, {anonymous}]", token("oauth"));
    assert_eq!(leads("Failed", &pair, &with(Some(true), ""))[0], "PullSecretBadCredentials");
    assert_eq!(leads("Failed", &pair, &with(Some(false), ""))[0], "ServicePrincipalSecretExpired");
    // Another registry's token service knows no roles of Azure's.
    let other = pair.replace("contosoacr.azurecr.io", "harbor.contoso.example");
    assert_eq!(
        leads("Failed", &other, &with(None, "")),
        ["PullSecretBadCredentials", "BadCredentialOnPublicImage"]
    );
    // A registry of Azure's under a name of its own.
    let custom = Context { azure: true, ..Context::default() };
    let named = anonymous.replace("contosoacr.azurecr.io", "images.contoso.example");
    assert_eq!(leads("Failed", &named, &custom)[0], "AcrPullRoleMissing");
}

#[test]
fn a_regional_endpoint_is_one_that_old_node_images_do_not_know() {
    let image = "contosoacr.westeurope.geo.azurecr.io/team/web:v1";
    let message = format!(
        "failed to pull and unpack image \"{image}\": failed to resolve image: failed to authorize: failed to fetch anonymous token: \
         unexpected status: 401 Unauthorized"
    );
    let found = leads("Failed", &message, &with(Some(false), ""));
    assert_eq!(found[..2], ["RegionalEndpointNodeImageTooOld", "RegionalEndpointServicePrincipal"]);
    assert!(!found.iter().any(|cause| cause == "CredentialProviderNotConfigured"), "{found:?}");
    // One that a provider's key has matched is neither.
    let signed = leads("Failed", &message.replace("anonymous", "oauth"), &with(Some(false), ""));
    assert!(!signed.iter().any(|cause| cause.starts_with("RegionalEndpoint")), "{signed:?}");
}

#[test]
fn a_small_hello_is_never_too_large() {
    let message =
        "failed to do request: Head \"https://r.example/v2/a/manifests/v1\": net/http: TLS handshake timeout";
    assert_eq!(leads("Failed", message, &with(None, "containerd://1.6.20")), ["TlsHandshakeTimeout"]);
    assert_eq!(leads("Failed", message, &with(None, "containerd://2.3.7")).len(), 2);
}

#[test]
fn a_name_without_a_registry_is_docker_hubs() {
    let message = "failed to pull and unpack image \"docker.io/team/web:v1\": failed to resolve image: pull access denied, repository does \
         not exist or may require authorization: server message: insufficient_scope: authorization failed";
    let written = Context { image: "docker.io/team/web:v1", ..Context::default() };
    let implied = Context { image: "team/web:v1", ..Context::default() };
    assert_eq!(leads("ErrImagePull", message, &written)[0], "RepositoryNotFound");
    assert_eq!(leads("ErrImagePull", message, &implied)[0], "ImplicitDockerHub");
}

#[test]
fn the_images_name_says_what_is_wrong_with_it() {
    for (image, cause) in [
        ("r.example/Team/web:v1", "ImageRefUppercase"),
        ("r.example/team/web:${TAG}", "UnexpandedTemplateInImage"),
        ("${REGISTRY}/team/web", "UnexpandedTemplateInImage"),
        ("https://r.example/team/web", "ImageRefHasScheme"),
        ("r.example/team/web@sha256:abc", "ImageDigestMalformed"),
        ("r.example/team/web:v1 ", "ImageRefMalformed"),
    ] {
        let message = format!(
            "Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": invalid reference format"
        );
        assert_eq!(leads("InvalidImageName", &message, &Context::default()), [cause]);
        assert_eq!(leads("InspectFailed", &message, &Context::default()), [cause]);
    }
    // kubelet says so of a template too, and without the name both may be.
    let bare = leads(
        "InvalidImageName",
        "invalid reference format: repository name must be lowercase",
        &Context::default(),
    );
    assert_eq!(bare, ["ImageRefUppercase", "UnexpandedTemplateInImage"]);
}

#[test]
fn a_sandbox_has_an_image_of_its_own() {
    let message = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to pull image \"mcr.microsoft.com/oss/pause:3.9\": failed \
         to pull and unpack image \"mcr.microsoft.com/oss/pause:3.9\": failed to resolve image: failed to do request: Head \
         \"https://mcr.microsoft.com/v2/oss/pause/manifests/3.9\": dial tcp: lookup mcr.microsoft.com on 10.0.0.10:53: server misbehaving";
    let context = Context { image: A, azure: true, ..Context::default() };
    assert_eq!(
        leads("FailedCreatePodSandBox", message, &context),
        ["SandboxImagePullFailed", "DnsServerUnreachable"]
    );
    assert!(crate::kubelet::read(message).sandbox);
    // Other trouble with a sandbox is none of a pull's.
    let network = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"x\": plugin type=\"bridge\" \
         failed: no such device";
    assert!(
        !leads("FailedCreatePodSandBox", network, &context).contains(&"SandboxImagePullFailed".to_owned())
    );
}

#[test]
fn what_comes_after_the_pull_is_no_pull() {
    for (reason, message) in [
        ("CreateContainerConfigError", "secret \"app\" not found"),
        ("RunContainerError", "failed to create containerd task: exec: \"x\": permission denied"),
        ("StartError", "failed to create containerd task: dial tcp 1.2.3.4:443: connect: connection refused"),
        ("FailedMount", "MountVolume.SetUp failed for volume \"a\": secret \"b\" not found"),
        ("ErrImagePull", ""),
        ("ImagePullBackOff", "Back-off pulling image \"r.example/a:v1\""),
    ] {
        assert_eq!(leads(reason, message, &Context::default()), Vec::<String>::new(), "{reason}");
    }
    let unpacking = "failed to create containerd container: error unpacking image: failed to extract layer sha256:ab: failed to get reader from \
         content store: content digest sha256:cd: not found";
    assert_eq!(leads("CreateContainerError", unpacking, &Context::default()), ["ContentStoreBlobMissing"]);
}

#[test]
fn a_pull_secrets_parser_speaks_in_the_reason() {
    let sentence = "unable to parse auth field, must be formatted as base64(username:password)";
    assert_eq!(leads(sentence, sentence, &Context::default()), ["PullSecretMalformed"]);
    assert_eq!(
        leads("illegal base64 data at input byte 4", "", &Context::default()),
        ["PullSecretMalformed"]
    );
}

#[test]
fn an_image_of_a_volume_is_another_one() {
    let message = "Failed to pull image \"r.example/data:v1\": rpc error: code = NotFound desc = failed to pull and unpack image \"r.example/data:v1\": \
         failed to resolve image: r.example/data:v1: not found";
    let of = |image: &'static str| leads("Failed", message, &Context { image, ..Context::default() });
    assert_eq!(of("r.example/web:v1"), ["ImageVolumePullFailed", "TagNotFound"]);
    assert_eq!(of("r.example/data:v1"), ["TagNotFound", "RepositoryNotFound"]);
    // Without a tag it is the same image.
    let latest = message.replace(":v1", ":latest");
    let context = Context { image: "r.example/data", ..Context::default() };
    assert_eq!(leads("Failed", &latest, &context), ["TagNotFound", "RepositoryNotFound"]);
}

/// What only a node's own programs say, in the mouth of a registry.
const OF_NODES: [&str; 14] = [
    "no space left on device",
    "read-only file system",
    "dial unix /run/containerd/containerd.sock: connect: connection refused",
    "x509: certificate signed by unknown authority",
    "dial tcp: lookup upstream.example on 10.0.0.10:53: no such host",
    "proxyconnect tcp: EOF",
    "no match for platform in manifest",
    "context deadline exceeded",
    "pull QPS exceeded",
    "Container image \"a\" is not present with pull policy of Never",
    "unable to parse auth field",
    "parent snapshot sha256:ab does not exist",
    "Source image rejected: no signature exists",
    "failed to extract layer sha256:ab: archive/tar: invalid tar header",
];

#[test]
fn a_registrys_words_say_nothing_of_the_node() {
    let context = Context::default();
    for form in [
        "failed to resolve image: unexpected status from HEAD request to https://r.example/v2/a/manifests/v1: 403 Forbidden\ndenied: WORDS",
        "failed to resolve image: unexpected status from HEAD request to https://r.example/v2/a/manifests/v1: 500 Internal Server Error\nunknown: \
         WORDS",
        "failed to resolve image: unexpected status from HEAD request to https://r.example/v2/a/manifests/v1: 503 WORDS",
        "failed to copy: httpReadSeeker: failed open: unexpected status code https://r.example/v2/a/blobs/sha256:ab: 403 Forbidden - Server message: \
         denied: WORDS",
        "Error response from daemon: denied: WORDS",
        "Error response from daemon: unknown: WORDS",
        "reading manifest v1 in r.example/a: denied: WORDS",
    ] {
        let message = |words: &str| {
            format!(
                "Failed to pull image \"r.example/a:v1\": rpc error: code = Unknown desc = {}",
                form.replace("WORDS", words)
            )
        };
        let expected = leads("Failed", &message("ask us"), &context);
        assert!(!expected.is_empty(), "{form}");
        for words in OF_NODES {
            assert_eq!(leads("Failed", &message(words), &context), expected, "{}", message(words));
        }
    }
}

#[test]
fn names_of_hosts_and_of_certificates_say_nothing() {
    let context = Context::default();
    for form in [
        "Head \"https://NAME.example/v2/a/manifests/v1\": dial tcp: lookup NAME.example on 10.0.0.10:53: no such host",
        "Head \"https://r.example/v2/a/manifests/v1\": tls: failed to verify certificate: x509: certificate is valid for NAME.example, not r.example",
        "Head \"https://r.example/v2/a/manifests/v1\": x509: certificate signed by unknown authority (possibly because of \"x509: \
         unhandled critical extension\" while trying to verify candidate authority certificate \"NAME has expired or is not yet valid\")",
    ] {
        let message = |name: &str| {
            let form = form.replace("NAME", name);
            format!(
                "Failed to pull image \"r.example/a:v1\": failed to resolve image: failed to do request: {form}"
            )
        };
        let expected = leads("Failed", &message("plain"), &context);
        assert!(
            !expected.is_empty() && !expected.contains(&"TlsCertificateExpired".to_owned()),
            "{expected:?}"
        );
        for name in [
            "schema1",
            "decrypt",
            "overlaybd",
            "ocicrypt",
            "signature-verification",
            "hosts.toml",
            "certificate",
        ] {
            assert_eq!(leads("Failed", &message(name), &context), expected, "{}", message(name));
        }
    }
}

#[test]
fn an_answer_of_the_metadata_service_is_no_registrys() {
    let message = "failed to pull and unpack image \"r.example/a:v1\": failed to copy: httpReadSeeker: failed open: unexpected status from \
         GET request to http://169.254.169.254/latest/meta-data: 400 Bad Request";
    assert_eq!(leads("Failed", message, &Context::default()), ["RedirectTargetRefused"]);
}

#[test]
fn an_address_that_a_registry_sends_to_is_no_service_of_the_node() {
    let context = Context::default();
    for (url, cause) in [
        // Where no registry may send anybody.
        ("https://169.254.169.254/metadata/identity/oauth2/token", "RedirectTargetRefused"),
        ("https://localhost:8578/x", "RedirectTargetRefused"),
        ("https://s.example/blob?ns=r.example", "RedirectTargetBlocked"),
    ] {
        let message = format!(
            "Failed to pull image \"r.example/a:v1\": failed to pull and unpack image \"r.example/a:v1\": failed to copy: httpReadSeeker: failed \
             open: failed to do request: Get \"{url}\": dial tcp 198.51.100.4:443: i/o timeout"
        );
        assert_eq!(leads("Failed", &message, &context), [cause], "{url}");
    }
}
