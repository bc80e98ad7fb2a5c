//! Relays in front of every place of the world: for each TCP and UDP place a listener of its own on loopback, and a
//! door for programs that come by a proxy.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use world::Running;

use crate::distance::{Distance, sleep_until};

/// How long a relay waits for a nameserver.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often two sockets are looked for that have the same port.
const TRIES: usize = 20;

/// All relays of a world.
pub(crate) struct Relays {
    /// The relay of the nameserver.
    pub(crate) nameserver: SocketAddr,
    /// The relay of each address and port of the world.
    pub(crate) places: BTreeMap<SocketAddr, SocketAddr>,
    /// A proxy for programs that cannot be told where names lead.
    pub(crate) door: SocketAddr,
    /// The flags that lead pullcheck to the relays; the file of authorities is not among them.
    pub(crate) flags: Vec<String>,
}

impl Relays {
    /// Starts them. Their threads end with the process.
    pub(crate) fn start(world: &Running, distance: &Distance) -> io::Result<Self> {
        let mut relayed = BTreeMap::new();
        let mut places = BTreeMap::new();
        let mut names = BTreeMap::new();
        for place in world.places() {
            let relay = tcp(listener(0)?, place.listens, distance)?;
            relayed.insert(place.listens.to_string(), relay);
            places.insert(SocketAddr::new(place.address, place.port), relay);
            for name in &place.names {
                names.insert(format!("{name}:{}", place.port), place.listens);
            }
        }
        let nameserver = *world.nameservers().first().ok_or(io::ErrorKind::NotFound)?;
        let relay = dns(nameserver, distance)?;
        relayed.insert(nameserver.to_string(), relay);
        let flags = flags(world, &relayed);
        Ok(Self { nameserver: relay, places, door: door(names, distance)?, flags })
    }
}

/// The world's own flags with the relays in the places' stead.
fn flags(world: &Running, relayed: &BTreeMap<String, SocketAddr>) -> Vec<String> {
    let mut flags = world.flags();
    if let Some(at) = flags.iter().position(|flag| flag == "--ca-file") {
        flags.drain(at..at + 2);
    }
    for flag in &mut flags {
        if let Some((listens, relay)) = relayed.iter().find(|(listens, _)| flag.ends_with(listens.as_str())) {
            *flag = flag.replace(listens.as_str(), &relay.to_string());
        }
    }
    flags
}

fn listener(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

fn tcp(listener: TcpListener, to: SocketAddr, distance: &Distance) -> io::Result<SocketAddr> {
    let address = listener.local_addr()?;
    let distance = distance.clone();
    thread::spawn(move || {
        for client in listener.incoming().filter_map(Result::ok) {
            if let Ok(server) = TcpStream::connect(to) {
                distance.join(client, server, None);
            }
        }
    });
    Ok(address)
}

/// A nameserver's relay has the same port for UDP and TCP, as the nameserver has.
fn dns(to: SocketAddr, distance: &Distance) -> io::Result<SocketAddr> {
    let pair = || {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let listener = listener(socket.local_addr()?.port())?;
        Ok::<_, io::Error>((socket, listener))
    };
    let free = (0..TRIES).find_map(|_| pair().ok());
    let (socket, listener) = free.ok_or(io::ErrorKind::AddrInUse)?;
    tcp(listener, to, distance)?;
    let address = socket.local_addr()?;
    let distance = distance.clone();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, client)) = socket.recv_from(&mut buffer) {
            let question = buffer.get(..length).unwrap_or_default().to_vec();
            if let Ok(back) = socket.try_clone() {
                let distance = distance.clone();
                // A client that gets no answer asks again.
                thread::spawn(move || drop(datagram(&back, client, &question, to, &distance)));
            }
        }
    });
    Ok(address)
}

/// One question and its answer.
fn datagram(
    back: &UdpSocket,
    client: SocketAddr,
    question: &[u8],
    to: SocketAddr,
    distance: &Distance,
) -> io::Result<()> {
    let asked = Instant::now();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.send_to(question, to)?;
    let mut buffer = [0; 4096];
    let length = socket.recv(&mut buffer)?;
    sleep_until(Instant::now() + distance.delay());
    distance.answered(asked);
    back.send_to(buffer.get(..length).unwrap_or_default(), client)?;
    Ok(())
}

/// A proxy that knows `CONNECT` alone. Its answer waits like any other.
fn door(names: BTreeMap<String, SocketAddr>, distance: &Distance) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((IpAddr::V4(Ipv4Addr::LOCALHOST), 0))?;
    let address = listener.local_addr()?;
    let distance = distance.clone();
    thread::spawn(move || {
        for mut client in listener.incoming().filter_map(Result::ok) {
            let (names, distance) = (names.clone(), distance.clone());
            thread::spawn(move || {
                let Some(authority) = connect(&mut client) else { return };
                let asked = Instant::now();
                // Whoever asks for another host is hung up on.
                if let Some(server) = names.get(&authority).and_then(|to| TcpStream::connect(to).ok()) {
                    distance.join(client, server, Some((asked, b"HTTP/1.1 200 OK\r\n\r\n")));
                }
            });
        }
    });
    Ok(address)
}

/// Reads the head of a `CONNECT`; what it asks for.
fn connect(client: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        client.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).ok()?;
    Some(head.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned())
}
