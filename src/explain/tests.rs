use super::*;

fn checks() -> Vec<CheckPage> {
    vec![CheckPage {
        id: "manifest",
        title: "the tag or digest is there, and it is an image",
        explanation: "The tag or digest is resolved with HEAD and read by its digest, as containerd does.",
        causes: causes::all().take(2).map(|cause| cause.id).collect(),
    }]
}

/// No line is longer than the screen, but for those that hold one piece that cannot be broken.
fn fits(page: &str, columns: usize) {
    for line in page.lines() {
        let pieces = line.split_whitespace().count();
        assert!(width(line) <= columns || pieces <= 2 || line.starts_with("    "), "{}: {line}", width(line));
    }
}

#[test]
fn every_cause_has_a_page_that_fits() {
    for columns in [80, 40] {
        for ascii in [false, true] {
            let style = Style { width: columns, ascii, ..Style::default() };
            for cause in causes::all() {
                let page = page(cause.id.as_str(), &[], &style).expect("it is in the catalogue");
                fits(&page, columns);
                assert!(!ascii || page.is_ascii(), "{page}");
                assert!(page.ends_with('\n') && !page.ends_with("\n\n") && !page.contains('\u{1b}'));
                for (_, heading) in SECTIONS {
                    assert!(page.contains(&format!("\n{heading}\n")), "{heading} of {}", cause.id);
                }
            }
        }
    }
}

#[test]
fn a_sample_is_told_as_it_is_where_it_fits() {
    let style = Style::default();
    for cause in causes::all() {
        let page = page(cause.id.as_str(), &[], &style).expect("it is in the catalogue");
        for command in cause.section("Prove").iter().flat_map(|text| text.lines()) {
            if let Some(command) = command.strip_prefix("    ").filter(|command| command.len() <= 76) {
                assert!(page.contains(&format!("\n    {command}\n")), "{command}\n{page}");
            }
        }
    }
}

#[test]
fn a_check_has_a_page() {
    let page = page("MANIFEST", &checks(), &Style::default()).expect("it is a check");
    assert!(page.starts_with("manifest (a check)\nthe tag or digest is there, and it is an image\n\n"));
    for id in &checks()[0].causes {
        assert!(page.contains(id.as_str()));
    }
}

#[test]
fn the_list_has_them_all() {
    for columns in [80, 40] {
        let list = list(&checks(), &Style { width: columns, ..Style::default() });
        fits(&list, columns);
        assert!(list.contains("  manifest"));
        for cause in causes::all() {
            assert!(list.lines().any(|line| line.trim_start().split(' ').next() == Some(cause.id.as_str())));
        }
    }
}

#[test]
fn an_unknown_name_is_told_what_comes_near() {
    let unknown = page("manifst", &checks(), &Style::default()).expect_err("there is none");
    assert_eq!(unknown.to_string(), "no cause and no check is called \"manifst\"; did you mean manifest?");
    let unknown = page("x\u{1b}[31m", &checks(), &Style::default()).expect_err("there is none");
    assert!(unknown.to_string().ends_with("; 'pullcheck explain' lists them"));
    assert!(!unknown.to_string().contains('\u{1b}'));
}
