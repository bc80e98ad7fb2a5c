//! Platforms: how they are written, what they are short for, and which manifest of an index a node takes.
//!
//! Source: `github.com/containerd/platforms` (`platforms.go`, `database.go`, `compare.go`,
//! `platform_windows_compat.go`) and containerd's `core/images` (`FilterPlatforms`, `LimitManifests`). A Linux node
//! matches by `platforms.Only`, a Windows node by its own platform alone and the version of the system.
//!
//! *Invariant:* the machine that runs this never counts; what is left out means Linux on amd64.

use crate::facts::image::{Platform, PlatformEntry};

mod spelling;
mod windows;

pub use spelling::PlatformError;

/// Why nothing in an index fits: the first part of the platform that is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Nothing is offered for this operating system.
    Os,
    /// The operating system is offered, for other architectures or newer variants.
    Architecture,
    /// System and architecture are offered, for other versions of Windows.
    WindowsVersion,
}

/// What a node of a platform runs, best first: architecture and variant (`platformVector` of `compare.go`).
fn runs(wanted: &Platform) -> Vec<(&'static str, Option<String>)> {
    let variant = wanted.variant.as_deref();
    let number = |variant: Option<&str>| variant.and_then(|v| v.trim_start_matches('v').parse::<u8>().ok());
    let arm_from = |from: u8| (5..=from).rev().map(|v| ("arm", Some(format!("v{v}"))));
    match wanted.architecture.as_str() {
        "amd64" => {
            let lower = (1..number(variant).unwrap_or(1)).rev();
            let lower = lower.map(|v| ("amd64", (v > 1).then(|| format!("v{v}"))));
            lower.chain([("386", None)]).collect()
        }
        "arm" => arm_from(number(variant).unwrap_or(0).saturating_sub(1)).collect(),
        "arm64" => {
            let (major, minor) = match variant.unwrap_or("v8").split_once('.') {
                Some((major, minor)) => (number(Some(major)), minor.parse().unwrap_or(0)),
                None => (number(Some(variant.unwrap_or("v8"))), 0),
            };
            let below = |major: u8, minors: std::ops::Range<u8>| {
                minors.rev().map(move |minor| {
                    let variant = if minor == 0 { format!("v{major}") } else { format!("v{major}.{minor}") };
                    ("arm64", Some(variant).filter(|v| v != "v8"))
                })
            };
            let minor = Ord::min(minor, 9);
            match major {
                // ARMv9.x holds all of ARMv8.(x+5).
                Some(9) => below(9, 0..minor).chain(below(8, 0..minor + 6)).chain(arm_from(8)).collect(),
                Some(8) => below(8, 0..minor).chain(arm_from(8)).collect(),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// How well an offer fits: 0 is best; `None` when the node would not run it. The version of Windows does not count.
fn rank(wanted: &Platform, offered: &Platform) -> Option<usize> {
    let (wanted, offered) = (wanted.normalized(), offered.normalized());
    if wanted.os != offered.os {
        return None;
    }
    if wanted.architecture == offered.architecture && wanted.variant == offered.variant {
        return Some(0);
    }
    // A Windows node takes its own architecture alone.
    let others = if wanted.os == "windows" { Vec::new() } else { runs(&wanted) };
    let fits = |(architecture, variant): &(&str, Option<String>)| {
        *architecture == offered.architecture && *variant == offered.variant
    };
    others.iter().position(fits).map(|at| at + 1)
}

/// Whether a node of the platform `wanted` runs an image for `offered`. An attestation's `unknown/unknown` never
/// fits.
pub fn matches(wanted: &Platform, offered: &Platform) -> bool {
    rank(wanted, offered).is_some() && version_fits(wanted, offered)
}

fn version_fits(wanted: &Platform, offered: &Platform) -> bool {
    wanted.normalized().os != "windows"
        || windows::runs(wanted.os_version.as_deref(), offered.os_version.as_deref())
}

/// The entry of an index that a node of the platform `wanted` takes: the best match, the first of several equal ones
/// (on Windows the newest), and an entry that names no platform only when nothing else fits, as containerd then looks
/// into its configuration.
pub fn choose<'a>(wanted: &Platform, entries: &'a [PlatformEntry]) -> Option<&'a PlatformEntry> {
    let fitting = entries.iter().enumerate().filter_map(|(index, entry)| {
        let offered = entry.platform.as_ref().filter(|offered| version_fits(wanted, offered))?;
        let age = match offered.os_version.as_deref() {
            Some(version) if wanted.normalized().os == "windows" => windows::numbers(version),
            _ => Vec::new(),
        };
        Some(((rank(wanted, offered)?, std::cmp::Reverse(age), index), entry))
    });
    fitting
        .min_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, entry)| entry)
        .or_else(|| entries.iter().find(|entry| entry.platform.is_none()))
}

/// What is missing where nothing of `offered` fits `wanted`.
pub fn mismatch<'a>(wanted: &Platform, offered: impl Iterator<Item = &'a Platform>) -> Mismatch {
    let os = wanted.normalized().os;
    let (mut same_os, mut same_architecture) = (false, false);
    for offered in offered {
        same_os |= offered.normalized().os == os;
        same_architecture |= rank(wanted, offered).is_some();
    }
    match (same_os, same_architecture && os == "windows") {
        (false, _) => Mismatch::Os,
        (true, false) => Mismatch::Architecture,
        (true, true) => Mismatch::WindowsVersion,
    }
}

#[cfg(test)]
mod tests;
