use super::*;
use crate::node::tree::Tree;

const TARGET: &str = "contosoacr.azurecr.io/team/web:v1";

/// The configuration as AKS writes it, with all that it can have.
const AKS: &str = r#"apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: acr-credential-provider
    matchImages:
      - "*.azurecr.io"
      - "*.azurecr.cn"
      - "*.*.geo.azurecr.io"
      - "mcr.microsoft.com"
    defaultCacheDuration: "10m"
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    tokenAttributes:
      serviceAccountTokenAudience: api://AKSIdentityBinding
      requireServiceAccount: false
      cacheType: ServiceAccount
      optionalServiceAccountAnnotationKeys:
        - kubernetes.azure.com/acr-client-id
    args:
      - /etc/kubernetes/azure.json
      - --registry-mirror=mcr.microsoft.com:contosoacr.azurecr.io
      - --ib-sni-name=c4n4ry
"#;

const UNIT: &str =
    "[Service]\nEnvironmentFile=/etc/default/kubelet\nExecStart=/opt/bin/kubelet $KUBELET_FLAGS\n";

fn read_of(tree: &Tree) -> ProviderConfig {
    let root = tree.root();
    read(&root, &Service::read(&root, unit::KUBELET), &Target::parse(TARGET).expect(TARGET))
}

#[test]
fn what_aks_writes_is_read() {
    let tree = Tree::of(&[
        ("/etc/systemd/system/kubelet.service", UNIT),
        (
            "/etc/default/kubelet",
            "KUBELET_FLAGS=--v=2 --image-credential-provider-config=/etc/cp.yaml --image-credential-provider-bin-dir=/opt/cp/\n",
        ),
        ("/etc/cp.yaml", AKS),
        ("/opt/cp/acr-credential-provider", ""),
    ]);
    let config = read_of(&tree);
    assert_eq!(config.source, ProviderSource::Flags);
    assert_eq!(config.files, [NodeFile::new("/etc/cp.yaml", FileState::Read)]);
    assert!(config.malformed.is_none() && config.unknown_keys.is_empty());
    let [provider] = config.providers.as_slice() else { panic!("one: {config:?}") };
    assert_eq!(provider.name.as_str(), "acr-credential-provider");
    assert_eq!(provider.match_images.len(), 4);
    assert!(provider.matches && provider.identity_bindings && provider.token_attributes);
    assert_eq!(provider.default_cache_duration.as_ref().map(Foreign::as_str), Some("10m"));
    assert_eq!(
        provider.api_version.as_ref().map(Foreign::as_str),
        Some("credentialprovider.kubelet.k8s.io/v1")
    );
    assert_eq!(provider.program, NodeFile::new("/opt/cp/acr-credential-provider", FileState::Read));
    assert!(!provider.executable);
    assert_eq!(provider.azure_json.as_ref().map(Foreign::as_str), Some("/etc/kubernetes/azure.json"));
    assert_eq!(provider.registry_mirrors[0].target.as_str(), "contosoacr.azurecr.io");
    let json = serde_json::to_string(&config).expect("facts");
    assert!(!json.contains("c4n4ry"), "{json}");
    assert_eq!(serde_json::from_str::<ProviderConfig>(&json).expect("the same"), config);
}

