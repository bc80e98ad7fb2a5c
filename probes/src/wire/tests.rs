use super::*;
use crate::log::Watch as _;
use crate::observation::{Fact, Role};

/// An observation that is told apart by its number, with a text that deflates badly.
fn seen(n: usize) -> Observation {
    let mut state = n as u64;
    let noise = (0..20).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:x}", state >> 32)
    });
    Observation {
        role: Role::Registry,
        credential: None,
        started_at: jiff::Timestamp::UNIX_EPOCH,
        elapsed_ms: n as u64,
        fact: Fact::OutOfTime { during: noise.collect() },
    }
}

/// What a probe tells that sees so much: its log, its termination message.
fn told(observations: usize, interrupted: bool) -> (String, String) {
    let mut log = Vec::new();
    let mut teller =
        Teller::new(&mut log, "0.1.0", Vantage::Pod("n".to_owned()), vec![Credential::Anonymous]);
    for n in 0..observations {
        teller.saw(if n % 2 == 0 { Lane::Way } else { Lane::Beside }, &seen(n));
    }
    let message = teller.done(interrupted);
    (String::from_utf8(log).expect("text"), message)
}

fn numbers(received: Received) -> Vec<u64> {
    let survey = received.survey(&Vantage::Pod("n".to_owned())).expect("a survey");
    survey.observations.iter().map(|o| o.elapsed_ms).collect()
}

#[test]
fn both_ways_bring_the_same() {
    let (log, message) = told(5, false);
    assert_eq!(log.lines().count(), 7);
    assert!(
        log.starts_with("{\"hello\":{\"protocol\":1,\"version\":\"0.1.0\",\"vantage\":\"pod/n\",\"credentials\":[{\"kind\":\"anonymous\"}]}}\n"),
        "{log}"
    );
    let received = read_lines(&log);
    assert!(received.is_whole());
    assert_eq!(received, read_termination(&message));
    assert_eq!(numbers(received), [0, 2, 4, 1, 3]);
}

#[test]
fn what_all_surveys_share_takes_no_room() {
    let line = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    let known = include_str!("known.jsonl");
    // But for the first and the last, each is an observation.
    let lines: Vec<&str> = known.lines().collect();
    assert!(lines[1..lines.len() - 1].iter().all(|text| line(text).get("observation").is_some()));
    assert!(known.len() <= 32 * 1024);
    let (log, message) = told(0, false);
    assert!(message.len() < 120, "{} bytes for\n{log}", message.len());
}

#[test]
fn a_long_message_is_cut_in_whole_observations() {
    let (log, message) = told(200, false);
    assert!(message.len() <= LIMIT, "{} bytes", message.len());
    let received = read_termination(&message);
    let count = received.seen.len();
    assert!((20..200).contains(&count), "{count} observations");
    assert_eq!(received.done, Some(Done { observations: 200, truncated: true, interrupted: false }));
    assert_eq!((received.broken, received.missing()), (0, Some(200 - count)));
    assert!(!received.is_whole());
    // One more would not have found room, or hardly.
    assert!(message.len() > LIMIT - 400, "{} bytes", message.len());
    // The log brings what the message lacks.
    let mut both = received;
    both.join(read_lines(&log));
    assert!(both.is_whole());
    assert_eq!(both.seen, read_lines(&log).seen);
}

#[test]
fn what_is_not_heard_was_not_seen() {
    let (log, message) = told(6, false);
    let lines: Vec<&str> = log.lines().collect();
    // The beginning was rotated away, another program writes too, a line was cut, and the log was read twice.
    let text = format!(
        "ion\":{{}}\nwarning: x {}\n{}\r\n\n{{\"level\":\"info\"}}\n{}\n{}\n{}",
        lines[1],
        lines[2],
        &lines[3][..40],
        lines[1],
        lines[7]
    );
    let received = read_lines(&text);
    assert_eq!((received.seen.len(), received.broken, received.missing()), (2, 1, Some(4)));
    assert!(!received.is_whole());
    assert_eq!(numbers(received), [0, 1]);
    let without_end = read_lines(&lines[..7].join("\n"));
    assert_eq!((without_end.missing(), without_end.is_whole()), (None, false));
    assert!(!read_lines(&told(2, true).0).is_whole());
    // Every piece of either is read without a panic, and never as more than there was.
    for at in 0..log.len() {
        assert!(read_lines(&log[..at]).seen.len() <= 6);
        assert!(read_lines(&log[at..]).seen.len() <= 6);
    }
    for at in 0..message.len() {
        assert!(read_termination(&message[..at]).seen.len() <= 6);
    }
    for garbage in
        ["", "\u{0}", "pullcheck-probe", "pullcheck-probe !!", "pullcheck-probe AAAA", "{\"done\":{}}"]
    {
        let received = read_termination(garbage);
        assert_eq!(received.seen.len(), 0, "{garbage}");
        assert_eq!(received.survey(&Vantage::Workstation), Err(WireError::Nothing), "{garbage}");
    }
}

#[test]
fn a_probe_of_something_else_is_no_survey() {
    let (log, _) = told(2, false);
    let wanted = Vantage::Pod("n".to_owned());
    for hello in ["{\"hello\":{\"protocol\":2}}", "{\"hello\":{\"protocol\":2,\"vantage\":[]}}"] {
        let newer = log.replacen(log.lines().next().expect("a hello"), hello, 1);
        assert_eq!(read_lines(&newer).survey(&wanted), Err(WireError::OtherProtocol { protocol: 2 }));
    }
    let elsewhere = read_lines(&log).survey(&Vantage::Node("n".to_owned())).expect_err("another place");
    assert_eq!(elsewhere.to_string(), "the probe looked from pod/n and not from node/n");
    let of_others = told(2, false).1.replacen("pullcheck-probe ", "pullcheck-probe 0", 1);
    let error = read_termination(&of_others).survey(&wanted).expect_err("another version");
    assert_eq!(error.to_string(), "the probe failed: it is of another version than this pullcheck");
    let failed = Line::Failed(Failed { error: Foreign::new("a bug at x.rs:1") }).write();
    let error = read_termination(&failed).survey(&wanted).expect_err("it failed");
    assert_eq!(error.to_string(), "the probe failed: a bug at x.rs:1");
    // What it saw before it failed was seen.
    let received = read_lines(&format!("{}\n{failed}", log.lines().take(2).collect::<Vec<_>>().join("\n")));
    assert!(!received.is_whole());
    assert_eq!(numbers(received), [0]);
}
