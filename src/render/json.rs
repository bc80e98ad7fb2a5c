//! `json`: the report as it is, for programs.
//!
//! Characters that act on a terminal or in a CI's log are written as JSON escapes, which every parser reads back.

use std::fmt::Write;

use super::Style;
use crate::report::Report;
use probes::foreign::is_invisible;

pub(super) fn render(report: &Report, style: &Style) -> String {
    let mut json = serde_json::to_string_pretty(report).expect("a report's maps have strings for keys");
    json.push('\n');
    let mut out = String::with_capacity(json.len());
    let mut last = ' ';
    for c in json.chars() {
        let acts =
            (c == '#' && last == '#') || c == '\u{7f}' || is_invisible(c) || (c.is_control() && c > '\u{7f}');
        if acts || (style.ascii && !c.is_ascii()) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
        last = c;
    }
    out
}
