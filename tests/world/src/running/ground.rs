//! Where a world stands: on loopback, with ports of the system's choosing, or at its own addresses and ports.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::plan::Plan;
use crate::schema::{Tcp, World};

/// Where a machine of Azure's finds its nameserver.
const NAMESERVER: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);
const ROOT_KEY: &str = "root.key";

/// Where a world stands. The usual one is loopback.
#[derive(Clone, Debug, Default)]
pub struct Ground {
    /// Servers and nameservers listen at the addresses and ports by which the world knows them, so that clients need no
    /// flags. The machine, or the network namespace, must have these addresses: see [`Addresses`].
    pub own_addresses: bool,
    /// Hosts that are not the world's, which its nameservers know all the same. What a page says of a name comes first.
    pub names: Vec<(String, Ipv4Addr)>,
    /// A folder for what is to outlive the world: the root's key (a client that trusted this world trusts the next one
    /// there), `ca.pem`, and `requests.jsonl`, a line for each request that the servers saw.
    pub state: Option<PathBuf>,
}

/// What a machine needs for a world at its own addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The addresses that the machine must have. One to which there is no route is not among them.
    pub own: Vec<IpAddr>,
    /// The nameservers, in order, as a `resolv.conf` names them.
    pub nameservers: Vec<IpAddr>,
}

impl World {
    /// What a machine needs for this world at its own addresses.
    pub fn addresses(&self) -> Addresses {
        let plan = Plan::new(self);
        let nameservers: Vec<IpAddr> = (0..plan.zones.len()).map(|number| nameserver(self, number)).collect();
        let spots = plan.spots.iter().filter(|spot| spot.tcp != Tcp::NoRoute).map(|spot| spot.address);
        let mut own: Vec<IpAddr> = spots.chain(nameservers.iter().copied()).collect();
        own.sort();
        own.dedup();
        // One with an address of its own is asked by the other, or by whoever a node's files name it to.
        let asked = |number: &usize| self.nameservers.get(*number).is_none_or(|said| said.address.is_none());
        let mut first: Vec<IpAddr> =
            (0..nameservers.len()).filter(asked).map(|number| nameserver(self, number)).collect();
        if first.is_empty() {
            first = nameservers;
        }
        Addresses { own, nameservers: first }
    }
}

impl Ground {
    /// Where something listens that the world knows by this address and port.
    pub(super) fn place(&self, address: IpAddr, port: u16) -> SocketAddr {
        if self.own_addresses { SocketAddr::new(address, port) } else { loopback() }
    }

    /// Where a nameserver listens.
    pub(super) fn nameserver(&self, world: &World, number: usize) -> SocketAddr {
        self.place(nameserver(world, number), 53)
    }

    /// The world with the names of this ground.
    pub(super) fn world(&self, world: &World) -> World {
        let mut world = world.clone();
        for (name, address) in &self.names {
            let said = world.names.entry(name.to_ascii_lowercase()).or_default();
            said.a.get_or_insert_with(|| vec![*address]);
            said.cname.get_or_insert_default();
        }
        world
    }

    /// The root's key as an earlier world left it.
    pub(super) fn root_key(&self) -> io::Result<Option<String>> {
        let Some(folder) = &self.state else { return Ok(None) };
        match std::fs::read_to_string(folder.join(ROOT_KEY)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Leaves the root's key and the CA file to the next world.
    pub(super) fn keep(&self, root_key: &str, ca: &str) -> io::Result<()> {
        let Some(folder) = &self.state else { return Ok(()) };
        write_secret(&folder.join(ROOT_KEY), root_key)?;
        std::fs::write(folder.join("ca.pem"), ca)
    }

    /// The file of the requests that were seen, empty.
    pub(super) fn requests(&self) -> io::Result<Option<std::fs::File>> {
        let Some(folder) = &self.state else { return Ok(None) };
        std::fs::create_dir_all(folder)?;
        std::fs::File::create(folder.join("requests.jsonl")).map(Some)
    }
}

/// A port of loopback that the system chooses.
pub(crate) fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn nameserver(world: &World, number: usize) -> IpAddr {
    world.nameservers.get(number).and_then(|said| said.address).unwrap_or_else(|| {
        // A page with more than a few nameservers would be no machine of anybody's.
        let further = u32::try_from(number).unwrap_or_default();
        IpAddr::V4(Ipv4Addr::from(u32::from(NAMESERVER).wrapping_add(further)))
    })
}

fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(text: &str) -> World {
        text.parse().expect("a world")
    }

    #[test]
    fn a_world_names_the_addresses_that_it_needs() {
        let needed = world("").addresses();
        assert_eq!(needed.nameservers, [IpAddr::V4(NAMESERVER)]);
        for address in ["20.62.128.10", "20.62.128.11", "169.254.169.254", "168.63.129.16"] {
            assert!(needed.own.contains(&address.parse().expect("an address")), "{address}: {needed:?}");
        }
    }

    #[test]
    fn an_address_without_a_route_is_nobodys() {
        let needed = world("host.data.tcp = 'no-route'").addresses();
        assert!(!needed.own.contains(&IpAddr::from([20, 62, 128, 11])), "{needed:?}");
        assert!(needed.own.contains(&IpAddr::from([20, 62, 128, 10])), "{needed:?}");
    }

    #[test]
    fn nameservers_have_their_order_and_those_behind_others_are_not_asked() {
        let needed = world("[[nameserver]]\n[[nameserver]]\n").addresses();
        assert_eq!(needed.nameservers, [IpAddr::from([168, 63, 129, 16]), IpAddr::from([168, 63, 129, 17])]);
        let needed = world("[[nameserver]]\naddress = '169.254.10.10'\n[[nameserver]]").addresses();
        assert_eq!(needed.nameservers, [IpAddr::from([168, 63, 129, 17])]);
        assert!(needed.own.contains(&IpAddr::from([169, 254, 10, 10])), "{needed:?}");
    }

    #[test]
    fn a_page_speaks_before_the_ground() {
        let names = vec![("Registry.contoso.example".to_owned(), Ipv4Addr::new(10, 77, 0, 2))];
        let ground = Ground { names, ..Ground::default() };
        let said = ground.world(&world("name.'registry.contoso.example'.a = ['10.77.0.9']"));
        assert_eq!(said.names["registry.contoso.example"].a, Some(vec![Ipv4Addr::new(10, 77, 0, 9)]));
        let said = ground.world(&world(""));
        assert_eq!(said.names["registry.contoso.example"].a, Some(vec![Ipv4Addr::new(10, 77, 0, 2)]));
        assert_eq!(said.names["registry.contoso.example"].cname, Some(Vec::new()), "no alias of Azure's");
    }
}
