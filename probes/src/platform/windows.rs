//! Which versions of Windows a host runs (`platform_windows_compat.go` of `github.com/containerd/platforms`, which
//! was hcsshim's `osversion.CheckHostAndContainerCompat`).

/// Windows Server 2022: from here on a host runs older images too, back to this build.
const FIRST_STABLE: u64 = 20348;

/// Whether a host of version `host` runs an image of version `image` (`10.0.20348.2113`).
///
/// Before Windows Server 2022 the builds, the third numbers, must be equal; from there on the image may be older, but
/// not older than 2022. Where either says no version, it is not held against it.
pub(super) fn runs(host: Option<&str>, image: Option<&str>) -> bool {
    let (Some(host), Some(image)) = (host.and_then(build), image) else { return true };
    let Some(image) = build(image) else { return false };
    if host[..2] != image[..2] {
        return false;
    }
    let (host, image) = (host[2], image[2]);
    if host < FIRST_STABLE { host == image } else { (FIRST_STABLE..=host).contains(&image) }
}

/// The first three numbers of a version; `None` when it has not as many.
fn build(version: &str) -> Option<[u64; 3]> {
    let mut numbers = version.split('.').map(|part| part.parse().ok());
    Some([numbers.next()??, numbers.next()??, numbers.next()??])
}

/// A version's numbers for comparing: an unreadable one counts as 0.
pub(super) fn numbers(version: &str) -> Vec<u64> {
    version.split('.').take(4).map(|part| part.parse().unwrap_or(0)).collect()
}
