//! The hosts and addresses that a world has where the page does not say.

use std::net::Ipv4Addr;

use crate::schema::{Flavour, World};

/// The registry's host.
pub(super) fn registry(world: &World) -> String {
    world.registry.host.clone().unwrap_or_else(|| {
        match world.registry.flavour {
            Flavour::Acr => "contosoacr.azurecr.io",
            Flavour::Hub => "registry-1.docker.io",
            Flavour::Harbor => "harbor.contoso.com",
            Flavour::Plain | Flavour::Basic => "registry.contoso.com",
        }
        .to_owned()
    })
}

/// The host of the token endpoint.
pub(super) fn token(world: &World, registry: &str) -> String {
    world.registry.token_host.clone().unwrap_or_else(|| match world.registry.flavour {
        Flavour::Hub => "auth.docker.io".to_owned(),
        _ => registry.to_owned(),
    })
}

/// The host that blobs are redirected to.
pub(super) fn data(world: &World) -> Option<String> {
    match (&world.registry.data_host, world.registry.flavour) {
        (Some(name), _) if name.is_empty() => None,
        (Some(name), _) => Some(name.clone()),
        (None, Flavour::Acr) => Some(match &world.registry.host {
            Some(host) => format!("{}.westeurope.data.azurecr.io", host.split('.').next().unwrap_or(host)),
            None => "contosoacr.westeurope.data.azurecr.io".to_owned(),
        }),
        (None, Flavour::Hub) => Some("production.cloudflare.docker.com".to_owned()),
        (None, _) => None,
    }
}

/// The public address of the n-th server that the page gives none.
pub(super) fn address(n: u8) -> Ipv4Addr {
    Ipv4Addr::new(20, 62, 128, 10_u8.saturating_add(n))
}

/// The aliases that Azure puts between a public name and its address.
pub(super) fn aliases(name: &str) -> Vec<String> {
    let chain: &[&str] = if name.ends_with(".data.azurecr.io") {
        &["weu-data.azcr.io", "weu-acr-dp.trafficmanager.net", "d0922we-az.westeurope.cloudapp.azure.com"]
    } else if name.ends_with(".azurecr.io") {
        &["weu.fe.azcr.io", "weu-acr-reg.trafficmanager.net", "r0922we-az.westeurope.cloudapp.azure.com"]
    } else if name.ends_with(".blob.core.windows.net") {
        &["blob.ams08prdstr01a.store.core.windows.net"]
    } else {
        &[]
    };
    chain.iter().map(|&alias| alias.to_owned()).collect()
}

/// The alias that a private endpoint puts between a name and its address.
pub(super) fn private_aliases(name: &str) -> Vec<String> {
    for zone in ["azurecr.io", "blob.core.windows.net"] {
        if let Some(label) = name.strip_suffix(zone).and_then(|rest| rest.strip_suffix('.')) {
            return vec![format!("{label}.privatelink.{zone}")];
        }
    }
    Vec::new()
}
