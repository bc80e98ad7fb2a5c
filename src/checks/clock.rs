//! `clock`: whether our clock and the registry's agree.

use jiff::SignedDuration;
use probes::observation::Fact;

use super::seen::time;
use super::{Answer, Check, EVERYWHERE, View};
use crate::causes::NodeClockSkew;
use crate::report::Status;

/// Beyond this, certificates, tokens and signed addresses begin to be refused: storage services bear five minutes.
const BEARABLE: SignedDuration = SignedDuration::from_mins(5);

/// The check.
pub const CHECK: Check = Check {
    id: "clock",
    title: "our clock and the registry's agree",
    explanation: "The registry's own clock is read from the Date of its answer. A difference of more than five minutes is a \
        warning: a pull fails of it only where a certificate, a token or a signed address is judged by the wrong clock, \
        and that check fails then.",
    at: EVERYWHERE,
    per_credential: false,
    needs: &[super::TO_REGISTRY],
    causes: &[&[NodeClockSkew]],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let reply = view.registry().find_map(|o| match &o.fact {
        Fact::Challenge(challenge) => challenge.exchange.reply(),
        _ => None,
    })?;
    let Some(theirs) = reply.date else {
        return Some(Answer::new(Status::NotApplicable, "the registry does not tell its time"));
    };
    let ahead = reply.at.duration_since(theirs);
    let words = format!("our clock {}, the registry's {}", time(reply.at), time(theirs));
    Some(if ahead.abs() > BEARABLE {
        let direction = if ahead.is_positive() { "ahead of" } else { "behind" };
        let minutes = (ahead.abs().as_secs() + 30) / 60;
        Answer::new(Status::Warn, format!("our clock is {minutes} min {direction} the registry's"))
            .saw("compare clocks", words)
            .allows(&[NodeClockSkew])
    } else {
        Answer::pass("our clock and the registry's agree").saw("compare clocks", words)
    })
}
