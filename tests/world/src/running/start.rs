//! The start of a world: certificates, nameservers, endpoints, in this order.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpSocket;
use tokio::task::JoinSet;

use super::ground::{Ground, loopback};
use super::{Place, Running, StartError};
use crate::arm::Arm;
use crate::directory::Directory;
use crate::dns::{self, Nameserver};
use crate::endpoint::{self, Endpoint};
use crate::entra::Entra;
use crate::graph::Graph;
use crate::http::{Shared, Site};
use crate::imds::Imds;
use crate::kube::Kube;
use crate::log::Log;
use crate::pki::Pki;
use crate::plan::{Plan, Role, Server, Spot};
use crate::proxy::{Interceptor, Tunnels};
use crate::registry::Registry;
use crate::schema::{Host, Proxy, ProxyImds, Tcp, Tls, World};
use crate::time;

/// Bytes of a first record that the large-hello faults let pass: less than a hello with a post-quantum key share.
const HELLO_LIMIT: usize = 1000;

pub(super) async fn start(world: &World, ground: &Ground) -> Result<Running, StartError> {
    let world = &ground.world(world);
    let plan = Plan::new(world);
    let folder = tempfile::Builder::new().prefix("pullcheck-world-").tempdir()?;
    let mut tasks = JoinSet::new();
    let log = Log::new(ground.requests()?);
    let directory = Arc::new(Directory::new(world, &plan));
    let shared = Arc::new(Shared {
        registry: Registry::new(world, &plan, Arc::clone(&directory)),
        imds: Imds::new(world, Arc::clone(&directory), plan.tenant.clone()),
        arm: Arm::new(world, &plan, Arc::clone(&directory)),
        graph: Graph::new(world, &plan, Arc::clone(&directory)),
        entra: Entra::new(world, directory, plan.tenant.clone()),
        storage: world.storage.fault,
        log: log.clone(),
        skew: world.clock_skew_s,
        tunnels: Tunnels::default(),
    });

    let mut nameservers = Vec::new();
    let mut named = Vec::new();
    for (number, zone) in plan.zones.iter().enumerate() {
        let said = world.nameservers.get(number).cloned().unwrap_or_default();
        named.push(said.address);
        let server = Nameserver { number, zone: zone.clone(), fault: said.fault, delay_ms: said.delay_ms };
        nameservers
            .push(dns::start(server, ground.nameserver(world, number), log.clone(), &mut tasks).await?);
    }

    let mut pki = Pki::new(time::seconds(world.clock_skew_s), ground.root_key()?.as_deref())?;
    let mut places = Vec::new();
    for spot in &plan.spots {
        let endpoint = endpoint(&plan, spot, &shared, &mut pki)?;
        let listens = endpoint::start(endpoint, ground.place(spot.address, spot.port), &mut tasks).await?;
        let names = names(&plan, spot);
        places.push(Place { names, address: spot.address, port: spot.port, listens });
    }
    let kube = match &world.kube {
        Some(kube) => Some(Kube::start(&plan.located(kube), &mut pki, &mut tasks).await?),
        None => None,
    };
    if let Some(kube) = &kube {
        kube.write(folder.path())?;
    }
    std::fs::write(folder.path().join("ca.pem"), pki.pem())?;
    ground.keep(&pki.root_key(), &pki.pem())?;
    shared.tunnels.fill(tunnels(&places), interceptors(&plan, &pki)?);
    let door = door(&shared, &mut tasks).await?;
    let elsewhere = closed(&mut tasks)?;
    let running =
        Running { folder, nameservers, named, places, elsewhere, door, shared, kube, _tasks: tasks };
    if let Some(kube) = &running.kube {
        kube.lead(running.flags(), elsewhere, running.folder.path());
    }
    Ok(running)
}

