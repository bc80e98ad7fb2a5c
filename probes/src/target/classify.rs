//! Which mistake of a malformed reference is the most telling: an unexpanded template explains the upper-case letters
//! in it, and not the other way round.

use super::error::{Malformation, TargetError};
use super::{Target, grammar};
use crate::foreign::Foreign;

pub(super) fn unexpanded(given: &str, piece: &str) -> TargetError {
    TargetError::UnexpandedTemplate { given: shown(given), piece: Foreign::new(piece) }
}

/// The most telling mistake of a text that is no reference.
pub(super) fn classify(given: &str, why: Malformation) -> TargetError {
    let shown = || shown(given);
    if let Some(piece) = template(given) {
        return unexpanded(given, piece);
    }
    if let Some(without) = without_scheme(given) {
        return TargetError::HasScheme { given: shown(), without: Foreign::new(&without) };
    }
    let digest = given.split_once('@').and_then(|(_, digest)| grammar::digest_problem(digest));
    match (why, digest) {
        (Malformation::Digest { problem }, _) => TargetError::DigestMalformed { given: shown(), problem },
        // A blank at the end makes any digest wrong and is the better word for it.
        (why @ Malformation::BlankAtTheEnds, _) | (why, None) => match lower_case(given) {
            Some(corrected) => TargetError::Uppercase { given: shown(), corrected: Foreign::new(&corrected) },
            None => TargetError::Malformed { given: shown(), why, meant: meant(given) },
        },
        (_, Some(problem)) => TargetError::DigestMalformed { given: shown(), problem },
    }
}

/// The piece of a text that a template engine, a shell or a script should have replaced.
fn template(given: &str) -> Option<&str> {
    let Some(start) = given.find(['$', '{', '}', '<', '>', '%']) else {
        return given.split(['/', ':', '@']).find(|part| *part == "None");
    };
    let piece = given.get(start..)?;
    let closing = if piece.starts_with("{{") {
        "}}"
    } else if piece.starts_with('<') {
        ">"
    } else {
        "}"
    };
    let end = match piece.find(closing) {
        Some(at) if piece.starts_with(['<', '{']) || piece.starts_with("${") => at + closing.len(),
        _ => piece.find(['/', ':', '@']).unwrap_or(piece.len()),
    };
    piece.get(..end)
}

/// What stands behind a scheme, without user, query and slash at its end.
fn without_scheme(given: &str) -> Option<String> {
    let is_scheme = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    };
    given.trim_start().split_once("://").filter(|(scheme, _)| is_scheme(scheme))?;
    // The cleaned text, because it has lost user and query.
    let cleaned = Foreign::new(given);
    let (_, rest) = cleaned.as_str().split_once("://")?;
    Some(rest.split('?').next().unwrap_or_default().trim_end_matches('/').to_owned())
}

/// What was given, cleaned, and without the user and password that some tools take before the host.
fn shown(given: &str) -> Foreign {
    let host_end = given.find('/').unwrap_or(0);
    match given.get(..host_end).and_then(|host| host.rfind('@')).and_then(|at| given.get(at..)) {
        Some(rest) if !given.contains("://") => Foreign::new(&format!("…{rest}")),
        _ => Foreign::new(given),
    }
}

/// The same with the repository in lower case, where that alone makes it valid.
fn lower_case(given: &str) -> Option<String> {
    // The host may have upper case, the tag too.
    let start = match given.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) => host.len(),
        _ => 0,
    };
    let (host, rest) = given.split_at(start);
    let end = rest.find([':', '@']).unwrap_or(rest.len());
    let (path, behind) = rest.split_at(end);
    let corrected = format!("{host}{}{behind}", path.to_ascii_lowercase());
    // Whoever types it may have it read as a registry.
    let is_valid = |text: &str| Target::parse_image(text).is_ok() && Target::parse(text).is_ok();
    (corrected != given && is_valid(&corrected)).then_some(corrected)
}

/// The same without what stands at its ends by accident, where that is valid.
fn meant(given: &str) -> Option<Foreign> {
    let inner = given.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '/' | ':'));
    (inner != given && Target::parse(inner).is_ok()).then(|| Foreign::new(inner))
}
