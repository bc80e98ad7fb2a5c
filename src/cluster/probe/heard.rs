//! What was heard of a probe, by its log or its last message, and what of it counts.

use std::time::Duration;

use probes::foreign::Foreign;
use probes::survey::Survey;
use probes::vantage::Vantage;
use probes::wire::{Received, read_lines, read_termination};

use super::Probing;
use super::end::End;
use crate::case::probe::Probe;
use crate::cluster::api::Api;
use crate::cluster::ledger::path;

/// The most that is read of a log; no survey has a tenth of it.
const LOG: usize = 8 * 1024 * 1024;

impl Probing {
    /// What was heard, by either way.
    pub(super) fn heard(
        &self,
        mut probe: Probe,
        ended: &End,
        log: Result<String, String>,
    ) -> (Probe, Option<Survey>) {
        let mut received = read_lines(log.as_deref().unwrap_or_default());
        if let Some(message) = &ended.message {
            received.join(read_termination(message));
        }
        probe.whole = received.is_whole();
        probe.heard = received.seen.len();
        probe.credentials =
            received.hello.as_ref().map(|hello| hello.credentials.clone()).unwrap_or_default();
        let trouble = match survey(received, &probe.vantage) {
            Ok(mut survey) => {
                if !self.all_known {
                    // The kubelet may have more to present than the probe, so what the probe presented says nothing of it.
                    survey.observations.retain(|observation| observation.credential.is_none());
                    probe.trouble = Some(Foreign::new(
                        "the pull secrets of the kubelet cannot be given to a probe in another namespace: nothing that it saw as somebody counts",
                    ));
                } else if !probe.whole {
                    let why = ended.trouble.clone().or(log.err());
                    probe.trouble = why.as_deref().map(Foreign::new);
                }
                return (probe, Some(survey));
            }
            Err(why) => why,
        };
        // What kept it from running is nearer than that nothing was heard.
        probe.trouble = Some(Foreign::long(ended.trouble.as_deref().unwrap_or(&trouble)));
        (probe, None)
    }
}

/// The survey, where it is known who speaks.
fn survey(received: Received, vantage: &Vantage) -> Result<Survey, String> {
    let known = received.hello.is_some();
    match received.survey(vantage) {
        Ok(_) if !known => {
            Err("the probe's first line was not heard, so as whom it looked is not known".to_owned())
        }
        Ok(survey) => Ok(survey),
        Err(error) => Err(error.to_string()),
    }
}

/// The pod's log, once; it may not be had where the API server does not reach the node.
pub(super) async fn log(api: &Api, namespace: &str, name: &str) -> Result<String, String> {
    let log = format!("{}?limitBytes={LOG}", log_path(namespace, name));
    match tokio::time::timeout(Duration::from_secs(20), api.ask(http::Method::GET, &log, None)).await {
        Ok(Ok(answer)) => Ok(answer.text()),
        Ok(Err(fault)) => Err(format!("the log was not had: {}", fault.during("get pods/log").detail)),
        Err(_) => Err("the log was not had in time".to_owned()),
    }
}

/// Where a pod's log is.
pub(in crate::cluster) fn log_path(namespace: &str, name: &str) -> String {
    format!("{}/log", path("Pod", namespace, name))
}
