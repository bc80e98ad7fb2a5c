//! One question to one nameserver: over UDP from a connected socket, so that the kernel tells of a closed port, and
//! over TCP when the answer was cut short (RFC 7766).

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout};

use super::message::{MAX_PAYLOAD, Question, Reading};
use super::unasked;
use crate::facts::dns::{Answer, DnsOutcome};

/// How often a question is sent: Go's and resolv.conf's default of `attempts`.
const TRIES: u32 = 2;

/// Asks `server` for the `kind` of addresses of `name`, at most [`TRIES`] times within `budget`. Whatever is not
/// final is tried again, as Go does.
pub(super) async fn ask(server: SocketAddr, name: &Name, kind: RecordType, budget: Duration) -> Answer {
    let started = Instant::now();
    let mut answer = unasked();
    if budget.is_zero() {
        return answer;
    }
    while answer.tries < TRIES && !answer.outcome.is_final() {
        // A new number each time, so that a late reply to the first question is not taken for one to the second.
        let Some(question) = Question::new(name, kind) else { break };
        answer.tries += 1;
        let mut over_tcp = false;
        let tried = timeout(budget / TRIES, exchange(server, &question, &mut over_tcp)).await;
        let after_ms = millis(started.elapsed());
        match tried {
            Ok(Ok(reading)) => {
                answer.outcome = reading.outcome;
                answer.cnames = reading.cnames;
                answer.addresses = reading.addresses;
                answer.ttl = reading.ttl;
            }
            Ok(Err(outcome)) => answer.outcome = outcome,
            // What the first try said is worth more than the second's silence.
            Err(_) if !matches!(answer.outcome, DnsOutcome::NotAsked | DnsOutcome::TimedOut { .. }) => {
                continue;
            }
            Err(_) => answer.outcome = DnsOutcome::TimedOut { after_ms },
        }
        answer.over_tcp = over_tcp;
    }
    answer.elapsed_ms = millis(started.elapsed());
    answer
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

async fn exchange(
    server: SocketAddr,
    question: &Question,
    over_tcp: &mut bool,
) -> Result<Reading, DnsOutcome> {
    let reply = udp(server, question).await.map_err(|error| match error.kind() {
        // Windows tells of a closed UDP port by this.
        ErrorKind::ConnectionReset => DnsOutcome::PortClosed,
        _ => outcome(&error),
    })?;
    if !question.was_cut(&reply) {
        return Ok(question.read(&reply));
    }
    *over_tcp = true;
    let reply = tcp(server, question).await.map_err(|error| outcome(&error))?;
    // On a stream nobody else can have written: a reply to another question is the nameserver's own fault.
    if question.is_answered_by(&reply) { Ok(question.read(&reply)) } else { Err(DnsOutcome::Malformed) }
}

async fn udp(server: SocketAddr, question: &Question) -> io::Result<Vec<u8>> {
    let any: SocketAddr =
        if server.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    socket.send(question.bytes()).await?;
    let mut buffer = [0; MAX_PAYLOAD as usize];
    // Others may send to this socket; what does not answer the question is passed over, as Go does.
    loop {
        let length = socket.recv(&mut buffer).await?;
        let reply = buffer.get(..length).unwrap_or_default();
        if question.is_answered_by(reply) {
            return Ok(reply.to_vec());
        }
    }
}

async fn tcp(server: SocketAddr, question: &Question) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length =
        u16::try_from(question.bytes().len()).map_err(|_| io::Error::from(ErrorKind::InvalidInput))?;
    let mut framed = length.to_be_bytes().to_vec();
    framed.extend_from_slice(question.bytes());
    stream.write_all(&framed).await?;
    let length = stream.read_u16().await?;
    let mut reply = vec![0; usize::from(length)];
    stream.read_exact(&mut reply).await?;
    Ok(reply)
}

fn outcome(error: &io::Error) -> DnsOutcome {
    match error.kind() {
        ErrorKind::ConnectionRefused => DnsOutcome::PortClosed,
        // The connection stood and broke before a whole answer came.
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            DnsOutcome::Malformed
        }
        ErrorKind::TimedOut => DnsOutcome::TimedOut { after_ms: 0 },
        // No route, a firewall of this machine, or no address of this family here: the way is closed either way.
        _ => DnsOutcome::Unreachable,
    }
}
