//! `config.toml` and the files that it imports (containerd's `cmd/containerd/server/config`), of any version.
//!
//! Plugins are named by the version of the file: `cri` in the first, `io.containerd.grpc.v1.cri` up to the second, and
//! `io.containerd.cri.v1.images` in the third; containerd 2 takes the last one in an older file too.

use std::collections::VecDeque;

use toml::{Table, Value};

use super::document::{self, field, table};
use super::legacy::{self, Configs, Endpoints};
use crate::facts::node::{ConfigPath, ContainerdConfig, FileState, MalformedFile, NodeFile};
use crate::foreign::Foreign;
use crate::node::glob;
use crate::node::root::{HostRoot, MAX_SETTINGS};
use crate::node::unit::Service;

/// Where the configuration is when the command does not say.
const CONFIG: &str = "/etc/containerd/config.toml";
/// Where containerd 2.2 and later look for `hosts.toml` when nothing is set.
const DIRECTORIES: [&str; 2] = ["/etc/containerd/certs.d", "/etc/docker/certs.d"];
/// The most files.
const MAX_FILES: usize = 32;
/// The most directories and names that are kept.
const MAX_ENTRIES: usize = 64;

/// The plugin of images since version 3, and the one before it.
const IMAGES: &str = "io.containerd.cri.v1.images";
const CRI: &str = "io.containerd.grpc.v1.cri";
/// The older plugin's name in version 1.
const SHORT: &str = "cri";

/// What the configuration says.
pub(super) struct Config {
    /// What may be shown.
    pub(super) facts: ContainerdConfig,
    /// Where `hosts.toml` is looked for.
    pub(super) directories: Vec<String>,
    /// Mirrors by the older settings.
    pub(super) endpoints: Endpoints,
}

/// The configuration that a command names.
pub(super) fn place(containerd: &Service) -> String {
    let arguments = containerd.arguments();
    let mut arguments = arguments.iter().map(String::as_str);
    let mut place = None;
    while let Some(argument) = arguments.next() {
        let flag = argument.trim_start_matches('-');
        match flag.split_once('=').unwrap_or((flag, "")) {
            _ if flag == argument => {}
            ("config" | "c", "") => place = arguments.next(),
            ("config" | "c", value) => place = Some(value),
            _ => {}
        }
    }
    place.unwrap_or(CONFIG).to_owned()
}

/// Reads the configuration and what it imports.
pub(super) fn read(root: &HostRoot, place: &str) -> Config {
    let mut facts = ContainerdConfig::default();
    let (mut endpoints, mut configs) = (Endpoints::new(), Configs::new());
    let mut named: Option<String> = None;
    let mut pending = VecDeque::from([place.to_owned()]);
    let mut read: Vec<String> = Vec::new();
    while let Some(path) = pending.pop_front() {
        if read.contains(&path) || read.len() >= MAX_FILES {
            continue;
        }
        let bytes = root.read(&path, MAX_SETTINGS);
        facts.files.push(NodeFile::new(&path, FileState::of(&bytes)));
        match bytes.as_deref().map(document::parse) {
            Err(_) => {}
            Ok(Err(place)) => facts.malformed.push(MalformedFile { path: Foreign::new(&path), place }),
            Ok(Ok((_, document))) => {
                if let Some(value) = registries(&document, &path, &mut facts, &mut endpoints, &mut configs) {
                    named = Some(value);
                }
                pending.extend(imports(root, &document, &path));
            }
        }
        read.push(path);
    }
    facts.legacy = legacy::facts(&endpoints, &configs);
    facts.directories_named = named.is_some();
    let directories: Vec<String> = match named {
        Some(value) => {
            value.split(':').filter(|part| !part.is_empty()).take(MAX_ENTRIES).map(str::to_owned).collect()
        }
        None if endpoints.is_empty() => DIRECTORIES.map(str::to_owned).into(),
        None => Vec::new(),
    };
    facts.directories = directories.iter().map(|directory| Foreign::new(directory)).collect();
    Config { facts, directories, endpoints }
}

/// Adds what one file says of registries, and returns the `config_path` of it that counts.
fn registries(
    document: &Table,
    path: &str,
    facts: &mut ContainerdConfig,
    endpoints: &mut Endpoints,
    configs: &mut Configs,
) -> Option<String> {
    let version = field(document, "version").and_then(Value::as_integer).unwrap_or(1);
    let plugins = table(document, "plugins")?;
    let mut counting = None;
    // What is moved from the older plugin takes the place of what the newer one has.
    for (plugin, counts) in [(IMAGES, true), (SHORT, version <= 1), (CRI, version <= 2)] {
        let Some(settings) = plugins.get(plugin).and_then(Value::as_table) else { continue };
        if counts {
            facts.local_pull_keys.extend(local_pull_keys(settings));
            facts.local_pull_keys.truncate(MAX_ENTRIES);
        }
        let Some(registry) = table(settings, "registry") else { continue };
        if let Some(value) = field(registry, "config_path").and_then(Value::as_str).filter(|v| !v.is_empty())
        {
            facts.config_paths.push(ConfigPath {
                value: Foreign::new(value),
                file: Foreign::new(path),
                version,
                plugin: Foreign::new(plugin),
                counts,
            });
            if counts {
                counting = Some(value.to_owned());
            }
        }
        if counts {
            legacy::add(registry, endpoints, configs);
            let headers = table(registry, "headers").map(Table::keys).into_iter().flatten();
            facts.headers.extend(headers.take(MAX_ENTRIES).map(|name| Foreign::new(name)));
        }
    }
    counting
}

/// The settings for which containerd 2.1 and later do not pull with their transfer service.
fn local_pull_keys(settings: &Table) -> Vec<Foreign> {
    let of_snapshots = table(settings, "containerd");
    let setting = |key: &str| field(settings, key).or_else(|| field(of_snapshots?, key));
    let is = |key: &str, value: bool| setting(key).and_then(Value::as_bool) == Some(value);
    let registry = table(settings, "registry");
    let has =
        |key: &str| registry.and_then(|registry| table(registry, key)).is_some_and(|table| !table.is_empty());
    let downloads = setting("max_concurrent_downloads").and_then(Value::as_integer);
    [
        ("use_local_image_pull", is("use_local_image_pull", true)),
        ("disable_snapshot_annotations", is("disable_snapshot_annotations", false)),
        ("discard_unpacked_layers", is("discard_unpacked_layers", true)),
        ("image_pull_with_sync_fs", is("image_pull_with_sync_fs", true)),
        ("max_concurrent_downloads", downloads.is_some_and(|number| number != 3)),
        ("registry.mirrors", has("mirrors")),
        ("registry.configs", has("configs")),
        ("registry.auths", has("auths")),
    ]
    .into_iter()
    .filter(|(_, is_set)| *is_set)
    .map(|(key, _)| Foreign::new(key))
    .collect()
}

/// The files that a file imports: relative ones beside it, patterns as what they stand for.
fn imports(root: &HostRoot, document: &Table, path: &str) -> Vec<String> {
    let list = field(document, "imports").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let beside = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut found = Vec::new();
    for named in list.iter().filter_map(Value::as_str).take(MAX_FILES) {
        let path = if named.starts_with('/') { named.to_owned() } else { format!("{beside}/{named}") };
        // Other wildcards count only beside a star.
        match path.contains('*') {
            true => found.extend(glob::paths(root, &path)),
            false => found.push(path),
        }
    }
    found.truncate(MAX_FILES);
    found
}
