use super::example::{HOSTILE, healthy, open_diagnosis, undecided, unhealthy};
use super::*;
use crate::report::{Status, VerdictStatus};

const PEOPLE: [Format; 3] = [Format::Table, Format::Wide, Format::Short];

fn reports() -> Vec<Report> {
    let mut open = unhealthy("plain");
    open.verdict.diagnoses = vec![open_diagnosis("anonymous")];
    open.verdict.cause = None;
    let mut lowered = healthy();
    lowered.verdict.dropped = vec!["blob"];
    vec![
        healthy(),
        undecided(),
        unhealthy("plain"),
        unhealthy(HOSTILE),
        unhealthy(&"x".repeat(500)),
        open,
        lowered,
    ]
}

fn styles() -> Vec<Style> {
    let mut styles = Vec::new();
    for width in [10, 40, 80, 200] {
        for ascii in [false, true] {
            for shell in [Shell::Posix, Shell::Pwsh] {
                styles.push(Style { width, ascii, shell, ..Style::default() });
            }
        }
    }
    styles
}

#[test]
fn every_format_has_its_name() {
    for format in Format::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    let error = "toml".parse::<Format>().expect_err("there is none");
    assert_eq!(
        error.to_string(),
        "no format is called 'toml'; there are table, wide, short, json, yaml, junit"
    );
}

#[test]
fn the_table() {
    insta::assert_snapshot!("table-healthy", render(&healthy(), Format::Table, &Style::default()));
    insta::assert_snapshot!("table-undecided", render(&undecided(), Format::Table, &Style::default()));
    insta::assert_snapshot!("table-unhealthy", render(&unhealthy("plain"), Format::Table, &Style::default()));
    insta::assert_snapshot!("table-hostile", render(&unhealthy(HOSTILE), Format::Table, &Style::default()));
    let mut open = unhealthy("plain");
    open.verdict.diagnoses = vec![open_diagnosis("anonymous")];
    insta::assert_snapshot!("table-candidates", render(&open, Format::Table, &Style::default()));
}

#[test]
fn the_others() {
    let style = Style { ascii: true, ..Style::default() };
    insta::assert_snapshot!("wide-hostile", render(&unhealthy(HOSTILE), Format::Wide, &style));
    insta::assert_snapshot!("short-unhealthy", render(&unhealthy("plain"), Format::Short, &Style::default()));
    insta::assert_snapshot!("junit-hostile", render(&unhealthy(HOSTILE), Format::Junit, &Style::default()));
    insta::assert_snapshot!("json-undecided", render(&undecided(), Format::Json, &Style::default()));
}

#[test]
fn yaml_says_what_json_says() {
    for report in [healthy(), undecided(), unhealthy("plain")] {
        let yaml = render(&report, Format::Yaml, &Style::default());
        let read: serde_json::Value = serde_saphyr::from_str(&yaml).expect("YAML");
        assert_eq!(read, serde_json::to_value(&report).expect("JSON"), "{yaml}");
    }
    insta::assert_snapshot!("yaml-hostile", render(&unhealthy(HOSTILE), Format::Yaml, &Style::default()));
}

#[test]
fn every_format_ends_in_one_newline_and_cannot_act() {
    for report in reports() {
        for style in styles() {
            for format in Format::ALL {
                let text = render(&report, format, &style);
                assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{format}");
                assert!(
                    !text.chars().any(|c| (c.is_control() && c != '\n') || probes::foreign::is_invisible(c)),
                    "{format}"
                );
                assert!(!text.contains("##"), "{format}\n{text}");
                assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{format}\n{text}");
                assert!(!style.ascii || text.is_ascii(), "{format}\n{text}");
                assert_eq!(text, render(&report, format, &style), "{format}");
            }
        }
    }
}

