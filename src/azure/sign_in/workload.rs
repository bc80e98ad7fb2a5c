//! A federated token: a file that somebody else keeps fresh, most often the kubelet.

use std::io::Read as _;
use std::path::Path;

use probes::secret::Secret;

use super::during;
use crate::azure::trouble;
use crate::case::azure::{Trouble, TroubleKind, Way};

/// The largest file that is read, in bytes.
pub(super) const LIMIT: u64 = 1024 * 1024;

/// What stands in the file now; it changes while it is there.
pub(super) fn assertion(path: &Path) -> Result<Secret<String>, Box<Trouble>> {
    let text = read(path).map_err(|error| {
        let told = format!("AZURE_FEDERATED_TOKEN_FILE '{}' cannot be read: {error}", path.display());
        Box::new(trouble::of(TroubleKind::NoSignIn, during(Way::WorkloadIdentity), told))
    })?;
    match text.trim() {
        "" => {
            let told = format!("AZURE_FEDERATED_TOKEN_FILE '{}' is empty", path.display());
            Err(Box::new(trouble::of(TroubleKind::NoSignIn, during(Way::WorkloadIdentity), told)))
        }
        token => Ok(Secret::new(token.to_owned())),
    }
}

/// A small file's text.
pub(super) fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(LIMIT).read_to_string(&mut text)?;
    Ok(text)
}
