//! dnsmasq's configuration, as far as it says who is asked (dnsmasq(8): `server`, `resolv-file`, `no-resolv`).

use std::net::{IpAddr, SocketAddr};

use super::{Found, is_below};
use crate::node::root::HostRoot;
use crate::system;

const CONFIG: &str = "/etc/dnsmasq.conf";
const DIRECTORY: &str = "/etc/dnsmasq.d";
/// The most files of the directory.
const MAX_FILES: usize = 64;
const PORT: u16 = 53;

/// Who is asked, by one file.
#[derive(Default)]
struct Servers {
    /// For all names, with the file that says so.
    all: Vec<(SocketAddr, String)>,
    /// For names below a domain; `None` is whoever is asked for all.
    of_domains: Vec<(String, Option<SocketAddr>, String)>,
    /// The files with more of them.
    files: Vec<String>,
    no_files: bool,
}

/// Reads who is asked for a name, and whether there is a dnsmasq at all.
pub(super) fn read(root: &HostRoot, own: SocketAddr, host: &str, found: &mut Found) -> bool {
    let names = root.names(DIRECTORY).unwrap_or_default();
    let of_directory = names.iter().filter(|name| is_read(name)).take(MAX_FILES);
    let mut servers = Servers::default();
    let mut is_there = false;
    for path in [CONFIG.to_owned()].into_iter().chain(of_directory.map(|name| format!("{DIRECTORY}/{name}")))
    {
        if root.kind(&path).is_ok() {
            is_there = true;
            servers.add(&found.text(root, &path), &path);
        }
    }
    let longest =
        servers.of_domains.iter().filter(|(domain, ..)| is_below(host, domain)).map(|(d, ..)| d.len()).max();
    let special = |(domain, server, path): &(String, Option<SocketAddr>, String)| {
        let is_it = Some(domain.len()) == longest && is_below(host, domain);
        is_it.then_some(((*server)?, path.clone()))
    };
    let special: Vec<(SocketAddr, String)> = servers.of_domains.iter().filter_map(special).collect();
    let servers_that_count = if special.is_empty() { servers.all } else { special };
    if let Some((_, path)) = servers_that_count.first().cloned() {
        found.take(servers_that_count.into_iter().map(|(server, _)| server).collect(), own, &path);
    }
    if !servers.no_files {
        for path in servers.files {
            let text = found.text(root, &path);
            found.take(system::nameservers_of(&text), own, &path);
        }
    }
    is_there
}

/// Whether dnsmasq reads a file of that name: no backups, and no hidden ones.
fn is_read(name: &str) -> bool {
    let is_backup = name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
    !is_backup && !name.starts_with('.')
}

impl Servers {
    fn add(&mut self, text: &str, path: &str) {
        for line in text.lines() {
            let line = without_comment(line);
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            match (key.trim(), value.trim()) {
                ("no-resolv", _) => self.no_files = true,
                ("resolv-file", file) => self.files.push(file.to_owned()),
                ("server" | "local", value) => self.server(value, path),
                _ => {}
            }
        }
    }

    /// `ADDRESS`, or `/DOMAIN/…/ADDRESS`, where `#` is whoever is asked for all names.
    fn server(&mut self, value: &str, path: &str) {
        let Some(rest) = value.strip_prefix('/') else {
            self.all.extend(address(value).map(|server| (server, path.to_owned())));
            return;
        };
        let mut parts: Vec<&str> = rest.split('/').collect();
        let server = parts.pop().unwrap_or_default();
        let server = match server {
            "#" => None,
            server => match address(server) {
                Some(server) => Some(server),
                None => return,
            },
        };
        // Without a domain it is about names without a dot, which no registry has; `#` is every name.
        let domains = parts.into_iter().filter(|domain| !domain.is_empty());
        let domains = domains.map(|domain| if domain == "#" { "" } else { domain.trim_matches(['*', '.']) });
        self.of_domains.extend(domains.map(|domain| (domain.to_owned(), server, path.to_owned())));
    }
}

/// A line up to its comment, which starts at a blank: elsewhere the sign is before a port.
fn without_comment(line: &str) -> &str {
    let starts = |at: usize| line[..at].chars().next_back().is_none_or(char::is_whitespace);
    line.match_indices('#').map(|(at, _)| at).find(|at| starts(*at)).map_or(line, |at| &line[..at])
}

/// An address with `#PORT` after it, and perhaps the interface or address that it is asked from.
fn address(text: &str) -> Option<SocketAddr> {
    let text = text.split([' ', '\t', '@']).next().unwrap_or_default();
    let (address, port) = text.split_once('#').unwrap_or((text, ""));
    let port = if port.is_empty() { PORT } else { port.parse().ok()? };
    Some(SocketAddr::new(address.parse::<IpAddr>().ok()?, port))
}
