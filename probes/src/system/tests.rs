use std::fs;
use std::path::PathBuf;

use super::*;

/// A folder of its own for one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pullcheck-system-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).expect("written");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("removed");
    }
}

fn settings(text: &str, hostname: &str) -> (Vec<String>, Vec<String>, usize) {
    let interface = |name: &str| (name == "eth0").then_some(7);
    let resolver = resolv_conf::read(text, hostname, &interface);
    (resolver.nameservers.iter().map(ToString::to_string).collect(), resolver.search, resolver.ndots)
}

#[test]
fn resolv_conf_is_read_as_go_reads_it() {
    let default: &[&str] = &["127.0.0.1:53", "[::1]:53"];
    for (text, hostname, nameservers, search, ndots) in [
        ("", "host", default, &[] as &[&str], 1),
        ("", "host.corp.test", default, &["corp.test"], 1),
        ("", "host.", default, &[], 1),
        (
            "nameserver 168.63.129.16\nsearch a.test b.test.\noptions ndots:5 timeout:1 edns0\n",
            "h.x.test",
            &["168.63.129.16:53"],
            &["a.test", "b.test"],
            5,
        ),
        (
            "nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\nnameserver 10.0.0.4\n",
            "h",
            &["10.0.0.1:53", "10.0.0.2:53", "10.0.0.3:53"],
            &[],
            1,
        ),
        (
            "nameserver fe80::1%eth0\nnameserver fe80::2%4\nnameserver ::1\n",
            "h",
            &["[fe80::1%7]:53", "[fe80::2%4]:53", "[::1]:53"],
            &[],
            1,
        ),
        ("nameserver dns.example\nnameserver\nnameserver 10.0.0.1 # one\n", "h", &["10.0.0.1:53"], &[], 1),
        ("#nameserver 10.0.0.1\n;nameserver 10.0.0.1\n\tnameserver\t10.0.0.2", "h", &["10.0.0.2:53"], &[], 1),
        ("search a.test\ndomain b.test\nnameserver 10.0.0.1", "h", &["10.0.0.1:53"], &["b.test"], 1),
        ("domain b.test\nsearch a.test .\nnameserver 10.0.0.1", "h", &["10.0.0.1:53"], &["a.test"], 1),
        ("options ndots:0\nnameserver 10.0.0.1", "h", &["10.0.0.1:53"], &[], 0),
        ("options ndots:99999999999999999999\nnameserver 10.0.0.1", "h", &["10.0.0.1:53"], &[], 15),
        ("options ndots:x\nnameserver 10.0.0.1\r\n", "h", &["10.0.0.1:53"], &[], 0),
    ] {
        let (nameservers_read, search_read, ndots_read) = settings(text, hostname);
        assert_eq!(nameservers_read, nameservers, "{text:?}");
        assert_eq!(search_read, search, "{text:?}");
        assert_eq!(ndots_read, ndots, "{text:?}");
    }
}

#[test]
fn hosts_are_read_as_go_reads_them() {
    let read = hosts::read(
        "# head\n127.0.0.1 localhost Localhost.\n10.0.0.1\tContosoACR.azurecr.io alias # why\n10.0.0.2 contosoacr.azurecr.io.\n\
         fe80::1%lo0 link\nfe80::1% none\n10.0.0.3%x none\nnonsense none\n10.0.0.4\n",
    );
    let of =
        |name: &str| read.get(name).map(|a| a.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    assert_eq!(of("localhost").as_deref(), Some("127.0.0.1 127.0.0.1"));
    assert_eq!(of("contosoacr.azurecr.io").as_deref(), Some("10.0.0.1 10.0.0.2"));
    assert_eq!(of("alias").as_deref(), Some("10.0.0.1"));
    assert_eq!(of("link").as_deref(), Some("fe80::1"));
    assert_eq!((of("none"), read.len()), (None, 4));
}

#[test]
fn both_files_make_a_resolver() {
    let folder = Folder::new("resolver");
    let conf = folder.file("resolv.conf", "nameserver 10.0.0.10\nsearch corp.test\n");
    let hosts = folder.file("hosts", b"10.0.0.1 a.example\n\xff\xfe nonsense\n");
    let resolver = resolver_from(&conf, &hosts);
    assert_eq!(resolver.nameservers, [([10, 0, 0, 10], 53).into()]);
    assert_eq!((resolver.hosts.len(), resolver.source), (1, conf.display().to_string()));
    let missing = folder.0.join("missing");
    let resolver = resolver_from(&missing, &missing);
    assert_eq!((resolver.nameservers.len(), resolver.hosts.len()), (2, 0));
}

#[test]
fn a_ca_file_replaces_all_others() {
    let folder = Folder::new("roots");
    let system = own_roots();
    assert_eq!(system.source == RootsSource::BuiltIn, system.certificates.is_empty());

    let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (name, content) in [
        ("empty", ""),
        ("text", "no certificate"),
        ("nonsense", nonsense),
        ("cut", "-----BEGIN CERTIFICATE-----\nMIIB"),
    ] {
        let path = folder.file(name, content);
        let error = roots_of(&path).map(|_| ()).expect_err(name);
        assert!(matches!(error, RootsError::NoCertificate { .. }), "{name}: {error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    let error = roots_of(&folder.0.join("missing")).map(|_| ()).expect_err("it is not there");
    assert!(
        matches!(error, RootsError::Unreadable { .. }) && error.to_string().contains("missing"),
        "{error}"
    );

    let path = folder.file("good.pem", format!("comment\n{nonsense}{ROOT}"));
    let read = roots_of(&path).expect("one certificate");
    assert_eq!((read.certificates.len(), read.source), (1, RootsSource::File(path.display().to_string())));
}

/// A self-signed authority, made for this test; only its form matters.
pub(crate) const ROOT: &str = "-----BEGIN CERTIFICATE-----
MIIBkTCCATegAwIBAgIUKekRisjGhXd7F38Pg10A95tTn6cwCgYIKoZIzj0EAwIw
HjEcMBoGA1UEAwwTcHVsbGNoZWNrIHRlc3Qgcm9vdDAeFw0yNjExMjQxNTU1MTFa
Fw0zNjExMjExNTU1MTFaMB4xHDAaBgNVBAMME3B1bGxjaGVjayB0ZXN0IHJvb3Qw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASp+mzP3e1bg8fNMKO9G0vyKZD/I5mK
Wk9EDvB9+Wnu09AtykFExTo1OQtdxBMdmvVwBc+USazaov5v5ob+yayao1MwUTAd
BgNVHQ4EFgQUqUpfs1xDznw/s8ZIaejjIPhkwL4wHwYDVR0jBBgwFoAUqUpfs1xD
znw/s8ZIaejjIPhkwL4wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBF
AiADSZJDxGqV1M+6CP8NOr4110FogPgh5AK421oevOW8dQIhAKCH+Jo95ZrVXNDX
l3jo8R5eB+EGK9zbxuAllZlg96+E
-----END CERTIFICATE-----
";
