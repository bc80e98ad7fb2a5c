//! What systemd starts containerd and kubelet with (systemd.unit(5), systemd.exec(5), systemd-system.conf(5)): the
//! manager's default environment, the unit's own, and the files of variables that it names, which count last.
//!
//! Everything of an environment may be secret; what leaves this module is the variables about proxies, as [`Secret`].

use std::collections::BTreeMap;

use super::bare::bare;
use super::root::{HostRoot, Unread};
use crate::facts::node::{FileState, NodeFile, ProxySetting, ServiceEnvironment};
use crate::foreign::Foreign;
use crate::secret::Secret;

mod command;
mod files;
mod proxy;
mod syntax;
#[cfg(test)]
mod tests;

pub(super) use syntax::{variables, words};

/// containerd's unit.
pub const CONTAINERD: &str = "containerd.service";
/// kubelet's unit.
pub const KUBELET: &str = "kubelet.service";

/// The variables about proxies, in the order in which facts name them.
pub const PROXY_VARIABLES: [&str; 7] =
    ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];
/// The most entries of `NO_PROXY` in the facts.
const MAX_SHOWN: usize = 256;
/// The most variables of one environment.
const MAX_VARIABLES: usize = 1024;

/// A service with its environment and its command.
pub struct Service {
    /// The unit's name.
    pub name: &'static str,
    /// Whether there is a file of the unit, readable or not.
    pub is_there: bool,
    files: Vec<NodeFile>,
    environment: Environment,
    command: Secret<String>,
}

type Environment = BTreeMap<String, Variable>;

/// A variable's value, and the file that set it.
#[derive(Clone)]
struct Variable {
    value: Secret<String>,
    file: String,
}

/// A variable about proxies.
pub struct ProxyVariable {
    /// Its name.
    pub name: &'static str,
    /// Its value, which may hold a password.
    pub value: Secret<String>,
    /// The file that sets it.
    pub file: String,
}

impl Service {
    /// Reads what systemd would start a service with.
    pub fn read(root: &HostRoot, name: &'static str) -> Self {
        let mut files = Vec::new();
        let mut environment = manager(root, &mut files);
        let (mut own, mut variable_files, mut unset) = (Environment::new(), Vec::new(), Vec::new());
        let mut command = String::new();
        let of_unit = files::unit(root, name);
        for file in &of_unit {
            for (section, key, value) in assignments(root, file, &mut files) {
                match (section.as_str(), key.as_str()) {
                    ("Service", "Environment") => set(&mut own, &value, file),
                    ("Service", "EnvironmentFile") if value.is_empty() => variable_files.clear(),
                    ("Service", "EnvironmentFile") => variable_files.push(value),
                    ("Service", "ExecStart") => command = value,
                    ("Service", "UnsetEnvironment") if value.is_empty() => unset.clear(),
                    ("Service", "UnsetEnvironment") => unset.extend(syntax::words(&value)),
                    _ => {}
                }
            }
        }
        environment.extend(own);
        for named in variable_files.iter().take(files::MAX_FILES) {
            load(root, named, &mut environment, &mut files);
        }
        for assignment in unset {
            match assignment.split_once('=') {
                None => drop(environment.remove(&assignment)),
                Some((name, value)) => {
                    environment.retain(|set, variable| set != name || variable.value.expose() != value);
                }
            }
        }
        Self { name, is_there: !of_unit.is_empty(), files, environment, command: Secret::new(command) }
    }

