//! The authorities that a node's Go programs trust, as Go's `crypto/x509` finds them (`root_unix.go`, `root_linux.go`):
//! the first bundle that can be read, and every file in the directories of certificates.

use std::collections::HashSet;

use rustls_pki_types::CertificateDer;

use super::certificates;
use super::root::HostRoot;
use super::unit::Service;
use crate::facts::node::{AuthorityFile, FileState, NodeFile};
use crate::roots::{Roots, RootsSource};

/// The bundles, the first that can be read counts.
const FILES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// The directories, all of which are read.
const DIRECTORIES: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];
/// The most certificates.
const MAX_CERTIFICATES: usize = 8192;
/// The most directories.
const MAX_DIRECTORIES: usize = 16;

/// The authorities of a node, and what they were read from: a bundle, directories.
///
/// `service` is the one whose `SSL_CERT_FILE` and `SSL_CERT_DIR` count, since Go looks at them.
pub fn read(root: &HostRoot, service: &Service) -> (Roots, Vec<AuthorityFile>) {
    let set = |name| service.value(name).filter(|value: &&str| !value.is_empty());
    let files = set("SSL_CERT_FILE").map_or(FILES.to_vec(), |file| vec![file]);
    let directories = set("SSL_CERT_DIR").map_or(DIRECTORIES.to_vec(), |list| list.split(':').collect());
    let mut store = Store::default();
    for path in files {
        let (file, found) = certificates::load(root, path);
        match file.state {
            FileState::Missing | FileState::Unseen => continue,
            FileState::Read => {
                store.add(file, found);
                break;
            }
            _ => store.add(file, found),
        }
    }
    for directory in directories.into_iter().take(MAX_DIRECTORIES) {
        store.directory(root, directory);
    }
    let read = store.sources.iter().filter(|source| source.file.state == FileState::Read);
    let read = read.map(|source| source.file.path.as_str().to_owned()).collect();
    let roots = Roots::new(RootsSource::Node(read), store.certificates);
    (roots, store.sources)
}

#[derive(Default)]
struct Store {
    certificates: Vec<CertificateDer<'static>>,
    known: HashSet<CertificateDer<'static>>,
    sources: Vec<AuthorityFile>,
}

impl Store {
    /// Adds the certificates of a source that are not there yet.
    fn add(&mut self, file: NodeFile, found: Vec<CertificateDer<'static>>) {
        self.sources.push(AuthorityFile { file, certificates: found.len() });
        for certificate in found {
            if self.certificates.len() < MAX_CERTIFICATES && self.known.insert(certificate.clone()) {
                self.certificates.push(certificate);
            }
        }
    }

    /// Adds what is in a directory. Links to a name beside them are passed over: they are its hashes.
    fn directory(&mut self, root: &HostRoot, directory: &str) {
        let names = root.names(directory);
        let file = NodeFile::new(directory, FileState::of(&names));
        if matches!(file.state, FileState::Missing | FileState::Unseen) {
            return;
        }
        let mut found = Vec::new();
        for name in names.unwrap_or_default() {
            let beside = root.link(directory, &name).is_some_and(|target| target.components().count() < 2);
            if !beside && found.len() < MAX_CERTIFICATES {
                found.extend(certificates::load(root, &format!("{directory}/{name}")).1);
            }
        }
        self.add(file, found);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::node::tree::Tree;
    use crate::node::unit;
    use crate::system::tests::ROOT as FIRST;

    /// Another authority.
    fn second() -> String {
        let key = rcgen::KeyPair::generate().expect("a key");
        let parameters = rcgen::CertificateParams::new(vec!["second".to_owned()]).expect("parameters");
        parameters.self_signed(&key).expect("a certificate").pem()
    }

    fn read_of(tree: &Tree) -> (usize, String, Vec<(String, usize)>) {
        let root = tree.root();
        let (roots, sources) = read(&root, &Service::read(&root, unit::CONTAINERD));
        let sources = sources.iter().map(|s| (s.file.path.as_str().to_owned(), s.certificates)).collect();
        (roots.certificates.len(), roots.source.name(), sources)
    }

    #[test]
    fn the_store_is_that_of_go() {
        let second = second();
        let tree = Tree::of(&[
            ("/etc/pki/tls/certs/ca-bundle.crt", &format!("{FIRST}{FIRST}")),
            ("/etc/ssl/cert.pem", &second),
            ("/etc/ssl/certs/README", "none"),
            ("/usr/share/ca/second.crt", &second),
        ]);
        tree.link("/etc/ssl/certs/second.pem", "/usr/share/ca/second.crt");
        tree.link("/etc/ssl/certs/0123abcd.0", "second.pem");
        tree.link("/etc/ssl/certs/gone.pem", "/nowhere");
        let sources = ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs", "/etc/pki/tls/certs"];
        let name = format!("node {}", sources.join(", "));
        let counts = sources.map(str::to_owned).into_iter().zip([2, 1, 2]).collect();
        assert_eq!(read_of(&tree), (2, name, counts));
        // The first bundle counts, even when nothing is in it.
        tree.file("/etc/ssl/certs/ca-certificates.crt", "");
        let (count, name, _) = read_of(&tree);
        assert_eq!((count, name.split(',').next()), (2, Some("node /etc/ssl/certs/ca-certificates.crt")));
    }

    #[test]
    fn variables_of_the_service_count_instead() {
        let unit = "[Service]\nEnvironment=SSL_CERT_FILE=/own.pem SSL_CERT_DIR=/one:/two\n";
        let tree = Tree::of(&[
            ("/etc/systemd/system/containerd.service", unit),
            ("/own.pem", FIRST),
            ("/two/x", &second()),
            ("/etc/ssl/cert.pem", &second()),
        ]);
        let counts = vec![("/own.pem".to_owned(), 1), ("/two".to_owned(), 1)];
        assert_eq!(read_of(&tree), (2, "node /own.pem, /two".to_owned(), counts));
    }

    #[test]
    fn a_node_without_a_store_trusts_nobody() {
        assert_eq!(read_of(&Tree::new()), (0, "node (none)".to_owned(), Vec::new()));
    }
}
