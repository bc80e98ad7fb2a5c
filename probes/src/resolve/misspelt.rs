//! Registries' names that are nearly a known one: `contosoacr.azureacr.io`, `gchr.io`, `mrc.microsoft.com`.
//!
//! A wrong hint costs more than a missing one, so the rules are narrow: short labels (`gcr`, `ghcr`) bear one slip
//! that is no exchanged letter, because `icr.io` and `ocr.io` are other people's; a different top-level domain counts
//! only after `azurecr`, or where it is none itself (`oi`, `con`).

use crate::cloud::{Family, family};

/// A known host or suffix.
struct Known {
    name: &'static str,
    /// How many labels may stand before it.
    before: std::ops::RangeInclusive<usize>,
}

/// In the order of preference where two are equally near.
const KNOWN: [Known; 12] = [
    Known { name: "azurecr.io", before: 1..=4 },
    Known { name: "azurecr.cn", before: 1..=4 },
    Known { name: "azurecr.us", before: 1..=4 },
    Known { name: "mcr.microsoft.com", before: 0..=0 },
    Known { name: "registry-1.docker.io", before: 0..=0 },
    Known { name: "docker.io", before: 0..=0 },
    Known { name: "registry.k8s.io", before: 0..=0 },
    Known { name: "public.ecr.aws", before: 0..=0 },
    Known { name: "ghcr.io", before: 0..=0 },
    Known { name: "quay.io", before: 0..=0 },
    Known { name: "gcr.io", before: 0..=1 },
    Known { name: "pkg.dev", before: 1..=1 },
];

/// Hosts that exist and are near a known one.
const TAKEN: [&str; 5] =
    ["docker.io", "index.docker.io", "registry-1.docker.io", "auth.docker.io", "docker.com"];

/// Microsoft's own domains that are near `azurecr`.
const MICROSOFTS: [&str; 4] = ["azure.com", "azure.cn", "azure.us", "azure.net"];

/// The known suffix or host that `host` (without port) was probably meant to end in; `None` when it ends in a known
/// one already or is not near any. Pure: nobody is asked.
///
/// `contosoacr.azureacr.io` and `contosoacr.azurecr.com` give `azurecr.io`; `harbor.contoso.example` gives `None`.
pub fn nearest_known_suffix(host: &str) -> Option<&'static str> {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let under =
        |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if host.len() > 253 || TAKEN.contains(&host.as_str()) || MICROSOFTS.into_iter().any(under) {
        return None;
    }
    // Docker's other hosts are known by their suffix alone, so a slip in their first label is looked for.
    if !matches!(family(&host), Family::Other | Family::DockerHub) {
        return None;
    }
    let labels: Vec<&str> = host.split('.').collect();
    KNOWN
        .iter()
        .filter_map(|known| Some((slips(&labels, known)?, known.name)))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, name)| name)
}

/// `host` with its suffix corrected, where it is near a known one.
pub(super) fn corrected(host: &str) -> Option<String> {
    let suffix = nearest_known_suffix(host)?;
    let labels: Vec<&str> = host.split('.').collect();
    let kept = labels.len().checked_sub(suffix.split('.').count())?;
    let mut name = labels.get(..kept)?.join(".");
    if !name.is_empty() {
        name.push('.');
    }
    name.push_str(suffix);
    Some(name)
}

/// How many slips of the keyboard lie between the end of a host and a known suffix; `None` when that is none or too
/// many.
fn slips(labels: &[&str], known: &Known) -> Option<usize> {
    let expected: Vec<&str> = known.name.split('.').collect();
    let before = labels.len().checked_sub(expected.len())?;
    if !known.before.contains(&before) {
        return None;
    }
    let given = labels.get(before..)?;
    let (given_top, given_names) = given.split_last()?;
    let (top, names) = expected.split_last()?;
    let mut total = top_level_slips(given_top, top, names)?;
    for (given, name) in given_names.iter().zip(names) {
        total += label_slips(given, name)?;
    }
    (1..=3).contains(&total).then_some(total)
}

fn label_slips(given: &str, known: &str) -> Option<usize> {
    let slips = distance(given, known);
    let most = match known.len() {
        ..=4 if given.len() == known.len() && !is_swap(given, known) => 0,
        ..=6 => 1,
        _ => 2,
    };
    (slips <= most).then_some(slips)
}

