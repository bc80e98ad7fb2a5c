//! What is heard of a probe, and what a probe is told.

use super::text;
use crate::assignment::Assignment;
use crate::wire::{LIMIT, Line, Received, read_lines, read_termination, termination};

/// A log or a termination message: what was heard is heard the same when it is told again, by both ways.
pub fn wire(bytes: &[u8]) {
    let text = text(bytes);
    for received in [read_lines(&text), read_termination(&text)] {
        assert!(!received.is_whole() || received.missing() == Some(0));
        again(&received);
        if let Some(vantage) = received.hello.as_ref().map(|hello| hello.vantage.clone()) {
            let count = received.seen.len();
            assert!(received.survey(&vantage).map_or(true, |survey| survey.observations.len() == count));
        }
    }
}

fn again(received: &Received) {
    let seen: Vec<_> = received.seen.values().cloned().collect();
    let lines: Vec<String> =
        seen.iter().map(|seen| Line::Observation(Box::new(seen.clone())).write()).collect();
    assert_eq!(read_lines(&lines.join("\n")).seen, received.seen);
    let (Some(hello), Some(done)) = (&received.hello, received.done) else { return };
    let message = termination(hello, &seen, done);
    let short = read_termination(&message);
    assert!(short.seen.iter().all(|(n, seen)| received.seen.get(n) == Some(seen)));
    // What the hello alone takes is whoever's who says it.
    assert!(message.len() <= LIMIT || short.seen.is_empty());
}

/// An assignment: what is read is written as it was.
pub fn assignment(bytes: &[u8]) {
    if let Ok(read) = Assignment::read(&text(bytes)) {
        assert_eq!(Assignment::read(&read.write()), Ok(read));
    }
}
