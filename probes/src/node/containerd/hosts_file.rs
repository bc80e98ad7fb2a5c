//! `hosts.toml`: the hosts that stand in for a registry, in the order of the file.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::document::{self, field};
use super::fields::{Fields, KEYS};
use super::setting::Address;
use crate::facts::node::HostsRejected;
use crate::foreign::Foreign;
use crate::node::bare::bare;

/// The most names of unknown keys and passed-over hosts.
const MAX_NAMES: usize = 64;

/// What a `hosts.toml` says.
pub(super) struct Parsed {
    /// The hosts, in order.
    pub(super) hosts: Vec<(Address, Fields)>,
    /// The host that is asked last; without an address the registry itself.
    pub(super) server: (Option<Address>, Fields),
    /// Keys that mean nothing to containerd.
    pub(super) unknown_keys: Vec<Foreign>,
    /// Hosts without a line of their own.
    pub(super) passed_over: Vec<Foreign>,
}

/// Reads the file. The error says why containerd takes none of it.
///
/// Only hosts under a line of their own count, because containerd finds their order by those lines. One whose tables are
/// not together it asks once more; here it is there once.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<Parsed>, HostsRejected> {
    let (text, document) = document::parse(bytes).map_err(|place| HostsRejected::Malformed { place })?;
    let server = match field(&document, "server") {
        None => "",
        Some(server) => server.as_str().ok_or_else(|| rejected("server"))?,
    };
    let no_hosts = Table::new();
    let tables = match field(&document, "host") {
        None => &no_hosts,
        Some(value) => value.as_table().ok_or_else(|| rejected("host"))?,
    };
    Fields::typed(&document).map_err(rejected)?;
    for (name, value) in tables {
        let table = value.as_table().ok_or_else(|| rejected(&of_host(name, "")))?;
        Fields::typed(table).map_err(|key| rejected(&of_host(name, key)))?;
    }

    let order = order(text);
    let mut hosts = Vec::new();
    for name in &order {
        let Some(table) = tables.get(name).and_then(Value::as_table) else { continue };
        let fields = Fields::whole(table).map_err(|key| rejected(&of_host(name, key)))?;
        hosts.push((address(name, &fields).ok_or_else(|| rejected(&of_host(name, "")))?, fields));
    }
    let fields = Fields::whole(&document).map_err(rejected)?;
    let server = match server {
        "" => None,
        server => Some(address(server, &fields).ok_or_else(|| rejected("server"))?),
    };
    let passed_over = tables.keys().filter(|name| !order.contains(name));
    Ok(Some(Parsed {
        hosts,
        server: (server, fields),
        unknown_keys: unknown(&document, tables),
        passed_over: passed_over.take(MAX_NAMES).map(|name| bare(name)).collect(),
    }))
}

/// The address of a host; one without a name has none in Go either, and is asked in vain.
fn address(text: &str, fields: &Fields) -> Option<Address> {
    Address::parse(text, fields.override_path)
}

fn rejected(key: &str) -> HostsRejected {
    HostsRejected::Value { key: Foreign::new(key) }
}

/// The name of a host's key; the address in it loses its user.
fn of_host(name: &str, key: &str) -> String {
    let name = bare(name);
    if key.is_empty() { format!("host.\"{name}\"") } else { format!("host.\"{name}\".{}", bare(key)) }
}

/// The names of the hosts that have a line of their own, or a table below them that has one.
fn order(text: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut order = Vec::new();
    for header in document::headers(text) {
        if let [first, name, ..] = header.as_slice()
            && first == "host"
            && !name.is_empty()
            && seen.insert(name.clone())
        {
            order.push(name.clone());
        }
    }
    order
}

fn unknown(document: &Table, hosts: &Table) -> Vec<Foreign> {
    let is_one_of = |known: &[&str], name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    let at_top =
        document.keys().filter(|name| !is_one_of(&KEYS, name) && !is_one_of(&["server", "host"], name));
    let below = hosts.iter().flat_map(|(host, table)| {
        let keys = table.as_table().map(Table::keys).into_iter().flatten();
        keys.filter(|name| !is_one_of(&KEYS, name)).map(move |name| of_host(host, name))
    });
    let at_top = at_top.map(|name| bare(name).as_str().to_owned());
    at_top.chain(below).take(MAX_NAMES).map(|name| Foreign::new(&name)).collect()
}
