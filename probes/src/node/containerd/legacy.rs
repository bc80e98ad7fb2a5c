//! The older settings for registries, `registry.mirrors` of `config.toml`, which count while no `config_path` is set
//! (containerd's `internal/cri/server/images/image_pull.go`).

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::BuiltHosts;
use super::config::Config;
use super::document::{field, table};
use super::fields::Fields;
use super::setting::{Address, Built, is_localhost};
use crate::facts::node::{LegacyConfig, LegacyMirror, LegacyRegistries};
use crate::node::bare::bare;
use crate::node::root::HostRoot;

/// The most registries and mirrors that are kept.
const MAX_ENTRIES: usize = 256;

/// The mirrors' addresses, by the registry that they are for.
pub(super) type Endpoints = BTreeMap<String, Vec<String>>;

/// What a registry's settings are, without their values.
#[derive(Clone, Copy, Default)]
pub(super) struct Has {
    auth: bool,
    tls: bool,
}

/// The settings of single registries, by registry.
pub(super) type Configs = BTreeMap<String, Has>;

/// Adds what the `registry` table of one file says.
pub(super) fn add(registry: &Table, endpoints: &mut Endpoints, configs: &mut Configs) {
    for (host, mirror) in entries(registry, "mirrors") {
        let list = field(mirror, "endpoint").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let list = list.iter().filter_map(Value::as_str).take(MAX_ENTRIES).map(str::to_owned).collect();
        if endpoints.len() < MAX_ENTRIES {
            endpoints.insert(host.clone(), list);
        }
    }
    let named = entries(registry, "configs").map(|(host, config)| {
        let is_there = |key| table(config, key).is_some_and(|table| !table.is_empty());
        (host.as_str(), Has { auth: is_there("auth"), tls: is_there("tls") })
    });
    // The oldest form names the registry by its address.
    let auths = entries(registry, "auths").map(|(address, _)| {
        let bare = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
        (bare.split('/').next().unwrap_or_default(), Has { auth: true, tls: false })
    });
    for (host, has) in named.chain(auths) {
        if configs.len() < MAX_ENTRIES || configs.contains_key(host) {
            let known = configs.entry(host.to_owned()).or_default();
            *known = Has { auth: known.auth || has.auth, tls: known.tls || has.tls };
        }
    }
}

fn entries<'a>(registry: &'a Table, key: &str) -> impl Iterator<Item = (&'a String, &'a Table)> {
    let entries = table(registry, key).into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name, value.as_table()?)))
}

/// What may be shown of them.
pub(super) fn facts(endpoints: &Endpoints, configs: &Configs) -> LegacyRegistries {
    let mirror = |(host, list): (&String, &Vec<String>)| LegacyMirror {
        host: bare(host),
        endpoints: list.iter().map(|endpoint| bare(endpoint)).collect(),
    };
    let config = |(host, has): (&String, &Has)| LegacyConfig {
        host: bare(host),
        has_auth: has.auth,
        has_tls: has.tls,
    };
    LegacyRegistries {
        mirrors: endpoints.iter().map(mirror).collect(),
        configs: configs.iter().map(config).collect(),
    }
}

/// The hosts of a registry by these settings; `None` while they do not count.
pub(super) fn hosts(root: &HostRoot, config: &Config, registry: &str) -> Option<BuiltHosts> {
    if !config.directories.is_empty() {
        return None;
    }
    let endpoints = config.endpoints.get(registry).or_else(|| config.endpoints.get("*"));
    let mut built: Vec<Built> = Vec::new();
    let mut is_named = false;
    for endpoint in endpoints.into_iter().flatten() {
        let Some(address) = address(endpoint) else { continue };
        is_named |= address.is(registry);
        built.push(Built::at(root, address, Fields::default(), ""));
    }
    // A registry that is among its own mirrors is not asked once more at the end.
    let last = if is_named { built.pop() } else { None };
    let server = last.unwrap_or_else(|| Built::of_registry(root, registry, Fields::default(), ""));
    Some(BuiltHosts { mirrors: built, server })
}

/// The address of a mirror. Its path is taken as it is, and is `/v2` where there is none.
fn address(endpoint: &str) -> Option<Address> {
    let with_scheme = match endpoint.split_once("://") {
        Some(_) => endpoint.to_owned(),
        None => {
            let host = endpoint.split('/').next().unwrap_or_default();
            format!("{}://{endpoint}", if is_localhost(host) { "http" } else { "https" })
        }
    };
    let has_path = with_scheme.splitn(4, '/').nth(3).is_some();
    Address::parse(&with_scheme, has_path).filter(Address::has_host)
}
