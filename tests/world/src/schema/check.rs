//! What serde cannot see: keys that name nothing. A misspelt key would be a healthy world.

mod azure;

use std::net::IpAddr;

use super::{
    Fault, Flavour, Identity, IdentityKind, Image, ProxyAnswer, Registry, RegistryResource, RightsCheckedAt,
    Tcp, Tls, TokenAnswer, World,
};
use crate::plan::{Plan, split};
use crate::registry::SCOPE_MAPS;
use crate::rights;

/// What is wrong with a world that has the right fields.
pub(super) fn check(world: &World) -> Result<(), String> {
    let plan = Plan::new(world);
    let server_names = world.nameservers.iter().flat_map(|server| server.names.keys());
    let hosts = world.hosts.keys().map(|key| split(key).0);
    for key in hosts.chain(world.names.keys().chain(server_names).map(String::as_str)) {
        let role = match key {
            "registry" => true,
            "token" if matches!(world.registry.flavour, Flavour::Plain | Flavour::Basic) => {
                return Err(format!("'{key}': this flavour has no token endpoint"));
            }
            "token" => true,
            "data" if plan.data.is_none() => {
                return Err(format!("'{key}': this registry has no data host; give it registry.data_host"));
            }
            "data" | "imds" | "entra" | "arm" | "graph" => true,
            _ => false,
        };
        if !role && key != "localhost" && !key.contains('.') && key.parse::<IpAddr>().is_err() {
            return Err(format!(
                "'{key}' is no role (registry, token, data, imds, entra, arm, graph), no DNS name with a dot and no address"
            ));
        }
    }
    for (key, host) in &world.hosts {
        let (name, port) = split(key);
        if port.is_some() && host.port.is_some() {
            return Err(format!("host.'{key}': the port is in the key already"));
        }
        let known = plan.addresses(&plan.name_of(name));
        if let Some(address) = host.at.keys().find(|address| !known.contains(address)) {
            return Err(format!("host.{key}.at: {address} is no address of this host"));
        }
        let (faults, tls) = (host.tcp != Tcp::Accept || host.tls != Tls::Healthy, host.tls != Tls::Healthy);
        if !host.only_for.is_empty() && !faults {
            return Err(format!("host.{key}.only_for: without a fault in tcp or tls it means nothing"));
        }
        let own = [Some(&plan.registry), Some(&plan.token), plan.data.as_ref()];
        if host.mirror.is_some() && port.is_none() && own.contains(&Some(&plan.name_of(name))) {
            return Err(format!("host.{key}.mirror: this host is no mirror but what is mirrored"));
        }
        let plain = host.plain_http || host.proxy.is_some() || key == "imds";
        if plain && host.tcp.needs_tls() {
            return Err(format!("host.{key}.tcp: it speaks plain http, so there is no ClientHello"));
        }
        if let Some(proxy) = host.proxy.as_ref().filter(|proxy| proxy.deny.is_empty())
            && (proxy.answer != ProxyAnswer::Status || proxy.status != 403)
        {
            return Err(format!("host.{key}.proxy: status and answer mean nothing without deny"));
        }
        if tls && key == "imds" {
            return Err("host.imds: the metadata service speaks plain http".to_owned());
        }
        if tls && host.plain_http {
            return Err(format!("host.{key}: plain_http and a fault in tls exclude each other"));
        }
    }
    only_acr(&world.registry)?;
    if world.registry.regional_endpoints && world.registry.regions.is_empty() {
        return Err("registry.regional_endpoints: say which registry.regions".to_owned());
    }
    of_acr(world)?;
    identities(world, &plan)?;
    rights::named(world, &plan)?;
    azure::check(world, &plan)?;
    let troubles = [
        ("imds", &world.imds.fault),
        ("entra", &world.entra.fault),
        ("arm", &world.arm.fault),
        ("graph", &world.graph.fault),
    ];
    troubles.into_iter().filter_map(|(name, fault)| Some((name, fault.as_ref()?))).try_for_each(fault)?;
    world.images.iter().flatten().try_for_each(image)
}

/// What means nothing for a registry that is none of Azure's.
fn only_acr(said: &Registry) -> Result<(), String> {
    let given = [
        ("regions", !said.regions.is_empty()),
        ("tenant", said.tenant.is_some()),
        ("arm_audience", said.arm_audience.is_some()),
        ("rights_checked_at", said.rights_checked_at != RightsCheckedAt::Exchange),
        ("role_mode", said.role_mode.is_some()),
        ("resource", said.resource != RegistryResource::default()),
        ("exchange_answer", said.exchange_answer != TokenAnswer::Token),
    ];
    match given.into_iter().find(|(_, given)| *given && said.flavour != Flavour::Acr) {
        Some((name, _)) => Err(format!("registry.{name}: only an ACR has it")),
        None => Ok(()),
    }
}

