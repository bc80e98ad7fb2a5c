//! DNS over UDP and TCP, on one port.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hickory_proto::op::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::task::JoinSet;

use super::Nameserver;
use super::answer::plain;
use crate::log::{Log, Question};
use crate::schema::ServerFault;

/// Starts a nameserver at an address (port 0: of the system's choosing); its tasks go into `tasks` and end with them.
pub(crate) async fn start(
    server: Nameserver,
    at: SocketAddr,
    log: Log,
    tasks: &mut JoinSet<()>,
) -> io::Result<SocketAddr> {
    if server.fault == Some(ServerFault::Closed) {
        // An address of the world's own is nobody else's: nothing needs to hold its port.
        return if at.port() == 0 { closed(at, tasks).await } else { Ok(at) };
    }
    let (udp, tcp) = sockets(at).await?;
    let address = udp.local_addr()?;
    let server = Arc::new(server);
    tasks.spawn(by_udp(Arc::new(udp), Arc::clone(&server), log.clone()));
    tasks.spawn(by_tcp(tcp, server, log));
    Ok(address)
}

async fn sockets(at: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    loop {
        let udp = UdpSocket::bind(at).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            // The system gave a UDP port whose number somebody has for TCP.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && at.port() == 0 => {}
            Err(error) => return Err(error),
        }
    }
}

/// A port where nothing listens and that nobody else can take: the UDP socket is connected to another place, so the
/// system answers strangers with "port unreachable"; the TCP socket is bound and does not listen.
async fn closed(at: SocketAddr, tasks: &mut JoinSet<()>) -> io::Result<SocketAddr> {
    let udp = UdpSocket::bind(at).await?;
    let address = udp.local_addr()?;
    udp.connect("127.0.0.1:9").await?;
    let tcp = TcpSocket::new_v4()?;
    // Somebody may listen on the TCP port of that number; then UDP alone is closed, and UDP is asked first.
    let _bound = tcp.bind(address);
    tasks.spawn(async move {
        let _kept = (udp, tcp);
        std::future::pending::<()>().await;
    });
    Ok(address)
}

async fn by_udp(socket: Arc<UdpSocket>, server: Arc<Nameserver>, log: Log) {
    let mut open = JoinSet::new();
    let mut buffer = vec![0; 4096];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
        let Ok(question) = Message::from_vec(&buffer[..length]) else { continue };
        let (socket, server, log) = (Arc::clone(&socket), Arc::clone(&server), log.clone());
        open.spawn(async move {
            if let Some(bytes) = reply(&server, &question, false, &log).await {
                // Nobody is told of a datagram that could not be sent.
                let _sent = socket.send_to(&bytes, from).await;
            }
        });
        while open.try_join_next().is_some() {}
    }
}

async fn by_tcp(listener: TcpListener, server: Arc<Nameserver>, log: Log) {
    let mut open = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (server, log) = (Arc::clone(&server), log.clone());
        open.spawn(async move {
            // The client went away, or spoke something else: no more to do for it.
            let _ended = connection(stream, &server, &log).await;
        });
        while open.try_join_next().is_some() {}
    }
}

async fn connection(mut stream: TcpStream, server: &Nameserver, log: &Log) -> io::Result<()> {
    loop {
        let length = stream.read_u16().await?;
        let mut buffer = vec![0; usize::from(length)];
        stream.read_exact(&mut buffer).await?;
        let question = Message::from_vec(&buffer).map_err(io::Error::other)?;
        if let Some(bytes) = reply(server, &question, true, log).await {
            let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
            stream.write_all(&[&length.to_be_bytes()[..], &bytes].concat()).await?;
        }
    }
}

async fn reply(server: &Nameserver, question: &Message, tcp: bool, log: &Log) -> Option<Vec<u8>> {
    if let Some(query) = question.queries.first() {
        log.question(Question {
            nameserver: server.number,
            name: plain(query.name()),
            kind: query.query_type().to_string(),
            tcp,
        });
    }
    let answer = server.answer(question, tcp)?;
    tokio::time::sleep(answer.after).await;
    answer.message.to_vec().ok()
}
