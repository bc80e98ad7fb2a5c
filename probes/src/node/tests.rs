//! A whole node, as AKS makes it, with something secret in every place that can hold it.

use super::tree::Tree;
use super::*;
use crate::facts::node::{CacheKind, FileState, HostsForm, NodeIdentity, ProviderSource};
use crate::roots::RootsSource;
use crate::system::tests::ROOT as CERTIFICATE;

/// What must be nowhere but in secrets.
const CANARY: &str = "c4n4ry";

fn node() -> Tree {
    let tree = Tree::of(&[
        ("/etc/hostname", "aks-np1-12345678-vmss000000\n"),
        (
            "/etc/kubernetes/azure.json",
            "{\"cloud\":\"AzurePublicCloud\",\"tenantId\":\"t\",\"subscriptionId\":\"s\",\"aadClientId\":\"app\",\"aadClientSecret\":\"c4n4ry-azure\",\
             \"aadClientCertPassword\":\"c4n4ry-certificate\",\"useManagedIdentityExtension\":false,\"cloudProviderBackoff\":\"c4n4ry-type\",\
             \"other\":\"c4n4ry-other\"}",
        ),
        (
            "/etc/systemd/system/kubelet.service",
            "[Service]\nEnvironmentFile=/etc/default/kubelet\nExecStart=/opt/bin/kubelet --token=c4n4ry $KUBELET_FLAGS\n",
        ),
        (
            "/etc/default/kubelet",
            "KUBELET_FLAGS=--image-credential-provider-config=/var/lib/kubelet/credential-provider-config.yaml \
             --image-credential-provider-bin-dir=/var/lib/kubelet/credential-provider\nTOKEN=c4n4ry-flag\n",
        ),
        (
            "/etc/systemd/system/kubelet.service.d/10-httpproxy.conf",
            "[Service]\nEnvironmentFile=/etc/environment\n",
        ),
        ("/etc/environment", "HTTPS_PROXY=http://u:c4n4ry%40@proxy.corp:3128\nSECRET=c4n4ry-environment\n"),
        (
            "/etc/systemd/system.conf.d/proxy.conf",
            "[Manager]\nDefaultEnvironment=\"HTTPS_PROXY=http://u:c4n4ry/?#@proxy.corp:3128\"\nDefaultEnvironment=\"ALL_PROXY=c4n4ry proxy\"\n\
             DefaultEnvironment=\"NO_PROXY=localhost,u:c4n4ry@10.0.0.0/8\"\n",
        ),
        (
            "/usr/lib/systemd/system/containerd.service",
            "[Service]\nExecStart=/usr/bin/containerd\nEnvironment=KEY=c4n4ry\n",
        ),
        (
            "/var/lib/kubelet/credential-provider-config.yaml",
            "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n- name: acr-credential-provider\n  \
             matchImages: ['*.azurecr.io', 'u:c4n4ry@reg.io']\n  defaultCacheDuration: 10m\n  apiVersion: credentialprovider.kubelet.k8s.io/v1\n  \
             args: [/etc/kubernetes/azure.json, --ib-default-client-id=c4n4ry, '--registry-mirror=c4n4ry@a.io:b.io', --password=c4n4ry]\n  env: [{name: A, value: c4n4ry}]\n",
        ),
        ("/var/lib/kubelet/credential-provider/acr-credential-provider", "c4n4ry"),
        (
            "/etc/containerd/config.toml",
            "version = 2\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = '/etc/containerd/certs.d'\n\
             [plugins.'io.containerd.cri.v1.images'.registry.headers]\nX-Meta-Source-Client = ['c4n4ry']\n\
             [plugins.'io.containerd.cri.v1.images'.registry.configs.'r.io'.auth]\nusername = 'c4n4ry'\npassword = 'c4n4ry'\n\
             [plugins.'io.containerd.cri.v1.images'.registry.mirrors.'u:c4n4ry@r.io']\nendpoint = ['u:c4n4ry@m.io', 'https://u:c4n4ry@n.io?c4n4ry']\n\
             [plugins.'io.containerd.cri.v1.images'.registry.auths.'https://u:c4n4ry@q.io']\nauth = 'c4n4ry'\n",
        ),
        (
            "/etc/containerd/certs.d/contosoacr.azurecr.io/hosts.toml",
            "[host.'https://u:c4n4ry@mirror.corp']\nca = 'ca.pem'\nclient = ['client.pem']\n\
             [host.'https://u:c4n4ry@mirror.corp'.header]\nAuthorization = 'Basic c4n4ry'\n\
             [host.'u:c4n4ry@other.corp']\nkey = 'c4n4ry'\n'u:c4n4ry@key' = 1\n[host]\n'u:c4n4ry@third.corp' = {}\n['u:c4n4ry@top']\n",
        ),
        ("/etc/containerd/certs.d/contosoacr.azurecr.io/ca.pem", CERTIFICATE),
        ("/etc/containerd/certs.d/contosoacr.azurecr.io/client.pem", "c4n4ry"),
        ("/run/systemd/resolve/resolv.conf", "nameserver 168.63.129.16\nsearch x.internal.cloudapp.net\n"),
        ("/run/systemd/resolve/stub-resolv.conf", "nameserver 127.0.0.53\n"),
        ("/etc/hosts", "127.0.0.1 localhost\n"),
        ("/etc/ssl/certs/ca-certificates.crt", CERTIFICATE),
    ]);
    #[cfg(unix)]
    tree.link("/etc/resolv.conf", "/run/systemd/resolve/stub-resolv.conf");
    tree
}

