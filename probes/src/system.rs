//! What a machine's files say about resolving names and trusting certificates: the workstation's own, or a node's
//! below its host root.
//!
//! *Invariant:* only files that are named are read, and nothing is written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::foreign::Foreign;
use crate::net::Resolver;
use crate::roots::{Roots, RootsSource};

mod hosts;
mod resolv_conf;

/// The longest file that is read, in bytes; the whole of Mozilla's authorities is a tenth of it.
pub(crate) const MAX_FILE: u64 = 4 * 1024 * 1024;

/// The resolver's settings of this machine: `/etc/resolv.conf` and `/etc/hosts`.
pub fn resolver() -> Resolver {
    resolver_from(Path::new("/etc/resolv.conf"), Path::new("/etc/hosts"))
}

/// The resolver's settings as Go reads them from two files (Go's `net/dnsconfig_unix.go` and `net/hosts.go`).
///
/// Never fails, as Go's does not: without a nameserver it is `127.0.0.1:53` and `[::1]:53`, without a search list the
/// domain of this machine's own name, without a hosts file no hosts.
pub fn resolver_from(resolv_conf: &Path, hosts: &Path) -> Resolver {
    let text = |path| text_of(path).unwrap_or_default();
    let hostname = text(Path::new("/proc/sys/kernel/hostname"));
    resolver_of(&text(resolv_conf), &text(hosts), hostname.trim(), resolv_conf.display().to_string())
}

/// The same of the two files' texts, for a machine of that name.
pub(crate) fn resolver_of(settings: &str, hosts: &str, hostname: &str, source: String) -> Resolver {
    let mut resolver = resolv_conf::read(settings, hostname, &interface_index);
    resolver.hosts = hosts_of(hosts);
    resolver.source = source;
    resolver
}

/// The nameservers of a text like `/etc/resolv.conf`, all of them, and none where there is none.
pub(crate) fn nameservers_of(settings: &str) -> Vec<SocketAddr> {
    resolv_conf::nameservers(settings, &interface_index)
}

/// The names and addresses of a text like `/etc/hosts`.
pub(crate) fn hosts_of(hosts: &str) -> BTreeMap<String, Vec<IpAddr>> {
    hosts::read(hosts)
}

/// The number of a network interface, for the zone of a link-local nameserver.
fn interface_index(name: &str) -> Option<u32> {
    // Only the last part of a path: a name with a slash would lead elsewhere.
    let plain = !name.contains('/') && !name.starts_with('.');
    let file = Path::new("/sys/class/net").join(name).join("ifindex");
    plain.then(|| text_of(&file).ok()?.trim().parse().ok())?
}

pub(crate) fn text_of(path: &Path) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&bytes_of(path)?).into_owned())
}

/// A file's beginning, at most [`MAX_FILE`] bytes.
fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The authorities of `--ca-file` that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// The file cannot be read; the source says why.
    #[error("the file '{path}' of --ca-file cannot be read; name a PEM file that this user may read")]
    Unreadable {
        /// The file, cleaned.
        path: Foreign,
        /// What the system said.
        source: io::Error,
    },
    /// The file has no certificate that can be read.
    #[error(
        "the file '{path}' of --ca-file holds no certificate in PEM form (-----BEGIN CERTIFICATE-----); \
         one in DER form becomes PEM by: openssl x509 -inform der -in FILE -out FILE.pem"
    )]
    NoCertificate {
        /// The file, cleaned.
        path: Foreign,
    },
}

/// The authorities of `--ca-file`, which replace all others, as curl's `--cacert` does.
///
/// # Errors
///
/// [`RootsError`] when the file cannot be read or holds no certificate.
pub fn roots_of(ca_file: &Path) -> Result<Roots, RootsError> {
    let shown = ca_file.display().to_string();
    let bytes =
        bytes_of(ca_file).map_err(|source| RootsError::Unreadable { path: Foreign::new(&shown), source })?;
    roots_in(&bytes, &shown)
}

/// The authorities in the text of such a file. Blocks of another kind and certificates that cannot be parsed are passed
/// over, as Go's `AppendCertsFromPEM` does.
///
/// # Errors
///
/// [`RootsError`] when there is no certificate in it.
pub fn roots_in(pem: &[u8], file: &str) -> Result<Roots, RootsError> {
    match certificates_in(pem) {
        none if none.is_empty() => Err(RootsError::NoCertificate { path: Foreign::new(file) }),
        certificates => Ok(Roots::new(RootsSource::File(file.to_owned()), certificates)),
    }
}

/// The system's authorities (`SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured, as by Go); where the system has none, those
/// compiled in.
pub fn own_roots() -> Roots {
    // What could not be read of the system's store is of no matter while something could.
    let system = rustls_native_certs::load_native_certs().certs;
    let source = if system.is_empty() { RootsSource::BuiltIn } else { RootsSource::System };
    Roots::new(source, system)
}

/// The certificates of a text in PEM form that can be parsed.
pub(crate) fn certificates_in(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem)
        .filter_map(Result::ok)
        .filter(|certificate| x509_parser::parse_x509_certificate(certificate).is_ok())
        .collect()
}

#[cfg(test)]
pub(crate) mod tests;