#[test]
fn no_line_is_wider_than_the_screen_but_for_one_piece() {
    for report in reports() {
        for style in styles().iter().filter(|style| style.shell == Shell::Posix) {
            for format in PEOPLE {
                for line in render(&report, format, style).lines() {
                    let words = line.get(7..).map(str::trim).unwrap_or_default();
                    let option = words
                        .trim_end_matches(" \\")
                        .split_once(' ')
                        .filter(|(name, _)| name.starts_with("--"));
                    let one = !words.trim_end_matches(" \\").contains(' ')
                        || option.is_some()
                        || words.contains('\'');
                    assert!(
                        page::width(line) <= style.columns() || one,
                        "{format} {}: {line}",
                        style.columns()
                    );
                }
            }
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for report in reports() {
        for format in PEOPLE {
            let plain = render(&report, format, &Style::default());
            let coloured = render(&report, format, &Style { color: true, ..Style::default() });
            assert!(coloured.contains("\u{1b}[1m"));
            let mut bare = String::new();
            for (index, piece) in coloured.split("\u{1b}[").enumerate() {
                bare.push_str(if index == 0 {
                    piece
                } else {
                    piece.split_once('m').map_or("", |(_, rest)| rest)
                });
            }
            assert_eq!(
                bare.lines().map(str::trim_end).collect::<Vec<_>>(),
                plain.lines().collect::<Vec<_>>()
            );
        }
        let coloured = Style { color: true, ..Style::default() };
        assert!(!render(&report, Format::Json, &coloured).contains('\u{1b}'));
        assert!(!render(&report, Format::Junit, &coloured).contains('\u{1b}'));
    }
}

#[test]
fn one_fault_is_one_red_line_of_the_grid() {
    let table = render(&unhealthy("plain"), Format::Table, &Style { color: true, ..Style::default() });
    assert_eq!(table.matches("\u{1b}[31mFAIL").count(), 2);
    assert!(table.contains("\u{1b}[90mskip (manifest)") && table.contains("\u{1b}[90munknown (token)"));
}

#[test]
fn quiet_is_the_answer_and_the_name() {
    let style = Style { quiet: true, ..Style::default() };
    for format in PEOPLE {
        let text = render(&unhealthy("plain"), format, &style);
        assert!(
            text.contains("cannot be pulled")
                && text.ends_with("cause  TagNotFound · workload · permanent\n")
        );
    }
    assert_eq!(render(&healthy(), Format::Table, &style).lines().count(), 3);
}

#[test]
fn a_claim_that_was_lowered_is_never_told_as_proven() {
    let mut report = healthy();
    report.verdict.dropped = vec!["blob"];
    report.verdict.proved.retain(|check| *check != "blob");
    for format in PEOPLE {
        let text = render(&report, format, &Style::default());
        assert!(!text.contains("can be pulled"), "{text}");
        assert!(text.lines().take(2).any(|line| line.contains("not asked: blob")), "{text}");
    }
}

#[test]
fn json_is_the_report_and_nothing_else() {
    for report in reports() {
        let told = serde_json::to_value(&report).expect("it is data");
        for style in styles() {
            let json = render(&report, Format::Json, &style);
            assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("it is JSON"), told);
        }
    }
}

#[test]
fn junit_counts_what_was_found() {
    for report in reports() {
        for style in styles() {
            let xml = render(&report, Format::Junit, &style);
            let results = quick_junit::Report::deserialize_from_str(&xml).expect("it is JUnit");
            let count =
                |wanted: &[Status]| report.findings.iter().filter(|f| wanted.contains(&f.status)).count();
            let is = |status: VerdictStatus| usize::from(report.verdict.status == status);
            assert_eq!(results.tests, report.findings.len() + 1);
            assert_eq!(results.failures, count(&[Status::Fail]) + is(VerdictStatus::Unhealthy));
            assert_eq!(results.errors, count(&[Status::Unknown]) + is(VerdictStatus::Undecided));
            let skipped: usize = results.test_suites.iter().map(|suite| suite.skipped).sum();
            assert_eq!(skipped, count(&[Status::Skip, Status::NotApplicable]));
            assert_eq!(results.test_suites[0].test_cases[0].name.as_str(), "verdict");
            assert_eq!(results.test_suites.len(), 2);
        }
    }
}
