//! The README's generated parts are what they would be now. `UPDATE=1` rewrites them.

use std::path::Path;

use pullcheck::causes::{self, Decider};
use world::Page;

fn between(text: &str, start: &str, new: &str) -> String {
    let from = text.find(start).unwrap_or_else(|| panic!("the README has no {start}")) + start.len();
    let to = from + text[from..].find("<!-- end -->").unwrap_or_else(|| panic!("{start} has no end"));
    format!("{}\n{new}\n{}", &text[..from], &text[to..])
}

fn causes_table() -> String {
    let mut table = String::from("| Cause | Whose | What | Decided by |\n| --- | --- | --- | --- |");
    for cause in causes::all() {
        let deciders: Vec<&str> = cause
            .decided_by
            .iter()
            .map(|d| match d {
                Decider::Path => "path",
                Decider::Azure => "Azure",
                Decider::Cluster => "cluster",
                Decider::Kubelet => "kubelet",
                Decider::Text => "text",
            })
            .collect();
        table.push_str(&format!(
            "\n| {} | {} | {} | {} |",
            cause.id,
            cause.owner,
            cause.summary,
            deciders.join(", ")
        ));
    }
    table
}

#[test]
fn the_readme_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("README.md");
    let now = std::fs::read_to_string(&path).unwrap();
    let start = "<!-- page: ";
    let name_at = now.find(start).unwrap() + start.len();
    let name = now[name_at..].split(' ').next().unwrap();
    assert!(
        now.contains(&format!("cargo run -q -p world -- {name}\n")),
        "the first command shows the same page"
    );
    let page = Page::load(&root.join(format!("tests/scenarios/{name}.md"))).unwrap();
    let report = format!("```console\n$ {}\n{}\n```", page.command, page.stdout.trim_end());
    let fresh = between(&now, &format!("<!-- page: {name} -->"), &report);
    let fresh = between(&fresh, "<!-- causes -->", &causes_table());
    if fresh != now && std::env::vars().any(|(n, v)| n == "UPDATE" && v == "1") {
        std::fs::write(&path, &fresh).unwrap();
    } else {
        assert!(fresh == now, "README.md is stale: run UPDATE=1 cargo test --test readme");
    }
    assert_eq!(now.lines().filter(|l| l.starts_with("cargo test")).count(), 1, "one test command");
}

#[test]
fn every_link_into_the_project_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["README.md", "CONTRIBUTING.md", "docs/architecture.md"] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let folder = root.join(file).parent().unwrap().to_owned();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !target.starts_with("http") {
                assert!(folder.join(target).exists(), "{file}: {target}");
            }
        }
    }
}
