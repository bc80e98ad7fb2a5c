//! What is said of a canary, taken out of its status and its events, unparsed.

use probes::foreign::Foreign;

use super::mirror::{Event, Pod};
use super::objects::CONTAINER;
use crate::case::pull::{Source, Word};

/// The most words of one pod that are kept.
const MOST: usize = 60;

/// All that was said of one pod.
#[derive(Clone, Debug)]
pub(super) struct Words {
    container: &'static str,
    events: Vec<(String, Word)>,
    states: Vec<Word>,
    /// `imageID`, once it is there.
    pub(super) image_id: Option<String>,
    /// The node that it is on.
    pub(super) node: Option<String>,
    /// Whether the pod is gone.
    pub(super) gone: bool,
    /// The pod's phase.
    pub(super) phase: String,
}

impl Default for Words {
    fn default() -> Self {
        Self::of(CONTAINER)
    }
}

impl Words {
    /// Nothing yet, of a pod whose container has this name.
    pub(super) fn of(container: &'static str) -> Self {
        Self {
            container,
            events: Vec::new(),
            states: Vec::new(),
            image_id: None,
            node: None,
            gone: false,
            phase: String::new(),
        }
    }

    /// Takes in an event; one of another object, or of another container, is none of ours.
    pub(super) fn event(&mut self, event: &Event, uid: &str) {
        let of = &event.involved_object;
        let ours =
            of.field_path.is_empty() || of.field_path == format!("spec.containers{{{}}}", self.container);
        if of.uid != uid || !ours {
            return;
        }
        let by = event.source.component.as_deref().or(event.reporting_component.as_deref());
        let word = Word {
            source: Source::Event,
            by: by.filter(|by| !by.is_empty()).map(Foreign::new),
            reason: foreign(event.reason.as_deref()),
            message: Foreign::long(event.message.as_deref().unwrap_or_default()),
            at: event.last_timestamp.or(event.event_time).or(event.first_timestamp),
            count: event.count.unwrap_or(1),
        };
        let known = self.events.iter().position(|(known, _)| *known == event.metadata.uid);
        match known {
            Some(at) => self.events[at].1 = word,
            None if self.events.len() < MOST => self.events.push((event.metadata.uid.clone(), word)),
            None => {}
        }
    }

    /// Takes in the pod as it is now. What it said before stays: a reason that was seen and is gone is evidence still.
    pub(super) fn pod(&mut self, pod: &Pod) {
        let status = &pod.status;
        self.phase.clone_from(&status.phase);
        if !pod.spec.node_name.is_empty() {
            self.node = Some(pod.spec.node_name.clone());
        }
        let mut say = |source, reason: Option<&str>, message: Option<&str>, at| {
            let word = Word::state(source, reason.unwrap_or_default(), message.unwrap_or_default(), at);
            if word.reason.is_empty() && word.message.is_empty() && source != Source::Running {
                return;
            }
            let same = |known: &Word| {
                known.source == word.source && known.reason == word.reason && known.message == word.message
            };
            if !self.states.iter().any(same) && self.states.len() < MOST {
                self.states.push(word);
            }
        };
        if status.reason.is_some() || status.message.is_some() {
            say(Source::Pod, status.reason.as_deref(), status.message.as_deref(), None);
        }
        // A condition that does not hold, other than those that only say that nothing runs.
        for condition in status.conditions.iter().filter(|c| c.status == "False" && c.kind == "PodScheduled")
        {
            let (reason, message) = (condition.reason.as_deref(), condition.message.as_deref());
            say(Source::Condition, reason, message, condition.last_transition_time);
        }
        for container in status.container_statuses.iter().filter(|c| c.name == self.container) {
            if !container.image_id.is_empty() {
                self.image_id = Some(container.image_id.clone());
            }
            if let Some(said) = &container.state.waiting {
                say(Source::Waiting, said.reason.as_deref(), said.message.as_deref(), None);
            }
            if let Some(said) = &container.state.terminated {
                say(Source::Terminated, said.reason.as_deref(), said.message.as_deref(), said.finished_at);
            }
            if let Some(running) = &container.state.running {
                say(Source::Running, None, None, running.started_at);
            }
        }
    }

    /// Everything: events first, in the order in which they were seen, then the states.
    pub(super) fn all(&self) -> Vec<Word> {
        self.events.iter().map(|(_, word)| word).chain(&self.states).cloned().collect()
    }
}

fn foreign(text: Option<&str>) -> Foreign {
    Foreign::new(text.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(value: serde_json::Value) -> Event {
        serde_json::from_value(value).expect("an event")
    }

    #[test]
    fn only_what_is_said_of_the_pod_and_its_container_counts() {
        let mut words = Words::default();
        let say = |uid: &str, path: &str, name: &str, reason: &str| {
            event(serde_json::json!({
                "metadata": { "uid": name }, "involvedObject": { "uid": uid, "fieldPath": path },
                "reason": reason, "message": "m", "source": { "component": "kubelet" }, "count": 2,
            }))
        };
        words.event(&say("u", "spec.containers{canary}", "1", "Pulling"), "u");
        words.event(&say("other", "spec.containers{canary}", "2", "Failed"), "u");
        words.event(&say("u", "spec.initContainers{sidecar}", "3", "Pulled"), "u");
        words.event(&say("u", "", "4", "FailedMount"), "u");
        // The same event again, counted up, stands where it stood.
        words.event(&say("u", "spec.containers{canary}", "1", "Pulling"), "u");
        let reasons: Vec<_> = words.all().iter().map(|w| w.reason.to_string()).collect();
        assert_eq!(reasons, ["Pulling", "FailedMount"]);
        assert_eq!(words.all()[0].by, Some(Foreign::new("kubelet")));
    }

    #[test]
    fn what_a_status_has_said_stays() {
        let mut words = Words::default();
        let pod = |state: serde_json::Value| -> Pod {
            serde_json::from_value(serde_json::json!({
                "status": { "phase": "Pending", "containerStatuses": [
                    { "name": "sidecar", "imageID": "other" , "state": {} },
                    { "name": "canary", "imageID": "", "state": state },
                ] }
            }))
            .expect("a pod")
        };
        words.pod(&pod(serde_json::json!({ "waiting": { "reason": "ErrImagePull", "message": "why" } })));
        words.pod(&pod(
            serde_json::json!({ "waiting": { "reason": "ImagePullBackOff", "message": "Back-off" } }),
        ));
        words.pod(&pod(serde_json::json!({ "waiting": { "reason": "ErrImagePull", "message": "why" } })));
        let all = words.all();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].message.as_str(), "why");
        assert_eq!(words.image_id, None);
    }
}
