//! Certificates of authorities in a node's files.

use rustls_pki_types::CertificateDer;

use super::root::HostRoot;
use crate::facts::node::{FileState, NodeFile};
use crate::system::{MAX_FILE, certificates_in};

/// The certificates in a file, and the fact of having looked for it.
pub(super) fn load(root: &HostRoot, path: &str) -> (NodeFile, Vec<CertificateDer<'static>>) {
    let bytes = root.read(path, MAX_FILE);
    let file = NodeFile::new(path, FileState::of(&bytes));
    (file, bytes.map(|pem| certificates_in(&pem)).unwrap_or_default())
}
