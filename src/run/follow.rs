//! What a person is told while it is looked.

use std::cell::RefCell;
use std::io::Write;

use probes::log::{Lane, Watch};
use probes::observation::{Fact, Observation};
use tokio::sync::oneshot;

use crate::azure::NodeHint;
use crate::cluster;
use crate::cluster::sight::Look;
use crate::progress::Progress;

/// Tells a person which step is under way: redrawn in place on a terminal, line by line where that was asked for.
pub(super) enum Follow<'a> {
    Silent(&'a mut dyn Write),
    Live(Progress<&'a mut dyn Write>),
    Lines(&'a mut dyn Write),
}

/// The same watch for looks that are made at once, of which this one tells what it sees of the image.
pub(super) struct Shared<'a, 'b> {
    pub(super) follow: &'a RefCell<Follow<'b>>,
    pub(super) look: Look,
    /// Waits for whose token was given.
    pub(super) who: Option<oneshot::Sender<NodeHint>>,
}

impl Watch for Shared<'_, '_> {
    fn looking(&mut self, step: &'static str, host: &str) {
        self.follow.borrow_mut().looking(step, host);
    }

    fn saw(&mut self, lane: Lane, seen: &Observation) {
        if let Fact::Identity(identity) = &seen.fact
            && let Some(object) = identity.claims.as_ref().and_then(|claims| claims.object_id.as_ref())
            && let Some(who) = self.who.take()
        {
            // Where Azure is not asked nobody waits for it.
            let _ = who.send(NodeHint::signed_in(object.as_str()));
        }
        // A mirror's answer is not the registry's.
        if lane == Lane::Way {
            self.look.saw(seen);
        }
    }
}

impl Follow<'_> {
    pub(super) fn note(&mut self, text: &str) {
        match self {
            Self::Live(progress) => progress.note(text),
            Self::Silent(err) | Self::Lines(err) => {
                // Whoever does not read this may still read the report.
                let _ = writeln!(err, "note: {text}");
            }
        }
    }

    /// What goes on in the cluster. What is created is told to everybody who has not asked for silence.
    pub(super) fn hears(&mut self, progress: &cluster::Progress, quiet: bool) {
        use cluster::Progress::{Creating, Decided, Facts, Listed, Looking, Probes, Pull, Removing};
        let step = match progress {
            Creating { namespace, pods } => {
                if !quiet {
                    self.note(&format!(
                        "creating a Job and {pods} canary pod{} in namespace {namespace}, removed at the end; --tier observe \
                         creates nothing",
                        if *pods == 1 { "" } else { "s" }
                    ));
                }
                return;
            }
            Probes { namespace, pods, host } => {
                if !quiet {
                    self.note(&format!(
                        "creating {pods} probe pod{} in namespace {namespace}{}, removed at the end",
                        if *pods == 1 { "" } else { "s" },
                        if *host { ", with the host's network and read-only files" } else { "" }
                    ));
                }
                return;
            }
            Listed { .. } => return,
            Facts => ("cluster", String::new()),
            Pull { pod, .. } | Decided { pod } => ("kubelet-pull", pod.clone()),
            Looking { place, seen } => ("probe-pod", format!("{place}, {seen} observations")),
            Removing => ("removing", String::new()),
        };
        self.looking(step.0, &step.1);
    }

    pub(super) fn clear(&mut self) {
        if let Self::Live(progress) = self {
            progress.clear();
        }
    }
}

impl Watch for Follow<'_> {
    fn looking(&mut self, step: &'static str, host: &str) {
        match self {
            Self::Silent(_) => {}
            Self::Live(progress) => progress.step(step, host),
            Self::Lines(err) => {
                // Whoever does not read this may still read the report.
                let _ = writeln!(err, "{step} {host}");
            }
        }
    }
}