/// A wrong top-level domain counts as at most one slip: people remember another one, they do not mistype it.
fn top_level_slips(given: &str, known: &str, names: &[&str]) -> Option<usize> {
    if given == known {
        return Some(0);
    }
    let distinctive = names == ["azurecr"] && given.len() <= 3;
    // Two letters are some country's, but for the usual swap of `io`.
    let is_none = distance(given, known) == 1 && (given.len() != 2 || given == "oi")
        // That was to be `com`, which is as far from `cn` as from `io`.
        && (given != "con" || known == "com");
    (distinctive || is_none).then_some(if is_none { 1 } else { 2 })
}

fn is_swap(given: &str, known: &str) -> bool {
    given == known
        || distance(given, known) == 1 && {
            let sorted = |text: &str| {
                let mut letters: Vec<char> = text.chars().collect();
                letters.sort_unstable();
                letters
            };
            sorted(given) == sorted(known)
        }
}

/// The Damerau-Levenshtein distance in its restricted form: letters added, left out, exchanged, or two neighbours
/// swapped.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // Labels are short; what is longer is far away, and a hostile name costs nothing.
    if a.len().abs_diff(b.len()) > 3 || a.len() > 63 {
        return usize::MAX;
    }
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let exchanged = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = exchanged.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        for (host, meant, whole) in [
            ("contosoacr.azureacr.io", "azurecr.io", "contosoacr.azurecr.io"),
            ("contosoacr.azurecr.com", "azurecr.io", "contosoacr.azurecr.io"),
            ("contosoacr.azurecr.net", "azurecr.io", "contosoacr.azurecr.io"),
            ("contosoacr.azurecr.oi", "azurecr.io", "contosoacr.azurecr.io"),
            ("contosoacr.azrecr.cn", "azurecr.cn", "contosoacr.azurecr.cn"),
            ("contosoacr.azurcer.us.", "azurecr.us", "contosoacr.azurecr.us"),
            ("ContosoACR.AzureCR.con", "azurecr.io", "ContosoACR.azurecr.io"),
            ("mrc.microsoft.com", "mcr.microsoft.com", "mcr.microsoft.com"),
            ("mcr.microsft.com", "mcr.microsoft.com", "mcr.microsoft.com"),
            ("registry1.docker.io", "registry-1.docker.io", "registry-1.docker.io"),
            ("dokcer.io", "docker.io", "docker.io"),
            ("registery.k8s.io", "registry.k8s.io", "registry.k8s.io"),
            ("pubilc.ecr.aws", "public.ecr.aws", "public.ecr.aws"),
            ("gchr.io", "ghcr.io", "ghcr.io"),
            ("ghcr.oi", "ghcr.io", "ghcr.io"),
            ("qauy.io", "quay.io", "quay.io"),
            ("eu.grc.io", "gcr.io", "eu.gcr.io"),
            ("europe-docker.pgk.dev", "pkg.dev", "europe-docker.pkg.dev"),
        ] {
            assert_eq!(nearest_known_suffix(host), Some(meant), "{host}");
            assert_eq!(corrected(host.trim_end_matches('.')).as_deref(), Some(whole), "{host}");
        }
    }

    #[test]
    fn leaves_others_alone() {
        let long = format!("{}.azureacr.io", "a".repeat(5_000));
        for host in [
            "contosoacr.azurecr.io",
            "a.westeurope.data.azurecr.io",
            "azurecr.io",
            "mcr.microsoft.com",
            "docker.io",
            "index.docker.io",
            "registry-1.docker.io",
            "auth.docker.io",
            "ghcr.io",
            "eu.gcr.io",
            "quay.io",
            "registry.k8s.io",
            "public.ecr.aws",
            "europe-docker.pkg.dev",
            "nvcr.io",
            "lscr.io",
            "icr.io",
            "us.icr.io",
            "fra.ocir.io",
            "ttl.sh",
            "cgr.dev",
            "docker.com",
            "docker.elastic.co",
            "harbor.contoso.example",
            "registry.contoso.com",
            "contoso.azure.com",
            "portal.azure.cn",
            "locker.dev",
            "registry.k3s.io",
            "quay.in",
            "quay.corp",
            "acme.io",
            "azure.io",
            "localhost",
            "",
            ".",
            "...",
            "ä.ö.ü",
            &long,
        ] {
            assert_eq!(nearest_known_suffix(host), None, "{host}");
        }
    }
}
