//! What is sent to a nameserver and how its reply is read (RFC 1035, section 4; RFC 6891 for EDNS).

use std::net::IpAddr;

use hickory_proto::op::{Edns, Header, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use super::MAX_ADDRESSES;
use crate::facts::dns::DnsOutcome;
use crate::foreign::Foreign;

/// The largest reply over UDP that is asked for and read, in bytes, as in Go (<https://dnsflagday.net/2020/>).
pub(super) const MAX_PAYLOAD: u16 = 1232;
/// The most canonical names that are followed.
const MAX_CHAIN: usize = 16;
/// The bytes of a message's header.
const HEADER: usize = 12;

/// One question, ready to be sent.
pub(crate) struct Question {
    name: Name,
    kind: RecordType,
    bytes: Vec<u8>,
    /// Where the question's section ends in `bytes`.
    end: usize,
}

/// What a reply says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) outcome: DnsOutcome,
    pub(crate) cnames: Vec<String>,
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) ttl: Option<u32>,
}

impl Reading {
    fn nothing(outcome: DnsOutcome) -> Self {
        Self { outcome, cnames: Vec::new(), addresses: Vec::new(), ttl: None }
    }
}

impl Question {
    /// Writes the question down with a random number; `None` when the name does not fit a message.
    pub(crate) fn new(name: &Name, kind: RecordType) -> Option<Self> {
        let mut message = Message::new(number()?, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(name.clone(), kind));
        let mut edns = Edns::new();
        edns.set_max_payload(MAX_PAYLOAD);
        message.set_edns(edns);
        let bytes = message.to_vec().ok()?;
        // A name is labels with their lengths and a zero; type and class follow in four bytes.
        let mut end = HEADER;
        while let Some(length) = bytes.get(end).filter(|length| **length > 0) {
            end += 1 + usize::from(*length);
        }
        end += 5;
        (end <= bytes.len()).then(|| Self { name: name.clone(), kind, bytes, end })
    }

    /// The message as it is sent over UDP.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether a message is a reply with this question's number that repeats this question.
    pub(crate) fn is_answered_by(&self, reply: &[u8]) -> bool {
        let (Some(theirs), Some(ours)) = (reply.get(HEADER..self.end), self.bytes.get(HEADER..self.end))
        else {
            return false;
        };
        let is_response = reply.get(2).is_some_and(|flags| flags & 0x80 != 0);
        let repeats_one = reply.get(4..6) == Some(&[0, 1]);
        // Letter case may differ in the name; type and class are the last four bytes.
        let name = ours.len().saturating_sub(4);
        is_response
            && repeats_one
            && reply.get(..2) == self.bytes.get(..2)
            && theirs.get(name..) == ours.get(name..)
            && theirs.eq_ignore_ascii_case(ours)
    }

    /// Whether a reply says that it was cut short (TC).
    pub(crate) fn was_cut(&self, reply: &[u8]) -> bool {
        reply.get(2).is_some_and(|flags| flags & 0x02 != 0)
    }

    /// Reads a reply that [`Self::is_answered_by`] accepted.
    pub(crate) fn read(&self, reply: &[u8]) -> Reading {
        self.try_read(reply).unwrap_or_else(|| Reading::nothing(DnsOutcome::Malformed))
    }

    fn try_read(&self, reply: &[u8]) -> Option<Reading> {
        let mut decoder = BinDecoder::new(reply);
        let header = Header::read(&mut decoder).ok()?;
        if header.metadata.message_type != MessageType::Response {
            return None;
        }
        let op = header.metadata.op_code;
        Message::read_queries(&mut decoder, usize::from(header.counts.queries)).ok()?;
        let (answers, ..) =
            Message::read_records(&mut decoder, usize::from(header.counts.answers), false, op).ok()?;
        // Go reads no further than it needs: what stands behind the answers may be broken.
        let edns = Message::read_records(&mut decoder, usize::from(header.counts.authorities), false, op)
            .and_then(|_| {
                Message::read_records(&mut decoder, usize::from(header.counts.additionals), true, op)
            })
            .ok()
            .and_then(|(_, edns, _)| edns);
        let high = edns.as_ref().map_or(0, Edns::rcode_high);
        let code = ResponseCode::from(high, header.metadata.response_code.low());

        let mut reading = self.follow(&answers);
        let lame = !header.metadata.authoritative
            && !header.metadata.recursion_available
            && answers.is_empty()
            && header.counts.additionals == 0;
        reading.outcome = match code {
            ResponseCode::NXDomain => DnsOutcome::NxDomain,
            ResponseCode::ServFail => DnsOutcome::ServFail,
            ResponseCode::Refused => DnsOutcome::Refused,
            // A nameserver that neither knows nor asks others ("lame referral"): Go goes on to the next one.
            ResponseCode::NoError if lame => DnsOutcome::Code { code: 0 },
            ResponseCode::NoError if reading.addresses.is_empty() => DnsOutcome::NoData,
            ResponseCode::NoError => DnsOutcome::Answered,
            other => DnsOutcome::Code { code: other.into() },
        };
        if reading.outcome != DnsOutcome::Answered {
            reading.addresses.clear();
        }
        Some(reading)
    }

    /// Follows the canonical names from the name that was asked for; records of other names do not count.
    fn follow(&self, answers: &[Record]) -> Reading {
        let mut reading = Reading::nothing(DnsOutcome::NoData);
        let mut visited = vec![self.name.clone()];
        while let Some(at) = visited.last().cloned() {
            let mut next = None;
            for record in answers.iter().filter(|r| r.dns_class == DNSClass::IN && r.name == at) {
                let address: IpAddr = match &record.data {
                    RData::A(a) if self.kind == RecordType::A => a.0.into(),
                    RData::AAAA(aaaa) if self.kind == RecordType::AAAA => aaaa.0.into(),
                    RData::CNAME(alias) if next.is_none() => {
                        next = Some((alias.0.clone(), record.ttl));
                        continue;
                    }
                    _ => continue,
                };
                reading.ttl = Some(reading.ttl.map_or(record.ttl, |ttl| ttl.min(record.ttl)));
                if !reading.addresses.contains(&address) && reading.addresses.len() < MAX_ADDRESSES {
                    reading.addresses.push(address);
                }
            }
            let Some((alias, ttl)) = next.filter(|_| reading.addresses.is_empty()) else { break };
            if visited.contains(&alias) || reading.cnames.len() >= MAX_CHAIN {
                break;
            }
            reading.ttl = Some(reading.ttl.map_or(ttl, |least| least.min(ttl)));
            reading.cnames.push(shown(&alias));
            visited.push(alias);
        }
        reading
    }
}

/// A stranger's name as reports show it, without the dot at its end.
fn shown(name: &Name) -> String {
    Foreign::new(name.to_ascii().trim_end_matches('.')).as_str().to_owned()
}

/// A number that nobody guesses (RFC 5452), from the TLS library's source: the one that hickory would use looks for
/// `/dev/urandom` in a static binary, and an empty container has none.
fn number() -> Option<u16> {
    let mut bytes = [0; 2];
    rustls::crypto::aws_lc_rs::default_provider().secure_random.fill(&mut bytes).ok()?;
    Some(u16::from_be_bytes(bytes))
}
