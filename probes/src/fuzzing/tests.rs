//! Every input that is kept is read again, so that a fault that was found stays mended.

use std::fs;
use std::path::Path;

/// A target's name, and what it does with an input.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 12] = [
    ("assignment", super::assignment),
    ("azure_json", super::azure_json),
    ("challenge", super::challenge),
    ("dns_reply", super::dns_reply),
    ("error_body", super::error_body),
    ("hosts_toml", super::hosts_toml),
    ("manifest", super::manifest),
    ("provider_config", super::provider_config),
    ("proxy", super::proxy),
    ("reference", super::reference),
    ("token", super::token),
    ("wire", super::wire),
];

#[test]
fn the_corpora_are_read_without_a_fault() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    for (name, read) in TARGETS {
        let program = fs::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs"))).expect(name);
        assert!(program.contains(&format!("probes::fuzzing::{name}(")), "{name}");
        let mut inputs = 0;
        for input in fs::read_dir(fuzz.join("corpus").join(name)).expect(name) {
            let path = input.expect(name).path();
            let input = fs::read(&path).expect(name);
            let ended = std::panic::catch_unwind(|| read(&input));
            assert!(ended.is_ok(), "{}", path.display());
            inputs += 1;
        }
        assert!(inputs >= 3, "{name} has {inputs} inputs");
    }
}
