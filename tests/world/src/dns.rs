//! Nameservers. What they answer is computed from the plan's records (`answer`); `server` moves the bytes.

mod answer;
mod server;

pub(crate) use server::start;

use std::collections::BTreeMap;

use crate::plan::Records;
use crate::schema::ServerFault;

/// A nameserver: what it knows and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nameserver {
    /// Its place in the list.
    pub(crate) number: usize,
    /// The names it knows; all others do not exist.
    pub(crate) zone: BTreeMap<String, Records>,
    /// What is wrong with it as a whole.
    pub(crate) fault: Option<ServerFault>,
    /// How much later every answer comes.
    pub(crate) delay_ms: u64,
}
