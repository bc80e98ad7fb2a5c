//! Tokens that were had, for the next look of the same run: `--wait` looks every few seconds.

use std::cell::RefCell;
use std::time::Duration;

use probes::secret::Secret;
use tokio::time::Instant;

/// How long a token is used again. It lives for an hour; one that azure-cli has kept itself, for five minutes at least.
const KEPT: Duration = Duration::from_secs(240);

/// The tokens of a run.
#[derive(Default)]
pub struct Tokens(RefCell<Vec<Kept>>);

struct Kept {
    /// The place of the way among those that there are.
    way: usize,
    audience: String,
    token: Secret<String>,
    until: Instant,
}

impl Tokens {
    /// A token for an audience that is young enough, with the place of the way that gave it.
    pub(super) fn find(&self, way: Option<usize>, audience: &str) -> Option<(usize, Secret<String>)> {
        let kept = self.0.borrow();
        let mut young = kept.iter().filter(|one| Instant::now() < one.until);
        let found = young.find(|one| one.audience == audience && way.is_none_or(|way| way == one.way))?;
        Some((found.way, found.token.clone()))
    }

    /// Keeps a token.
    pub(super) fn keep(&self, way: usize, audience: &str, token: &Secret<String>) {
        let (audience, token) = (audience.to_owned(), token.clone());
        let mut kept = self.0.borrow_mut();
        kept.retain(|one| one.way != way || one.audience != audience);
        kept.push(Kept { way, audience, token, until: Instant::now() + KEPT });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_used_again_while_it_is_young() {
        let tokens = Tokens::default();
        let found = |way, audience: &str| {
            tokens.find(way, audience).map(|(way, token)| (way, token.expose().clone()))
        };
        assert_eq!(found(None, "a"), None);
        tokens.keep(1, "a", &Secret::new("first".to_owned()));
        assert_eq!(found(None, "a"), Some((1, "first".to_owned())));
        assert_eq!((found(Some(0), "a"), found(None, "b")), (None, None));
        tokens.0.borrow_mut().iter_mut().for_each(|one| one.until = Instant::now());
        assert_eq!(found(None, "a"), None);
        tokens.keep(1, "a", &Secret::new("second".to_owned()));
        assert_eq!(found(Some(1), "a"), Some((1, "second".to_owned())));
    }
}
