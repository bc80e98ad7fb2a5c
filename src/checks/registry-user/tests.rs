use probes::foreign::Foreign;

use super::*;
use crate::case::azure::{Regenerations, TokenPassword, TokenUser};

const NOW: &str = "2026-11-01T00:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn registry(user: TokenUser) -> Registry {
    Registry {
        name: Foreign::new("contosoacr"),
        admin_user: Some(true),
        users: vec![user],
        ..Registry::default()
    }
}

fn token(expiries: &[Option<&str>], actions: &[&str]) -> TokenUser {
    TokenUser {
        name: Foreign::new("ci"),
        exists: true,
        enabled: Some(true),
        passwords: Some(
            expiries
                .iter()
                .map(|expiry| TokenPassword { expiry: expiry.map(at), ..TokenPassword::default() })
                .collect(),
        ),
        scope_map: None,
        actions: Some(actions.iter().map(|action| Foreign::new(action)).collect()),
    }
}

fn said(registry: &Registry, user: &str, cause: CauseId) -> Option<Stance> {
    let all = own(registry, user, Some("team/web"), at(NOW));
    all.iter().find(|says| says.cause == cause).map(|says| says.stance)
}

#[test]
fn a_token_is_good_while_one_of_its_passwords_is() {
    let (over, good) = (Some("2026-10-01T00:00:00Z"), Some("2027-01-01T00:00:00Z"));
    let told = |user: TokenUser| said(&registry(user), "CI", ScopeMapTokenExpired);
    assert_eq!(told(token(&[None], &[])), Some(Stance::Refutes));
    assert_eq!(told(token(&[good], &[])), Some(Stance::Refutes));
    assert_eq!(told(token(&[over, good], &[])), Some(Stance::Allows));
    assert_eq!(told(token(&[over, over], &[])), Some(Stance::Confirms));
    assert_eq!(told(token(&[], &[])), Some(Stance::Confirms));
    assert_eq!(told(TokenUser { enabled: Some(false), ..token(&[None], &[]) }), Some(Stance::Confirms));
    // What was not returned says nothing.
    assert_eq!(told(TokenUser { enabled: None, ..token(&[over], &[]) }), None);
    assert_eq!(told(TokenUser { passwords: None, ..token(&[], &[]) }), None);
    assert_eq!(told(TokenUser { exists: false, ..token(&[], &[]) }), Some(Stance::Refutes));
}

#[test]
fn a_scope_map_names_repositories_or_all_below_a_path() {
    for (actions, lacks) in [
        (&["repositories/team/web/content/read"][..], false),
        (&["repositories/*/content/read"], false),
        (&["repositories/team/*/content/read"], false),
        (&["repositories/team/web/metadata/read"], true),
        (&["repositories/team/web/content/write"], true),
        (&["repositories/team/webs/content/read"], true),
        (&["repositories/team/web/*/content/read"], true),
        (&["repositories/other/*/content/read", "gateway/g/config/read"], true),
        (&[], true),
    ] {
        let expected = if lacks { Stance::Confirms } else { Stance::Refutes };
        let told = said(&registry(token(&[None], actions)), "ci", ScopeMapTokenLacksRepo);
        assert_eq!(told, Some(expected), "{actions:?}");
    }
    let unread = TokenUser { actions: None, ..token(&[None], &[]) };
    // Its rights are its scope map's alone.
    let unread = registry(unread);
    assert_eq!(said(&unread, "ci", ScopeMapTokenLacksRepo), Some(Stance::Allows));
    assert_eq!(said(&unread, "ci", AcrAbacConditionExcludesRepo), Some(Stance::Refutes));
}

#[test]
fn the_admin_user_has_the_registrys_name() {
    let on = registry(TokenUser::default());
    assert_eq!(said(&on, "ContosoACR", AcrAdminUserDisabled), Some(Stance::Refutes));
    assert_eq!(said(&on, "contosoacr", AcrAdminCredentialsRegenerated), Some(Stance::Allows));
    assert_eq!(said(&on, "contosoacr", ScopeMapTokenExpired), Some(Stance::Refutes));
    let off = Registry { admin_user: Some(false), ..on.clone() };
    assert_eq!(said(&off, "contosoacr", AcrAdminUserDisabled), Some(Stance::Confirms));
    assert_eq!(said(&off, "ci-pull", AcrAdminUserDisabled), Some(Stance::Refutes));
    let log = Some(Regenerations { last: Some(at(NOW)) });
    let anew = Registry { regenerations: log, ..on.clone() };
    assert_eq!(said(&anew, "contosoacr", AcrAdminCredentialsRegenerated), Some(Stance::Confirms));
    let unread = Registry { admin_user: None, ..on };
    assert_eq!(said(&unread, "contosoacr", AcrAdminUserDisabled), None);
}
