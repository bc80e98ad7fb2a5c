use super::*;
use crate::node::tree::Tree;

const UNIT: &str = "[Unit]\nDescription=x\nEnvironment=NO=0\n[Service]\nExecStart=/usr/bin/containerd\n";

/// `NAME=value` of every variable, with the file that set it.
fn shown(service: &Service) -> String {
    let one = |variable: &ProxyVariable| {
        let file = variable.file.rsplit('/').next().unwrap_or_default();
        format!("{}={} ({file})", variable.name, variable.value.expose())
    };
    service.proxies().iter().map(one).collect::<Vec<_>>().join("; ")
}

#[test]
fn what_aks_writes_reaches_both_services() {
    let tree = Tree::of(&[
        ("/usr/lib/systemd/system/containerd.service", UNIT),
        (
            "/etc/systemd/system/kubelet.service",
            "[Service]\nEnvironmentFile=/etc/default/kubelet\nExecStart=/opt/bin/kubelet \\\n        --enable-server \\\n        \
             --node-labels=\"${KUBELET_NODE_LABELS}\" \\\n        # a comment\n        --v=2 \\\n        $KUBELET_FLAGS\n",
        ),
        (
            "/etc/default/kubelet",
            "KUBELET_FLAGS=--image-credential-provider-config=/a.yaml --x=y\nKUBELET_NODE_LABELS=a=b,c=d\n",
        ),
        (
            "/etc/systemd/system/kubelet.service.d/10-httpproxy.conf",
            "[Service]\nEnvironmentFile=/etc/environment\n",
        ),
        (
            "/etc/systemd/system.conf.d/proxy.conf",
            "[Manager]\nDefaultEnvironment=\"HTTP_PROXY=http://u:c4n4ry@proxy:3128/\"\n\
             DefaultEnvironment=\"http_proxy=http://u:c4n4ry@proxy:3128/\"\n\
             DefaultEnvironment=\"NO_PROXY=localhost,127.0.0.1, 169.254.169.254,,.svc\"\n",
        ),
        (
            "/etc/environment",
            "PATH=\"/usr/bin\"\nHTTPS_PROXY=http://u:c4n4ry@proxy:3129/\nHTTP_PROXY=http://other:3128\n",
        ),
    ]);
    let containerd = Service::read(&tree.root(), CONTAINERD);
    assert_eq!(
        shown(&containerd),
        "HTTP_PROXY=http://u:c4n4ry@proxy:3128/ (proxy.conf); \
         NO_PROXY=localhost,127.0.0.1, 169.254.169.254,,.svc (proxy.conf); \
         http_proxy=http://u:c4n4ry@proxy:3128/ (proxy.conf)"
    );
    assert_eq!(containerd.no_proxy(), ["localhost", "127.0.0.1", "169.254.169.254", ".svc"]);
    assert!(containerd.https_proxy().is_none() && containerd.is_there);

    let kubelet = Service::read(&tree.root(), KUBELET);
    assert_eq!(kubelet.http_proxy().expect("one").expose(), "http://other:3128");
    assert_eq!(kubelet.https_proxy().expect("one").expose(), "http://u:c4n4ry@proxy:3129/");
    assert_eq!(
        kubelet.arguments().join("|"),
        "/opt/bin/kubelet|--enable-server|--node-labels=a=b,c=d|--v=2|--image-credential-provider-config=/a.yaml|--x=y"
    );

    let facts = kubelet.facts();
    let json = serde_json::to_string(&facts).expect("facts");
    assert!(!json.contains("c4n4ry") && !format!("{facts:?}").contains("c4n4ry"), "{json}");
    let proxy = |variable: &str| {
        let setting = facts.variables.iter().find(|setting| setting.variable == variable).expect(variable);
        (setting.proxy.as_ref().map(Foreign::as_str), setting.has_user, setting.file.as_str())
    };
    assert_eq!(proxy("HTTPS_PROXY"), (Some("http://proxy:3129"), true, "/etc/environment"));
    assert_eq!(proxy("HTTP_PROXY"), (Some("http://other:3128"), false, "/etc/environment"));
    assert_eq!(proxy("NO_PROXY"), (None, false, "/etc/systemd/system.conf.d/proxy.conf"));
    assert!(facts.files.contains(&NodeFile::new("/etc/environment", FileState::Read)));
    assert_eq!(serde_json::from_str::<ServiceEnvironment>(&json).expect("the same"), facts);
}

