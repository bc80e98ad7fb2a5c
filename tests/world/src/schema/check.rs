//! What serde cannot see: keys that name nothing. A misspelt key would be a healthy world.

use std::net::IpAddr;

use super::{Flavour, Image, Tcp, Tls, World};
use crate::plan::Plan;

/// What is wrong with a world that has the right fields.
pub(super) fn check(world: &World) -> Result<(), String> {
    let plan = Plan::new(world);
    let server_names = world.nameservers.iter().flat_map(|server| server.names.keys());
    for key in world.hosts.keys().chain(world.names.keys()).chain(server_names) {
        let role = match key.as_str() {
            "registry" => true,
            "token" if matches!(world.registry.flavour, Flavour::Plain | Flavour::Basic) => {
                return Err(format!("'{key}': this flavour has no token endpoint"));
            }
            "token" => true,
            "data" if plan.data.is_none() => {
                return Err(format!("'{key}': this registry has no data host; give it registry.data_host"));
            }
            "data" => true,
            _ => false,
        };
        if !role && !key.contains('.') && key.parse::<IpAddr>().is_err() {
            return Err(format!(
                "'{key}' is no role (registry, token, data), no DNS name with a dot and no address"
            ));
        }
    }
    for (key, host) in &world.hosts {
        let known = plan.addresses(&plan.name_of(key));
        if let Some(address) = host.at.keys().find(|address| !known.contains(address)) {
            return Err(format!("host.{key}.at: {address} is no address of this host"));
        }
        let (faults, tls) = (host.tcp != Tcp::Accept || host.tls != Tls::Healthy, host.tls != Tls::Healthy);
        if !host.only_for.is_empty() && !faults {
            return Err(format!("host.{key}.only_for: without a fault in tcp or tls it means nothing"));
        }
        if tls && host.plain_http {
            return Err(format!("host.{key}: plain_http and a fault in tls exclude each other"));
        }
    }
    world.images.iter().flatten().try_for_each(image)
}

fn image(image: &Image) -> Result<(), String> {
    if let Some(text) = image.purged.iter().find(|text| !image.platforms.contains(text)) {
        return Err(format!("image.purged: '{text}' is not among the platforms"));
    }
    if !image.purged.is_empty() && !image.index {
        return Err("image.purged: only an index has children that can be purged".to_owned());
    }
    if image.layers == 0 && image.layer.is_some() {
        return Err("image.layer: there is no layer".to_owned());
    }
    Ok(())
}