fn target(text: &str) -> Target {
    Target::parse(text).expect(text)
}

#[test]
fn no_secret_is_in_the_facts() {
    let tree = node();
    let files = read(&tree.root(), None, &target("contosoacr.azurecr.io/team/web:v1"));
    let json = serde_json::to_string(&files.facts).expect("facts");
    assert!(!json.contains(CANARY), "{json}");
    assert!(!format!("{:?}", files.facts).contains(CANARY));
    assert!(!format!("{:?} {:?}", files.upstream, files.resolver).contains(CANARY));
    assert_eq!(serde_json::from_str::<NodeFacts>(&json).expect("the same"), files.facts);
    // Yet all of it was read.
    let exposed = |secret: &Secret<String>| secret.expose().clone();
    assert_eq!(files.secret.as_ref().map(exposed).as_deref(), Some("c4n4ry-azure"));
    assert_eq!(
        files.kubelet.https_proxy().as_ref().map(exposed).as_deref(),
        Some("http://u:c4n4ry%40@proxy.corp:3128")
    );
    assert_eq!(exposed(&files.hosts.mirrors[0].headers[0].1), "Basic c4n4ry");
}

#[cfg(unix)]
#[test]
fn a_whole_node_is_read() {
    let tree = node();
    let files = read(&tree.root(), None, &target("contosoacr.azurecr.io/team/web:v1"));
    let facts = &files.facts;
    assert_eq!(files.name, "aks-np1-12345678-vmss000000");
    assert!(matches!(facts.azure_json.identity, Some(NodeIdentity::ServicePrincipal { secret: true, .. })));
    assert_eq!(facts.azure_json.wrong_types.len(), 1);
    assert_eq!(facts.providers.source, ProviderSource::Flags);
    assert!(facts.providers.providers[0].matches && facts.containerd.directories_named);
    assert_eq!((facts.registry.form, facts.registry.mirrors.len()), (HostsForm::HostsToml, 2));
    assert_eq!(files.hosts.mirrors[0].host, "mirror.corp");
    assert_eq!(files.hosts.mirrors[0].authorities.len(), 1);
    assert_eq!(files.resolver.nameservers, ["127.0.0.53:53".parse().expect("an address")]);
    let upstream = files.upstream.expect("an upstream");
    assert_eq!((upstream.kind, upstream.nameservers.len()), (CacheKind::SystemdResolved, 1));
    assert_eq!(files.containerd.no_proxy(), ["localhost", "u:c4n4ry@10.0.0.0/8"]);
    assert_eq!(
        files.roots.source,
        RootsSource::Node(vec!["/etc/ssl/certs/ca-certificates.crt".to_owned(), "/etc/ssl/certs".to_owned()])
    );
    assert_eq!((files.roots.certificates.len(), facts.authorities), (1, 1));
    let shown: Vec<(&str, Option<&str>, bool)> = facts.environments[0]
        .variables
        .iter()
        .map(|v| (v.variable.as_str(), v.proxy.as_ref().map(Foreign::as_str), v.has_user))
        .collect();
    assert_eq!(
        shown,
        [
            ("ALL_PROXY", None, false),
            ("HTTPS_PROXY", Some("http://proxy.corp:3128"), true),
            ("NO_PROXY", None, false)
        ]
    );
}

