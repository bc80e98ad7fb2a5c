//! The hosts and addresses that a world has where the page does not say.

use std::net::Ipv4Addr;

use super::Region;
use crate::schema::{Cloud, Flavour, World};

/// The registry's host.
pub(super) fn registry(world: &World) -> String {
    world.registry.host.clone().unwrap_or_else(|| {
        match world.registry.flavour {
            Flavour::Acr => return format!("contosoacr.{}", world.cloud.registry_suffix()),
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
        (None, Flavour::Acr) => {
            let first = world.registry.regions.first().map(String::as_str);
            let cloud = Cloud::of_registry(&registry(world)).unwrap_or(world.cloud);
            Some(regional(world, first.unwrap_or(cloud.region()), "data"))
        }
        (None, Flavour::Hub) => Some("production.cloudflare.docker.com".to_owned()),
        (None, _) => None,
    }
}

/// The regions of an ACR that have hosts of their own.
pub(super) fn regions(world: &World) -> Vec<Region> {
    let said = &world.registry;
    if said.flavour != Flavour::Acr {
        return Vec::new();
    }
    let data = |region: &str| match &said.data_host {
        Some(host) => (!host.is_empty()).then(|| host.clone()),
        None => Some(regional(world, region, "data")),
    };
    let regions = said.regions.iter();
    regions
        .map(|region| Region {
            endpoint: said.regional_endpoints.then(|| regional(world, region, "geo")),
            data: data(region),
        })
        .collect()
}

/// The host of an ACR that stands for one of its regions.
fn regional(world: &World, region: &str, kind: &str) -> String {
    let host = registry(world);
    let cloud = Cloud::of_registry(&host).unwrap_or(world.cloud);
    let label = host.split('.').next().unwrap_or(&host);
    format!("{label}.{region}.{kind}.{}", cloud.registry_suffix())
}

/// The public address of the n-th server that the page gives none.
pub(super) fn address(n: u8) -> Ipv4Addr {
    Ipv4Addr::new(20, 62, 128, 10_u8.saturating_add(n))
}

/// The address of a service of Azure's that is the same in every world.
pub(super) fn fixed(name: &str) -> Option<Ipv4Addr> {
    if name == "localhost" {
        return Some(Ipv4Addr::LOCALHOST);
    }
    if let Some(cloud) = Cloud::of_manager(name) {
        return Some(match cloud {
            Cloud::Public => Ipv4Addr::new(4, 150, 240, 10),
            Cloud::Usgov => Ipv4Addr::new(52, 127, 239, 10),
            Cloud::China => Ipv4Addr::new(40, 73, 239, 10),
        });
    }
    if let Some(cloud) = Cloud::of_graph(name) {
        return Some(match cloud {
            Cloud::Public => Ipv4Addr::new(20, 20, 32, 10),
            Cloud::Usgov => Ipv4Addr::new(20, 140, 234, 10),
            Cloud::China => Ipv4Addr::new(40, 72, 71, 10),
        });
    }
    let cloud = Cloud::of_login(name)?;
    let number = cloud.logins().iter().zip(2..).find(|(known, _)| **known == name)?.1;
    Some(match cloud {
        Cloud::Public => Ipv4Addr::new(20, 190, 159, number),
        Cloud::Usgov => Ipv4Addr::new(20, 140, 232, number),
        Cloud::China => Ipv4Addr::new(40, 72, 70, number),
    })
}

/// The aliases that Azure puts between a public name and its address.
pub(super) fn aliases(name: &str) -> Vec<String> {
    let chain: &[&str] = if name.ends_with(".data.azurecr.io") {
        &["weu-data.azcr.io", "weu-acr-dp.trafficmanager.net", "d0922we-az.westeurope.cloudapp.azure.com"]
    } else if Cloud::of_login(name) == Some(Cloud::Public) {
        &["login.mso.msidentity.com", "ak.privatelink.msidentity.com", "www.tm.a.prd.aadg.trafficmanager.net"]
    } else if name.ends_with(".azurecr.io") {
        &["weu.fe.azcr.io", "weu-acr-reg.trafficmanager.net", "r0922we-az.westeurope.cloudapp.azure.com"]
    } else if Cloud::of_manager(name) == Some(Cloud::Public) {
        &[
            "management.privatelink.azure.com",
            "arm-frontdoor-prod.trafficmanager.net",
            "westeurope.management.azure.com",
        ]
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
