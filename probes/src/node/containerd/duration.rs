//! A length of time as Go's `time.ParseDuration` reads it: `1.5s`, `2m30s`.

use std::time::Duration;

/// The length of time; `None` for what is none. One below zero is over at once, and so is the shortest.
pub(super) fn parse(text: &str) -> Option<Duration> {
    if let Some(negative) = text.strip_prefix('-').filter(|rest| !rest.starts_with(['+', '-'])) {
        return parse(negative).map(|_| Duration::from_nanos(1));
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let unit = rest[number..]
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .map_or(rest.len(), |end| number + end);
        let scale = match &rest[number..unit] {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        seconds += rest[..number].parse::<f64>().ok()? * scale;
        rest = &rest[unit..];
    }
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_those_of_go() {
        for (text, expected) in [
            ("1s", Some(1_000)),
            ("1.5s", Some(1_500)),
            (".5s", Some(500)),
            ("5.s", Some(5_000)),
            ("2m30s", Some(150_000)),
            ("1h0m1ms", Some(3_600_001)),
            ("+3s", Some(3_000)),
            ("1500us", Some(1)),
            ("0", Some(0)),
            ("", None),
            ("3", None),
            ("s", None),
            (".s", None),
            ("1.2.3s", None),
            ("3 s", None),
            ("3x", None),
            ("-3s", Some(0)),
            ("-+3s", None),
            ("--3s", None),
            ("-", None),
            ("9999999999999999999h", None),
        ] {
            let read = parse(text).map(|duration| duration.as_millis() as u64);
            assert_eq!(read, expected, "{text}");
        }
    }
}
