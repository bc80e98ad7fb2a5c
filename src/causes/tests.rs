//! What every entry of the catalogue must be.

use std::collections::BTreeSet;

use super::*;

#[test]
fn ids_are_unique_and_spelt_like_reasons() {
    let mut seen = BTreeSet::new();
    for cause in all() {
        let id = cause.id.as_str();
        assert!(seen.insert(id.to_ascii_lowercase()), "{id} is there twice");
        assert!(id.starts_with(|c: char| c.is_ascii_uppercase()), "{id}");
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric()), "{id}");
        assert!(id.contains(|c: char| c.is_ascii_lowercase()), "{id}");
    }
}

#[test]
fn every_cause_is_explained_in_five_sections() {
    for cause in all() {
        for name in SECTIONS {
            let section = cause.section(name).unwrap_or_default();
            assert!(!section.trim().is_empty(), "{} has no {name}", cause.id);
            assert!(!section.starts_with('\n'), "{}: {name} starts with a command", cause.id);
        }
        let headings = cause.explanation.lines().map(str::trim);
        let order: Vec<_> =
            headings.filter_map(|l| SECTIONS.iter().find(|s| l.starts_with(&format!("{s}: ")))).collect();
        assert!(order.into_iter().eq(SECTIONS.iter()), "{}: sections out of order", cause.id);
        assert!(
            cause.section("Prove").is_some_and(|text| text.contains("\n    ")),
            "{} names no command",
            cause.id
        );
        assert_eq!(cause.section("Other"), None);
    }
}

#[test]
fn summaries_are_fragments() {
    const PROPER: [&str; 3] = ["Docker Hub", "IPv6", "Microsoft's"];
    for Cause { id, summary, .. } in all() {
        assert!(!summary.is_empty() && summary.len() <= 78, "{id}: {summary}");
        assert!(!summary.contains('.') && !summary.ends_with([',', ':', ';']), "{id}: {summary}");
        let proper = PROPER.iter().any(|name| summary.starts_with(name));
        assert!(proper || summary.starts_with(|c: char| c.is_ascii_lowercase()), "{id}: {summary}");
    }
}

#[test]
fn look_alikes_are_others_and_the_explanation_tells_them_apart() {
    for cause in all() {
        let told = cause.section("Alike").unwrap_or_default();
        for alike in cause.alike {
            assert_ne!(*alike, cause.id.as_str());
            assert!(told.contains(alike), "{}: nothing is said of {alike}", cause.id);
        }
        let distinct: BTreeSet<_> = cause.alike.iter().collect();
        assert_eq!(distinct.len(), cause.alike.len(), "{}", cause.id);
    }
}

#[test]
fn a_layer_is_in_one_piece() {
    let mut layers: Vec<_> = all().map(|cause| cause.layer).collect();
    layers.dedup();
    let distinct: BTreeSet<_> = layers.iter().collect();
    assert_eq!(distinct.len(), layers.len(), "{layers:?}");
    assert_eq!(layers.first(), Some(&"image-reference"));
}

#[test]
fn the_rest_of_an_entry_is_filled_in() {
    for cause in all() {
        assert!(!cause.decided_by.is_empty(), "{}", cause.id);
        if let Lasting::Transient { typical } = cause.lasting {
            assert!(typical.ends_with(['m', 'h']) && typical.len() > 1, "{}: {typical}", cause.id);
        }
        if let Some(docs) = cause.docs {
            assert!(
                docs.starts_with("https://") && !docs.contains(char::is_whitespace),
                "{}: {docs}",
                cause.id
            );
        }
    }
}

#[test]
fn a_cause_is_found_by_its_id_in_any_case() {
    assert_eq!(find("tagNOTfound").map(|cause| cause.id), Some(TagNotFound));
    assert!(find("TagNotFoun").is_none());
    assert!(find("").is_none());
}

#[test]
fn a_section_is_a_paragraph_and_its_commands() {
    let prove = find("TagNotFound").and_then(|cause| cause.section("Prove")).unwrap_or_default();
    let mut lines = prove.lines();
    assert_eq!(lines.next(), Some("list the tags that are there."));
    assert_eq!(lines.next(), Some("    skopeo list-tags docker://REGISTRY/REPOSITORY"));
    assert!(lines.all(|line| line.starts_with("    az ")));
}

#[test]
fn the_json_forms_are_plain_words() {
    let json = |value: serde_json::Result<serde_json::Value>| value.unwrap_or_default();
    assert_eq!(json(serde_json::to_value(TagNotFound)), "TagNotFound");
    assert_eq!(json(serde_json::to_value(Owner::Workload)), "workload");
    assert_eq!(json(serde_json::to_value(Lasting::Transient { typical: "1h" })), "transient");
    assert_eq!(schemars::schema_for!(CauseId).get("type").and_then(|t| t.as_str()), Some("string"));
    for owner in [Owner::Workload, Owner::Upstream, Owner::Observer] {
        assert_eq!(json(serde_json::to_value(owner)), owner.to_string());
    }
}
