//! Which credential providers kubelet asks: the configuration that its flags name, as kubelet's
//! `pkg/credentialprovider/plugin/config.go` reads it.

use serde::Deserialize;
use serde_json::Value;

use self::arguments::Arguments;
use super::bare::bare;
use super::matching;
use super::root::{HostRoot, Kind, Unread};
use super::unit::{self, Service};
use super::yaml;
use crate::facts::node::{
    FileState, MalformedFile, NodeFile, Place, Provider, ProviderConfig, ProviderSource,
};
use crate::foreign::Foreign;
use crate::target::Target;

mod arguments;

/// Where AKS has the configuration.
pub const CONFIG: &str = "/var/lib/kubelet/credential-provider-config.yaml";
/// Where AKS has the providers' programs.
pub const PROGRAMS: &str = "/var/lib/kubelet/credential-provider";

/// Where AKS keeps kubelet's flags.
const FLAGS: &str = "/etc/default/kubelet";
/// The most files of a directory of configurations.
const MAX_FILES: usize = 64;
/// The most providers, patterns and unknown keys that are kept.
const MAX_ENTRIES: usize = 256;

/// The configuration as it is written. Kubernetes' decoder is strict: what has no field here is unknown to kubelet.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whole {
    api_version: Option<String>,
    kind: Option<String>,
    #[serde(default)]
    providers: Vec<Entry>,
    #[serde(flatten)]
    other: serde_json::Map<String, Value>,
}

/// One provider as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    name: String,
    #[serde(default)]
    match_images: Vec<String>,
    default_cache_duration: Option<String>,
    api_version: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(rename = "env")]
    _env: Option<Value>,
    token_attributes: Option<Value>,
    #[serde(flatten)]
    other: serde_json::Map<String, Value>,
}

/// Reads the configuration that kubelet would read.
pub fn read(root: &HostRoot, kubelet: &Service, target: &Target) -> ProviderConfig {
    let flags = flags(root, kubelet);
    let place = flags.config.as_deref().unwrap_or(CONFIG);
    let programs = flags.programs.as_deref().unwrap_or(PROGRAMS);
    let mut config = ProviderConfig {
        source: flags.source(),
        files: Vec::new(),
        malformed: None,
        unknown_keys: Vec::new(),
        providers: Vec::new(),
    };
    for path in files(root, place) {
        let (file, text) = root.noted(&path);
        config.files.push(file);
        match text.map(|text| whole(&text)) {
            None => {}
            Some(Ok(whole)) => add(root, &mut config, whole, programs, target),
            Some(Err(place)) => {
                config.malformed.get_or_insert(MalformedFile { path: Foreign::new(&path), place });
            }
        }
    }
    config
}

/// What the text of one configuration says, on a node without any program; `None` when kubelet does not take it.
#[cfg(any(test, fuzzing))]
pub(crate) fn of_text(text: &str, target: &Target) -> Option<ProviderConfig> {
    let mut config = ProviderConfig {
        source: ProviderSource::Assumed,
        files: Vec::new(),
        malformed: None,
        unknown_keys: Vec::new(),
        providers: Vec::new(),
    };
    add(&HostRoot::new("/nonexistent"), &mut config, whole(text).ok()?, PROGRAMS, target);
    Some(config)
}

/// The configuration's file, or those of its directory that kubelet takes.
fn files(root: &HostRoot, place: &str) -> Vec<String> {
    match root.kind(place) {
        Ok(Kind::Directory) => root
            .names(place)
            .unwrap_or_default()
            .into_iter()
            .filter(|name| [".json", ".yaml", ".yml"].iter().any(|end| name.ends_with(end)))
            .take(MAX_FILES)
            .map(|name| format!("{}/{name}", place.trim_end_matches('/')))
            .collect(),
        _ => vec![place.to_owned()],
    }
}

