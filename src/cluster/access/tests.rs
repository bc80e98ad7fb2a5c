//! Which cluster is in effect: files, flags and variables, one row each.

use std::fs;

use super::*;

const TWO: &str = "
apiVersion: v1
kind: Config
current-context: a
clusters:
- {name: ka, cluster: {server: 'https://a.example:6443/'}}
- {name: kb, cluster: {server: 'https://user:pw@b.example'}}
users:
- {name: ua, user: {token: SECRET-TOKEN}}
contexts:
- {name: a, context: {cluster: ka, user: ua, namespace: team}}
- {name: b, context: {cluster: kb, user: nowhere}}
- {name: lost, context: {cluster: gone, user: ua}}
";

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    fn effect(&self, flags: &Flags, env: &[(&str, &str)]) -> Result<Option<Access>, Usage> {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        in_effect_at(flags, &env, &self.path("pod"))
    }

    /// Context, server and namespace of what is in effect, or the words of the error.
    fn told(&self, flags: &Flags, env: &[(&str, &str)]) -> String {
        match self.effect(flags, env) {
            Ok(None) => "none".to_owned(),
            Ok(Some(a)) => format!("{} {} {}", a.context().unwrap_or("-"), a.server(), a.namespace()),
            Err(usage) => format!("error: {usage}"),
        }
    }
}

fn flag(set: impl FnOnce(&mut Flags)) -> Flags {
    let mut flags = Flags::default();
    set(&mut flags);
    flags
}

#[test]
fn flags_and_variables_choose_as_kubectls_do() {
    let place = Place::new();
    let two = place.write("two", TWO);
    let home = place.write("home/.kube/config", &TWO.replace("a.example", "home.example"));
    let home = home.ancestors().nth(2).expect("a home").display().to_string();
    let two_text = two.display().to_string();
    let missing = place.path("missing").display().to_string();
    let list = format!("{missing}:{two_text}");
    let none = Flags::default;
    for (flags, env, expected) in [
        (none(), vec![], "none"),
        (none(), vec![("HOME", home.as_str())], "a https://home.example:6443 team"),
        (none(), vec![("KUBECONFIG", ""), ("HOME", &home)], "a https://home.example:6443 team"),
        // A file of the list that is not there is passed over, and the home's is not asked then.
        (none(), vec![("KUBECONFIG", &list), ("HOME", &home)], "a https://a.example:6443 team"),
        // Which is how one says that there is none.
        (none(), vec![("KUBECONFIG", "/dev/null"), ("HOME", &home)], "none"),
        (flag(|f| f.kubeconfig = Some(two.clone())), vec![("HOME", &home)], "a https://a.example:6443 team"),
        (
            flag(|f| f.context = Some("b".into())),
            vec![("KUBECONFIG", &two_text)],
            "b https://b.example default",
        ),
        (
            flag(|f| f.namespace = Some("x".into())),
            vec![("KUBECONFIG", &two_text)],
            "a https://a.example:6443 x",
        ),
        (
            flag(|f| f.cluster = Some("kb".into())),
            vec![("KUBECONFIG", &two_text)],
            "a https://b.example team",
        ),
        (
            flag(|f| f.server = Some("https://other:1".into())),
            vec![("KUBECONFIG", &two_text)],
            "a https://other:1 team",
        ),
        (flag(|f| f.server = Some("other".into())), vec![], "- https://other default"),
    ] {
        assert_eq!(place.told(&flags, &env), expected, "{flags:?} {env:?}");
    }
}

/// Each names the input and the way out, and no secret.
#[test]
fn what_is_named_and_cannot_be_had_is_an_error() {
    let place = Place::new();
    let two = place.write("two", TWO);
    let with = |set: fn(&mut Flags)| {
        let two = two.clone();
        flag(move |f| {
            f.kubeconfig = Some(two);
            set(f);
        })
    };
    let broken = "token: [SECRET-TOKEN";
    let text = |name: &str, text: &str| {
        let path = place.write(name, text);
        flag(|f| f.kubeconfig = Some(path))
    };
    let server = |server: &str| TWO.replace("https://a.example:6443/", server);
    for (flags, parts) in [
        (flag(|f| f.kubeconfig = Some(place.path("missing"))), ["missing", "cannot be read"]),
        (flag(|f| f.context = Some("a".into())), ["--context 'a'", "KUBECONFIG"]),
        (with(|f| f.context = Some("zzz".into())), ["context 'zzz'", "a, b, lost"]),
        (with(|f| f.context = Some("lost".into())), ["cluster 'gone'", "--cluster"]),
        (with(|f| f.user = Some("zzz".into())), ["user 'zzz'", "--user"]),
        (with(|f| f.as_groups = vec!["g".into()]), ["--as-group", "--as"]),
        (with(|f| f.server = Some("ftp://x".into())), ["--server 'ftp://x'", "https://HOST:PORT"]),
        (
            with(|f| f.certificate_authority = Some("/nowhere/ca.pem".into())),
            ["/nowhere/ca.pem", "cluster 'ka'"],
        ),
        (text("broken", broken), ["broken", "no kubeconfig"]),
        (
            text("current", &TWO.replace("current-context: a", "current-context: ''")),
            ["no context is current", "--context"],
        ),
        (text("server", &server("ftp://x")), ["cluster 'ka'", "no address"]),
        (
            text("ca", &TWO.replace("6443/'", "6443', certificate-authority: /nowhere/ca.pem")),
            ["/nowhere/ca.pem", "cluster 'ka'"],
        ),
        (
            text("data", &TWO.replace("6443/'", "6443', certificate-authority-data: '***'")),
            ["no base64", "cluster 'ka'"],
        ),
        (
            text("pem", &TWO.replace("6443/'", "6443', certificate-authority-data: aGk=")),
            ["no PEM certificate", "cluster 'ka'"],
        ),
        (
            text("key", &TWO.replace("token: SECRET-TOKEN", "client-key: /nowhere/key.pem")),
            ["client-key", "/nowhere/key.pem"],
        ),
        (text("proxy", &TWO.replace("6443/'", "6443', proxy-url: '://'")), ["proxy-url", "no address"]),
    ] {
        let told = place.told(&flags, &[]);
        assert!(told.starts_with("error: "), "{flags:?}: {told}");
        assert!(parts.iter().all(|part| told.contains(part)), "{flags:?}: {told}");
        assert!(!told.contains("SECRET"), "{told}");
    }
}

