//! Waits for the end of a probe's pod, whatever it is: by asking every second, which needs no right but to read pods.

use std::time::Duration;

use probes::foreign::Foreign;
use tokio::time::Instant;

use crate::case::pull::{Source, Word};
use crate::cluster::api::{Api, escaped};
use crate::cluster::follow::events_path;
use crate::cluster::ledger::path;
use crate::cluster::mirror::{Event, List, Pod};
use crate::cluster::objects::Wanted;
use crate::cluster::words::Words;
use crate::probe_pod::{CONTAINER, HostPath, not_there};

/// How often is asked.
const ASK: Duration = Duration::from_secs(1);
/// How long something before the start may fail: the kubelet tries a sandbox and a mount again within it.
const STUCK: Duration = Duration::from_secs(30);
/// What starting and ending take beside looking.
const BESIDE: Duration = Duration::from_secs(15);

/// States of a container that no waiting ends soon.
const IN_VAIN: [&str; 6] = [
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ImageInspectError",
];

/// What became of a probe's pod.
#[derive(Debug, Default)]
pub(super) struct End {
    /// What was said of it.
    pub(super) words: Vec<Word>,
    /// Whether its program ran.
    pub(super) ran: bool,
    /// How its program ended: `exit code 1 (Error)`.
    pub(super) ended: Option<String>,
    /// The termination message.
    pub(super) message: Option<String>,
    /// The files that the node has not.
    pub(super) absent: Vec<HostPath>,
    /// Why it did not come to its end.
    pub(super) trouble: Option<String>,
}

/// Waits for the end of a pod that was just made.
pub(super) async fn end(api: &Api, made: &Pod, wanted: &Wanted) -> End {
    let (uid, name) = (&made.metadata.uid, &made.metadata.name);
    let pod_path = path("Pod", &wanted.namespace, name);
    let events_path = format!(
        "{}?fieldSelector={}",
        events_path(&wanted.namespace),
        escaped(&format!("involvedObject.uid={uid}"))
    );
    let start = Instant::now();
    let mut words = Words::of(CONTAINER);
    words.pod(made);
    let mut end = End::default();
    // Without events nobody says why a pod does not start.
    let mut blind = None;
    let mut limit = start + wanted.pull_timeout.max(wanted.timeout);
    loop {
        let (pod, events) = tokio::join!(api.read::<Pod>(&pod_path), api.read::<List<Event>>(&events_path));
        match events {
            Ok(list) => list.items.iter().for_each(|event| words.event(event, uid)),
            Err(fault) if fault.is_forbidden() => {
                blind = Some(format!("list events: {}", fault.during("list events").detail));
            }
            // As below.
            Err(_) => {}
        }
        let mut over = false;
        match pod {
            Ok(pod) if pod.metadata.uid == *uid => {
                words.pod(&pod);
                over = matches!(pod.status.phase.as_str(), "Succeeded" | "Failed");
                let own = pod.status.container_statuses.iter().find(|status| status.name == CONTAINER);
                if let Some(state) = own.map(|status| &status.state) {
                    if (state.running.is_some() || state.terminated.is_some()) && !end.ran {
                        end.ran = true;
                        limit = Instant::now() + wanted.timeout + BESIDE;
                    }
                    if let Some(said) = &state.terminated {
                        over = true;
                        end.message.clone_from(&said.message);
                        let reason = Foreign::new(said.reason.as_deref().unwrap_or_default());
                        end.ended = said.exit_code.map(|code| format!("exit code {code} ({reason})"));
                    }
                }
            }
            Ok(_) => end.trouble = Some("its pod was removed by somebody else".to_owned()),
            Err(fault) if fault.is_missing() => {
                end.trouble = Some("its pod was removed by somebody else".to_owned());
            }
            Err(fault) if fault.is_forbidden() => {
                end.trouble = Some(format!("get pods: {}", fault.during("get pods").detail));
            }
            // The API server may be back with the next question.
            Err(_) => {}
        }
        end.words = words.all();
        // The kubelet tells them one after the other: what is told within a second of the first is taken with it.
        let known = !end.absent.is_empty();
        end.absent = absent(&end.words);
        let now = Instant::now();
        if !over && !end.ran && end.trouble.is_none() {
            end.trouble = in_vain(&end.words).or_else(|| stuck(&end.words).filter(|_| now >= start + STUCK));
        }
        if over && !end.ran {
            end.trouble =
                last(&end.words).or_else(|| Some("its pod ended before its program ran".to_owned()));
        } else if !over && now >= limit {
            end.trouble = Some(match end.ran {
                true => "it did not end in the time for it".to_owned(),
                false => {
                    let why = blind.as_deref().map(|why| format!("; {why}")).unwrap_or_default();
                    format!("its pod did not start in the time for it{why}")
                }
            });
        }
        if over || known || end.trouble.is_some() {
            return end;
        }
        tokio::time::sleep(ASK).await;
    }
}

fn absent(words: &[Word]) -> Vec<HostPath> {
    let mut all = Vec::new();
    for word in
        words.iter().filter(|word| word.source == Source::Event && word.reason.as_str() == "FailedMount")
    {
        match not_there(word.message.as_str()) {
            Some(path) if !all.contains(&path) => all.push(path),
            _ => {}
        }
    }
    all
}

/// What was said of a container that does not come up. The error itself stands in the word before the back-off.
fn in_vain(words: &[Word]) -> Option<String> {
    words.iter().find(|word| word.source == Source::Waiting && IN_VAIN.contains(&word.reason.as_str()))?;
    let error =
        words.iter().rfind(|word| word.source == Source::Waiting && word.reason.as_str() == "ErrImagePull");
    error.map(shown).or_else(|| last(words))
}

fn stuck(words: &[Word]) -> Option<String> {
    let is = |word: &&Word| {
        matches!(word.reason.as_str(), "FailedMount" | "FailedCreatePodSandBox" | "FailedScheduling")
    };
    words.iter().rfind(is).map(shown)
}

fn last(words: &[Word]) -> Option<String> {
    words.iter().rfind(|word| !word.message.is_empty()).map(shown)
}

fn shown(word: &Word) -> String {
    format!("{}: {}", word.reason, word.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(source: Source, reason: &str, message: &str) -> Word {
        Word::state(source, reason, message, None)
    }

    #[test]
    fn a_mount_that_is_missing_is_told_by_its_event_alone() {
        let message = "hostPath type check failed: /etc/containerd is not a directory";
        let event = word(Source::Event, "FailedMount", message);
        assert_eq!(absent(&[event.clone(), event]).len(), 1);
        assert_eq!(absent(&[word(Source::Event, "Failed", message)]), []);
        assert_eq!(absent(&[word(Source::Waiting, "FailedMount", message)]), []);
    }

    #[test]
    fn an_image_that_is_not_to_be_had_is_told_with_its_error() {
        let failed = word(Source::Waiting, "ErrImagePull", "401 Unauthorized");
        // The first failure may pass.
        assert_eq!(in_vain(std::slice::from_ref(&failed)), None);
        let backs_off = word(Source::Waiting, "ImagePullBackOff", "Back-off");
        assert_eq!(in_vain(&[failed, backs_off]).as_deref(), Some("ErrImagePull: 401 Unauthorized"));
        assert_eq!(in_vain(&[word(Source::Waiting, "ContainerCreating", "")]), None);
    }
}
