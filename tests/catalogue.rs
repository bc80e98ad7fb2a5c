//! The catalogues of checks and causes: what the compiler cannot hold together.

use std::collections::BTreeSet;
use std::path::Path;

use pullcheck::causes::{self, Decider};
use pullcheck::checks::CATALOGUE;
use pullcheck::claim::Claim;
use world::Page;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn ids_are_unique_and_known() {
    let checks: Vec<&str> = CATALOGUE.iter().map(|c| c.id).collect();
    let causes: Vec<&str> = causes::all().map(|c| c.id.as_str()).collect();
    for ids in [&checks, &causes] {
        let distinct: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }
    // A change of this snapshot is a change of the API: ids are added, never renamed, never reused.
    insta::assert_snapshot!(
        "ids",
        format!("checks\n{}\n\ncauses\n{}\n", checks.join("\n"), causes.join("\n"))
    );
}

#[test]
fn needs_point_backwards_and_claims_ask_what_there_is() {
    for (at, check) in CATALOGUE.iter().enumerate() {
        for need in check.needed() {
            assert!(CATALOGUE[..at].iter().any(|c| c.id == need), "{} needs {need}", check.id);
        }
    }
    for claim in [Claim::WorkstationPulls, Claim::NodeReaches, Claim::RegistryAnswers] {
        assert!(!claim.requires().is_empty());
        for id in claim.requires().iter().chain(claim.may_refute()) {
            assert!(CATALOGUE.iter().any(|c| c.id == *id), "{claim} asks {id}");
        }
    }
}

#[test]
fn each_check_has_a_room_with_its_name_on_the_door() {
    for check in CATALOGUE {
        assert!(root().join(format!("src/checks/{}.rs", check.id)).is_file(), "{}", check.id);
    }
}

#[test]
fn every_cause_is_spoken_of_by_a_check_or_by_the_rounds() {
    let spoken: BTreeSet<_> = CATALOGUE.iter().flat_map(|c| c.speaks_of()).collect();
    for cause in causes::all() {
        // No single look can show the first; of the others a workload's own pods tell.
        let elsewhere = [causes::Intermittent, causes::PulledImageReverificationFailed];
        // Nor those that stand in Azure's records alone.
        if cause.decided_by == [causes::Decider::Azure] {
            continue;
        }
        assert!(spoken.contains(&cause.id) || elsewhere.contains(&cause.id), "nobody speaks of {}", cause.id);
    }
}

#[test]
fn a_page_shows_each_cause_that_the_path_decides() {
    let pages = Page::all(&root().join("tests/scenarios")).unwrap();
    let shown: BTreeSet<String> =
        pages.iter().filter_map(|p| p.verdict.as_ref()).filter_map(|v| v.cause.clone()).collect();
    let missing: Vec<&str> = causes::all()
        .filter(|c| c.decided_by.contains(&Decider::Path))
        .map(|c| c.id.as_str())
        .filter(|id| !shown.contains(*id) && !NOT_SHOWN.iter().any(|(known, _)| known == id))
        .collect();
    assert!(missing.is_empty(), "no page shows {missing:?}");
}

/// Causes that the path decides and no page can show, and why.
const NOT_SHOWN: &[(&str, &str)] = &[
    ("ImageRefMalformed", "what cannot be read is refused before anything is looked at: tests/cli.rs"),
    ("ImageRefUppercase", "the same"),
    ("UnexpandedTemplateInImage", "the same"),
    ("ImageRefHasScheme", "the same"),
    ("ImageDigestMalformed", "the same"),
    (
        "ArtifactStreamingMirrorBroken",
        "containerd goes on without it: the warning of node-streaming-mirror-down.md",
    ),
    ("RegistryOutage", "one place cannot tell it from RegistryServerError; several can"),
];

#[test]
fn there_is_one_tls_provider() {
    // rustls chooses a provider by itself only where exactly one is compiled in, and panics otherwise.
    let _config = rustls::ClientConfig::builder();
    let provider = rustls::crypto::CryptoProvider::get_default().unwrap();
    // It is aws-lc-rs: no other one of rustls' providers has this key exchange.
    let offered: Vec<_> = provider.kx_groups.iter().map(|group| group.name()).collect();
    assert!(offered.contains(&rustls::NamedGroup::X25519MLKEM768), "{offered:?}");
}

#[test]
fn nothing_is_called_by_a_name_that_says_nothing() {
    let mut folders = vec![root().join("src"), root().join("probes/src"), root().join("tests/world/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(
                !["utils", "util", "helpers", "helper", "common", "misc"].contains(&stem.as_str()),
                "{}",
                path.display()
            );
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}

#[test]
fn the_schema_is_what_it_was() {
    // Fields may be added within v1, never renamed or removed.
    insta::assert_snapshot!("schema", pullcheck::schema::text());
}