#[test]
fn files_count_in_the_order_of_systemd() {
    let set = |value: &str| format!("[Service]\nEnvironment={value}\n");
    for (name, files, expected) in [
        ("nothing", vec![], ""),
        (
            "the main file in /etc hides the one in /usr",
            vec![
                ("/usr/lib/systemd/system/containerd.service", set("HTTP_PROXY=usr")),
                ("/etc/systemd/system/containerd.service", set("HTTPS_PROXY=etc")),
            ],
            "HTTPS_PROXY=etc (containerd.service)",
        ),
        (
            "drop-ins count by name, not by directory",
            vec![
                ("/lib/systemd/system/containerd.service", set("HTTP_PROXY=main")),
                ("/etc/systemd/system/containerd.service.d/10-a.conf", set("HTTP_PROXY=a")),
                ("/usr/lib/systemd/system/containerd.service.d/20-b.conf", set("HTTP_PROXY=b")),
                ("/etc/systemd/system/containerd.service.d/30-c", set("HTTP_PROXY=c")),
            ],
            "HTTP_PROXY=b (20-b.conf)",
        ),
        (
            "an equal name hides",
            vec![
                ("/etc/systemd/system/containerd.service.d/10.conf", set("HTTP_PROXY=etc")),
                ("/run/systemd/system/containerd.service.d/10.conf", set("HTTP_PROXY=run HTTPS_PROXY=run")),
                ("/etc/systemd/system/service.d/10.conf", set("NO_PROXY=all")),
                ("/etc/systemd/system/service.d/20.conf", set("no_proxy=all")),
            ],
            "HTTP_PROXY=etc (10.conf); no_proxy=all (20.conf)",
        ),
        (
            "an empty assignment takes back the unit's, and not the manager's",
            vec![
                ("/etc/systemd/system.conf", "[Manager]\nDefaultEnvironment=HTTP_PROXY=manager NO_PROXY=m\n".to_owned()),
                ("/etc/systemd/system/containerd.service", set("HTTP_PROXY=unit HTTPS_PROXY=unit")),
                ("/etc/systemd/system/containerd.service.d/z.conf", set("\nEnvironment=ALL_PROXY=last")),
            ],
            "ALL_PROXY=last (z.conf); HTTP_PROXY=manager (system.conf); NO_PROXY=m (system.conf)",
        ),
        (
            "the manager's drop-ins count after its file, whose first place wins",
            vec![
                ("/usr/lib/systemd/system.conf", "[Manager]\nDefaultEnvironment=NO_PROXY=usr\n".to_owned()),
                ("/etc/systemd/system.conf", "[Manager]\nDefaultEnvironment=HTTP_PROXY=main\n".to_owned()),
                (
                    "/usr/lib/systemd/system.conf.d/a.conf",
                    "[Manager]\nDefaultEnvironment=\nDefaultEnvironment=HTTPS_PROXY=drop\n".to_owned(),
                ),
            ],
            "HTTPS_PROXY=drop (a.conf)",
        ),
        (
            "files of variables count last, and the later one more",
            vec![
                ("/etc/one", "HTTP_PROXY=one\nHTTPS_PROXY=one\n".to_owned()),
                ("/etc/two", "HTTP_PROXY=two\n".to_owned()),
                (
                    "/etc/systemd/system/containerd.service",
                    "[Service]\nEnvironmentFile=/etc/gone\nEnvironmentFile=\nEnvironmentFile=/etc/one\nEnvironmentFile=etc/one\nEnvironmentFile=-/etc/missing\n\
                     EnvironmentFile=-/etc/t*\nEnvironment=HTTP_PROXY=unit\nUnsetEnvironment=HTTPS_PROXY HTTP_PROXY=other\n"
                        .to_owned(),
                ),
            ],
            "HTTP_PROXY=two (two)",
        ),
        (
            "other sections and no section do not count",
            vec![(
                "/etc/systemd/system/containerd.service",
                "Environment=HTTP_PROXY=none\n[Install]\nEnvironment=HTTP_PROXY=no\n[Service]\n; Environment=HTTP_PROXY=no\n\
                 DefaultEnvironment=HTTP_PROXY=no\n"
                    .to_owned(),
            )],
            "",
        ),
    ] {
        let tree = Tree::new();
        files.iter().for_each(|(path, content)| tree.file(path, content));
        let service = Service::read(&tree.root(), CONTAINERD);
        assert_eq!(shown(&service), expected, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_masked_drop_in_hides_and_says_nothing() {
    let tree = Tree::of(&[
        ("/etc/systemd/system/containerd.service", UNIT),
        ("/usr/lib/systemd/system/containerd.service.d/10.conf", "[Service]\nEnvironment=HTTP_PROXY=usr\n"),
    ]);
    tree.link("/etc/systemd/system/containerd.service.d/10.conf", "/dev/null");
    let service = Service::read(&tree.root(), CONTAINERD);
    assert_eq!(shown(&service), "");
    let states: Vec<FileState> = service.facts().files.iter().map(|file| file.state).collect();
    assert_eq!(states, [FileState::Read, FileState::Missing]);
    let nothing = Service::read(&Tree::new().root(), KUBELET);
    assert!(!nothing.is_there && nothing.arguments().is_empty() && nothing.facts().files.is_empty());
}

#[test]
fn words_lose_quotes_and_escapes() {
    for (value, expected) in [
        ("A=b C=d", "A=b|C=d"),
        ("\"A=b c\" 'D=e f'", "A=b c|D=e f"),
        ("A=\"b c\"d E='f'", "A=b cd|E=f"),
        ("A=b\\sc D=\\x41\\101\\u00e9", "A=b c|D=AA\u{e9}"),
        ("A=\\\"q\\\" 'B=\\''", "A=\"q\"|B='"),
        ("A=b\\qc D=e", ""),
        ("A=b C=\\+12 D=e", "A=b"),
        ("A=b \"C=d", "A=b"),
        ("  A=b\t C=d  ", "A=b|C=d"),
        ("", ""),
    ] {
        assert_eq!(syntax::words(value).join("|"), expected, "{value}");
    }
    let lines = syntax::assignments("[S]\na = 1 \\\n  2\\\n# no\n3\nb=x\\\\\nc=4\nnone\n=5\n[T\nd=6");
    let shown: Vec<String> = lines.iter().map(|(s, k, v)| format!("{s}:{k}:{v}")).collect();
    assert_eq!(shown, ["S:a:1    2 3", "S:b:x\\\\", "S:c:4", "S::5", "S:d:6"]);
}

#[test]
fn files_of_variables_have_a_syntax_of_their_own() {
    for (text, expected) in [
        ("A=b\nC=d", "A=b|C=d"),
        ("A=b c  \n", "A=b c"),
        ("A = b\n", "A=b"),
        ("A=\"b c\" \n", "A=b c"),
        ("A=\"b\\\"c\\\\d\\qe\\\nf\"", "A=b\"c\\d\\qef"),
        ("A='b\\c'\nD=e", "A=b\\c|D=e"),
        ("A='b' \"c\" d e\nF=g", "A=bcd e|F=g"),
        ("A=x\"y\"", "A=x\"y\""),
        ("A=b\\ \\\nc\n", "A=b c"),
        ("# A=1\n; B=2\n#\\\nC=3\nD=4", "C=3|D=4"),
        ("A=\nB=1", "A=|B=1"),
        ("A\nB=1", "B=1"),
        ("A=1\r\nB=2\r\n", "A=1|B=2"),
        ("export A=1\n2=3\n", "export A=1|2=3"),
        ("A='open\nB=1", "A=open\nB=1"),
    ] {
        let shown: Vec<String> = syntax::variables(text).iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(shown.join("|"), expected, "{text:?}");
    }
    for (name, expected) in
        [("A_1", true), ("_", true), ("1A", false), ("", false), ("A B", false), ("export A", false)]
    {
        assert_eq!(syntax::is_name(name), expected, "{name}");
    }
}

#[test]
fn commands_have_their_variables_put_in() {
    let variable = |name: &str| match name {
        "FLAGS" => Some("--a=1 '--b=2 3' ${NO}".to_owned()),
        "ONE" => Some("x y".to_owned()),
        _ => None,
    };
    for (command, expected) in [
        ("-/bin/k $FLAGS", "/bin/k|--a=1|--b=2 3|${NO}"),
        ("@!/bin/k --c=${ONE}", "/bin/k|--c=x y"),
        ("/bin/k \"--c=$ONE\" $NONE ${NONE}", "/bin/k|--c=$ONE|"),
        ("/bin/k $$ONE cost$", "/bin/k|$ONE|cost$"),
        ("/bin/sh -c 'a \\[ b'", "/bin/sh|-c|a \\[ b"),
        ("", ""),
    ] {
        assert_eq!(command::arguments(command, &variable).join("|"), expected, "{command}");
    }
}
