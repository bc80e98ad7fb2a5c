//! Which files make a unit and the manager's settings, in the order in which they count.
//!
//! A unit has one main file, the first of its name in systemd's directories, and drop-ins (`NAME.d/*.conf`), which count
//! after it in the order of their names, wherever they are; of two with the same name the one in the earlier directory
//! hides the other.

use std::collections::BTreeMap;

use crate::node::root::{HostRoot, Unread};

/// The most files of one kind.
pub(super) const MAX_FILES: usize = 64;

/// Where units are, the first directory first.
const UNITS: [&str; 8] = [
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
/// Where the manager's own settings are, the first directory first.
const MANAGER: [&str; 5] =
    ["/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd", "/lib/systemd"];

/// The files of a service: its main file, and its drop-ins.
pub(super) fn unit(root: &HostRoot, name: &str) -> Vec<String> {
    let mut files: Vec<String> = main(root, &UNITS, name).into_iter().collect();
    // What is meant for this unit hides what is meant for all services.
    let directories = [format!("{name}.d"), "service.d".to_owned()];
    let directories =
        directories.iter().flat_map(|last| UNITS.iter().map(move |unit| format!("{unit}/{last}")));
    files.extend(drop_ins(root, directories));
    files
}

/// The files of the manager's settings.
pub(super) fn manager(root: &HostRoot) -> Vec<String> {
    let mut files: Vec<String> = main(root, &MANAGER, "system.conf").into_iter().collect();
    files.extend(drop_ins(root, MANAGER.iter().map(|directory| format!("{directory}/system.conf.d"))));
    files
}

/// The first file of a name that is there, even if it cannot be read.
fn main(root: &HostRoot, directories: &[&str], name: &str) -> Option<String> {
    directories
        .iter()
        .map(|directory| format!("{directory}/{name}"))
        .find(|path| !matches!(root.kind(path), Err(Unread::Missing | Unread::Unseen)))
}

fn drop_ins(root: &HostRoot, directories: impl Iterator<Item = String>) -> Vec<String> {
    let mut by_name = BTreeMap::new();
    for directory in directories {
        for name in root.names(&directory).unwrap_or_default() {
            if name.ends_with(".conf") && (by_name.len() < MAX_FILES || by_name.contains_key(&name)) {
                let path = format!("{directory}/{name}");
                by_name.entry(name).or_insert(path);
            }
        }
    }
    by_name.into_values().collect()
}
