//! The values of Azure's flags.

use std::io::Read as _;

use probes::foreign::Foreign;

use crate::azure::{CLUSTERS, Cloud, ClusterName, Named, REGISTRIES, ResourceId, is_plain};
use crate::cli::Usage;

/// The longest description of a cloud that is read, in bytes.
const LIMIT: u64 = 1024 * 1024;

fn shown(text: &str) -> Foreign {
    Foreign::new(text)
}

/// A name that a resource may have: no dots alone, which a path would take for itself.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 90 && text.chars().all(is_plain) && !text.chars().all(|c| c == '.')
}

pub(super) fn registry(text: &str) -> Result<Named, Usage> {
    let wrong = |why: &str| {
        Usage(format!(
            "--acr '{}' {why}; give a name (contosoacr), a login server (contosoacr.azurecr.io) or a resource id \
             (/subscriptions/.../providers/{REGISTRIES}/contosoacr)",
            shown(text)
        ))
    };
    if text.starts_with('/') {
        let id: ResourceId = text.parse().map_err(|()| wrong("is no resource id"))?;
        return if id.is(REGISTRIES) { Ok(Named::Id(id)) } else { Err(wrong("is no registry's id")) };
    }
    let host = text.to_ascii_lowercase();
    if host.contains('.') {
        let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
        return if plain { Ok(Named::Host(host)) } else { Err(wrong("is no login server")) };
    }
    match (5..=50).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric()) {
        true => Ok(Named::Name(text.to_owned())),
        false => Err(wrong("is no name of a registry, which has 5 to 50 letters and digits")),
    }
}

pub(super) fn cluster(text: &str) -> Result<ClusterName, Usage> {
    let wrong = |why: &str| {
        Usage(format!(
            "--aks '{}' {why}; give RESOURCE-GROUP/NAME, or a resource id (/subscriptions/.../providers/{CLUSTERS}/aks1)",
            shown(text)
        ))
    };
    if text.starts_with('/') {
        let id: ResourceId = text.parse().map_err(|()| wrong("is no resource id"))?;
        return if id.is(CLUSTERS) { Ok(ClusterName::Id(id)) } else { Err(wrong("is no cluster's id")) };
    }
    match text.split_once('/') {
        Some((group, name)) if is_name(group) && is_name(name) => {
            Ok(ClusterName::InGroup { group: group.to_owned(), name: name.to_owned() })
        }
        Some(_) => Err(wrong("names no cluster")),
        None => Err(wrong("names no resource group")),
    }
}

pub(super) fn subscription(text: &str) -> Result<String, Usage> {
    // A subscription's name may have blanks.
    let fine = !text.trim().is_empty()
        && text.len() <= 128
        && !text.starts_with('-')
        && !text.contains(|c: char| c.is_control() || c == '/');
    match fine {
        true => Ok(text.to_owned()),
        false => Err(Usage(format!(
            "--subscription '{}' is neither an id nor a name of a subscription; 'az account list' shows them",
            shown(text)
        ))),
    }
}

pub(super) fn tenant(text: &str) -> Result<String, Usage> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    match is_name(text) && text.chars().all(plain) && !text.starts_with('-') {
        true => Ok(text.to_owned()),
        false => Err(Usage(format!(
            "--tenant '{}' is neither the id nor a domain of a tenant; 'az account list' shows the ids",
            shown(text)
        ))),
    }
}

pub(super) fn cloud(text: &str) -> Result<Cloud, Usage> {
    if let Some(known) = Cloud::named(text) {
        return Ok(known);
    }
    let names = Cloud::names().collect::<Vec<_>>().join(", ");
    let mut said = String::new();
    std::fs::File::open(text).and_then(|file| file.take(LIMIT).read_to_string(&mut said)).map_err(
        |error| {
            Usage(format!(
                "--cloud '{}' is none of {names}, and no file that can be read: {error}",
                shown(text)
            ))
        },
    )?;
    Cloud::read(&said)
        .map_err(|error| Usage(format!("--cloud '{}' does not describe a cloud: {error}", shown(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_strict() {
        let id = |kind: &str| format!("/subscriptions/S/resourceGroups/G/providers/{kind}/x");
        for fine in ["contosoacr", "contosoacr.azurecr.io", "contosoacr-e7gg.azurecr.io", &id(REGISTRIES)] {
            assert!(registry(fine).is_ok(), "{fine}");
        }
        for bad in ["abc", "contoso-acr", "https://contosoacr.azurecr.io", "", "/x", &id(CLUSTERS)] {
            assert!(registry(bad).is_err(), "{bad}");
        }
        for fine in ["rg/aks1", "rg (1)/aks_1", &id(CLUSTERS)] {
            assert_eq!(cluster(fine).is_ok(), !fine.contains(' '), "{fine}");
        }
        for bad in ["aks1", "rg/", "/aks1", "a/b/c", "../aks1", "rg/a?b", &id(REGISTRIES)] {
            assert!(cluster(bad).is_err(), "{bad}");
        }
        assert!(subscription("Pay As You Go").is_ok() && subscription("--output").is_err());
        assert!(subscription("a/b").is_err() && subscription(" ").is_err());
        assert!(tenant("contoso.onmicrosoft.com").is_ok());
        assert!(["..", "a/b", "-x", "", "a b"].iter().all(|bad| tenant(bad).is_err()));
        assert!(cloud("german").is_err_and(|said| said.to_string().contains("public, china, usgov")));
    }
}
