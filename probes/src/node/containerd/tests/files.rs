//! Which files are read: `config.toml`, its imports, the directory of a registry, and certificates.

use super::*;
use crate::system::tests::ROOT as CERTIFICATE;

const CONFIG: &str = "/etc/containerd/config.toml";

fn paths(list: &[Foreign]) -> String {
    list.iter().map(Foreign::as_str).collect::<Vec<_>>().join(":")
}

#[test]
fn config_path_is_found_in_every_version() {
    let cri = |version: &str, plugin: &str| {
        format!(
            "{version}\n[plugins.\"{plugin}\"]\n  sandbox_image = 'x'\n  [plugins.\"{plugin}\".registry]\n    config_path = '/a:/b'\n"
        )
    };
    let default = "/etc/containerd/certs.d:/etc/docker/certs.d";
    let old = "io.containerd.grpc.v1.cri";
    let new = "io.containerd.cri.v1.images";
    for (config, directories, counts) in [
        (String::new(), default, vec![]),
        ("version = 2\n[plugins]\n".to_owned(), default, vec![]),
        (cri("", "cri"), "/a:/b", vec![true]),
        (cri("", old), "/a:/b", vec![true]),
        (cri("version = 1", "cri"), "/a:/b", vec![true]),
        (cri("version = 2", "cri"), default, vec![false]),
        (cri("version = 2", old), "/a:/b", vec![true]),
        // As AKS has it for containerd 2.
        (cri("version = 2", new), "/a:/b", vec![true]),
        (cri("version = 3", new), "/a:/b", vec![true]),
        (cri("version = 3", old), default, vec![false]),
        (
            "version = 2\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path='/new'\n\
             [plugins.'io.containerd.grpc.v1.cri'.registry]\nconfig_path='/old'\n"
                .to_owned(),
            "/old",
            vec![true, true],
        ),
        (
            "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path=''\n".to_owned(),
            default,
            vec![],
        ),
    ] {
        let read = read_of(&Tree::of(&[(CONFIG, &config)]), "r.io");
        assert_eq!(paths(&read.config.directories), directories, "{config}");
        assert_eq!(read.config.directories_named, directories != default, "{config}");
        let said: Vec<bool> = read.config.config_paths.iter().map(|path| path.counts).collect();
        assert_eq!(said, counts, "{config}");
    }
    let read = read_of(&Tree::new(), "r.io");
    assert_eq!(read.config.files, [NodeFile::new(CONFIG, FileState::Missing)]);
    assert!(!read.config.directories_named);
}

#[test]
fn imports_count_after_what_imports_them() {
    let registry = |path: &str| {
        format!("version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path='{path}'\n")
    };
    let main = format!(
        "imports = ['conf.d/*.toml', '/etc/containerd/config.toml', '/gone.toml']\n{}",
        registry("/main")
    );
    let tree = Tree::of(&[
        (CONFIG, &main),
        ("/etc/containerd/conf.d/20.toml", &registry("/twenty")),
        ("/etc/containerd/conf.d/10.toml", &registry("/ten")),
        ("/etc/containerd/conf.d/30.toml", "version = 3\nx = \n"),
        ("/etc/containerd/conf.d/40.txt", &registry("/text")),
    ]);
    let read = read_of(&tree, "r.io");
    assert_eq!(paths(&read.config.directories), "/twenty");
    let files: Vec<(&str, FileState)> =
        read.config.files.iter().map(|f| (f.path.as_str(), f.state)).collect();
    assert_eq!(
        files,
        [
            (CONFIG, FileState::Read),
            ("/etc/containerd/conf.d/10.toml", FileState::Read),
            ("/etc/containerd/conf.d/20.toml", FileState::Read),
            ("/etc/containerd/conf.d/30.toml", FileState::Read),
            ("/gone.toml", FileState::Missing),
        ]
    );
    assert_eq!(read.config.malformed[0].place, Some(Place { line: 2, column: 5 }));
    let unit = "[Service]\nExecStart=/usr/bin/containerd --log-level=info --config /etc/other.toml\n";
    let tree = Tree::of(&[
        ("/usr/lib/systemd/system/containerd.service", unit),
        ("/etc/other.toml", &registry("/other")),
        (CONFIG, &main),
    ]);
    assert_eq!(paths(&read_of(&tree, "r.io").config.directories), "/other");
}