#[test]
fn the_place_is_in_the_flags_else_the_usual_one() {
    let unit = "/etc/systemd/system/kubelet.service";
    for (name, files, source, path) in [
        ("no unit", vec![], ProviderSource::Assumed, CONFIG),
        ("no flag", vec![(unit, "[Service]\nExecStart=/k --v=2\n")], ProviderSource::NotInFlags, CONFIG),
        (
            "in the command, the last one, as two words",
            vec![(
                unit,
                "[Service]\nExecStart=/k --image-credential-provider-config=/a --image_credential_provider_config /b\n",
            )],
            ProviderSource::Flags,
            "/b",
        ),
        (
            "in a drop-in's environment",
            vec![
                (unit, "[Service]\nExecStart=/k $EXTRA\n"),
                (
                    "/etc/systemd/system/kubelet.service.d/a.conf",
                    "[Service]\nEnvironment=\"EXTRA=--image-credential-provider-config=/c\"\n",
                ),
            ],
            ProviderSource::Flags,
            "/c",
        ),
        (
            "behind a script",
            vec![
                (unit, "[Service]\nExecStart=/start.sh\n"),
                (FLAGS, "KUBELET_FLAGS=--image-credential-provider-config=/d\n"),
            ],
            ProviderSource::Flags,
            "/d",
        ),
        ("a file of variables that is missing", vec![(unit, UNIT)], ProviderSource::Assumed, CONFIG),
    ] {
        let config = read_of(&Tree::of(&files));
        assert_eq!((config.source, config.files[0].path.as_str()), (source, path), "{name}");
        assert_eq!(config.files[0].state, FileState::Missing, "{name}");
    }
}

#[test]
fn a_directory_is_read_in_the_order_of_its_names() {
    let one = |name: &str, image: &str| {
        format!(
            "{{\"apiVersion\":\"kubelet.config.k8s.io/v1\",\"kind\":\"CredentialProviderConfig\",\"providers\":[{{\"name\":\"{name}\",\
             \"matchImages\":[\"{image}\"],\"defaultCacheDuration\":\"0s\",\"apiVersion\":\"credentialprovider.kubelet.k8s.io/v1\",\
             \"env\":[{{\"name\":\"A\",\"value\":\"c4n4ry\"}}]}}]}}"
        )
    };
    let unit = "[Service]\nExecStart=/k --image-credential-provider-config=/cp\n";
    let tree = Tree::of(&[
        ("/etc/systemd/system/kubelet.service", unit),
        ("/cp/b.json", &one("../b", "*.azurecr.io")),
        ("/cp/a.yml", &one("a", "quay.io")),
        ("/cp/c.txt", "no"),
        ("/cp/d.yaml", "providers: [\n"),
    ]);
    let config = read_of(&tree);
    let shown: Vec<(&str, bool, FileState)> =
        config.providers.iter().map(|p| (p.name.as_str(), p.matches, p.program.state)).collect();
    assert_eq!(shown, [("a", false, FileState::Missing), ("../b", true, FileState::Missing)]);
    assert_eq!(config.malformed.as_ref().map(|m| m.path.as_str()), Some("/cp/d.yaml"));
    assert!(!serde_json::to_string(&config).expect("facts").contains("c4n4ry"));
}

#[test]
fn what_is_no_configuration_is_told() {
    let head = "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\n";
    for (text, malformed, unknown) in [
        (format!("{head}providers: []\n"), None, ""),
        (format!("---\n{head}---\nother: document\n"), None, ""),
        (
            format!("{head}providers:\n- name: a\n  matchimages: [x]\n  foo: 1\nextra: 2\n"),
            None,
            "extra foo matchimages",
        ),
        (format!("{head}providers:\n  - name: a\n   matchImages: [x]\n"), Some(true), ""),
        (format!("{head}providers: 3\n"), Some(false), ""),
        (format!("{head}providers:\n- name: [a]\n"), Some(false), ""),
        ("apiVersion: v1\nkind: CredentialProviderConfig\n".to_owned(), Some(false), ""),
        ("apiVersion: kubelet.config.k8s.io/v1\nkind: KubeletConfiguration\n".to_owned(), Some(false), ""),
        (String::new(), Some(false), ""),
        ("just text".to_owned(), Some(false), ""),
    ] {
        let config = read_of(&Tree::of(&[(CONFIG, &text)]));
        assert_eq!(config.malformed.as_ref().map(|m| m.place.is_some()), malformed, "{text}");
        let mut keys: Vec<&str> = config.unknown_keys.iter().map(Foreign::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys.join(" "), unknown, "{text}");
    }
}
