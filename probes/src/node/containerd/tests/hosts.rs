//! `hosts.toml`, and the registry without one. What is expected was seen with containerd 2.3.3's own code.

use super::*;

const ALL: &str = "prwf";

#[test]
fn hosts_are_those_of_containerd() {
    let itself = format!("https://r.io/v2 {ALL}");
    let all = |hosts: &[&str]| {
        let lines = hosts.iter().map(|host| format!("{host} {ALL}"));
        lines.chain([itself.clone()]).collect::<Vec<_>>().join(" | ")
    };
    for (registry, file, expected) in [
        (
            "docker.io",
            "server = 'https://docker.io'\n[host.'https://mirror.gcr.io']\ncapabilities=['pull','resolve']\n",
            "https://mirror.gcr.io/v2 pr | https://docker.io/v2 prwf".to_owned(),
        ),
        (
            "docker.io",
            "[host.'https://m']\n",
            "https://m/v2 prwf | https://registry-1.docker.io/v2 prwf".to_owned(),
        ),
        (
            "mcr.microsoft.com",
            "[host.\"https://c.azurecr.io/v2/aks-managed-repository\"]\n  capabilities = [\"pull\", \"resolve\"]\n  override_path = true\n",
            "https://c.azurecr.io/v2/aks-managed-repository pr | https://mcr.microsoft.com/v2 prwf"
                .to_owned(),
        ),
        (
            "mcr.azk8s.cn",
            "[host.\"https://mcr.azure.cn\"]\n  capabilities = [\"pull\", \"resolve\"]\n[host.\"https://mcr.azure.cn\".header]\n    X-Forwarded-For = [\"mcr.azk8s.cn\"]\n",
            "https://mcr.azure.cn/v2 pr X-Forwarded-For=mcr.azk8s.cn | https://mcr.azk8s.cn/v2 prwf"
                .to_owned(),
        ),
        (
            "r.io",
            "[host.'https://b']\n[host.'https://a']\n[host.'https://c'.header]\nX='1'\n",
            format!("https://b/v2 {ALL} | https://a/v2 {ALL} | https://c/v2 {ALL} X=1 | {itself}"),
        ),
        // containerd asks the first one twice.
        (
            "r.io",
            "[host.'https://b']\n[host.'https://a']\n[host.'https://b'.header]\nX='1'\n",
            format!("https://b/v2 {ALL} X=1 | https://a/v2 {ALL} | {itself}"),
        ),
        ("r.io", "[host]\n'https://a' = {capabilities=['pull']}\n", itself.clone()),
        ("r.io", "host.'https://a'.capabilities=['pull']\n", itself.clone()),
        ("r.io", "[HOST.'https://a']\n[host.'']\n", itself.clone()),
        (
            "r.io",
            "[host.mirror]\n[host.'mirror:5000/x/']\n",
            all(&["https://mirror/v2", "https://mirror:5000/x/v2"]),
        ),
        ("r.io", "[host.'http://m/v2/']\n[host.'http://m/a/v2']\n", all(&["http://m/v2", "http://m/a/v2"])),
        (
            "r.io",
            "[host.'https://u:p@m:1/q?x#y']\n[host.'HTTPS://x']\n",
            all(&["https://m:1/q/v2", "https://HTTPS:/x/v2"]),
        ),
        (
            "r.io",
            "[host.'https://m/']\n[host.'https://m/../a//b/']\n",
            all(&["https://m/v2", "https://m/a/b/v2"]),
        ),
        ("r.io", "server='s.io'\ncapabilities=['PULL']\n", "https://s.io/v2 p".to_owned()),
        ("r.io", "capabilities=['pull']\nskip_verify=true\n", format!("{itself} skip")),
        ("r.io", "server=''\n", itself.clone()),
        ("r.io", "capabilities=['pull','referrers']\nserver='x'\n", "https://x/v2 pf".to_owned()),
        ("r.io", "header={X=['1','2'],y='3'}\nserver='x'\n", format!("https://x/v2 {ALL} X=1 X=2 y=3")),
        (
            "r.io",
            "Server='https://s'\n[host.'https://a']\nOverride_Path=true\n",
            format!("https://a {ALL} | https://s/v2 {ALL}"),
        ),
        (
            "r.io",
            "[host.'http://m:5000']\nskip_verify=true\n[host.'http://m:80']\nskip_verify=false\n[host.'http://m']\n[host.'http://n']\nskip_verify=false\n",
            format!(
                "https://m:5000/v2 {ALL} fallback | http://m:80/v2 {ALL} | http://m/v2 {ALL} | https://n/v2 {ALL} fallback | {itself}"
            ),
        ),
        (
            "r.io",
            "[host.'https://a']\nfoo=1\ndial_timeout='-1s'\nclient=['x',['a','b']]\n[host.'https://a'.bar]\n",
            all(&["https://a/v2"]),
        ),
        ("r.io", "[host]\nx={ca=3}\n", itself.clone()),
        ("127.0.0.1:5000", "skip_verify=false\n", format!("https://127.0.0.1:5000/v2 {ALL} fallback")),
        ("localhost:5000", "", format!("https://localhost:5000/v2 {ALL} fallback")),
        ("localhost:80", "", format!("http://localhost:80/v2 {ALL}")),
        ("localhost:443", "", format!("https://localhost:443/v2 {ALL} skip")),
        ("[::1]:5000", "", format!("https://[::1]:5000/v2 {ALL} fallback")),
        ("docker.io", "", format!("https://registry-1.docker.io/v2 {ALL}")),
        ("r.io:5000", "", format!("https://r.io:5000/v2 {ALL}")),
    ] {
        let tree = Tree::new();
        if !file.is_empty() {
            tree.file(&format!("/etc/containerd/certs.d/{registry}/hosts.toml"), file);
        }
        let read = read_of(&tree, registry);
        assert_eq!(lines(&read.hosts), expected, "{file}");
        assert_eq!(
            read.facts.form,
            if file.is_empty() { HostsForm::Default } else { HostsForm::HostsToml },
            "{file}"
        );
        assert!(read.facts.rejected.is_none(), "{file}");
        let facts = read.facts.mirrors.iter().chain([&read.facts.server]);
        facts
            .zip(read.hosts.mirrors.iter().chain([&read.hosts.server]))
            .for_each(|(f, s)| assert_facts(f, s));
    }
}