    /// The value of a variable.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(|variable| variable.value.expose().as_str())
    }

    /// The arguments of its command after its variables are put in; empty where no command was found.
    pub(super) fn arguments(&self) -> Vec<String> {
        command::arguments(self.command.expose(), &|name| self.value(name).map(str::to_owned))
    }

    /// The variables about proxies that are set, in the order of [`PROXY_VARIABLES`].
    pub fn proxies(&self) -> Vec<ProxyVariable> {
        let set = |name: &&'static str| {
            let Variable { value, file } = self.environment.get(*name)?.clone();
            Some(ProxyVariable { name, value, file })
        };
        PROXY_VARIABLES.iter().filter_map(set).collect()
    }

    /// What Go's `net/http` takes as the proxy for https: `HTTPS_PROXY`, else `https_proxy`, unless they are empty.
    pub fn https_proxy(&self) -> Option<Secret<String>> {
        self.first_of(["HTTPS_PROXY", "https_proxy"]).map(|value| Secret::new(value.to_owned()))
    }

    /// What Go's `net/http` takes as the proxy for http: `HTTP_PROXY`, else `http_proxy`, unless they are empty.
    pub fn http_proxy(&self) -> Option<Secret<String>> {
        self.first_of(["HTTP_PROXY", "http_proxy"]).map(|value| Secret::new(value.to_owned()))
    }

    /// What goes without a proxy: the entries of `NO_PROXY`, else of `no_proxy`.
    pub fn no_proxy(&self) -> Vec<String> {
        self.first_of(["NO_PROXY", "no_proxy"]).map(entries).unwrap_or_default()
    }

    fn first_of(&self, names: [&str; 2]) -> Option<&str> {
        names.into_iter().filter_map(|name| self.value(name)).find(|value| !value.is_empty())
    }

    /// Whether every file that makes it could be read; a drop-in that is a link to `/dev/null` says nothing.
    pub(super) fn is_whole(&self) -> bool {
        let is_known = |state| matches!(state, FileState::Read | FileState::NotAFile);
        self.is_there && self.files.iter().all(|file| is_known(file.state))
    }

    /// What may be shown of it.
    pub fn facts(&self) -> ServiceEnvironment {
        let setting = |variable: ProxyVariable| {
            let is_list = variable.name.eq_ignore_ascii_case("NO_PROXY");
            let value = variable.value.expose();
            let proxy = (!is_list).then(|| proxy::shown(value)).flatten();
            let list = if is_list { entries(value) } else { Vec::new() };
            ProxySetting {
                variable: variable.name.to_owned(),
                file: Foreign::new(&variable.file),
                has_user: proxy.as_ref().is_some_and(|proxy| proxy.has_user),
                proxy: proxy.map(|proxy| Foreign::new(&proxy.address)),
                no_proxy: list.iter().take(MAX_SHOWN).map(|entry| bare(entry)).collect(),
            }
        };
        ServiceEnvironment {
            service: self.name.to_owned(),
            files: self.files.clone(),
            variables: self.proxies().into_iter().map(setting).collect(),
        }
    }
}

/// The manager's default environment, which every service has.
fn manager(root: &HostRoot, files: &mut Vec<NodeFile>) -> Environment {
    let mut environment = Environment::new();
    for file in files::manager(root) {
        for (section, key, value) in assignments(root, &file, files) {
            if section == "Manager" && key == "DefaultEnvironment" {
                set(&mut environment, &value, &file);
            }
        }
    }
    environment
}

/// The assignments of one file, which is noted; none when it cannot be read.
fn assignments(root: &HostRoot, file: &str, files: &mut Vec<NodeFile>) -> Vec<(String, String, String)> {
    let (noted, text) = root.noted(file);
    files.push(noted);
    text.map(|text| syntax::assignments(&text)).unwrap_or_default()
}

/// `Environment=` or `DefaultEnvironment=`: words of `NAME=value`; empty, it takes back what such lines set before.
fn set(environment: &mut Environment, value: &str, file: &str) {
    if value.is_empty() {
        environment.clear();
    }
    for word in syntax::words(value) {
        if let Some((name, value)) = word.split_once('=') {
            insert(environment, name, value.replace("%%", "%"), file);
        }
    }
}

/// `EnvironmentFile=`; with a dash before it, it need not be there.
fn load(root: &HostRoot, named: &str, environment: &mut Environment, files: &mut Vec<NodeFile>) {
    let pattern = named.strip_prefix('-').unwrap_or(named);
    if !pattern.starts_with('/') {
        return;
    }
    for path in super::glob::paths(root, pattern) {
        let text = root.text(&path);
        if named != pattern && text == Err(Unread::Missing) {
            continue;
        }
        files.push(NodeFile::new(&path, FileState::of(&text)));
        for (name, value) in syntax::variables(&text.unwrap_or_default()) {
            insert(environment, &name, value, &path);
        }
    }
}

fn insert(environment: &mut Environment, name: &str, value: String, file: &str) {
    if syntax::is_name(name) && (environment.len() < MAX_VARIABLES || environment.contains_key(name)) {
        let variable = Variable { value: Secret::new(value), file: file.to_owned() };
        environment.insert(name.to_owned(), variable);
    }
}

/// The entries of `NO_PROXY`, split as Go splits them.
fn entries(value: &str) -> Vec<String> {
    value.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}