/// The text as a configuration, or where it is none.
fn whole(text: &str) -> Result<Whole, Option<Place>> {
    let whole: Whole = serde_json::from_value(yaml::value(text)?).map_err(|_| None)?;
    let is_version = |version: &str| {
        let (group, version) = version.split_once('/').unwrap_or(("", version));
        group == "kubelet.config.k8s.io" && ["v1", "v1beta1", "v1alpha1"].contains(&version)
    };
    let is_one = whole.kind.as_deref() == Some("CredentialProviderConfig")
        && whole.api_version.as_deref().is_some_and(is_version);
    if is_one { Ok(whole) } else { Err(None) }
}

fn add(root: &HostRoot, config: &mut ProviderConfig, whole: Whole, programs: &str, target: &Target) {
    let keys = whole.other.keys().chain(whole.providers.iter().flat_map(|entry| entry.other.keys()));
    let room = MAX_ENTRIES.saturating_sub(config.unknown_keys.len());
    config.unknown_keys.extend(keys.take(room).map(|key| Foreign::new(key)));
    let room = MAX_ENTRIES.saturating_sub(config.providers.len());
    let entries = whole.providers.into_iter().take(room);
    config.providers.extend(entries.map(|entry| provider(root, entry, programs, target)));
}

fn provider(root: &HostRoot, entry: Entry, programs: &str, target: &Target) -> Provider {
    let path = format!("{}/{}", programs.trim_end_matches('/'), entry.name);
    // A name with a slash is none of a program; kubelet does not start with one.
    let kind = if entry.name.contains('/') { Err(Unread::Missing) } else { root.kind(&path) };
    let state = match kind {
        Ok(Kind::File { .. }) => FileState::Read,
        Ok(Kind::Directory | Kind::Other) => FileState::NotAFile,
        Err(why) => why.into(),
    };
    let repository = target.repository.as_deref().unwrap_or_default();
    let arguments = Arguments::of(&entry.args);
    let shown = |text: Option<String>| text.map(|text| Foreign::new(&text));
    Provider {
        name: Foreign::new(&entry.name),
        matches: entry.match_images.iter().any(|p| matching::matches(&target.registry, repository, p)),
        match_images: entry.match_images.iter().take(MAX_ENTRIES).map(|image| bare(image)).collect(),
        default_cache_duration: shown(entry.default_cache_duration),
        api_version: shown(entry.api_version),
        program: NodeFile::new(&path, state),
        executable: kind == Ok(Kind::File { executable: true }),
        azure_json: shown(arguments.settings),
        registry_mirrors: arguments.mirrors,
        identity_bindings: arguments.identity_bindings,
        token_attributes: entry.token_attributes.is_some_and(|attributes| !attributes.is_null()),
    }
}

/// What kubelet's flags say of credential providers.
#[derive(Default)]
struct Flags {
    config: Option<String>,
    programs: Option<String>,
    were_read: bool,
}

impl Flags {
    fn source(&self) -> ProviderSource {
        match (&self.config, self.were_read) {
            (Some(_), _) => ProviderSource::Flags,
            (None, true) => ProviderSource::NotInFlags,
            (None, false) => ProviderSource::Assumed,
        }
    }

    /// Takes the flags out of a command's words; the last one of a name counts.
    fn take(&mut self, words: &[String]) {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let Some(flag) = word.strip_prefix("--") else { continue };
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (flag, None),
            };
            let place = match name.replace('_', "-").as_str() {
                "image-credential-provider-config" => &mut self.config,
                "image-credential-provider-bin-dir" => &mut self.programs,
                _ => continue,
            };
            *place = value.or_else(|| words.next().map(String::as_str)).map(str::to_owned);
        }
    }
}

/// kubelet's flags: those of its command, else those that stand where AKS keeps them, because a command may start kubelet
/// by way of a script.
fn flags(root: &HostRoot, kubelet: &Service) -> Flags {
    let mut flags = Flags::default();
    let arguments = kubelet.arguments();
    flags.were_read = kubelet.is_whole() && !arguments.is_empty();
    flags.take(&arguments);
    if flags.config.is_none()
        && let Ok(text) = root.text(FLAGS)
    {
        for (_, value) in unit::variables(&text) {
            flags.take(&unit::words(&value));
        }
    }
    flags
}

#[cfg(test)]
mod tests;
