//! A probe's log: followed while it looks, so that what it sees is told at once, and read once more where that is not all.

use std::time::Duration;

use probes::vantage::Vantage;
use probes::wire::{Received, read_lines};
use tokio::sync::mpsc::UnboundedSender;

use crate::cluster::api::Api;
use crate::cluster::ask::Progress;
use crate::cluster::ledger::path;

/// The most that is read of a log; no survey has a tenth of it.
const LOG: usize = 8 * 1024 * 1024;

/// How often it is asked whether there is a log.
const ASK: Duration = Duration::from_secs(1);

/// How long a log may take that is read once.
const ONCE: Duration = Duration::from_secs(20);

/// A log that is being followed.
pub(super) struct Log<'a> {
    api: &'a Api,
    path: String,
    /// What was heard so far.
    pub(super) received: Received,
}

impl<'a> Log<'a> {
    pub(super) fn new(api: &'a Api, namespace: &str, pod: &str) -> Self {
        let path = format!("{}?limitBytes={LOG}", log_path(namespace, pod));
        Self { api, path, received: Received::default() }
    }

    /// Hears what comes, as long as somebody waits for it: the end of a log is not the end of its pod.
    pub(super) async fn follow(&mut self, place: &Vantage, told: Option<&UnboundedSender<Progress>>) {
        let mut lines = loop {
            match self.api.watch(&format!("{}&follow=true", self.path)).await {
                Ok(lines) => break lines,
                // Before its container has started a pod has no log.
                Err(fault) if !fault.is_forbidden() => tokio::time::sleep(ASK).await,
                Err(_) => return std::future::pending().await,
            }
        };
        while let Some(line) = lines.next_line().await {
            self.received.line(&String::from_utf8_lossy(&line));
            let seen = self.received.seen.len();
            // Nobody may be listening.
            let _ = told.map(|told| told.send(Progress::Looking { place: place.to_string(), seen }));
        }
        std::future::pending().await
    }

    /// Reads all of it, where not all was heard; it may not be had where the API server does not reach the node.
    pub(super) async fn rest(mut self) -> (Received, Option<String>) {
        if self.received.is_whole() {
            return (self.received, None);
        }
        let asked = self.api.ask(http::Method::GET, &self.path, None);
        let why = match tokio::time::timeout(ONCE, asked).await {
            Ok(Ok(answer)) => {
                self.received.join(read_lines(&answer.text()));
                None
            }
            Ok(Err(fault)) => Some(format!("the log was not had: {}", fault.during("get pods/log").detail)),
            Err(_) => Some("the log was not had in time".to_owned()),
        };
        (self.received, why)
    }
}

/// Where a pod's log is.
pub(in crate::cluster) fn log_path(namespace: &str, name: &str) -> String {
    format!("{}/log", path("Pod", namespace, name))
}
