//! Whether a token of the registry is good, and for which repositories.

use jiff::Timestamp;

use crate::case::azure::TokenUser;

/// Whether a token's password is taken at all.
pub(super) enum Alive {
    Yes,
    /// One of its passwords is, and another is not.
    Partly,
    /// None is, and why.
    No(&'static str),
    Unknown,
}

pub(super) fn alive(token: &TokenUser, now: Timestamp) -> Alive {
    let Some(enabled) = token.enabled else { return Alive::Unknown };
    if !enabled {
        return Alive::No("is disabled");
    }
    let Some(passwords) = &token.passwords else { return Alive::Unknown };
    let over = passwords.iter().filter(|one| one.expiry.is_some_and(|until| until <= now)).count();
    match (over, passwords.len()) {
        (_, 0) => Alive::No("has no password"),
        (0, _) => Alive::Yes,
        (over, all) if over == all => Alive::No("has no password that has not expired"),
        _ => Alive::Partly,
    }
}

/// Whether a token's scope map lets it pull from a repository; `None` where that is not known.
pub(super) fn may_pull(token: &TokenUser, repository: Option<&str>) -> Option<bool> {
    let repository = repository?;
    let covers = |action: &str| {
        let pattern =
            action.strip_prefix("repositories/").and_then(|rest| rest.strip_suffix("/content/read"));
        pattern.is_some_and(|pattern| match pattern.strip_suffix('*') {
            // A pattern ends with the slash before its star, or is the star alone.
            Some(prefix) => repository.starts_with(prefix),
            None => repository == pattern,
        })
    };
    Some(token.actions.as_ref()?.iter().any(|action| covers(action.as_str())))
}