#[test]
fn azure_json_is_the_one_given_else_the_providers_else_the_usual_one() {
    let path = |files: &NodeFiles| files.facts.azure_json.file.path.as_str().to_owned();
    let provider = |name: &str, image: &str, args: &str| {
        format!("- {{name: {name}, matchImages: ['{image}'], args: [{args}]}}\n")
    };
    let target = target("contosoacr.azurecr.io/team/web:v1");
    for (providers, expected) in [
        (provider("a", "*.azurecr.io", "/own.json"), "/own.json"),
        (provider("a", "quay.io", "/other.json") + &provider("b", "*.azurecr.io", "/own.json"), "/own.json"),
        (provider("a", "quay.io", "/other.json"), "/other.json"),
        (provider("a", "*.azurecr.io", "get"), azure_json::DEFAULT),
        (String::new(), azure_json::DEFAULT),
    ] {
        let config = format!(
            "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n{providers}"
        );
        let tree = Tree::of(&[(provider::CONFIG, &config)]);
        assert_eq!(path(&read(&tree.root(), None, &target)), expected, "{config}");
        let given = tree.place("/given.json");
        assert_eq!(path(&read(&tree.root(), Some(&given), &target)), given.display().to_string());
    }
}

#[test]
fn an_empty_root_is_a_node_without_files() {
    let tree = Tree::new();
    for text in ["nginx", "contosoacr.azurecr.io", "localhost:5000/x", "[::1]:5000/x"] {
        let files = read(&tree.root(), None, &target(text));
        assert_eq!((files.name.as_str(), files.roots.certificates.len()), ("node", 0), "{text}");
        assert_eq!(files.facts.azure_json.file.state, FileState::Missing, "{text}");
        assert!(files.secret.is_none() && files.hosts.mirrors.is_empty(), "{text}");
        assert!(files.hosts.server.capabilities.pull, "{text}");
        let json = serde_json::to_value(&files.facts).expect("facts");
        assert_eq!(serde_json::from_value::<NodeFacts>(json).expect("the same"), files.facts, "{text}");
    }
    let schema = schemars::schema_for!(NodeFacts);
    assert!(schema.get("properties").is_some_and(|properties| properties.get("azureJson").is_some()));
}

/// Numbers without an end, the same in every run (xorshift).
fn numbers() -> impl FnMut(usize) -> usize {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    }
}

#[test]
fn damaged_files_are_read_to_the_end() {
    let mut number = numbers();
    let target = target("contosoacr.azurecr.io/team/web:v1");
    for path in [
        "/etc/hostname",
        "/etc/kubernetes/azure.json",
        "/etc/systemd/system/kubelet.service",
        "/etc/default/kubelet",
        "/etc/systemd/system.conf.d/proxy.conf",
        "/var/lib/kubelet/credential-provider-config.yaml",
        "/etc/containerd/config.toml",
        "/etc/containerd/certs.d/contosoacr.azurecr.io/hosts.toml",
        "/run/systemd/resolve/stub-resolv.conf",
        "/etc/ssl/certs/ca-certificates.crt",
    ] {
        let tree = node();
        let whole = std::fs::read(tree.place(path)).expect("a file of the node");
        for _ in 0..20 {
            let mut damaged = whole.clone();
            for _ in 0..=number(3) {
                let at = number(damaged.len());
                match number(4) {
                    0 => damaged.truncate(at),
                    1 => drop(damaged.splice(
                        at..at,
                        b"\\\"'{[]}=:%$\xc3\n\0\x1b@/#".iter().copied().skip(number(18)).take(2),
                    )),
                    2 => drop(damaged.drain(at..(at + number(20)).min(damaged.len()))),
                    _ => damaged.extend_from_within(at..),
                }
            }
            tree.file(path, &damaged);
            let facts = read(&tree.root(), None, &target).facts;
            let json = serde_json::to_string(&facts).expect("facts");
            assert_eq!(serde_json::from_str::<NodeFacts>(&json).expect("the same"), facts);
        }
    }
}

#[test]
fn facts_of_a_newer_version_are_read_as_far_as_they_are_known() {
    let tree = node();
    let files = read(&tree.root(), None, &target("contosoacr.azurecr.io/team/web:v1"));
    let mut json = serde_json::to_value(&files.facts).expect("facts");
    json["new"] = 1.into();
    json["azureJson"]["identity"] = serde_json::json!({"kind": "quantum", "x": 1});
    json["azureJson"]["file"]["state"] = "dreamt".into();
    json["registry"]["form"] = "other".into();
    json["registry"]["mirrors"][0]["capabilities"] = serde_json::json!(["pull", "dance"]);
    json["providers"]["providers"][0].as_object_mut().expect("a provider").remove("registryMirrors");
    let facts: NodeFacts = serde_json::from_value(json).expect("tolerant");
    assert_eq!(facts.azure_json.identity, Some(NodeIdentity::Unknown));
    assert_eq!((facts.azure_json.file.state, facts.registry.form), (FileState::Unknown, HostsForm::Unknown));
}
