//! A nameserver on loopback for the tests. It builds its replies from bytes, not with the code under test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

/// What was asked: the name in lower case without its last dot, the type's number, and whether over TCP.
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) kind: u16,
    pub(super) tcp: bool,
    /// The how-manieth question it is, from 0.
    pub(super) nth: usize,
}

/// One reply; the default says that the name exists and has nothing.
#[derive(Default)]
pub(super) struct Says {
    pub(super) code: u8,
    pub(super) cut: bool,
    /// Names and what they are: a CNAME's target, an address, or bytes that are nonsense.
    pub(super) records: Vec<(&'static str, &'static str)>,
    pub(super) wrong_id: bool,
    pub(super) wrong_question: bool,
    /// Neither authoritative nor recursive, and without the EDNS record.
    pub(super) lame: bool,
}

pub(super) type Answering = dyn Fn(&Asked) -> Vec<Says> + Send + Sync;

/// Starts a nameserver on a free port; it ends with the test's runtime. Several replies to one question are sent
/// one after another.
pub(super) async fn responder(answering: impl Fn(&Asked) -> Vec<Says> + Send + Sync + 'static) -> SocketAddr {
    let answering: Arc<Answering> = Arc::new(answering);
    let count = Arc::new(AtomicUsize::new(0));
    // The TCP port of the same number may be taken by another test: then the next one is tried.
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().expect("its address")).await {
            break (udp, tcp);
        }
    };
    let address = udp.local_addr().expect("its address");
    let (answer, asked) = (answering.clone(), count.clone());
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = udp.recv_from(&mut buffer).await {
            for reply in replies(&buffer[..length], false, &asked, &*answer) {
                udp.send_to(&reply, from).await.expect("sent");
            }
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let length = stream.read_u16().await.expect("a length");
            let mut query = vec![0; usize::from(length)];
            stream.read_exact(&mut query).await.expect("a question");
            for reply in replies(&query, true, &count, &*answering) {
                let length = u16::try_from(reply.len()).expect("short");
                stream.write_u16(length).await.expect("sent");
                stream.write_all(&reply).await.expect("sent");
            }
        }
    });
    address
}

fn replies(query: &[u8], tcp: bool, count: &AtomicUsize, answering: &Answering) -> Vec<Vec<u8>> {
    let (mut name, mut at) = (Vec::new(), 12);
    while query[at] > 0 {
        let label = &query[at + 1..=at + usize::from(query[at])];
        name.push(String::from_utf8_lossy(label).to_lowercase());
        at += 1 + label.len();
    }
    let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
    let question = &query[12..at + 5];
    let nth = count.fetch_add(1, Ordering::SeqCst);
    let asked = Asked { name: name.join("."), kind, tcp, nth };
    answering(&asked).iter().map(|says| reply(query, question, says)).collect()
}

fn reply(query: &[u8], question: &[u8], says: &Says) -> Vec<u8> {
    let mut out = vec![query[0], query[1] ^ u8::from(says.wrong_id)];
    out.push(0x81 | if says.cut { 2 } else { 0 });
    out.push(says.code | if says.lame { 0 } else { 0x80 });
    let answers = u8::try_from(says.records.len()).expect("few");
    out.extend([0, 1, 0, answers, 0, 0, 0, u8::from(!says.lame)]);
    let mut question = question.to_vec();
    if says.wrong_question {
        question[1] ^= 1;
    }
    out.extend(question);
    for (index, (owner, is)) in says.records.iter().enumerate() {
        out.extend(wire(owner));
        let (kind, data): (u8, Vec<u8>) = match is.parse() {
            Ok(std::net::IpAddr::V4(v4)) => (1, v4.octets().to_vec()),
            Ok(std::net::IpAddr::V6(v6)) => (28, v6.octets().to_vec()),
            Err(_) if *is == "nonsense" => (1, vec![1, 2, 3]),
            Err(_) => (5, wire(is)),
        };
        // The times to live differ, so that the smallest can be told.
        let ttl = 300 - u8::try_from(index).expect("few") as u16 * 60;
        out.extend([0, kind, 0, 1, 0, 0]);
        out.extend(ttl.to_be_bytes());
        out.extend([0, u8::try_from(data.len()).expect("short")]);
        out.extend(data);
    }
    if !says.lame {
        out.extend([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
    }
    out
}

fn wire(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.') {
        out.push(u8::try_from(label.len()).expect("short"));
        out.extend(label.as_bytes());
    }
    out.push(0);
    out
}