/// What names of tokens, scope maps and cache rules lead to.
fn of_acr(world: &World) -> Result<(), String> {
    let given = !world.tokens.is_empty()
        || !world.scope_maps.is_empty()
        || !world.cache_rules.is_empty()
        || !world.credential_sets.is_empty();
    if given && world.registry.flavour != Flavour::Acr {
        return Err("token, scope_map, cache_rule, credential_set: only an ACR has them".to_owned());
    }
    for token in &world.tokens {
        let map = &token.scope_map;
        let own = SCOPE_MAPS.iter().any(|(name, _)| name == map);
        if !own && !world.scope_maps.iter().any(|known| known.name == *map) {
            return Err(format!("token '{}'.scope_map: '{map}' is no scope_map", token.name));
        }
        if token.passwords.len() > 2 {
            return Err(format!("token '{}'.passwords: a token has two at most", token.name));
        }
    }
    let named = world.identities.as_deref().unwrap_or_default();
    let identity = |name: &String| named.iter().any(|known| known.name.as_ref() == Some(name));
    for rule in &world.cache_rules {
        if rule.source.ends_with('*') != rule.target.ends_with('*') {
            return Err(format!("cache_rule '{}': source and target both have a star, or none", rule.name));
        }
        if let Some(set) = rule
            .credential_set
            .as_ref()
            .filter(|set| !world.credential_sets.iter().any(|known| known.name == **set))
        {
            return Err(format!("cache_rule '{}'.credential_set: '{set}' is no credential_set", rule.name));
        }
        if let Some(other) = rule.identity.as_ref().filter(|name| !identity(name)) {
            return Err(format!("cache_rule '{}'.identity: '{other}' is no identity", rule.name));
        }
    }
    match world.registry.resource.identities.iter().find(|name| !identity(name)) {
        Some(other) => Err(format!("registry.resource.identities: '{other}' is no identity")),
        None => Ok(()),
    }
}

fn identities(world: &World, plan: &Plan) -> Result<(), String> {
    for (at, known) in plan.principals.iter().enumerate() {
        let others = &plan.principals[..at];
        if others.iter().any(|o| o.client_id == known.client_id || o.object_id == known.object_id) {
            return Err(format!(
                "identity '{}': another identity has its client_id or object_id",
                known.name
            ));
        }
    }
    let said = world.identities.as_deref().unwrap_or_default();
    let own =
        said.iter().filter(|one| one.kind == IdentityKind::SystemAssigned && one.attached != Some(false));
    if own.count() > 1 {
        return Err("identity: a machine has one system-assigned identity".to_owned());
    }
    said.iter().try_for_each(identity)
}

fn identity(said: &Identity) -> Result<(), String> {
    let name = said.name.as_deref().unwrap_or_default();
    if said.secret_expired && said.secret.is_none() {
        return Err(format!("identity '{name}'.secret_expired: it has no secret"));
    }
    let user = said.kind == IdentityKind::User;
    let principal = user || said.kind == IdentityKind::ServicePrincipal;
    if user && (said.secret_expired || said.no_service_principal || !said.federated.is_empty()) {
        return Err(format!(
            "identity '{name}': secret_expired, no_service_principal and federated are no user's"
        ));
    }
    if user && !said.certificates.is_empty() || said.mfa && !user {
        return Err(format!("identity '{name}': certificates are no user's, and mfa is a user's alone"));
    }
    if principal && (said.attached.is_some() || said.resource_id.is_some()) {
        return Err(format!("identity '{name}': attached and resource_id are for managed identities"));
    }
    if !principal && (said.secret.is_some() || !said.certificates.is_empty()) {
        return Err(format!("identity '{name}': a managed identity has no secret and no certificate"));
    }
    let thumbprint = |text: &&String| {
        !matches!(text.len(), 40 | 64) || !text.chars().all(|digit| digit.is_ascii_hexdigit())
    };
    match said.certificates.iter().find(thumbprint) {
        Some(text) => Err(format!("identity '{name}'.certificates: '{text}' is no thumbprint in hex")),
        None => Ok(()),
    }
}

fn fault((name, fault): (&str, &Fault)) -> Result<(), String> {
    match fault.status {
        404 | 410 if name == "imds" => Ok(()),
        429 | 500..=599 => Ok(()),
        other => Err(format!("{name}.fault.status: a broken service does not answer {other}")),
    }
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
