//! The probe's side: each observation is written down as soon as it is there.

use std::io::Write;

use super::{Done, Hello, Line, Seen, termination};
use crate::assignment::PROTOCOL;
use crate::credential::Credential;
use crate::foreign::Foreign;
use crate::log::{Lane, Watch};
use crate::observation::Observation;
use crate::vantage::Vantage;

/// Tells a survey line by line, and keeps what it told.
pub struct Teller<W> {
    out: W,
    hello: Hello,
    seen: Vec<Seen>,
}

impl<W: Write> Teller<W> {
    /// Begins with the hello.
    pub fn new(out: W, version: &str, vantage: Vantage, credentials: Vec<Credential>) -> Self {
        let hello = Hello { protocol: PROTOCOL, version: Foreign::new(version), vantage, credentials };
        let mut teller = Self { out, hello, seen: Vec::new() };
        teller.line(&Line::Hello(teller.hello.clone()));
        teller
    }

    /// Ends with how many there were; gives the termination message.
    pub fn done(mut self, interrupted: bool) -> String {
        let done = Done { observations: self.seen.len(), truncated: false, interrupted };
        self.line(&Line::Done(done));
        termination(&self.hello, &self.seen, done)
    }

    fn line(&mut self, line: &Line) {
        // Whoever no longer reads the log may still read the termination message.
        let _ = writeln!(self.out, "{}", line.write()).and_then(|()| self.out.flush());
    }
}

impl<W: Write> Watch for Teller<W> {
    fn looking(&mut self, _step: &'static str, _host: &str) {}

    fn saw(&mut self, lane: Lane, saw: &Observation) {
        let seen = Seen { n: self.seen.len(), lane, saw: saw.clone() };
        self.line(&Line::Observation(Box::new(seen.clone())));
        self.seen.push(seen);
    }
}
