//! What was heard of a probe, by its log or its last message, and what of it counts.

use probes::foreign::Foreign;
use probes::survey::Survey;
use probes::vantage::Vantage;
use probes::wire::{Received, WireError, read_termination};

use super::Probing;
use super::end::End;
use crate::case::probe::Probe;

impl Probing {
    /// What was heard, by either way. `lost` is why not all of the log was had.
    pub(super) fn heard(
        &self,
        mut probe: Probe,
        ended: &End,
        (mut received, lost): (Received, Option<String>),
    ) -> (Probe, Option<Survey>) {
        if let Some(message) = &ended.message {
            received.join(read_termination(message));
        }
        probe.whole = received.is_whole();
        probe.heard = received.seen.len();
        probe.credentials =
            received.hello.as_ref().map(|hello| hello.credentials.clone()).unwrap_or_default();
        let trouble = match self.survey(received, &probe.vantage, ended) {
            Ok(mut survey) => {
                if !self.all_known {
                    // The kubelet may have more to present than the probe, so what the probe presented says nothing of it.
                    survey.observations.retain(|observation| observation.credential.is_none());
                    probe.trouble = Some(Foreign::new(
                        "the pull secrets of the kubelet cannot be given to a probe in another namespace: nothing that it saw as somebody counts",
                    ));
                } else if !probe.whole {
                    let why = ended.trouble.clone().or(lost);
                    probe.trouble = why.as_deref().map(Foreign::long);
                }
                return (probe, Some(survey));
            }
            Err(why) => why,
        };
        // What kept it from running is nearer than that nothing was heard.
        let why = match (&ended.trouble, lost) {
            (Some(trouble), _) => trouble.clone(),
            (None, Some(lost)) => format!("{trouble}; {lost}"),
            (None, None) => trouble,
        };
        probe.trouble = Some(Foreign::long(&why));
        (probe, None)
    }

    /// The survey, where it is known who speaks.
    fn survey(&self, received: Received, vantage: &Vantage, ended: &End) -> Result<Survey, String> {
        let known = received.hello.is_some();
        match received.survey(vantage) {
            Ok(_) if !known => {
                Err("the probe's first line was not heard, so as whom it looked is not known".to_owned())
            }
            Ok(survey) => Ok(survey),
            Err(WireError::Nothing) => {
                let how = ended.ended.as_ref().map(|how| format!(", whose program ended with {how}"));
                Err(format!(
                    "nothing was heard of the probe{}; does {} hold pullcheck-probe?",
                    how.unwrap_or_default(),
                    self.ask.image
                ))
            }
            Err(error @ WireError::Failed(_)) => {
                let given =
                    self.secret.as_ref().map(|name| format!(" (it was given the pull secret {name})"));
                Err(format!("{error}{}", given.unwrap_or_default()))
            }
            Err(error) => Err(error.to_string()),
        }
    }
}
