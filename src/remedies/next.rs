//! The look that decides between the candidates that are left.
//!
//! *Invariant:* nothing that is named here changes anything.

mod looks;

use super::{Command, Names, Remedy, usable};
use crate::causes::{Cause, CauseId};

/// At most so many commands: the reader shall look, not study.
const COMMANDS: usize = 5;

/// A look: the causes between which it decides, what to say of it, and how it is done.
struct Look {
    decides: &'static [CauseId],
    text: fn(&Names) -> String,
    commands: fn(&Names) -> Vec<Option<Command>>,
}

/// What to look at while several candidates are left; nothing that it names changes anything.
pub fn next_look(candidates: &[&Cause], names: &Names) -> Remedy {
    let names = names.checked();
    let count = |look: &Look| candidates.iter().filter(|cause| look.decides.contains(&cause.id)).count();
    let mut ranked: Vec<(usize, &Look, Vec<Command>)> = looks::all()
        .map(|look| (count(look), look, usable((look.commands)(&names))))
        .filter(|(decided, _, commands)| *decided > 0 && !commands.is_empty())
        .collect();
    ranked.sort_by_key(|(decided, ..)| std::cmp::Reverse(*decided));
    let text = ranked.first().map_or_else(
        || {
            "Look once more from a second place, and read each candidate's explanation on how to prove it."
                .to_owned()
        },
        |(_, look, _)| (look.text)(&names),
    );
    let mut open: Vec<CauseId> = candidates.iter().map(|cause| cause.id).collect();
    let mut commands: Vec<Command> = Vec::new();
    for (_, look, found) in ranked {
        if !open.iter().any(|id| look.decides.contains(id)) {
            continue;
        }
        open.retain(|id| !look.decides.contains(id));
        for command in found {
            if !commands.contains(&command) && !command.mutates && commands.len() < COMMANDS {
                commands.push(command);
            }
        }
    }
    let docs = candidates.first().and_then(|cause| cause.docs).map(str::to_owned);
    Remedy { text, docs, commands }
}
