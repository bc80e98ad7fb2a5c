//! Texts written after upstream sources, with the cause that was there: it is among the candidates, and nothing beside it that
//! the words exclude.

use super::{leads, rows};
use crate::kubelet::Context;

/// What a row tells beside its message: `secrets=true;runtime=containerd://2.0.4`.
fn context(text: &str) -> Context<'_> {
    let mut context = Context::default();
    for (name, value) in text.split(';').filter_map(|pair| pair.split_once('=')) {
        match name {
            "secrets" => context.secrets = Some(value == "true"),
            "runtime" => context.runtime = value,
            "image" => context.image = value,
            other => panic!("nothing is called {other}"),
        }
    }
    context
}

#[test]
fn what_upstream_says_leads_to_what_was_there() {
    let mut wrong = Vec::new();
    let (mut count, mut there, mut candidates) = (0, 0, 0);
    for row in rows(include_str!("upstream.tsv")) {
        let [reason, cause, beside, known, message] = row.as_slice() else { panic!("{row:?}") };
        let found = leads(reason, message, &context(known));
        let allowed = |id: &str| id == cause || beside.split(',').any(|beside| beside == id);
        let expected = cause != "none";
        count += 1;
        there += usize::from(found.iter().any(|id| id == cause) || !expected && found.is_empty());
        candidates += found.len();
        if found.iter().any(|id| id == cause) != expected || !found.iter().all(|id| allowed(id)) {
            wrong.push(format!("{cause} beside {beside}, not {found:?}: {reason}: {message}"));
        }
    }
    assert!(count >= 120);
    assert!(wrong.is_empty(), "{there} of {count}, {candidates} candidates\n{}", wrong.join("\n"));
    assert!(candidates * 10 <= count * 16, "{candidates} candidates for {count} texts");
}

#[test]
fn none_of_it_says_anything_of_a_node_in_a_registrys_mouth() {
    for table in [include_str!("upstream.tsv"), include_str!("recorded.tsv"), include_str!("forms.tsv")] {
        for row in rows(table) {
            crate::fuzzing::registrys(row.last().expect("a message"));
        }
    }
}
