//! The answer to a question, from records and faults.

use std::str::FromStr;
use std::time::Duration;

use hickory_proto::op::{Message, Metadata, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::Nameserver;
use crate::plan::Records;
use crate::schema::{NameFault, ServerFault};

const TTL: u32 = 60;

/// An answer, and how long to wait with it.
#[derive(Debug)]
pub(super) struct Answer {
    /// The message.
    pub(super) message: Message,
    /// When to send it.
    pub(super) after: Duration,
}

impl Nameserver {
    /// The answer to a question; none where the server is silent.
    pub(super) fn answer(&self, question: &Message, tcp: bool) -> Option<Answer> {
        let query = question.queries.first()?;
        let (name, kind) = (query.name().clone(), query.query_type());
        let owner = plain(&name);
        let records = self.records(&owner);
        let fault = match (self.fault, &records) {
            (Some(ServerFault::Silent | ServerFault::Closed), _) => return None,
            (Some(ServerFault::Servfail), _) => NameFault::Servfail,
            (Some(ServerFault::Refused), _) => NameFault::Refused,
            (Some(ServerFault::Nxdomain), _) | (None, None) => NameFault::Nxdomain,
            (None, Some(records)) => fault_of(records, kind),
        };
        let records = if self.fault.is_some() { None } else { records };
        let after = self.delay_ms + records.as_ref().map_or(0, |known| known.delay_ms);

        let mut message = Message::response(question.metadata.id, question.metadata.op_code);
        message.metadata = Metadata::response_from_request(&question.metadata);
        message.metadata.recursion_available = true;
        message.add_query(query.clone());
        message.edns.clone_from(&question.edns);
        let chain = records.unwrap_or_default();
        match fault {
            NameFault::Silent => return None,
            NameFault::SilentUdp if !tcp => return None,
            NameFault::TruncatedTcpSilent if tcp => return None,
            NameFault::Truncated | NameFault::TruncatedTcpSilent if !tcp => {
                message.metadata.truncation = true
            }
            NameFault::Servfail => message.metadata.response_code = ResponseCode::ServFail,
            NameFault::Refused => message.metadata.response_code = ResponseCode::Refused,
            NameFault::Nxdomain => {
                fill(&mut message, name, &chain, RecordType::ZERO);
                message.metadata.response_code = ResponseCode::NXDomain;
            }
            NameFault::Nodata => fill(&mut message, name, &chain, RecordType::ZERO),
            _ => fill(&mut message, name, &chain, kind),
        }
        Some(Answer { message, after: Duration::from_millis(after) })
    }

    /// The records of a name, or of an alias on some name's way.
    fn records(&self, owner: &str) -> Option<Records> {
        if let Some(records) = self.zone.get(owner) {
            return Some(records.clone());
        }
        self.zone.values().find_map(|records| {
            let at = records.cname.iter().position(|alias| alias == owner)?;
            Some(Records { cname: records.cname[at + 1..].to_vec(), ..records.clone() })
        })
    }
}

fn fault_of(records: &Records, kind: RecordType) -> NameFault {
    let special = match kind {
        RecordType::A => records.fault_a,
        RecordType::AAAA => records.fault_aaaa,
        _ => None,
    };
    special.or(records.fault).unwrap_or(NameFault::None)
}

/// The alias chain, the records of the kind at its end, and the SOA where there is none.
fn fill(message: &mut Message, name: Name, records: &Records, kind: RecordType) {
    let mut owner = name;
    for alias in &records.cname {
        let Ok(target) = Name::from_str(&format!("{}.", alias.trim_end_matches('.'))) else { continue };
        message.add_answer(Record::from_rdata(owner, TTL, RData::CNAME(CNAME(target.clone()))));
        owner = target;
    }
    let before = message.answers.len();
    if kind == RecordType::A {
        for &address in &records.a {
            message.add_answer(Record::from_rdata(owner.clone(), TTL, RData::A(A(address))));
        }
    }
    if kind == RecordType::AAAA {
        for &address in &records.aaaa {
            message.add_answer(Record::from_rdata(owner.clone(), TTL, RData::AAAA(AAAA(address))));
        }
    }
    if message.answers.len() == before && kind != RecordType::CNAME {
        message.add_authority(soa(&owner));
    }
}

fn soa(owner: &Name) -> Record {
    // The zone of a privatelink name is the name without its first label, and so of a registry's name.
    let zone = if owner.num_labels() > 2 { owner.base_name() } else { owner.clone() };
    let primary = Name::from_str("ns1-01.azure-dns.com.").unwrap_or_else(|_| zone.clone());
    let contact = Name::from_str("azuredns-hostmaster.microsoft.com.").unwrap_or_else(|_| zone.clone());
    Record::from_rdata(zone, TTL, RData::SOA(SOA::new(primary, contact, 1, 3600, 300, 2_419_200, 30)))
}

/// The name in lower case, without the last dot.
pub(super) fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::Query;

    use super::*;
    use crate::plan::Plan;
    use crate::schema::World;

    fn ask(world: &str, name: &str, kind: RecordType, tcp: bool) -> Option<Message> {
        let world: World = world.parse().expect("a world");
        let plan = Plan::new(&world);
        let said = world.nameservers.first().cloned().unwrap_or_default();
        let server = Nameserver { number: 0, zone: plan.zones[0].clone(), fault: said.fault, delay_ms: 0 };
        let mut question = Message::query();
        question.add_query(Query::query(Name::from_str(name).expect("a name"), kind));
        server.answer(&question, tcp).map(|answer| answer.message)
    }

    const REGISTRY: &str = "contosoacr.azurecr.io.";

    #[test]
    fn a_healthy_name_has_its_aliases_and_its_address() {
        let reply = ask("", REGISTRY, RecordType::A, false).expect("an answer");
        assert_eq!(reply.answers.len(), 4);
        assert_eq!(reply.answers[3].data, RData::A(A::new(20, 62, 128, 10)));
        let reply = ask("", REGISTRY, RecordType::AAAA, false).expect("an answer");
        assert_eq!((reply.answers.len(), reply.authorities.len()), (3, 1), "NODATA with the chain");
        assert_eq!(reply.metadata.response_code, ResponseCode::NoError);
    }

    #[test]
    fn other_names_do_not_exist() {
        let reply = ask("", "nowhere.azurecr.io.", RecordType::A, false).expect("an answer");
        assert_eq!(reply.metadata.response_code, ResponseCode::NXDomain);
        assert!(reply.answers.is_empty() && reply.authorities.len() == 1);
    }

    #[test]
    fn a_missing_private_record_is_nxdomain_after_the_alias() {
        let world = "[name.registry]\ncname = ['contosoacr.privatelink.azurecr.io']\nfault = 'nxdomain'";
        let reply = ask(world, REGISTRY, RecordType::A, false).expect("an answer");
        assert_eq!((reply.metadata.response_code, reply.answers.len()), (ResponseCode::NXDomain, 1));
    }

    #[test]
    fn faults_are_by_name_by_kind_and_by_server() {
        assert!(ask("[name.registry]\nfault = 'silent'", REGISTRY, RecordType::A, true).is_none());
        let world = "[name.registry]\nfault_aaaa = 'silent'";
        assert!(ask(world, REGISTRY, RecordType::AAAA, false).is_none());
        assert!(ask(world, REGISTRY, RecordType::A, false).is_some());
        let world = "[name.registry]\nfault = 'truncated'";
        assert!(ask(world, REGISTRY, RecordType::A, false).expect("udp").metadata.truncation);
        assert_eq!(ask(world, REGISTRY, RecordType::A, true).expect("tcp").answers.len(), 4);
        let world = "[[nameserver]]\n[nameserver.name.registry]\na = ['10.224.0.5']";
        let reply = ask(world, REGISTRY, RecordType::A, false).expect("an answer");
        assert_eq!(reply.answers.len(), 2, "the private alias and the address");
        let world = "[[nameserver]]\nfault = 'servfail'";
        let reply = ask(world, REGISTRY, RecordType::A, false).expect("an answer");
        assert_eq!(reply.metadata.response_code, ResponseCode::ServFail);
    }
}
