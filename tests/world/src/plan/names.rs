//! The records of every name, at every nameserver.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Plan, defaults};
use crate::schema::{Name, NameFault, World};

/// What a nameserver knows of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Records {
    /// The aliases between the name and its addresses.
    pub(crate) cname: Vec<String>,
    /// IPv4 addresses.
    pub(crate) a: Vec<Ipv4Addr>,
    /// IPv6 addresses.
    pub(crate) aaaa: Vec<Ipv6Addr>,
    /// What goes wrong.
    pub(crate) fault: Option<NameFault>,
    /// What goes wrong with A.
    pub(crate) fault_a: Option<NameFault>,
    /// What goes wrong with AAAA.
    pub(crate) fault_aaaa: Option<NameFault>,
    /// How much later the answer comes.
    pub(crate) delay_ms: u64,
}

impl Records {
    /// The addresses of both families.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.a.iter().copied().map(IpAddr::V4).chain(self.aaaa.iter().copied().map(IpAddr::V6))
    }

    /// These records with what a page says laid over them.
    fn with(mut self, owner: &str, name: &Name) -> Self {
        if let Some(a) = &name.a {
            self.a.clone_from(a);
        }
        if let Some(aaaa) = &name.aaaa {
            self.aaaa.clone_from(aaaa);
        }
        if let Some(cname) = &name.cname {
            self.cname = cname.iter().map(|alias| alias.to_ascii_lowercase()).collect();
        } else if name.a.is_some() && !self.a.is_empty() && self.a.iter().all(Ipv4Addr::is_private) {
            // A private address under the public alias chain would be a world that Azure does not make.
            self.cname = defaults::private_aliases(owner);
        }
        self.fault = name.fault.or(self.fault);
        self.fault_a = name.fault_a.or(self.fault_a);
        self.fault_aaaa = name.fault_aaaa.or(self.fault_aaaa);
        self.delay_ms = self.delay_ms.max(name.delay_ms);
        self
    }
}

/// For each nameserver its names.
pub(super) fn zones(world: &World, plan: &Plan) -> Vec<BTreeMap<String, Records>> {
    let everywhere = zone(world, plan);
    if world.nameservers.is_empty() {
        return vec![everywhere];
    }
    world
        .nameservers
        .iter()
        .map(|server| {
            let mut zone = everywhere.clone();
            for (key, name) in &server.names {
                let owner = plan.name_of(key);
                let records = zone.remove(&owner).unwrap_or_default().with(&owner, name);
                zone.insert(owner, records);
            }
            zone
        })
        .collect()
}

fn zone(world: &World, plan: &Plan) -> BTreeMap<String, Records> {
    let named: BTreeMap<String, &Name> =
        world.names.iter().map(|(key, name)| (plan.name_of(key), name)).collect();
    let mut zone = BTreeMap::new();
    let first = [Some(&plan.registry), plan.data.as_ref(), Some(&plan.token)];
    let ordered = first.into_iter().flatten().filter(|name| plan.servers.contains_key(*name));
    let mut number = 0;
    for name in ordered.chain(plan.servers.values().map(|server| &server.name)) {
        if zone.contains_key(name) || name.parse::<IpAddr>().is_ok() {
            continue;
        }
        // Azure's own services have their own addresses, so that a page's hosts keep theirs.
        let address = defaults::fixed(name).unwrap_or_else(|| {
            number += 1;
            defaults::address(number - 1)
        });
        let usual = Records { cname: defaults::aliases(name), a: vec![address], ..Records::default() };
        zone.insert(name.clone(), usual);
    }
    for (name, said) in named {
        let records = zone.remove(&name).unwrap_or_default().with(&name, said);
        zone.insert(name, records);
    }
    zone
}