#[test]
fn older_settings_are_facts_and_hosts() {
    let config = "version = 2\n[plugins.'io.containerd.grpc.v1.cri']\nmax_concurrent_downloads = 10\n\
                  [plugins.'io.containerd.grpc.v1.cri'.containerd]\ndisable_snapshot_annotations = false\n\
                  [plugins.'io.containerd.grpc.v1.cri'.registry.headers]\nX-Meta-Source-Client = ['c4n4ry']\n\
                  [plugins.'io.containerd.grpc.v1.cri'.registry.mirrors.'docker.io']\nendpoint = ['https://u:c4n4ry@m.corp/x', 'http://n', 'localhost:5000', 'p.corp']\n\
                  [plugins.'io.containerd.grpc.v1.cri'.registry.mirrors.'*']\nendpoint = ['https://all']\n\
                  [plugins.'io.containerd.grpc.v1.cri'.registry.mirrors.'own.io']\nendpoint = ['https://first', 'http://own.io']\n\
                  [plugins.'io.containerd.grpc.v1.cri'.registry.configs.'m.corp'.auth]\nusername='u'\npassword='c4n4ry'\n\
                  [plugins.'io.containerd.grpc.v1.cri'.registry.configs.'n'.tls]\ninsecure_skip_verify=true\n\
                  [plugins.'io.containerd.grpc.v1.cri'.registry.auths.'https://gcr.io/v2']\nauth='c4n4ry'\n";
    let tree =
        Tree::of(&[(CONFIG, config), ("/etc/containerd/certs.d/_default/hosts.toml", "server='no'\n")]);
    for (registry, expected) in [
        (
            "docker.io",
            "https://m.corp/x prwf | http://n/v2 prwf | http://localhost:5000/v2 prwf | https://p.corp/v2 prwf | https://registry-1.docker.io/v2 prwf",
        ),
        ("quay.io", "https://all/v2 prwf | https://quay.io/v2 prwf"),
        ("own.io", "https://first/v2 prwf | http://own.io/v2 prwf"),
    ] {
        let read = read_of(&tree, registry);
        assert_eq!(
            (lines(&read.hosts).as_str(), read.facts.form),
            (expected, HostsForm::Legacy),
            "{registry}"
        );
    }
    let read = read_of(&tree, "docker.io");
    assert!(read.config.directories.is_empty() && !read.config.directories_named);
    assert_eq!(paths(&read.config.headers), "X-Meta-Source-Client");
    assert_eq!(
        paths(&read.config.local_pull_keys),
        "disable_snapshot_annotations:max_concurrent_downloads:registry.mirrors:registry.configs:registry.auths"
    );
    let configs: Vec<(&str, bool, bool)> =
        read.config.legacy.configs.iter().map(|c| (c.host.as_str(), c.has_auth, c.has_tls)).collect();
    assert_eq!(configs, [("gcr.io", true, false), ("m.corp", true, false), ("n", false, true)]);
    assert_eq!(
        paths(&read.config.legacy.mirrors[1].endpoints),
        "https://m.corp/x:http://n:localhost:5000:p.corp"
    );
    let json = serde_json::to_string(&(&read.config, &read.facts)).expect("facts");
    assert!(!json.contains("c4n4ry"), "{json}");
    assert_eq!(
        serde_json::from_str::<(ContainerdConfig, RegistryHosts)>(&json).expect("the same").0,
        read.config
    );

    let both = format!(
        "{config}[plugins.'io.containerd.grpc.v1.cri'.registry]\nconfig_path='/etc/containerd/certs.d'\n"
    );
    let tree = Tree::of(&[(CONFIG, &both), ("/etc/containerd/certs.d/_default/hosts.toml", "server='s'\n")]);
    assert_eq!(lines(&read_of(&tree, "docker.io").hosts), "https://s/v2 prwf");
}