fn endpoint(plan: &Plan, spot: &Spot, shared: &Arc<Shared>, pki: &mut Pki) -> Result<Endpoint, StartError> {
    let servers: BTreeMap<String, Server> = spot
        .servers
        .iter()
        .filter_map(|key| plan.servers.get(key))
        .map(|server| (server.name.clone(), server.clone()))
        .collect();
    // The server whose connection or certificate the page says something of speaks for the others there.
    let ordinary = |server: &&Server| (server.host.tcp, server.host.tls) == (Tcp::Accept, Tls::Healthy);
    let first = servers
        .values()
        .find(|server| !ordinary(server))
        .or_else(|| servers.values().next())
        .cloned()
        .unwrap_or_else(|| Server {
            name: String::new(),
            keyed: None,
            role: Role::Registry,
            host: Host::default(),
        });
    let config = if first.is_plain() {
        None
    } else {
        let names = first.host.tls_names.clone().unwrap_or_else(|| names(plan, spot));
        let identity = pki.identity(&names, spot.tls, first.host.tls_issuer.as_deref())?;
        Some(identity.config(spot.tls)?)
    };
    Ok(Endpoint {
        tcp: spot.tcp,
        tls: spot.tls,
        config,
        only_for: first.host.only_for.clone(),
        hello_limit: first.host.hello_limit.unwrap_or(HELLO_LIMIT),
        site: Arc::new(Site { servers, first, lacks: spot.lacks.clone(), shared: Arc::clone(shared) }),
    })
}

/// The names that stand at a spot.
fn names(plan: &Plan, spot: &Spot) -> Vec<String> {
    spot.servers.iter().filter_map(|key| Some(plan.servers.get(key)?.name.clone())).collect()
}

fn tunnels(places: &[Place]) -> BTreeMap<(String, u16), SocketAddr> {
    let mut tunnels = BTreeMap::new();
    for place in places {
        for name in place.names.iter().cloned().chain([place.address.to_string()]) {
            tunnels.entry((name, place.port)).or_insert(place.listens);
        }
    }
    tunnels
}

/// What the proxies have that look into TLS.
fn interceptors(plan: &Plan, pki: &Pki) -> Result<BTreeMap<String, Arc<Interceptor>>, StartError> {
    let mut interceptors = BTreeMap::new();
    for server in plan.servers.values() {
        if let Some(said) = server.host.proxy.as_ref().and_then(|proxy| proxy.intercept.as_ref()) {
            let forger = pki.forger(&said.issuer, said.trusted)?;
            let interceptor = Interceptor::new(said, forger, pki.roots())?;
            interceptors.insert(server.name.clone(), Arc::new(interceptor));
        }
    }
    Ok(interceptors)
}

/// A proxy that lets everybody in, also to the metadata service, as if the client had gone there itself.
async fn door(shared: &Arc<Shared>, tasks: &mut JoinSet<()>) -> Result<SocketAddr, StartError> {
    let proxy = Proxy { imds: ProxyImds::Forward, forwarded_for: false, ..Proxy::default() };
    let host = Host { proxy: Some(proxy), ..Host::default() };
    let first = Server { name: "door".to_owned(), keyed: None, role: Role::Proxy, host };
    let site = Site { servers: BTreeMap::new(), first, lacks: Vec::new(), shared: Arc::clone(shared) };
    let endpoint = Endpoint {
        tcp: Tcp::Accept,
        tls: Tls::Healthy,
        config: None,
        only_for: Vec::new(),
        hello_limit: HELLO_LIMIT,
        site: Arc::new(site),
    };
    Ok(endpoint::start(endpoint, loopback(), tasks).await?)
}

/// A port that is bound and refuses, for all that the world does not listen on.
fn closed(tasks: &mut JoinSet<()>) -> Result<SocketAddr, StartError> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(loopback())?;
    let address = socket.local_addr()?;
    tasks.spawn(async move {
        let _kept = socket;
        std::future::pending::<()>().await;
    });
    Ok(address)
}
