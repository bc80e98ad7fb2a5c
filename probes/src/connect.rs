//! Dialling the addresses of a name, all at once: containerd's Go would take them one after the other with a
//! head start of 300 ms each (RFC 8305, Go's `net.Dialer.FallbackDelay`), so each address matters by itself.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use crate::foreign::Foreign;
use crate::net::Net;
use crate::observation::{Connect, Dial, DialOutcome};

/// The most addresses of a name that are dialled.
pub const MOST_DIALS: usize = 8;
/// How long the other addresses are waited for once one is connected: Go's `FallbackDelay`.
const GRACE: Duration = Duration::from_millis(300);

/// Dials one address of a host within one step of the patience, at the place to which the routes lead.
pub async fn dial(net: &Net, host: &str, address: IpAddr, port: u16) -> (Dial, Option<TcpStream>) {
    let started = Instant::now();
    let target = net.routes.dialled(host, SocketAddr::new(address, port));
    let (outcome, stream) = match timeout(net.patience.for_step(), TcpStream::connect(target)).await {
        Err(_) => (DialOutcome::TimedOut { after_ms: millis(started) }, None),
        Ok(Err(error)) => (failure(&error, started), None),
        // Every flight is small and waits for an answer: Nagle's algorithm would only delay.
        Ok(Ok(stream)) => match stream.set_nodelay(true) {
            Ok(()) => (DialOutcome::Connected, Some(stream)),
            Err(error) => (failure(&error, started), None),
        },
    };
    (entry(net, host, address, port, outcome, started), stream)
}

/// Dials the first [`MOST_DIALS`] addresses of a name at once. The dials keep the order of the addresses, and so do
/// the connections that stand. Once one stands, the others get 300 ms more and are then recorded as timed out.
pub async fn connect(
    net: &Net,
    host: &str,
    port: u16,
    addresses: &[IpAddr],
) -> (Connect, Vec<(IpAddr, TcpStream)>) {
    let started = Instant::now();
    let addresses = &addresses[..addresses.len().min(MOST_DIALS)];
    let mut running = JoinSet::new();
    for (at, &address) in addresses.iter().enumerate() {
        let (net, host) = (net.clone(), host.to_owned());
        running.spawn(async move { (at, dial(&net, &host, address, port).await) });
    }
    let mut ended: Vec<Option<(Dial, Option<TcpStream>)>> = addresses.iter().map(|_| None).collect();
    // Each dial has its own limit; this one only begins to count with the first connection.
    let mut until = started + net.patience.for_step() + GRACE;
    while let Ok(Some(Ok((at, result)))) = timeout_at(until, running.join_next()).await {
        if result.1.is_some() {
            until = until.min(Instant::now() + GRACE);
        }
        if let Some(place) = ended.get_mut(at) {
            *place = Some(result);
        }
    }
    let mut streams = Vec::new();
    let dials = addresses.iter().zip(ended).map(|(&address, result)| match result {
        Some((dial, stream)) => {
            streams.extend(stream.map(|stream| (address, stream)));
            dial
        }
        None => {
            let waited = DialOutcome::TimedOut { after_ms: millis(started) };
            entry(net, host, address, port, waited, started)
        }
    });
    let dials = dials.collect();
    (Connect { host: host.to_owned(), port, dials }, streams)
}

fn entry(net: &Net, host: &str, address: IpAddr, port: u16, outcome: DialOutcome, started: Instant) -> Dial {
    let asked = SocketAddr::new(address, port);
    let target = net.routes.dialled(host, asked);
    Dial { address, routed_to: (target != asked).then_some(target), outcome, elapsed_ms: millis(started) }
}

/// `EACCES` and `EPERM` (a local packet filter, a `prohibit` route) are no fact about the way: they stay `Failed`.
fn failure(error: &io::Error, started: Instant) -> DialOutcome {
    match error.kind() {
        ErrorKind::ConnectionRefused => DialOutcome::Refused,
        ErrorKind::TimedOut => DialOutcome::TimedOut { after_ms: millis(started) },
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => DialOutcome::Unreachable,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => DialOutcome::Reset,
        _ => DialOutcome::Failed { error: Foreign::new(&error.to_string()) },
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;
    use crate::net::{Patience, Resolver, Roots, RootsSource, Routes};

    fn net(routes: &[String]) -> Net {
        Net {
            resolver: Resolver::default(),
            routes: Routes(routes.iter().map(|route| route.parse().expect(route)).collect()),
            roots: Roots::new(RootsSource::BuiltIn, Vec::new()),
            patience: Patience {
                deadline: Instant::now() + Duration::from_secs(20),
                step: Duration::from_millis(700),
            },
            plain_http: false,
            proxies: crate::proxy::Proxies::default(),
            plugin_proxies: crate::proxy::Proxies::default(),
            clock: || Timestamp::UNIX_EPOCH,
        }
    }

    /// A listener whose queue is full: on Linux a further SYN gets no answer.
    async fn blackhole() -> (SocketAddr, TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let listener = socket.listen(0).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let mut held = Vec::new();
        while let Ok(Ok(stream)) = timeout(Duration::from_millis(100), TcpStream::connect(address)).await {
            held.push(stream);
        }
        (address, listener, held)
    }

    #[tokio::test]
    async fn tells_each_address_apart_and_does_not_wait_for_the_slow() {
        let open = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let closed = TcpSocket::new_v4().expect("a socket");
        closed.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let (hole, _listener, _held) = blackhole().await;
        let route = |name: &str, to: SocketAddr| format!("{name}:443:{}:{}", to.ip(), to.port());
        let net = net(&[
            route("10.0.0.1", hole),
            route("10.0.0.2", open.local_addr().expect("an address")),
            route("10.0.0.3", closed.local_addr().expect("an address")),
        ]);
        let addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map(|a| a.parse().expect(a));
        let started = Instant::now();
        let (seen, streams) = connect(&net, "reg.example", 443, &addresses).await;
        assert!(started.elapsed() < Duration::from_millis(650), "{:?}", started.elapsed());
        assert!(
            matches!(
                seen.dials.iter().map(|dial| &dial.outcome).collect::<Vec<_>>()[..],
                [DialOutcome::TimedOut { after_ms: 250..=600 }, DialOutcome::Connected, DialOutcome::Refused]
            ),
            "{seen:?}"
        );
        assert_eq!(seen.dials.iter().map(|dial| dial.address).collect::<Vec<_>>(), addresses);
        assert_eq!(seen.dials.first().and_then(|dial| dial.routed_to), Some(hole));
        assert_eq!(streams.iter().map(|(address, _)| *address).collect::<Vec<_>>(), [addresses[1]]);

        let (alone, none) = connect(&net, "reg.example", 443, &addresses[..1]).await;
        assert!(matches!(alone.dials[0].outcome, DialOutcome::TimedOut { after_ms: 700..=900 }), "{alone:?}");
        assert!(none.is_empty());
    }

    #[tokio::test]
    async fn bounds_the_number_of_dials_and_names_no_route_where_there_is_none() {
        let open = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let addresses = vec!["127.0.0.1".parse().expect("an address"); 11];
        let port = open.local_addr().expect("an address").port();
        let (seen, _) = connect(&net(&[]), "reg.example", port, &addresses).await;
        assert_eq!(seen.dials.len(), MOST_DIALS);
        assert!(seen.dials.iter().all(|dial| dial.routed_to.is_none()));
    }
}