#[test]
fn the_directory_of_a_registry_is_the_first_that_is_there() {
    let config = "version=3\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path='/a/:/b'\n";
    for (registry, present, expected) in [
        ("r.io:5000", vec!["/a/r.io_5000_", "/a/r.io:5000", "/a/_default"], "/a/r.io_5000_"),
        ("r.io:5000", vec!["/a/r.io:5000", "/a/r.io", "/a/_default"], "/a/r.io:5000"),
        ("r.io:5000", vec!["/a/r.io", "/a/_default"], "/a/_default"),
        ("r.io", vec!["/a/_default", "/b/r.io"], "/a/_default"),
        ("r.io", vec!["/b/r.io", "/b/_default"], "/b/r.io"),
        ("docker.io", vec!["/a/registry-1.docker.io", "/b/docker.io"], "/b/docker.io"),
        ("r.io", vec![], ""),
    ] {
        let tree = Tree::of(&[(CONFIG, config)]);
        present.iter().for_each(|path| tree.directory(path));
        let facts = read_of(&tree, registry).facts;
        let directory = facts.directory.as_ref().map(|file| file.path.as_str());
        assert_eq!(directory.unwrap_or_default(), expected, "{registry} {present:?}");
        assert_eq!(facts.file.as_ref().map(|file| file.state), directory.map(|_| FileState::Missing));
    }
    // A file where a directory should be: what is below cannot be looked at, and containerd gives up.
    let tree = Tree::of(&[(CONFIG, config), ("/a", "")]);
    let facts = read_of(&tree, "r.io").facts;
    assert_eq!(facts.directory, Some(NodeFile::new("/a/r.io", FileState::Failed)));
    assert!(facts.file.is_none());
}

#[test]
fn certificates_are_loaded_for_trust() {
    let directory = "/etc/containerd/certs.d/r.io";
    let tree = Tree::of(&[
        (
            "/etc/containerd/certs.d/r.io/hosts.toml",
            "ca='own.pem'\n[host.'https://m']\nca=['own.pem','/etc/pki/two.pem','/gone.pem','empty.pem']\nclient=[['a','b'],'c']\ndial_timeout='2s'\n",
        ),
        ("/etc/containerd/certs.d/r.io/own.pem", CERTIFICATE),
        ("/etc/containerd/certs.d/r.io/empty.pem", ""),
        ("/etc/containerd/certs.d/r.io/other.crt", CERTIFICATE),
        ("/etc/pki/two.pem", &CERTIFICATE.repeat(2)),
    ]);
    let read = read_of(&tree, "r.io");
    let mirror = &read.facts.mirrors[0];
    let files: Vec<(&str, FileState, usize)> =
        mirror.authorities.iter().map(|a| (a.file.path.as_str(), a.file.state, a.certificates)).collect();
    assert_eq!(
        files,
        [
            ("/etc/containerd/certs.d/r.io/own.pem", FileState::Read, 1),
            ("/etc/pki/two.pem", FileState::Read, 2),
            ("/gone.pem", FileState::Missing, 0),
            ("/etc/containerd/certs.d/r.io/empty.pem", FileState::Read, 0),
        ]
    );
    assert_eq!((mirror.client_certificates, mirror.dial_timeout_ms), (2, Some(2_000)));
    assert_eq!(read.hosts.mirrors[0].authorities.len(), 3);
    assert_eq!(read.hosts.server.authorities.len(), 1);
    assert_facts(mirror, &read.hosts.mirrors[0]);

    // As docker has it: without hosts.toml, with an empty one, and with one that is rejected.
    for hosts in [None, Some(""), Some("server=3\n")] {
        let tree = Tree::of(&[
            ("/etc/containerd/certs.d/r.io/ca.crt", CERTIFICATE),
            ("/etc/containerd/certs.d/r.io/client.cert", ""),
            ("/etc/containerd/certs.d/r.io/client.key", ""),
        ]);
        tree.directory("/etc/containerd/certs.d/r.io/no.crt");
        if let Some(hosts) = hosts {
            tree.file(&format!("{directory}/hosts.toml"), hosts);
        }
        let read = read_of(&tree, "r.io");
        assert_eq!(
            (read.facts.form, read.facts.server.authorities.len()),
            (HostsForm::Certificates, 1),
            "{hosts:?}"
        );
        assert_eq!(read.facts.server.client_certificates, 1);
        assert_eq!(read.hosts.server.authorities.len(), 1);
        assert_eq!(read.facts.rejected.is_some(), hosts == Some("server=3\n"));
    }
}
