//! The case of a run: what was asked and what was seen.

use std::time::Duration;

use jiff::Timestamp;
use probes::credential::Credential;
use probes::vantage::Vantage;

use crate::case::azure::Azure;
use crate::case::cluster::Cluster;
use crate::case::{API_VERSION, Case, Round};
use crate::claim::Claim;
use crate::cli::Plan;

pub(super) fn case(
    plan: &Plan,
    (started_at, run_id, took): (Timestamp, &str, Duration),
    (cluster, azure): (Option<Cluster>, Option<Azure>),
    rounds: Vec<Round>,
) -> Case {
    let tried = tried(plan, azure.as_ref());
    Case {
        api_version: API_VERSION.to_owned(),
        kind: "Case".to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        run_id: run_id.to_owned(),
        started_at,
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        claim: match &plan.vantage {
            _ if plan.target.is_registry() => Claim::RegistryAnswers,
            _ if plan.cluster.as_ref().is_some_and(|cluster| cluster.new_node) => Claim::NewNodePulls,
            _ if plan.cluster.is_some() => Claim::KubeletPulls,
            Vantage::Node(_) => Claim::NodeReaches,
            _ => Claim::WorkstationPulls,
        },
        target: plan.target.clone(),
        platform: plan.platform.clone(),
        credential: tried.first().cloned().unwrap_or(Credential::Anonymous),
        credentials: if tried.len() > 1 { tried } else { Vec::new() },
        credential_note: plan.login_note.clone(),
        proxy: plan.proxy.clone(),
        plain_http: plan.plain_http,
        check: plan.check.clone(),
        skip: plan.skip.clone(),
        fail_on_warn: plan.fail_on_warn,
        settings: plan.settings.clone(),
        variables: plan.variables.clone(),
        cluster,
        azure,
        rounds,
    }
}

/// The credentials in the order in which they are tried: the operator's first, where they signed in.
fn tried(plan: &Plan, azure: Option<&Azure>) -> Vec<Credential> {
    let sign_in = azure.and_then(|azure| azure.sign_in.as_ref()).filter(|_| plan.operator);
    let operator = sign_in.filter(|sign_in| sign_in.registries.is_some());
    let operator = operator.map(|sign_in| Credential::Operator { user: sign_in.who.to_string() });
    operator.into_iter().chain(plan.logins.iter().map(|login| login.credential.clone())).collect()
}