#[test]
fn what_containerd_does_not_take_is_told_by_its_key() {
    let key = |key: &str| HostsRejected::Value { key: Foreign::new(key) };
    let at = |line, column| HostsRejected::Malformed { place: Some(Place { line, column }) };
    for (file, expected) in [
        ("[host.'https://u:p@a:x']\n", key("host.\"https://a:x\"")),
        ("[host.'https://a b']\n", key("host.\"https://a b\"")),
        ("server='https://a:x'\n", key("server")),
        ("server=3\n", key("server")),
        ("host='x'\n", key("host")),
        ("[host]\na='b'\n", key("host.\"a\"")),
        ("[host]\nx={skip_verify=3}\n", key("host.\"x\".skip_verify")),
        ("[[host.'https://a']]\n", key("host.\"https://a\"")),
        ("capabilities=['fetch']\n[host.'https://a']\n", key("capabilities")),
        ("capabilities='pull'\n", key("capabilities")),
        ("[host.'https://a']\ncapabilities=['pull',3]\n", key("host.\"https://a\".capabilities")),
        ("[host.'https://a']\nca=3\n", key("host.\"https://a\".ca")),
        ("[host.'https://a']\nclient=[['a']]\n", key("host.\"https://a\".client")),
        ("[host.'https://a']\nheader={X=3}\n", key("host.\"https://a\".header")),
        ("header=3\n", key("header")),
        ("[host.'https://a']\ndial_timeout='x'\n", key("host.\"https://a\".dial_timeout")),
        ("[host.'https://a']\ndial_timeout=3\n", key("host.\"https://a\".dial_timeout")),
        ("override_path='true'\n", key("override_path")),
        ("[host.'https://a'\n", at(1, 18)),
        ("server='https://a'\nserver='https://b'\n", at(2, 1)),
    ] {
        let tree = Tree::of(&[("/etc/containerd/certs.d/r.io/hosts.toml", file)]);
        let read = read_of(&tree, "r.io");
        assert_eq!(read.facts.rejected, Some(expected), "{file}");
        assert_eq!(read.facts.form, HostsForm::Default, "{file}");
        assert_eq!(lines(&read.hosts), format!("https://r.io/v2 {ALL}"), "{file}");
    }
}

#[test]
fn what_has_no_meaning_is_named() {
    let file = "server='s'\nauth='c4n4ry'\n[host.'https://u:c4n4ry@a']\nCa='x'\nusername='c4n4ry'\n[host.'https://u:c4n4ry@a'.header]\n\
                Authorization='Bearer c4n4ry'\n[other]\nx=1\n[host]\n'https://b'={}\n";
    let read = read_of(&Tree::of(&[("/etc/containerd/certs.d/r.io/hosts.toml", file)]), "r.io");
    let shown = |list: &[Foreign]| list.iter().map(Foreign::as_str).collect::<Vec<_>>().join(" ");
    assert_eq!(shown(&read.facts.unknown_keys), "auth other host.\"https://a\".username");
    assert_eq!(shown(&read.facts.passed_over), "https://b");
    assert_eq!(shown(&read.facts.mirrors[0].headers), "Authorization");
    let json = serde_json::to_string(&read.facts).expect("facts");
    assert!(!json.contains("c4n4ry") && !format!("{:?}", read.facts).contains("c4n4ry"), "{json}");
    assert_eq!(serde_json::from_str::<RegistryHosts>(&json).expect("the same"), read.facts);
    assert_eq!(read.hosts.mirrors[0].headers[0].1.expose(), "Bearer c4n4ry");
}
