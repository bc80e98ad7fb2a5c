use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::*;
use crate::node::tree::Tree;

#[test]
fn what_is_in_no_part_may_be_there() {
    let tree = Tree::of(&[("/etc/containerd/config.toml", "x"), ("/etc/kubernetes/azure.json", "y")]);
    tree.link("/etc/containerd/away.pem", "/usr/share/ca.pem");
    tree.link("/etc/containerd/beside.pem", "gone.pem");
    let parts = ["/etc/containerd", "/etc/kubernetes/azure.json", "/run/there"].map(PathBuf::from);
    let root = HostRoot::of_parts(tree.root().path(), parts);
    for (path, expected) in [
        ("/etc/containerd/config.toml", Ok("x")),
        ("/etc/kubernetes/azure.json", Ok("y")),
        ("/etc/containerd/certs.d/host/hosts.toml", Err(Unread::Missing)),
        ("/etc/containerd/beside.pem", Err(Unread::Missing)),
        ("/run/there/is/nothing", Err(Unread::Missing)),
        ("/etc/containerd/away.pem", Err(Unread::Unseen)),
        ("/etc/kubernetes/other.json", Err(Unread::Unseen)),
        ("/etc/containerdx", Err(Unread::Unseen)),
        ("/etc/gone/../containerd/gone", Err(Unread::Unseen)),
        ("/opt", Err(Unread::Unseen)),
    ] {
        assert_eq!(root.text(path).as_deref().map_err(|why| *why), expected, "{path}");
    }
    assert_eq!(tree.root().text("/opt"), Err(Unread::Missing));
}

#[test]
fn links_stay_below_the_root() {
    let tree = Tree::of(&[
        ("/run/systemd/resolve/stub-resolv.conf", "stub"),
        ("/etc/real", "real"),
        ("/etc/hostname", "node"),
    ]);
    tree.link("/etc/resolv.conf", "/run/systemd/resolve/stub-resolv.conf");
    tree.link("/etc/relative", "../run/systemd/resolve/stub-resolv.conf");
    tree.link("/etc/above", "../../../../../../etc/real");
    tree.link("/etc/chain", "above");
    tree.link("/etc/dir", "/run/systemd");
    tree.link("/etc/gone", "/etc/nothing");
    tree.link("/etc/self", "self");
    tree.link("/etc/one", "two");
    tree.link("/etc/two", "one");
    // Outside of the root there is such a file; below it there is none.
    tree.link("/etc/out", std::env::current_exe().expect("this program"));
    let root = tree.root();
    for (path, expected) in [
        ("/etc/resolv.conf", Ok("stub")),
        ("etc/resolv.conf", Ok("stub")),
        ("/etc/relative", Ok("stub")),
        ("/etc/above", Ok("real")),
        ("/etc/chain", Ok("real")),
        ("/../../etc/real", Ok("real")),
        ("/etc/../etc/./hostname", Ok("node")),
        ("/etc/dir/resolve/stub-resolv.conf", Ok("stub")),
        ("/etc/dir/../hostname", Err(Unread::Missing)),
        ("/etc/gone", Err(Unread::Missing)),
        ("/etc/missing/file", Err(Unread::Missing)),
        ("/etc/out", Err(Unread::Missing)),
        ("/etc/self", Err(Unread::Failed)),
        ("/etc/one", Err(Unread::Failed)),
        ("/etc/real/file", Err(Unread::Failed)),
        ("/etc", Err(Unread::NotAFile)),
        ("/", Err(Unread::NotAFile)),
        ("", Err(Unread::NotAFile)),
    ] {
        assert_eq!(root.text(path).as_deref().map_err(|why| *why), expected, "{path}");
    }
}

#[test]
fn what_is_no_file_is_not_opened() {
    let tree = Tree::new();
    let made = Command::new("mkfifo").arg(tree.place("/etc/pipe")).status().expect("mkfifo");
    assert!(made.success());
    let socket = std::os::unix::net::UnixListener::bind(tree.place("/etc/socket")).expect("bound");
    tree.link("/etc/link", "pipe");
    tree.file("/proc/kmsg", "nobody");
    tree.link("/etc/kmsg", "/proc/kmsg");
    let root = tree.root();
    for path in ["/etc/pipe", "/etc/link", "/etc/socket", "/proc/kmsg", "/etc/kmsg"] {
        assert_eq!(root.read(path, 10), Err(Unread::NotAFile), "{path}");
    }
    assert_eq!(root.kind("/etc/pipe"), Ok(Kind::Other));
    drop(socket);
}

#[test]
fn sizes_and_kinds() {
    let tree = Tree::of(&[("/a/five", "12345"), ("/a/program", "")]);
    tree.file("/a/latin", b"caf\xe9");
    fs::set_permissions(tree.place("/a/program"), fs::Permissions::from_mode(0o755)).expect("set");
    let root = tree.root();
    assert_eq!(root.read("/a/five", 5).as_deref(), Ok(b"12345".as_slice()));
    assert_eq!(root.read("/a/five", 4), Err(Unread::TooLarge));
    assert_eq!(root.text("/a/latin").as_deref(), Ok("caf\u{fffd}"));
    assert_eq!(root.kind("/a/program"), Ok(Kind::File { executable: true }));
    assert_eq!(root.kind("/a/five"), Ok(Kind::File { executable: false }));
    assert_eq!(root.kind("/a"), Ok(Kind::Directory));
    assert_eq!(root.names("/a").as_deref(), Ok(["five", "latin", "program"].map(str::to_owned).as_slice()));
    assert_eq!(root.names("/a/five"), Err(Unread::Failed));
    assert_eq!(root.names("/b"), Err(Unread::Missing));
    let too_many = Tree::new();
    for number in 0..=MAX_NAMES {
        too_many.file(&format!("/many/{number}"), "");
    }
    assert_eq!(too_many.root().names("/many"), Err(Unread::TooLarge));
}

#[test]
fn errors_of_the_system_have_their_state() {
    // A test that runs as root may read everything.
    for (kind, expected) in [
        (io::ErrorKind::PermissionDenied, FileState::Denied),
        (io::ErrorKind::NotFound, FileState::Missing),
        (io::ErrorKind::NotADirectory, FileState::Failed),
    ] {
        assert_eq!(FileState::of::<()>(&Err(io::Error::from(kind).into())), expected);
    }
}