#[test]
fn a_variable_that_names_no_file_is_no_silence() {
    let place = Place::new();
    let missing = place.path("missing").display().to_string();
    let told = place.told(&Flags::default(), &[("KUBECONFIG", &missing)]);
    assert!(
        told.starts_with("error: KUBECONFIG") && told.contains("missing") && told.contains("--no-cluster"),
        "{told}"
    );
}

/// What is created waits for policies, unless somebody says how long anything may take.
#[test]
fn a_limit_that_is_named_is_that_of_everything() {
    let place = Place::new();
    let two = place.write("two", TWO);
    let limits = |named: Option<Duration>| {
        let flags = flag(|f| (f.kubeconfig, f.request_timeout) = (Some(two.clone()), named));
        let access = place.effect(&flags, &[]).expect("a kubeconfig").expect("one");
        (access.each, access.for_creation)
    };
    assert_eq!(limits(None), (REQUEST_TIMEOUT, CREATION_TIMEOUT));
    assert_eq!(limits(Some(Duration::ZERO)), (REQUEST_TIMEOUT, CREATION_TIMEOUT));
    let second = Duration::from_secs(1);
    assert_eq!(limits(Some(second)), (second, second));
}

/// What flags say of TLS takes the place of all that the kubeconfig says of it.
#[test]
fn flags_replace_the_clusters_own_authorities() {
    let place = Place::new();
    let file = place.write("two", &TWO.replace("6443/'", "6443', certificate-authority: /nowhere/ca.pem"));
    let ca = place.write("ca.pem", &certificate());
    let config = |set: &dyn Fn(&mut Flags)| {
        let mut flags = Flags { kubeconfig: Some(file.clone()), ..Flags::default() };
        set(&mut flags);
        place.effect(&flags, &[]).expect("a kubeconfig").expect("one").config
    };
    let insecure = config(&|f| f.insecure = true);
    assert!(insecure.accept_invalid_certs && insecure.root_cert.is_none());
    let own = config(&|f| f.certificate_authority = Some(ca.clone()));
    assert!(!own.accept_invalid_certs && own.root_cert.is_some_and(|certificates| certificates.len() == 1));
    let named = config(&|f| {
        f.insecure = true;
        f.tls_server_name = Some("api.example".into());
        f.as_user = Some("u".into());
        f.as_uid = Some("17".into());
    });
    assert_eq!(named.tls_server_name.as_deref(), Some("api.example"));
    assert_eq!(named.headers.len(), 1);
}

#[test]
fn a_pod_finds_its_own_cluster() {
    let place = Place::new();
    let env = [("KUBERNETES_SERVICE_HOST", "fd00::1"), ("KUBERNETES_SERVICE_PORT", "443")];
    assert_eq!(place.told(&Flags::default(), &env), "none");
    place.write("pod/token", "T");
    place.write("pod/namespace", "mine\n");
    assert!(place.told(&Flags::default(), &env).contains("ca.crt"));
    let pem = certificate();
    place.write("pod/ca.crt", &pem);
    assert_eq!(place.told(&Flags::default(), &env), "- https://[fd00::1] mine");
    // A kubeconfig goes before.
    let two = place.write("two", TWO).display().to_string();
    let both = [env[0], env[1], ("KUBECONFIG", two.as_str())];
    assert_eq!(place.told(&Flags::default(), &both), "a https://a.example:6443 team");
}

/// The form of a certificate; whether it is one is asked when it is used.
fn certificate() -> String {
    "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".to_owned()
}

#[test]
fn the_proxy_is_the_kubeconfigs_or_gos() {
    let place = Place::new();
    let plain = place.write("plain", TWO);
    let named = place.write("named", &TWO.replace("6443/'", "6443', proxy-url: 'http://u:p@own:1'"));
    let https = ("HTTPS_PROXY", "http://env:2");
    for (file, env, expected) in [
        (&plain, vec![], None),
        (&plain, vec![https], Some("env:2")),
        (&plain, vec![https, ("NO_PROXY", "example")], None),
        (&plain, vec![https, ("NO_PROXY", "env")], Some("env:2")),
        // Nothing exempts from the kubeconfig's own.
        (&named, vec![https, ("NO_PROXY", "*")], Some("own:1")),
        (&plain, vec![("HTTPS_PROXY", "socks5://s:3")], Some("s:3 (HTTPS_PROXY) is no HTTP proxy")),
    ] {
        let flags = flag(|f| f.kubeconfig = Some(file.clone()));
        let access = place.effect(&flags, &env).expect("a kubeconfig").expect("one");
        let proxy = access.proxy.map(|proxy| match proxy {
            ProxyChoice::Through(proxy) => proxy.shown(),
            ProxyChoice::Foreign(told) => told,
        });
        assert_eq!(proxy.as_deref(), expected, "{env:?}");
    }
}
